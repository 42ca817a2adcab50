//! The numerics that answer a query about the server, a channel or its lists.
//!
//! This module must not know the responder's state: the numerics depend only on the event and the client's nick.

use std::time::SystemTime;

use super::encode::{IrcMask, modes};
use super::filter::Filter;
use super::line::ReplyWriter;
use super::numeric;
use super::shared::Kind;
use super::source::Word;
use crate::model::event::{Reply, RoomInfo, TopicInfo};
use crate::model::moderation::{ExceptionKind, Restriction};
use crate::model::name::RoomName;
use crate::model::phrase::{DurationSuffix, ReasonSuffix};
use crate::model::text::Text;

/// Appends the numeric that ends a list, including an empty list.
pub(super) fn end_list(reply: ReplyWriter<'_>, kind: Kind, what: &str, out: &mut Vec<u8>) {
    match kind {
        Kind::Names => reply.numeric(out, numeric::RPL_ENDOFNAMES, &[what], "End of NAMES list"),
        Kind::Who => reply.numeric(out, numeric::RPL_ENDOFWHO, &[what], "End of WHO list"),
        Kind::Whois => reply.numeric(out, numeric::RPL_ENDOFWHOIS, &[what], "End of WHOIS list"),
        _ => {}
    }
}

/// Appends an answer that depends only on the reply and the client's nick.
pub(super) fn write_answer(writer: ReplyWriter<'_>, reply: &Reply, out: &mut Vec<u8>) {
    match reply {
        Reply::InviteSent { room, name } => {
            writer.numeric(out, numeric::RPL_INVITING, &[name.as_str()], room);
        }
        Reply::Modes { room, modes: set, created } => {
            writer.params(out, numeric::RPL_CHANNELMODEIS, &format!("{room} {}", modes(set)));
            writer.params(out, numeric::RPL_CREATIONTIME, &format!("{room} {}", unix(*created)));
        }
        Reply::Bans { room: Some(room), bans } => {
            write_masks(
                writer,
                (numeric::RPL_BANLIST, numeric::RPL_ENDOFBANLIST, "End of channel ban list"),
                room,
                bans,
                out,
            );
        }
        Reply::Exceptions { room, from: ExceptionKind::Ban, masks } => {
            write_masks(
                writer,
                (numeric::RPL_EXCEPTLIST, numeric::RPL_ENDOFEXCEPTLIST, "End of channel exception list"),
                room,
                masks,
                out,
            );
        }
        Reply::Exceptions { room, from: ExceptionKind::Invite, masks } => {
            write_masks(
                writer,
                (numeric::RPL_INVEXLIST, numeric::RPL_ENDOFINVEXLIST, "End of channel invite exception list"),
                room,
                masks,
                out,
            );
        }
        Reply::Bans { room: None, bans: list } | Reply::Mutes { mutes: list, .. } => {
            for entry in list {
                writer.notice(
                    out,
                    format_args!(
                        "{}, by {}{}{}",
                        entry.mask,
                        entry.by,
                        DurationSuffix(entry.left),
                        ReasonSuffix(&entry.reason)
                    ),
                );
            }
        }
        Reply::Topic { room, topic: Some(topic) } => {
            write_topic(writer, room, topic, out);
        }
        Reply::Topic { room, topic: None } => {
            writer.numeric(out, numeric::RPL_NOTOPIC, &[room.as_str()], "No topic is set");
        }
        Reply::RecipientAway { name, why } => writer.numeric(out, numeric::RPL_AWAY, &[name.as_str()], why),
        Reply::Away { why: Some(_) } => {
            writer.numeric(out, numeric::RPL_NOWAWAY, &[], "You have been marked as being away");
        }
        Reply::Away { why: None } => {
            writer.numeric(out, numeric::RPL_UNAWAY, &[], "You are no longer marked as being away");
        }
        Reply::Ignoring { name, ignored } => {
            let what = if *ignored { "you are ignoring" } else { "you are no longer ignoring" };
            writer.notice(out, format_args!("{what} {name}"));
        }
        Reply::Pong { token } => writer.pong(out, token.as_str()),
        Reply::Stats { stats } => {
            for (what, count) in stats.lines() {
                writer.notice(out, format_args!("{what}: {count}"));
            }
        }
        // The responder writes these replies, because they depend on the request.
        Reply::Motd { .. }
        | Reply::History { .. }
        | Reply::LastSaid { .. }
        | Reply::Rooms { .. }
        | Reply::Census { .. }
        | Reply::Members { .. }
        | Reply::Found { .. }
        | Reply::Whowas { .. }
        | Reply::Whois { .. }
        | Reply::Refused { .. } => {}
    }
}

/// Appends the answer to `LIST`: the channels that pass the filter.
pub(super) fn write_list(reply: ReplyWriter<'_>, rooms: &[RoomInfo], filter: &Filter, out: &mut Vec<u8>) {
    reply.numeric(out, numeric::RPL_LISTSTART, &["Channel"], "Users  Name");
    for room in rooms.iter().filter(|room| filter.matches(room)) {
        let topic = room.topic.as_ref().map_or("", |topic| topic.as_str());
        reply.numeric(out, numeric::RPL_LIST, &[room.name.as_str(), &room.members.to_string()], topic);
    }
    reply.numeric(out, numeric::RPL_LISTEND, &[], "End of LIST");
}

/// Appends the topic of a channel, with who set it, and when.
pub(super) fn write_topic(reply: ReplyWriter<'_>, room: &RoomName, topic: &TopicInfo, out: &mut Vec<u8>) {
    reply.numeric(out, numeric::RPL_TOPIC, &[room.as_str()], &topic.text);
    let (by, time) = (Word(topic.by.as_str()), unix(topic.time));
    reply.params(out, numeric::RPL_TOPICWHOTIME, &format!("{room} {by} {time}"));
}

/// Appends a list of masks: one `entry` numeric for each, then the `end` numeric with its text.
fn write_masks(
    reply: ReplyWriter<'_>,
    (entry, end, end_text): (&str, &str, &str),
    room: &RoomName,
    masks: &[Restriction],
    out: &mut Vec<u8>,
) {
    for mask in masks {
        let (mask, by, time) = (IrcMask(&mask.mask), Word(mask.by.as_str()), unix(mask.since));
        reply.params(out, entry, &format!("{room} {mask} {by} {time}"));
    }
    reply.numeric(out, end, &[room.as_str()], end_text);
}

/// Returns a time in seconds since 1970.
fn unix(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Appends the answer to `LUSERS`. Its maximum is the current number, because the hub does not record the maximum.
pub(super) fn write_lusers(reply: ReplyWriter<'_>, census: &Reply, out: &mut Vec<u8>) {
    let Reply::Census { members, operators, rooms } = census else { return };
    let (count, max) = (members.to_string(), members.to_string());
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
    reply.numeric(
        out,
        numeric::RPL_LOCALUSERS,
        &[&count, &max],
        format_args!("Current local users {count}, max {max}"),
    );
    reply.numeric(
        out,
        numeric::RPL_GLOBALUSERS,
        &[&count, &max],
        format_args!("Current global users {count}, max {max}"),
    );
}

/// Appends the message of the day.
pub(super) fn write_motd(lines: &[Text], reply: ReplyWriter<'_>, out: &mut Vec<u8>) {
    if lines.is_empty() {
        return reply.numeric(out, numeric::ERR_NOMOTD, &[], "There is no message of the day");
    }
    reply.numeric(out, numeric::RPL_MOTDSTART, &[], format_args!("- {} Message of the day -", reply.server));
    for line in lines {
        reply.numeric(out, numeric::RPL_MOTD, &[], format_args!("- {line}"));
    }
    reply.numeric(out, numeric::RPL_ENDOFMOTD, &[], "End of MOTD command");
}
