//! What waits for one member, bounded in bytes.

use std::io::IoSlice;

use super::nonblocking::PIECES;
use crate::hub::batch::{MessageRange, QueuedBytes, QueuedRun};
use crate::hub::drop_oldest_queue::{DropOldestQueue, Place};
use crate::hub::send_queue::SendQueueFull;

/// What one kept piece costs beside its bytes: its place in the queue and its allocation.
const PIECE_COST: usize = 64;

/// A queue of bytes that counts what it keeps alive.
#[derive(Debug, Default)]
pub(super) struct BoundedQueue {
    pieces: DropOldestQueue<QueuedBytes>,
    bytes: usize,
}

/// What was left out for something else.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Dropped {
    pub(super) bytes: usize,
    pub(super) messages: u64,
}

impl Dropped {
    fn add(&mut self, bytes: usize, messages: MessageRange) {
        self.bytes += bytes;
        self.messages += messages.count;
    }
}

impl BoundedQueue {
    /// Keeps `piece`, unless more than `limit` bytes would then be kept.
    pub(super) fn push(&mut self, piece: QueuedBytes, limit: usize) -> Result<(), SendQueueFull> {
        if !self.has_room(piece.as_slice().len(), limit) {
            return Err(SendQueueFull);
        }
        self.add((piece, None));
        Ok(())
    }

    /// Keeps the piece; if more than `limit` bytes would then be kept, the oldest that may be left out is, or else the
    /// piece itself. Returns what was left out.
    pub(super) fn push_dropping_oldest(
        &mut self,
        (piece, messages): QueuedRun,
        limit: usize,
    ) -> Result<Dropped, SendQueueFull> {
        let length = piece.as_slice().len();
        let mut dropped = Dropped::default();
        while !self.has_room(length, limit) {
            let Some((oldest, old)) = self.pieces.drop_oldest() else {
                let messages = messages.ok_or(SendQueueFull)?;
                self.pieces.push_gap(messages);
                dropped.add(length, messages);
                return Ok(dropped);
            };
            self.bytes -= oldest.as_slice().len();
            dropped.add(oldest.as_slice().len(), old);
        }
        self.add((piece, messages));
        Ok(dropped)
    }

    fn has_room(&self, length: usize, limit: usize) -> bool {
        self.bytes + length + (self.pieces.len() + 1) * PIECE_COST <= limit
    }

    fn add(&mut self, (piece, messages): QueuedRun) {
        self.bytes += piece.as_slice().len();
        self.pieces.push(piece, messages);
    }

    /// How many bytes wait.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The first pieces, of about `bytes` bytes together and no more than one write takes: cheap clones, to be written
    /// without holding up those who push. Gaps become what `tell` makes of them; how many bytes that is, comes back.
    pub(super) fn front(
        &mut self,
        bytes: usize,
        mut tell: impl FnMut(MessageRange) -> Vec<u8>,
    ) -> (Vec<QueuedBytes>, usize) {
        let (mut front, mut room, mut told) = (Vec::new(), bytes, 0);
        while room > 0 && front.len() < PIECES {
            // What may be written in part from here on must be written.
            let Some(place) = self.pieces.flush(front.len()) else { break };
            if let Place::Gap(messages) = place {
                let Some(kept) = QueuedBytes::copy(&tell(*messages)) else {
                    // A framing that does not show it.
                    self.pieces.remove(front.len());
                    continue;
                };
                told += kept.as_slice().len();
                *place = Place::QueuedBytes(kept);
            }
            let Place::QueuedBytes(kept) = place else { unreachable!("gaps are told") };
            room = room.saturating_sub(kept.as_slice().len());
            front.push(kept.clone());
        }
        self.bytes += told;
        (front, told)
    }

    /// Forgets the first `count` bytes: they are written.
    pub(super) fn advance(&mut self, mut count: usize) {
        self.bytes = self.bytes.checked_sub(count).expect("no more was written than is kept");
        while count > 0 {
            let Some(Place::QueuedBytes(first)) = self.pieces.flush(0) else {
                unreachable!("no more was written than is kept")
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

/// The pieces as one vectored write takes them: at most `bytes` bytes, so that progress shows soon.
pub(super) fn slices(pieces: &[QueuedBytes], bytes: usize) -> Vec<IoSlice<'_>> {
    let mut room = bytes;
    let exclusion = pieces.iter().map(|piece| {
        let piece = piece.as_slice();
        let piece = &piece[..piece.len().min(room)];
        room -= piece.len();
        IoSlice::new(piece)
    });
    exclusion.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queued(bytes: &[u8]) -> QueuedBytes {
        QueuedBytes::copy(bytes).expect("there are bytes")
    }

    #[test]
    fn what_is_pushed_comes_out_in_order_however_it_is_cut() {
        let mut queue = BoundedQueue::default();
        for bytes in [&b"one"[..], b"two", b"three"] {
            queue.push(queued(bytes), 1000).expect("it fits");
        }
        let mut written = Vec::new();
        for count in [1, 2, 4, 3, 1] {
            let (front, _) = queue.front(count, |_| unreachable!("nothing is left out"));
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
    fn it_takes_no_more_than_its_limit_and_counts_what_a_piece_costs() {
        let mut queue = BoundedQueue::default();
        let limit = 10 * (PIECE_COST + 1);
        for _ in 0..10 {
            queue.push(queued(b"x"), limit).expect("it fits");
        }
        assert_eq!(queue.push(queued(b"x"), limit), Err(SendQueueFull));
        queue.advance(1);
        assert_eq!(queue.push(queued(b"x"), limit), Ok(()));
    }

    #[test]
    fn the_oldest_that_may_be_left_out_is_and_its_place_is_kept() {
        let messages = |number| MessageRange { count: 1, first: number, last: number };
        let mut queue = BoundedQueue::default();
        let limit = 5 * (PIECE_COST + 1);
        let push = |queue: &mut BoundedQueue, byte: u8, number: Option<u64>| {
            queue.push_dropping_oldest((queued(&[byte]), number.map(messages)), limit)
        };
        let nothing = Ok(Dropped::default());
        for (byte, number) in [(b'a', Some(1)), (b'b', Some(2)), (b'!', None), (b'c', Some(3)), (b'd', Some(4))] {
            assert_eq!(push(&mut queue, byte, number), nothing);
        }
        // The first is being written, so the second is the oldest.
        assert_eq!(queue.front(1, |_| Vec::new()).0.len(), 1);
        // A gap has a place, too; only what makes one of two saves some.
        assert_eq!(push(&mut queue, b'e', Some(5)), Ok(Dropped { bytes: 3, messages: 3 }));
        queue.advance(1);
        assert_eq!(push(&mut queue, b'f', Some(6)), nothing);
        let tell = |MessageRange { count, first, last }: MessageRange| format!("({count}:{first}-{last})").into_bytes();
        let (front, told) = queue.front(100, tell);
        let shown: Vec<u8> = front.iter().flat_map(|kept| kept.as_slice().to_vec()).collect();
        assert_eq!(String::from_utf8_lossy(&shown), "(1:2-2)!(2:3-4)ef");
        assert_eq!(told, 14);
        queue.advance(shown.len());
        assert!(queue.is_empty() && queue.bytes() == 0);
    }

    #[test]
    fn what_must_not_be_left_out_is_not() {
        let mut queue = BoundedQueue::default();
        let limit = 2 * (PIECE_COST + 1);
        for _ in 0..2 {
            assert_eq!(queue.push_dropping_oldest((queued(b"!"), None), limit), Ok(Dropped::default()));
        }
        assert_eq!(queue.push_dropping_oldest((queued(b"!"), None), limit), Err(SendQueueFull));
        let message = MessageRange { count: 3, first: 7, last: 9 };
        assert_eq!(
            queue.push_dropping_oldest((queued(b"abc"), Some(message)), limit),
            Ok(Dropped { bytes: 3, messages: 3 })
        );
    }
}
