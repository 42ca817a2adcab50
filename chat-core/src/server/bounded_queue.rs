//! The bounded queue of the bytes that wait for one socket, and its drop policy for a slow client.
//!
//! This module must not know a socket or a thread.

use std::io::IoSlice;

use super::nonblocking::MAX_PIECES;
use crate::hub::batch::{EncodedMessages, QueuedBytes, QueuedRun};
use crate::hub::drop_oldest_queue::{DropOldestQueue, Entry};
use crate::hub::send_queue::SendQueueFull;

/// The number of bytes that each queued piece counts in addition to its own, for its queue entry and its allocation.
const PIECE_OVERHEAD: usize = 64;

/// A bounded queue of bytes.
#[derive(Debug, Default)]
pub(super) struct BoundedQueue {
    pieces: DropOldestQueue<QueuedBytes, EncodedMessages>,
    bytes: usize,
}

/// The bytes and messages that a push dropped to make room.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Dropped {
    pub(super) bytes: usize,
    pub(super) messages: u64,
}

/// The error of a push without room for a piece that must not be dropped. It counts what the push dropped before.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoRoom(pub(super) Dropped);

impl Dropped {
    fn add(&mut self, bytes: usize, gap: &EncodedMessages) {
        self.bytes += bytes;
        self.messages += gap.messages.count;
    }
}

impl BoundedQueue {
    /// Queues `piece`, unless the queue would exceed `limit` bytes, including the overhead of the pieces.
    pub(super) fn push(&mut self, piece: QueuedBytes, limit: usize) -> Result<(), SendQueueFull> {
        if !self.has_room(piece.as_slice().len(), limit) {
            return Err(SendQueueFull);
        }
        self.add((piece, None));
        Ok(())
    }

    /// Queues the piece, and returns how much was dropped for it. While the queue would exceed `limit` bytes, the queue
    /// drops its oldest droppable piece. If it has none, it drops the new piece.
    ///
    /// # Errors
    ///
    /// [`NoRoom`] if there is no room, and neither a queued piece nor the new one is droppable.
    pub(super) fn push_dropping_oldest(&mut self, (piece, gap): QueuedRun, limit: usize) -> Result<Dropped, NoRoom> {
        let length = piece.as_slice().len();
        let mut dropped = Dropped::default();
        while !self.has_room(length, limit) {
            let Some((oldest, old)) = self.pieces.drop_oldest() else {
                let Some(gap) = gap else { return Err(NoRoom(dropped)) };
                dropped.add(length, &gap);
                self.pieces.push_gap(gap);
                return Ok(dropped);
            };
            self.bytes -= oldest.as_slice().len();
            dropped.add(oldest.as_slice().len(), &old);
        }
        self.add((piece, gap));
        Ok(dropped)
    }

    fn has_room(&self, length: usize, limit: usize) -> bool {
        self.bytes + length + (self.pieces.len() + 1) * PIECE_OVERHEAD <= limit
    }

    fn add(&mut self, (piece, gap): QueuedRun) {
        self.bytes += piece.as_slice().len();
        self.pieces.push(piece, gap);
    }

    /// Returns how many bytes are queued, without the overhead of the pieces.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Returns cheap clones of the first pieces: about `bytes` bytes, and no more pieces than one write takes. So the
    /// writer thread can write them without a lock while the hub pushes.
    ///
    /// `encode_gap` turns a gap into bytes. The second value is the number of bytes of the encoded gaps.
    pub(super) fn front(
        &mut self,
        bytes: usize,
        mut encode_gap: impl FnMut(&EncodedMessages) -> Vec<u8>,
    ) -> (Vec<QueuedBytes>, usize) {
        let (mut front, mut room, mut gap_bytes) = (Vec::new(), bytes, 0);
        while room > 0 && front.len() < MAX_PIECES {
            // A write may take a part of a piece, so a returned piece must not be dropped any more.
            let Some(entry) = self.pieces.pin(front.len()) else { break };
            if let Entry::Gap(gap) = entry {
                let Some(encoded) = QueuedBytes::copy(&encode_gap(gap)) else {
                    // The encoder does not show gaps.
                    self.pieces.remove(front.len());
                    continue;
                };
                gap_bytes += encoded.as_slice().len();
                *entry = Entry::Item(encoded);
            }
            let Entry::Item(piece) = entry else { unreachable!("gaps are encoded") };
            room = room.saturating_sub(piece.as_slice().len());
            front.push(piece.clone());
        }
        self.bytes += gap_bytes;
        (front, gap_bytes)
    }

    /// Removes the first `count` bytes, which the writer thread has written.
    ///
    /// # Panics
    ///
    /// If fewer bytes are queued.
    pub(super) fn advance(&mut self, mut count: usize) {
        self.bytes = self.bytes.checked_sub(count).expect("no more bytes are written than queued");
        while count > 0 {
            let Some(Entry::Item(first)) = self.pieces.pin(0) else {
                unreachable!("no more bytes are written than queued")
            };
            let length = first.as_slice().len();
            if count < length {
                first.advance(count);
                return;
            }
            count -= length;
            self.pieces.pop();
        }
    }

    pub(super) fn clear(&mut self) {
        *self = BoundedQueue::default();
    }
}

/// Returns the pieces as slices for one vectored write, at most `bytes` bytes together.
pub(super) fn slices(pieces: &[QueuedBytes], bytes: usize) -> Vec<IoSlice<'_>> {
    let mut room = bytes;
    let slices = pieces.iter().map(|piece| {
        let piece = piece.as_slice();
        let piece = &piece[..piece.len().min(room)];
        room -= piece.len();
        IoSlice::new(piece)
    });
    slices.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::batch::MessageRange;
    use crate::model::event::Event;
    use crate::session::{Encode, Encoder};

    fn queued(bytes: &[u8]) -> QueuedBytes {
        QueuedBytes::copy(bytes).expect("there are bytes")
    }

    /// An encoder that shows no event. Two of these encoders are equal if their names have the same length.
    struct Named(&'static str);

    impl Encode for Named {
        fn encode(&self, _: &Event, _: &mut Vec<u8>) {}

        fn variant(&self) -> u64 {
            self.0.len() as u64
        }
    }

    fn messages(messages: MessageRange, framing: &'static str) -> EncodedMessages {
        EncodedMessages { messages, encoder: Encoder::new(Named(framing)) }
    }

    #[test]
    fn gaps_of_two_framings_stay_apart() {
        let mut queue = BoundedQueue::default();
        let limit = 4 * (PIECE_OVERHEAD + 1);
        for (number, framing) in (1..).zip(["plain", "plain", "json", "json"]) {
            let messages = messages(MessageRange { count: 1, first: number, last: number }, framing);
            queue.push_dropping_oldest((queued(b"x"), Some(messages)), limit).expect("it fits");
        }
        let last = messages(MessageRange { count: 1, first: 5, last: 5 }, "json");
        queue
            .push_dropping_oldest((queued(&[b'x'; 2 * PIECE_OVERHEAD]), Some(last)), limit)
            .expect("messages are dropped");
        let mut gaps = Vec::new();
        queue.front(1000, |gap| {
            gaps.push((gap.encoder.clone(), gap.messages.first, gap.messages.last));
            Vec::new()
        });
        let encoder = |framing| Encoder::new(Named(framing));
        assert_eq!(gaps, [(encoder("plain"), 1, 2), (encoder("json"), 3, 5)]);
    }

    #[test]
    fn partial_writes_keep_bytes_in_order() {
        let mut queue = BoundedQueue::default();
        for bytes in [&b"one"[..], b"two", b"three"] {
            queue.push(queued(bytes), 1000).expect("it fits");
        }
        let mut written = Vec::new();
        for count in [1, 2, 4, 3, 1] {
            let (front, _) = queue.front(count, |_| unreachable!("no piece was dropped"));
            let slices = slices(&front, count);
            assert_eq!(slices.iter().map(|slice| slice.len()).sum::<usize>(), count);
            for slice in slices {
                written.extend_from_slice(&slice);
            }
            queue.advance(count);
        }
        assert_eq!(written, b"onetwothree");
        assert!(queue.is_empty());
    }

    #[test]
    fn queue_is_full_at_limit_with_overhead() {
        let mut queue = BoundedQueue::default();
        let limit = 10 * (PIECE_OVERHEAD + 1);
        for _ in 0..10 {
            queue.push(queued(b"x"), limit).expect("it fits");
        }
        assert_eq!(queue.push(queued(b"x"), limit), Err(SendQueueFull));
        queue.advance(1);
        assert_eq!(queue.push(queued(b"x"), limit), Ok(()));
    }

    #[test]
    fn full_queue_drops_oldest_and_keeps_gap() {
        let messages = |number| messages(MessageRange { count: 1, first: number, last: number }, "plain");
        let mut queue = BoundedQueue::default();
        let limit = 5 * (PIECE_OVERHEAD + 1);
        let push = |queue: &mut BoundedQueue, byte: u8, number: Option<u64>| {
            queue.push_dropping_oldest((queued(&[byte]), number.map(messages)), limit)
        };
        let nothing = Ok(Dropped::default());
        for (byte, number) in [(b'a', Some(1)), (b'b', Some(2)), (b'!', None), (b'c', Some(3)), (b'd', Some(4))] {
            assert_eq!(push(&mut queue, byte, number), nothing);
        }
        // The first piece is being written, so the second is the oldest droppable one.
        assert_eq!(queue.front(1, |_| Vec::new()).0.len(), 1);
        // A gap takes an entry, too: only a gap that merges with another saves one.
        assert_eq!(push(&mut queue, b'e', Some(5)), Ok(Dropped { bytes: 3, messages: 3 }));
        queue.advance(1);
        assert_eq!(push(&mut queue, b'f', Some(6)), nothing);
        let encode_gap = |gap: &EncodedMessages| {
            let MessageRange { count, first, last } = gap.messages;
            format!("({count}:{first}-{last})").into_bytes()
        };
        let (front, gap_bytes) = queue.front(100, encode_gap);
        let shown: Vec<u8> = front.iter().flat_map(|piece| piece.as_slice().to_vec()).collect();
        assert_eq!(String::from_utf8_lossy(&shown), "(1:2-2)!(2:3-4)ef");
        assert_eq!(gap_bytes, 14);
        queue.advance(shown.len());
        assert!(queue.is_empty() && queue.bytes() == 0);
    }

    #[test]
    fn undroppable_items_are_never_dropped() {
        let mut queue = BoundedQueue::default();
        let limit = 2 * (PIECE_OVERHEAD + 1);
        for _ in 0..2 {
            assert_eq!(queue.push_dropping_oldest((queued(b"!"), None), limit), Ok(Dropped::default()));
        }
        assert_eq!(queue.push_dropping_oldest((queued(b"!"), None), limit), Err(NoRoom(Dropped::default())));
        let message = messages(MessageRange { count: 3, first: 7, last: 9 }, "plain");
        assert_eq!(
            queue.push_dropping_oldest((queued(b"abc"), Some(message)), limit),
            Ok(Dropped { bytes: 3, messages: 3 })
        );
    }
}
