//! What happened, as members are told of it.
//!
//! Events know nothing of bytes: an [`Encode`](crate::Encode) turns them into what one framing shows.

mod close;
mod info;
mod kind;

use std::sync::Arc;
use std::time::SystemTime;

use crate::model::profile::Profile;

pub use close::CloseReason;
pub use info::{FormerInfo, MemberInfo, RoomInfo, TopicInfo};
pub use kind::EventKind;

/// Something that a member is told. Cheap to clone.
///
/// ```
/// use chat_core::{EventKind, Room};
///
/// let room = Room::new("lobby")?;
/// let alice = room.join("alice".parse()?)?;
/// let bob = room.join("bob".parse()?)?;
/// bob.say("hello")?;
///
/// let heard: Vec<_> = alice.iter().take(2).collect();
/// assert!(matches!(heard[0].kind(), EventKind::Joined { name, .. } if name.as_str() == "bob"));
/// assert!(matches!(heard[1].kind(), EventKind::Said { text, .. } if text.as_str() == "hello"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event(Arc<Happening>);

#[derive(Debug, PartialEq, Eq)]
struct Happening {
    number: u64,
    time: SystemTime,
    profile: Option<Profile>,
    kind: EventKind,
}

impl Event {
    /// The event with this number, which happened at this time.
    #[must_use]
    pub fn new(number: u64, time: SystemTime, kind: EventKind) -> Event {
        Event::by(None, number, time, kind)
    }

    /// As [`new`](Self::new), done by a member of whom this is told.
    #[must_use]
    pub fn by(profile: Option<Profile>, number: u64, time: SystemTime, kind: EventKind) -> Event {
        Event(Arc::new(Happening { number, time, profile, kind }))
    }

    /// The number of the event: it grows by one from each event of a hub to the next, also of those that others are
    /// told. 0 for one that no hub told, such as why a connection is refused.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.0.number
    }

    /// When it happened, by the clock of the hub's machine.
    #[must_use]
    pub fn time(&self) -> SystemTime {
        self.0.time
    }

    /// What is told about the member who came, went, said or decided it, beside its name; nothing if it was no member.
    #[must_use]
    pub fn profile(&self) -> Option<&Profile> {
        self.0.profile.as_ref()
    }

    /// What happened.
    #[must_use]
    pub fn kind(&self) -> &EventKind {
        &self.0.kind
    }
}

impl From<EventKind> for Event {
    /// An event that no hub told, at the beginning of time (1970).
    fn from(kind: EventKind) -> Event {
        Event::new(0, SystemTime::UNIX_EPOCH, kind)
    }
}
