//! A bounded buffer for protocols of lines. It joins the pieces of a line, and skips a line that is too long.
//!
//! This module must not know what a line means, or which bytes end a line.

use std::borrow::Cow;

use crate::session::FramingError;

/// The longest input without a line end that can still be lines, as a multiple of the longest line.
const MAX_LINES_WITHOUT_END: usize = 16;

/// The received part of a line whose end is still missing.
#[derive(Debug)]
pub(crate) struct LineBuffer {
    /// The longest line, in bytes without its end.
    limit: usize,
    /// The number of bytes that the buffer keeps beyond the limit, because the limit does not count them, such as a CR.
    uncounted: usize,
    partial: Vec<u8>,
    /// The number of bytes that the buffer has discarded, if the line is too long.
    discarded: usize,
}

impl LineBuffer {
    pub(crate) fn new(limit: usize, uncounted: usize) -> LineBuffer {
        LineBuffer { limit, uncounted, partial: Vec::new(), discarded: 0 }
    }

    /// Returns the longest line, in bytes without its end.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Returns the kept bytes.
    pub(crate) fn partial(&self) -> &[u8] {
        &self.partial
    }

    /// Keeps a piece of a line whose end is still missing. When the line gets too long, discards it and returns its
    /// beginning, once.
    pub(crate) fn keep(&mut self, piece: &[u8]) -> Option<Vec<u8>> {
        let max = self.limit.saturating_add(self.uncounted);
        if self.discarded == 0 && self.partial.len() + piece.len() <= max {
            self.partial.extend_from_slice(piece);
            return None;
        }
        let is_first = self.discarded == 0;
        let partial = std::mem::take(&mut self.partial);
        self.discarded += partial.len() + piece.len();
        is_first.then(|| partial.iter().chain(piece).take(max).copied().collect())
    }

    /// Ends a line with its last piece, and returns the whole line. Returns `None` for a line that
    /// [`keep`](Self::keep) has discarded.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`check`](Self::check).
    pub(crate) fn end<'a>(&mut self, piece: &'a [u8]) -> Result<Option<Cow<'a, [u8]>>, FramingError> {
        if self.discarded > 0 {
            let discarded = std::mem::take(&mut self.discarded) + piece.len();
            return self.check_length(discarded).map(|()| None);
        }
        if self.partial.is_empty() {
            return Ok(Some(piece.into()));
        }
        let mut whole = std::mem::take(&mut self.partial);
        whole.extend_from_slice(piece);
        Ok(Some(whole.into()))
    }

    /// Fails once so many bytes arrived without a line end that the stream can't be lines.
    pub(crate) fn check(&self) -> Result<(), FramingError> {
        self.check_length(self.discarded)
    }

    /// Fails if a line of this length is so long that the stream can't be lines.
    pub(crate) fn check_length(&self, length: usize) -> Result<(), FramingError> {
        let (limit, max) = (self.limit, self.limit.saturating_mul(MAX_LINES_WITHOUT_END));
        if length <= max {
            return Ok(());
        }
        Err(FramingError::new(format!("no line end in {max} bytes; a line has at most {limit} bytes")))
    }
}
