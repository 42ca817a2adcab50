//! The responder of a request in JSON lines: it adds the `id` of the command to the events that answer it.

use serde_json::Value;

use super::encode::JsonEncoder;
use super::object::Object;
use crate::model::event::{Event, EventKind, Reply};
use crate::session::Respond;

/// The responder of one request.
#[derive(Debug)]
pub(super) struct Responder {
    /// The id of the command; `None` if it has none.
    id: Option<Value>,
    encoder: JsonEncoder,
    /// Whether the hub refused the command.
    refused: bool,
}

impl Responder {
    pub(super) fn new(id: Option<Value>, encoder: JsonEncoder) -> Responder {
        Responder { id, encoder, refused: false }
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

    fn done(&mut self, out: &mut Vec<u8>) {
        if let Some(id) = &self.id {
            write_done(id, !self.refused, out);
        }
    }
}

/// Appends the `done` that ends the answer to a command.
pub(super) fn write_done(id: &Value, ok: bool, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    object.field("kind", "done").field("id", id).field("ok", ok);
    object.close();
}
