//! Where a connection's bytes arrive: small while it is quiet, larger while much comes.

use std::io::{self, Read};

const SMALL: usize = 1024;
/// Also the most that a session may leave undecoded.
pub(super) const LARGE: usize = 64 * 1024;
/// After so many reads that would have fitted a smaller buffer, it is given back.
const QUIET: u32 = 8;

/// Bytes that came in and are not decoded yet. While it is small it has no memory of its own: it lives on the stack of
/// its thread, in pages that are there anyway.
#[derive(Debug)]
pub(super) struct Buffer {
    small: [u8; SMALL],
    /// In use instead of `small` unless it is empty.
    large: Vec<u8>,
    filled: usize,
    small_reads: u32,
}

impl Buffer {
    pub(super) fn new() -> Buffer {
        Buffer { small: [0; SMALL], large: Vec::new(), filled: 0, small_reads: 0 }
    }

    /// Reads once behind what is there. There must be room: see [`is_stuck`](Self::is_stuck).
    pub(super) fn fill(&mut self, mut stream: impl Read) -> io::Result<usize> {
        let filled = self.filled;
        let count = stream.read(&mut self.bytes()[filled..])?;
        self.filled += count;
        Ok(count)
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        let bytes = if self.large.is_empty() { &self.small[..] } else { &self.large };
        &bytes[..self.filled]
    }

    /// Whether it can hold no more.
    pub(super) fn is_stuck(&self) -> bool {
        self.filled >= LARGE
    }

    /// Forgets all but the last `rest` bytes, and fits the room to what comes.
    pub(super) fn keep_last(&mut self, rest: usize) {
        let came = self.filled;
        self.bytes().copy_within(came - rest..came, 0);
        self.filled = rest;
        let size = self.bytes().len();
        if came == size {
            self.resize((size * 4).min(LARGE));
        } else if size > SMALL && came < size / 4 {
            self.small_reads += 1;
            if self.small_reads == QUIET {
                self.resize((size / 4).max(SMALL));
            }
        } else {
            self.small_reads = 0;
        }
    }

    /// Changes the room, which must be enough for what is there.
    fn resize(&mut self, size: usize) {
        self.small_reads = 0;
        if size > SMALL {
            let mut bytes = self.as_slice().to_vec();
            bytes.resize(size, 0);
            self.large = bytes;
        } else if !self.large.is_empty() {
            let large = std::mem::take(&mut self.large);
            self.small[..self.filled].copy_from_slice(&large[..self.filled]);
        }
    }

    fn bytes(&mut self) -> &mut [u8] {
        if self.large.is_empty() { &mut self.small } else { &mut self.large }
    }

    pub(super) fn clear(&mut self) {
        self.filled = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_while_reads_fill_it_and_shrinks_when_they_do_not() {
        let mut buffer = Buffer::new();
        for _ in 0..10 {
            buffer.fill(io::repeat(b'x')).expect("a repeat can be read");
            buffer.keep_last(0);
        }
        assert_eq!(buffer.bytes().len(), LARGE);
        for _ in 0..100 {
            buffer.fill(&b"little"[..]).expect("a slice can be read");
            assert_eq!(buffer.as_slice(), b"little");
            buffer.keep_last(0);
        }
        assert_eq!(buffer.bytes().len(), SMALL);
        assert_eq!(buffer.large.capacity(), 0);
    }

    #[test]
    fn what_is_kept_stands_before_what_comes() {
        let mut buffer = Buffer::new();
        buffer.fill(&b"one two"[..]).expect("a slice can be read");
        buffer.keep_last(3);
        buffer.fill(&b" three"[..]).expect("a slice can be read");
        assert_eq!(buffer.as_slice(), b"two three");
    }

    #[test]
    fn a_session_that_decodes_nothing_gets_it_stuck() {
        let mut buffer = Buffer::new();
        while !buffer.is_stuck() {
            buffer.fill(io::repeat(b'x')).expect("a repeat can be read");
            buffer.keep_last(buffer.as_slice().len());
        }
        assert_eq!(buffer.as_slice().len(), LARGE);
    }
}
