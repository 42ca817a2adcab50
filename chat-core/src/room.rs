//! The handle to a room, and the members that live in this process.
//!
//! It must not name a socket, a framing or a protocol.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use crate::command::{Command, CommandError};
use crate::event::{CloseReason, Event};
use crate::hub::{Answer, Hub, Joining, Mailbox, Outlet, Post};
use crate::limits::Limits;
use crate::name::{Name, Nick, RoomName, RoomNameError, Target};
use crate::options::HubOptions;
use crate::state::{self, MemberId};
use crate::text::Text;

/// A room: what each member says, all the others hear, in one order.
///
/// A handle, cheap to clone, to a hub and to the first room in it: everybody begins there, and may make others
/// ([`Command::Join`]). The hub runs as long as there is a handle, a [`Member`] or a [`Server`](crate::Server) of it.
///
/// ```
/// use chat_core::{EventKind, Room};
///
/// let room = Room::new("lobby")?;
/// let alice = room.join("alice".parse()?)?;
/// let bob = room.join("bob".parse()?)?;
/// alice.say("hello")?;
/// let event = bob.events().next().expect("the room is open");
/// assert!(matches!(event.kind(), EventKind::Said { text, .. } if text.as_str() == "hello"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Room {
    name: RoomName,
    hub: Arc<Hub>,
}

/// Why a room can't be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RoomError {
    /// Its name is none.
    #[error(transparent)]
    Name(#[from] RoomNameError),
    /// Its thread can't be started.
    #[error("the room's thread can't be started: {0}")]
    Thread(#[source] io::Error),
}

/// Why somebody can't come in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// Somebody else has this nick, or one that differs in case alone or looks like it (feature `unicode`).
    #[error("nickname {0} is in use; choose another")]
    NameTaken(Nick),
    /// The room's thread has stopped, which only a defect can cause.
    #[error("the room has stopped")]
    Stopped,
}

impl Room {
    /// Opens a room with the default [`Limits`], and starts its thread.
    ///
    /// # Errors
    ///
    /// [`RoomError`] if the name is none or the thread can't be started.
    pub fn new(name: &str) -> Result<Room, RoomError> {
        Room::with_limits(name, Limits::default())
    }

    /// Opens a room with these limits, and starts its thread.
    ///
    /// # Errors
    ///
    /// As [`Room::new`].
    pub fn with_limits(name: &str, limits: Limits) -> Result<Room, RoomError> {
        Room::with_options(name, limits.into())
    }

    /// Opens a hub with these options, whose first room is called `name`, and starts its thread.
    ///
    /// # Errors
    ///
    /// As [`Room::new`].
    pub fn with_options(name: &str, options: HubOptions) -> Result<Room, RoomError> {
        let name = RoomName::parse(name)?;
        let hub = Hub::start(&name, options).map_err(RoomError::Thread)?;
        Ok(Room { name, hub: Arc::new(hub) })
    }

    /// What the room is called.
    #[must_use]
    pub fn name(&self) -> &RoomName {
        &self.name
    }

    /// The room's bounds.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.hub.limits()
    }

    /// Comes in as a member in this process. When this returns, the member is in: it hears whatever is said from here
    /// on, and of what was said before as [`Past`](crate::EventKind::Past).
    ///
    /// # Errors
    ///
    /// [`JoinError::NameTaken`] gives the nick back.
    pub fn join(&self, nick: Nick) -> Result<Member, JoinError> {
        self.join_as(nick, true)
    }

    /// As [`join`](Self::join), without being told what was said in a room before.
    ///
    /// # Errors
    ///
    /// As [`join`](Self::join).
    pub fn join_without_history(&self, nick: Nick) -> Result<Member, JoinError> {
        self.join_as(nick, false)
    }

    fn join_as(&self, nick: Nick, wants_history: bool) -> Result<Member, JoinError> {
        let hub = Arc::clone(&self.hub);
        let id = hub.new_member();
        let (mailbox, events, open) = Mailbox::new(hub.limits().mailbox);
        let (answer, answered) = bounded(1);
        let name = Name::Nick(nick.clone());
        let joining =
            Joining { member: id, name, wants_history, outlet: Outlet::Events(mailbox), answer: Some(answer) };
        hub.post(Post::Join(Box::new(joining))).map_err(|_| JoinError::Stopped)?;
        match answered.recv() {
            Ok(Answer::Admitted) => Ok(Member { hub, id, nick, events, open }),
            Ok(Answer::NameTaken) => Err(JoinError::NameTaken(nick)),
            Err(_) => Err(JoinError::Stopped),
        }
    }

    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }
}

/// Somebody in the room who lives in this process: a bot, a bridge, a test. Dropped, it leaves.
///
/// One that doesn't take its events is closed once [`Limits::mailbox`] of them wait; it then finds
/// [`Closed`](crate::EventKind::Closed) as its last event.
#[derive(Debug)]
pub struct Member {
    hub: Arc<Hub>,
    id: MemberId,
    nick: Nick,
    events: Receiver<Event>,
    open: Arc<AtomicBool>,
}

/// Why something could not be said. The text comes back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SayError {
    /// The room doesn't take such a text.
    #[error("{error}")]
    Refused {
        /// What was to be said.
        text: Text,
        /// Why not, and what is allowed.
        error: CommandError,
    },
    /// The member is no longer in the room.
    #[error("not in the room any more")]
    Closed {
        /// What was to be said.
        text: Text,
    },
}

/// The member is no longer in the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not in the room any more")]
pub struct ClosedError;

impl Member {
    /// The nick under which it came in. Of a later one it is told by [`Named`](crate::EventKind::Named).
    #[must_use]
    pub fn nick(&self) -> &Nick {
        &self.nick
    }

    /// Says `text` to everybody else in the current room, as [`ask`](Self::ask) does.
    ///
    /// # Errors
    ///
    /// [`SayError`] gives the text back: it is blank or longer than [`Limits::text`], or the member is out.
    pub fn say(&self, text: impl Into<Text>) -> Result<(), SayError> {
        let text = text.into();
        if let Err(error) = state::check(&text, self.hub.limits().text) {
            return Err(SayError::Refused { text, error });
        }
        self.ask(Command::Say(text.clone())).map_err(|ClosedError| SayError::Closed { text })
    }

    /// Asks for a [`Pong`](crate::EventKind::Pong) with `token`. When it comes, what this member said before is in
    /// everybody's outbox.
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
        self.events.iter()
    }

    /// The next event, if one is there already.
    #[must_use]
    pub fn try_event(&self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// The next event, if one comes within `timeout`.
    #[must_use]
    pub fn event_within(&self, timeout: Duration) -> Option<Event> {
        self.events.recv_timeout(timeout).ok()
    }

    /// Says `text` to one member alone. If there is none of that name, [`Refused`](crate::EventKind::Refused) tells.
    ///
    /// # Errors
    ///
    /// As [`say`](Self::say).
    pub fn tell(&self, to: &Target, text: impl Into<Text>) -> Result<(), SayError> {
        let text = text.into();
        if let Err(error) = state::check(&text, self.hub.limits().text) {
            return Err(SayError::Refused { text, error });
        }
        let command = Command::Tell { to: to.clone(), text: text.clone() };
        self.ask(command).map_err(|ClosedError| SayError::Closed { text })
    }

    /// Enters `room`, which is made if there is none; what this member says goes there from now on.
    ///
    /// ```
    /// use chat_core::{EventKind, Room};
    ///
    /// let lobby = Room::new("lobby")?;
    /// let alice = lobby.join("alice".parse()?)?;
    /// alice.enter("den".parse()?)?;
    /// let event = alice.events().next().expect("the hub runs");
    /// assert!(matches!(event.kind(), EventKind::Entered { room, members: 1, .. } if room.as_str() == "#den"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ClosedError`] if the member is out.
    pub fn enter(&self, room: RoomName) -> Result<(), ClosedError> {
        self.ask(Command::Join { room, key: None })
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
        if !self.open.load(Ordering::Acquire) {
            return Err(ClosedError);
        }
        self.hub.command(self.id, command).map_err(|_| ClosedError)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let _ = self.hub.post(Post::Leave { member: self.id, reason: CloseReason::Quit, last: Vec::new() });
    }
}
