//! The options of a hub, chosen before it starts.

use std::fmt;

use crate::model::history::{History, Recent};
use crate::model::limits::Limits;
use crate::model::name::RoomName;
use crate::model::password::Password;
use crate::model::policy::Policy;
use crate::model::text::Text;

/// A function that creates the history of a new room.
pub type MakeHistory = dyn Fn(&RoomName) -> Box<dyn History> + Send;

/// The options of a hub.
///
/// ```
/// use chat_core::Hub;
/// use chat_core::hub::{DefaultNames, HubOptions};
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
    /// The limits of the hub and of its servers.
    pub limits: Limits,
    /// The names of members that have not chosen a nickname. Default: their addresses.
    pub default_names: DefaultNames,
    /// The rooms that always exist, even while they are empty, as the home room does. [`Limits::rooms`] does not count
    /// them. Default: none.
    pub rooms: Vec<RoomName>,
    /// The function that creates the history of a new room. Default: [`Recent`], in memory.
    pub history: Option<Box<MakeHistory>>,
    /// The password by which a member becomes a server operator ([`Command::Operate`](crate::Command::Operate)).
    /// Default: none, so that no member can become one.
    pub operator_password: Option<Password>,
    /// The lines of the message of the day. Each connection receives them after it has joined, and as the answer to
    /// [`Command::Motd`](crate::Command::Motd). Default: none.
    pub motd: Vec<Text>,
    /// The host application's rules about who may join which room, and what members may say. Default: none.
    pub policy: Option<Box<dyn Policy>>,
}

/// The names of members that have not chosen a nickname. See [`HubOptions`] for an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DefaultNames {
    /// The address and the port of the member, such as `192.0.2.1:50194`.
    #[default]
    Address,
    /// `guest-1`, `guest-2` and so on, which hide the member's address from other members. Members then can't choose
    /// nicknames of this form.
    Guest,
}

impl HubOptions {
    /// Takes the function that creates the history of a new room.
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
