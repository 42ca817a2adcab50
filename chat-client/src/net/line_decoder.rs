//! Decodes bytes into lines that are safe to print, whatever the server sends.
//!
//! This module must not know sockets or clocks. The caller calls [`LineDecoder::flush`] when no byte has arrived for a
//! while. So a notice without a newline is shown, but a line that TCP split into two segments normally stays whole.
//!
//! 1. LF ends a line.
//! 2. CR ends a line unless that line is empty: `\r<a> hi` after an unterminated notice starts a new line, and CRLF
//!    ends one line, not two.
//! 3. Invalid UTF-8 becomes U+FFFD. The decoder joins a character that is split over two chunks.
//! 4. The decoder removes control characters from every line ([`Text::clean`]), and drops a line that contained only
//!    control characters.

use std::str;

use chat_core::message::Text;

use super::sanitize::printable;

/// The longest line, in bytes. The decoder cuts a longer line into pieces of at most this size.
pub(crate) const MAX_LINE: usize = 64 * 1024;

/// A decoder of lines. How the bytes are split into chunks does not change the lines.
#[derive(Debug, Default)]
pub(crate) struct LineDecoder {
    /// The bytes of the incomplete line.
    partial: Vec<u8>,
    /// Whether a CR or a flush has already ended the line, so that an LF right after it must not end another line.
    is_returned: bool,
}

impl LineDecoder {
    /// Decodes `chunk`, and appends the lines that it completes to `lines`.
    pub(crate) fn push(&mut self, chunk: &[u8], lines: &mut Vec<Text>) {
        let mut rest = chunk;
        while let Some(first) = rest.first() {
            match first {
                b'\n' => {
                    if !self.is_returned {
                        self.end_line(lines);
                    }
                    self.is_returned = false;
                    rest = &rest[1..];
                }
                b'\r' => {
                    if !self.partial.is_empty() {
                        self.end_line(lines);
                        self.is_returned = true;
                    }
                    rest = &rest[1..];
                }
                _ => rest = self.append(rest, lines),
            }
        }
    }

    pub(crate) fn has_partial_line(&self) -> bool {
        !self.partial.is_empty()
    }

    /// Ends the partial line and appends it to `lines`. Keeps the bytes of an incomplete character at its end.
    pub(crate) fn flush(&mut self, lines: &mut Vec<Text>) {
        let complete = self.partial.len() - incomplete_suffix(&self.partial);
        if complete > 0 {
            let suffix = self.partial.split_off(complete);
            self.end_line(lines);
            self.is_returned = suffix.is_empty();
            self.partial = suffix;
        }
    }

    /// Ends the partial line at the end of the stream, and appends it to `lines`.
    pub(crate) fn finish(&mut self, lines: &mut Vec<Text>) {
        if self.has_partial_line() {
            self.end_line(lines);
        }
    }

    /// Returns the bytes of the partial line.
    pub(crate) fn into_partial_line(self) -> Vec<u8> {
        self.partial
    }

    /// Appends the bytes of `rest` to the partial line, up to the next CR or LF, or up to [`MAX_LINE`] bytes in all.
    /// Returns the bytes that follow.
    fn append<'a>(&mut self, rest: &'a [u8], lines: &mut Vec<Text>) -> &'a [u8] {
        if self.partial.len() == MAX_LINE {
            self.flush(lines);
        }
        self.is_returned = false;
        let end = rest.iter().position(|b| matches!(b, b'\r' | b'\n'));
        let end = end.unwrap_or(rest.len()).min(MAX_LINE - self.partial.len());
        let (appended, following) = rest.split_at(end);
        self.partial.extend_from_slice(appended);
        following
    }

    fn end_line(&mut self, lines: &mut Vec<Text>) {
        let text = Text::clean(&printable(&String::from_utf8_lossy(&self.partial)));
        let was_empty = self.partial.is_empty();
        if was_empty || !text.is_empty() {
            lines.push(text);
        }
        self.partial.clear();
    }
}

/// Returns the number of bytes at the end of `bytes` that begin a character but do not complete it: 0 to 3.
pub(crate) fn incomplete_suffix(bytes: &[u8]) -> usize {
    (1..=bytes.len().min(3))
        .find(|count| {
            let suffix = &bytes[bytes.len() - count..];
            // `error_len` is `None` if more bytes could make the sequence valid.
            suffix[0] >= 0xc2 && str::from_utf8(suffix).is_err_and(|error| error.error_len().is_none())
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A call of a function of the decoder.
    enum Step {
        Push(&'static [u8]),
        Flush,
    }
    use Step::{Flush, Push};

    #[track_caller]
    fn check(steps: &[Step], expected: &[&str]) {
        let mut decoder = LineDecoder::default();
        let mut lines = Vec::new();
        for step in steps {
            match step {
                Push(chunk) => decoder.push(chunk, &mut lines),
                Flush => decoder.flush(&mut lines),
            }
        }
        decoder.finish(&mut lines);
        let lines: Vec<&str> = lines.iter().map(chat_core::message::Text::as_str).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn lf_and_crlf_end_lines() {
        check(&[Push(b"a\nb\n")], &["a", "b"]);
        check(&[Push(b"a\r\nb\r\n")], &["a", "b"]);
        check(&[Push(b"a\n\nb\n")], &["a", "", "b"]);
        check(&[Push(b"a\r\n\r\nb\r\n")], &["a", "", "b"]);
        check(&[Push(b"a\r\r\nb")], &["a", "b"]);
        check(&[Push(b"\n")], &[""]);
        check(&[Push(b"")], &[]);
    }

    #[test]
    fn split_crlf_ends_one_line() {
        check(&[Push(b"a\r"), Push(b"\nb")], &["a", "b"]);
        check(&[Push(b"a\r"), Flush, Push(b"\nb")], &["a", "b"]);
    }

    #[test]
    fn chunks_without_newlines_are_decoded() {
        check(&[Push(b"\r<('127.0.0.1', 50194)> hi\n")], &["<('127.0.0.1', 50194)> hi"]);
        check(
            &[Push(b"[127.0.0.1:50194] entered room"), Push(b"\r<('127.0.0.1', 50194)> hi\n")],
            &["[127.0.0.1:50194] entered room", "<('127.0.0.1', 50194)> hi"],
        );
        check(&[Push(b"\r<a> hi"), Flush, Push(b"\r<b> ho"), Flush], &["<a> hi", "<b> ho"]);
    }

    #[test]
    fn flushed_line_is_not_ended_twice() {
        check(&[Push(b"name: "), Flush, Push(b"\nwelcome\n")], &["name: ", "welcome"]);
        check(&[Push(b"name: "), Flush, Push(b"\r\nwelcome\n")], &["name: ", "welcome"]);
        check(&[Push(b"name: "), Flush, Push(b"\n\nwelcome\n")], &["name: ", "", "welcome"]);
        check(&[Push(b"a"), Flush, Push(b"b\n\n")], &["a", "b", ""]);
        check(&[Push(b"a\n"), Flush, Push(b"\n")], &["a", ""]);
    }

    #[test]
    fn split_characters_are_joined() {
        check(&[Push(b"caf\xc3"), Push(b"\xa9\n")], &["café"]);
        check(&[Push(b"\xf0\x9f"), Push(b"\x91"), Push(b"\xa9\n")], &["👩"]);
        check(&[Push(b"caf\xc3"), Flush, Push(b"\xa9\n")], &["caf", "é"]);
        check(&[Push(b"\xc3"), Flush, Flush, Push(b"\xa9\n")], &["é"]);
        check(&[Push(b"caf\xc3")], &["caf\u{fffd}"]);
        check(&[Push(b"caf\xc3\n")], &["caf\u{fffd}"]);
        check(&[Push(b"a\xffb\xc0\xafc\n")], &["a\u{fffd}b\u{fffd}\u{fffd}c"]);
        check(&[Push(b"a\xff"), Flush, Push(b"b")], &["a\u{fffd}", "b"]);
    }

    #[test]
    fn escapes_and_controls_are_removed() {
        check(&[Push(b"\x1b[2J\x1b[1;1Hhome\x07\x08\n")], &["home"]);
        check(&[Push(b"\x1b]0;title\x07x\xc2\x9b31my\n")], &["xy"]);
        check(&[Push(b"\x1b"), Flush, Push(b"[2Jx\n")], &["[2Jx"]);
    }

    #[test]
    fn line_of_controls_only_is_dropped() {
        check(&[Push(b"a\n\x1b[6n\nb\n\0\n")], &["a", "b"]);
    }

    #[test]
    fn endless_line_is_cut_between_characters() {
        let mut long = vec![b'x'; MAX_LINE];
        let mut decoder = LineDecoder::default();
        let mut lines = Vec::new();
        decoder.push(&long, &mut lines);
        assert!(lines.is_empty(), "a newline may still come");
        decoder.push(b"\n", &mut lines);
        assert_eq!(lines.iter().map(chat_core::message::Text::len).collect::<Vec<_>>(), [MAX_LINE]);

        lines.clear();
        long.truncate(MAX_LINE - 1);
        long.extend("éy\n".as_bytes());
        decoder.push(&long, &mut lines);
        assert_eq!(lines.iter().map(chat_core::message::Text::len).collect::<Vec<_>>(), [MAX_LINE - 1, 3]);
        assert_eq!(lines[1].as_str(), "éy");
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_lines(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    &b"\r"[..], b"\n", b"\r\n", b"a", "é👩".as_bytes(), b"\xff", b"\xf0\x9f", b"\x1b[1m", b"\x1b]0;t\x07",
                    &[b'z'; MAX_LINE / 2],
                ]),
                0..40,
            ),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        ) {
            let bytes = pieces.concat();
            let mut whole = Vec::new();
            let mut decoder = LineDecoder::default();
            decoder.push(&bytes, &mut whole);
            decoder.finish(&mut whole);

            let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            ends.push(bytes.len());
            ends.sort_unstable();
            let mut split = Vec::new();
            let mut decoder = LineDecoder::default();
            let mut start = 0;
            for end in ends {
                decoder.push(&bytes[start..end], &mut split);
                start = end;
            }
            decoder.finish(&mut split);
            prop_assert_eq!(split, whole);
        }

        #[test]
        fn lines_are_bounded_and_contain_no_controls(
            chunks in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..300), any::<bool>()), 0..30),
        ) {
            let mut lines = Vec::new();
            let mut decoder = LineDecoder::default();
            for (chunk, is_idle) in &chunks {
                decoder.push(chunk, &mut lines);
                if *is_idle {
                    decoder.flush(&mut lines);
                }
            }
            decoder.finish(&mut lines);
            prop_assert!(!decoder.has_partial_line());
            for line in lines {
                prop_assert!(line.len() <= 3 * MAX_LINE, "a byte becomes U+FFFD at most");
                prop_assert!(!line.as_str().chars().any(|c| c.is_control() && c != '\t'));
            }
        }
    }
}
