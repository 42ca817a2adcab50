//! The password prompt, in a terminal without echo.
//!
//! This module does not use the line editor, because the line editor keeps lines (history, Ctrl-Y) and reads ahead.
//! This module must not know what the password is for.

use std::io;

use crate::output::print;
use crate::secret::Secret;

/// Prints `prompt` and reads a line from standard input. Returns `None` if you leave by Ctrl-C, or by Ctrl-D on an
/// empty line.
///
/// This function reads byte by byte, because the bytes after the line belong to the line editor.
///
/// # Errors
///
/// When a read or a write fails.
pub(super) fn ask(prompt: &str) -> io::Result<Option<Secret>> {
    print(prompt)?;
    let mut typed = Typed::default();
    let mut byte = [0];
    let is_entered = loop {
        let count = rustix::io::retry_on_intr(|| rustix::io::read(io::stdin(), &mut byte))?;
        match typed.push(byte[0]) {
            _ if count == 0 => break false,
            Key::Enter => break true,
            Key::Leave => break false,
            Key::More => {}
        }
    };
    print("\n")?;
    Ok(is_entered.then(|| Secret::new(&String::from_utf8_lossy(&typed.bytes))))
}

/// The part of the line that you have typed so far.
#[derive(Debug, Default)]
struct Typed {
    bytes: Vec<u8>,
    escape: Escape,
}

/// The progress of an escape sequence, such as the sequence of an arrow key. The prompt ignores escape sequences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    /// After ESC.
    Started,
    /// After ESC and `[` or `O`.
    Parameters,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    More,
    Enter,
    Leave,
}

impl Typed {
    fn push(&mut self, byte: u8) -> Key {
        match (std::mem::take(&mut self.escape), byte) {
            (_, b'\r' | b'\n') => return Key::Enter,
            // 0x03 is Ctrl-C, and 0x04 is Ctrl-D.
            (_, 0x03) => return Key::Leave,
            (_, 0x04) if self.bytes.is_empty() => return Key::Leave,
            (_, 0x1b) => self.escape = Escape::Started,
            (Escape::Started, b'[' | b'O') => self.escape = Escape::Parameters,
            (Escape::Started, _) | (Escape::Parameters, 0x40..=0x7e) => {}
            (Escape::Parameters, _) => self.escape = Escape::Parameters,
            // Backspace removes a character: in UTF-8, all its bytes after the first begin with 0b10.
            (_, 0x08 | 0x7f) => while self.bytes.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {},
            // 0x15 is Ctrl-U, which clears the line.
            (_, 0x15) => self.bytes.clear(),
            (_, 0x00..=0x1f) => {}
            _ => self.bytes.push(byte),
        }
        Key::More
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(keys: &[u8], text: &str, end: Key) {
        let mut typed = Typed::default();
        let (last, keys) = keys.split_last().expect("a key");
        for key in keys {
            assert_eq!(typed.push(*key), Key::More, "{key:?}");
        }
        assert_eq!(typed.push(*last), end);
        assert_eq!(String::from_utf8_lossy(&typed.bytes), text);
    }

    #[test]
    fn keys_edit_the_password() {
        check(b"open sesame\r", "open sesame", Key::Enter);
        check("aé日\x7f\x7fb\n".as_bytes(), "ab", Key::Enter);
        check(b"\x7fwrong\x15right\r", "right", Key::Enter);
        check(b"a\x1b[A\x1b[1;5Cb\x1bOP\x1bxc\x01\0\td\r", "abcd", Key::Enter);
        check(b"a\x1b[200~b\x1b[201~c\r", "abc", Key::Enter);
        check(b"\xe9\xff\r", "\u{fffd}\u{fffd}", Key::Enter);
        check(b"a\x04\x03", "a", Key::Leave);
        check(b"\x04", "", Key::Leave);
    }
}
