//! The encoder of the plain-line protocol.
//!
//! Most lines are the [default text](Event::default_text) of an event. Only two kinds of lines begin with other
//! characters: `->` begins the confirmation of your own private message, and `#` begins a line from a room other than
//! your current one.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::sync::Arc;

use crate::model::event::{Event, EventKind, OwnEvent};
use crate::model::message::MessageKind;
use crate::model::name::RoomName;
use crate::session::Encode;

/// The encoder that all connections with the same greeting share.
#[derive(Debug)]
pub(super) struct LineEncoder {
    /// The first line that a new member receives.
    pub(super) greeting: Option<Arc<str>>,
}

/// Appends the confirmation of a private message, as its sender reads it; nothing for other events.
pub(crate) fn write_own(event: &Event, out: &mut Vec<u8>) {
    let EventKind::Own(OwnEvent::PrivateMessage { to, text, kind, .. }) = event.kind() else { return };
    let written = match kind {
        MessageKind::Message => writeln!(out, "-> {{{to}}} {text}"),
        MessageKind::Action => writeln!(out, "-> {{{to} {text}}}"),
        MessageKind::Notice => writeln!(out, "-> {{-{to}-}} {text}"),
        MessageKind::CtcpRequest | MessageKind::CtcpReply => Ok(()),
    };
    written.expect("a Vec takes all bytes");
}

impl Encode for LineEncoder {
    fn encode(&self, event: &Event, out: &mut Vec<u8>) {
        if let (EventKind::Own(OwnEvent::Welcome { .. }), Some(greeting)) = (event.kind(), &self.greeting) {
            writeln!(out, "* {greeting}").expect("a Vec takes all bytes");
        }
        event.default_text(out);
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

    fn encode_own(&self, event: &Event, out: &mut Vec<u8>) {
        write_own(event, out);
    }

    fn distinguishes_rooms(&self) -> bool {
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
