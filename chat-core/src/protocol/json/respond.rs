//! The responder of JSON lines: it adds the `id` of a command to the events that answer it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::encode::JsonEncoder;
use super::object::Object;
use crate::model::event::{Event, EventKind, Reply};
use crate::session::Respond;

/// The ids of the commands that are not done yet, in order; `None` for a command without an id. The session and the
/// responder of a connection share it.
#[derive(Clone, Debug, Default)]
pub(super) struct PendingIds(Arc<Mutex<VecDeque<Option<Value>>>>);

impl PendingIds {
    pub(super) fn push(&self, id: Option<Value>) {
        self.lock().push_back(id);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Option<Value>>> {
        // No operation under this lock can leave the queue inconsistent.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The responder of one connection.
#[derive(Debug)]
pub(super) struct Responder {
    pending_ids: PendingIds,
    encoder: JsonEncoder,
    /// The id of the current command.
    id: Option<Value>,
    /// Whether the hub refused the current command.
    refused: bool,
}

impl Responder {
    pub(super) fn new(pending_ids: PendingIds, encoder: JsonEncoder) -> Responder {
        Responder { pending_ids, encoder, id: None, refused: false }
    }
}

impl Respond for Responder {
    fn reply(&mut self, event: &Event, out: &mut Vec<u8>) {
        self.refused |= matches!(event.kind(), EventKind::Reply(Reply::Refused { .. }));
        self.encoder.write(event, false, self.id.as_ref(), out);
    }

    fn echo(&mut self, event: &Event, out: &mut Vec<u8>) {
        self.encoder.write(event, true, self.id.as_ref(), out);
    }

    fn begin(&mut self) {
        self.id = self.pending_ids.lock().pop_front().flatten();
        self.refused = false;
    }

    fn done(&mut self, out: &mut Vec<u8>) {
        if let Some(id) = self.id.take() {
            write_done(&id, !self.refused, out);
        }
    }
}

/// Appends the `done` that ends the answer to a command.
pub(super) fn write_done(id: &Value, ok: bool, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    object.field("kind", "done").field("id", id).field("ok", ok);
    object.close();
}
