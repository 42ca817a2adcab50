//! The counters of the send queue. These tests call the queue in place of the hub.

use std::net::TcpListener;

use super::*;
use crate::hub::batch::{Batch, RecipientView};
use crate::model::event::Reply;
use crate::model::text::Text;
use crate::protocol::line::Line;
use crate::session::{Place, Session as _};

/// Returns both ends of a connection.
fn connected() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback can be listened on");
    let near = TcpStream::connect(listener.local_addr().expect("it listens")).expect("the listener accepts");
    (near, listener.accept().expect("it is connected").0)
}

/// Returns a batch with one broadcast, and the view of a recipient that also receives this answer, after the broadcast.
fn broadcast_and_answer(answer: &[u8]) -> (Batch, RecipientView) {
    let (mut batch, mut view) = (Batch::default(), RecipientView::default());
    let stream = batch.open(Line::default().encoder(), Place::Here);
    view.open(stream, &batch);
    let sequence = batch.next_sequence(1);
    batch.broadcast(stream, sequence, &Reply::Pong { token: Text::clean("x") }.into());
    batch.insert_bytes(&mut view, answer);
    (batch, view)
}

#[test]
fn full_queue_counts_every_byte_once() {
    let (batch, view) = broadcast_and_answer(b"an answer");
    let payload = view.payload(&batch, 0..1);
    for (slow_consumer, waiting) in [(SlowConsumerPolicy::Disconnect, 0), (SlowConsumerPolicy::DropOldest, 8)] {
        // The rest of the broadcast has room, but not the answer after it.
        let limits = Limits { slow_consumer, send_queue: 80, ..Limits::default() };
        let (counters, (near, _far)) = (Arc::default(), connected());
        let queue = SocketSendQueue::new(near, &limits, &counters);
        assert_eq!(queue.push(&mut queue.lock(), &payload, 1), Err(SendQueueFull));
        let Counters { bytes_waiting, bytes_dropped, .. } = &*counters;
        let dropped = payload.len() - 1 - waiting;
        assert_eq!((bytes_waiting.get(), bytes_dropped.get()), (waiting as u64, dropped as u64), "{slow_consumer:?}");
    }
}

#[test]
fn dropped_bytes_do_not_count_as_waiting() {
    let (batch, view) = broadcast_and_answer(&[b'x'; 70]);
    let payload = view.payload(&batch, 0..1);
    // The answer has no room even after the broadcast before it is dropped.
    let limits = Limits { slow_consumer: SlowConsumerPolicy::DropOldest, send_queue: 80, ..Limits::default() };
    let (counters, (near, _far)) = (Arc::default(), connected());
    let queue = SocketSendQueue::new(near, &limits, &counters);
    assert_eq!(queue.push(&mut queue.lock(), &payload, 0), Err(SendQueueFull));
    let Counters { bytes_waiting, bytes_dropped, .. } = &*counters;
    assert_eq!((bytes_waiting.get(), bytes_dropped.get()), (0, payload.len() as u64));
}
