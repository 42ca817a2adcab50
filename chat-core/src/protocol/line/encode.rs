//! How the plain line protocol shows what happened.
//!
//! The first character tells who speaks: `<`, `(`, `-` and `{` a member, `[` the room about a member, `*` the server, `!` an
//! error, `~` what was said before, `#` any of these in another room. A member's text can't begin a line, so none of these can be forged.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use super::answer;
use crate::model::event::{CloseReason, Event, EventKind};
use crate::model::message::MessageKind;
use crate::model::moderation::Rank;
use crate::model::name::RoomName;
use crate::model::phrase::{BanScope, DurationSuffix, ReasonSuffix};
use crate::session::Encode;

/// What all read who speak plain lines.
#[derive(Debug)]
pub(super) struct LineEncoder {
    /// What those are told who come in.
    pub(super) greeting: Option<Arc<str>>,
}

/// Appends an event, as one reads it who is in its room.
pub(crate) fn write(event: &Event, out: &mut Vec<u8>) {
    match event.kind() {
        EventKind::Joined { name, .. } => line(out, &["[", name.as_str(), "] entered room"]),
        EventKind::Parted { name, why, .. } => {
            line(out, &["[", name.as_str(), "] left room", &ReasonSuffix(why).to_string()]);
        }
        EventKind::Said { from, text, manner, .. } => match manner {
            MessageKind::Message => line(out, &["<", from.as_str(), "> ", text]),
            MessageKind::Action => line(out, &["(", from.as_str(), " ", text, ")"]),
            MessageKind::Notice => line(out, &["-", from.as_str(), "- ", text]),
            MessageKind::CtcpRequest | MessageKind::CtcpReply => {}
        },
        EventKind::SaidTo { room, rank, from, text, manner } => {
            let to = if *rank == Rank::Operator { " to operators of " } else { " to those with a voice in " };
            match manner {
                MessageKind::Message => line(out, &["<", from.as_str(), to, room.as_str(), "> ", text]),
                MessageKind::Action => line(out, &["(", from.as_str(), to, room.as_str(), ": ", text, ")"]),
                MessageKind::Notice => line(out, &["-", from.as_str(), to, room.as_str(), "- ", text]),
                MessageKind::CtcpRequest | MessageKind::CtcpReply => {}
            }
        }
        EventKind::Told { from, text, manner, .. } => match manner {
            MessageKind::Message => line(out, &["{", from.as_str(), "} ", text]),
            MessageKind::Action => line(out, &["{", from.as_str(), " ", text, "}"]),
            MessageKind::Notice => line(out, &["{-", from.as_str(), "-} ", text]),
            MessageKind::CtcpRequest | MessageKind::CtcpReply => {}
        },
        EventKind::Left { name, reason: CloseReason::Quit(Some(why)) } => {
            line(out, &["[", name.as_str(), "] is offline: ", why]);
        }
        EventKind::Left { name, .. } => line(out, &["[", name.as_str(), "] is offline"]),
        EventKind::Renamed { old, new } => {
            line(out, &["[", old.as_str(), "] is now known as ", new.as_str()]);
        }
        EventKind::RankSet { by, name, rank, .. } => {
            line(out, &["[", by.as_str(), "] made ", name.as_str(), " ", &rank.to_string()]);
        }
        EventKind::KickedOut { by, name, reason, .. } => {
            let reason = ReasonSuffix(reason).to_string();
            line(out, &["[", name.as_str(), "] was put out by ", by.as_str(), &reason]);
        }
        EventKind::ModesSet { by, modes, .. } => {
            for mode in modes {
                line(out, &["[", by.as_str(), "] set a mode: ", &answer::mode(mode)]);
            }
        }
        EventKind::ExceptionAdded { by, from, mask, .. } => {
            line(out, &["[", by.as_str(), "] exempted ", &format!("{mask} from {from}")]);
        }
        EventKind::ExceptionRemoved { by, from, mask, .. } => {
            line(out, &["[", by.as_str(), "] exempts ", &format!("{mask} from {from} no longer")]);
        }
        EventKind::TopicSet { by, topic: Some(topic), .. } => {
            line(out, &["[", by.as_str(), "] set the topic: ", topic]);
        }
        EventKind::TopicSet { by, topic: None, .. } => line(out, &["[", by.as_str(), "] took the topic away"]),
        EventKind::Banned { room, by, mask, term } => {
            let what =
                format!("{mask} from {}{}{}", BanScope(room), DurationSuffix(term.time), ReasonSuffix(&term.reason));
            line(out, &["[", by.as_str(), "] banned ", &what]);
        }
        EventKind::Unbanned { room, by, mask } => {
            line(
                out,
                &["[", by.as_str(), "] lifted the ban of ", &mask.to_string(), &format!(" from {}", BanScope(room))],
            );
        }
        EventKind::Muted { by, name, term, .. } => {
            let what = format!("{name}{}{}", DurationSuffix(term.time), ReasonSuffix(&term.reason));
            line(out, &["[", by.as_str(), "] muted ", &what]);
        }
        EventKind::Unmuted { by, name, .. } => {
            line(out, &["[", by.as_str(), "] let ", name.as_str(), " speak again"]);
        }
        EventKind::Operates { name } => line(out, &["[", name.as_str(), "] is a server operator now"]),
        EventKind::FailedToOperate { name } => {
            line(out, &["[", name.as_str(), "] gave a wrong operator password"]);
        }
        EventKind::Killed { by, name, reason } => {
            let reason = ReasonSuffix(reason).to_string();
            line(out, &["[", by.as_str(), "] closed the connection of ", name.as_str(), &reason]);
        }
        EventKind::Pong { token } if token.is_empty() => line(out, &["* pong"]),
        EventKind::Pong { token } => line(out, &["* pong ", token]),
        EventKind::Refused { error } => line(out, &["! ", &error.to_string()]),
        EventKind::Closed { reason } => match reason {
            // It went by itself, or can't hear it.
            CloseReason::Quit(_) | CloseReason::EndOfStream | CloseReason::Lost => {}
            CloseReason::ShuttingDown => line(out, &["* ", &reason.to_string()]),
            _ => line(out, &["! ", &reason.to_string()]),
        },
        kind => answer::write(kind, out),
    }
}

impl Encode for LineEncoder {
    fn encode(&self, event: &Event, out: &mut Vec<u8>) {
        if let (EventKind::Welcome { .. }, Some(greeting)) = (event.kind(), &self.greeting) {
            line(out, &["* ", greeting]);
        }
        write(event, out);
    }

    fn encode_elsewhere(&self, event: &Event, out: &mut Vec<u8>) {
        let start = out.len();
        let room = event.kind().room().map_or("", RoomName::as_str);
        if !room.is_empty() {
            out.extend_from_slice(room.as_bytes());
            out.push(b' ');
        }
        let head = out.len();
        self.encode(event, out);
        if out.len() == head {
            out.truncate(start);
        }
    }

    fn tells_rooms_apart(&self) -> bool {
        true
    }

    fn variant(&self) -> u64 {
        self.greeting.as_ref().map_or(0, |greeting| {
            let mut hasher = DefaultHasher::new();
            greeting.hash(&mut hasher);
            hasher.finish()
        })
    }
}

/// Appends one line: pieces copied rather than formatted, for this runs once for every message.
pub(super) fn line(out: &mut Vec<u8>, pieces: &[&str]) {
    out.reserve(pieces.iter().map(|piece| piece.len()).sum::<usize>() + 1);
    for piece in pieces {
        out.extend_from_slice(piece.as_bytes());
    }
    out.push(b'\n');
}
