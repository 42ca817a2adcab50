//! What is sent to one member at a time.

use std::ops::Range;
use std::sync::Arc;

use super::{Pass, Stream};

/// What one member hears of a pass, or of a part of it.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    content: Content<'a>,
    /// Where it comes from, if it is to be known which messages are in it.
    pass: Option<&'a Pass>,
}

#[derive(Debug)]
enum Content<'a> {
    /// A slice, not empty, of what others hear, too.
    Whole { stream: &'a Stream, range: Range<usize> },
    /// None of them is empty.
    Pieces(Vec<&'a [u8]>),
}

impl<'a> Batch<'a> {
    pub(super) fn whole_of(stream: &'a Stream, range: Range<usize>) -> Batch<'a> {
        Batch { content: Content::Whole { stream, range }, pass: None }
    }

    pub(super) fn pieces_of(pieces: impl IntoIterator<Item = &'a [u8]>) -> Batch<'a> {
        let pieces = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
        Batch { content: Content::Pieces(pieces), pass: None }
    }

    pub(super) fn of(self, pass: &'a Pass) -> Batch<'a> {
        Batch { pass: Some(pass), ..self }
    }

    /// Whether there is nothing to hear.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(&self.content, Content::Pieces(pieces) if pieces.is_empty())
    }

    /// How many bytes there are to hear.
    pub(crate) fn len(&self) -> usize {
        self.pieces().map(<[u8]>::len).sum()
    }

    /// The whole, if it is one slice.
    pub(crate) fn whole(&self) -> Option<&'a [u8]> {
        match &self.content {
            Content::Whole { stream, range } => Some(&stream.bytes()[range.clone()]),
            Content::Pieces(_) => None,
        }
    }

    /// The pieces in order, none of them empty.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &'a [u8]> {
        let pieces = match &self.content {
            Content::Whole { .. } => &[][..],
            Content::Pieces(pieces) => pieces,
        };
        self.whole().into_iter().chain(pieces.iter().copied())
    }

    /// What is left after the first `sent` bytes, to be kept until the member can take it.
    ///
    /// Members that have most of a stream to hear share one copy of it; the others get a copy of their own. So when it is
    /// kept, what is kept alive is at most twice what is counted against a member.
    pub(crate) fn rest(&self, sent: usize) -> Option<Kept> {
        if sent == self.len() {
            return None;
        }
        if let Content::Whole { stream, range } = &self.content
            && (range.len() - sent) * 2 >= stream.bytes().len()
        {
            return Kept::new(Arc::clone(stream.kept()), range.start + sent..range.end);
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

/// Which messages some bytes are: what was said to rooms, and what became of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Messages {
    pub(crate) count: u64,
    /// The number of the first event,
    pub(crate) first: u64,
    /// and that of the last.
    pub(crate) last: u64,
}

impl Messages {
    /// These and those that follow.
    pub(crate) fn and(self, more: Messages) -> Messages {
        Messages { count: self.count + more.count, first: self.first.min(more.first), last: self.last.max(more.last) }
    }
}

/// Some of what is left of a batch, and which messages that is; nothing, if it must not be left out: the rest of a message
/// of which something is sent, or what one is told alone.
pub(crate) type Run = (Kept, Option<Messages>);

impl Batch<'_> {
    /// What is left after the first `sent` bytes, in pieces that can each be left out or not. As in [`rest`](Self::rest),
    /// the copy of a stream is shared by those who have most of it to hear.
    pub(crate) fn rest_in_runs(&self, sent: usize) -> Vec<Run> {
        let mut skip = sent;
        let rests: Vec<_> = self
            .pieces()
            .map(|piece| {
                let skipped = skip.min(piece.len());
                skip -= skipped;
                (piece, skipped, self.pass.and_then(|pass| pass.find(piece)))
            })
            .collect();
        let mut shares = Vec::new();
        for (piece, skipped, found) in &rests {
            let Some((stream, _)) = found else { continue };
            let rest = piece.len() - skipped;
            match shares.iter_mut().find(|(other, _)| std::ptr::eq(*other, *stream)) {
                Some((_, heard)) => *heard += rest,
                None => shares.push((*stream, rest)),
            }
        }
        let hears_most = |stream: &Stream| {
            shares.iter().any(|(other, heard)| std::ptr::eq(*other, stream) && heard * 2 >= stream.bytes().len())
        };
        let mut runs = Vec::new();
        for (piece, skipped, found) in rests {
            let Some((stream, at)) = found else {
                runs.extend(Kept::copy(&piece[skipped..]).map(|kept| (kept, None)));
                continue;
            };
            let (from, to) = (at + skipped, at + piece.len());
            // Up to the end of the message that is cut.
            let whole = stream.next_beginning(from).min(to);
            runs.extend(Kept::copy(&stream.bytes()[from..whole]).map(|kept| (kept, None)));
            let messages = self.pass.and_then(|pass| pass.messages(stream, whole..to));
            let kept = if hears_most(stream) {
                Kept::new(Arc::clone(stream.kept()), whole..to)
            } else {
                Kept::copy(&stream.bytes()[whole..to])
            };
            runs.extend(kept.map(|kept| (kept, messages)));
        }
        runs
    }
}

/// Bytes that a member could not take yet; at least one.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(super) bytes: Arc<[u8]>,
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
