//! The keyboard filter between the terminal and the line editor, which lets only UTF-8 through.
//!
//! rustyline ends a line with an error at the first byte that is not UTF-8, and drops the half-typed line and every
//! byte that it has read ahead. So rustyline does not read from the terminal. The keyboard thread reads from the
//! terminal, replaces bytes that are not UTF-8 by U+FFFD, and writes the text to a pseudoterminal that replaces
//! standard input.
//!
//! This module must not know what the keys mean.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::mpsc;
use std::thread;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::stdio::dup2_stdin;
use rustix::termios::{OptionalActions, Termios, tcsetattr};

use crate::net::line_decoder::incomplete_suffix;

/// How long the filter waits for the rest of an incomplete character. Afterwards, the character becomes U+FFFD.
const PARTIAL_CHARACTER_TIMEOUT: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// Replaces standard input by a pseudoterminal with the modes `raw`, and starts the thread that copies `terminal` to
/// it.
///
/// # Errors
///
/// When the system has no pseudoterminal or no thread left. Then standard input is still the terminal.
pub(super) fn attach(terminal: OwnedFd, raw: &Termios) -> io::Result<()> {
    let filter = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    grantpt(&filter)?;
    unlockpt(&filter)?;
    let editor = open(&ptsname(&filter, Vec::new())?, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
    tcsetattr(&editor, OptionalActions::Now, raw)?;
    let (terminal, filter) = (File::from(terminal), File::from(filter));
    let (ready, is_ready) = mpsc::channel::<()>();
    thread::Builder::new().name("keyboard".to_owned()).spawn(move || {
        // If standard input could not be replaced, the editor reads from the terminal, and this thread must not.
        if is_ready.recv().is_ok() {
            let _ = copy(&terminal, &filter);
        }
    })?;
    dup2_stdin(&editor)?;
    let _ = ready.send(());
    Ok(())
}

/// Copies decoded text from `terminal` to `editor` until either side is closed. Then the editor reaches the end of its
/// input.
fn copy(mut terminal: &File, mut editor: &File) -> io::Result<()> {
    let mut decoder = Decoder::default();
    let mut buffer = [0; 4096];
    loop {
        if decoder.has_partial_character() && !is_readable(terminal)? {
            editor.write_all(decoder.flush().as_bytes())?;
        }
        match terminal.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => editor.write_all(decoder.push(&buffer[..count]).as_bytes())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Returns whether more bytes arrive within [`PARTIAL_CHARACTER_TIMEOUT`].
fn is_readable(terminal: &File) -> io::Result<bool> {
    let terminal = terminal.as_fd();
    let timeout = Some(&PARTIAL_CHARACTER_TIMEOUT);
    let ready = rustix::io::retry_on_intr(|| poll(&mut [PollFd::new(&terminal, PollFlags::IN)], timeout))?;
    Ok(ready > 0)
}

/// A decoder of UTF-8. How the bytes are split into chunks does not change the text.
#[derive(Debug, Default)]
struct Decoder {
    /// The bytes of an incomplete character.
    partial: Vec<u8>,
}

impl Decoder {
    /// Decodes `bytes`, and returns the complete characters. Keeps the bytes of an incomplete character at the end.
    fn push(&mut self, bytes: &[u8]) -> String {
        self.partial.extend_from_slice(bytes);
        let rest = self.partial.split_off(self.partial.len() - incomplete_suffix(&self.partial));
        let text = self.flush();
        self.partial = rest;
        text
    }

    fn has_partial_character(&self) -> bool {
        !self.partial.is_empty()
    }

    /// Returns the incomplete character as U+FFFD.
    fn flush(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.partial)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(chunks: &[&[u8]], texts: &[&str]) {
        let mut decoder = Decoder::default();
        let pushed: Vec<String> = chunks.iter().map(|chunk| decoder.push(chunk)).collect();
        assert_eq!(pushed, texts);
        assert!(!decoder.has_partial_character());
    }

    #[test]
    fn decoder_replaces_bytes_that_are_not_utf8() {
        check(&[b"caf\xe9 au lait\r"], &["caf\u{fffd} au lait\r"]);
        check(&[b"\xff\xfea"], &["\u{fffd}\u{fffd}a"]);
        // Overlong forms of `/` and NUL.
        check(&[b"\xc0\xafa\xe0\x80\x80b"], &["\u{fffd}\u{fffd}a\u{fffd}\u{fffd}\u{fffd}b"]);
        check(&[b"\xe2\x82\r"], &["\u{fffd}\r"]);
        check(&[b"a\0b\x1b[A\x1b"], &["a\0b\x1b[A\x1b"]);
    }

    #[test]
    fn decoder_joins_a_split_character() {
        check(&[b"\xf0\x9f", b"\x98\x80", b"\xc3", b"\xa9"], &["", "😀", "", "é"]);
        check(&[b"\xe2\x82", b"x"], &["", "\u{fffd}x"]);
    }

    #[test]
    fn flush_returns_an_incomplete_character() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.push(b"a\xc3"), "a");
        assert!(decoder.has_partial_character());
        assert_eq!(decoder.flush(), "\u{fffd}");
        assert_eq!(decoder.push(b"\xa9"), "\u{fffd}");
    }

    proptest! {
        #[test]
        fn decoder_ignores_how_bytes_are_split(
            bytes in proptest::collection::vec(any::<u8>(), 0..64),
            text in ".*",
            at in any::<prop::sample::Index>(),
        ) {
            let bytes = [&bytes, text.as_bytes()].concat();
            let (front, rest) = bytes.split_at(at.index(bytes.len() + 1));
            let mut decoder = Decoder::default();
            let text = decoder.push(front) + &decoder.push(rest) + &decoder.flush();
            prop_assert_eq!(text, String::from_utf8_lossy(&bytes));
        }
    }
}
