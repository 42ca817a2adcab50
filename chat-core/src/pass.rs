//! What one pass of the hub says: encoded once for each framing, cut to measure for each member.
//!
//! A pass gathers what many commands lead to, and ends with one send to each member. All broadcasts of a pass stand in
//! one buffer per framing ([`Stream`]); what a member hears of it is a [`Share`]: from where it joined to where it left,
//! less its own words, plus what was told to it alone. A member that only listened has no cuts, so its share is one
//! slice: a pass costs O(members + cuts), not O(members × messages).
//!
//! A share has more than one part if something in it must not be sent before everybody has what was said before it.
//!
//! It must not know who the members are.

use std::cell::OnceCell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::event::Event;
use crate::session::Encoder;

/// What everybody of one framing hears in this pass.
#[derive(Debug)]
pub(crate) struct Stream {
    encoder: Encoder,
    /// The broadcasts, one behind the other.
    shared: Vec<u8>,
    /// What members are told alone, one behind the other.
    own: Vec<u8>,
    /// A copy of `shared` for those who can't take it all at once; made for the first of them.
    kept: OnceCell<Arc<[u8]>>,
    broken: bool,
}

/// The encoder's code panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EncoderPanicked;

impl Stream {
    pub(crate) fn new(encoder: Encoder) -> Stream {
        Stream { encoder, shared: Vec::new(), own: Vec::new(), kept: OnceCell::new(), broken: false }
    }

    pub(crate) fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// Bytes gathered in this pass.
    pub(crate) fn len(&self) -> usize {
        self.shared.len() + self.own.len()
    }

    /// Says `event` to everybody, and returns where it stands. If the encoder panics, the stream is
    /// [broken](Self::is_broken).
    pub(crate) fn broadcast(&mut self, event: &Event) -> Range<usize> {
        append(&self.encoder, event, &mut self.shared).unwrap_or_else(|EncoderPanicked| {
            self.broken = true;
            self.shared.len()..self.shared.len()
        })
    }

    /// Whether something is missing in this pass that everybody should have heard.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Says `event` to the owner of `share`.
    pub(crate) fn tell(&mut self, share: &mut Share, event: &Event) -> Result<(), EncoderPanicked> {
        let own = append(&self.encoder, event, &mut self.own)?;
        share.insert(self.shared.len(), own);
        Ok(())
    }

    /// Says `event` to the owner of `share`, as the beginning of a new part of it.
    pub(crate) fn tell_in_new_part(&mut self, share: &mut Share, event: &Event) -> Result<(), EncoderPanicked> {
        let own = append(&self.encoder, event, &mut self.own)?;
        share.parts.push(share.cuts.len());
        share.cuts.push(Cut { skip: self.shared.len()..self.shared.len(), own });
        Ok(())
    }

    /// Says `bytes`, encoded already, to the owner of `share`.
    pub(crate) fn tell_bytes(&mut self, share: &mut Share, bytes: &[u8]) {
        let start = self.own.len();
        self.own.extend_from_slice(bytes);
        share.insert(self.shared.len(), start..self.own.len());
    }

    /// The share of somebody who joins now.
    pub(crate) fn share_from_here(&self) -> Share {
        Share { from: self.shared.len(), ..Share::default() }
    }

    /// Ends the share of somebody who leaves now.
    pub(crate) fn end_here(&self, share: &mut Share) {
        share.to = Some(self.shared.len());
    }

    /// What the owner of `share` hears in these parts of it; they are numbered from 0.
    pub(crate) fn batch<'a>(&'a self, share: &'a Share, parts: Range<usize>) -> Batch<'a> {
        let (first, from) = self.beginning(share, parts.start);
        let (end, to) = self.beginning(share, parts.end);
        Batch { stream: self, from, to, cuts: &share.cuts[first..end] }
    }

    /// The first cut of a part, and where in the shared bytes it begins; those of the end behind the last part.
    fn beginning(&self, share: &Share, part: usize) -> (usize, usize) {
        match part.checked_sub(1).map(|part| share.parts.get(part)) {
            None => (0, share.from),
            Some(Some(&cut)) => (cut, share.cuts[cut].skip.start),
            Some(None) => (share.cuts.len(), share.to.unwrap_or(self.shared.len())),
        }
    }

    /// Begins a new pass. Buffers are kept, but not those of a pass that was far larger than most.
    pub(crate) fn clear(&mut self) {
        const ROOMY: usize = 1024 * 1024;
        for buffer in [&mut self.shared, &mut self.own] {
            buffer.clear();
            buffer.shrink_to(ROOMY);
        }
        self.kept.take();
        self.broken = false;
    }
}

/// Appends what `encoder` makes of `event`, or nothing at all if it panics.
fn append(encoder: &Encoder, event: &Event, buffer: &mut Vec<u8>) -> Result<Range<usize>, EncoderPanicked> {
    let start = buffer.len();
    if catch_unwind(AssertUnwindSafe(|| encoder.encode(event, buffer))).is_err() {
        buffer.truncate(start);
        return Err(EncoderPanicked);
    }
    Ok(start..buffer.len())
}

/// One member's part of a [`Stream`].
#[derive(Debug, Default)]
pub(crate) struct Share {
    /// Where in the shared bytes it begins.
    from: usize,
    /// Where it ends, if before the end of the pass.
    to: Option<usize>,
    /// In the order of the bytes, without overlaps.
    cuts: Vec<Cut>,
    /// The cuts with which a new part begins.
    parts: Vec<usize>,
}

/// A place where a share differs from the shared bytes.
#[derive(Debug)]
struct Cut {
    /// These shared bytes are left out; may be empty.
    skip: Range<usize>,
    /// These of the stream's own bytes stand in their place; may be empty.
    own: Range<usize>,
}

impl Share {
    /// Leaves out the shared bytes in `skip`, which must come after all cuts so far.
    pub(crate) fn skip(&mut self, skip: Range<usize>) {
        if skip.is_empty() {
            return;
        }
        match self.cuts.last_mut() {
            Some(last) if last.skip.end == skip.start => last.skip.end = skip.end,
            _ => self.cuts.push(Cut { skip, own: 0..0 }),
        }
    }

    /// Puts `own` in at the shared offset `at`, which must not lie before any cut so far.
    fn insert(&mut self, at: usize, own: Range<usize>) {
        if own.is_empty() {
            return;
        }
        match self.cuts.last_mut() {
            Some(last) if last.skip.end == at && last.own.end == own.start => last.own.end = own.end,
            _ => self.cuts.push(Cut { skip: at..at, own }),
        }
    }

    /// Forgets the pass that ended.
    pub(crate) fn clear(&mut self) {
        self.from = 0;
        self.to = None;
        self.cuts.clear();
        self.parts.clear();
    }
}

/// What one member hears of a pass, or a part of that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Batch<'a> {
    stream: &'a Stream,
    /// Where in the shared bytes it begins and ends.
    from: usize,
    to: usize,
    cuts: &'a [Cut],
}

impl<'a> Batch<'a> {
    /// Whether there is nothing to hear.
    pub(crate) fn is_empty(&self) -> bool {
        self.cuts.is_empty() && self.from == self.to
    }

    /// How many bytes there are to hear.
    fn len(&self) -> usize {
        let own_less_skipped = |cut: &Cut| (cut.own.len(), cut.skip.len());
        let (own, skipped) = self.cuts.iter().map(own_less_skipped).fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
        self.to - self.from + own - skipped
    }

    /// The whole, if it is one slice of the shared bytes.
    pub(crate) fn whole(&self) -> Option<&'a [u8]> {
        self.cuts.is_empty().then(|| &self.stream.shared[self.from..self.to])
    }

    /// The pieces in order, none of them empty.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let Stream { shared, own, .. } = self.stream;
        let mut at = self.from;
        let last = &shared[self.cuts.last().map_or(at, |cut| cut.skip.end)..self.to];
        let before_last = self.cuts.iter().flat_map(move |cut| {
            let before = &shared[at..cut.skip.start];
            at = cut.skip.end;
            [before, &own[cut.own.clone()]]
        });
        before_last.chain([last]).filter(|piece| !piece.is_empty())
    }

    /// What is left after the first `sent` bytes, to be kept until the member can take it.
    ///
    /// Members that have most of the pass to hear share one copy of it; the others get a copy of their own. So what is
    /// kept alive is at most twice what is counted against a member.
    pub(crate) fn rest(&self, sent: usize) -> Option<Kept> {
        let Stream { shared, kept, .. } = self.stream;
        if sent == self.len() {
            return None;
        }
        if let Some(whole) = self.whole()
            && (whole.len() - sent) * 2 >= shared.len()
        {
            let bytes = Arc::clone(kept.get_or_init(|| shared.as_slice().into()));
            return Kept::new(bytes, self.from + sent..self.to);
        }
        let mut skip = sent;
        let mut copy = Vec::new();
        for piece in self.pieces() {
            let skipped = skip.min(piece.len());
            skip -= skipped;
            copy.extend_from_slice(&piece[skipped..]);
        }
        Kept::copy(&copy)
    }
}

/// Bytes that a member could not take yet; at least one.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    bytes: Arc<[u8]>,
    range: Range<usize>,
}

impl Kept {
    fn new(bytes: Arc<[u8]>, range: Range<usize>) -> Option<Kept> {
        (!range.is_empty()).then_some(Kept { bytes, range })
    }

    /// A copy of `bytes`, if there are any.
    pub(crate) fn copy(bytes: &[u8]) -> Option<Kept> {
        Kept::new(bytes.into(), 0..bytes.len())
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[self.range.clone()]
    }

    /// Forgets the first `count` bytes; there must be more than that.
    pub(crate) fn advance(&mut self, count: usize) {
        self.range.start += count;
    }
}

#[cfg(test)]
mod tests;
