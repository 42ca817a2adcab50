//! What happened, as members are told of it.
//!
//! Events know nothing of bytes: an [`Encode`](crate::Encode) turns them into what one framing shows.

use crate::command::CommandError;
use crate::name::Name;
use crate::text::Text;

/// Something that a member is told. Cheap to clone.
///
/// ```
/// use chat_core::{EventKind, Room};
///
/// let room = Room::new("lobby")?;
/// let alice = room.join("alice".parse()?)?;
/// let bob = room.join("bob".parse()?)?;
/// bob.say("hello")?;
///
/// let heard: Vec<_> = alice.events().take(2).collect();
/// assert!(matches!(heard[0].kind(), EventKind::Joined { name } if name.as_str() == "bob"));
/// assert!(matches!(heard[1].kind(), EventKind::Said { text, .. } if text.as_str() == "hello"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    kind: EventKind,
}

impl Event {
    /// What happened.
    #[must_use]
    pub fn kind(&self) -> &EventKind {
        &self.kind
    }
}

impl From<EventKind> for Event {
    fn from(kind: EventKind) -> Event {
        Event { kind }
    }
}

/// What can happen. See [`Event`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// Somebody entered the room. Told to those who were in it before.
    Joined {
        /// Who.
        name: Name,
    },
    /// Somebody said something. Told to everybody else in the room.
    Said {
        /// Who.
        from: Name,
        /// What.
        text: Text,
    },
    /// Somebody left the room. Told to those who stay; nothing of that member comes after it.
    Left {
        /// Who.
        name: Name,
        /// How it came about.
        reason: CloseReason,
    },
    /// The answer to one's own [`Ping`](crate::Command::Ping), behind everything that was said before it.
    Pong {
        /// What was sent along.
        token: Text,
    },
    /// One's own command was refused. Told to nobody else.
    Refused {
        /// Why, and what is allowed.
        error: CommandError,
    },
    /// One's own membership is over: the last event of all.
    Closed {
        /// Why.
        reason: CloseReason,
    },
}

/// Why a membership ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CloseReason {
    /// The member asked for it, or its [`Member`](crate::Member) was dropped.
    #[error("quit")]
    Quit,
    /// The member's stream came to its end.
    #[error("the connection was closed")]
    EndOfStream,
    /// The connection failed.
    #[error("the connection was lost")]
    Lost,
    /// What came in is not what the member's framing reads.
    #[error("{0}")]
    Framing(Text),
    /// The member read too slowly: more waited for it than [`Limits`](crate::Limits) allow, or it read nothing for
    /// too long.
    #[error("too slow: what was said could not be delivered in time")]
    TooSlow,
    /// The session's or the encoder's code panicked.
    #[error("an internal error in this connection")]
    Panicked,
    /// The server holds as many connections as it may.
    #[error("the server is full: it has its {limit} connections")]
    Full {
        /// The limit that is reached.
        limit: usize,
    },
    /// The server can't start a thread for the connection.
    #[error("the server has no room for another connection at the moment; try again later")]
    NoThread,
    /// The server is going down.
    #[error("Server is shutting down")]
    ShuttingDown,
}
