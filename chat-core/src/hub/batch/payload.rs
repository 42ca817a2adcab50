//! The payload of one send, and the bytes of the payload that a send queue keeps.
//!
//! This module must not know how bytes are written.

use std::ops::Range;
use std::sync::Arc;

use super::{Batch, Stream};
use crate::hub::drop_oldest_queue::Gap;
use crate::session::Encoder;

/// The bytes that one recipient receives in one send: some or all parts of its view of a batch.
#[derive(Debug)]
pub(crate) struct Payload<'a> {
    content: Content<'a>,
    /// The batch that contains the streams. The payload asks the batch for the messages in a range.
    batch: Option<&'a Batch>,
}

/// The pieces of a payload.
#[derive(Debug)]
enum Content<'a> {
    /// One piece of a stream, which is not empty.
    One(Piece<'a>),
    /// Any number of pieces in order, none of which is empty.
    Several(Vec<Piece<'a>>),
}

impl<'a> Content<'a> {
    fn pieces(&self) -> &[Piece<'a>] {
        match self {
            Content::One(piece) => std::slice::from_ref(piece),
            Content::Several(pieces) => pieces,
        }
    }
}

/// A piece of a payload.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    /// A range of a stream's broadcasts.
    Broadcasts { stream: &'a Stream, range: Range<usize> },
    /// Bytes for this recipient alone, or for a few recipients.
    Unicast(&'a [u8]),
}

impl<'a> Piece<'a> {
    fn as_slice(&self) -> &'a [u8] {
        match self {
            Piece::Broadcasts { stream, range } => &stream.bytes()[range.clone()],
            Piece::Unicast(bytes) => bytes,
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Piece::Broadcasts { range, .. } => range.is_empty(),
            Piece::Unicast(bytes) => bytes.is_empty(),
        }
    }
}

impl<'a> Payload<'a> {
    pub(super) fn from_stream(stream: &'a Stream, range: Range<usize>) -> Payload<'a> {
        Payload { content: Content::One(Piece::Broadcasts { stream, range }), batch: None }
    }

    pub(super) fn from_pieces(pieces: impl IntoIterator<Item = Piece<'a>>) -> Payload<'a> {
        let pieces = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
        Payload { content: Content::Several(pieces), batch: None }
    }

    pub(super) fn of_batch(self, batch: &'a Batch) -> Payload<'a> {
        Payload { batch: Some(batch), ..self }
    }

    /// Returns whether the payload has no bytes.
    pub(crate) fn is_empty(&self) -> bool {
        self.content.pieces().is_empty()
    }

    /// Returns the length in bytes.
    pub(crate) fn len(&self) -> usize {
        self.pieces().map(<[u8]>::len).sum()
    }

    /// Returns the whole payload, if it is one slice of a stream.
    pub(crate) fn as_slice(&self) -> Option<&'a [u8]> {
        match &self.content {
            Content::One(piece) => Some(piece.as_slice()),
            Content::Several(_) => None,
        }
    }

    /// Returns the pieces in order, none of which is empty.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &'a [u8]> {
        self.content.pieces().iter().map(Piece::as_slice)
    }

    /// Returns the bytes after the first `sent` bytes, for a send queue; `None` if there are none.
    ///
    /// If the rest of a recipient is at least half of a stream, the recipient shares one copy of the stream with
    /// others. Otherwise the recipient gets its own copy of its rest. So queued bytes keep at most twice as much memory
    /// alive as counts against the recipient.
    pub(crate) fn rest(&self, sent: usize) -> Option<QueuedBytes> {
        if sent == self.len() {
            return None;
        }
        if let Content::One(Piece::Broadcasts { stream, range }) = &self.content
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

/// A range of messages, which are broadcasts to rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MessageRange {
    /// The number of messages.
    pub(crate) count: u64,
    /// The event number of the first message.
    pub(crate) first: u64,
    /// The event number of the last message.
    pub(crate) last: u64,
}

impl Gap for MessageRange {
    fn merge(&mut self, next: &MessageRange) -> bool {
        self.count += next.count;
        (self.first, self.last) = (self.first.min(next.first), self.last.max(next.last));
        true
    }
}

/// The messages in queued bytes, and the encoder of these bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EncodedMessages {
    /// The messages.
    pub(crate) messages: MessageRange,
    /// The encoder of the messages. It also encodes the gap that they leave when the queue drops them.
    pub(crate) encoder: Encoder,
}

impl Gap for EncodedMessages {
    fn merge(&mut self, next: &EncodedMessages) -> bool {
        self.encoder == next.encoder && self.messages.merge(&next.messages)
    }
}

/// Queued bytes, and the messages in them. The messages are `None` if the queue must not drop the bytes: they are
/// unicast bytes, or the rest of a message whose beginning is sent already.
pub(crate) type QueuedRun = (QueuedBytes, Option<EncodedMessages>);

impl Payload<'_> {
    /// Returns the bytes after the first `sent` bytes as runs, each of which a send queue may drop or must keep.
    /// Recipients share one copy of a stream as in [`rest`](Self::rest).
    pub(crate) fn rest_in_runs(&self, sent: usize) -> Vec<QueuedRun> {
        let mut skip = sent;
        let rests: Vec<_> = self
            .content
            .pieces()
            .iter()
            .map(|piece| {
                let skipped = skip.min(piece.as_slice().len());
                skip -= skipped;
                (piece, skipped)
            })
            .collect();
        let mut streams = Vec::new();
        for (piece, skipped) in &rests {
            let Piece::Broadcasts { stream, range } = piece else { continue };
            let rest = range.len() - skipped;
            match streams.iter_mut().find(|(other, _)| std::ptr::eq(*other, *stream)) {
                Some((_, total)) => *total += rest,
                None => streams.push((*stream, rest)),
            }
        }
        let is_mostly_queued = |stream: &Stream| {
            streams.iter().any(|(other, total)| std::ptr::eq(*other, stream) && total * 2 >= stream.bytes().len())
        };
        let mut runs = Vec::new();
        for (piece, skipped) in rests {
            let (stream, range) = match piece {
                Piece::Broadcasts { stream, range } => (*stream, range),
                Piece::Unicast(bytes) => {
                    runs.extend(QueuedBytes::copy(&bytes[skipped..]).map(|queued| (queued, None)));
                    continue;
                }
            };
            let (from, to) = (range.start + skipped, range.end);
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

/// One or more bytes that wait in a send queue.
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

    /// Removes the first `count` bytes. There must be more bytes than `count`.
    pub(crate) fn advance(&mut self, count: usize) {
        self.range.start += count;
    }
}
