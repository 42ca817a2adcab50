//! Members in the process of the host application.
//!
//! This module must not name a socket, a framing or a protocol.

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

/// A member in this process: a bot, a bridge or a test. Dropping it leaves the hub.
///
/// If more than [`Limits::mailbox`](crate::hub::Limits::mailbox) events wait for it, the hub closes it, and its last
/// event is [`Closed`](crate::event::OwnEvent::Closed). Under
/// [`SlowConsumerPolicy::DropOldest`](crate::hub::SlowConsumerPolicy::DropOldest), the hub drops the oldest room events
/// instead, and sends [`Missed`](crate::event::OwnEvent::Missed) in their place.
#[derive(Debug)]
pub struct Member {
    core: Arc<HubCore>,
    id: MemberId,
    nick: Nick,
    events: Arrivals,
}

/// Why a member can't send a message. Each variant returns the message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SayError {
    /// The hub does not accept the message.
    #[error("{error}")]
    Refused {
        /// The message.
        message: Message,
        /// Why the hub refuses it, and what is allowed.
        error: CommandError,
    },
    /// The member has left the hub.
    #[error("the member has left the hub")]
    Closed {
        /// The message.
        message: Message,
    },
}

/// The member has left the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the member has left the hub")]
pub struct ClosedError;

impl Member {
    pub(crate) fn new(core: Arc<HubCore>, id: MemberId, nick: Nick, events: Arrivals) -> Member {
        Member { core, id, nick, events }
    }

    /// Returns the nickname with which the member joined.
    ///
    /// If the nickname changes later, the event [`Named`](crate::event::OwnEvent::Named) carries the new one.
    #[must_use]
    pub fn nick(&self) -> &Nick {
        &self.nick
    }

    /// Sends a message to all other members of the current room.
    ///
    /// The call waits for the inbox, and may run the hub, as [`request`](Self::request) does.
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
    /// [`SayError`], which returns the message. The message is blank or longer than
    /// [`Limits::text`](crate::hub::Limits::text), or the member has left the hub.
    pub fn say(&self, message: impl Into<Message>) -> Result<(), SayError> {
        self.send(message.into(), Command::Say)
    }

    /// Sends a private message to one member. If no member has that name, the answer is
    /// [`Refused`](crate::event::Reply::Refused).
    ///
    /// # Errors
    ///
    /// The same as [`say`](Self::say).
    pub fn say_to(&self, to: &Target, message: impl Into<Message>) -> Result<(), SayError> {
        self.send(message.into(), |message| Command::SayPrivately { to: to.clone(), message })
    }

    fn send(&self, message: Message, command: impl FnOnce(Message) -> Command) -> Result<(), SayError> {
        match state::check(&message.text, self.core.limits().text) {
            Ok(()) => self.request(command(message.clone())).map_err(|ClosedError| SayError::Closed { message }),
            Err(error) => Err(SayError::Refused { message, error }),
        }
    }

    /// Asks the hub for a [`Pong`](crate::event::Reply::Pong) with `token`.
    ///
    /// When the pong arrives, all earlier messages of this member are in the send queues of their recipients.
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
    /// [`RecvError`], if the member has left the hub and has received its last event,
    /// [`Closed`](crate::event::OwnEvent::Closed).
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

    /// Waits for the next event, but no longer than `timeout`, and returns it.
    ///
    /// # Errors
    ///
    /// [`RecvTimeoutError`] says whether an event may still arrive.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Event, RecvTimeoutError> {
        self.events.recv_timeout(timeout)
    }

    /// Returns an iterator that waits for each event. It ends after [`Closed`](crate::event::OwnEvent::Closed).
    pub fn iter(&self) -> impl Iterator<Item = Event> + '_ {
        iter::from_fn(|| self.recv().ok())
    }

    /// Joins another room, which becomes the current room. The hub creates the room if it does not exist.
    ///
    /// ```
    /// use chat_core::{EventKind, Room};
    /// use chat_core::event::OwnEvent;
    ///
    /// let lobby = Room::new("lobby")?;
    /// let alice = lobby.join("alice".parse()?)?;
    /// alice.join("den".parse()?)?;
    /// let event = alice.recv()?;
    /// let EventKind::Own(OwnEvent::Entered { room, members: 1, .. }) = event.kind() else { panic!("{event:?}") };
    /// assert_eq!(room.as_str(), "#den");
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

    /// Sends a command to the hub. The answer arrives as an [event](Self::recv).
    ///
    /// [`Refused`](crate::event::Reply::Refused) says why the hub did not carry out the command.
    ///
    /// The call waits while the inbox of the hub is full. If the hub is idle, the calling thread runs the hub. It sends
    /// the outcome to all recipients, without waiting for any recipient.
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
