//! What is sent to one member at a time.

use std::ops::Range;
use std::sync::Arc;

use super::{Batch, Stream};

/// What one member hears of a batch, or of a part of it.
#[derive(Debug)]
pub(crate) struct Payload<'a> {
    content: Content<'a>,
    /// Where it comes from, if it is to be known which messages are in it.
    batch: Option<&'a Batch>,
}

#[derive(Debug)]
enum Content<'a> {
    /// A slice, not empty, of what others hear, too.
    Whole { stream: &'a Stream, range: Range<usize> },
    /// None of them is empty.
    Pieces(Vec<&'a [u8]>),
}

impl<'a> Payload<'a> {
    pub(super) fn whole_of(stream: &'a Stream, range: Range<usize>) -> Payload<'a> {
        Payload { content: Content::Whole { stream, range }, batch: None }
    }

    pub(super) fn pieces_of(pieces: impl IntoIterator<Item = &'a [u8]>) -> Payload<'a> {
        let pieces = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
        Payload { content: Content::Pieces(pieces), batch: None }
    }

    pub(super) fn of(self, batch: &'a Batch) -> Payload<'a> {
        Payload { batch: Some(batch), ..self }
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
    /// Members that have most of a stream to hear view one copy of it; the others get a copy of their own. So when it is
    /// kept, what is kept alive is at most twice what is counted against a member.
    pub(crate) fn rest(&self, sent: usize) -> Option<QueuedBytes> {
        if sent == self.len() {
            return None;
        }
        if let Content::Whole { stream, range } = &self.content
            && (range.len() - sent) * 2 >= stream.bytes().len()
        {
            return QueuedBytes::new(Arc::clone(stream.queued()), range.start + sent..range.end);
        }
        let mut skip = sent;
        let mut copy = Vec::new();
        for piece in self.pieces() {
            let skipped = skip.min(piece.len());
            skip -= skipped;
            copy.extend_from_slice(&piece[skipped..]);
        }
        QueuedBytes::copy(&copy)
    }
}

/// Which messages some bytes are: what was said to rooms, and what became of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageRange {
    pub(crate) count: u64,
    /// The number of the first event,
    pub(crate) first: u64,
    /// and that of the last.
    pub(crate) last: u64,
}

impl MessageRange {
    /// These and those that follow.
    pub(crate) fn and(self, more: MessageRange) -> MessageRange {
        MessageRange {
            count: self.count + more.count,
            first: self.first.min(more.first),
            last: self.last.max(more.last),
        }
    }
}

/// Some of what is left of a payload, and which messages that is; nothing, if it must not be left out: the rest of a message
/// of which something is sent, or what one is told alone.
pub(crate) type QueuedRun = (QueuedBytes, Option<MessageRange>);

impl Payload<'_> {
    /// What is left after the first `sent` bytes, in pieces that can each be left out or not. As in [`rest`](Self::rest),
    /// the copy of a stream is shared by those who have most of it to hear.
    pub(crate) fn rest_in_runs(&self, sent: usize) -> Vec<QueuedRun> {
        let mut skip = sent;
        let rests: Vec<_> = self
            .pieces()
            .map(|piece| {
                let skipped = skip.min(piece.len());
                skip -= skipped;
                (piece, skipped, self.batch.and_then(|batch| batch.find(piece)))
            })
            .collect();
        let mut views = Vec::new();
        for (piece, skipped, found) in &rests {
            let Some((stream, _)) = found else { continue };
            let rest = piece.len() - skipped;
            match views.iter_mut().find(|(other, _)| std::ptr::eq(*other, *stream)) {
                Some((_, heard)) => *heard += rest,
                None => views.push((*stream, rest)),
            }
        }
        let hears_most = |stream: &Stream| {
            views.iter().any(|(other, heard)| std::ptr::eq(*other, stream) && heard * 2 >= stream.bytes().len())
        };
        let mut runs = Vec::new();
        for (piece, skipped, found) in rests {
            let Some((stream, at)) = found else {
                runs.extend(QueuedBytes::copy(&piece[skipped..]).map(|kept| (kept, None)));
                continue;
            };
            let (from, to) = (at + skipped, at + piece.len());
            // Up to the end of the message that is exclusion.
            let whole = stream.next_beginning(from).min(to);
            runs.extend(QueuedBytes::copy(&stream.bytes()[from..whole]).map(|kept| (kept, None)));
            let messages = self.batch.and_then(|batch| batch.messages(stream, whole..to));
            let kept = if hears_most(stream) {
                QueuedBytes::new(Arc::clone(stream.queued()), whole..to)
            } else {
                QueuedBytes::copy(&stream.bytes()[whole..to])
            };
            runs.extend(kept.map(|kept| (kept, messages)));
        }
        runs
    }
}

/// Bytes that a member could not take yet; at least one.
#[derive(Clone, Debug)]
pub(crate) struct QueuedBytes {
    pub(super) bytes: Arc<[u8]>,
    range: Range<usize>,
}

impl QueuedBytes {
    fn new(bytes: Arc<[u8]>, range: Range<usize>) -> Option<QueuedBytes> {
        (!range.is_empty()).then_some(QueuedBytes { bytes, range })
    }

    /// A copy of `bytes`, if there are any.
    pub(crate) fn copy(bytes: &[u8]) -> Option<QueuedBytes> {
        QueuedBytes::new(bytes.into(), 0..bytes.len())
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[self.range.clone()]
    }

    /// Forgets the first `count` bytes; there must be more than that.
    pub(crate) fn advance(&mut self, count: usize) {
        self.range.start += count;
    }
}
