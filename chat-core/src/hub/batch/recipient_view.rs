//! What one member hears of a batch.

use std::mem;
use std::ops::Range;

use super::{Batch, Payload, Sequence, Stream, StreamId};

/// As many exclusions and the like as a view keeps room for from one batch to the next.
const SMALL: usize = 16;

/// One member's view: which streams it hears, and where it differs from them.
#[derive(Debug, Default)]
pub(crate) struct RecipientView {
    readings: Vec<Reading>,
    /// In the order of their sequences, without overlaps.
    exclusions: Vec<Exclusion>,
    /// The exclusions with which a new part begins.
    parts: Vec<usize>,
}

/// A stream, from where to where it is heard in this batch.
#[derive(Debug)]
struct Reading {
    stream: StreamId,
    from: usize,
    /// Where it ends, if before the end of the batch.
    to: Option<usize>,
}

/// A place where a view differs from the streams.
#[derive(Debug)]
pub(super) struct Exclusion {
    /// The broadcasts that are left out; may be none.
    skip: Range<Sequence>,
    /// These of the batch's own bytes stand in their place; may be empty.
    own: Range<usize>,
}

impl RecipientView {
    /// Hears `stream` from here on.
    pub(crate) fn open(&mut self, stream: StreamId, batch: &Batch) {
        self.readings.push(Reading { stream, from: batch.stream(stream).bytes().len(), to: None });
    }

    /// Hears no more of `stream` from here on.
    pub(crate) fn close(&mut self, stream: StreamId, batch: &Batch) {
        // From the back: one may come and go many times in a batch.
        let is_open = |reading: &Reading| reading.stream == stream && reading.to.is_none();
        let Some(at) = self.readings.iter().rposition(is_open) else { return };
        let end = batch.stream(stream).bytes().len();
        if self.readings[at].from == end {
            self.readings.remove(at);
        } else {
            self.readings[at].to = Some(end);
        }
    }

    /// Whether something is missing in this batch that its owner should have heard.
    pub(crate) fn is_broken(&self, batch: &Batch) -> bool {
        self.readings.iter().any(|reading| batch.stream(reading.stream).is_broken())
    }

    /// Leaves out the broadcast with this sequence, which must be the last one so far.
    pub(crate) fn skip(&mut self, sequence: Sequence) {
        match self.exclusions.last_mut() {
            Some(last) if last.skip.end == sequence => last.skip.end = sequence + 1,
            _ => self.exclusions.push(Exclusion { skip: sequence..sequence + 1, own: 0..0 }),
        }
    }

    /// Puts `own` in behind all broadcasts before `sequence`, which is that of the next one.
    pub(super) fn insert(&mut self, sequence: Sequence, own: Range<usize>) {
        match self.exclusions.last_mut() {
            _ if own.is_empty() => {}
            Some(last) if last.skip.end == sequence && last.own.end == own.start => last.own.end = own.end,
            _ => self.exclusions.push(Exclusion { skip: sequence..sequence, own }),
        }
    }

    /// As [`insert`](Self::insert), as the beginning of a new part.
    pub(super) fn begin_part(&mut self, sequence: Sequence, own: Range<usize>) {
        self.parts.push(self.exclusions.len());
        self.exclusions.push(Exclusion { skip: sequence..sequence, own });
    }

    /// How many parts there are.
    #[cfg(test)]
    pub(super) fn parts(&self) -> usize {
        self.parts.len() + 1
    }

    /// What its owner hears in these parts of it; they are numbered from 0.
    pub(crate) fn payload<'a>(&self, batch: &'a Batch, parts: Range<usize>) -> Payload<'a> {
        let (first, from) = self.beginning(parts.start);
        let (end, to) = self.beginning(parts.end);
        let exclusions = &self.exclusions[first..end];
        let heard = self.readings.iter().filter_map(|reading| {
            let stream = batch.stream(reading.stream);
            let begin = from.map_or(0, |sequence| stream.end_before(sequence));
            let end = to.map_or(stream.bytes().len(), |sequence| stream.end_before(sequence));
            let range = reading.from.max(begin)..reading.to.map_or(end, |to| to.min(end));
            (!range.is_empty()).then_some((stream, range))
        });
        let mut heard = heard.fuse();
        let payload = match (heard.next(), heard.next()) {
            (None, _) => Payload::pieces_of(exclusions.iter().map(|exclusion| &batch.own[exclusion.own.clone()])),
            (Some((stream, range)), None) if exclusions.is_empty() => Payload::whole_of(stream, range),
            (Some((stream, range)), None) => Payload::pieces_of(pieces_of_one(stream, range, exclusions, &batch.own)),
            (Some(first), Some(second)) => {
                let all = [first, second].into_iter().chain(heard);
                Payload::pieces_of(pieces_of_several(all, exclusions, &batch.own))
            }
        };
        payload.of(batch)
    }

    /// The first exclusion of a part, and the sequence with which it begins. There is none for the first part, nor for the one
    /// behind the last.
    fn beginning(&self, part: usize) -> (usize, Option<Sequence>) {
        match part.checked_sub(1).map(|part| self.parts.get(part)) {
            None => (0, None),
            Some(Some(&exclusion)) => (exclusion, Some(self.exclusions[exclusion].skip.start)),
            Some(None) => (self.exclusions.len(), None),
        }
    }

    /// Forgets the batch that ended.
    pub(crate) fn clear(&mut self) {
        self.readings.retain_mut(|reading| {
            reading.from = 0;
            reading.to.is_none()
        });
        // What one batch needed is not kept for each of ten thousand members.
        self.exclusions.clear();
        self.exclusions.shrink_to(SMALL);
        self.parts.clear();
        self.parts.shrink_to(SMALL);
        self.readings.shrink_to(SMALL);
    }
}

/// The pieces of one stream, exclusion.
fn pieces_of_one<'a>(
    stream: &'a Stream,
    range: Range<usize>,
    exclusions: &[Exclusion],
    own: &'a [u8],
) -> impl Iterator<Item = &'a [u8]> {
    let Range { start: mut at, end: to } = range;
    let last = exclusions.last().map_or(at, |exclusion| stream.end_before(exclusion.skip.end).clamp(at, to));
    let before_last = exclusions.iter().flat_map(move |exclusion| {
        let end = stream.end_before(exclusion.skip.start).clamp(at, to);
        let begin = stream.end_before(exclusion.skip.end).clamp(end, to);
        [&stream.bytes()[mem::replace(&mut at, begin)..end], &own[exclusion.own.clone()]]
    });
    before_last.chain([&stream.bytes()[last..to]])
}

/// The pieces of several streams, in the order in which they were said, and exclusion.
fn pieces_of_several<'a>(
    heard: impl Iterator<Item = (&'a Stream, Range<usize>)>,
    exclusions: &[Exclusion],
    own: &'a [u8],
) -> Vec<&'a [u8]> {
    let mut broadcasts = Vec::new();
    for (stream, range) in heard {
        let of_stream = stream.broadcasts(range.start, range.end);
        broadcasts.extend(of_stream.map(|(sequence, range)| (sequence, &stream.bytes()[range])));
    }
    broadcasts.sort_unstable_by_key(|&(sequence, _)| sequence);
    let mut exclusions = exclusions.iter().peekable();
    let mut pieces = Vec::with_capacity(broadcasts.len());
    let mut skip = 0..0;
    for (sequence, bytes) in broadcasts {
        while let Some(exclusion) = exclusions.next_if(|exclusion| exclusion.skip.start <= sequence) {
            pieces.push(&own[exclusion.own.clone()]);
            skip = exclusion.skip.clone();
        }
        if !skip.contains(&sequence) {
            pieces.push(bytes);
        }
    }
    pieces.extend(exclusions.map(|exclusion| &own[exclusion.own.clone()]));
    pieces
}
