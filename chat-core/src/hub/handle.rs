//! The handle to a whole hub.
//!
//! This module must not name a socket, a framing or a protocol.

use std::fmt;
use std::sync::Arc;

use super::decision::{ModerationError, decide};
use super::room::Room;
use super::{HubCore, Post};
use crate::model::event::{Event, EventKind, Reply};
use crate::model::limits::Limits;
use crate::model::mask::Mask;
use crate::model::moderation::{Moderation, Restriction, Scope, Term};
use crate::model::name::{RoomName, Target};
use crate::model::password::Password;
use crate::model::stats::Stats;
use crate::model::text::Text;
use crate::state::Setting;

/// A hub: all rooms and members that share one order of events and one set of nicknames.
///
/// This is a handle, cheap to clone. The hub runs as long as a handle, a [`Room`], a [`Member`](crate::hub::Member) or
/// a [`Server`](crate::Server) of it exists. To members, the actor of each decision that you make with this handle is
/// "the server".
///
/// ```
/// use chat_core::Hub;
/// use chat_core::hub::Limits;
///
/// let mut limits = Limits::default();
/// limits.text = 512;
/// let hub = Hub::builder().limits(limits).home("lobby".parse()?).build()?;
/// let den = hub.room("den".parse()?);
/// let _alice = den.join("alice".parse()?)?;
/// hub.announce("tea at four")?;
/// assert_eq!(hub.stats().members, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Hub {
    core: Arc<HubCore>,
    home: Option<RoomName>,
}

impl Hub {
    pub(crate) fn new(core: Arc<HubCore>, home: Option<RoomName>) -> Hub {
        Hub { core, home }
    }

    /// Returns the handle to the room `name`.
    ///
    /// The room need not exist. The hub creates it when its first member joins. When its last member leaves, the hub
    /// drops the room and all decisions about it, such as its topic, modes and bans. A moderation of a room that does
    /// not exist fails. The home room and the rooms of [`HubBuilder::keep_room`](crate::hub::HubBuilder::keep_room)
    /// always exist.
    #[must_use]
    pub fn room(&self, name: RoomName) -> Room {
        Room::of(Arc::clone(&self.core), name)
    }

    /// Returns the home room, if there is one.
    ///
    /// The connections of a [`Server`](crate::Server) begin in the home room; without a home room, they begin in no
    /// room. A handle that you make [from a room](#impl-From<Room>-for-Hub) has that room as its home room.
    #[must_use]
    pub fn home(&self) -> Option<Room> {
        self.home.clone().map(|name| self.room(name))
    }

    /// Returns the limits of the hub and of its servers.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.core.limits()
    }

    /// Returns the counters of the hub and its servers.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.core.counters().stats()
    }

    /// Closes a member's connection, whatever rooms the member is in.
    ///
    /// # Errors
    ///
    /// The same as [`Room::moderate`].
    pub fn kill(&self, name: impl Into<Target>, reason: Option<Text>) -> Result<(), ModerationError> {
        self.moderate(Moderation::Kill { name: name.into(), reason }).map(drop)
    }

    /// Sends a text to all members of the hub, whatever rooms they are in.
    ///
    /// # Errors
    ///
    /// The same as [`Room::moderate`].
    pub fn announce(&self, text: impl Into<Text>) -> Result<(), ModerationError> {
        self.moderate(Moderation::Announce(text.into())).map(drop)
    }

    /// Bans everybody who matches `mask` from the hub, and closes the connections of matching members.
    ///
    /// # Errors
    ///
    /// The same as [`Room::moderate`].
    pub fn ban(&self, mask: Mask, term: Term) -> Result<(), ModerationError> {
        self.moderate(Moderation::Ban { scope: Scope::Hub, mask, term }).map(drop)
    }

    /// Lifts a ban from the hub.
    ///
    /// # Errors
    ///
    /// The same as [`Room::moderate`].
    pub fn unban(&self, mask: Mask) -> Result<(), ModerationError> {
        self.moderate(Moderation::Unban { scope: Scope::Hub, mask }).map(drop)
    }

    /// Returns the bans from the hub, the oldest first.
    ///
    /// # Errors
    ///
    /// The same as [`Room::moderate`].
    pub fn bans(&self) -> Result<Vec<Restriction>, ModerationError> {
        let answer = self.moderate(Moderation::Bans(Scope::Hub))?;
        Ok(match answer.as_ref().map(Event::kind) {
            Some(EventKind::Reply(Reply::Bans { bans, .. })) => bans.clone(),
            _ => Vec::new(),
        })
    }

    /// Changes the password by which members become server operators.
    ///
    /// With `None`, nobody can become a server operator. Members who are server operators already keep their rank.
    ///
    /// # Errors
    ///
    /// [`ModerationError::Stopped`], if the hub has stopped.
    pub fn set_operator_password(&self, password: Option<Password>) -> Result<(), ModerationError> {
        self.set(Setting::OperatorPassword(password))
    }

    /// Changes the lines of the message of the day.
    ///
    /// # Errors
    ///
    /// [`ModerationError::Stopped`], if the hub has stopped.
    pub fn set_motd(&self, lines: Vec<Text>) -> Result<(), ModerationError> {
        self.set(Setting::Motd(lines))
    }

    fn set(&self, setting: Setting) -> Result<(), ModerationError> {
        self.core.post(Post::Set(setting)).map_err(|_| ModerationError::Stopped)
    }

    fn moderate(&self, moderation: Moderation) -> Result<Option<Event>, ModerationError> {
        decide(&self.core, None, moderation)
    }

    pub(crate) fn core(&self) -> &Arc<HubCore> {
        &self.core
    }
}

/// Converts a room to a handle of its hub, with that room as the home room.
impl From<Room> for Hub {
    fn from(room: Room) -> Hub {
        Hub { home: Some(room.name().clone()), ..room.hub() }
    }
}

impl From<&Room> for Hub {
    fn from(room: &Room) -> Hub {
        room.clone().into()
    }
}

impl From<&Hub> for Hub {
    fn from(hub: &Hub) -> Hub {
        hub.clone()
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").field("home", &self.home).field("limits", self.limits()).finish_non_exhaustive()
    }
}
