//! A hub without threads and sockets, to measure the cost of a batch.
//!
//! This module must not know the loads of benchmarks: the caller gives the number of members, talkers and texts.

use std::sync::Arc;

use crate::hub::batch::Payload;
use crate::hub::send_queue::{SendQueue, SendQueueFull};
use crate::hub::{Engine, Item, Joining, Post};
use crate::model::command::Command;
use crate::model::event::CloseReason;
use crate::model::name::{Name, RoomName};
use crate::model::options::HubOptions;
use crate::model::text::Text;
use crate::protocol::line::Line;
use crate::session::Session as _;
use crate::state::{JoinRequest, MemberId};

/// A hub whose members accept every payload and discard it.
pub struct NullHub {
    engine: Engine,
    members: u64,
    text: Text,
}

impl std::fmt::Debug for NullHub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NullHub").field("members", &self.members).finish_non_exhaustive()
    }
}

/// A send queue that only adds up the lengths of a payload's pieces.
struct NullQueue;

impl SendQueue for NullQueue {
    fn send(&self, payload: &Payload<'_>) -> Result<(), SendQueueFull> {
        std::hint::black_box(payload.pieces().map(<[u8]>::len).sum::<usize>());
        Ok(())
    }

    fn is_reset(&self) -> bool {
        false
    }

    fn close(&self) {}

    fn abort(&self, _: CloseReason) {}
}

impl NullHub {
    /// Creates a hub with this number of members, who say texts of 63 bytes.
    #[must_use]
    pub fn new(members: u64) -> NullHub {
        let lobby: RoomName = "lobby".parse().expect("a room's name");
        let mut engine = Engine::new(Some(lobby.clone()), HubOptions::default(), Arc::default());
        for member in 0..members {
            let (encoder, send_queue) = (Line::default().encoder(), Arc::new(NullQueue));
            let request = JoinRequest::new(Name::address(&format!("192.0.2.1:{member}")), lobby.clone());
            engine.take(Post::Join(Box::new(Joining::by_bytes(MemberId(member), request, encoder, send_queue))));
        }
        engine.deliver();
        NullHub { engine, members, text: Text::clean(&"x".repeat(63)) }
    }

    /// Runs one batch in which the first `talkers` members say `texts` texts each.
    pub fn batch(&mut self, talkers: u64, texts: usize) {
        for member in (0..talkers).map(MemberId) {
            let items = (0..texts).map(|_| Item::Request(Command::Say(self.text.clone().into()).into())).collect();
            self.engine.take(Post::Packet { member, items });
        }
        self.engine.deliver();
    }
}
