//! A stream: the broadcasts of a batch to one room, as one encoder encodes them.
//!
//! This module must not know who reads the stream.

use std::cell::OnceCell;
use std::sync::Arc;

use super::{EncoderPanicked, Sequence, append, empty};
use crate::model::event::Event;
use crate::session::{Encoder, Place};

/// The broadcasts of a batch, in order, in one buffer.
#[derive(Debug)]
pub(super) struct Stream {
    encoder: Encoder,
    place: Place,
    buffers: Buffers,
    /// A copy of the bytes, which all recipients with full sockets share. The first of these recipients makes it.
    shared_copy: OnceCell<Arc<[u8]>>,
    /// Whether the batch has a broadcast for this stream, perhaps one that the encoder does not show.
    active: bool,
    /// Whether the encoder panicked, so that a broadcast is missing.
    broken: bool,
}

/// The buffers of an active stream.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    bytes: Vec<u8>,
    /// The sequence of each broadcast, and the offset at which its bytes end.
    marks: Vec<(Sequence, usize)>,
}

impl Stream {
    pub(super) fn new(encoder: Encoder, place: Place) -> Stream {
        Stream {
            encoder,
            place,
            buffers: Buffers::default(),
            shared_copy: OnceCell::new(),
            active: false,
            broken: false,
        }
    }

    /// Encodes `event`, appends its bytes, and returns their number.
    pub(super) fn push(&mut self, sequence: Sequence, event: &Event) -> Result<usize, EncoderPanicked> {
        let appended = append(&mut self.buffers.bytes, |out| self.encoder.encode_in(self.place, event, out));
        self.broken |= appended.is_err();
        let bytes = appended?.len();
        // An event that the encoder does not show is no message that a recipient could miss.
        if bytes > 0 {
            self.buffers.marks.push((sequence, self.buffers.bytes.len()));
        }
        Ok(bytes)
    }

    /// Returns whether the batch has a broadcast for this stream.
    pub(super) fn is_active(&self) -> bool {
        self.active
    }

    /// Returns whether a broadcast of this batch is missing.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    pub(super) fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffers.bytes
    }

    /// Returns the offset at which the broadcasts before `sequence` end.
    pub(super) fn end_before(&self, sequence: Sequence) -> usize {
        let before = self.buffers.marks.partition_point(|&(other, _)| other < sequence);
        before.checked_sub(1).map_or(0, |last| self.buffers.marks[last].1)
    }

    /// Returns the broadcasts between the offsets `from` and `to`, each with its sequence and range. Both offsets must
    /// be boundaries of broadcasts.
    pub(super) fn broadcasts(
        &self,
        from: usize,
        to: usize,
    ) -> impl Iterator<Item = (Sequence, std::ops::Range<usize>)> {
        let first = self.buffers.marks.partition_point(|&(_, end)| end <= from);
        let mut at = from;
        let ends = self.buffers.marks[first..].iter().take_while(move |&&(_, end)| end <= to);
        ends.map(move |&(sequence, end)| (sequence, std::mem::replace(&mut at, end)..end))
    }

    /// Returns the offset at which the first broadcast at or after `at` begins, or the end of the stream.
    pub(super) fn next_boundary(&self, at: usize) -> usize {
        let before = self.buffers.marks.partition_point(|&(_, end)| end < at);
        if at == 0 { 0 } else { self.buffers.marks.get(before).map_or(self.buffers.bytes.len(), |&(_, end)| end) }
    }

    /// Returns the number of broadcasts between the offsets `from` and `to`, and the first and the last sequence.
    /// Returns `None` if there are none.
    pub(super) fn sequences(&self, from: usize, to: usize) -> Option<(usize, Sequence, Sequence)> {
        let marks = &self.buffers.marks;
        let first = marks.partition_point(|&(_, end)| end <= from);
        let after = marks.partition_point(|&(_, end)| end <= to);
        (first < after).then(|| (after - first, marks[first].0, marks[after - 1].0))
    }

    /// Returns a copy of all bytes, which the send queues share.
    pub(super) fn shared_copy(&self) -> &Arc<[u8]> {
        self.shared_copy.get_or_init(|| self.buffers.bytes.as_slice().into())
    }

    /// Makes the stream active. The `buffers` must be empty.
    pub(super) fn activate(&mut self, buffers: Buffers) {
        self.buffers = buffers;
        self.active = true;
    }

    /// Makes the stream ready for the next batch, and returns its emptied buffers.
    pub(super) fn clear(&mut self) -> Buffers {
        let mut buffers = std::mem::take(&mut self.buffers);
        empty(&mut buffers.bytes);
        buffers.marks.clear();
        self.shared_copy.take();
        (self.active, self.broken) = (false, false);
        buffers
    }
}
