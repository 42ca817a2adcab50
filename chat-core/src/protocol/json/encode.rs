//! The encoder of JSON lines: events as objects. [`answer`] encodes the answers to commands, except history.

use serde_json::Value;

use super::answer;
use super::object::Object;
use super::values::{message_kind, mode, rank, rule, seconds, text};
use crate::model::event::{CloseReason, Event, EventKind, HubEvent, OwnEvent, Reply, RoomEvent};
use crate::model::moderation::Term;
use crate::model::time::Utc;
use crate::protocol::line::encode as plain_lines;
use crate::session::Encode;

/// The encoder that all connections with the same setting share.
#[derive(Clone, Copy, Debug)]
pub(super) struct JsonEncoder {
    /// Whether each event also has the field `lines`.
    pub(super) lines: bool,
}

impl Encode for JsonEncoder {
    fn encode(&self, event: &Event, out: &mut Vec<u8>) {
        self.write(event, false, None, out);
    }

    fn variant(&self) -> u64 {
        self.lines.into()
    }
}

impl JsonEncoder {
    /// Appends an event as a line. `own` marks the client's own message. `id` is the id of the command that the event
    /// answers.
    pub(super) fn write(self, event: &Event, own: bool, id: Option<&Value>, out: &mut Vec<u8>) {
        let mut object = Object::open(out);
        describe(event, &mut object);
        if own {
            object.field("own", true);
        }
        if self.lines {
            object.field("lines", shown(event, own));
        }
        object.optional("id", id);
        object.close();
    }
}

/// Returns an event as plain lines show it. The client's own private message has the form of its confirmation.
fn shown(event: &Event, own: bool) -> Vec<String> {
    let mut shown = Vec::new();
    match event.kind() {
        EventKind::Own(OwnEvent::PrivateMessage { .. }) if own => plain_lines::write_own(event, &mut shown),
        _ => event.default_text(&mut shown),
    }
    String::from_utf8_lossy(&shown).lines().map(str::to_owned).collect()
}

fn describe(event: &Event, object: &mut Object<'_>) {
    let kind = match event.kind() {
        EventKind::Room(event) => room_event_name(event),
        EventKind::Hub(event) => hub_event_name(event),
        EventKind::Own(event) => own_event_name(event),
        EventKind::Reply(reply) => reply_name(reply),
    };
    object.field("kind", kind);
    // An event that does not come from a hub has neither number nor time.
    if event.number() > 0 {
        object.field("number", event.number()).field("time", format!("{:#}", Utc(event.time())));
    }
    match event.kind() {
        EventKind::Room(event) => write_room_event(event, object),
        EventKind::Hub(event) => write_hub_event(event, object),
        EventKind::Own(event) => answer::write_own_event(event, object),
        EventKind::Reply(Reply::History { room, events }) => {
            object.field("room", room.as_str()).list("events", events, describe);
        }
        EventKind::Reply(reply) => answer::write_reply(reply, object),
    }
}

fn room_event_name(event: &RoomEvent) -> &'static str {
    match event {
        RoomEvent::Joined { .. } => "joined",
        RoomEvent::Parted { .. } => "parted",
        RoomEvent::Said { .. } => "said",
        RoomEvent::SaidToRank { .. } => "said_to",
        RoomEvent::RankSet { .. } => "rank_set",
        RoomEvent::Kicked { .. } => "kicked_out",
        RoomEvent::ModesSet { .. } => "modes_set",
        RoomEvent::ExceptionAdded { .. } => "exempted",
        RoomEvent::ExceptionRemoved { .. } => "unexempted",
        RoomEvent::Invited { .. } => "inviting",
        RoomEvent::TopicSet { .. } => "topic_set",
        RoomEvent::Banned { .. } => "banned",
        RoomEvent::Unbanned { .. } => "unbanned",
        RoomEvent::Muted { .. } => "muted",
        RoomEvent::Unmuted { .. } => "unmuted",
    }
}

fn hub_event_name(event: &HubEvent) -> &'static str {
    match event {
        HubEvent::Left { .. } => "left",
        HubEvent::Renamed { .. } => "renamed",
        HubEvent::AwaySet { .. } => "away_set",
        HubEvent::RealNameSet { .. } => "real_name_set",
        HubEvent::Announced { .. } => "announced",
        HubEvent::Banned { .. } => "banned",
        HubEvent::Unbanned { .. } => "unbanned",
        HubEvent::OperatorAdded { .. } => "operates",
        HubEvent::OperatorPasswordRefused { .. } => "failed_to_operate",
        HubEvent::Killed { .. } => "killed",
    }
}

fn own_event_name(event: &OwnEvent) -> &'static str {
    match event {
        OwnEvent::PrivateMessage { .. } => "told",
        OwnEvent::Kicked { .. } => "kicked",
        OwnEvent::Invited { .. } => "invited",
        OwnEvent::Missed { .. } => "missed",
        OwnEvent::Welcome { .. } => "hello",
        OwnEvent::Named { .. } => "named",
        OwnEvent::Entered { .. } => "entered",
        OwnEvent::Exited { .. } => "exited",
        OwnEvent::Closed { .. } => "closed",
    }
}

fn reply_name(event: &Reply) -> &'static str {
    match event {
        Reply::InviteSent { .. } => "invite_sent",
        Reply::Modes { .. } => "modes",
        Reply::Stats { .. } => "stats",
        Reply::Bans { .. } => "bans",
        Reply::Exceptions { .. } => "exemptions",
        Reply::Mutes { .. } => "mutes",
        Reply::Motd { .. } => "motd",
        Reply::History { .. } => "past",
        Reply::LastSaid { .. } => "last_said",
        Reply::Rooms { .. } => "rooms",
        Reply::Census { .. } => "census",
        Reply::Members { .. } => "members",
        Reply::Found { .. } => "found",
        Reply::Whowas { .. } => "was",
        Reply::Whois { .. } => "about",
        Reply::Topic { .. } => "topic",
        Reply::RecipientAway { .. } => "is_away",
        Reply::Away { .. } => "away",
        Reply::Ignoring { .. } => "ignoring",
        Reply::Pong { .. } => "pong",
        Reply::Refused { .. } => "refused",
    }
}

fn write_room_event(event: &RoomEvent, object: &mut Object<'_>) {
    object.field("room", event.room().as_str());
    match event {
        RoomEvent::Joined { name, .. } => {
            object.field("name", name.as_str());
        }
        RoomEvent::Parted { name, why, .. } => {
            object.field("name", name.as_str()).optional("reason", text(why));
        }
        RoomEvent::Said { from, text, kind: how, .. } => {
            object.field("from", from.as_str()).field("text", text.as_str()).field("manner", message_kind(*how));
        }
        RoomEvent::SaidToRank { rank: to, from, text, kind: how, .. } => {
            object.field("rank", rank(*to)).field("from", from.as_str());
            object.field("text", text.as_str()).field("manner", message_kind(*how));
        }
        RoomEvent::RankSet { by, name, old, rank: new, .. } => {
            object.field("by", by.as_str()).field("name", name.as_str());
            object.field("old", rank(*old)).field("rank", rank(*new));
        }
        RoomEvent::Kicked { by, name, reason, .. } => {
            object.field("by", by.as_str()).field("name", name.as_str()).optional("reason", text(reason));
        }
        RoomEvent::ModesSet { by, modes, .. } => {
            object.field("by", by.as_str()).list("modes", modes, mode);
        }
        RoomEvent::ExceptionAdded { by, from, mask, .. } | RoomEvent::ExceptionRemoved { by, from, mask, .. } => {
            object.field("by", by.as_str()).field("from", rule(*from)).field("mask", mask.to_string());
        }
        RoomEvent::TopicSet { by, topic, .. } => {
            object.field("by", by.as_str()).optional("topic", text(topic));
        }
        RoomEvent::Banned { by, mask, term, .. } => {
            object.field("by", by.as_str()).field("mask", mask.to_string());
            write_term(term, object);
        }
        RoomEvent::Unbanned { by, mask, .. } => {
            object.field("by", by.as_str()).field("mask", mask.to_string());
        }
        RoomEvent::Muted { by, name, term, .. } => {
            object.field("by", by.as_str()).field("name", name.as_str());
            write_term(term, object);
        }
        RoomEvent::Unmuted { by, name, .. } => {
            object.field("by", by.as_str()).field("name", name.as_str());
        }
        RoomEvent::Invited { by, name, .. } => {
            object.field("by", by.as_str()).field("name", name.as_str());
        }
    }
}

fn write_hub_event(event: &HubEvent, object: &mut Object<'_>) {
    match event {
        HubEvent::OperatorAdded { name } | HubEvent::OperatorPasswordRefused { name } => {
            object.field("name", name.as_str());
        }
        HubEvent::Killed { by, name, reason } => {
            object.field("by", by.as_str()).field("name", name.as_str()).optional("reason", text(reason));
        }
        HubEvent::Banned { by, mask, term } => {
            object.field("by", by.as_str()).field("mask", mask.to_string());
            write_term(term, object);
        }
        HubEvent::Unbanned { by, mask } => {
            object.field("by", by.as_str()).field("mask", mask.to_string());
        }
        HubEvent::Left { name, reason } => {
            object.field("name", name.as_str()).field("why", reason.label());
            if let CloseReason::Quit(last) = reason {
                object.optional("reason", text(last));
            }
        }
        HubEvent::Renamed { old, new } => {
            object.field("old", old.as_str()).field("new", new.as_str());
        }
        HubEvent::AwaySet { name, why } => {
            object.field("name", name.as_str()).optional("away", text(why));
        }
        HubEvent::RealNameSet { name, real_name } => {
            object.field("name", name.as_str()).field("real_name", real_name.as_str());
        }
        HubEvent::Announced { by, text } => {
            object.field("by", by.as_str()).field("text", text.as_str());
        }
    }
}

fn write_term(term: &Term, object: &mut Object<'_>) {
    object.optional("seconds", term.time.map(seconds)).optional("reason", text(&term.reason));
}
