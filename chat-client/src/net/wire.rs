//! Talking JSON lines with a server that says that it can (chat-core's `PROTOCOL.md`, "JSON lines").
//!
//! It must not know what is done with what comes.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::net::connect;
use crate::net::greeting::{is_greeting, is_password_request};
use crate::secret::Secret;

/// How long a server may take to greet.
const GREETING: Duration = Duration::from_secs(5);
/// The longest object that is taken; a list may be long, but a line without an end is no object.
const MAX_LINE: u64 = 16 * 1024 * 1024;
/// What a server answers to `/json 1`, after which all is objects.
pub(crate) const SWITCHED: &str = "* JSON lines from here on";
/// The `id` of the command that carries the password. All others have higher ones.
const ENTRY: u64 = 0;

/// A connection by which objects go both ways.
#[derive(Debug)]
pub(crate) struct Wire {
    incoming: Hearing,
    outgoing: TcpStream,
    /// How many commands were sent.
    sent: u64,
}

/// What came in: an object with its `kind`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event(Map<String, Value>);

impl Wire {
    /// Connects, and reads up to the `hello` of the server.
    ///
    /// # Errors
    ///
    /// [`Failure::Connect`]; [`Failure::NoJson`] for a server that does not greet as one that speaks JSON lines;
    /// [`Failure::PasswordRequired`]; [`Failure::Refused`] for a wrong password; [`Failure::Disconnected`].
    pub(crate) fn open(host: &str, port: u16, password: Option<&Secret>) -> Result<(Wire, Event), Failure> {
        let outgoing = connect::connect(host, port)?;
        let incoming = Hearing::of(&outgoing).map_err(Failure::Start)?;
        let mut wire = Wire { incoming, outgoing, sent: 0 };
        wire.outgoing.set_read_timeout(Some(GREETING)).map_err(Failure::Start)?;
        let first = wire.line().map_err(|_| Failure::NoJson)?.ok_or(Failure::Disconnected)?;
        if !is_greeting(&first) {
            return Err(Failure::NoJson);
        }
        wire.outgoing.write_all(b"/json 1\n").map_err(|_| Failure::Disconnected)?;
        // What was said meanwhile, and what was said before, can be asked for.
        let deadline = Instant::now() + GREETING;
        let mut requires_password = false;
        loop {
            let line = wire.line().map_err(|_| Failure::NoJson)?.ok_or(Failure::Disconnected)?;
            if line == SWITCHED {
                break;
            }
            requires_password |= is_password_request(&line);
            if Instant::now() > deadline {
                return Err(Failure::NoJson);
            }
        }
        let hello = if requires_password {
            wire.enter(password.ok_or(Failure::PasswordRequired)?)?
        } else {
            wire.next().map_err(|_| Failure::NoJson)?.ok_or(Failure::Disconnected)?
        };
        wire.outgoing.set_read_timeout(None).map_err(Failure::Start)?;
        Ok((wire, hello))
    }

    /// Gives the password; returns the `hello` of the server.
    fn enter(&mut self, password: &Secret) -> Result<Event, Failure> {
        self.outgoing.write_all(format!("{}\n", entry(password)).as_bytes()).map_err(|_| Failure::Disconnected)?;
        loop {
            let line = self.line().map_err(|_| Failure::NoJson)?.ok_or(Failure::Disconnected)?;
            let event = Event::parse(&line).map_err(|_| Failure::NoJson)?;
            match event.kind() {
                "hello" => return Ok(event),
                "refused" => return Err(Failure::Refused(event.text("text"))),
                "closed" => return Err(Failure::Closed(event.text("text"))),
                _ => {}
            }
        }
    }

    /// Sends a command; returns the `id` by which its answers are found.
    ///
    /// # Errors
    ///
    /// [`Failure::Disconnected`].
    pub(crate) fn send(&mut self, command: &Value) -> Result<u64, Failure> {
        self.sent += 1;
        let mut command = command.clone();
        command["id"] = json!(self.sent);
        self.outgoing.write_all(format!("{command}\n").as_bytes()).map_err(|_| Failure::Disconnected)?;
        Ok(self.sent)
    }

    /// The next event; none at the end of the stream.
    ///
    /// # Errors
    ///
    /// When the connection broke, or what comes is no object.
    pub(crate) fn next(&mut self) -> io::Result<Option<Event>> {
        self.incoming.next()
    }

    /// Sends a command, and reads up to the end of its answer. `heard` gets all that comes meanwhile.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`], [`Failure::Disconnected`], or what `heard` says.
    pub(crate) fn ask(
        &mut self,
        command: &Value,
        mut heard: impl FnMut(&Event) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let id = self.send(command)?;
        self.wait_for(id, &mut heard)
    }

    /// Reads up to the end of the answer to the command with this id.
    ///
    /// # Errors
    ///
    /// As [`ask`](Self::ask).
    pub(crate) fn wait_for(
        &mut self,
        id: u64,
        heard: &mut impl FnMut(&Event) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut refusal = None;
        loop {
            let event = self.next().ok().flatten().ok_or(Failure::Disconnected)?;
            let is_ours = event.number("id") == Some(id);
            match event.kind() {
                "done" if is_ours => return refusal.map_or(Ok(()), Err),
                "refused" if is_ours => refusal = Some(Failure::Refused(event.text("text"))),
                "closed" => return Err(Failure::Closed(event.text("text"))),
                _ => heard(&event)?,
            }
        }
    }

    /// What comes in, for another thread; from here on this one hears no more.
    ///
    /// # Errors
    ///
    /// When the system has no descriptor left.
    pub(crate) fn hearing(&mut self) -> io::Result<Hearing> {
        let rest = Hearing::of(&self.outgoing)?;
        Ok(std::mem::replace(&mut self.incoming, rest))
    }

    /// Says that nothing more will be said.
    pub(crate) fn leave(&mut self) {
        let _ = self.outgoing.write_all(b"{\"command\":\"quit\"}\n");
        let _ = self.outgoing.shutdown(Shutdown::Write);
    }

    /// The connection itself, by which another thread may end it.
    ///
    /// # Errors
    ///
    /// When the system has no descriptor left.
    pub(crate) fn stream(&self) -> io::Result<TcpStream> {
        self.outgoing.try_clone()
    }

    /// Leaves in peace: what was sent is taken before.
    pub(crate) fn close(mut self) {
        self.leave();
        let _ = self.outgoing.set_read_timeout(Some(Duration::from_secs(1)));
        let _ = io::copy(&mut self.incoming.0, &mut io::sink());
    }

    fn line(&mut self) -> io::Result<Option<String>> {
        read_line(&mut self.incoming.0)
    }
}

/// The reading side of a connection.
#[derive(Debug)]
pub(crate) struct Hearing(BufReader<TcpStream>);

impl Hearing {
    fn of(stream: &TcpStream) -> io::Result<Hearing> {
        Ok(Hearing(BufReader::new(stream.try_clone()?)))
    }

    /// The next event; none at the end of the stream.
    ///
    /// # Errors
    ///
    /// When the connection broke, or what comes is no object.
    pub(crate) fn next(&mut self) -> io::Result<Option<Event>> {
        loop {
            let Some(line) = read_line(&mut self.0)? else { return Ok(None) };
            let event = Event::parse(&line)?;
            if !is_about_entry(&event) {
                return Ok(Some(event));
            }
        }
    }
}

/// The command that carries the password, and does nothing else.
pub(crate) fn entry(password: &Secret) -> Value {
    json!({"command": "ping", "id": ENTRY, "password": password.as_str()})
}

/// Whether an event belongs to the answer to [`entry`].
pub(crate) fn is_about_entry(event: &Event) -> bool {
    event.number("id") == Some(ENTRY)
}

/// The next line without its end; none at the end of the stream.
///
/// # Errors
///
/// When the connection broke, also in the middle of a line; when a line is no text, or has no end.
pub(crate) fn read_line(lines: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    lines.take(MAX_LINE).read_until(b'\n', &mut line)?;
    if line.pop_if(|byte| *byte == b'\n').is_none() {
        // Half a line is no object, and an endless one neither.
        return if line.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
    }
    line.pop_if(|byte| *byte == b'\r');
    String::from_utf8(line).map(Some).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

#[cfg(test)]
impl From<Value> for Event {
    fn from(value: Value) -> Event {
        Event(value.as_object().expect("an object").clone())
    }
}

impl Event {
    /// # Errors
    ///
    /// When the line is no object.
    pub(crate) fn parse(line: &str) -> io::Result<Event> {
        serde_json::from_str(line).map(Event).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    pub(crate) fn kind(&self) -> &str {
        self.str("kind").unwrap_or("")
    }

    /// A field that is a string, as it came.
    pub(crate) fn str(&self, field: &str) -> Option<&str> {
        self.0.get(field).and_then(Value::as_str)
    }

    /// A field that is a string, safe to print; empty, if there is none.
    pub(crate) fn text(&self, field: &str) -> String {
        printable(self.str(field).unwrap_or(""))
    }

    /// Whether oneself said it.
    pub(crate) fn is_own(&self) -> bool {
        self.0.get("own").and_then(Value::as_bool).unwrap_or(false)
    }

    /// Whether there is such a field.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.0.get(field).is_some()
    }

    /// How plain lines show it.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.texts("lines")
    }

    /// A field that is a list of strings, safe to print; empty, if there is none.
    pub(crate) fn texts(&self, field: &str) -> Vec<String> {
        let texts = self.0.get(field).and_then(Value::as_array);
        texts.into_iter().flatten().filter_map(|text| text.as_str().map(printable)).collect()
    }

    pub(crate) fn number(&self, field: &str) -> Option<u64> {
        self.0.get(field).and_then(Value::as_u64)
    }

    /// Something that is said by this program itself, as these lines.
    pub(crate) fn of_lines(lines: &[String]) -> Event {
        let Value::Object(fields) = json!({"kind": "refused", "lines": lines}) else { unreachable!("it is an object") };
        Event(fields)
    }

    /// The names of the members in this one (`members`), safe to print.
    pub(crate) fn members(&self) -> impl Iterator<Item = String> {
        let members = self.0.get("members").and_then(Value::as_array);
        members.into_iter().flatten().filter_map(|member| member.get("name")?.as_str().map(printable))
    }

    /// The events in this one (`past`).
    pub(crate) fn events(&self) -> Vec<Event> {
        let events = self.0.get("events").and_then(Value::as_array);
        let events = events.into_iter().flatten().filter_map(|event| event.as_object().cloned().map(Event));
        events.collect()
    }

    /// As a line of JSON, safe to print.
    pub(crate) fn line(&self) -> String {
        let line = Value::Object(self.0.clone()).to_string();
        // Within a string of JSON each character may be written by its number.
        line.chars().flat_map(|c| if is_unsafe(c) { escaped(c) } else { vec![c] }).collect()
    }
}

/// A text as it may be printed: without control characters, and without what turns the order of others around.
pub(crate) fn printable(text: &str) -> String {
    chat_core::Text::clean(text).chars().filter(|c| !is_unsafe(*c)).collect()
}

/// Controls (tab is safe), and the embeddings, overrides and isolates of UAX 9.
fn is_unsafe(c: char) -> bool {
    let is_control = c.is_control() && c != '\t';
    is_control || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escaped(c: char) -> Vec<char> {
    format!("\\u{:04x}", u32::from(c)).chars().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_safe() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}c\u{9b}1md\te"), "abcd\te");
        let event = Event(serde_json::from_str("{\"text\":\"a\u{202e}\u{7f}\\u001b\"}").expect("an object"));
        assert_eq!(event.line(), "{\"text\":\"a\\u202e\\u007f\\u001b\"}");
        assert_eq!(event.text("text"), "a");
    }
}
