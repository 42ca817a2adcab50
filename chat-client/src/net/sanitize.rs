//! Removing the characters that must not reach a terminal from texts that the server sends.
//!
//! This module must not know where a text is shown.

use chat_core::message::Text;

/// Returns `text` without control characters, and without characters that change the display order of other characters.
pub(crate) fn printable(text: &str) -> String {
    Text::clean(text).as_str().chars().filter(|c| !is_unsafe(*c)).collect()
}

/// Escapes every unsafe character of a line of JSON as `\uXXXX`, which is valid in a JSON string (RFC 8259, section 7).
pub(crate) fn escape_json(line: &str) -> String {
    line.chars().flat_map(|c| if is_unsafe(c) { escape(c) } else { vec![c] }).collect()
}

/// Returns whether `c` is a control other than tab, a line separator, or a bidirectional embedding, override or isolate
/// (UAX #9).
fn is_unsafe(c: char) -> bool {
    let is_control = c.is_control() && c != '\t';
    is_control || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escape(c: char) -> Vec<char> {
    format!("\\u{:04x}", u32::from(c)).chars().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable_removes_unsafe_characters() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}c\u{9b}1md\te"), "abcd\te");
    }

    #[test]
    fn escape_json_escapes_unsafe_characters() {
        assert_eq!(escape_json("{\"text\":\"a\u{202e}\u{7f}\"}"), "{\"text\":\"a\\u202e\\u007f\"}");
    }
}
