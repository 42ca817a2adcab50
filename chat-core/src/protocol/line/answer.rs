//! How the plain line protocol shows the answers to commands: lines that begin with `*`, and what was said before with `~`.

use std::io::Write as _;

use super::encode;
use crate::model::event::{EventKind, FormerInfo, MemberInfo, RoomInfo};
use crate::model::moderation::{Mode, Rank, Restriction};
use crate::model::name::RoomName;
use crate::model::phrase::{BanScope, DurationSuffix, ReasonSuffix};
use crate::model::time::Utc;

/// Appends the lines of an answer; nothing for what is none.
pub(super) fn write(kind: &EventKind, out: &mut Vec<u8>) {
    match kind {
        EventKind::Motd { lines } if lines.is_empty() => {
            line(out, format_args!("this server has no message of the day"));
        }
        EventKind::Welcome { motd: lines, .. } | EventKind::Motd { lines } => {
            for text in &**lines {
                line(out, format_args!("{text}"));
            }
        }
        EventKind::Named { name } => line(out, format_args!("you are now known as {name}")),
        EventKind::Entered { room, topic, members } => {
            let others = members - 1;
            line(out, format_args!("you are in {room} now, with {others} other{}", plural(others)));
            if let Some(topic) = topic {
                line(out, format_args!("the topic of {room}: {}", topic.text));
            }
        }
        EventKind::Exited { room, current: Some(current), .. } => {
            line(out, format_args!("you left {room}; you are in {current} now"));
        }
        EventKind::Exited { room, current: None, .. } => {
            line(out, format_args!("you left {room}; you are in no room now"));
        }
        EventKind::Kicked { room, by, reason, current } => {
            let now = current.as_ref().map_or("no room", RoomName::as_str);
            line(out, format_args!("you were put out of {room} by {by}{}", ReasonSuffix(reason)));
            line(out, format_args!("you are in {now} now"));
        }
        EventKind::Invited { room, by } => line(out, format_args!("{by} invites you to {room}")),
        EventKind::InviteSent { room, name } => line(out, format_args!("{name} is invited to {room}")),
        EventKind::Modes { room, modes, .. } if modes.is_empty() => line(out, format_args!("{room} has no modes")),
        EventKind::Modes { room, modes, .. } => {
            let modes: Vec<String> = modes.iter().map(mode).collect();
            line(out, format_args!("the modes of {room}: {}", modes.join(", ")));
        }
        EventKind::Stats { stats } => {
            for (what, count) in stats.lines() {
                line(out, format_args!("{what}: {count}"));
            }
        }
        EventKind::Missed { count, first, last } => {
            line(out, format_args!("missed {count} message{} ({first} to {last})", plural_of(*count)));
        }
        EventKind::Announced { by, text } => line(out, format_args!("{by} announces: {text}")),
        EventKind::Bans { .. } | EventKind::Mutes { .. } | EventKind::Exceptions { .. } => write_list(kind, out),
        EventKind::Past { room, events } if events.is_empty() => {
            line(out, format_args!("nothing that was said in {room} is remembered"));
        }
        EventKind::Past { events, .. } => {
            for event in events {
                write!(out, "~ {} ", Utc(event.time())).expect("a Vec takes all bytes");
                encode::write(event, out);
            }
        }
        EventKind::Rooms { rooms, more } => {
            for room in rooms {
                write_room(room, out);
            }
            write_more(*more, out);
        }
        EventKind::Members { room, members, more, .. } => {
            let count = members.len() + more;
            line(out, format_args!("{count} member{} in {room}", plural(count)));
            for member in members {
                write_member(member, out);
            }
            write_more(*more, out);
        }
        EventKind::Found { members, more } => {
            for member in members {
                write_member(member, out);
            }
            write_more(*more, out);
        }
        EventKind::Was { name, members } if members.is_empty() => {
            line(out, format_args!("nobody who is gone was called {name}"));
        }
        EventKind::Was { members, .. } => {
            for FormerInfo { name, until, .. } in members {
                line(out, format_args!("{name} was here until {}", Utc(*until)));
            }
        }
        EventKind::About { member, shared } => {
            write_member(member, out);
            if !shared.is_empty() {
                let shared: Vec<&str> = shared.iter().map(RoomName::as_str).collect();
                line(out, format_args!("  in {}", shared.join(" ")));
            }
        }
        EventKind::Topic { room, topic: Some(topic) } => line(out, format_args!("the topic of {room}: {}", topic.text)),
        EventKind::Topic { room, topic: None } => line(out, format_args!("{room} has no topic")),
        EventKind::IsAway { name, why } => line(out, format_args!("{name} is away: {why}")),
        EventKind::Away { why: Some(why) } => line(out, format_args!("you are away: {why}")),
        EventKind::Away { why: None } => line(out, format_args!("you are back")),
        EventKind::Ignoring { name, ignored: true } => line(out, format_args!("you ignore {name} now")),
        EventKind::Ignoring { name, ignored: false } => line(out, format_args!("you hear {name} again")),
        _ => {}
    }
}

/// Whom operators decided something about.
fn write_list(kind: &EventKind, out: &mut Vec<u8>) {
    match kind {
        EventKind::Bans { room, bans } if bans.is_empty() => {
            line(out, format_args!("nobody is banned from {}", BanScope(room)));
        }
        EventKind::Bans { room, bans } => {
            line(out, format_args!("{} ban{} from {}", bans.len(), plural(bans.len()), BanScope(room)));
            for ban in bans {
                write_sanctioned(ban, out);
            }
        }
        EventKind::Mutes { room, mutes } if mutes.is_empty() => line(out, format_args!("nobody is muted in {room}")),
        EventKind::Mutes { room, mutes } => {
            line(out, format_args!("{} mute{} in {room}", mutes.len(), plural(mutes.len())));
            for mute in mutes {
                write_sanctioned(mute, out);
            }
        }
        EventKind::Exceptions { room, from, masks } if masks.is_empty() => {
            line(out, format_args!("nobody is exempt from {from} in {room}"));
        }
        EventKind::Exceptions { room, from, masks } => {
            line(out, format_args!("{} exemption{} from {from} in {room}", masks.len(), plural(masks.len())));
            for mask in masks {
                write_sanctioned(mask, out);
            }
        }
        _ => {}
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

fn write_sanctioned(Restriction { mask, networks, by, left, reason, .. }: &Restriction, out: &mut Vec<u8>) {
    let networks: Vec<_> = networks.iter().map(ToString::to_string).collect();
    let networks = if networks.is_empty() { String::new() } else { format!(" ({})", networks.join(" ")) };
    line(out, format_args!("{mask}{networks}, by {by}{}{}", DurationSuffix(*left), ReasonSuffix(reason)));
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

/// A mode, as one types it and what it means.
pub(super) fn mode(mode: &Mode) -> String {
    let flag = |on: &bool, letter: char, meaning: &str| {
        format!("{}{letter} ({}{meaning})", if *on { '+' } else { '-' }, if *on { "" } else { "no longer " })
    };
    match mode {
        Mode::InviteOnly(on) => flag(on, 'i', "for those who are invited"),
        Mode::Moderated(on) => flag(on, 'm', "moderated"),
        Mode::TopicLocked(on) => flag(on, 't', "topic by operators alone"),
        Mode::MembersOnly(on) => flag(on, 'n', "for members alone to speak in"),
        Mode::Secret(on) => flag(on, 's', "secret"),
        // Those who are in need not learn the key from this.
        Mode::Key(key) => flag(&key.is_some(), 'k', "with a key"),
        Mode::Limit(Some(limit)) => format!("+l (at most {limit} members)"),
        Mode::Limit(None) => "-l (no longer a limit of members)".to_owned(),
    }
}

fn plural(count: usize) -> &'static str {
    plural_of(count as u64)
}

fn plural_of(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn line(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    writeln!(out, "* {text}").expect("a Vec takes all bytes");
}
