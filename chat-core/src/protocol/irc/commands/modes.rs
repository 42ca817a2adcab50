//! Modes of channels, and of oneself.

use crate::model::command::Command;
use crate::model::mask::Mask;
use crate::model::moderation::{ExceptionKind, Mode, Moderation, Rank, Scope, Term};
use crate::model::name::{RoomName, Target};
use crate::model::text::Text;
use crate::protocol::irc::Irc;
use crate::protocol::irc::encode::rule_letter;
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
    // Flags, the key and the limit are told in one line; ranks and lists each by itself.
    let (mut modes, mut orders) = (Vec::new(), Vec::new());
    for (number, (on, letter)) in signed(changes).enumerate() {
        if number == MODES_MAX {
            irc.too_many_targets(&letter.to_string(), MODES_MAX, out);
            break;
        }
        match change(irc, &room, on, letter, &mut params, out) {
            Some(Change::Mode(mode)) => modes.push(mode),
            Some(Change::Moderation(order)) => orders.push(order),
            None => {}
        }
    }
    if !modes.is_empty() {
        orders.insert(0, Moderation::Modes(modes));
    }
    for order in orders {
        let how = list_letter(&order).to_string();
        let asked = Asked { kind: Kind::Mode, what: room.as_str().to_owned(), how, ..Asked::default() };
        irc.ask(Command::from(order).in_room(room.clone()), asked);
    }
}

/// The letter of the list that an order is about, if it is about one.
fn list_letter(order: &Moderation) -> char {
    match order {
        Moderation::AddException { from, .. } => rule_letter(*from),
        _ => 'b',
    }
}

/// What one letter asks for.
enum Change {
    Mode(Mode),
    Moderation(Moderation),
}

/// The letters of changes such as `+o-v`, each with whether it is set.
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

/// One change of a channel, or says what is wrong with it.
fn change<'a>(
    irc: &mut Irc,
    room: &RoomName,
    on: bool,
    letter: char,
    params: &mut impl Iterator<Item = &'a str>,
    out: &mut Vec<u8>,
) -> Option<Change> {
    let mut needed = |irc: &Irc, out: &mut Vec<u8>| {
        let param = params.next().filter(|param| !param.is_empty());
        if param.is_none() {
            bad_param(irc, room, letter, "*", "a parameter is needed", out);
        }
        param
    };
    Some(Change::Mode(match letter {
        'i' => Mode::InviteOnly(on),
        'm' => Mode::Moderated(on),
        'n' => Mode::MembersOnly(on),
        's' => Mode::Secret(on),
        't' => Mode::TopicLocked(on),
        'k' if on => Mode::Key(Some(Text::clean(needed(irc, out)?))),
        'k' => {
            // Clients say the key that they take away; it need not be right.
            params.next();
            Mode::Key(None)
        }
        'l' if !on => Mode::Limit(None),
        'l' => {
            let param = needed(irc, out)?;
            match param.parse() {
                Ok(limit) if limit > 0 => Mode::Limit(Some(limit)),
                _ => {
                    bad_param(irc, room, letter, param, "a number from 1 on is needed", out);
                    return None;
                }
            }
        }
        'o' | 'v' => {
            let (name, rank) = (needed(irc, out)?, if letter == 'o' { Rank::Operator } else { Rank::Voiced });
            let name = Target::new(name);
            return Some(Change::Moderation(if on {
                Moderation::Promote { name, rank }
            } else {
                Moderation::Demote { name, rank }
            }));
        }
        'b' | 'e' | 'I' => {
            let param = params.next().filter(|param| !param.is_empty());
            return listed(irc, room, on, letter, param, out).map(Change::Moderation);
        }
        other => {
            let other = Text::from(other.to_string());
            irc.tell(out, |to, out| {
                to.numeric(out, numeric::ERR_UNKNOWNMODE, &[&other], format_args!("is no mode of {room}"));
            });
            return None;
        }
    }))
}

/// A change of one of the lists, or the list itself, if nobody is named.
fn listed(
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
    let mask = match Mask::parse(&whole(param)) {
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

fn bad_param(irc: &Irc, room: &RoomName, letter: char, param: &str, why: &str, out: &mut Vec<u8>) {
    let params = [room.as_str(), &letter.to_string(), &Text::excerpt(param)];
    irc.tell(out, |to, out| to.numeric(out, numeric::ERR_INVALIDMODEPARAM, &params, why));
}

/// A mask with what it leaves out: `nick`, `nick!user` and `user@host` are parts of `nick!user@host` (Modern IRC Client
/// Protocol, "Wildcard Expressions").
fn whole(mask: &str) -> String {
    match (mask.contains('!'), mask.contains('@')) {
        (true, true) => mask.to_owned(),
        (true, false) => format!("{mask}@*"),
        (false, true) => format!("*!{mask}"),
        (false, false) => format!("{mask}!*@*"),
    }
}

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
            // One becomes an operator by OPER alone.
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
