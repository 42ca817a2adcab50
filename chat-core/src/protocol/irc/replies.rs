//! The numerics that answer a query about the server, a channel or its lists.

use std::time::SystemTime;

use super::encode::{IrcMask, Word, modes};
use super::filter::Filter;
use super::line::Reply;
use super::numeric;
use super::shared::Kind;
use crate::model::event::{EventKind, RoomInfo, TopicInfo};
use crate::model::moderation::{ExceptionKind, Restriction};
use crate::model::name::RoomName;
use crate::model::phrase::{DurationSuffix, ReasonSuffix};
use crate::model::text::Text;

/// The last line of a list, also of one in which nothing is.
pub(super) fn end_list(reply: Reply<'_>, kind: Kind, what: &str, out: &mut Vec<u8>) {
    match kind {
        Kind::Names => reply.numeric(out, numeric::RPL_ENDOFNAMES, &[what], "End of NAMES list"),
        Kind::Who => reply.numeric(out, numeric::RPL_ENDOFWHO, &[what], "End of WHO list"),
        Kind::Whois => reply.numeric(out, numeric::RPL_ENDOFWHOIS, &[what], "End of WHOIS list"),
        _ => {}
    }
}

/// Tells what is the same for everybody but for the name; whether it is such a thing.
pub(super) fn tell_answer(reply: Reply<'_>, kind: &EventKind, out: &mut Vec<u8>) -> bool {
    match kind {
        EventKind::InviteSent { room, name } => {
            reply.numeric(out, numeric::RPL_INVITING, &[name.as_str()], room);
        }
        EventKind::Modes { room, modes: set, made } => {
            reply.params(out, numeric::RPL_CHANNELMODEIS, &format!("{room} {}", modes(set)));
            reply.params(out, numeric::RPL_CREATIONTIME, &format!("{room} {}", unix(*made)));
        }
        EventKind::Bans { room: Some(room), bans } => {
            write_masks(reply, [numeric::RPL_BANLIST, numeric::RPL_ENDOFBANLIST], room, bans, out);
        }
        EventKind::Exceptions { room, from: ExceptionKind::Ban, masks } => {
            write_masks(reply, [numeric::RPL_EXCEPTLIST, numeric::RPL_ENDOFEXCEPTLIST], room, masks, out);
        }
        EventKind::Exceptions { room, from: ExceptionKind::Invite, masks } => {
            write_masks(reply, [numeric::RPL_INVEXLIST, numeric::RPL_ENDOFINVEXLIST], room, masks, out);
        }
        EventKind::Bans { room: None, bans: list } | EventKind::Mutes { mutes: list, .. } => {
            for one in list {
                reply.notice(
                    out,
                    format_args!(
                        "{}, by {}{}{}",
                        one.mask,
                        one.by,
                        DurationSuffix(one.left),
                        ReasonSuffix(&one.reason)
                    ),
                );
            }
        }
        EventKind::Topic { room, topic: Some(topic) } => {
            write_topic(reply, room, topic, out);
        }
        EventKind::Topic { room, topic: None } => {
            reply.numeric(out, numeric::RPL_NOTOPIC, &[room.as_str()], "No topic is set");
        }
        EventKind::IsAway { name, why } => reply.numeric(out, numeric::RPL_AWAY, &[name.as_str()], why),
        EventKind::Away { why: Some(_) } => {
            reply.numeric(out, numeric::RPL_NOWAWAY, &[], "You have been marked as being away");
        }
        EventKind::Away { why: None } => {
            reply.numeric(out, numeric::RPL_UNAWAY, &[], "You are no longer marked as being away");
        }
        EventKind::Ignoring { name, ignored } => {
            let what = if *ignored { "you ignore" } else { "you hear again:" };
            reply.notice(out, format_args!("{what} {name}"));
        }
        EventKind::Pong { token } => reply.pong(out, token),
        EventKind::Stats { stats } => {
            for (what, count) in stats.lines() {
                reply.notice(out, format_args!("{what}: {count}"));
            }
        }
        _ => return false,
    }
    true
}

/// Those channels for which was asked.
pub(super) fn tell_rooms(reply: Reply<'_>, rooms: &[RoomInfo], filter: Option<&Filter>, out: &mut Vec<u8>) {
    reply.numeric(out, numeric::RPL_LISTSTART, &["Channel"], "Users  Name");
    for room in rooms.iter().filter(|room| filter.is_none_or(|filter| filter.fits(room))) {
        let topic = room.topic.as_ref().map_or("", |topic| topic.as_str());
        reply.numeric(out, numeric::RPL_LIST, &[room.name.as_str(), &room.members.to_string()], topic);
    }
    reply.numeric(out, numeric::RPL_LISTEND, &[], "End of LIST");
}

/// What a channel is about, and who says so since when.
pub(super) fn write_topic(reply: Reply<'_>, room: &RoomName, topic: &TopicInfo, out: &mut Vec<u8>) {
    reply.numeric(out, numeric::RPL_TOPIC, &[room.as_str()], &topic.text);
    let (by, time) = (Word(topic.by.as_str()), unix(topic.time));
    reply.params(out, numeric::RPL_TOPICWHOTIME, &format!("{room} {by} {time}"));
}

/// A list of masks, the second of whose numbers ends it.
fn write_masks(reply: Reply<'_>, [each, end]: [&str; 2], room: &RoomName, masks: &[Restriction], out: &mut Vec<u8>) {
    for mask in masks {
        let (mask, by, time) = (IrcMask(&mask.mask), Word(mask.by.as_str()), unix(mask.since));
        reply.params(out, each, &format!("{room} {mask} {by} {time}"));
    }
    reply.numeric(out, end, &[room.as_str()], "End of list");
}

/// Seconds since 1970.
fn unix(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

pub(super) fn tell_census(reply: Reply<'_>, census: &EventKind, out: &mut Vec<u8>) {
    let EventKind::Census { members, operators, rooms } = census else { return };
    let (count, most) = (members.to_string(), members.to_string());
    reply.numeric(
        out,
        numeric::RPL_LUSERCLIENT,
        &[],
        format_args!("There are {members} users and 0 invisible on 1 servers"),
    );
    if *operators > 0 {
        reply.numeric(out, numeric::RPL_LUSEROP, &[&operators.to_string()], "operator(s) online");
    }
    reply.numeric(out, numeric::RPL_LUSERCHANNELS, &[&rooms.to_string()], "channels formed");
    reply.numeric(out, numeric::RPL_LUSERME, &[], format_args!("I have {members} clients and 0 servers"));
    reply.numeric(out, numeric::RPL_LOCALUSERS, &[&count, &most], format_args!("Current local users {members}"));
    reply.numeric(out, numeric::RPL_GLOBALUSERS, &[&count, &most], format_args!("Current global users {members}"));
}

pub(super) fn write_motd(lines: &[Text], reply: Reply<'_>, out: &mut Vec<u8>) {
    if lines.is_empty() {
        return reply.numeric(out, numeric::ERR_NOMOTD, &[], "There is no message of the day");
    }
    reply.numeric(out, numeric::RPL_MOTDSTART, &[], format_args!("- {} Message of the day -", reply.server));
    for line in lines {
        reply.numeric(out, numeric::RPL_MOTD, &[], format_args!("- {line}"));
    }
    reply.numeric(out, numeric::RPL_ENDOFMOTD, &[], "End of message of the day");
}
