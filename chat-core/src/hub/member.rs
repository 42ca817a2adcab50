//! Members that live in this process.
//!
//! It must not name a socket, a framing or a protocol.

use std::iter;
use std::sync::Arc;
use std::time::Duration;

use crate::hub::{Arrivals, Hub, Post};
use crate::model::command::{Command, CommandError};
use crate::model::event::{CloseReason, Event};
use crate::model::message::Message;
use crate::model::name::{Nick, RoomName, Target};
use crate::model::text::Text;
use crate::state::{self, MemberId};

/// Somebody in the room who lives in this process: a bot, a bridge, a test. Dropped, it leaves.
///
/// One that doesn't take its events is closed once [`Limits::mailbox`](crate::Limits::mailbox) of them wait, and finds
/// [`Closed`](crate::EventKind::Closed) as its last event; or, where [`Limits::slow_consumer`](crate::Limits::slow_consumer) says so, it finds
/// [`Missed`](crate::EventKind::Missed) in place of the oldest that was said.
#[derive(Debug)]
pub struct Member {
    hub: Arc<Hub>,
    id: MemberId,
    nick: Nick,
    events: Arrivals,
}

/// Why something could not be said. The words come back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SayError {
    /// The room doesn't take such words.
    #[error("{error}")]
    Refused {
        /// What was to be said.
        words: Message,
        /// Why not, and what is allowed.
        error: CommandError,
    },
    /// The member is no longer in the room.
    #[error("not in the room any more")]
    Closed {
        /// What was to be said.
        words: Message,
    },
}

/// The member is no longer in the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not in the room any more")]
pub struct ClosedError;

impl Member {
    pub(crate) fn new(hub: Arc<Hub>, id: MemberId, nick: Nick, events: Arrivals) -> Member {
        Member { hub, id, nick, events }
    }

    /// The nick under which it came in. Of a later one it is told by [`Named`](crate::EventKind::Named).
    #[must_use]
    pub fn nick(&self) -> &Nick {
        &self.nick
    }

    /// Says something to everybody else in the current room, as [`ask`](Self::ask) does.
    ///
    /// ```
    /// use chat_core::{Room, Message};
    ///
    /// let bot = Room::new("lobby")?.join("bot".parse()?)?;
    /// bot.say("hi")?;
    /// bot.say(Message::notice("this needs no answer"))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SayError`] gives the words back: they are blank or longer than [`Limits::text`](crate::Limits::text), or the
    /// member is out.
    pub fn say(&self, words: impl Into<Message>) -> Result<(), SayError> {
        self.utter(words.into(), Command::Say)
    }

    /// Asks for a [`Pong`](crate::EventKind::Pong) with `token`. When it comes, what this member said before is in
    /// everybody's send queue.
    ///
    /// # Errors
    ///
    /// [`ClosedError`] if the member is out.
    pub fn ping(&self, token: impl Into<Text>) -> Result<(), ClosedError> {
        self.ask(Command::Ping(token.into()))
    }

    /// What happens, as it comes: each call of `next` waits for an event. Ends behind
    /// [`Closed`](crate::EventKind::Closed).
    pub fn events(&self) -> impl Iterator<Item = Event> + '_ {
        iter::from_fn(|| self.events.next())
    }

    /// The next event, if one is there already.
    #[must_use]
    pub fn try_event(&self) -> Option<Event> {
        self.events.try_next()
    }

    /// The next event, if one comes within `timeout`.
    #[must_use]
    pub fn event_within(&self, timeout: Duration) -> Option<Event> {
        self.events.next_within(timeout)
    }

    /// Says something to one member alone. If there is none of that name, [`Refused`](crate::EventKind::Refused) tells.
    ///
    /// # Errors
    ///
    /// As [`say`](Self::say).
    pub fn tell(&self, to: &Target, words: impl Into<Message>) -> Result<(), SayError> {
        self.utter(words.into(), |words| Command::Tell { to: to.clone(), words })
    }

    fn utter(&self, words: Message, command: impl FnOnce(Message) -> Command) -> Result<(), SayError> {
        match state::check(&words.text, self.hub.limits().text) {
            Ok(()) => self.ask(command(words.clone())).map_err(|ClosedError| SayError::Closed { words }),
            Err(error) => Err(SayError::Refused { words, error }),
        }
    }

    /// Enters `room`, which is made if there is none; what this member says goes there from now on.
    ///
    /// ```
    /// use chat_core::{EventKind, Room};
    ///
    /// let lobby = Room::new("lobby")?;
    /// let alice = lobby.join("alice".parse()?)?;
    /// alice.join("den".parse()?)?;
    /// let event = alice.events().next().expect("the hub runs");
    /// assert!(matches!(event.kind(), EventKind::Entered { room, members: 1, .. } if room.as_str() == "#den"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ClosedError`] if the member is out.
    pub fn join(&self, room: RoomName) -> Result<(), ClosedError> {
        self.ask(Command::Join { room, key: None })
    }

    /// Leaves `room`; [`Refused`](crate::EventKind::Refused) tells if it is not in it.
    ///
    /// # Errors
    ///
    /// [`ClosedError`] if the member is out.
    pub fn part(&self, room: RoomName) -> Result<(), ClosedError> {
        self.ask(Command::Part { room: Some(room), why: None })
    }

    /// Asks for something. The answer comes as an [event](Self::events); if it is refused,
    /// [`Refused`](crate::EventKind::Refused) tells why. Waits while the hub has more to do than it may queue; if it is
    /// idle, the caller's thread hands the outcome to everybody, without waiting for any of them.
    ///
    /// ```
    /// use chat_core::{Command, EventKind, Room};
    ///
    /// let room = Room::new("lobby")?;
    /// let alice = room.join("alice".parse()?)?;
    /// alice.ask(Command::Nick("al".parse()?))?;
    /// let event = alice.events().next().expect("the hub runs");
    /// assert!(matches!(event.kind(), EventKind::Named { name } if name.as_str() == "al"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ClosedError`] if the member is out.
    pub fn ask(&self, command: Command) -> Result<(), ClosedError> {
        if !self.events.is_open() {
            return Err(ClosedError);
        }
        self.hub.command(self.id, command).map_err(|_| ClosedError)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let _ = self.hub.post(Post::Leave { member: self.id, reason: CloseReason::Quit(None), last: Vec::new() });
    }
}
