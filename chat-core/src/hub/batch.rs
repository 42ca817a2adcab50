//! One batch of the hub's output: encoded once for each room and encoder, with a view for each recipient.
//!
//! This module must not know who the members are, nor what a room is.
//!
//! A batch gathers the effects of many commands, and ends with one send to each recipient that it concerns:
//!
//! 1. All broadcasts to one room stand in one buffer per encoder, a [`Stream`].
//! 2. All unicast bytes stand in one buffer of the batch.
//! 3. A recipient's [`RecipientView`] says which ranges of the streams the recipient receives, and lists its
//!    exclusions. An exclusion leaves out the recipient's own messages, or inserts unicast bytes, or both.
//! 4. If a member of one room sent nothing and received no unicast bytes, its view has no exclusions and is one slice.
//!    So a batch costs O(members + exclusions), not O(members × messages).
//! 5. If a member receives broadcasts from several rooms in one batch, the batch merges them one by one. Each broadcast
//!    has a [`Sequence`], which keeps the order across rooms.
//! 6. Each barrier in a view begins a new part of the view. A barrier is bytes that the hub must not send before every
//!    recipient has all earlier messages.

mod payload;
mod recipient_view;
mod stream;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::model::event::Event;
use crate::session::{Encoder, Place};
pub(crate) use payload::{EncodedMessages, MessageRange, Payload, QueuedBytes, QueuedRun};
pub(crate) use recipient_view::RecipientView;
use stream::{Buffers, Stream};

/// The maximum number of spare buffers that a batch keeps.
const SPARE: usize = 8;

/// The position of a broadcast in the order of a batch.
pub(crate) type Sequence = u32;

/// The error of an encoder or a responder that panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EncoderPanicked;

/// The id of a stream. It is valid until the end of the batch in which the stream is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StreamId(usize);

impl StreamId {
    /// Returns the index of the stream. A batch reuses free indices, so they stay small.
    pub(crate) fn index(self) -> usize {
        self.0
    }
}

/// The output of the current batch.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    streams: Vec<Option<Stream>>,
    /// The free indices of `streams`.
    free: Vec<usize>,
    /// The unicast bytes, in the order in which they were added.
    unicast: Vec<u8>,
    /// The sequence of the next broadcast.
    next: Sequence,
    /// The event number of each broadcast, indexed by its [`Sequence`].
    event_numbers: Vec<u64>,
    /// The streams with a broadcast in this batch.
    active: Vec<StreamId>,
    /// The streams to drop at the end of the batch.
    closed: Vec<StreamId>,
    /// The number of bytes added to this batch.
    length: usize,
    /// Whether an encoder panicked, so that a stream lacks a broadcast.
    broken: bool,
    /// Empty buffers for streams that become active. A stream without a broadcast in this batch has no buffers.
    spare: Vec<Buffers>,
}

impl Batch {
    /// Opens a stream for events that `encoder` encodes for `place`.
    pub(crate) fn open(&mut self, encoder: Encoder, place: Place) -> StreamId {
        let stream = Some(Stream::new(encoder, place));
        if let Some(free) = self.free.pop() {
            self.streams[free] = stream;
            return StreamId(free);
        }
        self.streams.push(stream);
        StreamId(self.streams.len() - 1)
    }

    /// Closes a stream at the end of the batch. Until then, views of this batch may use it.
    pub(crate) fn close(&mut self, stream: StreamId) {
        self.closed.push(stream);
    }

    /// Returns the sequence for the next broadcast, which may go to several streams. `event_number` is the number of
    /// the broadcast event.
    pub(crate) fn next_sequence(&mut self, event_number: u64) -> Sequence {
        let sequence = self.next;
        self.next += 1;
        self.event_numbers.push(event_number);
        sequence
    }

    /// Returns the messages in a range of a stream, or `None` if there are none.
    fn message_range(&self, stream: &Stream, range: Range<usize>) -> Option<MessageRange> {
        let (count, first, last) = stream.sequences(range.start, range.end)?;
        let number = |sequence: Sequence| self.event_numbers[sequence as usize];
        Some(MessageRange { count: count as u64, first: number(first), last: number(last) })
    }

    /// Adds `event` to `stream`. If the encoder panics, the stream is broken: see [`RecipientView::is_broken`].
    ///
    /// # Panics
    ///
    /// If the stream is not open.
    pub(crate) fn broadcast(&mut self, stream: StreamId, sequence: Sequence, event: &Event) {
        let open = self.streams[stream.0].as_mut().expect(OPEN);
        if !open.is_active() {
            self.active.push(stream);
            open.activate(self.spare.pop().unwrap_or_default());
        }
        match open.push(sequence, event) {
            Ok(bytes) => self.length += bytes,
            Err(EncoderPanicked) => self.broken = true,
        }
    }

    /// Returns whether any stream lacks a broadcast; see [`RecipientView::is_broken`].
    pub(crate) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Returns the streams with a broadcast in this batch.
    pub(crate) fn active_streams(&self) -> &[StreamId] {
        &self.active
    }

    /// Inserts a range of the [encoded](Self::encode) unicast bytes into a view, after all broadcasts so far.
    pub(crate) fn insert(&self, view: &mut RecipientView, unicast: Range<usize>) {
        view.insert(self.next, unicast);
    }

    /// Inserts bytes like [`insert`](Self::insert), and begins a new part of the view with them.
    pub(crate) fn insert_in_new_part(&self, view: &mut RecipientView, unicast: Range<usize>) {
        view.begin_part(self.next, unicast);
    }

    /// Copies `bytes` into the batch as unicast bytes, and inserts them into a view, after all broadcasts so far.
    pub(crate) fn insert_bytes(&mut self, view: &mut RecipientView, bytes: &[u8]) {
        let start = self.unicast.len();
        self.unicast.extend_from_slice(bytes);
        self.length += bytes.len();
        view.insert(self.next, start..self.unicast.len());
    }

    /// Encodes `event` as unicast bytes, and returns their range. Several views may insert the same range.
    pub(crate) fn encode(&mut self, encoder: &Encoder, event: &Event) -> Result<Range<usize>, EncoderPanicked> {
        self.encode_with(|out| encoder.encode(event, out))
    }

    /// Calls `append_to` to append unicast bytes, and returns their range.
    pub(crate) fn encode_with(
        &mut self,
        append_to: impl FnOnce(&mut Vec<u8>),
    ) -> Result<Range<usize>, EncoderPanicked> {
        let bytes = append(&mut self.unicast, append_to)?;
        self.length += bytes.len();
        Ok(bytes)
    }

    /// Returns how many bytes were added to this batch.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// Begins a new batch. Keeps the buffers, but shrinks unusually large ones.
    pub(crate) fn clear(&mut self) {
        for stream in std::mem::take(&mut self.active) {
            let buffers = self.streams[stream.0].as_mut().expect(OPEN).clear();
            if self.spare.len() < SPARE {
                self.spare.push(buffers);
            }
        }
        for StreamId(stream) in std::mem::take(&mut self.closed) {
            self.streams[stream] = None;
            self.free.push(stream);
        }
        empty(&mut self.unicast);
        self.next = 0;
        self.event_numbers.clear();
        self.length = 0;
        self.broken = false;
    }

    fn stream(&self, stream: StreamId) -> &Stream {
        self.streams[stream.0].as_ref().expect(OPEN)
    }
}

const OPEN: &str = "a stream stays open to the end of the batch in which it is closed";

/// Calls `encode` to append to `buffer`, and returns the range of the new bytes. If `encode` panics, removes its bytes.
fn append(buffer: &mut Vec<u8>, encode: impl FnOnce(&mut Vec<u8>)) -> Result<Range<usize>, EncoderPanicked> {
    let start = buffer.len();
    if catch_unwind(AssertUnwindSafe(|| encode(buffer))).is_err() {
        buffer.truncate(start);
        return Err(EncoderPanicked);
    }
    Ok(start..buffer.len())
}

/// Empties a buffer, and shrinks its capacity to 1 MiB, which is more than most batches need.
fn empty(buffer: &mut Vec<u8>) {
    const KEPT_CAPACITY: usize = 1024 * 1024;
    buffer.clear();
    buffer.shrink_to(KEPT_CAPACITY);
}

#[cfg(test)]
mod tests;
