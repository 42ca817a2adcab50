//! Text that is safe to show in a terminal.
//!
//! Every [`Text`] has passed [`Text::clean`], so framings, the hub and terminals print it unchanged. This module must
//! not know who wrote the text.

use std::fmt;
use std::iter::Peekable;
use std::str::Chars;
use std::sync::Arc;

const ESC: char = '\u{1b}';
const BEL: char = '\u{7}';
/// The 8-bit forms of `ESC [` and of the string terminator (ECMA-48, section 5.3).
const CSI: char = '\u{9b}';
const ST: char = '\u{9c}';

/// One line of text that cannot move a cursor, set a title or forge another line.
///
/// Cheap to clone: clones share the bytes.
///
/// ```
/// use chat_core::message::Text;
///
/// let text = Text::clean("plain \u{1b}[31mred\u{1b}[0m\u{7}\ttab");
/// assert_eq!(text, "plain red\ttab");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text(Arc<str>);

impl Text {
    /// Returns `raw` without control characters, by these rules (`PROTOCOL.md`, "What is cleaned"):
    ///
    /// 1. Complete escape sequences are removed as a whole, whether `ESC` or an 8-bit form introduces them: colours,
    ///    cursor movements and the like (`CSI … final`), and the strings that set titles, links or the clipboard
    ///    (`OSC`, `DCS`, `SOS`, `PM`, `APC`, up to `ST` or `BEL`).
    /// 2. If a control sequence is incomplete, everything up to the character that breaks it is removed. If a string
    ///    has no end, only its introducer is removed.
    /// 3. Other control characters are removed one by one: C0, DEL, C1, and the separators U+2028 and U+2029. So no
    ///    newline and no NUL remains.
    /// 4. Tabs and everything else stay, byte for byte.
    #[must_use]
    pub fn clean(raw: &str) -> Text {
        // Most texts are plain ASCII, which needs no decoding of characters.
        let is_safe = is_plain(raw.as_bytes()) || !raw.chars().any(is_unsafe);
        if is_safe { Text(raw.into()) } else { Text(strip(raw).into()) }
    }

    /// Returns the first 30 characters of an invalid word, for an error message.
    pub(crate) fn excerpt(word: &str) -> Text {
        word.chars().take(30).collect::<String>().into()
    }

    /// Returns whether the text is empty or only white space.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        // The first byte decides for most texts.
        !self.0.as_bytes().first().is_some_and(u8::is_ascii_graphic) && self.0.trim().is_empty()
    }

    /// Returns the text as a string slice.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether the text has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for Text {
    fn from(raw: &str) -> Text {
        Text::clean(raw)
    }
}

impl From<String> for Text {
    fn from(raw: String) -> Text {
        Text::clean(&raw)
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// Returns the longest beginning of `text` that has only whole characters and at most `most` bytes.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    let ends = (0..=most.min(text.len())).rev();
    &text[..ends.into_iter().find(|end| text.is_char_boundary(*end)).unwrap_or(0)]
}

/// Returns whether all bytes are printable ASCII or tabs. The loop has no early exit, so that the compiler vectorizes
/// it.
fn is_plain(bytes: &[u8]) -> bool {
    let other = |byte: u8| u8::from(!matches!(byte, b' '..=b'~')) & u8::from(byte != b'\t');
    bytes.iter().fold(0, |found, &byte| found | other(byte)) == 0
}

/// Returns whether `c` must be removed. `char::is_control` covers C0, DEL and C1.
fn is_unsafe(c: char) -> bool {
    (c.is_control() && c != '\t') || matches!(c, '\u{2028}' | '\u{2029}')
}

fn strip(raw: &str) -> String {
    let mut cleaner = Cleaner { rest: raw.chars().peekable(), unended: false };
    let mut kept = String::with_capacity(raw.len());
    while let Some(c) = cleaner.rest.next() {
        match c {
            ESC => cleaner.skip_escape(),
            CSI => cleaner.skip_control_sequence(),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => cleaner.skip_string(),
            c if is_unsafe(c) => {}
            c => kept.push(c),
        }
    }
    kept
}

struct Cleaner<'a> {
    rest: Peekable<Chars<'a>>,
    /// Whether `rest` has no string terminator. Without this flag, the parser would search a text full of introducers
    /// to its end for each introducer.
    unended: bool,
}

impl Cleaner<'_> {
    /// Skips the sequence after `ESC`: a control sequence, a string, or a shorter escape (ECMA-48 5.3, ECMA-35 13.2).
    fn skip_escape(&mut self) {
        if self.rest.next_if_eq(&'[').is_some() {
            self.skip_control_sequence();
        } else if self.rest.next_if(|c| matches!(c, 'P' | 'X' | ']' | '^' | '_')).is_some() {
            self.skip_string();
        } else {
            // Intermediates and one final character, such as `ESC ( B`; or the final character alone, such as `ESC c`.
            while self.rest.next_if(|c| matches!(c, ' '..='/')).is_some() {}
            self.rest.next_if(|c| matches!(c, '0'..='~'));
        }
    }

    /// Skips parameters, intermediates and the final character.
    fn skip_control_sequence(&mut self) {
        while self.rest.next_if(|c| matches!(c, ' '..='?')).is_some() {}
        self.rest.next_if(|c| matches!(c, '@'..='~'));
    }

    /// Skips a string up to its terminator. If there is no terminator, this function skips nothing.
    fn skip_string(&mut self) {
        if self.unended {
            return;
        }
        let mut tried = self.rest.clone();
        while let Some(c) = tried.next() {
            let ended = match c {
                BEL | ST => true,
                ESC => tried.next_if_eq(&'\\').is_some(),
                _ => false,
            };
            if ended {
                self.rest = tried;
                return;
            }
        }
        self.unended = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(raw: &str, shown: &str) {
        assert_eq!(Text::clean(raw).as_str(), shown, "from {raw:?}");
    }

    #[test]
    fn text_without_controls_stays_byte_for_byte() {
        check("hello", "hello");
        check("  two  spaces ", "  two  spaces ");
        check("tab\tstays", "tab\tstays");
        check("%s {} %n %Y 日本語 e\u{301} 👩‍👩‍👧", "%s {} %n %Y 日本語 e\u{301} 👩‍👩‍👧");
    }

    #[test]
    fn escape_sequences_go_whole() {
        check("\u{1b}[31mred\u{1b}[0m", "red");
        check("\u{1b}[2J\u{1b}[1;1Hhome", "home");
        check("\u{1b}]0;title\u{7}x", "x");
        check("\u{1b}]8;;http://example.org\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link");
        check("\u{1b}]52;c;aGk=\u{7}x", "x");
        check("\u{1b}P1$r0m\u{1b}\\x", "x");
        check("\u{9b}31mred", "red");
        check("\u{9d}0;title\u{9c}x", "x");
        check("\u{1b}(Bx\u{1b}c", "x");
        check("\u{1b}[6n", "");
    }

    #[test]
    fn an_unfinished_sequence_loses_its_introducer_alone() {
        check("\u{1b}", "");
        check("\u{1b}]0;no end", "0;no end");
        check("\u{1b}]a\u{1b}]b\u{9d}c", "abc");
        check("\u{1b}[12", "");
        check("\u{1b}日", "日");
    }

    #[test]
    fn single_controls_go_one_by_one() {
        check("a\0b", "ab");
        check("a\u{8}\u{8}b\u{7}", "ab");
        check("a\rb\nc", "abc");
        check("a\u{85}b\u{2028}c\u{2029}d\u{7f}", "abcd");
    }

    proptest! {
        #[test]
        fn cleaned_text_is_safe_and_stays_unchanged(raw in "\\PC*|[\\x00-\\x20\\x1b\\[\\]m;\\u{80}-\\u{9f}a]*") {
            let text = Text::clean(&raw);
            prop_assert!(!text.as_str().chars().any(is_unsafe));
            prop_assert_eq!(&Text::clean(text.as_str()), &text);
        }
    }
}
