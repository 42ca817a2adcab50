//! Commands about channels: `JOIN`, `PART`, `TOPIC`, `NAMES`, `INVITE` and `KICK`.
//!
//! This module must not know which channels exist.

use crate::model::command::Command;
use crate::model::moderation::Moderation;
use crate::model::name::{RoomName, Target};
use crate::model::text::Text;
use crate::protocol::irc::Irc;
use crate::protocol::irc::commands;
use crate::protocol::irc::message::ClientMessage;
use crate::protocol::irc::registration::{CHANNELS_MAX, TARGETS_MAX};
use crate::protocol::irc::replies::end_list;
use crate::protocol::irc::shared::Kind;

pub(super) fn join(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    if message.params[0] == "0" {
        return irc.ask_about("", Kind::Plain, Command::PartAll);
    }
    let mut keys = message.param(1).unwrap_or("").split(',');
    for name in channels(irc, message, out) {
        let key = keys.next().filter(|key| !key.is_empty()).map(Text::clean);
        if let Some(room) = irc.channel(name, out) {
            irc.ask_about(name, Kind::Plain, Command::Join { room, key });
        }
    }
}

/// Returns the channels that a line names, and answers with an error if there are too many.
fn channels<'a>(irc: &Irc, message: &ClientMessage<'a>, out: &mut Vec<u8>) -> Vec<&'a str> {
    let mut names: Vec<_> = message.params[0].split(',').filter(|name| !name.is_empty()).collect();
    if let Some(name) = names.get(CHANNELS_MAX) {
        irc.too_many_targets(name, CHANNELS_MAX, out);
    }
    names.truncate(CHANNELS_MAX);
    names
}

pub(super) fn part(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    let why = commands::text(message.param(1));
    for name in channels(irc, message, out) {
        if let Some(room) = irc.channel(name, out) {
            irc.ask_about(name, Kind::Plain, Command::Part { room: Some(room), why: why.clone() });
        }
    }
}

pub(super) fn topic(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    let Some(room) = irc.channel(message.params[0], out) else { return };
    let command = match message.params.get(1) {
        None => Command::Topic,
        Some(topic) => Moderation::Topic(commands::text(Some(topic))).into(),
    };
    irc.ask_about(message.params[0], Kind::Plain, command.in_room(room));
}

pub(super) fn names(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    let name = message.param(0).and_then(|names| names.split(',').find(|name| !name.is_empty()));
    match name {
        Some(name) => match RoomName::parse(name) {
            Ok(room) if name.starts_with('#') => irc.ask_about(name, Kind::Names, Command::Who(Some(room))),
            // An unknown channel has an empty list (Modern IRC Client Protocol, "NAMES message").
            _ => irc.reply(out, |to, out| end_list(to, Kind::Names, Text::clean(name).as_str(), out)),
        },
        None => irc.reply(out, |to, out| end_list(to, Kind::Names, "*", out)),
    }
}

pub(super) fn invite(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    if let Some(room) = irc.channel(message.params[1], out) {
        let command = Command::from(Moderation::Invite(Target::new(message.params[0])));
        irc.ask_about(message.params[1], Kind::Plain, command.in_room(room));
    }
}

pub(super) fn kick(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    let Some(room) = irc.channel(message.params[0], out) else { return };
    let reason = commands::text(message.param(2));
    for (number, name) in message.params[1].split(',').filter(|name| !name.is_empty()).enumerate() {
        if number == TARGETS_MAX {
            return irc.too_many_targets(name, TARGETS_MAX, out);
        }
        let kick = Moderation::Kick { name: Target::new(name), reason: reason.clone() };
        irc.ask_about(name, Kind::Plain, Command::from(kick).in_room(room.clone()));
    }
}
