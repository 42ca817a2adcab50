//! The text of answers to commands, and of events about the recipient itself.
//!
//! This module must not know the events of a room. So the parent module writes the answer that contains them: history.

use std::fmt;
use std::io::Write as _;

use crate::model::event::{CloseReason, FormerInfo, MemberInfo, OwnEvent, Reply, RoomInfo};
use crate::model::human_duration::HumanDuration;
use crate::model::message::MessageKind;
use crate::model::moderation::{Mode, Rank, Restriction};
use crate::model::name::RoomName;
use crate::model::phrase::{BanScope, ReasonSuffix};
use crate::model::text::Text;
use crate::model::time::Utc;

/// Appends an event about the recipient itself.
pub(super) fn write_own_event(event: &OwnEvent, out: &mut Vec<u8>) {
    match event {
        OwnEvent::PrivateMessage { from, text, kind, .. } => match kind {
            MessageKind::Message => marked_line(out, format_args!("{{{from}}} {text}")),
            MessageKind::Action => marked_line(out, format_args!("{{{from} {text}}}")),
            MessageKind::Notice => marked_line(out, format_args!("{{-{from}-}} {text}")),
            MessageKind::CtcpRequest | MessageKind::CtcpReply => {}
        },
        OwnEvent::Closed { reason } => match reason {
            // The member itself chose to leave, or can't receive anything.
            CloseReason::Quit(_) | CloseReason::EndOfStream | CloseReason::Lost => {}
            CloseReason::ShuttingDown => line(out, format_args!("{reason}")),
            _ => marked_line(out, format_args!("! {reason}")),
        },
        OwnEvent::Welcome { motd, .. } => write_motd(motd, out),
        OwnEvent::Named { name } => line(out, format_args!("you are now known as {name}")),
        OwnEvent::Entered { room, topic, members } => {
            let others = members - 1;
            line(out, format_args!("you are in {room} now, with {others} other{}", plural(others)));
            if let Some(topic) = topic {
                line(out, format_args!("topic of {room}: {}", topic.text));
            }
        }
        OwnEvent::Exited { room, current: Some(current), .. } => {
            line(out, format_args!("you left {room}; you are in {current} now"));
        }
        OwnEvent::Exited { room, current: None, .. } => {
            line(out, format_args!("you left {room}; you are in no room now"));
        }
        OwnEvent::Kicked { room, by, reason, current } => {
            let now = current.as_ref().map_or("no room", RoomName::as_str);
            line(out, format_args!("{by} kicked you from {room}{}", ReasonSuffix(reason)));
            line(out, format_args!("you are in {now} now"));
        }
        OwnEvent::Invited { room, by } => line(out, format_args!("{by} invited you to {room}")),
        OwnEvent::Missed { count, first, last } => {
            line(out, format_args!("missed {count} message{} ({first} to {last})", plural_of(*count)));
        }
    }
}

/// Appends the answer to a command.
pub(super) fn write_reply(reply: &Reply, out: &mut Vec<u8>) {
    match reply {
        Reply::Motd { lines } if lines.is_empty() => {
            line(out, format_args!("this server has no message of the day"));
        }
        Reply::InviteSent { room, name } => line(out, format_args!("you invited {name} to {room}")),
        Reply::Modes { room, modes, .. } if modes.is_empty() => {
            line(out, format_args!("{room} has the default modes"));
        }
        Reply::Modes { room, modes, .. } => {
            let modes: Vec<String> = modes.iter().map(mode).collect();
            line(out, format_args!("modes of {room}: {}", modes.join(", ")));
        }
        Reply::Stats { stats } => {
            for (what, count) in stats.lines() {
                line(out, format_args!("{what}: {count}"));
            }
        }
        Reply::Rooms { rooms, more } => {
            for room in rooms {
                write_room(room, out);
            }
            write_more(*more, out);
        }
        Reply::Members { room, members, more, .. } => {
            let count = members.len() + more;
            line(out, format_args!("{count} member{} in {room}", plural(count)));
            for member in members {
                write_member(member, out);
            }
            write_more(*more, out);
        }
        Reply::Found { members, more } => {
            for member in members {
                write_member(member, out);
            }
            write_more(*more, out);
        }
        Reply::Whowas { name, members } if members.is_empty() => {
            line(out, format_args!("there was no such nickname: {name}"));
        }
        Reply::Whowas { members, .. } => {
            for FormerInfo { name, until, .. } in members {
                line(out, format_args!("{name} was here until {}", Utc(*until)));
            }
        }
        Reply::Whois { member, shared } => {
            write_member(member, out);
            if !shared.is_empty() {
                let shared: Vec<&str> = shared.iter().map(RoomName::as_str).collect();
                line(out, format_args!("  in {}", shared.join(" ")));
            }
        }
        Reply::Topic { room, topic: Some(topic) } => line(out, format_args!("topic of {room}: {}", topic.text)),
        Reply::Topic { room, topic: None } => line(out, format_args!("{room} has no topic")),
        Reply::RecipientAway { name, why } => line(out, format_args!("{name} is away: {why}")),
        Reply::Away { why: Some(why) } => line(out, format_args!("you are away: {why}")),
        Reply::Away { why: None } => line(out, format_args!("you are back")),
        Reply::Ignoring { name, ignored: true } => line(out, format_args!("you are now ignoring {name}")),
        Reply::Ignoring { name, ignored: false } => line(out, format_args!("you are no longer ignoring {name}")),
        Reply::Motd { lines } => write_motd(lines, out),
        Reply::Pong { token } if token.is_empty() => line(out, format_args!("pong")),
        Reply::Pong { token } => line(out, format_args!("pong {token}")),
        Reply::Refused { error } => marked_line(out, format_args!("! {error}")),
        // The parent module writes the history. The other two answer commands that plain lines do not have.
        Reply::History { .. } | Reply::LastSaid { .. } | Reply::Census { .. } => {}
        Reply::Bans { room, bans } if bans.is_empty() => {
            line(out, format_args!("nobody is banned from {}", BanScope(room)));
        }
        Reply::Bans { room, bans } => {
            let preposition = if room.is_some() { "in" } else { "on" };
            line(out, format_args!("{} ban{} {preposition} {}", bans.len(), plural(bans.len()), BanScope(room)));
            for ban in bans {
                write_restriction(ban, out);
            }
        }
        Reply::Mutes { room, mutes } if mutes.is_empty() => line(out, format_args!("nobody is muted in {room}")),
        Reply::Mutes { room, mutes } => {
            line(out, format_args!("{} mute{} in {room}", mutes.len(), plural(mutes.len())));
            for mute in mutes {
                write_restriction(mute, out);
            }
        }
        Reply::Exceptions { room, from, masks } if masks.is_empty() => {
            line(out, format_args!("nobody is exempt from {from} in {room}"));
        }
        Reply::Exceptions { room, from, masks } => {
            line(out, format_args!("{} exemption{} from {from} in {room}", masks.len(), plural(masks.len())));
            for mask in masks {
                write_restriction(mask, out);
            }
        }
    }
}
fn write_motd(lines: &[Text], out: &mut Vec<u8>) {
    for text in lines {
        line(out, format_args!("{text}"));
    }
}

fn write_more(more: usize, out: &mut Vec<u8>) {
    if more > 0 {
        line(out, format_args!("and {more} more"));
    }
}

fn write_room(RoomInfo { name, members, topic }: &RoomInfo, out: &mut Vec<u8>) {
    let topic = topic.as_ref().map_or(String::new(), |topic| format!(": {topic}"));
    line(out, format_args!("{name} ({members} member{}){topic}", plural(*members)));
}

fn write_restriction(Restriction { mask, networks, by, left, reason, .. }: &Restriction, out: &mut Vec<u8>) {
    let networks: Vec<_> = networks.iter().map(ToString::to_string).collect();
    let networks = if networks.is_empty() { String::new() } else { format!(" ({})", networks.join(" ")) };
    let left = left.map_or(String::new(), |left| format!(", {} left", HumanDuration(left)));
    line(out, format_args!("{mask}{networks}, set by {by}{left}{}", ReasonSuffix(reason)));
}

fn write_member(MemberInfo { name, rank, muted, operates, away, address, .. }: &MemberInfo, out: &mut Vec<u8>) {
    let rank = match rank {
        Rank::Ordinary => "",
        Rank::Voiced => " (voiced)",
        Rank::Operator => " (operator)",
    };
    let operates = if *operates { " (server operator)" } else { "" };
    let muted = if *muted { " (muted)" } else { "" };
    let away = away.as_ref().map_or(String::new(), |why| format!(" (away: {why})"));
    let address = address.map_or(String::new(), |address| format!(" (from {address})"));
    line(out, format_args!("{name}{rank}{operates}{muted}{away}{address}"));
}

/// Returns a mode as a person types it, and its meaning.
pub(super) fn mode(mode: &Mode) -> String {
    let flag = |on: bool, letter: char, set: &str, unset: &str| {
        if on { format!("+{letter} ({set})") } else { format!("-{letter} ({unset})") }
    };
    match mode {
        Mode::InviteOnly(on) => flag(*on, 'i', "invite-only", "no longer invite-only"),
        Mode::Moderated(on) => flag(*on, 'm', "moderated", "no longer moderated"),
        Mode::TopicLocked(on) => flag(*on, 't', "only operators may set the topic", "all members may set the topic"),
        Mode::MembersOnly(on) => flag(*on, 'n', "only members may speak", "outsiders may speak"),
        Mode::Secret(on) => flag(*on, 's', "secret", "no longer secret"),
        // The text does not show the key, because all members of the room receive it.
        Mode::Key(key) => flag(key.is_some(), 'k', "key required", "no key required"),
        Mode::Limit(Some(limit)) => format!("+l (at most {limit} members)"),
        Mode::Limit(None) => "-l (no limit of members)".to_owned(),
    }
}

fn plural(count: usize) -> &'static str {
    plural_of(count as u64)
}

fn plural_of(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn line(out: &mut Vec<u8>, text: fmt::Arguments<'_>) {
    marked_line(out, format_args!("* {text}"));
}

/// Appends a line that already begins with a mark, such as `!`.
fn marked_line(out: &mut Vec<u8>, line: fmt::Arguments<'_>) {
    writeln!(out, "{line}").expect("a Vec takes all bytes");
}
