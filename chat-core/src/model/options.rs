//! What a hub is to be like, decided when it is made.

use std::fmt;

use crate::model::history::{History, Recent};
use crate::model::limits::Limits;
use crate::model::name::RoomName;
use crate::model::password::Password;
use crate::model::policy::Policy;
use crate::model::text::Text;

/// Makes the history of a new room.
pub type MakeHistory = dyn Fn(&RoomName) -> Box<dyn History> + Send;

/// What a hub is to be like.
///
/// ```
/// use chat_core::{DefaultNames, Hub, HubOptions};
///
/// let mut options = HubOptions::default();
/// options.default_names = DefaultNames::Guest;
/// options.rooms = vec!["help".parse()?];
/// options.limits.text = 512;
/// let hub = Hub::builder().options(options).home("lobby".parse()?).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
#[non_exhaustive]
pub struct HubOptions {
    /// How much of everything there may be.
    pub limits: Limits,
    /// What those are called who have not chosen a name. Default: their address.
    pub default_names: DefaultNames,
    /// Rooms that are there from the beginning, and stay when nobody is in them; as the hub's first one always does.
    /// [`Limits::rooms`] does not hold for them. Default: none.
    pub rooms: Vec<RoomName>,
    /// What makes the history of each new room. Default: [`Recent`], in memory.
    pub history: Option<Box<MakeHistory>>,
    /// What one must know to become a server operator ([`Command::Operate`](crate::Command::Operate)). Default: nobody
    /// can.
    pub operator_password: Option<Password>,
    /// The message of the day, by lines: each connection receives it when it has joined, and the answer to
    /// [`Command::Motd`](crate::Command::Motd). Default: none.
    pub motd: Vec<Text>,
    /// Who may enter which room, and what may be said. Default: whatever else allows it.
    pub policy: Option<Box<dyn Policy>>,
}

/// What those are called who have not chosen a name. See [`HubOptions`] for an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DefaultNames {
    /// By the address that they come from, such as `192.0.2.1:50194`.
    #[default]
    Address,
    /// `guest-1`, `guest-2` and so on, so that the others don't learn where they come from. No member can change its
    /// name to such a one then.
    Guest,
}

impl HubOptions {
    /// What makes the history of each new room.
    pub(crate) fn take_history(&mut self) -> Box<MakeHistory> {
        let limits = self.limits.clone();
        self.history.take().unwrap_or_else(|| Box::new(move |_| Box::new(Recent::new(&limits))))
    }
}

impl From<Limits> for HubOptions {
    fn from(limits: Limits) -> HubOptions {
        HubOptions { limits, ..HubOptions::default() }
    }
}

impl fmt::Debug for HubOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let HubOptions { limits, default_names, rooms, operator_password, .. } = self;
        let mut options = f.debug_struct("HubOptions");
        options.field("limits", limits).field("default_names", default_names).field("rooms", rooms);
        options.field("operator_password", operator_password).finish_non_exhaustive()
    }
}
