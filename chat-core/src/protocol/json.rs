//! JSON lines, a protocol for programs: one object per line. `PROTOCOL.md` is the specification.
//!
//! This module must not know the other members, or the outcome of a command: the responder of the request encodes the
//! outcome.

mod answer;
mod codes;
mod commands;
mod encode;
mod fields;
mod object;
mod respond;
mod values;

use crate::model::command::{Command, CommandError};
use crate::model::name::Name;
use crate::protocol::line::typed::Answer;
use crate::protocol::line_buffer::LineBuffer;
use crate::protocol::sniff;
use crate::session::access::Access;
use crate::session::{Encoder, FramingError, Registration, Request, Session, Upgrade};
use commands::ParsedLine;
use encode::JsonEncoder;
use fields::Fault;
use object::Object;
use respond::Responder;

/// The maximum length of a line, in bytes per byte of a text: six for a character as `\u0000`, and two for the other
/// fields.
const BYTES_PER_TEXT_BYTE: usize = 8;

/// The answer to a command while the server still requires its password.
const PASSWORD_REQUIRED: &str = "password required: give it in the field password of the first command";

/// A session of one JSON object per line (feature `json`).
///
/// The line `/json 1` upgrades a [`Line`](crate::Line) session to this one.
///
/// ```
/// use chat_core::{Command, Session};
/// use chat_core::protocol::Json;
///
/// let mut session = Json::default();
/// let (mut input, mut reply) = (&br#"{"command": "say", "text": "hi"}
/// {"command": "dance", "id": 7}
/// "#[..], Vec::new());
/// let request = session.decode(&mut input, &mut reply)?.expect("there is a whole line");
/// assert_eq!(request.command, Command::say("hi"));
/// assert!(session.decode(&mut input, &mut reply)?.is_none());
/// assert!(reply.starts_with(br#"{"kind":"refused","error":"no_such_command""#));
/// # Ok::<(), chat_core::FramingError>(())
/// ```
#[derive(Debug)]
pub struct Json {
    /// The longest string in an object, in bytes.
    text: usize,
    buffer: LineBuffer,
    /// Whether the first line has not ended yet.
    first: bool,
    encoder: JsonEncoder,
    access: Access,
    /// Whether no command has arrived yet; the first one may carry the server's password.
    no_command_yet: bool,
    /// The command that arrived with a password. The session returns it once the hub has accepted the password.
    pending: Option<ParsedLine>,
}

impl Default for Json {
    /// Returns a session for texts of at most 4,096 bytes.
    fn default() -> Json {
        Json::new(crate::model::limits::Limits::default().text, false)
    }
}

impl Json {
    /// Returns a session for texts of at most `text` bytes; an object may have eight times as many bytes. With `lines`,
    /// each event also has the field `lines`, which contains the event as plain lines show it.
    #[must_use]
    pub fn new(text: usize, lines: bool) -> Json {
        let limit = text.saturating_mul(BYTES_PER_TEXT_BYTE).max(1024);
        Json {
            text,
            // A CR does not count.
            buffer: LineBuffer::new(limit, 1),
            first: true,
            encoder: JsonEncoder { lines },
            access: Access::default(),
            no_command_yet: true,
            pending: None,
        }
    }

    /// Returns the session with the access that the plain-line session had before the upgrade.
    pub(crate) fn with_access(self, access: Access) -> Json {
        Json { access, ..self }
    }

    /// Returns the upgrade from a plain-line session to this one.
    pub(crate) fn upgrade(&self) -> Upgrade {
        Upgrade { encoder: self.encoder(), responder: None, welcome: true }
    }

    /// Keeps a piece of a line whose end is still missing.
    fn keep(&mut self, piece: &[u8], reply: &mut Vec<u8>) -> Result<(), FramingError> {
        if let Some(beginning) = self.buffer.keep(piece) {
            self.refuse_length(&beginning, reply)?;
        }
        self.buffer.check()
    }

    /// Answers a line that is too long with a refusal; `head` is the beginning of the line. Fails if the line is the first
    /// one and looks like HTTP.
    fn refuse_length(&mut self, head: &[u8], reply: &mut Vec<u8>) -> Result<(), FramingError> {
        let limit = self.buffer.limit();
        if std::mem::take(&mut self.first) {
            sniff::check_first_part(&head[..head.len().min(limit)])?;
        }
        let fault = Fault::TooLong { limit };
        refuse(None, fault.code(), &fault.to_string(), reply);
        Ok(())
    }

    /// Decodes a complete line, without its LF.
    fn line(&mut self, raw: &[u8], reply: &mut Vec<u8>) -> Result<Option<Request>, FramingError> {
        let line = raw.strip_suffix(b"\r").unwrap_or(raw);
        if line.len() > self.buffer.limit() {
            self.refuse_length(line, reply)?;
            return self.buffer.check_length(raw.len()).map(|()| None);
        }
        if std::mem::take(&mut self.first) {
            sniff::check_first_line(line)?;
        }
        if line.trim_ascii().is_empty() {
            return Ok(None);
        }
        let is_first = std::mem::take(&mut self.no_command_yet);
        let parsed = commands::parse(line, self.text, self.access.is_required(), is_first);
        if !self.access.is_required() {
            return Ok(self.answer(parsed, reply));
        }
        let ParsedLine { id, password, answer } = parsed;
        match (answer, password) {
            (Ok(Answer::Command(quit @ Command::Quit(_))), _) => return Ok(Some(quit.into())),
            (Err(fault), _) => refuse(id.as_ref(), fault.code(), &fault.to_string(), reply),
            (Ok(_), None) => refuse(id.as_ref(), "password_required", PASSWORD_REQUIRED, reply),
            (answer, Some(password)) => {
                self.access = Access::Given(password);
                self.pending = Some(ParsedLine { id, password: None, answer });
            }
        }
        Ok(None)
    }

    /// Answers a line, or returns the request for the hub.
    fn answer(&mut self, parsed: ParsedLine, reply: &mut Vec<u8>) -> Option<Request> {
        let ParsedLine { id, answer, .. } = parsed;
        match answer {
            Ok(Answer::Command(command)) => {
                return Some(Request { command, responder: Some(Box::new(Responder::new(id, self.encoder))) });
            }
            Ok(Answer::Nothing) => {
                if let Some(id) = id {
                    respond::write_done(&id, true, reply);
                }
            }
            Ok(Answer::Lines(lines)) => write_lines(id.as_ref(), &lines, reply),
            Err(fault) => refuse(id.as_ref(), fault.code(), &fault.to_string(), reply),
        }
        None
    }
}

impl Session for Json {
    fn decode(&mut self, input: &mut &[u8], reply: &mut Vec<u8>) -> Result<Option<Request>, FramingError> {
        if self.first && self.buffer.partial().is_empty() && !input.is_empty() {
            sniff::check_first_byte(input[0])?;
        }
        let answered = reply.len();
        if !self.access.is_given()
            && let Some(parsed) = self.pending.take()
        {
            return Ok(self.answer(parsed, reply));
        }
        while !input.is_empty() && !self.access.is_given() {
            let Some(end) = input.iter().position(|byte| *byte == b'\n') else {
                self.keep(std::mem::take(input), reply)?;
                break;
            };
            let (piece, rest) = input.split_at(end);
            *input = &rest[1..];
            let Some(line) = self.buffer.end(piece)? else { continue };
            let request = self.line(&line, reply)?;
            if request.is_some() {
                return Ok(request);
            }
            if reply.len() > answered {
                break;
            }
        }
        Ok(None)
    }

    fn finish(&mut self, _: &[u8], reply: &mut Vec<u8>) -> Result<Option<Request>, FramingError> {
        if self.buffer.partial().is_empty() {
            return Ok(None);
        }
        self.buffer.end(&[])?.map_or(Ok(None), |line| self.line(&line, reply))
    }

    fn register(&mut self) -> Option<Registration> {
        self.access.register()
    }

    fn admitted(&mut self, _: &Name) {
        self.access = Access::Joined;
    }

    fn refused(&mut self, why: &CommandError, reply: &mut Vec<u8>) -> bool {
        if !self.access.refused(why) {
            return false;
        }
        let id = self.pending.take().and_then(|parsed| parsed.id);
        let text = match why {
            CommandError::PasswordRequired => PASSWORD_REQUIRED.to_owned(),
            why => why.to_string(),
        };
        refuse(id.as_ref(), codes::of(why), &text, reply);
        true
    }

    fn encoder(&self) -> Encoder {
        Encoder::new(self.encoder)
    }
}

/// Appends the lines that a plain-line session would have answered by itself.
fn write_lines(id: Option<&serde_json::Value>, lines: &[u8], reply: &mut Vec<u8>) {
    let lines = String::from_utf8_lossy(lines);
    let mut object = Object::open(reply);
    object.field("kind", "help").field("lines", lines.lines().collect::<Vec<_>>()).optional("id", id);
    object.close();
    if let Some(id) = id {
        respond::write_done(id, true, reply);
    }
}

/// Appends the refusal of a line.
fn refuse(id: Option<&serde_json::Value>, code: &str, text: &str, reply: &mut Vec<u8>) {
    let mut object = Object::open(reply);
    object.field("kind", "refused").field("error", code).field("text", text).optional("id", id);
    object.close();
    if let Some(id) = id {
        respond::write_done(id, false, reply);
    }
}

#[cfg(test)]
mod tests;
