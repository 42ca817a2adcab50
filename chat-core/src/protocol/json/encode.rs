//! The encoder of JSON lines: events as objects. [`answer`] encodes the answers to commands, except history.

use serde_json::Value;

use super::answer;
use super::object::Object;
use super::values::{manner, mode, rank, rule, seconds, text};
use crate::model::event::{CloseReason, Event, EventKind};
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
    /// Appends an event as a line. `own` marks a message of the client's own; `id` is that of the command it answers.
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

/// Returns an event as plain lines show it; a private message of the client's own as its confirmation.
fn shown(event: &Event, own: bool) -> Vec<String> {
    let mut shown = Vec::new();
    match event.kind() {
        EventKind::Told { .. } if own => plain_lines::write_own(event, &mut shown),
        _ => plain_lines::write(event, &mut shown),
    }
    String::from_utf8_lossy(&shown).lines().map(str::to_owned).collect()
}

fn describe(event: &Event, object: &mut Object<'_>) {
    object.field("kind", name(event.kind()));
    // An event that no hub made has neither.
    if event.number() > 0 {
        object.field("number", event.number()).field("time", format!("{:#}", Utc(event.time())));
    }
    fields(event.kind(), object);
}

/// Returns the name of an event's kind.
fn name(kind: &EventKind) -> &'static str {
    use EventKind as K;
    match kind {
        K::Joined { .. } => "joined",
        K::Parted { .. } => "parted",
        K::Said { .. } => "said",
        K::SaidTo { .. } => "said_to",
        K::Told { .. } => "told",
        K::Left { .. } => "left",
        K::Renamed { .. } => "renamed",
        K::AwaySet { .. } => "away_set",
        K::RealNameSet { .. } => "real_name_set",
        K::RankSet { .. } => "rank_set",
        K::KickedOut { .. } => "kicked_out",
        K::ModesSet { .. } => "modes_set",
        K::ExceptionAdded { .. } => "exempted",
        K::ExceptionRemoved { .. } => "unexempted",
        K::Kicked { .. } => "kicked",
        K::Invited { .. } => "invited",
        K::Inviting { .. } => "inviting",
        K::InviteSent { .. } => "invite_sent",
        K::Modes { .. } => "modes",
        K::TopicSet { .. } => "topic_set",
        K::Banned { .. } => "banned",
        K::Unbanned { .. } => "unbanned",
        K::Muted { .. } => "muted",
        K::Unmuted { .. } => "unmuted",
        K::Announced { .. } => "announced",
        K::Stats { .. } => "stats",
        K::Missed { .. } => "missed",
        K::Operates { .. } => "operates",
        K::FailedToOperate { .. } => "failed_to_operate",
        K::Killed { .. } => "killed",
        K::Bans { .. } => "bans",
        K::Exceptions { .. } => "exemptions",
        K::Mutes { .. } => "mutes",
        K::Welcome { .. } => "hello",
        K::Motd { .. } => "motd",
        K::Named { .. } => "named",
        K::Entered { .. } => "entered",
        K::Exited { .. } => "exited",
        K::Past { .. } => "past",
        K::LastSaid { .. } => "last_said",
        K::Rooms { .. } => "rooms",
        K::Census { .. } => "census",
        K::Members { .. } => "members",
        K::Found { .. } => "found",
        K::Was { .. } => "was",
        K::About { .. } => "about",
        K::Topic { .. } => "topic",
        K::IsAway { .. } => "is_away",
        K::Away { .. } => "away",
        K::Ignoring { .. } => "ignoring",
        K::Pong { .. } => "pong",
        K::Refused { .. } => "refused",
        K::Closed { .. } => "closed",
    }
}

/// Appends the fields of an event other than its kind, number and time.
fn fields(kind: &EventKind, object: &mut Object<'_>) {
    use EventKind as K;
    if let Some(room) = kind.room() {
        object.field("room", room.as_str());
    }
    match kind {
        K::Joined { name, .. } | K::Operates { name } | K::FailedToOperate { name } => {
            object.field("name", name.as_str());
        }
        K::Parted { name, why, .. } => {
            object.field("name", name.as_str()).optional("reason", text(why));
        }
        K::Said { from, text, manner: how, .. } => {
            object.field("from", from.as_str()).field("text", text.as_str()).field("manner", manner(*how));
        }
        K::SaidTo { rank: to, from, text, manner: how, .. } => {
            object.field("rank", rank(*to)).field("from", from.as_str());
            object.field("text", text.as_str()).field("manner", manner(*how));
        }
        K::Told { from, to, text, manner: how } => {
            object.field("from", from.as_str()).field("to", to.as_str());
            object.field("text", text.as_str()).field("manner", manner(*how));
        }
        K::Left { name, reason } => {
            object.field("name", name.as_str()).field("why", reason.label());
            if let CloseReason::Quit(last) = reason {
                object.optional("reason", text(last));
            }
        }
        K::Renamed { old, new } => {
            object.field("old", old.as_str()).field("new", new.as_str());
        }
        K::AwaySet { name, why } => {
            object.field("name", name.as_str()).optional("away", text(why));
        }
        K::RealNameSet { name, real_name } => {
            object.field("name", name.as_str()).field("real_name", real_name.as_str());
        }
        K::RankSet { by, name, old, rank: new, .. } => {
            object.field("by", by.as_str()).field("name", name.as_str());
            object.field("old", rank(*old)).field("rank", rank(*new));
        }
        K::KickedOut { by, name, reason, .. } | K::Killed { by, name, reason } => {
            object.field("by", by.as_str()).field("name", name.as_str()).optional("reason", text(reason));
        }
        K::ModesSet { by, modes, .. } => {
            object.field("by", by.as_str()).list("modes", modes, mode);
        }
        K::ExceptionAdded { by, from, mask, .. } | K::ExceptionRemoved { by, from, mask, .. } => {
            object.field("by", by.as_str()).field("from", rule(*from)).field("mask", mask.to_string());
        }
        K::TopicSet { by, topic, .. } => {
            object.field("by", by.as_str()).optional("topic", text(topic));
        }
        K::Banned { by, mask, term, .. } => {
            object.field("by", by.as_str()).field("mask", mask.to_string());
            write_term(term, object);
        }
        K::Unbanned { by, mask, .. } => {
            object.field("by", by.as_str()).field("mask", mask.to_string());
        }
        K::Muted { by, name, term, .. } => {
            object.field("by", by.as_str()).field("name", name.as_str());
            write_term(term, object);
        }
        K::Unmuted { by, name, .. } => {
            object.field("by", by.as_str()).field("name", name.as_str());
        }
        K::Announced { by, text } => {
            object.field("by", by.as_str()).field("text", text.as_str());
        }
        K::Past { room, events } => {
            object.field("room", room.as_str()).list("events", events, describe);
        }
        kind => answer::fields(kind, object),
    }
}

fn write_term(term: &Term, object: &mut Object<'_>) {
    object.optional("seconds", term.time.map(seconds)).optional("reason", text(&term.reason));
}
