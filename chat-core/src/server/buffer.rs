//! The read buffer of a connection: it grows while reads fill it, and shrinks when they do not.
//!
//! This module must not know what the bytes mean.

use std::io::{self, Read};

/// The least capacity, in bytes.
const SMALL: usize = 1024;
/// The largest capacity, in bytes. A session must leave fewer bytes than this undecoded.
pub(super) const LARGE: usize = 64 * 1024;
/// The buffer shrinks after this many reads in a row that fill less than a quarter of it.
const SMALL_READS: u32 = 8;

/// Bytes that are read but not decoded yet. At its least capacity the buffer needs no heap memory: it lives on the
/// stack of the reader thread, in pages that are resident anyway.
#[derive(Debug)]
pub(super) struct Buffer {
    small: [u8; SMALL],
    /// The buffer in use instead of `small`; empty while `small` is in use.
    large: Vec<u8>,
    filled: usize,
    /// The number of reads in a row that filled less than a quarter of the buffer.
    small_reads: u32,
}

impl Buffer {
    pub(super) fn new() -> Buffer {
        Buffer { small: [0; SMALL], large: Vec::new(), filled: 0, small_reads: 0 }
    }

    /// Reads once, and appends the bytes. The buffer must not be full: see [`is_full`](Self::is_full).
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

    /// Returns whether the buffer is at its largest capacity and full.
    pub(super) fn is_full(&self) -> bool {
        self.filled >= LARGE
    }

    /// Removes all but the last `rest` bytes, and adapts the capacity to the reads.
    pub(super) fn keep_last(&mut self, rest: usize) {
        let filled = self.filled;
        self.bytes().copy_within(filled - rest..filled, 0);
        self.filled = rest;
        let size = self.bytes().len();
        if filled == size {
            self.resize((size * 4).min(LARGE));
        } else if size > SMALL && filled < size / 4 {
            self.small_reads += 1;
            if self.small_reads == SMALL_READS {
                self.resize((size / 4).max(SMALL));
            }
        } else {
            self.small_reads = 0;
        }
    }

    /// Changes the capacity, which must be enough for the bytes in the buffer.
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
    fn buffer_grows_and_shrinks_with_its_reads() {
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
    fn kept_bytes_precede_new_bytes() {
        let mut buffer = Buffer::new();
        buffer.fill(&b"one two"[..]).expect("a slice can be read");
        buffer.keep_last(3);
        buffer.fill(&b" three"[..]).expect("a slice can be read");
        assert_eq!(buffer.as_slice(), b"two three");
    }

    #[test]
    fn undecoded_bytes_fill_the_buffer() {
        let mut buffer = Buffer::new();
        while !buffer.is_full() {
            buffer.fill(io::repeat(b'x')).expect("a repeat can be read");
            buffer.keep_last(buffer.as_slice().len());
        }
        assert_eq!(buffer.as_slice().len(), LARGE);
    }
}
