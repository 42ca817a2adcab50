//! The view of one recipient: the part of a batch that the recipient receives.
//!
//! This module must not know how a payload is sent.

use std::mem;
use std::ops::Range;

use super::payload::Piece;
use super::{Batch, Payload, Sequence, Stream, StreamId};

/// The capacity of each list that a view keeps from one batch to the next.
const KEPT_CAPACITY: usize = 16;

/// The ranges of streams that one recipient receives, and the places where it receives something else.
#[derive(Debug, Default)]
pub(crate) struct RecipientView {
    segments: Vec<Segment>,
    /// The exclusions, in the order of their sequences and without overlaps.
    exclusions: Vec<Exclusion>,
    /// The index of the first exclusion of each part, except for the first part.
    parts: Vec<usize>,
}

/// The range of a stream that the recipient receives.
#[derive(Debug)]
struct Segment {
    stream: StreamId,
    from: usize,
    /// Where the range ends; `None` for the end of the batch.
    to: Option<usize>,
}

/// A place where a view differs from the streams: excluded broadcasts, with unicast bytes after them.
#[derive(Debug)]
pub(super) struct Exclusion {
    /// The sequences of the excluded broadcasts; may be empty.
    excluded: Range<Sequence>,
    /// The unicast bytes that follow, as a range of the batch's unicast bytes; may be empty.
    unicast: Range<usize>,
}

impl RecipientView {
    /// Adds `stream` to the view, from the current end of the stream on.
    pub(crate) fn open(&mut self, stream: StreamId, batch: &Batch) {
        self.segments.push(Segment { stream, from: batch.stream(stream).bytes().len(), to: None });
    }

    /// Ends `stream` in the view, at the current end of the stream.
    pub(crate) fn close(&mut self, stream: StreamId, batch: &Batch) {
        // The open segment is near the end: a member may enter and leave many times in one batch.
        let is_open = |segment: &Segment| segment.stream == stream && segment.to.is_none();
        let Some(at) = self.segments.iter().rposition(is_open) else { return };
        let end = batch.stream(stream).bytes().len();
        if self.segments[at].from == end {
            self.segments.remove(at);
        } else {
            self.segments[at].to = Some(end);
        }
    }

    /// Returns whether a stream of the view lacks a broadcast of this batch.
    pub(crate) fn is_broken(&self, batch: &Batch) -> bool {
        self.segments.iter().any(|segment| batch.stream(segment.stream).is_broken())
    }

    /// Excludes the broadcast with this sequence, which must be the latest broadcast.
    pub(crate) fn exclude(&mut self, sequence: Sequence) {
        match self.exclusions.last_mut() {
            Some(last) if last.excluded.end == sequence => last.excluded.end = sequence + 1,
            _ => self.exclusions.push(Exclusion { excluded: sequence..sequence + 1, unicast: 0..0 }),
        }
    }

    /// Inserts unicast bytes after all broadcasts so far. `sequence` is the sequence of the next broadcast.
    pub(super) fn insert(&mut self, sequence: Sequence, unicast: Range<usize>) {
        match self.exclusions.last_mut() {
            _ if unicast.is_empty() => {}
            Some(last) if last.excluded.end == sequence && last.unicast.end == unicast.start => {
                last.unicast.end = unicast.end;
            }
            _ => self.exclusions.push(Exclusion { excluded: sequence..sequence, unicast }),
        }
    }

    /// Inserts unicast bytes like [`insert`](Self::insert), and begins a new part with them.
    pub(super) fn begin_part(&mut self, sequence: Sequence, unicast: Range<usize>) {
        self.parts.push(self.exclusions.len());
        self.exclusions.push(Exclusion { excluded: sequence..sequence, unicast });
    }

    /// Returns how many parts there are.
    #[cfg(test)]
    pub(super) fn parts(&self) -> usize {
        self.parts.len() + 1
    }

    /// Returns the payload of these parts of the view. The first part has the index 0.
    pub(crate) fn payload<'a>(&self, batch: &'a Batch, parts: Range<usize>) -> Payload<'a> {
        let (first, from) = self.part_start(parts.start);
        let (end, to) = self.part_start(parts.end);
        let exclusions = &self.exclusions[first..end];
        let ranges = self.segments.iter().filter_map(|segment| {
            let stream = batch.stream(segment.stream);
            let begin = from.map_or(0, |sequence| stream.end_before(sequence));
            let end = to.map_or(stream.bytes().len(), |sequence| stream.end_before(sequence));
            let range = segment.from.max(begin)..segment.to.map_or(end, |to| to.min(end));
            (!range.is_empty()).then_some((stream, range))
        });
        let mut ranges = ranges.fuse();
        let payload = match (ranges.next(), ranges.next()) {
            (None, _) => Payload::from_pieces(exclusions.iter().map(|exclusion| exclusion.unicast_of(batch))),
            (Some((stream, range)), None) if exclusions.is_empty() => Payload::from_stream(stream, range),
            (Some((stream, range)), None) => Payload::from_pieces(split(stream, range, exclusions, batch)),
            (Some(first), Some(second)) => {
                let all = [first, second].into_iter().chain(ranges);
                Payload::from_pieces(merge(all, exclusions, batch))
            }
        };
        payload.of_batch(batch)
    }

    /// Returns the index of a part's first exclusion, and the sequence with which the part begins.
    ///
    /// The sequence is `None` for the first part, which begins before every sequence, and for the index after the last
    /// part.
    fn part_start(&self, part: usize) -> (usize, Option<Sequence>) {
        match part.checked_sub(1).map(|part| self.parts.get(part)) {
            None => (0, None),
            Some(Some(&exclusion)) => (exclusion, Some(self.exclusions[exclusion].excluded.start)),
            Some(None) => (self.exclusions.len(), None),
        }
    }

    /// Makes the view ready for the next batch.
    pub(crate) fn clear(&mut self) {
        self.segments.retain_mut(|segment| {
            segment.from = 0;
            segment.to.is_none()
        });
        // Ten thousand members must not each keep the memory of their largest batch.
        self.exclusions.clear();
        self.exclusions.shrink_to(KEPT_CAPACITY);
        self.parts.clear();
        self.parts.shrink_to(KEPT_CAPACITY);
        self.segments.shrink_to(KEPT_CAPACITY);
    }
}

impl Exclusion {
    fn unicast_of<'a>(&self, batch: &'a Batch) -> Piece<'a> {
        Piece::Unicast(&batch.unicast[self.unicast.clone()])
    }
}

/// Returns the pieces of a range of one stream, split at the exclusions.
fn split<'a>(
    stream: &'a Stream,
    range: Range<usize>,
    exclusions: &[Exclusion],
    batch: &'a Batch,
) -> impl Iterator<Item = Piece<'a>> {
    let Range { start: mut at, end: to } = range;
    let last = exclusions.last().map_or(at, |exclusion| stream.end_before(exclusion.excluded.end).clamp(at, to));
    let before_last = exclusions.iter().flat_map(move |exclusion| {
        let end = stream.end_before(exclusion.excluded.start).clamp(at, to);
        let begin = stream.end_before(exclusion.excluded.end).clamp(end, to);
        let range = mem::replace(&mut at, begin)..end;
        [Piece::Broadcasts { stream, range }, exclusion.unicast_of(batch)]
    });
    before_last.chain([Piece::Broadcasts { stream, range: last..to }])
}

/// Merges the broadcasts of several streams in the order of their sequences. Leaves out the excluded broadcasts, and
/// inserts the unicast bytes.
fn merge<'a>(
    ranges: impl Iterator<Item = (&'a Stream, Range<usize>)>,
    exclusions: &[Exclusion],
    batch: &'a Batch,
) -> Vec<Piece<'a>> {
    let mut broadcasts = Vec::new();
    for (stream, range) in ranges {
        let of_stream = stream.broadcasts(range.start, range.end);
        broadcasts.extend(of_stream.map(|(sequence, range)| (sequence, Piece::Broadcasts { stream, range })));
    }
    broadcasts.sort_unstable_by_key(|(sequence, _)| *sequence);
    let mut exclusions = exclusions.iter().peekable();
    let mut pieces = Vec::with_capacity(broadcasts.len());
    let mut excluded = 0..0;
    for (sequence, piece) in broadcasts {
        while let Some(exclusion) = exclusions.next_if(|exclusion| exclusion.excluded.start <= sequence) {
            pieces.push(exclusion.unicast_of(batch));
            excluded = exclusion.excluded.clone();
        }
        if !excluded.contains(&sequence) {
            pieces.push(piece);
        }
    }
    pieces.extend(exclusions.map(|exclusion| exclusion.unicast_of(batch)));
    pieces
}
