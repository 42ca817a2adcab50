//! A line as a person types it, in this protocol or as a part of another one.
//!
//! It must not know the connection: whether it needs a password, or which protocol it speaks.

#[cfg(feature = "json")]
use super::commands::{Parsed, parse};
#[cfg(feature = "json")]
use super::help;
use crate::model::command::Command;
use crate::model::text::Text;

/// The meaning of a plain line that arrived by another protocol.
#[cfg(feature = "json")]
#[derive(Debug)]
pub(crate) enum Answer {
    /// A command for the hub.
    Command(Command),
    /// Nothing to do.
    Nothing,
    /// The answer, as plain lines.
    Lines(Vec<u8>),
}

/// Parses a plain line as a person would type it.
///
/// # Errors
///
/// The text of the error in the line.
#[cfg(feature = "json")]
pub(crate) fn parse_line(line: &str) -> Result<Answer, String> {
    let command = match line.strip_prefix('/') {
        None => return Ok(say(line).map_or(Answer::Nothing, Answer::Command)),
        Some(text) if text.starts_with('/') => return Ok(say(text).map_or(Answer::Nothing, Answer::Command)),
        Some(command) => command,
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

/// Returns the command that says this line; `None` for a blank line.
pub(super) fn say(line: &str) -> Option<Command> {
    let text = Text::clean(line);
    (!text.is_blank()).then_some(Command::Say(text.into()))
}
