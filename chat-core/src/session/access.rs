//! How a session whose peers need not register meets a server that requires a password.
//!
//! It must not know how a framing carries the password, nor whether it is right.

use crate::model::command::CommandError;
use crate::model::password::Password;
use crate::session::Registration;

/// How far such a session has come: it asks to join at once, and if the server requires a password, again with each
/// password that its peer gives.
#[derive(Debug, Default)]
pub(crate) enum Access {
    /// It has not asked yet, or the server has not answered yet.
    #[default]
    Asking,
    /// The server requires a password.
    Required,
    /// Its peer has given this password, with which it is about to ask.
    Given(Password),
    /// It has joined.
    Joined,
}

impl Access {
    /// Returns what the session asks with, when it is time to ask.
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

    /// The server has refused the session; returns whether that concerns the password, so that its peer may try again.
    pub(crate) fn refused(&mut self, why: &CommandError) -> bool {
        if why.is_about_password() {
            *self = Access::Required;
        }
        why.is_about_password()
    }

    pub(crate) fn is_required(&self) -> bool {
        matches!(self, Access::Required)
    }

    /// Whether nothing must be decoded now: what follows a password is meant for a member.
    pub(crate) fn is_given(&self) -> bool {
        matches!(self, Access::Given(_))
    }
}
