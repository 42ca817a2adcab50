//! What is said to one room in this batch, as one framing shows it.

use std::cell::OnceCell;
use std::sync::Arc;

use super::{EncoderPanicked, Sequence, append, empty};
use crate::model::event::Event;
use crate::session::{Encoder, Place};

/// The broadcasts of a batch, one behind the other.
#[derive(Debug)]
pub(super) struct Stream {
    encoder: Encoder,
    place: Place,
    buffers: Buffers,
    /// A copy of `bytes` for those who can't take it all at once; made for the first of them.
    kept: OnceCell<Arc<[u8]>>,
    /// Something was said, be it nothing that shows.
    loud: bool,
    broken: bool,
}

/// What a stream needs while something is said.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    bytes: Vec<u8>,
    /// Of each broadcast its sequence, and where it ends.
    marks: Vec<(Sequence, usize)>,
}

impl Stream {
    pub(super) fn new(encoder: Encoder, place: Place) -> Stream {
        Stream { encoder, place, buffers: Buffers::default(), kept: OnceCell::new(), loud: false, broken: false }
    }

    /// Says `event`; how many bytes that is.
    pub(super) fn say(&mut self, sequence: Sequence, event: &Event) -> Result<usize, EncoderPanicked> {
        let said = append(&mut self.buffers.bytes, |out| self.encoder.encode_in(self.place, event, out));
        self.broken |= said.is_err();
        let bytes = said?.len();
        // What this framing does not show can't be missed either.
        if bytes > 0 {
            self.buffers.marks.push((sequence, self.buffers.bytes.len()));
        }
        Ok(bytes)
    }

    /// Whether nothing was said in this batch.
    pub(super) fn is_silent(&self) -> bool {
        !self.loud
    }

    /// Whether something is missing in this batch that everybody should have heard.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffers.bytes
    }

    /// Where the broadcasts before `sequence` end.
    pub(super) fn end_before(&self, sequence: Sequence) -> usize {
        let before = self.buffers.marks.partition_point(|&(other, _)| other < sequence);
        before.checked_sub(1).map_or(0, |last| self.buffers.marks[last].1)
    }

    /// The broadcasts from `from` to `to`, which must lie between two broadcasts, each with its sequence and bytes.
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

    /// Where the first broadcast begins that does so at `at` or later; the end, if none does.
    pub(super) fn next_beginning(&self, at: usize) -> usize {
        let before = self.buffers.marks.partition_point(|&(_, end)| end < at);
        if at == 0 { 0 } else { self.buffers.marks.get(before).map_or(self.buffers.bytes.len(), |&(_, end)| end) }
    }

    /// Those broadcasts that lie between these places: how many, and the sequences of the first and the last.
    pub(super) fn sequences(&self, from: usize, to: usize) -> Option<(usize, Sequence, Sequence)> {
        let marks = &self.buffers.marks;
        let first = marks.partition_point(|&(_, end)| end <= from);
        let behind = marks.partition_point(|&(_, end)| end <= to);
        (first < behind).then(|| (behind - first, marks[first].0, marks[behind - 1].0))
    }

    /// All bytes, for those who can't take them now.
    pub(super) fn queued(&self) -> &Arc<[u8]> {
        self.kept.get_or_init(|| self.buffers.bytes.as_slice().into())
    }

    /// Begins to be loud, with buffers that are empty.
    pub(super) fn begin(&mut self, buffers: Buffers) {
        self.buffers = buffers;
        self.loud = true;
    }

    /// Begins a new batch; gives its buffers back, empty.
    pub(super) fn clear(&mut self) -> Buffers {
        let mut buffers = std::mem::take(&mut self.buffers);
        empty(&mut buffers.bytes);
        buffers.marks.clear();
        self.kept.take();
        (self.loud, self.broken) = (false, false);
        buffers
    }
}
