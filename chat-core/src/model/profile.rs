//! What is told about people beside their names.

use std::fmt;
use std::sync::Arc;

use crate::model::text::Text;

/// What a member tells about itself, and where it comes from as others are told. Cheap to clone.
///
/// Nothing of it is checked, and no decision is made by it but by the one who reads it.
///
/// ```
/// use chat_core::Profile;
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
    /// The profile of somebody who says that it is called so, and comes from there.
    pub fn new(user: impl Into<Text>, host: impl Into<Text>, real_name: impl Into<Text>) -> Profile {
        Profile(Arc::new(Fields { user: user.into(), host: host.into(), real_name: real_name.into() }))
    }

    /// The same with another real name.
    #[must_use]
    pub fn with_real_name(&self, real_name: impl Into<Text>) -> Profile {
        Profile::new(self.user().clone(), self.host().clone(), real_name)
    }

    /// What it calls itself on its own machine, or what its program does.
    #[must_use]
    pub fn user(&self) -> &Text {
        &self.0.user
    }

    /// Where it comes from: its address, or something in its place that tells only those apart who come from different
    /// ones.
    #[must_use]
    pub fn host(&self) -> &Text {
        &self.0.host
    }

    /// What it is called elsewhere, or whatever else it wants to say about itself.
    #[must_use]
    pub fn real_name(&self) -> &Text {
        &self.0.real_name
    }
}

impl fmt::Display for Profile {
    /// `user@host`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.user(), self.host())
    }
}
