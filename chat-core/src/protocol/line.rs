//! The plain-line protocol, for `nc`, `telnet` and `chat-client`. `PROTOCOL.md` is its specification.
//!
//! This module must not know the other members, or the outcome of a command.

mod arguments;
mod commands;
pub(super) mod encode;
mod help;
mod telnet;
pub(super) mod typed;

use std::io::Write as _;
use std::sync::Arc;

use crate::model::command::{Command, CommandError};
use crate::model::name::Name;
#[cfg(feature = "json")]
use crate::protocol::json::Json;
use crate::protocol::line_buffer::LineBuffer;
use crate::protocol::sniff;
use crate::session::access::Access;
use crate::session::{Encoder, FramingError, Registration, Request, Session, Upgrade};
use commands::Parsed;
use encode::LineEncoder;
use telnet::Telnet;
use typed::{Typed, say};

const LF: u8 = b'\n';
const CR: u8 = b'\r';
const BOM: &[u8] = "\u{feff}".as_bytes();

/// The answer to a line other than `/pass`, while the server still requires its password.
const PASSWORD_REQUIRED: &str = "password required: /pass PASSWORD";

/// A session of UTF-8 lines, ended by LF or CRLF.
///
/// ```
/// use chat_core::{Command, Line, Session};
///
/// let mut session = Line::default();
/// let (mut input, mut reply) = (&b"hello\r\nhalf a li"[..], Vec::new());
/// let request = session.decode(&mut input, &mut reply)?.expect("there is a whole line");
/// assert_eq!(request.command, Command::say("hello"));
/// assert!(session.decode(&mut input, &mut reply)?.is_none());
///
/// let mut input = &b"ne\n"[..];
/// let request = session.decode(&mut input, &mut reply)?.expect("the line is complete");
/// assert_eq!(request.command, Command::say("half a line"));
/// # Ok::<(), chat_core::FramingError>(())
/// ```
#[derive(Debug)]
pub struct Line {
    buffer: LineBuffer,
    telnet: Telnet,
    /// Whether the session has not received any byte yet.
    untouched: bool,
    /// Whether the first line has not ended yet.
    first: bool,
    greeting: Option<Arc<str>>,
    access: Access,
    /// The session that replaces this one after `/json 1`.
    #[cfg(feature = "json")]
    json: Option<Json>,
    upgrade: Option<Upgrade>,
}

impl Default for Line {
    /// Returns a session for lines of at most 4,096 bytes.
    fn default() -> Line {
        Line::new(crate::model::limits::Limits::default().text)
    }
}

impl Line {
    /// Returns a session for lines of at most `limit` bytes, without the line end.
    #[must_use]
    pub fn new(limit: usize) -> Line {
        Line {
            // A byte-order mark at the start of the stream and a CR do not count.
            buffer: LineBuffer::new(limit, BOM.len() + 1),
            telnet: Telnet::default(),
            untouched: true,
            first: true,
            greeting: None,
            access: Access::default(),
            #[cfg(feature = "json")]
            json: None,
            upgrade: None,
        }
    }

    /// Sends this text, after `* `, as the first line of the connection. By default there is no greeting.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use chat_core::Line;
    ///
    /// let greeting: Arc<str> = "welcome; /help lists commands".into();
    /// let make_session = move || Line::default().greeting(Arc::clone(&greeting));
    /// # let _ = make_session();
    /// ```
    #[must_use]
    pub fn greeting(self, greeting: impl Into<Arc<str>>) -> Line {
        Line { greeting: Some(greeting.into()), ..self }
    }

    /// Keeps a piece of a line whose end is still missing.
    fn keep(&mut self, piece: &[u8], reply: &mut Vec<u8>) -> Result<(), FramingError> {
        if let Some(beginning) = self.buffer.keep(piece) {
            self.refuse_length(&beginning, reply)?;
        }
        self.buffer.check()
    }

    /// Completes a line with its last `piece`.
    fn end(&mut self, piece: &[u8], reply: &mut Vec<u8>) -> Result<Option<Command>, FramingError> {
        self.buffer.end(piece)?.map_or(Ok(None), |line| self.line(&line, reply))
    }

    /// Decodes a complete line, without its LF.
    fn line(&mut self, raw: &[u8], reply: &mut Vec<u8>) -> Result<Option<Command>, FramingError> {
        let whole = raw.strip_suffix(&[CR]).unwrap_or(raw);
        let line = if self.first { whole.strip_prefix(BOM).unwrap_or(whole) } else { whole };
        if line.len() > self.buffer.limit() {
            self.refuse_length(whole, reply)?;
            return self.buffer.check_length(raw.len()).map(|()| None);
        }
        if std::mem::take(&mut self.first) {
            sniff::check_first_line(line)?;
        }
        let line = match str::from_utf8(line) {
            Ok(line) => line,
            Err(error) => {
                refuse(reply, format_args!("line is not valid UTF-8 at byte {}; it was not sent", error.valid_up_to()));
                return Ok(None);
            }
        };
        let command = match Typed::new(line) {
            Typed::Command(command) => command,
            Typed::Text(text) => {
                let said = say(text);
                if said.is_some() && self.access.is_required() {
                    refuse(reply, format_args!("{PASSWORD_REQUIRED}"));
                    return Ok(None);
                }
                return Ok(said);
            }
        };
        match commands::parse(command) {
            Ok(Parsed::Password(password)) if self.access.is_required() => self.access = Access::Given(password),
            Ok(Parsed::Password(_)) => refuse(reply, format_args!("you have joined; no password is needed")),
            Ok(Parsed::Command(command @ Command::Quit(_))) => return Ok(Some(command)),
            Ok(Parsed::Command(_)) if self.access.is_required() => refuse(reply, format_args!("{PASSWORD_REQUIRED}")),
            Ok(Parsed::Command(command)) => return Ok(Some(command)),
            Ok(Parsed::Help(help)) => help::write(help, reply),
            #[cfg(feature = "json")]
            Ok(Parsed::Json { lines }) => {
                reply.extend_from_slice(b"* JSON lines from here on\n");
                let json = Json::new(self.buffer.limit(), lines).with_access(std::mem::take(&mut self.access));
                self.upgrade = Some(json.upgrade());
                self.json = Some(json);
            }
            Err(error) => refuse(reply, format_args!("{error}")),
        }
        Ok(None)
    }

    /// Refuses a line that is too long, or fails if the stream starts like HTTP. The check uses the same first bytes of
    /// the line regardless of the pieces in which they arrived.
    fn refuse_length(&mut self, line: &[u8], reply: &mut Vec<u8>) -> Result<(), FramingError> {
        let limit = self.buffer.limit();
        if std::mem::take(&mut self.first) {
            let head = line.strip_prefix(BOM).unwrap_or(line);
            sniff::check_first_part(&head[..head.len().min(limit)])?;
        }
        refuse(reply, format_args!("line is too long; at most {limit} bytes are allowed"));
        Ok(())
    }
}

impl Session for Line {
    fn decode(&mut self, input: &mut &[u8], reply: &mut Vec<u8>) -> Result<Option<Request>, FramingError> {
        if self.untouched && !input.is_empty() {
            self.untouched = false;
            sniff::check_first_byte(input[0])?;
        }
        #[cfg(feature = "json")]
        if let Some(json) = &mut self.json {
            return json.decode(input, reply);
        }
        let answered = reply.len();
        while !input.is_empty() && !self.access.is_given() {
            if self.telnet.is_open() {
                if let Some(byte) = self.telnet.consume(input, reply)? {
                    self.keep(&[byte], reply)?;
                }
                continue;
            }
            let Some(stop) = find_stop(input) else {
                self.keep(std::mem::take(input), reply)?;
                break;
            };
            let (piece, rest) = input.split_at(stop);
            *input = &rest[1..];
            if rest[0] == telnet::IAC {
                self.keep(piece, reply)?;
                self.telnet = Telnet::open();
            } else if let Some(command) = self.end(piece, reply)? {
                return Ok(Some(command.into()));
            } else if reply.len() > answered {
                // Returning only at the end of a line guarantees that the call consumed input.
                break;
            }
        }
        Ok(None)
    }

    fn finish(&mut self, rest: &[u8], reply: &mut Vec<u8>) -> Result<Option<Request>, FramingError> {
        #[cfg(feature = "json")]
        if let Some(json) = &mut self.json {
            return json.finish(rest, reply);
        }
        debug_assert!(rest.is_empty(), "decode keeps unfinished lines");
        if self.buffer.partial().is_empty() { Ok(None) } else { Ok(self.end(&[], reply)?.map(Request::from)) }
    }

    fn register(&mut self) -> Option<Registration> {
        #[cfg(feature = "json")]
        if let Some(json) = &mut self.json {
            return json.register();
        }
        self.access.register()
    }

    fn admitted(&mut self, name: &Name) {
        #[cfg(feature = "json")]
        if let Some(json) = &mut self.json {
            return json.admitted(name);
        }
        let _ = name;
        self.access = Access::Joined;
    }

    fn refused(&mut self, why: &CommandError, reply: &mut Vec<u8>) -> bool {
        #[cfg(feature = "json")]
        if let Some(json) = &mut self.json {
            return json.refused(why, reply);
        }
        if !self.access.refused(why) {
            return false;
        }
        if *why != CommandError::PasswordRequired {
            refuse(reply, format_args!("{why}"));
            return true;
        }
        // The client needs the greeting now, before it joins, to know which server asks for a password.
        if let Some(greeting) = self.greeting.take() {
            writeln!(reply, "* {greeting}").expect("a Vec takes all bytes");
            self.upgrade = Some(self.encoder().into());
        }
        writeln!(reply, "* {PASSWORD_REQUIRED}").expect("a Vec takes all bytes");
        true
    }

    fn encoder(&self) -> Encoder {
        Encoder::new(LineEncoder { greeting: self.greeting.clone() })
    }

    fn upgrade(&mut self) -> Option<Upgrade> {
        self.upgrade.take()
    }
}

/// Returns the position of the first LF or IAC.
fn find_stop(input: &[u8]) -> Option<usize> {
    const BLOCK: usize = 32;
    let is_stop = |byte: u8| u8::from(byte == LF) | u8::from(byte == telnet::IAC);
    // The loop over a block has no early exit, so the compiler turns it into vector instructions. After the block with
    // the stop is found, the code looks for the word with the stop.
    let blocks = input.chunks_exact(BLOCK);
    let skipped = blocks.take_while(|block| block.iter().fold(0, |found, &byte| found | is_stop(byte)) == 0).count();
    let start = skipped * BLOCK;
    let (words, rest) = input[start..].as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let stops = has_zero(word ^ every(LF)) | has_zero(word ^ every(telnet::IAC));
        if stops != 0 {
            return Some(start + number * 8 + stops.trailing_zeros() as usize / 8);
        }
    }
    let at = rest.iter().position(|&byte| is_stop(byte) != 0)?;
    Some(start + words.len() * 8 + at)
}

/// Returns a word whose eight bytes are all `byte`.
const fn every(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Returns a word whose lowest set bit is the highest bit of the first zero byte (Warren, Hacker's Delight, section
/// 6-1).
fn has_zero(word: u64) -> u64 {
    word.wrapping_sub(every(0x01)) & !word & every(0x80)
}

/// Appends an error line, which only the sender receives.
fn refuse(reply: &mut Vec<u8>, why: std::fmt::Arguments<'_>) {
    writeln!(reply, "! {why}").expect("a Vec takes all bytes");
}

#[cfg(test)]
mod tests;
