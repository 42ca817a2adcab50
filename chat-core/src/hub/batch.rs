//! What one batch of the hub says: encoded once for each room and framing, exclusion to measure for each member.
//!
//! A batch gathers what many commands lead to, and ends with one send to each member that it concerns. All broadcasts of
//! a batch to one room stand in one buffer per framing ([`Stream`]); what a member hears of them is its [`RecipientView`]: of each
//! room from where it came in to where it left, less its own words, plus what was told to it alone. A member of one room
//! that only listened has no exclusions, so its view is one slice: a batch costs O(members + exclusions), not O(members × messages).
//! Only for a member who hears several rooms in one batch are these merged message by message.
//!
//! Each broadcast has a [`Sequence`], so that what was said in several rooms keeps its order. A view has more than one part
//! if something in it must not be sent before everybody has what was said before it.
//!
//! It must not know who the members are, nor what a room is.

mod payload;
mod recipient_view;
mod stream;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::model::event::Event;
use crate::session::{Encoder, Place};
pub(crate) use payload::{MessageRange, Payload, QueuedBytes, QueuedRun};
pub(crate) use recipient_view::RecipientView;
use stream::{Buffers, Stream};

/// So many spare buffers are kept.
const SPARE: usize = 8;

/// The place of a broadcast in the order of a batch.
pub(crate) type Sequence = u32;

/// The encoder's code panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EncoderPanicked;

/// The number of a stream: the same as long as somebody reads it, and to the end of the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StreamId(usize);

impl StreamId {
    /// Small numbers are used again.
    pub(crate) fn index(self) -> usize {
        self.0
    }
}

/// All that is being said in the batch at hand.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    streams: Vec<Option<Stream>>,
    /// Places in `streams` that are free.
    free: Vec<usize>,
    /// What members are told alone, one behind the other.
    own: Vec<u8>,
    /// The sequence of the next broadcast.
    next: Sequence,
    /// The numbers of the events, by the sequences of their broadcasts.
    numbers: Vec<u64>,
    /// Those that something was said to.
    loud: Vec<StreamId>,
    /// Those that nobody reads any more.
    unread: Vec<StreamId>,
    /// Bytes gathered.
    length: usize,
    /// Whether any stream is broken.
    broken: bool,
    /// Buffers for streams that get loud: a quiet one keeps none.
    spare: Vec<Buffers>,
}

impl Batch {
    /// A stream that nobody reads yet, of events as `encoder` shows them to those who are in this `place`.
    pub(crate) fn open(&mut self, encoder: Encoder, place: Place) -> StreamId {
        let stream = Some(Stream::new(encoder, place));
        if let Some(free) = self.free.pop() {
            self.streams[free] = stream;
            return StreamId(free);
        }
        self.streams.push(stream);
        StreamId(self.streams.len() - 1)
    }

    /// Forgets a stream that nobody reads any more, once those who read it in this batch have heard it.
    pub(crate) fn close(&mut self, stream: StreamId) {
        self.unread.push(stream);
    }

    /// A sequence for the next broadcast, of the event with this number, which may go to several streams.
    pub(crate) fn sequence(&mut self, number: u64) -> Sequence {
        let sequence = self.next;
        self.next += 1;
        self.numbers.push(number);
        sequence
    }

    /// The stream that some bytes are a part of, and where they stand in it.
    fn find(&self, part: &[u8]) -> Option<(&Stream, usize)> {
        let at = part.as_ptr() as usize;
        let streams = self.loud.iter().map(|&stream| self.stream(stream));
        let mut places = streams.filter_map(|stream| Some((stream, at.checked_sub(stream.bytes().as_ptr() as usize)?)));
        places.find(|(stream, offset)| offset + part.len() <= stream.bytes().len())
    }

    /// Which messages stand between these places.
    fn messages(&self, stream: &Stream, range: Range<usize>) -> Option<MessageRange> {
        let (count, first, last) = stream.sequences(range.start, range.end)?;
        let number = |sequence: Sequence| self.numbers[sequence as usize];
        Some(MessageRange { count: count as u64, first: number(first), last: number(last) })
    }

    /// Says `event` to all who read `stream`. If the encoder panics, the stream is broken: see [`RecipientView::is_broken`].
    pub(crate) fn broadcast(&mut self, stream: StreamId, sequence: Sequence, event: &Event) {
        let said = self.streams[stream.0].as_mut().expect(OPEN);
        if said.is_silent() {
            self.loud.push(stream);
            said.begin(self.spare.pop().unwrap_or_default());
        }
        match said.say(sequence, event) {
            Ok(bytes) => self.length += bytes,
            Err(EncoderPanicked) => self.broken = true,
        }
    }

    /// Whether something is missing in this batch that somebody should have heard; see [`RecipientView::is_broken`].
    pub(crate) fn is_broken(&self) -> bool {
        self.broken
    }

    /// The streams that something was said to.
    pub(crate) fn loud(&self) -> &[StreamId] {
        &self.loud
    }

    /// Says what was [encoded](Self::encode) in this batch to the owner of `view`.
    pub(crate) fn tell(&self, view: &mut RecipientView, own: Range<usize>) {
        view.insert(self.next, own);
    }

    /// As [`tell`](Self::tell), as the beginning of a new part of the view.
    pub(crate) fn tell_in_new_part(&self, view: &mut RecipientView, own: Range<usize>) {
        view.begin_part(self.next, own);
    }

    /// Says `bytes`, encoded already, to the owner of `view`.
    pub(crate) fn tell_bytes(&mut self, view: &mut RecipientView, bytes: &[u8]) {
        let start = self.own.len();
        self.own.extend_from_slice(bytes);
        self.length += bytes.len();
        view.insert(self.next, start..self.own.len());
    }

    /// Encodes `event` for those who are told it alone, be they one or several.
    pub(crate) fn encode(&mut self, encoder: &Encoder, event: &Event) -> Result<Range<usize>, EncoderPanicked> {
        self.encode_by(|out| encoder.encode(event, out))
    }

    /// As [`encode`](Self::encode), what something else than an encoder appends.
    pub(crate) fn encode_by(&mut self, append_to: impl FnOnce(&mut Vec<u8>)) -> Result<Range<usize>, EncoderPanicked> {
        let own = append(&mut self.own, append_to)?;
        self.length += own.len();
        Ok(own)
    }

    /// Bytes gathered in this batch.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// Begins a new batch. Buffers are kept, but not those of a batch that was far larger than most.
    pub(crate) fn clear(&mut self) {
        for stream in std::mem::take(&mut self.loud) {
            let buffers = self.streams[stream.0].as_mut().expect(OPEN).clear();
            if self.spare.len() < SPARE {
                self.spare.push(buffers);
            }
        }
        for StreamId(stream) in std::mem::take(&mut self.unread) {
            self.streams[stream] = None;
            self.free.push(stream);
        }
        empty(&mut self.own);
        self.next = 0;
        self.numbers.clear();
        self.length = 0;
        self.broken = false;
    }

    fn stream(&self, stream: StreamId) -> &Stream {
        self.streams[stream.0].as_ref().expect(OPEN)
    }
}

const OPEN: &str = "a stream is open as long as somebody reads it, and to the end of the batch";

/// Appends what `encode` makes, or nothing at all if it panics.
fn append(buffer: &mut Vec<u8>, encode: impl FnOnce(&mut Vec<u8>)) -> Result<Range<usize>, EncoderPanicked> {
    let start = buffer.len();
    if catch_unwind(AssertUnwindSafe(|| encode(buffer))).is_err() {
        buffer.truncate(start);
        return Err(EncoderPanicked);
    }
    Ok(start..buffer.len())
}

/// Empties a buffer, and gives its memory back if it is far more than most batches need.
fn empty(buffer: &mut Vec<u8>) {
    const ROOMY: usize = 1024 * 1024;
    buffer.clear();
    buffer.shrink_to(ROOMY);
}

#[cfg(test)]
mod tests;
