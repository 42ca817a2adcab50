//! The handle to a room.
//!
//! It must not name a socket, a framing or a protocol.

use std::sync::Arc;

use crossbeam_channel::bounded;

use super::decision::{self, ModerationError};
use super::handle::Hub;
use super::{HubCore, Joining, Mailbox, Outlet, Post};
use crate::hub::member::Member;
use crate::model::command::CommandError;
use crate::model::event::{CloseReason, Event, EventKind, Reply};
use crate::model::mask::Mask;
use crate::model::moderation::{Mode, Moderation, Rank, Restriction, Scope, Term};
use crate::model::name::{Name, Nick, RoomName, Target};
use crate::model::text::Text;
use crate::state::JoinRequest;

/// A room of a hub: the hub sends what a member says in it to all other members, in one order.
///
/// A handle, cheap to clone, to one room of a hub. [`Room::new`] starts a hub with this home room; [`hub`](Self::hub)
/// returns the handle to the whole hub, and [`Hub::room`] those to its other rooms. Members that join by this handle begin
/// in this room, and may join others ([`Command::Join`](crate::Command::Join)). The hub runs as long as a handle, a
/// [`Member`] or a [`Server`](crate::Server) of it exists.
///
/// By this handle the host application also moderates the room ([`moderate`](Self::moderate), and a method for each
/// moderation), with the rights of an operator; members see that "the server" did it.
///
/// ```
/// use chat_core::event::RoomEvent;
/// use chat_core::{EventKind, Room};
///
/// let room = Room::new("lobby")?;
/// let alice = room.join("alice".parse()?)?;
/// let bob = room.join("bob".parse()?)?;
/// alice.say("hello")?;
/// let event = bob.recv()?;
/// assert!(matches!(event.kind(), EventKind::Room(RoomEvent::Said { text, .. }) if text.as_str() == "hello"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Two rooms of one hub, and moderation in one of them:
///
/// ```
/// use std::time::Duration;
/// use chat_core::{EventKind, Room};
/// use chat_core::event::{CommandError, OwnEvent, Reply};
/// use chat_core::moderation::{Mask, Term};
/// use chat_core::name::Name;
///
/// let lobby = Room::new("lobby")?;
/// let den = lobby.hub().room("den".parse()?);
/// let (alice, bob) = (den.join("alice".parse()?)?, lobby.join("bob".parse()?)?);
/// bob.join("den".parse()?)?;
///
/// den.set_topic(Some("tea".into()))?;
/// den.kick("bob", Some("too loud".into()))?;
/// let kicked = bob.iter().find(|event| matches!(event.kind(), EventKind::Own(OwnEvent::Kicked { .. }))).expect("the hub runs");
/// assert!(matches!(kicked.kind(), EventKind::Own(OwnEvent::Kicked { by: Name::Server, .. })));
///
/// den.ban(Mask::parse("bob")?, Term::of(Duration::from_secs(600)))?;
/// bob.join("den".parse()?)?;
/// let refused = bob.recv()?;
/// assert!(matches!(refused.kind(), EventKind::Reply(Reply::Refused { error: CommandError::Banned { .. } })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Room {
    name: RoomName,
    core: Arc<HubCore>,
}

/// Why a member can't join.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// Another member has this nickname, or one that differs in case only or looks like it (feature `unicode`).
    #[error("nickname {0} is in use; choose another")]
    NameTaken(Nick),
    /// The hub refused the member: it is banned, the room is full or closed to it, or the policy refused it.
    #[error("{error}")]
    Refused {
        /// The nickname that it asked for.
        nick: Nick,
        /// Why the hub refused it.
        error: CommandError,
    },
    /// The hub's [policy](crate::policy::Policy) panicked when the hub asked it about this member.
    #[error("the policy failed")]
    PolicyPanicked(Nick),
    /// The hub has stopped, which only a defect can cause.
    #[error("the hub has stopped")]
    Stopped,
}

impl Room {
    pub(super) fn of(core: Arc<HubCore>, name: RoomName) -> Room {
        Room { name, core }
    }

    /// Returns the name of the room.
    #[must_use]
    pub fn name(&self) -> &RoomName {
        &self.name
    }

    /// Returns the handle to the whole hub.
    #[must_use]
    pub fn hub(&self) -> Hub {
        Hub::new(Arc::clone(&self.core), self.core.home().cloned())
    }

    /// Joins the room as a member in this process. When this returns, the member is in the room: it receives everything
    /// that others say from now on, and what they said before as [`Past`](crate::event::Reply::History).
    ///
    /// # Errors
    ///
    /// [`JoinError`] returns the nickname.
    pub fn join(&self, nick: Nick) -> Result<Member, JoinError> {
        self.join_as(nick, true)
    }

    /// Joins the room without receiving the history of this room or of rooms that the member joins later.
    ///
    /// # Errors
    ///
    /// As [`join`](Self::join).
    pub fn join_without_history(&self, nick: Nick) -> Result<Member, JoinError> {
        self.join_as(nick, false)
    }

    fn join_as(&self, nick: Nick, wants_history: bool) -> Result<Member, JoinError> {
        let core = Arc::clone(&self.core);
        let id = core.new_member();
        let (mailbox, events) = Mailbox::new(core.limits());
        let (answer, answered) = bounded(1);
        let (name, room) = (Name::Nick(nick.clone()), self.name.clone());
        let request = JoinRequest { wants_history, ..JoinRequest::new(name, room) };
        let joining = Joining { member: id, request, outlet: Outlet::Events(mailbox), answer: Some(answer) };
        core.post(Post::Join(Box::new(joining))).map_err(|_| JoinError::Stopped)?;
        match answered.recv() {
            Ok(Ok(_)) => Ok(Member::new(core, id, nick, events)),
            Ok(Err(CloseReason::Refused(CommandError::NickTaken { .. } | CommandError::NickAlike { .. }))) => {
                Err(JoinError::NameTaken(nick))
            }
            Ok(Err(CloseReason::Refused(error))) => Err(JoinError::Refused { nick, error }),
            Ok(Err(_)) => Err(JoinError::PolicyPanicked(nick)),
            Err(_) => Err(JoinError::Stopped),
        }
    }

    /// Moderates this room. When this returns, the hub has carried the moderation out, and the events that follow from it
    /// are on their way to the members. It waits for the hub, so neither a [`Policy`](crate::policy::Policy) nor an
    /// [`Encode`](crate::Encode) of that hub may call it.
    ///
    /// Returns the answer, if the moderation asks for one: [`Bans`](crate::event::Reply::Bans) to [`Moderation::Bans`].
    ///
    /// # Errors
    ///
    /// [`ModerationError::Refused`] says why nothing was done, and what is allowed.
    pub fn moderate(&self, moderation: Moderation) -> Result<Option<Event>, ModerationError> {
        decision::decide(&self.core, Some(self.name.clone()), moderation)
    }

    /// Kicks a member from this room.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn kick(&self, name: impl Into<Target>, reason: Option<Text>) -> Result<(), ModerationError> {
        self.moderate(Moderation::Kick { name: name.into(), reason }).map(drop)
    }

    /// Bans those whom `mask` matches from this room. [`Hub::ban`] bans them from the whole hub.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn ban(&self, mask: Mask, term: Term) -> Result<(), ModerationError> {
        self.moderate(Moderation::Ban { scope: Scope::Room, mask, term }).map(drop)
    }

    /// Lifts a ban from this room.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn unban(&self, mask: Mask) -> Result<(), ModerationError> {
        self.moderate(Moderation::Unban { scope: Scope::Room, mask }).map(drop)
    }

    /// Returns the bans from this room, the latest last.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn bans(&self) -> Result<Vec<Restriction>, ModerationError> {
        let answer = self.moderate(Moderation::Bans(Scope::Room))?;
        Ok(match answer.as_ref().map(Event::kind) {
            Some(EventKind::Reply(Reply::Bans { bans, .. })) => bans.clone(),
            _ => Vec::new(),
        })
    }

    /// Mutes a member in this room.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn mute(&self, name: impl Into<Target>, term: Term) -> Result<(), ModerationError> {
        self.moderate(Moderation::Mute { name: name.into(), term }).map(drop)
    }

    /// Lifts the mute of a member in this room.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn unmute(&self, name: impl Into<Target>) -> Result<(), ModerationError> {
        self.moderate(Moderation::Unmute(name.into())).map(drop)
    }

    /// Gives a member of this room a higher rank.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn promote(&self, name: impl Into<Target>, rank: Rank) -> Result<(), ModerationError> {
        self.moderate(Moderation::Promote { name: name.into(), rank }).map(drop)
    }

    /// Makes a member of this room, which has this rank, an ordinary member.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn demote(&self, name: impl Into<Target>, rank: Rank) -> Result<(), ModerationError> {
        self.moderate(Moderation::Demote { name: name.into(), rank }).map(drop)
    }

    /// Sets or clears a mode of this room.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn set_mode(&self, mode: Mode) -> Result<(), ModerationError> {
        self.moderate(Moderation::Modes(vec![mode])).map(drop)
    }

    /// Sets or clears the topic of this room.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn set_topic(&self, topic: Option<Text>) -> Result<(), ModerationError> {
        self.moderate(Moderation::Topic(topic)).map(drop)
    }

    /// Invites a member, which may then join this room whatever its modes are.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn invite(&self, name: impl Into<Target>) -> Result<(), ModerationError> {
        self.moderate(Moderation::Invite(name.into())).map(drop)
    }
}
