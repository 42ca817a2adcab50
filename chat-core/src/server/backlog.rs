//! What waits for one member, bounded in bytes.

use std::io::IoSlice;

use super::nonblocking::PIECES;
use crate::hub::batch::{Kept, Messages, Run};
use crate::hub::gaps::{Gapped, Place};
use crate::hub::send_queue::TooSlow;

/// What one kept piece costs beside its bytes: its place in the queue and its allocation.
const PIECE_COST: usize = 64;

/// A queue of bytes that counts what it keeps alive.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    pieces: Gapped<Kept>,
    bytes: usize,
}

/// What was left out for something else.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct LeftOut {
    pub(super) bytes: usize,
    pub(super) messages: u64,
}

impl LeftOut {
    fn add(&mut self, bytes: usize, messages: Messages) {
        self.bytes += bytes;
        self.messages += messages.count;
    }
}

impl Backlog {
    /// Keeps `piece`, unless more than `limit` bytes would then be kept.
    pub(super) fn push(&mut self, piece: Kept, limit: usize) -> Result<(), TooSlow> {
        if !self.has_room(piece.as_slice().len(), limit) {
            return Err(TooSlow);
        }
        self.add((piece, None));
        Ok(())
    }

    /// Keeps the piece; if more than `limit` bytes would then be kept, the oldest that may be left out is, or else the
    /// piece itself. Returns what was left out.
    pub(super) fn push_and_skip(&mut self, (piece, messages): Run, limit: usize) -> Result<LeftOut, TooSlow> {
        let length = piece.as_slice().len();
        let mut left_out = LeftOut::default();
        while !self.has_room(length, limit) {
            let Some((oldest, old)) = self.pieces.leave_one_out() else {
                let messages = messages.ok_or(TooSlow)?;
                self.pieces.push_gap(messages);
                left_out.add(length, messages);
                return Ok(left_out);
            };
            self.bytes -= oldest.as_slice().len();
            left_out.add(oldest.as_slice().len(), old);
        }
        self.add((piece, messages));
        Ok(left_out)
    }

    fn has_room(&self, length: usize, limit: usize) -> bool {
        self.bytes + length + (self.pieces.len() + 1) * PIECE_COST <= limit
    }

    fn add(&mut self, (piece, messages): Run) {
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
    pub(super) fn front(&mut self, bytes: usize, mut tell: impl FnMut(Messages) -> Vec<u8>) -> (Vec<Kept>, usize) {
        let (mut front, mut room, mut told) = (Vec::new(), bytes, 0);
        while room > 0 && front.len() < PIECES {
            // What may be written in part from here on must be written.
            let Some(place) = self.pieces.settle(front.len()) else { break };
            if let Place::Gap(messages) = place {
                let Some(kept) = Kept::copy(&tell(*messages)) else {
                    // A framing that does not show it.
                    self.pieces.remove(front.len());
                    continue;
                };
                told += kept.as_slice().len();
                *place = Place::Kept(kept);
            }
            let Place::Kept(kept) = place else { unreachable!("gaps are told") };
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
            let Some(Place::Kept(first)) = self.pieces.settle(0) else {
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
            let (front, _) = backlog.front(count, |_| unreachable!("nothing is left out"));
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

    #[test]
    fn the_oldest_that_may_be_left_out_is_and_its_place_is_kept() {
        let messages = |number| Messages { count: 1, first: number, last: number };
        let mut backlog = Backlog::default();
        let limit = 5 * (PIECE_COST + 1);
        let push = |backlog: &mut Backlog, byte: u8, number: Option<u64>| {
            backlog.push_and_skip((kept(&[byte]), number.map(messages)), limit)
        };
        let nothing = Ok(LeftOut::default());
        for (byte, number) in [(b'a', Some(1)), (b'b', Some(2)), (b'!', None), (b'c', Some(3)), (b'd', Some(4))] {
            assert_eq!(push(&mut backlog, byte, number), nothing);
        }
        // The first is being written, so the second is the oldest.
        assert_eq!(backlog.front(1, |_| Vec::new()).0.len(), 1);
        // A gap has a place, too; only what makes one of two saves some.
        assert_eq!(push(&mut backlog, b'e', Some(5)), Ok(LeftOut { bytes: 3, messages: 3 }));
        backlog.advance(1);
        assert_eq!(push(&mut backlog, b'f', Some(6)), nothing);
        let tell = |Messages { count, first, last }: Messages| format!("({count}:{first}-{last})").into_bytes();
        let (front, told) = backlog.front(100, tell);
        let shown: Vec<u8> = front.iter().flat_map(|kept| kept.as_slice().to_vec()).collect();
        assert_eq!(String::from_utf8_lossy(&shown), "(1:2-2)!(2:3-4)ef");
        assert_eq!(told, 14);
        backlog.advance(shown.len());
        assert!(backlog.is_empty() && backlog.bytes() == 0);
    }

    #[test]
    fn what_must_not_be_left_out_is_not() {
        let mut backlog = Backlog::default();
        let limit = 2 * (PIECE_COST + 1);
        for _ in 0..2 {
            assert_eq!(backlog.push_and_skip((kept(b"!"), None), limit), Ok(LeftOut::default()));
        }
        assert_eq!(backlog.push_and_skip((kept(b"!"), None), limit), Err(TooSlow));
        let message = Messages { count: 3, first: 7, last: 9 };
        assert_eq!(backlog.push_and_skip((kept(b"abc"), Some(message)), limit), Ok(LeftOut { bytes: 3, messages: 3 }));
    }
}
