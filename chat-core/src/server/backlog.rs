//! What waits for one member, bounded in bytes.

use std::collections::VecDeque;
use std::io::IoSlice;

use super::direct::PIECES;
use crate::outbox::TooSlow;
use crate::pass::Kept;

/// What one kept piece costs beside its bytes: its place in the queue and its allocation.
const PIECE_COST: usize = 64;

/// A queue of bytes that counts what it keeps alive.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    pieces: VecDeque<Kept>,
    bytes: usize,
}

impl Backlog {
    /// Keeps `piece`, unless more than `limit` bytes would then be kept.
    pub(super) fn push(&mut self, piece: Kept, limit: usize) -> Result<(), TooSlow> {
        let length = piece.as_slice().len();
        if self.bytes + length + (self.pieces.len() + 1) * PIECE_COST > limit {
            return Err(TooSlow);
        }
        self.bytes += length;
        self.pieces.push_back(piece);
        Ok(())
    }

    /// How many bytes wait.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The first pieces, of about `bytes` bytes together and no more than one write takes: cheap clones, to be written
    /// without holding up those who push.
    pub(super) fn front(&self, bytes: usize) -> Vec<Kept> {
        let mut room = bytes;
        let fitting = self.pieces.iter().take_while(|piece| {
            let fits = room > 0;
            room = room.saturating_sub(piece.as_slice().len());
            fits
        });
        fitting.take(PIECES).cloned().collect()
    }

    /// Forgets the first `count` bytes: they are written.
    pub(super) fn advance(&mut self, mut count: usize) {
        self.bytes = self.bytes.checked_sub(count).expect("no more was written than is kept");
        while count > 0 {
            let first = self.pieces.front_mut().expect("no more was written than is kept");
            let length = first.as_slice().len();
            if count < length {
                first.advance(count);
                return;
            }
            count -= length;
            self.pieces.pop_front();
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Backlog::default();
    }
}

/// The pieces as one vectored write takes them: at most `bytes` bytes, so that progress shows soon.
pub(super) fn slices(pieces: &[Kept], bytes: usize) -> Vec<IoSlice<'_>> {
    let mut room = bytes;
    let cut = pieces.iter().map(|piece| {
        let piece = piece.as_slice();
        let piece = &piece[..piece.len().min(room)];
        room -= piece.len();
        IoSlice::new(piece)
    });
    cut.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(bytes: &[u8]) -> Kept {
        Kept::copy(bytes).expect("there are bytes")
    }

    #[test]
    fn what_is_pushed_comes_out_in_order_however_it_is_cut() {
        let mut backlog = Backlog::default();
        for bytes in [&b"one"[..], b"two", b"three"] {
            backlog.push(kept(bytes), 1000).expect("it fits");
        }
        let mut written = Vec::new();
        for count in [1, 2, 4, 3, 1] {
            let front = backlog.front(count);
            let slices = slices(&front, count);
            assert_eq!(slices.iter().map(|slice| slice.len()).sum::<usize>(), count);
            for slice in slices {
                written.extend_from_slice(&slice);
            }
            backlog.advance(count);
        }
        assert_eq!(written, b"onetwothree");
        assert!(backlog.is_empty());
    }

    #[test]
    fn it_takes_no_more_than_its_limit_and_counts_what_a_piece_costs() {
        let mut backlog = Backlog::default();
        let limit = 10 * (PIECE_COST + 1);
        for _ in 0..10 {
            backlog.push(kept(b"x"), limit).expect("it fits");
        }
        assert_eq!(backlog.push(kept(b"x"), limit), Err(TooSlow));
        backlog.advance(1);
        assert_eq!(backlog.push(kept(b"x"), limit), Ok(()));
    }
}
