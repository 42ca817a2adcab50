//! Lines of IRC, as they come in.

/// The longest line without its tags, with its end (RFC 2812, section 2.3),
const LINE: usize = 512;
/// and the longest tags that a client may send, with the `@` and the space behind them
/// (<https://ircv3.net/specs/extensions/message-tags>, "Size limit").
const TAGS: usize = 4096;

/// Takes lines out of a stream, however they come. CR, LF or both end one.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    partial: Vec<u8>,
    /// The line has become too long; what there is still of it is thrown away.
    too_long: bool,
}

/// A line over its limits.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl Incoming {
    /// The next line of `input`, without its end; what is no line yet is kept.
    pub(super) fn next(&mut self, input: &mut &[u8]) -> Option<Result<Vec<u8>, TooLong>> {
        loop {
            let end = input.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let (piece, rest) = input.split_at(end.unwrap_or(input.len()));
            *input = rest;
            self.keep(piece);
            end?;
            *input = &input[1..];
            let line = std::mem::take(&mut self.partial);
            if std::mem::take(&mut self.too_long) {
                return Some(Err(TooLong));
            }
            // The other half of an end, or a line with nothing in it.
            if !line.is_empty() {
                return Some(Ok(line));
            }
        }
    }

    fn keep(&mut self, piece: &[u8]) {
        let is_tagged = self.partial.first().or(piece.first()) == Some(&b'@');
        self.partial.extend_from_slice(&piece[..piece.len().min(LINE + TAGS)]);
        let tags =
            if is_tagged { self.partial.iter().position(|byte| *byte == b' ').map(|end| end + 1) } else { Some(0) };
        let length = self.partial.len();
        self.too_long |= match tags {
            Some(tags) => tags > TAGS || length - tags > LINE - 2,
            None => length > TAGS,
        };
        if self.too_long {
            self.partial.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(stream: &[u8], pieces: usize) -> Vec<String> {
        let mut incoming = Incoming::default();
        let mut lines = Vec::new();
        for mut input in stream.chunks(pieces) {
            while let Some(line) = incoming.next(&mut input) {
                lines.push(line.map_or("!".to_owned(), |line| String::from_utf8_lossy(&line).into_owned()));
            }
            assert!(input.is_empty());
        }
        lines
    }

    #[test]
    fn cr_and_lf_and_both_end_a_line_however_it_comes() {
        for pieces in [1, 2, 3, 100] {
            assert_eq!(lines(b"one\r\ntwo\nthree\r\r\n\n four\r\nfive", pieces), ["one", "two", "three", " four"]);
        }
    }

    #[test]
    fn one_byte_too_many_is_refused_and_the_next_line_works() {
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
