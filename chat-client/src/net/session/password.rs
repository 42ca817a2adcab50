//! The server's password in a [`Session`]: the receiver thread needs the password, and the editor thread asks you for
//! it.
//!
//! 1. The receiver thread calls [`Session::request_password`], then waits in [`Session::wait_for_password`].
//! 2. If the line editor has not started, [`Session::wait_until_ready`] returns to the editor thread, which shows a
//!    prompt without echo. If the line editor runs already, you type `/pass PASSWORD`.
//! 3. The editor thread calls [`Session::provide_password`], which wakes the receiver thread up.
//!
//! This module must not know how the client asks you for the password.

use std::sync::PoisonError;
use std::time::Duration;

use super::{Protocol, Session};
use crate::net::json_connection::password_command;
use crate::secret::Secret;

/// The state of the receiver thread's request for a password.
#[derive(Debug, Default)]
pub(super) enum PasswordRequest {
    #[default]
    None,
    /// The receiver thread waits for a password. Contains the server's refusal of the previous password, if any.
    Waiting(Option<String>),
    Provided(Secret),
}

/// Why [`Session::wait_until_ready`] has returned.
#[derive(Debug)]
pub(crate) enum Readiness {
    /// The line editor may start.
    Ready,
    /// The server requires a password. Contains the server's refusal of the previous password, if any.
    PasswordRequired(Option<String>),
}

impl Session {
    /// Waits until the first prompt can show your nickname and room, or the server requires a password.
    ///
    /// Waits for at most `greeting_timeout` for the greeting of a server that supports JSON lines. After such a
    /// greeting, waits for at most `setup_timeout` until your nickname and rooms are set up.
    pub(crate) fn wait_until_ready(&self, greeting_timeout: Duration, setup_timeout: Duration) -> Readiness {
        let waited = self.changed.wait_timeout_while(self.lock(), greeting_timeout, |state| {
            state.protocol == Protocol::Lines && !state.is_ready
        });
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if !waited.timed_out() {
            let waited = self.changed.wait_timeout_while(state, setup_timeout, |state| {
                !state.is_ready && !matches!(state.password_request, PasswordRequest::Waiting(_))
            });
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        match &state.password_request {
            PasswordRequest::Waiting(refusal) if cfg!(unix) => Readiness::PasswordRequired(refusal.clone()),
            _ => {
                state.is_editing = true;
                Readiness::Ready
            }
        }
    }

    /// Returns the password that the server has accepted, or else the password that the options contain.
    pub(crate) fn password(&self) -> Option<Secret> {
        self.lock().password.clone()
    }

    /// Keeps the password for the next connection. `None` forgets the kept password.
    pub(crate) fn keep_password(&self, password: Option<Secret>) {
        self.lock().password = password;
    }

    /// Asks the editor thread for a password.
    ///
    /// Returns whether there is no prompt without echo any more, so that the caller must ask you to type `/pass
    /// PASSWORD`.
    pub(crate) fn request_password(&self, refusal: Option<String>) -> bool {
        let mut state = self.lock();
        state.password_request = PasswordRequest::Waiting(refusal);
        self.changed.notify_all();
        // Only Unix has a prompt without echo.
        state.is_editing || cfg!(not(unix))
    }

    /// Waits until the editor thread provides a password, and returns the password.
    pub(crate) fn wait_for_password(&self) -> Secret {
        let mut state = self.lock();
        loop {
            match std::mem::take(&mut state.password_request) {
                PasswordRequest::Provided(password) => return password,
                request => state.password_request = request,
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Hands `password` to the receiver thread. Returns false, and drops `password`, if that thread does not wait for
    /// one.
    pub(crate) fn provide_password(&self, password: Secret) -> bool {
        let mut state = self.lock();
        let is_waiting = matches!(state.password_request, PasswordRequest::Waiting(_));
        if is_waiting {
            state.password_request = PasswordRequest::Provided(password);
            self.changed.notify_all();
        }
        is_waiting
    }

    /// Sends the password if the current connection is upgraded to JSON lines, and does nothing otherwise.
    pub(crate) fn send_password(&self, password: &Secret) {
        let state = self.lock();
        if state.is_upgraded {
            state.send(&password_command(password));
        }
    }
}
