//! The encoder of answers, and of events about the client itself, as objects.
//!
//! This module must not know the events of a room. So the module `encode` writes the answer that contains them:
//! history.

use super::codes;
use super::object::Object;
use super::values::{mask, message_kind, mode, names, rank, rule, seconds, text};
use crate::model::event::{FormerInfo, MemberInfo, OwnEvent, Reply, RoomInfo, TopicInfo};
use crate::model::moderation::Restriction;
use crate::model::name::RoomName;
use crate::model::profile::Profile;
use crate::model::text::Text;
use crate::model::time::Utc;

/// The version of the protocol.
pub(super) const VERSION: u8 = 1;

/// Appends the fields of an event about the recipient itself, other than its kind, number and time.
pub(super) fn write_own_event(event: &OwnEvent, object: &mut Object<'_>) {
    match event {
        OwnEvent::PrivateMessage { from, to, text, kind: how } => {
            object.field("from", from.as_str()).field("to", to.as_str());
            object.field("text", text.as_str()).field("manner", message_kind(*how));
        }
        OwnEvent::Welcome { name, room, since, motd } => {
            object.field("version", VERSION).field("since", format!("{:#}", Utc(*since))).field("name", name.as_str());
            object.optional("room", room.as_ref().map(RoomName::as_str));
            object.optional("motd", (!motd.is_empty()).then(|| lines(motd)));
        }
        OwnEvent::Named { name } => {
            object.field("name", name.as_str());
        }
        OwnEvent::Entered { room, topic, members } => {
            object.field("room", room.as_str());
            write_topic(topic.as_ref(), object);
            object.field("members", members);
        }
        OwnEvent::Exited { room, why, current } => {
            object.field("room", room.as_str()).optional("reason", text(why));
            object.optional("current", current.as_ref().map(RoomName::as_str));
        }
        OwnEvent::Kicked { room, by, reason, current } => {
            object.field("room", room.as_str()).field("by", by.as_str()).optional("reason", text(reason));
            object.optional("current", current.as_ref().map(RoomName::as_str));
        }
        OwnEvent::Invited { room, by } => {
            object.field("room", room.as_str()).field("by", by.as_str());
        }
        OwnEvent::Missed { count, first, last } => {
            object.field("count", count).field("first", first).field("last", last);
        }
        OwnEvent::Closed { reason } => {
            object.field("why", reason.label()).field("text", reason.to_string());
        }
    }
}

/// Appends the fields of an answer other than its kind, number and time.
pub(super) fn write_reply(reply: &Reply, object: &mut Object<'_>) {
    match reply {
        Reply::Motd { lines: motd } => {
            object.field("lines", lines(motd));
        }
        Reply::InviteSent { room, name } => {
            object.field("room", room.as_str()).field("name", name.as_str());
        }
        Reply::Modes { room, modes, created } => {
            object.field("room", room.as_str()).list("modes", modes, mode);
            object.field("made", Utc(*created).to_string());
        }
        Reply::Stats { stats } => {
            object.object("counters", |counters| {
                for (what, count) in stats.lines() {
                    counters.field(&what, count);
                }
            });
        }
        Reply::Topic { room, topic } => {
            object.field("room", room.as_str());
            write_topic(topic.as_ref(), object);
        }
        Reply::RecipientAway { name, why } => {
            object.field("name", name.as_str()).field("away", why.as_str());
        }
        Reply::Away { why } => {
            object.optional("away", text(why));
        }
        Reply::Ignoring { name, ignored } => {
            object.field("name", name.as_str()).field("ignored", ignored);
        }
        Reply::Pong { token } => {
            object.field("token", token.as_str());
        }
        Reply::Refused { error } => {
            object.field("error", codes::of(error)).field("text", error.to_string());
        }
        reply => write_list(reply, object),
    }
}

/// Appends the fields of an answer that is a list of members, rooms, bans, mutes or exceptions.
fn write_list(reply: &Reply, object: &mut Object<'_>) {
    match reply {
        Reply::LastSaid { rooms } => {
            object.list("rooms", rooms, |(room, time), object| {
                object.field("room", room.as_str()).field("time", format!("{:#}", Utc(*time)));
            });
        }
        Reply::Rooms { rooms, more } => {
            object.list("rooms", rooms, |RoomInfo { name, members, topic }, object| {
                object.field("name", name.as_str()).field("members", members).optional("topic", text(topic));
            });
            object.field("more", more);
        }
        Reply::Census { members, operators, rooms } => {
            object.field("members", members).field("operators", operators).field("rooms", rooms);
        }
        Reply::Members { room, secret, members, more } => {
            object
                .field("room", room.as_str())
                .field("secret", secret)
                .list("members", members, write_member)
                .field("more", more);
        }
        Reply::Found { members, more } => {
            object.list("members", members, write_member).field("more", more);
        }
        Reply::Whowas { name, members } => {
            object.field("name", name.as_str()).list("members", members, |former, object| {
                let FormerInfo { name, until, profile } = former;
                object.field("name", name.as_str()).field("until", Utc(*until).to_string());
                write_profile(profile, object);
            });
        }
        Reply::Whois { member, shared } => {
            object.object("member", |object| write_member(member, object)).field("shared", names(shared));
        }
        Reply::Bans { room, bans } => {
            object.optional("room", room.as_ref().map(RoomName::as_str)).list("bans", bans, write_restriction);
        }
        Reply::Mutes { room, mutes } => {
            object.field("room", room.as_str()).list("mutes", mutes, write_restriction);
        }
        Reply::Exceptions { room, from, masks } => {
            object.field("room", room.as_str()).field("from", rule(*from)).list("masks", masks, write_restriction);
        }
        // `write_reply` writes the answers that are no lists, and the module `encode` writes the history.
        Reply::InviteSent { .. }
        | Reply::Modes { .. }
        | Reply::Stats { .. }
        | Reply::Motd { .. }
        | Reply::History { .. }
        | Reply::Topic { .. }
        | Reply::RecipientAway { .. }
        | Reply::Away { .. }
        | Reply::Ignoring { .. }
        | Reply::Pong { .. }
        | Reply::Refused { .. } => {}
    }
}

fn lines(texts: &[Text]) -> Vec<&str> {
    texts.iter().map(Text::as_str).collect()
}

fn write_topic(topic: Option<&TopicInfo>, object: &mut Object<'_>) {
    if let Some(TopicInfo { text, by, time }) = topic {
        object.object("topic", |object| {
            object.field("text", text.as_str()).field("by", by.as_str()).field("time", format!("{:#}", Utc(*time)));
        });
    }
}

fn write_member(member: &MemberInfo, object: &mut Object<'_>) {
    let MemberInfo { name, rank: has, muted, operates, away, address, profile } = member;
    object.field("name", name.as_str()).field("rank", rank(*has)).field("muted", muted).field("operates", operates);
    object.optional("away", text(away)).optional("address", address.map(|address| address.to_string()));
    write_profile(profile, object);
}

fn write_profile(profile: &Profile, object: &mut Object<'_>) {
    object.field("user", profile.user().as_str()).field("host", profile.host().as_str());
    object.field("real_name", profile.real_name().as_str());
}

fn write_restriction(restriction: &Restriction, object: &mut Object<'_>) {
    let Restriction { mask: whom, networks, by, since, left, reason } = restriction;
    object.field("mask", mask(whom)).field("by", by.as_str()).field("since", Utc(*since).to_string());
    object.optional("seconds", left.map(seconds)).optional("reason", text(reason));
    if !networks.is_empty() {
        object.field("networks", networks.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
}
