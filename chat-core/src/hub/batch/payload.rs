//! The payload of one send, and the bytes that a send queue keeps of it.
//!
//! This module must not know how bytes are written.

use std::ops::Range;
use std::sync::Arc;

use super::{Batch, Stream};
use crate::hub::drop_oldest_queue::Gap;
use crate::session::Encoder;

/// What one recipient receives of a batch, or of some parts of its view.
#[derive(Debug)]
pub(crate) struct Payload<'a> {
    content: Content<'a>,
    /// The batch of the streams; needed to find out which messages are in the payload.
    batch: Option<&'a Batch>,
}

#[derive(Debug)]
enum Content<'a> {
    /// A slice of a stream; not empty.
    Slice { stream: &'a Stream, range: Range<usize> },
    /// Slices of streams and unicast bytes, in order; none is empty.
    Pieces(Vec<&'a [u8]>),
}

impl<'a> Payload<'a> {
    pub(super) fn from_stream(stream: &'a Stream, range: Range<usize>) -> Payload<'a> {
        Payload { content: Content::Slice { stream, range }, batch: None }
    }

    pub(super) fn from_pieces(pieces: impl IntoIterator<Item = &'a [u8]>) -> Payload<'a> {
        let pieces = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
        Payload { content: Content::Pieces(pieces), batch: None }
    }

    pub(super) fn of_batch(self, batch: &'a Batch) -> Payload<'a> {
        Payload { batch: Some(batch), ..self }
    }

    /// Returns whether the payload has no bytes.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(&self.content, Content::Pieces(pieces) if pieces.is_empty())
    }

    /// Returns the length in bytes.
    pub(crate) fn len(&self) -> usize {
        self.pieces().map(<[u8]>::len).sum()
    }

    /// Returns the whole payload, if it is one slice of a stream.
    pub(crate) fn as_slice(&self) -> Option<&'a [u8]> {
        match &self.content {
            Content::Slice { stream, range } => Some(&stream.bytes()[range.clone()]),
            Content::Pieces(_) => None,
        }
    }

    /// Returns the pieces in order; none is empty.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &'a [u8]> {
        let pieces = match &self.content {
            Content::Slice { .. } => &[][..],
            Content::Pieces(pieces) => pieces,
        };
        self.as_slice().into_iter().chain(pieces.iter().copied())
    }

    /// Returns the bytes after the first `sent` ones, for a send queue; `None` if there are none.
    ///
    /// Recipients whose rest is at least half of a stream share one copy of the stream; the others get a copy of their
    /// rest. So the memory that queued bytes keep alive is at most twice what counts against the recipient.
    pub(crate) fn rest(&self, sent: usize) -> Option<QueuedBytes> {
        if sent == self.len() {
            return None;
        }
        if let Content::Slice { stream, range } = &self.content
            && (range.len() - sent) * 2 >= stream.bytes().len()
        {
            return QueuedBytes::new(Arc::clone(stream.shared_copy()), range.start + sent..range.end);
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

/// The messages that some bytes contain: broadcasts to rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageRange {
    pub(crate) count: u64,
    /// The number of the first event.
    pub(crate) first: u64,
    /// The number of the last event.
    pub(crate) last: u64,
}

impl Gap for MessageRange {
    fn merge(&mut self, next: &MessageRange) -> bool {
        self.count += next.count;
        (self.first, self.last) = (self.first.min(next.first), self.last.max(next.last));
        true
    }
}

/// The messages in queued bytes, and the framing of these bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EncodedMessages {
    pub(crate) messages: MessageRange,
    /// The encoder that wrote the messages, which also encodes the gap that they leave.
    pub(crate) encoder: Encoder,
}

impl Gap for EncodedMessages {
    fn merge(&mut self, next: &EncodedMessages) -> bool {
        self.encoder == next.encoder && self.messages.merge(&next.messages)
    }
}

/// Queued bytes, and the messages in them. `None` if the queue must not drop the bytes: they are unicast bytes, or the
/// rest of a message whose beginning is sent.
pub(crate) type QueuedRun = (QueuedBytes, Option<EncodedMessages>);

impl Payload<'_> {
    /// Returns the bytes after the first `sent` ones, in runs that a send queue may drop or must keep. Recipients share
    /// one copy of a stream as in [`rest`](Self::rest).
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
        let mut streams = Vec::new();
        for (piece, skipped, found) in &rests {
            let Some((stream, _)) = found else { continue };
            let rest = piece.len() - skipped;
            match streams.iter_mut().find(|(other, _)| std::ptr::eq(*other, *stream)) {
                Some((_, total)) => *total += rest,
                None => streams.push((*stream, rest)),
            }
        }
        let is_mostly_queued = |stream: &Stream| {
            streams.iter().any(|(other, total)| std::ptr::eq(*other, stream) && total * 2 >= stream.bytes().len())
        };
        let mut runs = Vec::new();
        for (piece, skipped, found) in rests {
            let Some((stream, at)) = found else {
                runs.extend(QueuedBytes::copy(&piece[skipped..]).map(|queued| (queued, None)));
                continue;
            };
            let (from, to) = (at + skipped, at + piece.len());
            // The rest of a message whose beginning is sent must not be dropped.
            let boundary = stream.next_boundary(from).min(to);
            runs.extend(QueuedBytes::copy(&stream.bytes()[from..boundary]).map(|queued| (queued, None)));
            let messages = self.batch.and_then(|batch| batch.message_range(stream, boundary..to));
            let queued = if is_mostly_queued(stream) {
                QueuedBytes::new(Arc::clone(stream.shared_copy()), boundary..to)
            } else {
                QueuedBytes::copy(&stream.bytes()[boundary..to])
            };
            let messages = messages.map(|messages| EncodedMessages { messages, encoder: stream.encoder().clone() });
            runs.extend(queued.map(|queued| (queued, messages)));
        }
        runs
    }
}

/// Bytes that wait in a send queue; at least one.
#[derive(Clone, Debug)]
pub(crate) struct QueuedBytes {
    pub(super) bytes: Arc<[u8]>,
    range: Range<usize>,
}

impl QueuedBytes {
    fn new(bytes: Arc<[u8]>, range: Range<usize>) -> Option<QueuedBytes> {
        (!range.is_empty()).then_some(QueuedBytes { bytes, range })
    }

    /// Returns a copy of `bytes`, or `None` if there are none.
    pub(crate) fn copy(bytes: &[u8]) -> Option<QueuedBytes> {
        QueuedBytes::new(bytes.into(), 0..bytes.len())
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[self.range.clone()]
    }

    /// Removes the first `count` bytes; there must be more than that.
    pub(crate) fn advance(&mut self, count: usize) {
        self.range.start += count;
    }
}
