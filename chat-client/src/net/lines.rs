//! Bytes cut into lines that are safe to print, whatever the server's habits are.
//!
//! Pure: no socket and no clock. The owner calls [`Lines::flush`] when nothing has come for a while, so that a notice
//! without a newline shows up; a line that TCP split in two is normally not torn.
//!
//! - LF ends a line. So does CR, where it has something to end: `\r<a> hi` after an unterminated notice starts a new
//!   line, and CRLF ends one line, not two.
//! - Invalid UTF-8 becomes U+FFFD; a character that is split over two chunks is put together.
//! - Every line is cleaned ([`Text::clean`]). One that held nothing but controls is not shown at all.

use std::str;

use chat_core::Text;

use crate::net::wire::printable;

/// The longest line, in bytes. One that is longer is printed in pieces of at most this size.
pub(crate) const MAX_LINE: usize = 64 * 1024;

/// A line cutter. Whatever way the bytes are split into chunks, the lines are the same.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// The line so far.
    held: Vec<u8>,
    /// The line has been handed out already, by a CR or a flush, and a newline would only end it once more.
    is_out: bool,
}

impl Lines {
    /// Takes in `chunk`, and appends the lines that it completes to `lines`.
    pub(crate) fn push(&mut self, chunk: &[u8], lines: &mut Vec<Text>) {
        let mut rest = chunk;
        while let Some(first) = rest.first() {
            match first {
                b'\n' => {
                    if !self.is_out {
                        self.end(lines);
                    }
                    self.is_out = false;
                    rest = &rest[1..];
                }
                b'\r' => {
                    if !self.held.is_empty() {
                        self.end(lines);
                        self.is_out = true;
                    }
                    rest = &rest[1..];
                }
                _ => rest = self.hold(rest, lines),
            }
        }
    }

    /// Whether there is an unfinished line.
    pub(crate) fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// Hands out the unfinished line as it is, but for the beginning of a character that is still to come.
    pub(crate) fn flush(&mut self, lines: &mut Vec<Text>) {
        let whole = self.held.len() - unfinished(&self.held);
        if whole > 0 {
            let tail = self.held.split_off(whole);
            self.end(lines);
            self.is_out = tail.is_empty();
            self.held = tail;
        }
    }

    /// Hands out what is left: there will be no more bytes.
    pub(crate) fn finish(&mut self, lines: &mut Vec<Text>) {
        if self.is_holding() {
            self.end(lines);
        }
    }

    /// What is held of an unfinished line.
    pub(crate) fn into_rest(self) -> Vec<u8> {
        self.held
    }

    /// Keeps the front of `rest`, up to the next CR or LF or the limit, and returns what is behind it.
    fn hold<'a>(&mut self, rest: &'a [u8], lines: &mut Vec<Text>) -> &'a [u8] {
        if self.held.len() == MAX_LINE {
            self.flush(lines);
        }
        self.is_out = false;
        let end = rest.iter().position(|b| matches!(b, b'\r' | b'\n'));
        let end = end.unwrap_or(rest.len()).min(MAX_LINE - self.held.len());
        let (front, behind) = rest.split_at(end);
        self.held.extend_from_slice(front);
        behind
    }

    fn end(&mut self, lines: &mut Vec<Text>) {
        let text = Text::clean(&printable(&String::from_utf8_lossy(&self.held)));
        let was_blank = self.held.is_empty();
        if was_blank || !text.is_empty() {
            lines.push(text);
        }
        self.held.clear();
    }
}

/// How many bytes at the end begin a character without completing it: 0 to 3.
pub(crate) fn unfinished(bytes: &[u8]) -> usize {
    (1..=bytes.len().min(3))
        .find(|count| {
            let tail = &bytes[bytes.len() - count..];
            // "No error length" is how the standard library says "more bytes could make it valid".
            tail[0] >= 0xc2 && str::from_utf8(tail).is_err_and(|error| error.error_len().is_none())
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What happens to the cutter, in tables.
    enum Step {
        Push(&'static [u8]),
        Flush,
    }
    use Step::{Flush, Push};

    #[track_caller]
    fn check(steps: &[Step], expected: &[&str]) {
        let mut cutter = Lines::default();
        let mut lines = Vec::new();
        for step in steps {
            match step {
                Push(chunk) => cutter.push(chunk, &mut lines),
                Flush => cutter.flush(&mut lines),
            }
        }
        cutter.finish(&mut lines);
        let lines: Vec<&str> = lines.iter().map(|line| &**line).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn lf_crlf_and_blank_lines() {
        check(&[Push(b"a\nb\n")], &["a", "b"]);
        check(&[Push(b"a\r\nb\r\n")], &["a", "b"]);
        check(&[Push(b"a\n\nb\n")], &["a", "", "b"]);
        check(&[Push(b"a\r\n\r\nb\r\n")], &["a", "", "b"]);
        check(&[Push(b"a\r\r\nb")], &["a", "b"]);
        check(&[Push(b"\n")], &[""]);
        check(&[Push(b"")], &[]);
    }

    #[test]
    fn a_split_crlf_is_one_end() {
        check(&[Push(b"a\r"), Push(b"\nb")], &["a", "b"]);
        check(&[Push(b"a\r"), Flush, Push(b"\nb")], &["a", "b"]);
    }

    #[test]
    fn raw_chunks_of_a_select_loop_server() {
        check(&[Push(b"\r<('127.0.0.1', 50194)> hi\n")], &["<('127.0.0.1', 50194)> hi"]);
        check(
            &[Push(b"[127.0.0.1:50194] entered room"), Push(b"\r<('127.0.0.1', 50194)> hi\n")],
            &["[127.0.0.1:50194] entered room", "<('127.0.0.1', 50194)> hi"],
        );
        check(&[Push(b"\r<a> hi"), Flush, Push(b"\r<b> ho"), Flush], &["<a> hi", "<b> ho"]);
    }

    #[test]
    fn a_flushed_line_is_not_ended_twice() {
        check(&[Push(b"name: "), Flush, Push(b"\nwelcome\n")], &["name: ", "welcome"]);
        check(&[Push(b"name: "), Flush, Push(b"\r\nwelcome\n")], &["name: ", "welcome"]);
        check(&[Push(b"name: "), Flush, Push(b"\n\nwelcome\n")], &["name: ", "", "welcome"]);
        check(&[Push(b"a"), Flush, Push(b"b\n\n")], &["a", "b", ""]);
        check(&[Push(b"a\n"), Flush, Push(b"\n")], &["a", ""]);
    }

    #[test]
    fn split_characters_are_put_together() {
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
    fn escapes_and_controls_go() {
        check(&[Push(b"\x1b[2J\x1b[1;1Hhome\x07\x08\n")], &["home"]);
        check(&[Push(b"\x1b]0;title\x07x\xc2\x9b31my\n")], &["xy"]);
        check(&[Push(b"\x1b"), Flush, Push(b"[2Jx\n")], &["[2Jx"]);
    }

    #[test]
    fn a_line_of_nothing_but_controls_is_not_shown() {
        check(&[Push(b"a\n\x1b[6n\nb\n\0\n")], &["a", "b"]);
    }

    #[test]
    fn a_line_without_end_is_cut_at_the_limit_and_at_a_character() {
        let mut long = vec![b'x'; MAX_LINE];
        let mut cutter = Lines::default();
        let mut lines = Vec::new();
        cutter.push(&long, &mut lines);
        assert!(lines.is_empty(), "a newline may still come");
        cutter.push(b"\n", &mut lines);
        assert_eq!(lines.iter().map(|line| line.len()).collect::<Vec<_>>(), [MAX_LINE]);

        lines.clear();
        long.truncate(MAX_LINE - 1);
        long.extend("éy\n".as_bytes());
        cutter.push(&long, &mut lines);
        assert_eq!(lines.iter().map(|line| line.len()).collect::<Vec<_>>(), [MAX_LINE - 1, 3]);
        assert_eq!(&*lines[1], "éy");
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
            let mut cutter = Lines::default();
            cutter.push(&bytes, &mut whole);
            cutter.finish(&mut whole);

            let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            ends.push(bytes.len());
            ends.sort_unstable();
            let mut split = Vec::new();
            let mut cutter = Lines::default();
            let mut start = 0;
            for end in ends {
                cutter.push(&bytes[start..end], &mut split);
                start = end;
            }
            cutter.finish(&mut split);
            prop_assert_eq!(split, whole);
        }

        #[test]
        fn no_line_is_longer_than_the_limit_or_holds_a_control(
            chunks in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..300), any::<bool>()), 0..30),
        ) {
            let mut lines = Vec::new();
            let mut cutter = Lines::default();
            for (chunk, is_quiet) in &chunks {
                cutter.push(chunk, &mut lines);
                if *is_quiet {
                    cutter.flush(&mut lines);
                }
            }
            cutter.finish(&mut lines);
            prop_assert!(!cutter.is_holding());
            for line in lines {
                prop_assert!(line.len() <= 3 * MAX_LINE, "a byte becomes U+FFFD at most");
                prop_assert!(!line.chars().any(|c| c.is_control() && c != '\t'));
            }
        }
    }
}
