//! What is said, and to whom.

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
        irc.tell(out, |to, out| to.numeric(out, numeric::ERR_NORECIPIENT, &[], "No recipient given (PRIVMSG)"));
        return;
    };
    let Some(text) = message.param(1) else {
        irc.tell(out, |to, out| to.numeric(out, numeric::ERR_NOTEXTTOSEND, &[], "No text to send"));
        return;
    };
    say(irc, Kind::Message, targets, &words(text, MessageKind::Message), out);
}

/// Never answered by an error (RFC 2812, section 3.3.2).
pub(super) fn notice(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    if let (Some(targets), Some(text)) = (message.param(0), message.param(1)) {
        say(irc, Kind::Notice, targets, &words(text, MessageKind::Notice), out);
    }
}

/// The words that a text is: CTCP is in them (<https://modern.ircdocs.horse/ctcp>).
fn words(text: &str, manner: MessageKind) -> Message {
    let Some(ctcp) = text.strip_prefix('\u{1}') else { return Message { text: Text::clean(text), manner } };
    let ctcp = ctcp.strip_suffix('\u{1}').unwrap_or(ctcp);
    match (ctcp.split_once(' '), manner) {
        (Some(("ACTION", action)), MessageKind::Message) => Message::action(action),
        (_, MessageKind::Message) => Message { text: ctcp.into(), manner: MessageKind::CtcpRequest },
        _ => Message { text: ctcp.into(), manner: MessageKind::CtcpReply },
    }
}

fn say(irc: &mut Irc, kind: Kind, targets: &str, words: &Message, out: &mut Vec<u8>) {
    for (number, target) in targets.split(',').filter(|target| !target.is_empty()).enumerate() {
        if number == TARGETS_MAX {
            if kind == Kind::Message {
                irc.too_many_targets(target, TARGETS_MAX, out);
            }
            return;
        }
        let (rank, channel) = to_whom(target);
        if !channel.starts_with('#') {
            irc.ask_about(target, kind, Command::Tell { to: Target::new(target), words: words.clone() });
            continue;
        }
        let command =
            rank.map_or_else(|| Command::Say(words.clone()), |rank| Command::SayTo { rank, words: words.clone() });
        match RoomName::parse(channel) {
            Ok(room) => irc.ask_about(target, kind, command.in_room(room)),
            Err(_) if kind == Kind::Notice => {}
            Err(error) => {
                irc.tell(out, |to, out| to.numeric(out, numeric::ERR_NOSUCHCHANNEL, &[&Text::excerpt(target)], error));
            }
        }
    }
}

/// The rank that those have in a channel whom something is for, if it is not for all, and the channel (Modern IRC Client
/// Protocol, "STATUSMSG").
fn to_whom(target: &str) -> (Option<Rank>, &str) {
    match target.split_at_checked(1) {
        Some(("@", channel)) if channel.starts_with('#') => (Some(Rank::Operator), channel),
        Some(("+", channel)) if channel.starts_with('#') => (Some(Rank::Voiced), channel),
        _ => (None, target),
    }
}

/// What has no text but tags, such as that somebody is typing (<https://ircv3.net/specs/extensions/message-tags>): which
/// of them are not passed on, is told by `CLIENTTAGDENY`, and these are all.
pub(super) fn tagmsg(_: &mut Irc, _: &ClientMessage<'_>, _: &mut Vec<u8>) {}

pub(super) fn away(irc: &mut Irc, message: &ClientMessage<'_>, _: &mut Vec<u8>) {
    irc.ask_about("", Kind::Plain, Command::Away(commands::text(message.param(0))));
}

/// Everybody is told, not only those who ask for it by mode `w`: it is what the server has for that.
pub(super) fn wallops(irc: &mut Irc, message: &ClientMessage<'_>, _: &mut Vec<u8>) {
    irc.ask_about("", Kind::Plain, Moderation::Announce(Text::clean(message.params[0])).into());
}
