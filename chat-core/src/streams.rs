//! The streams of a hub: one for each framing that anybody in it reads.

use crate::pass::Stream;
use crate::session::Encoder;

/// Numbered streams. A number stays the same as long as the stream has a reader.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    /// Each with how many read it. Those that nobody reads are given to the next new framing.
    streams: Vec<(usize, Stream)>,
}

impl Streams {
    /// One more reads `encoder`'s bytes; returns the number of their stream.
    pub(crate) fn enter(&mut self, encoder: Encoder) -> usize {
        let same = self.streams.iter().position(|(readers, stream)| *readers > 0 && *stream.encoder() == encoder);
        let number = same.unwrap_or_else(|| self.open(encoder));
        self.streams[number].0 += 1;
        number
    }

    fn open(&mut self, encoder: Encoder) -> usize {
        if let Some(free) = self.streams.iter().position(|(readers, _)| *readers == 0) {
            self.streams[free].1 = Stream::new(encoder);
            return free;
        }
        self.streams.push((0, Stream::new(encoder)));
        self.streams.len() - 1
    }

    /// One less reads stream `number`.
    pub(crate) fn leave(&mut self, number: usize) {
        self.streams[number].0 -= 1;
    }

    pub(crate) fn get(&self, number: usize) -> &Stream {
        &self.streams[number].1
    }

    pub(crate) fn get_mut(&mut self, number: usize) -> &mut Stream {
        &mut self.streams[number].1
    }

    /// Those that somebody reads, with their numbers.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (usize, &mut Stream)> {
        self.streams.iter_mut().enumerate().filter(|(_, (readers, _))| *readers > 0).map(|(n, (_, stream))| (n, stream))
    }

    /// Bytes gathered in this pass.
    pub(crate) fn len(&self) -> usize {
        self.streams.iter().map(|(_, stream)| stream.len()).sum()
    }

    /// Begins a new pass.
    pub(crate) fn clear(&mut self) {
        for (_, stream) in &mut self.streams {
            stream.clear();
        }
    }
}
