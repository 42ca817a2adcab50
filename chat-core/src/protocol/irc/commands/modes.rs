//! `MODE`: the modes of channels, and the client's own.
//!
//! This module must not know which modes are set.

use crate::model::command::Command;
use crate::model::mask::Mask;
use crate::model::moderation::{ExceptionKind, Mode, Moderation, Rank, Scope, Term};
use crate::model::name::{RoomName, Target};
use crate::model::text::Text;
use crate::protocol::irc::Irc;
use crate::protocol::irc::encode::exception_letter;
use crate::protocol::irc::line::write;
use crate::protocol::irc::message::ClientMessage;
use crate::protocol::irc::numeric;
use crate::protocol::irc::registration::MODES_MAX;
use crate::protocol::irc::shared::{Asked, Kind};

pub(super) fn mode(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    let target = message.params[0];
    if !target.starts_with('#') {
        own_modes(irc, target, message.param(1), out);
        return;
    }
    let Some(room) = irc.channel(target, out) else { return };
    let Some(changes) = message.param(1) else {
        irc.ask_about(target, Kind::Plain, Command::Modes.in_room(room));
        return;
    };
    let mut params = message.params.iter().skip(2).copied();
    // One command changes the flags, the key and the limit. Each change of a rank or a list has a command of its own.
    let (mut modes, mut moderations) = (Vec::new(), Vec::new());
    for (number, (on, letter)) in signed(changes).enumerate() {
        if number == MODES_MAX {
            irc.too_many_targets(&letter.to_string(), MODES_MAX, out);
            break;
        }
        match change(irc, &room, on, letter, &mut params, out) {
            Some(Change::Mode(mode)) => modes.push(mode),
            Some(Change::Moderation(moderation)) => moderations.push(moderation),
            None => {}
        }
    }
    if !modes.is_empty() {
        moderations.insert(0, Moderation::Modes(modes));
    }
    for moderation in moderations {
        let how = list_letter(&moderation).to_string();
        let asked = Asked { kind: Kind::Mode, what: room.as_str().to_owned(), how, ..Asked::default() };
        irc.ask(Command::from(moderation).in_room(room.clone()), asked);
    }
}

/// Returns the letter of the list that a moderation changes; `b` for one that changes no list.
fn list_letter(moderation: &Moderation) -> char {
    match moderation {
        Moderation::AddException { from, .. } => exception_letter(*from),
        _ => 'b',
    }
}

/// The change that one letter requests.
enum Change {
    Mode(Mode),
    Moderation(Moderation),
}

/// Returns the letters of changes such as `+o-v`, each with whether its sign is `+`.
fn signed(changes: &str) -> impl Iterator<Item = (bool, char)> {
    let mut on = true;
    changes.chars().filter_map(move |c| match c {
        '+' => {
            on = true;
            None
        }
        '-' => {
            on = false;
            None
        }
        letter => Some((on, letter)),
    })
}

/// Parses one change of a channel's modes, or answers that it is invalid.
fn change<'a>(
    irc: &mut Irc,
    room: &RoomName,
    on: bool,
    letter: char,
    params: &mut impl Iterator<Item = &'a str>,
    out: &mut Vec<u8>,
) -> Option<Change> {
    let mut required = |irc: &Irc, out: &mut Vec<u8>| {
        let param = params.next().filter(|param| !param.is_empty());
        if param.is_none() {
            bad_param(irc, room, letter, "*", "a parameter is required", out);
        }
        param
    };
    Some(Change::Mode(match letter {
        'i' => Mode::InviteOnly(on),
        'm' => Mode::Moderated(on),
        'n' => Mode::MembersOnly(on),
        's' => Mode::Secret(on),
        't' => Mode::TopicLocked(on),
        'k' if on => Mode::Key(Some(Text::clean(required(irc, out)?))),
        'k' => {
            // Clients send the key to remove it; the server does not compare it.
            params.next();
            Mode::Key(None)
        }
        'l' if !on => Mode::Limit(None),
        'l' => {
            let param = required(irc, out)?;
            match param.parse() {
                Ok(limit) if limit > 0 => Mode::Limit(Some(limit)),
                _ => {
                    bad_param(irc, room, letter, param, "a number of at least 1 is required", out);
                    return None;
                }
            }
        }
        'o' | 'v' => {
            let (name, rank) = (required(irc, out)?, if letter == 'o' { Rank::Operator } else { Rank::Voiced });
            let name = Target::new(name);
            return Some(Change::Moderation(if on {
                Moderation::Promote { name, rank }
            } else {
                Moderation::Demote { name, rank }
            }));
        }
        'b' | 'e' | 'I' => {
            let param = params.next().filter(|param| !param.is_empty());
            return list_change(irc, room, on, letter, param, out).map(Change::Moderation);
        }
        other => {
            let other = Text::from(other.to_string());
            irc.reply(out, |to, out| {
                to.numeric(
                    out,
                    numeric::ERR_UNKNOWNMODE,
                    &[other.as_str()],
                    format_args!("is unknown mode char to me for {room}"),
                );
            });
            return None;
        }
    }))
}

/// Parses a change of a mask list, or a query of the list if there is no mask.
fn list_change(
    irc: &Irc,
    room: &RoomName,
    on: bool,
    letter: char,
    mask: Option<&str>,
    out: &mut Vec<u8>,
) -> Option<Moderation> {
    let from = if letter == 'I' { ExceptionKind::Invite } else { ExceptionKind::Ban };
    let Some(param) = mask else {
        return Some(if letter == 'b' { Moderation::Bans(Scope::Room) } else { Moderation::Exceptions(from) });
    };
    let mask = match Mask::parse(&complete_mask(param)) {
        Ok(mask) => mask,
        Err(error) => {
            bad_param(irc, room, letter, param, &error.to_string(), out);
            return None;
        }
    };
    Some(match (letter, on) {
        ('b', true) => Moderation::Ban { scope: Scope::Room, mask, term: Term::default() },
        ('b', false) => Moderation::Unban { scope: Scope::Room, mask },
        (_, true) => Moderation::AddException { from, mask },
        (_, false) => Moderation::RemoveException { from, mask },
    })
}

/// Answers that the parameter of a mode is invalid.
fn bad_param(irc: &Irc, room: &RoomName, letter: char, param: &str, why: &str, out: &mut Vec<u8>) {
    let (letter, param) = (letter.to_string(), Text::excerpt(param));
    let params = [room.as_str(), &letter, param.as_str()];
    irc.reply(out, |to, out| to.numeric(out, numeric::ERR_INVALIDMODEPARAM, &params, why));
}

/// Completes `nick`, `nick!user` or `user@host` to `nick!user@host` (Modern IRC Client Protocol, "Wildcard
/// Expressions").
fn complete_mask(mask: &str) -> String {
    match (mask.contains('!'), mask.contains('@')) {
        (true, true) => mask.to_owned(),
        (true, false) => format!("{mask}@*"),
        (false, true) => format!("*!{mask}"),
        (false, false) => format!("{mask}!*@*"),
    }
}

/// Answers with the client's own modes, or changes them.
fn own_modes(irc: &Irc, target: &str, changes: Option<&str>, out: &mut Vec<u8>) {
    let mut known = irc.shared.lock();
    if Target::new(target) != Target::new(&known.nick) {
        return known.reply(&irc.config).numeric(
            out,
            numeric::ERR_USERSDONTMATCH,
            &[],
            "Cannot change mode for other users",
        );
    }
    let Some(changes) = changes else {
        return known.reply(&irc.config).params(out, numeric::RPL_UMODEIS, &format!("+{}", known.modes));
    };
    let (mut set, mut is_unknown) = (String::new(), false);
    for (on, letter) in signed(changes) {
        match letter {
            'i' | 'w' if known.modes.contains(letter) != on => {
                set.push(if on { '+' } else { '-' });
                set.push(letter);
                if on {
                    known.modes.push(letter);
                } else {
                    known.modes.retain(|other| other != letter);
                }
            }
            // Only OPER sets `o`.
            'i' | 'w' | 'o' => {}
            _ => is_unknown = true,
        }
    }
    if is_unknown {
        known.reply(&irc.config).numeric(out, numeric::ERR_UMODEUNKNOWNFLAG, &[], "Unknown MODE flag");
    }
    if !set.is_empty() {
        write(out, format_args!(":{0} MODE {0} :{set}", known.nick));
    }
}
