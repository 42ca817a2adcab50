//! How the plain line protocol shows what happened.
//!
//! The first character tells who speaks: `<` a member, `[` the room about a member, `*` the server, `!` an error. A
//! member's text can't begin a line, so none of these can be forged.

use crate::event::{CloseReason, Event, EventKind};
use crate::session::Encode;

#[derive(Debug)]
pub(super) struct LineEncoder;

impl Encode for LineEncoder {
    fn encode(&self, event: &Event, out: &mut Vec<u8>) {
        match event.kind() {
            EventKind::Joined { name } => line(out, &["[", name.as_str(), "] entered room"]),
            EventKind::Said { from, text } => line(out, &["<", from.as_str(), "> ", text]),
            EventKind::Left { name, .. } => line(out, &["[", name.as_str(), "] is offline"]),
            EventKind::Pong { token } if token.is_empty() => line(out, &["* pong"]),
            EventKind::Pong { token } => line(out, &["* pong ", token]),
            EventKind::Refused { error } => line(out, &["! ", &error.to_string()]),
            EventKind::Closed { reason } => match reason {
                // It went by itself, or can't hear it.
                CloseReason::Quit | CloseReason::EndOfStream | CloseReason::Lost => {}
                CloseReason::ShuttingDown => line(out, &["* ", &reason.to_string()]),
                _ => line(out, &["! ", &reason.to_string()]),
            },
        }
    }
}

/// Appends one line: pieces copied rather than formatted, for this runs once for every message.
fn line(out: &mut Vec<u8>, pieces: &[&str]) {
    out.reserve(pieces.iter().map(|piece| piece.len()).sum::<usize>() + 1);
    for piece in pieces {
        out.extend_from_slice(piece.as_bytes());
    }
    out.push(b'\n');
}
