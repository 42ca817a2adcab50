//! JSON lines: one object a line, for programs. `PROTOCOL.md` is the specification.
//!
//! It must not know who else is in the room, nor what became of a command: that its responder tells.

mod answer;
mod codes;
mod commands;
mod encode;
mod fields;
mod object;
mod respond;

use crate::model::command::{Command, CommandError};
use crate::model::name::Name;
use crate::protocol::line::Answer;
use crate::protocol::sniff;
use crate::session::access::Access;
use crate::session::{Encoder, FramingError, Registration, Respond, Session, Upgrade};
use commands::Request;
use encode::JsonEncoder;
use fields::Fault;
use object::Object;
use respond::{Asked, Responder};

/// How many times the longest line may come without an end before the stream is given up.
const PATIENCE: usize = 16;
/// So many bytes of a line may a byte of a text take: as `\u0000`, and its other fields beside it.
const ESCAPED: usize = 8;

/// What the server answers before it has the password that it requires.
const PASSWORD_REQUIRED: &str = "password required: give it in the field password of the first command";

/// One JSON object a line (feature `json`).
///
/// A [`Line`](crate::Line) becomes one by `/json 1`.
///
/// ```
/// use chat_core::{Command, Json, Session};
///
/// let mut session = Json::default();
/// let (mut input, mut reply) = (&br#"{"command": "say", "text": "hi"}
/// {"command": "dance", "id": 7}
/// "#[..], Vec::new());
/// assert_eq!(session.decode(&mut input, &mut reply)?, Some(Command::say("hi")));
/// assert_eq!(session.decode(&mut input, &mut reply)?, None);
/// assert!(reply.starts_with(br#"{"kind":"refused","error":"no_such_command""#));
/// # Ok::<(), chat_core::FramingError>(())
/// ```
#[derive(Debug)]
pub struct Json {
    /// The longest string in an object, in bytes.
    text: usize,
    /// The longest line, in bytes without its end.
    limit: usize,
    /// The beginning of a line whose end has not come yet.
    partial: Vec<u8>,
    /// How many bytes of a too long line have been thrown away.
    discarded: usize,
    /// The first line has not ended yet.
    first: bool,
    asked: Asked,
    encoder: JsonEncoder,
    access: Access,
    /// No command has come yet; the first may carry the server's password.
    no_command_yet: bool,
    /// The command that came with a password, which is carried out once the password is right.
    pending: Option<Request>,
}

impl Default for Json {
    /// For texts of at most 4,096 bytes.
    fn default() -> Json {
        Json::new(crate::model::limits::Limits::default().text, false)
    }
}

impl Json {
    /// For texts of at most `text` bytes; an object may have eight times as many. Its peer is told, too, how plain lines
    /// show each event, if it wants these `lines`.
    #[must_use]
    pub fn new(text: usize, lines: bool) -> Json {
        let limit = text.saturating_mul(ESCAPED).max(1024);
        Json {
            text,
            limit,
            partial: Vec::new(),
            discarded: 0,
            first: true,
            asked: Asked::default(),
            encoder: JsonEncoder { lines },
            access: Access::default(),
            no_command_yet: true,
            pending: None,
        }
    }

    /// The same as far as a session of lines has come by now.
    pub(crate) fn with_access(self, access: Access) -> Json {
        Json { access, ..self }
    }

    /// What the peer of a session of lines reads from here on, which is this one by now.
    pub(crate) fn upgrade(&self) -> Upgrade {
        Upgrade { encoder: self.encoder(), responder: Some(Box::new(Responder::new(self.asked.clone(), self.encoder))) }
    }

    /// Keeps a piece of a line that has not ended.
    fn keep(&mut self, piece: &[u8], reply: &mut Vec<u8>) -> Result<(), FramingError> {
        // A CR may belong to the line's end.
        if self.discarded == 0 && self.partial.len() + piece.len() <= self.limit + 1 {
            self.partial.extend_from_slice(piece);
            return Ok(());
        }
        let partial = std::mem::take(&mut self.partial);
        if self.discarded == 0 {
            let head: Vec<u8> = partial.iter().chain(piece).take(self.limit).copied().collect();
            self.refuse_length(&head, reply)?;
        }
        self.discarded += partial.len() + piece.len();
        self.check_patience(self.discarded)
    }

    /// Refuses a line that is too long and begins so, or gives up a stream that begins as HTTP does.
    fn refuse_length(&mut self, head: &[u8], reply: &mut Vec<u8>) -> Result<(), FramingError> {
        if std::mem::take(&mut self.first) {
            sniff::check_first_part(head)?;
        }
        let fault = Fault::TooLong { limit: self.limit };
        refuse(None, fault.code(), &fault.to_string(), reply);
        Ok(())
    }

    /// One over-long line is a slip; a stream without ends is no lines at all.
    fn check_patience(&self, discarded: usize) -> Result<(), FramingError> {
        let most = self.limit.saturating_mul(PATIENCE);
        if discarded > most {
            return Err(FramingError::new(format!(
                "no end of a line in {most} bytes; at most {} are allowed",
                self.limit
            )));
        }
        Ok(())
    }

    /// A whole line, without its LF.
    fn line(&mut self, raw: &[u8], reply: &mut Vec<u8>) -> Result<Option<Command>, FramingError> {
        let line = raw.strip_suffix(b"\r").unwrap_or(raw);
        if line.len() > self.limit {
            self.refuse_length(&line[..self.limit], reply)?;
            return self.check_patience(raw.len()).map(|()| None);
        }
        if std::mem::take(&mut self.first) {
            sniff::check_first_line(line)?;
        }
        if line.trim_ascii().is_empty() {
            return Ok(None);
        }
        let is_first = std::mem::take(&mut self.no_command_yet);
        let request = commands::parse(line, self.text, self.access.is_required(), is_first);
        if !self.access.is_required() {
            return Ok(self.answer(request, reply));
        }
        let Request { id, password, answer } = request;
        match (answer, password) {
            (Ok(Answer::Ask(quit @ Command::Quit(_))), _) => return Ok(Some(quit)),
            (Err(fault), _) => refuse(id.as_ref(), fault.code(), &fault.to_string(), reply),
            (Ok(_), None) => refuse(id.as_ref(), "password_required", PASSWORD_REQUIRED, reply),
            (answer, Some(password)) => {
                self.access = Access::Given(password);
                self.pending = Some(Request { id, password: None, answer });
            }
        }
        Ok(None)
    }

    /// Answers a request, or returns the command that the hub must answer.
    fn answer(&mut self, request: Request, reply: &mut Vec<u8>) -> Option<Command> {
        let Request { id, answer, .. } = request;
        match answer {
            Ok(Answer::Ask(command)) => {
                self.asked.push(id);
                return Some(command);
            }
            Ok(Answer::Nothing) => {
                if let Some(id) = id {
                    respond::write_done(&id, true, reply);
                }
            }
            Ok(Answer::Lines(lines)) => tell_lines(id.as_ref(), &lines, reply),
            Err(fault) => refuse(id.as_ref(), fault.code(), &fault.to_string(), reply),
        }
        None
    }
}

impl Session for Json {
    fn decode(&mut self, input: &mut &[u8], reply: &mut Vec<u8>) -> Result<Option<Command>, FramingError> {
        if self.first && self.partial.is_empty() && !input.is_empty() {
            sniff::check_first_byte(input[0])?;
        }
        let answered = reply.len();
        if !self.access.is_given()
            && let Some(request) = self.pending.take()
        {
            return Ok(self.answer(request, reply));
        }
        while !input.is_empty() && !self.access.is_given() {
            let Some(end) = input.iter().position(|byte| *byte == b'\n') else {
                self.keep(std::mem::take(input), reply)?;
                break;
            };
            let (piece, rest) = input.split_at(end);
            *input = &rest[1..];
            if self.discarded > 0 {
                self.keep(piece, reply)?;
                self.discarded = 0;
                continue;
            }
            let command = if self.partial.is_empty() {
                self.line(piece, reply)?
            } else {
                let mut whole = std::mem::take(&mut self.partial);
                whole.extend_from_slice(piece);
                self.line(&whole, reply)?
            };
            if command.is_some() {
                return Ok(command);
            }
            if reply.len() > answered {
                break;
            }
        }
        Ok(None)
    }

    fn finish(&mut self, _: &[u8], reply: &mut Vec<u8>) -> Result<Option<Command>, FramingError> {
        match std::mem::take(&mut self.partial) {
            empty if empty.is_empty() => Ok(None),
            line => self.line(&line, reply),
        }
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
        let id = self.pending.take().and_then(|request| request.id);
        let text = match why {
            CommandError::PasswordRequired => PASSWORD_REQUIRED.to_owned(),
            why => why.to_string(),
        };
        refuse(id.as_ref(), codes::of(why), &text, reply);
        true
    }

    fn responder(&mut self) -> Option<Box<dyn Respond>> {
        Some(Box::new(Responder::new(self.asked.clone(), self.encoder)))
    }

    fn encoder(&self) -> Encoder {
        Encoder::new(self.encoder)
    }
}

/// Tells what a session of plain lines would have answered by itself.
fn tell_lines(id: Option<&serde_json::Value>, lines: &[u8], reply: &mut Vec<u8>) {
    let lines = String::from_utf8_lossy(lines);
    let mut object = Object::open(reply);
    object.field("kind", "help").field("lines", lines.lines().collect::<Vec<_>>()).optional("id", id);
    object.close();
    if let Some(id) = id {
        respond::write_done(id, true, reply);
    }
}

/// Tells why a line has no meaning, or no effect.
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
