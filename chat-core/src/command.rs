//! What a member asks for.

use crate::text::Text;

/// What a [`Session`](crate::Session) makes of the bytes that came in.
///
/// ```
/// use chat_core::{Command, Text};
///
/// assert_eq!(Command::say("hi"), Command::Say(Text::clean("hi")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Say this to everybody else in the room.
    Say(Text),
    /// Answer with [`Pong`](crate::EventKind::Pong) once everything that was said before is on its way to everybody.
    Ping(Text),
    /// Leave. What the same member sends after it is ignored.
    Quit,
}

impl Command {
    /// [`Command::Say`] of `text`, cleaned.
    pub fn say(text: impl Into<Text>) -> Command {
        Command::Say(text.into())
    }
}

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// A text without anything to read in it.
    #[error("text is blank; say something")]
    Blank,
    /// A text over [`Limits::text`](crate::Limits::text).
    #[error("text is {bytes} bytes long; at most {limit} are allowed")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
        /// The longest that is allowed, in bytes.
        limit: usize,
    },
}
