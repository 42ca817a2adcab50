//! The handle to a whole hub.
//!
//! It must not name a socket, a framing or a protocol.

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
/// A handle, cheap to clone. The hub runs as long as a handle, a [`Room`], a [`Member`](crate::hub::Member) or a
/// [`Server`](crate::Server) of it exists. What the host application decides by this handle, members see as decided by
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
    /// The room need not exist: the hub makes it when its first member joins, and drops it, with all that was decided
    /// about it, when its last member leaves. A moderation of a room that does not exist fails. The home room and those of
    /// [`HubBuilder::keep_room`](crate::hub::HubBuilder::keep_room) always exist.
    #[must_use]
    pub fn room(&self, name: RoomName) -> Room {
        Room::of(Arc::clone(&self.core), name)
    }

    /// Returns the room in which the connections of a [`Server`](crate::Server) begin; without one they begin in none.
    ///
    /// A handle that was made [from a room](#impl-From<Room>-for-Hub) has that room for its home.
    #[must_use]
    pub fn home(&self) -> Option<Room> {
        self.home.clone().map(|name| self.room(name))
    }

    /// Returns the limits of the hub and of its servers.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        self.core.limits()
    }

    /// Returns what the hub and its servers have counted.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.core.counters().stats()
    }

    /// Closes a member's connection, whichever rooms it is in.
    ///
    /// # Errors
    ///
    /// As [`Room::moderate`].
    pub fn kill(&self, name: impl Into<Target>, reason: Option<Text>) -> Result<(), ModerationError> {
        self.moderate(Moderation::Kill { name: name.into(), reason }).map(drop)
    }

    /// Sends a text to all members, whichever rooms they are in.
    ///
    /// # Errors
    ///
    /// As [`Room::moderate`].
    pub fn announce(&self, text: impl Into<Text>) -> Result<(), ModerationError> {
        self.moderate(Moderation::Announce(text.into())).map(drop)
    }

    /// Bans those whom `mask` matches from the hub, and closes the connections of matching members.
    ///
    /// # Errors
    ///
    /// As [`Room::moderate`].
    pub fn ban(&self, mask: Mask, term: Term) -> Result<(), ModerationError> {
        self.moderate(Moderation::Ban { scope: Scope::Hub, mask, term }).map(drop)
    }

    /// Lifts a ban from the hub.
    ///
    /// # Errors
    ///
    /// As [`Room::moderate`].
    pub fn unban(&self, mask: Mask) -> Result<(), ModerationError> {
        self.moderate(Moderation::Unban { scope: Scope::Hub, mask }).map(drop)
    }

    /// Returns the bans from the hub, the latest last.
    ///
    /// # Errors
    ///
    /// As [`Room::moderate`].
    pub fn bans(&self) -> Result<Vec<Restriction>, ModerationError> {
        let answer = self.moderate(Moderation::Bans(Scope::Hub))?;
        Ok(match answer.as_ref().map(Event::kind) {
            Some(EventKind::Reply(Reply::Bans { bans, .. })) => bans.clone(),
            _ => Vec::new(),
        })
    }

    /// Changes the password by which members become server operators; with `None` nobody can become one. Present
    /// server operators keep their rank.
    ///
    /// # Errors
    ///
    /// [`ModerationError::Stopped`].
    pub fn set_operator_password(&self, password: Option<Password>) -> Result<(), ModerationError> {
        self.set(Setting::OperatorPassword(password))
    }

    /// Changes the message of the day, by lines.
    ///
    /// # Errors
    ///
    /// [`ModerationError::Stopped`].
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

/// The hub of a room, with that room for its home.
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
