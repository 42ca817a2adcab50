//! Commands that send messages, and `AWAY`.
//!
//! This module must not know who receives a message.

use crate::model::command::Command;
use crate::model::message::{Message, MessageKind};
use crate::model::moderation::{Moderation, Rank};
use crate::model::name::{RoomName, Target};
use crate::model::text::Text;
use crate::protocol::irc::Irc;
use crate::protocol::irc::commands;
use crate::protocol::irc::message::ClientMessage;
use crate::protocol::irc::numeric;
use crate::protocol::irc::registration::TARGETS_MAX;
use crate::protocol::irc::shared::Kind;

pub(super) fn privmsg(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    let Some(targets) = message.param(0) else {
        irc.reply(out, |to, out| to.numeric(out, numeric::ERR_NORECIPIENT, &[], "No recipient given (PRIVMSG)"));
        return;
    };
    let Some(text) = message.param(1) else {
        irc.reply(out, |to, out| to.numeric(out, numeric::ERR_NOTEXTTOSEND, &[], "No text to send"));
        return;
    };
    send(irc, Kind::Message, targets, &parse_text(text, MessageKind::Message), out);
}

/// Sends a notice, which is never answered with an error (RFC 2812, section 3.3.2).
pub(super) fn notice(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    if let (Some(targets), Some(text)) = (message.param(0), message.param(1)) {
        send(irc, Kind::Notice, targets, &parse_text(text, MessageKind::Notice), out);
    }
}

/// Parses a text with CTCP (<https://modern.ircdocs.horse/ctcp>).
fn parse_text(text: &str, kind: MessageKind) -> Message {
    let Some(ctcp) = text.strip_prefix('\u{1}') else { return Message { text: Text::clean(text), kind } };
    let ctcp = ctcp.strip_suffix('\u{1}').unwrap_or(ctcp);
    match (ctcp.split_once(' '), kind) {
        (Some(("ACTION", action)), MessageKind::Message) => Message::action(action),
        (_, MessageKind::Message) => Message { text: ctcp.into(), kind: MessageKind::CtcpRequest },
        _ => Message { text: ctcp.into(), kind: MessageKind::CtcpReply },
    }
}

/// Queues a message for each target.
fn send(irc: &mut Irc, kind: Kind, targets: &str, content: &Message, out: &mut Vec<u8>) {
    for (number, target) in targets.split(',').filter(|target| !target.is_empty()).enumerate() {
        if number == TARGETS_MAX {
            if kind == Kind::Message {
                irc.too_many_targets(target, TARGETS_MAX, out);
            }
            return;
        }
        let (rank, channel) = parse_statusmsg(target);
        if !channel.starts_with('#') {
            irc.ask_about(target, kind, Command::SayPrivately { to: Target::new(target), message: content.clone() });
            continue;
        }
        let command = rank.map_or_else(
            || Command::Say(content.clone()),
            |rank| Command::SayToRank { rank, message: content.clone() },
        );
        match RoomName::parse(channel) {
            Ok(room) => irc.ask_about(target, kind, command.in_room(room)),
            Err(_) if kind == Kind::Notice => {}
            Err(error) => {
                irc.reply(out, |to, out| {
                    to.numeric(out, numeric::ERR_NOSUCHCHANNEL, &[Text::excerpt(target).as_str()], error);
                });
            }
        }
    }
}

/// Splits a target into the lowest rank that receives the message, if there is one, and the channel (Modern IRC Client
/// Protocol, "STATUSMSG").
fn parse_statusmsg(target: &str) -> (Option<Rank>, &str) {
    match target.split_at_checked(1) {
        Some(("@", channel)) if channel.starts_with('#') => (Some(Rank::Operator), channel),
        Some(("+", channel)) if channel.starts_with('#') => (Some(Rank::Voiced), channel),
        _ => (None, target),
    }
}

/// Drops a message without a text, such as a typing notification (<https://ircv3.net/specs/extensions/message-tags>).
///
/// `CLIENTTAGDENY=*` says that the server passes on no client-only tags.
pub(super) fn tagmsg(_: &mut Irc, _: &ClientMessage<'_>, _: &mut Vec<u8>) {}

pub(super) fn away(irc: &mut Irc, message: &ClientMessage<'_>, _: &mut Vec<u8>) {
    irc.ask_about("", Kind::Plain, Command::Away(commands::text(message.param(0))));
}

/// Sends an announcement to all members, including the members without the mode `w`.
pub(super) fn wallops(irc: &mut Irc, message: &ClientMessage<'_>, _: &mut Vec<u8>) {
    irc.ask_about("", Kind::Plain, Moderation::Announce(Text::clean(message.params[0])).into());
}
