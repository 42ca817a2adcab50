//! Members that live in this process.
//!
//! It must not name a socket, a framing or a protocol.

use std::iter;
use std::sync::Arc;
use std::sync::mpsc::{RecvError, RecvTimeoutError, TryRecvError};
use std::time::Duration;

use crate::hub::{Arrivals, HubCore, Post};
use crate::model::command::{Command, CommandError};
use crate::model::event::{CloseReason, Event};
use crate::model::message::Message;
use crate::model::name::{Nick, RoomName, Target};
use crate::model::text::Text;
use crate::state::{self, MemberId};

/// Somebody in the room who lives in this process: a bot, a bridge, a test. Dropped, it leaves.
///
/// One that doesn't take its events is closed once [`Limits::mailbox`](crate::hub::Limits::mailbox) of them wait, and finds
/// [`Closed`](crate::event::OwnEvent::Closed) as its last event; or, where [`Limits::slow_consumer`](crate::hub::Limits::slow_consumer) says so, it finds
/// [`Missed`](crate::event::OwnEvent::Missed) in place of the oldest that was said.
#[derive(Debug)]
pub struct Member {
    core: Arc<HubCore>,
    id: MemberId,
    nick: Nick,
    events: Arrivals,
}

/// Why a member could not say something. Each variant returns the message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SayError {
    /// The hub does not accept such a message.
    #[error("{error}")]
    Refused {
        /// The message.
        message: Message,
        /// Why the hub refuses it, and what is allowed.
        error: CommandError,
    },
    /// The member has left the hub.
    #[error("not in the hub any more")]
    Closed {
        /// The message.
        message: Message,
    },
}

/// The member has left the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not in the hub any more")]
pub struct ClosedError;

impl Member {
    pub(crate) fn new(core: Arc<HubCore>, id: MemberId, nick: Nick, events: Arrivals) -> Member {
        Member { core, id, nick, events }
    }

    /// Returns the nickname with which the member joined. The event [`Named`](crate::event::OwnEvent::Named) carries a later one.
    #[must_use]
    pub fn nick(&self) -> &Nick {
        &self.nick
    }

    /// Sends a message to all other members of the current room, as [`request`](Self::request) does.
    ///
    /// ```
    /// use chat_core::Room;
    /// use chat_core::message::Message;
    ///
    /// let bot = Room::new("lobby")?.join("bot".parse()?)?;
    /// bot.say("hi")?;
    /// bot.say(Message::notice("this needs no answer"))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SayError`] returns the message, if it is blank or longer than [`Limits::text`](crate::hub::Limits::text), or if the
    /// member has left.
    pub fn say(&self, message: impl Into<Message>) -> Result<(), SayError> {
        self.send(message.into(), Command::Say)
    }

    /// Sends a private message to one member. If no member has that name, the answer is
    /// [`Refused`](crate::event::Reply::Refused).
    ///
    /// # Errors
    ///
    /// As [`say`](Self::say).
    pub fn say_to(&self, to: &Target, message: impl Into<Message>) -> Result<(), SayError> {
        self.send(message.into(), |message| Command::SayPrivately { to: to.clone(), message })
    }

    fn send(&self, message: Message, command: impl FnOnce(Message) -> Command) -> Result<(), SayError> {
        match state::check(&message.text, self.core.limits().text) {
            Ok(()) => self.request(command(message.clone())).map_err(|ClosedError| SayError::Closed { message }),
            Err(error) => Err(SayError::Refused { message, error }),
        }
    }

    /// Asks for a [`Pong`](crate::event::Reply::Pong) with `token`. When it arrives, everything that this member said before is
    /// in the send queues of all recipients.
    ///
    /// # Errors
    ///
    /// [`ClosedError`], if the member has left.
    pub fn ping(&self, token: impl Into<Text>) -> Result<(), ClosedError> {
        self.request(Command::Ping(token.into()))
    }

    /// Waits for the next event and returns it.
    ///
    /// # Errors
    ///
    /// [`RecvError`], if the member has left and has received [`Closed`](crate::event::OwnEvent::Closed), its last event.
    pub fn recv(&self) -> Result<Event, RecvError> {
        self.events.recv()
    }

    /// Returns the next event, if it has arrived already.
    ///
    /// # Errors
    ///
    /// [`TryRecvError`] says whether an event may still arrive.
    pub fn try_recv(&self) -> Result<Event, TryRecvError> {
        self.events.try_recv()
    }

    /// Waits for the next event, at most for `timeout`, and returns it.
    ///
    /// # Errors
    ///
    /// [`RecvTimeoutError`] says whether an event may still arrive.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Event, RecvTimeoutError> {
        self.events.recv_timeout(timeout)
    }

    /// Returns an iterator over the events, which waits for each. It ends after [`Closed`](crate::event::OwnEvent::Closed).
    pub fn iter(&self) -> impl Iterator<Item = Event> + '_ {
        iter::from_fn(|| self.recv().ok())
    }

    /// Joins another room, which is made if it does not exist. It is the current room from now on.
    ///
    /// ```
    /// use chat_core::{EventKind, Room};
    /// use chat_core::event::OwnEvent;
    ///
    /// let lobby = Room::new("lobby")?;
    /// let alice = lobby.join("alice".parse()?)?;
    /// alice.join("den".parse()?)?;
    /// let event = alice.recv()?;
    /// assert!(matches!(event.kind(), EventKind::Own(OwnEvent::Entered { room, members: 1, .. }) if room.as_str() == "#den"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ClosedError`], if the member has left.
    pub fn join(&self, room: RoomName) -> Result<(), ClosedError> {
        self.request(Command::Join { room, key: None })
    }

    /// Leaves `room`. If the member is not in it, the answer is [`Refused`](crate::event::Reply::Refused).
    ///
    /// # Errors
    ///
    /// [`ClosedError`], if the member has left.
    pub fn part(&self, room: RoomName) -> Result<(), ClosedError> {
        self.request(Command::Part { room: Some(room), why: None })
    }

    /// Sends a command to the hub. The answer arrives as an [event](Self::recv); [`Refused`](crate::event::Reply::Refused) says
    /// why the hub did not carry the command out.
    ///
    /// Waits while the inbox of the hub is full. If the hub is idle, the caller's thread runs it and sends the outcome to all
    /// recipients, without waiting for any of them.
    ///
    /// ```
    /// use chat_core::{Command, EventKind, Room};
    /// use chat_core::event::OwnEvent;
    ///
    /// let room = Room::new("lobby")?;
    /// let alice = room.join("alice".parse()?)?;
    /// alice.request(Command::Nick("al".parse()?))?;
    /// let event = alice.recv()?;
    /// assert!(matches!(event.kind(), EventKind::Own(OwnEvent::Named { name }) if name.as_str() == "al"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ClosedError`], if the member has left.
    pub fn request(&self, command: Command) -> Result<(), ClosedError> {
        if !self.events.is_open() {
            return Err(ClosedError);
        }
        self.core.command(self.id, command).map_err(|_| ClosedError)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let _ = self.core.post(Post::Leave { member: self.id, reason: CloseReason::Quit(None), last: Vec::new() });
    }
}
