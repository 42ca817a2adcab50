//! The public details of a member besides its name: user, host and real name.
//!
//! This module must not know the address behind the visible host. Only hostmasks use these details to decide something.

use std::fmt;
use std::sync::Arc;

use crate::model::text::Text;

/// The user name and the real name of a member, and the host that other members see. Cheap to clone.
///
/// User and real name are unverified: the client chooses them. Do not base permissions on them.
///
/// ```
/// use chat_core::name::Profile;
///
/// let profile = Profile::new("al", "192.0.2.7", "Alice Liddell");
/// assert_eq!(profile.to_string(), "al@192.0.2.7");
/// assert_eq!(profile.real_name().as_str(), "Alice Liddell");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile(Arc<Fields>);

#[derive(Debug, PartialEq, Eq)]
struct Fields {
    user: Text,
    host: Text,
    real_name: Text,
}

impl Profile {
    /// Creates the profile of a member with this user name, visible host and real name.
    pub fn new(user: impl Into<Text>, host: impl Into<Text>, real_name: impl Into<Text>) -> Profile {
        Profile(Arc::new(Fields { user: user.into(), host: host.into(), real_name: real_name.into() }))
    }

    /// Returns the same profile with another real name.
    #[must_use]
    pub fn with_real_name(&self, real_name: impl Into<Text>) -> Profile {
        Profile::new(self.user().clone(), self.host().clone(), real_name)
    }

    /// Returns the user name, which the client chooses: usually the account on its own machine, or the client's name.
    #[must_use]
    pub fn user(&self) -> &Text {
        &self.0.user
    }

    /// Returns the visible host: the address, or a substitute that is always the same for one address.
    #[must_use]
    pub fn host(&self) -> &Text {
        &self.0.host
    }

    /// Returns the real name, which is free text of the client's choice.
    #[must_use]
    pub fn real_name(&self) -> &Text {
        &self.0.real_name
    }
}

impl fmt::Display for Profile {
    /// Writes `user@host`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.user(), self.host())
    }
}
