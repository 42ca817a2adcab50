//! The password state of a session whose framing has no handshake.
//!
//! This module must not know how a framing carries the password, or whether a password is right.

use crate::model::command::CommandError;
use crate::model::password::Password;
use crate::session::Registration;

/// The registration state of a session without a handshake.
///
/// The session registers at once. If the server requires a password, the session registers again with each password
/// that the client gives.
#[derive(Debug, Default)]
pub(crate) enum Access {
    /// The session has not registered yet, or the server has not answered yet.
    #[default]
    Asking,
    /// The server requires a password, and the client must give one.
    Required,
    /// The client gave this password; the session registers with it next.
    Given(Password),
    /// The hub admitted the connection.
    Joined,
}

impl Access {
    /// Returns the registration, if the session must register now.
    pub(crate) fn register(&mut self) -> Option<Registration> {
        match std::mem::take(self) {
            Access::Asking => Some(Registration::default()),
            Access::Given(password) => Some(Registration { password: Some(password), ..Registration::default() }),
            other => {
                *self = other;
                None
            }
        }
    }

    /// Notes a refusal. Returns whether the refusal concerns the password, so that the client may try again.
    pub(crate) fn refused(&mut self, why: &CommandError) -> bool {
        if why.is_about_password() {
            *self = Access::Required;
        }
        why.is_about_password()
    }

    pub(crate) fn is_required(&self) -> bool {
        matches!(self, Access::Required)
    }

    /// Returns whether the client has given a password that the server has not checked. Until then, the session must
    /// decode nothing: the bytes after a password are input of the member.
    pub(crate) fn is_given(&self) -> bool {
        matches!(self, Access::Given(_))
    }
}
