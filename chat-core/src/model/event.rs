//! Events: the messages, notices and answers that the hub sends to members.
//!
//! This module must not know bytes: an [`Encode`](crate::Encode) turns an event into the bytes of one framing.

mod close;
mod hub;
mod info;
mod kind;
mod own;
mod reply;
mod room;
mod text;

use std::sync::Arc;
use std::time::SystemTime;

use crate::model::profile::Profile;

pub use close::CloseReason;
pub use hub::HubEvent;
pub use info::{FormerInfo, MemberInfo, RoomInfo, TopicInfo};
pub use kind::EventKind;
pub use own::OwnEvent;
pub use reply::Reply;
pub use room::RoomEvent;

/// A message, a notice or an answer that the hub sends to members. Cheap to clone.
///
/// ```
/// use chat_core::{EventKind, Room};
/// use chat_core::event::RoomEvent;
///
/// let room = Room::new("lobby")?;
/// let alice = room.join("alice".parse()?)?;
/// let bob = room.join("bob".parse()?)?;
/// bob.say("hello")?;
///
/// let received: Vec<_> = alice.iter().take(2).collect();
/// assert!(matches!(received[0].kind(), EventKind::Room(RoomEvent::Joined { name, .. }) if name.as_str() == "bob"));
/// assert!(matches!(received[1].kind(), EventKind::Room(RoomEvent::Said { text, .. }) if text.as_str() == "hello"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event(Arc<Fields>);

#[derive(Debug, PartialEq, Eq)]
struct Fields {
    number: u64,
    time: SystemTime,
    profile: Option<Profile>,
    kind: EventKind,
}

impl Event {
    /// Creates an event with this number and time, and without a profile.
    #[must_use]
    pub fn new(number: u64, time: SystemTime, kind: impl Into<EventKind>) -> Event {
        Event::by(None, number, time, kind)
    }

    /// Creates an event like [`new`](Self::new), with the profile of the member who caused it.
    #[must_use]
    pub fn by(profile: Option<Profile>, number: u64, time: SystemTime, kind: impl Into<EventKind>) -> Event {
        Event(Arc::new(Fields { number, time, profile, kind: kind.into() }))
    }

    /// Returns the number of the event in its hub.
    ///
    /// The number increases by one with each event of the hub, including events that only other members receive. The
    /// number is 0 for an event that does not come from a hub, such as the refusal of a connection.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.0.number
    }

    /// Returns the time of the event, by the clock of the hub's machine.
    #[must_use]
    pub fn time(&self) -> SystemTime {
        self.0.time
    }

    /// Returns the profile of the member who caused the event; `None` if no member did.
    #[must_use]
    pub fn profile(&self) -> Option<&Profile> {
        self.0.profile.as_ref()
    }

    /// Appends the event as text for people: no line, one line, or several, each ended by LF.
    ///
    /// The plain-line protocol (`PROTOCOL.md`) consists of these lines. Your own framing can fall back to them. Then it
    /// shows every event, including the events that later versions of this crate add.
    ///
    /// ```
    /// use chat_core::Event;
    /// use chat_core::event::HubEvent;
    /// use chat_core::name::Name;
    ///
    /// let (old, new) = (Name::Nick("al".parse()?), Name::Nick("alice".parse()?));
    /// let mut text = Vec::new();
    /// Event::from(HubEvent::Renamed { old, new }).default_text(&mut text);
    /// assert_eq!(text, b"[al] is now known as alice\n");
    /// # Ok::<(), chat_core::name::ParseNickError>(())
    /// ```
    pub fn default_text(&self, out: &mut Vec<u8>) {
        text::write(self, out);
    }

    /// Returns the kind of the event, with its details.
    #[must_use]
    pub fn kind(&self) -> &EventKind {
        &self.0.kind
    }
}

impl<K: Into<EventKind>> From<K> for Event {
    /// Creates an event that does not come from a hub, with the number 0 and the time 1970-01-01.
    fn from(kind: K) -> Event {
        Event::new(0, SystemTime::UNIX_EPOCH, kind)
    }
}
