//! The decoder of lines from a byte stream.
//!
//! This module must not know what a line means.

use std::borrow::Cow;

use crate::protocol::line_buffer::LineBuffer;

/// The maximum length of a line in bytes, without its tags and with its line end (RFC 2812, section 2.3).
const LINE_MAX: usize = 512;
/// The maximum length of a client's tags in bytes, with the `@` and the space after them
/// (<https://ircv3.net/specs/extensions/message-tags>, "Size limit").
const TAGS_MAX: usize = 4096;

/// A bounded line decoder. CR, LF or both end a line.
#[derive(Debug)]
pub(super) struct LineDecoder {
    buffer: LineBuffer,
}

impl Default for LineDecoder {
    fn default() -> LineDecoder {
        LineDecoder { buffer: LineBuffer::new(TAGS_MAX + LINE_MAX, 0) }
    }
}

/// The error for a line over a limit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl LineDecoder {
    /// Takes the next line from `input`, without its line end; keeps an incomplete line for the next call.
    pub(super) fn next<'a>(&mut self, input: &mut &'a [u8]) -> Option<Result<Cow<'a, [u8]>, TooLong>> {
        loop {
            let Some(end) = input.iter().position(|byte| matches!(byte, b'\r' | b'\n')) else {
                // The end of the line reports that it is too long.
                let _ = self.buffer.keep(input);
                *input = &[];
                return None;
            };
            let (piece, rest) = input.split_at(end);
            *input = &rest[1..];
            match self.buffer.end(piece) {
                // A line is empty between CR and LF, or if the client sent an empty line.
                Ok(Some(line)) if line.is_empty() => {}
                Ok(Some(line)) if is_within_limits(&line) => return Some(Ok(line)),
                Ok(Some(_) | None) | Err(_) => return Some(Err(TooLong)),
            }
        }
    }
}

/// Returns whether the tags and the rest of a line are within their limits.
fn is_within_limits(line: &[u8]) -> bool {
    let tags =
        if line.starts_with(b"@") { line.iter().position(|byte| *byte == b' ').map(|end| end + 1) } else { Some(0) };
    tags.map_or(line.len() <= TAGS_MAX, |tags| tags <= TAGS_MAX && line.len() - tags <= LINE_MAX - 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(stream: &[u8], pieces: usize) -> Vec<String> {
        let mut decoder = LineDecoder::default();
        let mut lines = Vec::new();
        for mut input in stream.chunks(pieces) {
            while let Some(line) = decoder.next(&mut input) {
                lines.push(line.map_or("!".to_owned(), |line| String::from_utf8_lossy(&line).into_owned()));
            }
            assert!(input.is_empty());
        }
        lines
    }

    #[test]
    fn cr_lf_or_both_end_a_line() {
        for pieces in [1, 2, 3, 100] {
            assert_eq!(lines(b"one\r\ntwo\nthree\r\r\n\n four\r\nfive", pieces), ["one", "two", "three", " four"]);
        }
    }

    #[test]
    fn line_over_limit_is_refused_and_next_works() {
        let longest = "x".repeat(510);
        let tags = format!("@{} ", "t".repeat(4094));
        for (line, fits) in [
            (longest.clone(), true),
            (format!("{longest}x"), false),
            (format!("{tags}{longest}"), true),
            (format!("{tags}{longest}x"), false),
            (format!("@t{} x", &tags[1..4095]), false),
            (format!("@{}", "t".repeat(10_000)), false),
            ("x".repeat(100_000), false),
        ] {
            let expected = if fits { line.clone() } else { "!".to_owned() };
            for pieces in [1, 7, 512, 200_000] {
                assert_eq!(lines(format!("{line}\r\nnext\r\n").as_bytes(), pieces), [&expected, "next"], "{pieces}");
            }
        }
    }
}
