//! Modes of channels, and of oneself.

use crate::command::Command;
use crate::irc::Irc;
use crate::irc::line::write;
use crate::irc::message::Message;
use crate::irc::numeric;
use crate::irc::registration::MODES_MAX;
use crate::irc::shared::Kind;
use crate::mask::{Mask, MaskError};
use crate::name::{RoomName, Target};
use crate::order::{Mode, Order, Rank, Scope, Term};
use crate::text::Text;

pub(super) fn mode(irc: &mut Irc, message: &Message<'_>, out: &mut Vec<u8>) {
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
    for (on, letter) in signed(changes).take(MODES_MAX) {
        change(irc, &room, on, letter, &mut params, out);
    }
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

/// Asks for one change of a channel.
fn change<'a>(
    irc: &mut Irc,
    room: &RoomName,
    on: bool,
    letter: char,
    params: &mut impl Iterator<Item = &'a str>,
    out: &mut Vec<u8>,
) {
    let order = match letter {
        'i' => Order::Mode(Mode::InviteOnly(on)),
        'm' => Order::Mode(Mode::Moderated(on)),
        't' => Order::Mode(Mode::TopicLocked(on)),
        // Nobody speaks in a channel from outside.
        'n' if on => return,
        'k' => {
            let key = params.next().map(Text::clean);
            if on && key.is_none() {
                return need_param(irc, room, letter, out);
            }
            Order::Mode(Mode::Key(key.filter(|_| on)))
        }
        'l' if !on => Order::Mode(Mode::Limit(None)),
        'l' => {
            let Some(param) = params.next() else { return need_param(irc, room, letter, out) };
            match param.parse() {
                Ok(limit) if limit > 0 => Order::Mode(Mode::Limit(Some(limit))),
                _ => return bad_param(irc, room, letter, param, "a number from 1 on is needed", out),
            }
        }
        'o' | 'v' => {
            let Some(name) = params.next() else { return need_param(irc, room, letter, out) };
            let (name, rank) = (Target::new(name), if letter == 'o' { Rank::Operator } else { Rank::Voiced });
            if on { Order::Promote { name, rank } } else { Order::Demote { name, rank } }
        }
        'b' => match params.next().filter(|param| !param.is_empty()) {
            None => Order::Bans(Scope::Room),
            Some(param) => match mask(param) {
                Ok(mask) if on => Order::Ban { scope: Scope::Room, mask, term: Term::default() },
                Ok(mask) => Order::Unban { scope: Scope::Room, mask },
                Err(why) => return bad_param(irc, room, letter, param, &why, out),
            },
        },
        other => {
            let other = Text::from(other.to_string());
            return irc.tell(out, |to, out| {
                to.numeric(out, numeric::ERR_UNKNOWNMODE, &[&other], format_args!("is no mode of {room}"));
            });
        }
    };
    irc.ask_about(room.as_str(), Kind::Mode, Command::from(order).in_room(room.clone()));
}

fn need_param(irc: &Irc, room: &RoomName, letter: char, out: &mut Vec<u8>) {
    bad_param(irc, room, letter, "*", "a parameter is needed", out);
}

fn bad_param(irc: &Irc, room: &RoomName, letter: char, param: &str, why: &str, out: &mut Vec<u8>) {
    let params = [room.as_str(), &letter.to_string(), &Text::excerpt(param)];
    irc.tell(out, |to, out| to.numeric(out, numeric::ERR_INVALIDMODEPARAM, &params, why));
}

/// Whom `nick!user@host` is meant for. Users are what clients say that they are, so no ban is by them.
fn mask(mask: &str) -> Result<Mask, String> {
    let error = |error: MaskError| error.to_string();
    let (name, rest) = mask.split_once('!').unwrap_or((mask, ""));
    let (user, host) = match rest.split_once('@').or_else(|| mask.split_once('@').filter(|_| rest.is_empty())) {
        Some((user, host)) if rest.is_empty() => ("*", if user == "*" { host } else { return Err(BY_USER.into()) }),
        Some((user, host)) => (user, host),
        None => ("*", "*"),
    };
    let name = if mask.contains('!') || !mask.contains('@') { name } else { "*" };
    match (name, user, host) {
        (_, user, _) if user != "*" => Err(BY_USER.into()),
        (name, _, "*") => Mask::parse(name).map_err(error),
        ("*", _, host) => match Mask::parse(host).map_err(error)? {
            network @ Mask::Network(_) => Ok(network),
            _ => {
                Err(format!("{} is no address; one such as 192.0.2.7 is needed, or 192.0.2.0/24", Text::excerpt(host)))
            }
        },
        _ => Err("a ban is by the nick or by the host, not by both".into()),
    }
}

const BY_USER: &str = "users are what clients say that they are; a ban is by the nick or by the host";

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
