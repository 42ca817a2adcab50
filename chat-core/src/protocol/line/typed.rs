//! Parses a line that a person typed, in this protocol or inside another (`line` in JSON).
//!
//! This module must not know whether the server requires a password, or which protocol the connection uses.

#[cfg(feature = "json")]
use super::commands::{Parsed, parse};
#[cfg(feature = "json")]
use super::help;
use crate::model::command::Command;
use crate::model::text::Text;

/// A complete line.
pub(super) enum Typed<'a> {
    /// A text to say.
    Text(&'a str),
    /// A command, without its slash.
    Command(&'a str),
}

impl Typed<'_> {
    /// Classifies a line. A slash begins a command. Two slashes begin a text that itself begins with one slash.
    pub(super) fn new(line: &str) -> Typed<'_> {
        match line.strip_prefix('/') {
            None => Typed::Text(line),
            Some(text) if text.starts_with('/') => Typed::Text(text),
            Some(command) => Typed::Command(command),
        }
    }
}

/// Returns the command that says a text; `None` for a blank text.
pub(super) fn say(text: &str) -> Option<Command> {
    let text = Text::clean(text);
    (!text.is_blank()).then_some(Command::Say(text.into()))
}

/// The result of parsing a plain line that arrived by another protocol.
#[cfg(feature = "json")]
#[derive(Debug)]
pub(crate) enum Answer {
    /// A command for the hub.
    Command(Command),
    /// Nothing to do.
    Nothing,
    /// The answer of the session itself, as plain lines.
    Lines(Vec<u8>),
}

/// Parses a plain line as a person would type it.
///
/// # Errors
///
/// Returns the text of the error in the line.
#[cfg(feature = "json")]
pub(crate) fn parse_line(line: &str) -> Result<Answer, String> {
    let command = match Typed::new(line) {
        Typed::Command(command) => command,
        Typed::Text(text) => return Ok(say(text).map_or(Answer::Nothing, Answer::Command)),
    };
    match parse(command) {
        Ok(Parsed::Command(command)) => Ok(Answer::Command(command)),
        Ok(Parsed::Help(help)) => {
            let mut lines = Vec::new();
            help::write(help, &mut lines);
            Ok(Answer::Lines(lines))
        }
        Ok(Parsed::Json { .. } | Parsed::Password(_)) => Ok(Answer::Nothing),
        Err(error) => Err(error.to_string()),
    }
}
