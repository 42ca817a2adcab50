//! The streams of a hub: one for each framing that anybody in it reads.

use crate::pass::Stream;
use crate::session::Encoder;

/// Numbered streams. A number stays the same as long as the stream has a reader; without one the stream is dropped, and
/// its encoder, which is the embedder's, with it.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    /// Each with how many read it.
    streams: Vec<Option<(usize, Stream)>>,
}

impl Streams {
    /// One more reads `encoder`'s bytes; returns the number of their stream.
    pub(crate) fn enter(&mut self, encoder: Encoder) -> usize {
        let mut open =
            self.streams.iter_mut().enumerate().filter_map(|(number, place)| Some((number, place.as_mut()?)));
        if let Some((number, (readers, _))) = open.find(|(_, (_, stream))| *stream.encoder() == encoder) {
            *readers += 1;
            return number;
        }
        let free = self.streams.iter().position(Option::is_none).unwrap_or_else(|| {
            self.streams.push(None);
            self.streams.len() - 1
        });
        self.streams[free] = Some((1, Stream::new(encoder)));
        free
    }

    /// One less reads stream `number`.
    pub(crate) fn leave(&mut self, number: usize) {
        let (readers, _) = self.streams[number].as_mut().expect(HAS_READER);
        *readers -= 1;
        if *readers == 0 {
            self.streams[number] = None;
        }
    }

    pub(crate) fn get(&self, number: usize) -> &Stream {
        &self.streams[number].as_ref().expect(HAS_READER).1
    }

    pub(crate) fn get_mut(&mut self, number: usize) -> &mut Stream {
        &mut self.streams[number].as_mut().expect(HAS_READER).1
    }

    /// All that somebody reads, with their numbers.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (usize, &mut Stream)> {
        self.streams.iter_mut().enumerate().filter_map(|(number, place)| Some((number, &mut place.as_mut()?.1)))
    }

    /// Bytes gathered in this pass.
    pub(crate) fn len(&self) -> usize {
        self.streams.iter().flatten().map(|(_, stream)| stream.len()).sum()
    }

    /// Begins a new pass.
    pub(crate) fn clear(&mut self) {
        for (_, stream) in self.iter_mut() {
            stream.clear();
        }
    }
}

const HAS_READER: &str = "only those who read a stream ask for it";
