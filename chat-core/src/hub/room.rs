//! The handle to a room.
//!
//! This module must not name a socket, a framing or a protocol.

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

/// A room of a hub: the hub sends each message in it to all its other members, in one order.
///
/// This is a handle, cheap to clone. [`Room::new`] starts a hub and returns its home room. [`hub`](Self::hub) returns
/// the handle to the whole hub, and [`Hub::room`] returns handles to its other rooms. A member that joins with this
/// handle begins in this room, and may join other rooms ([`Command::Join`](crate::Command::Join)). The hub runs as long
/// as a handle, a [`Member`] or a [`Server`](crate::Server) of it exists.
///
/// You also moderate the room with this handle: call [`moderate`](Self::moderate), or a method such as
/// [`kick`](Self::kick). You have the rights of an operator. To members, the actor is "the server".
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
/// let kicked = bob.iter().find(|event| matches!(event.kind(), EventKind::Own(OwnEvent::Kicked { .. })));
/// let kicked = kicked.expect("the hub runs");
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
    /// Another member has this nickname, one that differs only in case, or a lookalike (feature `unicode`).
    #[error("nickname {0} is in use; choose another")]
    NameTaken(Nick),
    /// The hub refused the member because of a ban, a full room, a mode of the room, or the policy.
    #[error("{error}")]
    Refused {
        /// The nickname that the member asked for.
        nick: Nick,
        /// Why the hub refused the member.
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

    /// Joins the room as a member in this process.
    ///
    /// When the call returns, the member is in the room. It receives all messages that others send from now on, and the
    /// messages in the room's history as [`Reply::History`].
    ///
    /// # Errors
    ///
    /// [`JoinError`] says why the member can't join, and returns the nickname unless the hub has stopped.
    pub fn join(&self, nick: Nick) -> Result<Member, JoinError> {
        self.join_as(nick, true)
    }

    /// Joins the room without receiving the history of this room or of rooms that the member joins later.
    ///
    /// # Errors
    ///
    /// The same as [`join`](Self::join).
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

    /// Moderates this room.
    ///
    /// When the call returns, the hub has carried out the moderation, and the events that follow from it are on their
    /// way to the members. The call waits for the hub. So a [`Policy`](crate::policy::Policy) or an
    /// [`Encode`](crate::Encode) of the same hub must not make it.
    ///
    /// Returns the answer, if the moderation asks for one: the answer to [`Moderation::Bans`] is [`Reply::Bans`].
    ///
    /// # Errors
    ///
    /// [`ModerationError::Refused`] says why the hub refused the moderation, and what is allowed.
    pub fn moderate(&self, moderation: Moderation) -> Result<Option<Event>, ModerationError> {
        decision::decide(&self.core, Some(self.name.clone()), moderation)
    }

    /// Kicks a member from this room.
    ///
    /// # Errors
    ///
    /// The same as [`moderate`](Self::moderate).
    pub fn kick(&self, name: impl Into<Target>, reason: Option<Text>) -> Result<(), ModerationError> {
        self.moderate(Moderation::Kick { name: name.into(), reason }).map(drop)
    }

    /// Bans everybody who matches `mask` from this room. [`Hub::ban`] bans them from the whole hub.
    ///
    /// # Errors
    ///
    /// The same as [`moderate`](Self::moderate).
    pub fn ban(&self, mask: Mask, term: Term) -> Result<(), ModerationError> {
        self.moderate(Moderation::Ban { scope: Scope::Room, mask, term }).map(drop)
    }

    /// Lifts a ban from this room.
    ///
    /// # Errors
    ///
    /// The same as [`moderate`](Self::moderate).
    pub fn unban(&self, mask: Mask) -> Result<(), ModerationError> {
        self.moderate(Moderation::Unban { scope: Scope::Room, mask }).map(drop)
    }

    /// Returns the bans from this room, the oldest first.
    ///
    /// # Errors
    ///
    /// The same as [`moderate`](Self::moderate).
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
    /// The same as [`moderate`](Self::moderate).
    pub fn mute(&self, name: impl Into<Target>, term: Term) -> Result<(), ModerationError> {
        self.moderate(Moderation::Mute { name: name.into(), term }).map(drop)
    }

    /// Lifts the mute of a member in this room.
    ///
    /// # Errors
    ///
    /// The same as [`moderate`](Self::moderate).
    pub fn unmute(&self, name: impl Into<Target>) -> Result<(), ModerationError> {
        self.moderate(Moderation::Unmute(name.into())).map(drop)
    }

    /// Gives a member of this room a higher rank.
    ///
    /// # Errors
    ///
    /// The same as [`moderate`](Self::moderate).
    pub fn promote(&self, name: impl Into<Target>, rank: Rank) -> Result<(), ModerationError> {
        self.moderate(Moderation::Promote { name: name.into(), rank }).map(drop)
    }

    /// Takes `rank` from a member of this room, who becomes an ordinary member.
    ///
    /// # Errors
    ///
    /// The same as [`moderate`](Self::moderate).
    pub fn demote(&self, name: impl Into<Target>, rank: Rank) -> Result<(), ModerationError> {
        self.moderate(Moderation::Demote { name: name.into(), rank }).map(drop)
    }

    /// Sets or clears a mode of this room.
    ///
    /// # Errors
    ///
    /// The same as [`moderate`](Self::moderate).
    pub fn set_mode(&self, mode: Mode) -> Result<(), ModerationError> {
        self.moderate(Moderation::Modes(vec![mode])).map(drop)
    }

    /// Sets or clears the topic of this room.
    ///
    /// # Errors
    ///
    /// The same as [`moderate`](Self::moderate).
    pub fn set_topic(&self, topic: Option<Text>) -> Result<(), ModerationError> {
        self.moderate(Moderation::Topic(topic)).map(drop)
    }

    /// Invites a member, who may then join this room whatever its modes are.
    ///
    /// # Errors
    ///
    /// The same as [`moderate`](Self::moderate).
    pub fn invite(&self, name: impl Into<Target>) -> Result<(), ModerationError> {
        self.moderate(Moderation::Invite(name.into())).map(drop)
    }
}
