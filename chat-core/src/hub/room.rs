//! The handle to a room.
//!
//! It must not name a socket, a framing or a protocol.

use std::io;
use std::sync::Arc;

use crossbeam_channel::bounded;

use crate::hub::member::Member;
use crate::hub::{Decision, Hub, Joining, Mailbox, Outlet, Post};
use crate::model::command::CommandError;
use crate::model::event::{CloseReason, Event, EventKind};
use crate::model::limits::Limits;
use crate::model::mask::Mask;
use crate::model::moderation::{Mode, Moderation, Rank, Restriction, Scope, Term};
use crate::model::name::{Name, Nick, ParseRoomNameError, RoomName, Target};
use crate::model::options::HubOptions;
use crate::model::password::Password;
use crate::model::stats::Stats;
use crate::model::text::Text;
use crate::state::{JoinRequest, Setting};

/// A room: what each member says, all the others hear, in one order.
///
/// A handle, cheap to clone, to one room of a hub: who comes in by it begins there, and may enter other rooms and make
/// some ([`Command::Join`](crate::Command::Join)). [`Room::new`] makes a hub of its own; [`room`](Self::room) is the
/// handle to another room of the same hub. The hub runs as long as there is a handle, a [`Member`] or a
/// [`Server`](crate::Server) of it.
///
/// By the handle the program that the hub is in also decides about the room ([`moderate`](Self::moderate), and the methods for
/// each): as an operator does, and "the server" is who did it.
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
///
/// Two rooms of one hub, and some order in one of them:
///
/// ```
/// use std::time::Duration;
/// use chat_core::{CommandError, EventKind, Mask, Name, Room, Term};
///
/// let lobby = Room::new("lobby")?;
/// let den = lobby.room("den".parse()?);
/// let (alice, bob) = (den.join("alice".parse()?)?, lobby.join("bob".parse()?)?);
/// bob.join("den".parse()?)?;
///
/// den.set_topic(Some("tea".into()))?;
/// den.kick("bob", Some("too loud".into()))?;
/// let kicked = bob.events().find(|event| matches!(event.kind(), EventKind::Kicked { .. })).expect("the hub runs");
/// assert!(matches!(kicked.kind(), EventKind::Kicked { by: Name::Server, .. }));
///
/// den.ban(Mask::parse("bob")?, Term::of(Duration::from_secs(600)))?;
/// bob.join("den".parse()?)?;
/// let refused = bob.events().next().expect("the hub runs");
/// assert!(matches!(refused.kind(), EventKind::Refused { error: CommandError::Banned { .. } }));
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
    Name(#[from] ParseRoomNameError),
    /// Its thread can't be started.
    #[error("the room's thread can't be started: {0}")]
    Thread(#[source] io::Error),
}

/// Why an order was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModerationError {
    /// It can't be.
    #[error(transparent)]
    Refused(#[from] CommandError),
    /// The room's thread has stopped, which only a defect can cause.
    #[error("the room has stopped")]
    Stopped,
}

/// Why somebody can't come in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// Somebody else has this nick, or one that differs in case alone or looks like it (feature `unicode`).
    #[error("nickname {0} is in use; choose another")]
    NameTaken(Nick),
    /// It may not come in: it is banned, the room is full or does not let it in, or the policy says no.
    #[error("{error}")]
    Refused {
        /// What it was to be called.
        nick: Nick,
        /// Why not.
        error: CommandError,
    },
    /// The hub's [policy](crate::Policy) panicked when it was asked about this one.
    #[error("the policy failed")]
    PolicyPanicked(Nick),
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

    /// What was counted in the hub, and in the servers in front of it.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.hub.counters().stats()
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
    /// [`JoinError`] gives the nick back.
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
        let (mailbox, events) = Mailbox::new(hub.limits());
        let (answer, answered) = bounded(1);
        let (name, room) = (Name::Nick(nick.clone()), self.name.clone());
        let request = JoinRequest { wants_history, ..JoinRequest::new(name, room) };
        let joining = Joining { member: id, request, outlet: Outlet::Events(mailbox), answer: Some(answer) };
        hub.post(Post::Join(Box::new(joining))).map_err(|_| JoinError::Stopped)?;
        match answered.recv() {
            Ok(Ok(_)) => Ok(Member::new(hub, id, nick, events)),
            Ok(Err(CloseReason::Refused(CommandError::NickTaken { .. } | CommandError::NickAlike { .. }))) => {
                Err(JoinError::NameTaken(nick))
            }
            Ok(Err(CloseReason::Refused(error))) => Err(JoinError::Refused { nick, error }),
            Ok(Err(_)) => Err(JoinError::PolicyPanicked(nick)),
            Err(_) => Err(JoinError::Stopped),
        }
    }

    /// The handle to the room `name` of the same hub. It need not be there yet: it is made when somebody comes in, and
    /// gone with the last member, also what was decided about it; nothing can be decided about a room that is not there.
    /// Rooms that stay are those of [`HubOptions::rooms`].
    #[must_use]
    pub fn room(&self, name: RoomName) -> Room {
        Room { name, hub: Arc::clone(&self.hub) }
    }

    /// Decides something about this room, or about the hub; whoever is told of it hears that "the server" did it. When
    /// this returns, it is done, and on its way to all who must hear of it. Waits for the hub, so neither a
    /// [`Policy`](crate::Policy) nor an [`Encode`](crate::Encode) of it may call this.
    ///
    /// Returns the answer, if the order asks for one: [`Bans`](EventKind::Bans) to [`Moderation::Bans`].
    ///
    /// # Errors
    ///
    /// [`ModerationError::Refused`] tells why nothing was done, and what is allowed.
    pub fn moderate(&self, moderation: Moderation) -> Result<Option<Event>, ModerationError> {
        let (answer, answered) = bounded(1);
        let decision = Decision { room: self.name.clone(), moderation, answer };
        self.hub.post(Post::Decide(Box::new(decision))).map_err(|_| ModerationError::Stopped)?;
        Ok(answered.recv().map_err(|_| ModerationError::Stopped)??)
    }

    /// [`Moderation::Kick`]: puts a member out of this room.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn kick(&self, name: impl Into<Target>, reason: Option<Text>) -> Result<(), ModerationError> {
        self.moderate(Moderation::Kick { name: name.into(), reason }).map(drop)
    }

    /// [`Moderation::Ban`]: keeps out of this room whom `mask` fits. From the whole hub one is banned by
    /// [`moderate`](Self::moderate), with [`Scope::Hub`].
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn ban(&self, mask: Mask, term: Term) -> Result<(), ModerationError> {
        self.moderate(Moderation::Ban { scope: Scope::Room, mask, term }).map(drop)
    }

    /// [`Moderation::Unban`]: lifts a ban from this room.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn unban(&self, mask: Mask) -> Result<(), ModerationError> {
        self.moderate(Moderation::Unban { scope: Scope::Room, mask }).map(drop)
    }

    /// Who is banned from this room, the latest last.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn bans(&self) -> Result<Vec<Restriction>, ModerationError> {
        let answer = self.moderate(Moderation::Bans(Scope::Room))?;
        Ok(match answer.as_ref().map(Event::kind) {
            Some(EventKind::Bans { bans, .. }) => bans.clone(),
            _ => Vec::new(),
        })
    }

    /// [`Moderation::Mute`]: lets a member say nothing in this room.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn mute(&self, name: impl Into<Target>, term: Term) -> Result<(), ModerationError> {
        self.moderate(Moderation::Mute { name: name.into(), term }).map(drop)
    }

    /// [`Moderation::Unmute`]: lets a member speak again.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn unmute(&self, name: impl Into<Target>) -> Result<(), ModerationError> {
        self.moderate(Moderation::Unmute(name.into())).map(drop)
    }

    /// [`Moderation::Promote`]: gives a member of this room a higher rank.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn promote(&self, name: impl Into<Target>, rank: Rank) -> Result<(), ModerationError> {
        self.moderate(Moderation::Promote { name: name.into(), rank }).map(drop)
    }

    /// [`Moderation::Demote`]: makes a member of this room, who has this rank, an ordinary one.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn demote(&self, name: impl Into<Target>, rank: Rank) -> Result<(), ModerationError> {
        self.moderate(Moderation::Demote { name: name.into(), rank }).map(drop)
    }

    /// [`Moderation::Modes`]: gives this room a mode.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn set_mode(&self, mode: Mode) -> Result<(), ModerationError> {
        self.moderate(Moderation::Modes(vec![mode])).map(drop)
    }

    /// [`Moderation::Topic`]: sets the topic of this room, or takes it away.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn set_topic(&self, topic: Option<Text>) -> Result<(), ModerationError> {
        self.moderate(Moderation::Topic(topic)).map(drop)
    }

    /// [`Moderation::Invite`]: lets a member enter this room, whatever its modes are.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn invite(&self, name: impl Into<Target>) -> Result<(), ModerationError> {
        self.moderate(Moderation::Invite(name.into())).map(drop)
    }

    /// [`Moderation::Kill`]: closes a member, wherever it is.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn kill(&self, name: impl Into<Target>, reason: Option<Text>) -> Result<(), ModerationError> {
        self.moderate(Moderation::Kill { name: name.into(), reason }).map(drop)
    }

    /// [`Moderation::Announce`]: tells everybody in the hub, wherever they are.
    ///
    /// # Errors
    ///
    /// As [`moderate`](Self::moderate).
    pub fn announce(&self, text: impl Into<Text>) -> Result<(), ModerationError> {
        self.moderate(Moderation::Announce(text.into())).map(drop)
    }

    /// Changes the password of server operators of the whole hub, or takes it away, so that nobody can become one. Those who
    /// are stay so.
    ///
    /// # Errors
    ///
    /// [`ModerationError::Stopped`].
    pub fn set_operator_password(&self, password: Option<Password>) -> Result<(), ModerationError> {
        self.set(Setting::OperatorPassword(password))
    }

    /// Changes the message of the day of the whole hub, by lines.
    ///
    /// # Errors
    ///
    /// [`ModerationError::Stopped`].
    pub fn set_motd(&self, lines: Vec<Text>) -> Result<(), ModerationError> {
        self.set(Setting::Motd(lines))
    }

    fn set(&self, setting: Setting) -> Result<(), ModerationError> {
        self.hub.post(Post::Set(setting)).map_err(|_| ModerationError::Stopped)
    }

    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }
}
