//! Writing lines of IRC.

use std::fmt::{self, Write as _};

use crate::model::text::cut;

/// The most bytes of a line, without its tags and its end (RFC 2812, section 2.3).
pub(super) const LONGEST: usize = 510;

/// Appends one line.
pub(super) fn write(out: &mut Vec<u8>, line: fmt::Arguments<'_>) {
    use std::io::Write as _;
    out.write_fmt(line).expect("a Vec takes all bytes");
    end(out);
}

/// Ends the line that `out` ends with. What is too long for one is cut, behind its tags.
fn end(out: &mut Vec<u8>) {
    let start = out.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    let tags = match out[start..] {
        [b'@', ..] => out[start..].iter().position(|byte| *byte == b' ').map_or(0, |end| end + 1),
        _ => 0,
    };
    if out.len() - start - tags > LONGEST {
        let mut end = start + tags + LONGEST;
        // The first byte of a character is none that goes on with one (RFC 3629, section 3).
        while out[end] & 0xc0 == 0x80 {
            end -= 1;
        }
        out.truncate(end);
    }
    out.extend_from_slice(b"\r\n");
}

/// Who is told something by the server itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reply<'a> {
    pub(super) server: &'a str,
    /// What the client is called; `*` before it is called anything.
    pub(super) nick: &'a str,
}

impl Reply<'_> {
    /// A numeric with its parameters, the last of which is a text.
    pub(super) fn numeric(self, out: &mut Vec<u8>, number: &str, params: &[&str], text: impl fmt::Display) {
        self::write(out, format_args!("{} :{text}", self.head(number, params)));
    }

    /// A numeric with its parameters, none of which is a text.
    pub(super) fn params(self, out: &mut Vec<u8>, number: &str, params: &str) {
        self::write(out, format_args!("{} {params}", self.head(number, &[])));
    }

    /// A numeric whose last parameter is a list of words, in as many lines as it takes; at least one.
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
            if line.len() > head && line.len() + 1 + word.len() > LONGEST {
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

    /// A notice to the client.
    pub(super) fn notice(self, out: &mut Vec<u8>, text: impl fmt::Display) {
        let Reply { server, nick } = self;
        self::write(out, format_args!(":{server} NOTICE {nick} :{text}"));
    }

    /// The answer to a ping.
    pub(super) fn pong(self, out: &mut Vec<u8>, token: &str) {
        self::write(out, format_args!(":{0} PONG {0} :{token}", self.server));
    }

    /// How a numeric begins.
    fn head(self, number: &str, params: &[&str]) -> String {
        let Reply { server, nick } = self;
        let mut head = format!(":{server} {number} {nick}");
        for param in params {
            let _ = write!(head, " {}", Middle(param));
        }
        head
    }
}

/// A parameter that is not the last, so that it must not be empty, begin with a colon or have a space in it.
pub(super) struct Middle<'a>(pub(super) &'a str);

impl fmt::Display for Middle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "" => f.write_str("*"),
            // Such as an IPv6 address; a digit before it leaves it the same.
            colon if colon.starts_with(':') => write!(f, "0{}", colon.replace(' ', "_")),
            spaced if spaced.contains(' ') => f.write_str(&spaced.replace(' ', "_")),
            plain => f.write_str(plain),
        }
    }
}

/// A text in pieces of at most `most` bytes, each of which ends where a character does, and where a word does if that is
/// not far.
pub(super) fn pieces(text: &str, most: usize) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        if text.len() <= most {
            return Some(text);
        }
        // A character takes at most four bytes.
        let whole = cut(text, most.max(4));
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
    fn a_long_text_is_cut_at_characters_and_words() {
        let pieces = |text, most| pieces(text, most).collect::<Vec<_>>();
        assert_eq!(pieces("", 5), [""]);
        assert_eq!(pieces("abcde", 5), ["abcde"]);
        assert_eq!(pieces("abcdefg", 5), ["abcde", "fg"]);
        assert_eq!(pieces("abc defg", 5), ["abc", "defg"]);
        assert_eq!(pieces("ééé", 5), ["éé", "é"]);
        assert_eq!(pieces("日本", 1), ["日", "本"]);
        assert_eq!(pieces("abcd ", 4), ["abcd"]);
    }

    #[test]
    fn a_list_takes_as_many_lines_as_it_needs() {
        let (mut out, reply) = (Vec::new(), Reply { server: "s", nick: "n" });
        reply.list(&mut out, "353", &["=", "#a"], (0..200).map(|number| format!("member{number}")));
        let lines: Vec<_> = str::from_utf8(&out).expect("it is text").split_terminator("\r\n").collect();
        assert!(lines.len() > 1 && lines.iter().all(|line| line.len() <= LONGEST));
        let words: usize = lines.iter().map(|line| line.rsplit(':').next().expect("a list").split(' ').count()).sum();
        assert_eq!(words, 200);
        out.clear();
        reply.list(&mut out, "353", &["=", "#a"], std::iter::empty::<&str>());
        assert_eq!(out, b":s 353 n = #a :\r\n");
    }

    #[test]
    fn what_is_too_long_is_cut_behind_the_tags_at_a_character() {
        for (before, line) in [("", "é".repeat(300)), ("@time=x ", "é".repeat(300)), ("one\r\n@a ", "x".repeat(600))]
        {
            let mut out = before.as_bytes().to_vec();
            write(&mut out, format_args!("{line}"));
            let out = String::from_utf8(out).expect("it is text");
            assert_eq!(out, format!("{before}{}\r\n", &line[..510]));
        }
    }

    #[test]
    fn no_parameter_can_be_mistaken_for_another() {
        let mut out = Vec::new();
        Reply { server: "s", nick: "n" }.numeric(&mut out, "311", &["", "::1", "a b"], "x");
        assert_eq!(out, b":s 311 n * 0::1 a_b :x\r\n");
    }
}
