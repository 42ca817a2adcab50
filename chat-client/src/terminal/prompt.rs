//! A prompt for a password, in a terminal that echoes nothing.
//!
//! Not by the line editor, which keeps what was typed (history, Ctrl-Y), and reads ahead.

use std::io;

use crate::secret::Secret;
use crate::terminal::screen::print;

/// Prints `prompt`, and reads a line from standard input, byte by byte: what is typed ahead belongs to the line editor.
/// `None` when you leave by Ctrl-C, or by Ctrl-D on an empty line.
///
/// # Errors
///
/// When the terminal fails.
pub(crate) fn ask(prompt: &str) -> io::Result<Option<Secret>> {
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

/// What was typed so far.
#[derive(Debug, Default)]
struct Typed {
    bytes: Vec<u8>,
    escape: Escape,
}

/// How far an escape sequence has come, such as that of an arrow key. It is dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    /// After ESC.
    Begun,
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
            // Ctrl-C; Ctrl-D.
            (_, 0x03) => return Key::Leave,
            (_, 0x04) if self.bytes.is_empty() => return Key::Leave,
            (_, 0x1b) => self.escape = Escape::Begun,
            (Escape::Begun, b'[' | b'O') => self.escape = Escape::Parameters,
            (Escape::Begun, _) | (Escape::Parameters, 0x40..=0x7e) => {}
            (Escape::Parameters, _) => self.escape = Escape::Parameters,
            // Backspace takes a character: its last bytes go on with 0b10.
            (_, 0x08 | 0x7f) => while self.bytes.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {},
            // Ctrl-U.
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
