//! A connection that carries JSON lines (chat-core's `PROTOCOL.md`, "JSON lines").
//!
//! This module must not know what the caller does with the events.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::connect;
use super::event::Event;
use super::greeting::{is_greeting, is_password_request};
use crate::failure::Failure;
use crate::secret::Secret;

/// How long the server may take to send its greeting, and then to confirm the upgrade to JSON lines.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the server may take to close after the client has left.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// The longest line that the client accepts, in bytes. The limit is high because an event can contain a long list.
const MAX_LINE: u64 = 16 * 1024 * 1024;
/// The reply to `/json 1`. Every line after it is a JSON object.
pub(crate) const UPGRADED: &str = "* JSON lines from here on";
/// The `id` of the command that carries the password. All other commands have higher `id`s.
const PASSWORD_ID: u64 = 0;

/// A connection that sends commands and receives events as JSON lines.
#[derive(Debug)]
pub(crate) struct JsonConnection {
    events: EventReader,
    stream: TcpStream,
    /// The `id` of the last command that was sent.
    last_id: u64,
}

impl JsonConnection {
    /// Connects, upgrades to JSON lines, and returns the connection with the server's `hello`.
    ///
    /// # Errors
    ///
    /// [`Failure::Connect`]; [`Failure::NoJson`] if the server's greeting does not offer JSON lines;
    /// [`Failure::PasswordRequired`]; [`Failure::Refused`] for a wrong password; [`Failure::Disconnected`].
    pub(crate) fn open(host: &str, port: u16, password: Option<&Secret>) -> Result<(JsonConnection, Event), Failure> {
        let stream = connect::connect(host, port)?;
        let events = EventReader::new(&stream).map_err(Failure::Start)?;
        let mut connection = JsonConnection { events, stream, last_id: PASSWORD_ID };
        connection.stream.set_read_timeout(Some(HANDSHAKE_TIMEOUT)).map_err(Failure::Start)?;
        let requires_password = connection.upgrade()?;
        let hello = if requires_password {
            connection.authenticate(password.ok_or(Failure::PasswordRequired)?)?
        } else {
            connection.next().map_err(|_| Failure::NoJson)?.ok_or(Failure::Disconnected)?
        };
        connection.stream.set_read_timeout(None).map_err(Failure::Start)?;
        Ok((connection, hello))
    }

    /// Upgrades the connection to JSON lines; returns whether the server requires a password.
    fn upgrade(&mut self) -> Result<bool, Failure> {
        let first = self.handshake_line()?;
        if !is_greeting(&first) {
            return Err(Failure::NoJson);
        }
        self.stream.write_all(b"/json 1\n").map_err(|_| Failure::Disconnected)?;
        // The client ignores messages that arrive as plain lines before the upgrade: the history contains them.
        let deadline = Instant::now() + HANDSHAKE_TIMEOUT;
        let mut requires_password = false;
        loop {
            let line = self.handshake_line()?;
            if line == UPGRADED {
                return Ok(requires_password);
            }
            requires_password |= is_password_request(&line);
            if Instant::now() > deadline {
                return Err(Failure::NoJson);
            }
        }
    }

    /// Sends the password; returns the server's `hello`.
    fn authenticate(&mut self, password: &Secret) -> Result<Event, Failure> {
        let command = password_command(password);
        self.stream.write_all(format!("{command}\n").as_bytes()).map_err(|_| Failure::Disconnected)?;
        loop {
            let line = self.handshake_line()?;
            let event = Event::parse(&line).map_err(|_| Failure::NoJson)?;
            match event.kind() {
                "hello" => return Ok(event),
                "refused" => return Err(Failure::Refused(event.text("text"))),
                "closed" => return Err(Failure::Closed(event.text("text"))),
                _ => {}
            }
        }
    }

    fn handshake_line(&mut self) -> Result<String, Failure> {
        read_line(&mut self.events.0).map_err(|_| Failure::NoJson)?.ok_or(Failure::Disconnected)
    }

    /// Sends a command; returns its `id`, which every reply to it carries.
    ///
    /// # Errors
    ///
    /// [`Failure::Disconnected`].
    pub(crate) fn send(&mut self, command: &Value) -> Result<u64, Failure> {
        self.last_id += 1;
        let mut command = command.clone();
        command["id"] = json!(self.last_id);
        self.stream.write_all(format!("{command}\n").as_bytes()).map_err(|_| Failure::Disconnected)?;
        Ok(self.last_id)
    }

    /// Receives the next event; `None` at the end of the stream.
    ///
    /// # Errors
    ///
    /// The same as those of [`EventReader::next`].
    pub(crate) fn next(&mut self) -> io::Result<Option<Event>> {
        self.events.next()
    }

    /// Sends a command, and receives events until the server has completed its reply to the command.
    ///
    /// Every event except refusals and the end of the reply goes to `on_event`.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`], [`Failure::Closed`], [`Failure::Disconnected`], or the error of `on_event`.
    pub(crate) fn request(
        &mut self,
        command: &Value,
        mut on_event: impl FnMut(&Event) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let id = self.send(command)?;
        let mut refusal = None;
        loop {
            let event = self.next().ok().flatten().ok_or(Failure::Disconnected)?;
            let is_reply = event.number("id") == Some(id);
            match event.kind() {
                "done" if is_reply => return refusal.map_or(Ok(()), Err),
                "refused" if is_reply => refusal = Some(Failure::Refused(event.text("text"))),
                "closed" => return Err(Failure::Closed(event.text("text"))),
                _ => on_event(&event)?,
            }
        }
    }

    /// Moves the receiving side to the caller, for another thread. Afterwards, this connection must only send.
    ///
    /// # Errors
    ///
    /// When the system has no descriptor left.
    pub(crate) fn take_events(&mut self) -> io::Result<EventReader> {
        let rest = EventReader::new(&self.stream)?;
        Ok(std::mem::replace(&mut self.events, rest))
    }

    /// Sends `quit` and closes the sending side.
    pub(crate) fn leave(&mut self) {
        let _ = self.stream.write_all(b"{\"command\":\"quit\"}\n");
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Returns a second handle of the socket, so that another thread can close the connection.
    ///
    /// # Errors
    ///
    /// When the system has no descriptor left.
    pub(crate) fn stream(&self) -> io::Result<TcpStream> {
        self.stream.try_clone()
    }

    /// Leaves, and waits until the server has closed the connection. Then the server has received every command.
    pub(crate) fn close(mut self) {
        self.leave();
        let _ = self.stream.set_read_timeout(Some(CLOSE_TIMEOUT));
        let _ = io::copy(&mut self.events.0, &mut io::sink());
    }
}

/// The receiving side of a [`JsonConnection`].
#[derive(Debug)]
pub(crate) struct EventReader(BufReader<TcpStream>);

impl EventReader {
    fn new(stream: &TcpStream) -> io::Result<EventReader> {
        Ok(EventReader(BufReader::new(stream.try_clone()?)))
    }

    /// Receives the next event; `None` at the end of the stream.
    ///
    /// # Errors
    ///
    /// When the connection broke, or a line is not a JSON object.
    pub(crate) fn next(&mut self) -> io::Result<Option<Event>> {
        loop {
            let Some(line) = read_line(&mut self.0)? else { return Ok(None) };
            let event = Event::parse(&line)?;
            if !is_password_reply(&event) {
                return Ok(Some(event));
            }
        }
    }
}

/// Returns a `ping` command, whose only purpose is to carry the password.
pub(crate) fn password_command(password: &Secret) -> Value {
    json!({"command": "ping", "id": PASSWORD_ID, "password": password.as_str()})
}

/// Returns whether an event belongs to the reply to [`password_command`].
pub(crate) fn is_password_reply(event: &Event) -> bool {
    event.number("id") == Some(PASSWORD_ID)
}

/// Reads the next line without its end; `None` at the end of the stream.
///
/// # Errors
///
/// When the connection broke, even in the middle of a line; when the line is not UTF-8, or longer than [`MAX_LINE`].
pub(crate) fn read_line(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    reader.take(MAX_LINE).read_until(b'\n', &mut line)?;
    if line.pop_if(|byte| *byte == b'\n').is_none() {
        // An incomplete line is not a JSON object.
        return if line.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
    }
    line.pop_if(|byte| *byte == b'\r');
    String::from_utf8(line).map(Some).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
