//! What one connection is told alone, with what it wants to find again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::encode::JsonEncoder;
use super::object::Object;
use crate::model::event::{Event, EventKind};
use crate::session::Respond;

/// What was asked, and is not done yet: for each command what its sender wants to find again, if anything. Both ends of a
/// connection hold one.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked(Arc<Mutex<VecDeque<Option<Value>>>>);

impl Asked {
    pub(super) fn push(&self, id: Option<Value>) {
        self.lock().push_back(id);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Option<Value>>> {
        // Nothing under this lock leaves it half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells one connection what it asked.
#[derive(Debug)]
pub(super) struct Responder {
    asked: Asked,
    encoder: JsonEncoder,
    /// What the command at hand is found by.
    id: Option<Value>,
    /// It was refused.
    refused: bool,
}

impl Responder {
    pub(super) fn new(asked: Asked, encoder: JsonEncoder) -> Responder {
        Responder { asked, encoder, id: None, refused: false }
    }
}

impl Respond for Responder {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        self.refused |= matches!(event.kind(), EventKind::Refused { .. });
        self.encoder.write(event, false, self.id.as_ref(), out);
    }

    fn echo(&mut self, event: &Event, out: &mut Vec<u8>) {
        self.encoder.write(event, true, self.id.as_ref(), out);
    }

    fn begin(&mut self) {
        self.id = self.asked.lock().pop_front().flatten();
        self.refused = false;
    }

    fn done(&mut self, out: &mut Vec<u8>) {
        if let Some(id) = self.id.take() {
            write_done(&id, !self.refused, out);
        }
    }
}

/// Appends that all is told that a command leads to.
pub(super) fn write_done(id: &Value, ok: bool, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    object.field("kind", "done").field("id", id).field("ok", ok);
    object.close();
}
