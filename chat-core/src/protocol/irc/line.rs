//! The writer of lines and numerics.
//!
//! This module must not know which numerics exist, or when the server sends them.

use std::fmt::{self, Write as _};

use crate::model::text::cut;

/// The maximum length of a line in bytes, without its tags and its line end (RFC 2812, section 2.3).
pub(super) const LINE_MAX: usize = 510;

/// Appends one line.
pub(super) fn write(out: &mut Vec<u8>, line: fmt::Arguments<'_>) {
    use std::io::Write as _;
    out.write_fmt(line).expect("a Vec accepts all bytes");
    end(out);
}

/// Ends the last line of `out`. If the line is too long without its tags, this function cuts it.
fn end(out: &mut Vec<u8>) {
    let start = out.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    let tags = match out[start..] {
        [b'@', ..] => out[start..].iter().position(|byte| *byte == b' ').map_or(0, |end| end + 1),
        _ => 0,
    };
    if out.len() - start - tags > LINE_MAX {
        let mut end = start + tags + LINE_MAX;
        // Don't cut before a continuation byte (RFC 3629, section 3).
        while out[end] & 0xc0 == 0x80 {
            end -= 1;
        }
        out.truncate(end);
    }
    out.extend_from_slice(b"\r\n");
}

/// The source and the target of a reply of the server.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReplyWriter<'a> {
    pub(super) server: &'a str,
    /// The client's nick; `*` before it has one.
    pub(super) nick: &'a str,
}

impl ReplyWriter<'_> {
    /// Appends a numeric whose last parameter is a text.
    pub(super) fn numeric(self, out: &mut Vec<u8>, number: &str, params: &[&str], text: impl fmt::Display) {
        self::write(out, format_args!("{} :{text}", self.head(number, params)));
    }

    /// Appends a numeric without a text; `params` are its parameters, separated by spaces.
    pub(super) fn params(self, out: &mut Vec<u8>, number: &str, params: &str) {
        self::write(out, format_args!("{} {params}", self.head(number, &[])));
    }

    /// Appends a numeric whose last parameter is a list of words, on as many lines as the list needs.
    pub(super) fn list<W: fmt::Display>(
        self,
        out: &mut Vec<u8>,
        number: &str,
        params: &[&str],
        words: impl Iterator<Item = W>,
    ) {
        let mut line = self.head(number, params) + " :";
        let head = line.len();
        for word in words {
            let word = word.to_string();
            if line.len() > head && line.len() + 1 + word.len() > LINE_MAX {
                self::write(out, format_args!("{line}"));
                line.truncate(head);
            }
            if line.len() > head {
                line.push(' ');
            }
            line.push_str(&word);
        }
        self::write(out, format_args!("{line}"));
    }

    /// Appends a notice to the client.
    pub(super) fn notice(self, out: &mut Vec<u8>, text: impl fmt::Display) {
        let ReplyWriter { server, nick } = self;
        self::write(out, format_args!(":{server} NOTICE {nick} :{text}"));
    }

    /// Appends the answer to a ping.
    pub(super) fn pong(self, out: &mut Vec<u8>, token: &str) {
        self::write(out, format_args!(":{0} PONG {0} :{token}", self.server));
    }

    /// Returns the start of a numeric.
    fn head(self, number: &str, params: &[&str]) -> String {
        let ReplyWriter { server, nick } = self;
        let mut head = format!(":{server} {number} {nick}");
        for param in params {
            let _ = write!(head, " {}", Middle(param));
        }
        head
    }
}

/// A parameter before the last one: such a parameter can't be empty, start with a colon or contain a space.
pub(super) struct Middle<'a>(pub(super) &'a str);

impl fmt::Display for Middle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "" => f.write_str("*"),
            // The text is an IPv6 address, which means the same with a zero before it.
            colon if colon.starts_with(':') => write!(f, "0{}", colon.replace(' ', "_")),
            spaced if spaced.contains(' ') => f.write_str(&spaced.replace(' ', "_")),
            plain => f.write_str(plain),
        }
    }
}

/// Splits a text into pieces of at most `max` bytes, between words where possible, otherwise between characters.
///
/// The space between two words counts only in the second half of a piece.
pub(super) fn pieces(text: &str, max: usize) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        if text.len() <= max {
            return Some(text);
        }
        // One character has at most four bytes.
        let whole = cut(text, max.max(4));
        let words = whole.rfind(' ').filter(|space| *space > whole.len() / 2);
        let end = words.unwrap_or(whole.len());
        rest = Some(text[end..].strip_prefix(' ').unwrap_or(&text[end..])).filter(|rest| !rest.is_empty());
        Some(&text[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_at_words_and_characters() {
        let pieces = |text, max| pieces(text, max).collect::<Vec<_>>();
        assert_eq!(pieces("", 5), [""]);
        assert_eq!(pieces("abcde", 5), ["abcde"]);
        assert_eq!(pieces("abcdefg", 5), ["abcde", "fg"]);
        assert_eq!(pieces("abc defg", 5), ["abc", "defg"]);
        assert_eq!(pieces("ééé", 5), ["éé", "é"]);
        assert_eq!(pieces("日本", 1), ["日", "本"]);
        assert_eq!(pieces("abcd ", 4), ["abcd"]);
    }

    #[test]
    fn list_is_split_over_lines() {
        let (mut out, reply) = (Vec::new(), ReplyWriter { server: "s", nick: "n" });
        reply.list(&mut out, "353", &["=", "#a"], (0..200).map(|number| format!("member{number}")));
        let lines: Vec<_> = str::from_utf8(&out).expect("it is text").split_terminator("\r\n").collect();
        assert!(lines.len() > 1 && lines.iter().all(|line| line.len() <= LINE_MAX));
        let words: usize = lines.iter().map(|line| line.rsplit(':').next().expect("a list").split(' ').count()).sum();
        assert_eq!(words, 200);
        out.clear();
        reply.list(&mut out, "353", &["=", "#a"], std::iter::empty::<&str>());
        assert_eq!(out, b":s 353 n = #a :\r\n");
    }

    #[test]
    fn long_line_is_cut_after_tags_at_character() {
        for (before, line) in [("", "é".repeat(300)), ("@time=x ", "é".repeat(300)), ("one\r\n@a ", "x".repeat(600))]
        {
            let mut out = before.as_bytes().to_vec();
            write(&mut out, format_args!("{line}"));
            let out = String::from_utf8(out).expect("it is text");
            assert_eq!(out, format!("{before}{}\r\n", &line[..510]));
        }
    }

    #[test]
    fn middle_parameters_are_unambiguous() {
        let mut out = Vec::new();
        ReplyWriter { server: "s", nick: "n" }.numeric(&mut out, "311", &["", "::1", "a b"], "x");
        assert_eq!(out, b":s 311 n * 0::1 a_b :x\r\n");
    }
}
