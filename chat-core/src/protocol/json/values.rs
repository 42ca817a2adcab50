//! The values of fields: ranks, modes, rules, texts, durations and names as JSON lines show them.
//!
//! This module must not know which object a value belongs to.

use std::time::Duration;

use super::object::Object;
use crate::model::mask::Mask;
use crate::model::message::MessageKind;
use crate::model::moderation::{ExceptionKind, Mode, Rank};
use crate::model::name::RoomName;
use crate::model::text::Text;

/// Returns an optional text as a string.
pub(super) fn text<'a>(text: impl Into<Option<&'a Text>>) -> Option<&'a str> {
    text.into().map(Text::as_str)
}

pub(super) fn message_kind(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Message => "plain",
        MessageKind::Action => "action",
        MessageKind::Notice => "notice",
        MessageKind::CtcpRequest => "query",
        MessageKind::CtcpReply => "response",
    }
}

pub(super) fn rank(rank: Rank) -> &'static str {
    match rank {
        Rank::Ordinary => "ordinary",
        Rank::Voiced => "voiced",
        Rank::Operator => "operator",
    }
}

pub(super) fn rule(rule: ExceptionKind) -> &'static str {
    match rule {
        ExceptionKind::Ban => "bans",
        ExceptionKind::Invite => "invitation",
    }
}

/// Appends a mode and whether it is set, but not the key itself.
pub(super) fn mode(mode: &Mode, object: &mut Object<'_>) {
    match mode {
        Mode::InviteOnly(on) => object.field("mode", "invite_only").field("on", on),
        Mode::Moderated(on) => object.field("mode", "moderated").field("on", on),
        Mode::TopicLocked(on) => object.field("mode", "topic_locked").field("on", on),
        Mode::MembersOnly(on) => object.field("mode", "members_only").field("on", on),
        Mode::Secret(on) => object.field("mode", "secret").field("on", on),
        // The object does not contain the key, because all members of the room receive it.
        Mode::Key(key) => object.field("mode", "key").field("on", key.is_some()),
        Mode::Limit(limit) => object.field("mode", "limit").field("on", limit.is_some()).optional("limit", *limit),
    };
}

/// Returns a duration in whole seconds, at least one.
pub(super) fn seconds(time: Duration) -> u64 {
    time.as_secs().max(1)
}

/// Returns the names of rooms.
pub(super) fn names<'a>(rooms: impl IntoIterator<Item = &'a RoomName>) -> Vec<&'a str> {
    rooms.into_iter().map(RoomName::as_str).collect()
}

/// Returns a mask as people write it.
pub(super) fn mask(mask: &Mask) -> String {
    mask.to_string()
}
