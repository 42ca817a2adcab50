//! What one member hears of a pass.

use std::mem;
use std::ops::Range;

use super::{Batch, Pass, Stamp, Stream, StreamId};

/// As many cuts and the like as a share keeps room for from one pass to the next.
const SMALL: usize = 16;

/// One member's share: which streams it hears, and where it differs from them.
#[derive(Debug, Default)]
pub(crate) struct Share {
    readings: Vec<Reading>,
    /// In the order of their stamps, without overlaps.
    cuts: Vec<Cut>,
    /// The cuts with which a new part begins.
    parts: Vec<usize>,
}

/// A stream, from where to where it is heard in this pass.
#[derive(Debug)]
struct Reading {
    stream: StreamId,
    from: usize,
    /// Where it ends, if before the end of the pass.
    to: Option<usize>,
}

/// A place where a share differs from the streams.
#[derive(Debug)]
pub(super) struct Cut {
    /// The broadcasts that are left out; may be none.
    skip: Range<Stamp>,
    /// These of the pass's own bytes stand in their place; may be empty.
    own: Range<usize>,
}

impl Share {
    /// Hears `stream` from here on.
    pub(crate) fn open(&mut self, stream: StreamId, pass: &Pass) {
        self.readings.push(Reading { stream, from: pass.stream(stream).bytes().len(), to: None });
    }

    /// Hears no more of `stream` from here on.
    pub(crate) fn close(&mut self, stream: StreamId, pass: &Pass) {
        // From the back: one may come and go many times in a pass.
        let is_open = |reading: &Reading| reading.stream == stream && reading.to.is_none();
        let Some(at) = self.readings.iter().rposition(is_open) else { return };
        let end = pass.stream(stream).bytes().len();
        if self.readings[at].from == end {
            self.readings.remove(at);
        } else {
            self.readings[at].to = Some(end);
        }
    }

    /// Whether something is missing in this pass that its owner should have heard.
    pub(crate) fn is_broken(&self, pass: &Pass) -> bool {
        self.readings.iter().any(|reading| pass.stream(reading.stream).is_broken())
    }

    /// Leaves out the broadcast with this stamp, which must be the last one so far.
    pub(crate) fn skip(&mut self, stamp: Stamp) {
        match self.cuts.last_mut() {
            Some(last) if last.skip.end == stamp => last.skip.end = stamp + 1,
            _ => self.cuts.push(Cut { skip: stamp..stamp + 1, own: 0..0 }),
        }
    }

    /// Puts `own` in behind all broadcasts before `stamp`, which is that of the next one.
    pub(super) fn insert(&mut self, stamp: Stamp, own: Range<usize>) {
        match self.cuts.last_mut() {
            _ if own.is_empty() => {}
            Some(last) if last.skip.end == stamp && last.own.end == own.start => last.own.end = own.end,
            _ => self.cuts.push(Cut { skip: stamp..stamp, own }),
        }
    }

    /// As [`insert`](Self::insert), as the beginning of a new part.
    pub(super) fn begin_part(&mut self, stamp: Stamp, own: Range<usize>) {
        self.parts.push(self.cuts.len());
        self.cuts.push(Cut { skip: stamp..stamp, own });
    }

    /// How many parts there are.
    #[cfg(test)]
    pub(super) fn parts(&self) -> usize {
        self.parts.len() + 1
    }

    /// What its owner hears in these parts of it; they are numbered from 0.
    pub(crate) fn batch<'a>(&self, pass: &'a Pass, parts: Range<usize>) -> Batch<'a> {
        let (first, from) = self.beginning(parts.start);
        let (end, to) = self.beginning(parts.end);
        let cuts = &self.cuts[first..end];
        let heard = self.readings.iter().filter_map(|reading| {
            let stream = pass.stream(reading.stream);
            let begin = from.map_or(0, |stamp| stream.end_before(stamp));
            let end = to.map_or(stream.bytes().len(), |stamp| stream.end_before(stamp));
            let range = reading.from.max(begin)..reading.to.map_or(end, |to| to.min(end));
            (!range.is_empty()).then_some((stream, range))
        });
        let mut heard = heard.fuse();
        let batch = match (heard.next(), heard.next()) {
            (None, _) => Batch::pieces_of(cuts.iter().map(|cut| &pass.own[cut.own.clone()])),
            (Some((stream, range)), None) if cuts.is_empty() => Batch::whole_of(stream, range),
            (Some((stream, range)), None) => Batch::pieces_of(cut_one(stream, range, cuts, &pass.own)),
            (Some(first), Some(second)) => {
                let all = [first, second].into_iter().chain(heard);
                Batch::pieces_of(cut_several(all, cuts, &pass.own))
            }
        };
        batch.of(pass)
    }

    /// The first cut of a part, and the stamp with which it begins. There is none for the first part, nor for the one
    /// behind the last.
    fn beginning(&self, part: usize) -> (usize, Option<Stamp>) {
        match part.checked_sub(1).map(|part| self.parts.get(part)) {
            None => (0, None),
            Some(Some(&cut)) => (cut, Some(self.cuts[cut].skip.start)),
            Some(None) => (self.cuts.len(), None),
        }
    }

    /// Forgets the pass that ended.
    pub(crate) fn clear(&mut self) {
        self.readings.retain_mut(|reading| {
            reading.from = 0;
            reading.to.is_none()
        });
        // What one pass needed is not kept for each of ten thousand members.
        self.cuts.clear();
        self.cuts.shrink_to(SMALL);
        self.parts.clear();
        self.parts.shrink_to(SMALL);
        self.readings.shrink_to(SMALL);
    }
}

/// The pieces of one stream, cut.
fn cut_one<'a>(stream: &'a Stream, range: Range<usize>, cuts: &[Cut], own: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let Range { start: mut at, end: to } = range;
    let last = cuts.last().map_or(at, |cut| stream.end_before(cut.skip.end).clamp(at, to));
    let before_last = cuts.iter().flat_map(move |cut| {
        let end = stream.end_before(cut.skip.start).clamp(at, to);
        let begin = stream.end_before(cut.skip.end).clamp(end, to);
        [&stream.bytes()[mem::replace(&mut at, begin)..end], &own[cut.own.clone()]]
    });
    before_last.chain([&stream.bytes()[last..to]])
}

/// The pieces of several streams, in the order in which they were said, and cut.
fn cut_several<'a>(
    heard: impl Iterator<Item = (&'a Stream, Range<usize>)>,
    cuts: &[Cut],
    own: &'a [u8],
) -> Vec<&'a [u8]> {
    let mut broadcasts = Vec::new();
    for (stream, range) in heard {
        let of_stream = stream.broadcasts(range.start, range.end);
        broadcasts.extend(of_stream.map(|(stamp, range)| (stamp, &stream.bytes()[range])));
    }
    broadcasts.sort_unstable_by_key(|&(stamp, _)| stamp);
    let mut cuts = cuts.iter().peekable();
    let mut pieces = Vec::with_capacity(broadcasts.len());
    let mut skip = 0..0;
    for (stamp, bytes) in broadcasts {
        while let Some(cut) = cuts.next_if(|cut| cut.skip.start <= stamp) {
            pieces.push(&own[cut.own.clone()]);
            skip = cut.skip.clone();
        }
        if !skip.contains(&stamp) {
            pieces.push(bytes);
        }
    }
    pieces.extend(cuts.map(|cut| &own[cut.own.clone()]));
    pieces
}
