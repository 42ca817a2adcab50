//! The builder of a hub: its options, and its start.

use std::io;
use std::sync::Arc;

use super::HubCore;
use super::handle::Hub;
use super::room::Room;
use crate::model::history::History;
use crate::model::limits::Limits;
use crate::model::name::{ParseRoomNameError, RoomName};
use crate::model::options::{DefaultNames, HubOptions};
use crate::model::password::Password;
use crate::model::policy::Policy;
use crate::model::text::Text;

/// Builds a [`Hub`].
///
/// ```
/// use chat_core::Hub;
/// use chat_core::hub::DefaultNames;
///
/// let hub = Hub::builder()
///     .home("lobby".parse()?)
///     .keep_room("help".parse()?)
///     .default_names(DefaultNames::Guest)
///     .build()?;
/// assert!(hub.home().is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a builder does nothing until it builds"]
#[derive(Debug, Default)]
pub struct HubBuilder {
    home: Option<RoomName>,
    options: HubOptions,
}

/// Why a hub can't be started.
#[derive(Debug, thiserror::Error)]
#[error("the hub's thread can't be started: {0}")]
pub struct HubError(#[source] io::Error);

/// Why [`Room::new`] can't start a hub.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RoomError {
    /// The name is not a valid room name.
    #[error(transparent)]
    Name(#[from] ParseRoomNameError),
    /// The hub can't be started.
    #[error(transparent)]
    Hub(#[from] HubError),
}

impl Hub {
    /// Returns a builder with the default options and no home room.
    pub fn builder() -> HubBuilder {
        HubBuilder::default()
    }
}

impl Room {
    /// Starts a hub with the default options, and returns its home room. [`Hub::builder`] starts a hub with other
    /// options.
    ///
    /// # Errors
    ///
    /// [`RoomError`], if `name` is not a valid room name or the hub's thread can't be started.
    pub fn new(name: &str) -> Result<Room, RoomError> {
        let name = RoomName::parse(name)?;
        let hub = Hub::builder().home(name.clone()).build()?;
        Ok(hub.room(name))
    }
}

impl HubBuilder {
    /// Replaces all options, except the home room.
    pub fn options(self, options: HubOptions) -> HubBuilder {
        HubBuilder { options, ..self }
    }

    /// Sets the home room. Default: none.
    ///
    /// The connections of a [`Server`](crate::Server) begin in the home room, and it exists even while it is empty.
    pub fn home(self, name: RoomName) -> HubBuilder {
        HubBuilder { home: Some(name), ..self }
    }

    /// Sets the limits of the hub and of its servers.
    pub fn limits(mut self, limits: Limits) -> HubBuilder {
        self.options.limits = limits;
        self
    }

    /// Sets the default names: the names of members that have not chosen a nickname.
    pub fn default_names(mut self, names: DefaultNames) -> HubBuilder {
        self.options.default_names = names;
        self
    }

    /// Adds a room that exists even while it is empty. [`Limits::rooms`] does not count it.
    pub fn keep_room(mut self, name: RoomName) -> HubBuilder {
        self.options.rooms.push(name);
        self
    }

    /// Sets the function that creates the history of each new room.
    pub fn history(mut self, make: impl Fn(&RoomName) -> Box<dyn History> + Send + 'static) -> HubBuilder {
        self.options.history = Some(Box::new(make));
        self
    }

    /// Sets the password by which members become server operators.
    pub fn operator_password(mut self, password: Password) -> HubBuilder {
        self.options.operator_password = Some(password);
        self
    }

    /// Sets the lines of the message of the day.
    pub fn motd(mut self, lines: Vec<Text>) -> HubBuilder {
        self.options.motd = lines;
        self
    }

    /// Sets the policy, which decides who may join which room and what may be said.
    pub fn policy(mut self, policy: impl Policy + 'static) -> HubBuilder {
        self.options.policy = Some(Box::new(policy));
        self
    }

    /// Starts the hub and its thread.
    ///
    /// # Errors
    ///
    /// [`HubError`], if the thread can't be started.
    pub fn build(self) -> Result<Hub, HubError> {
        let HubBuilder { home, options } = self;
        let core = HubCore::start(home.as_ref(), options).map_err(HubError)?;
        Ok(Hub::new(Arc::new(core), home))
    }
}
