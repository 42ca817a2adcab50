//! The server's password, between the reading thread, which needs it, and the thread that edits, which asks for it.

use std::sync::PoisonError;
use std::time::Duration;

use super::{Link, Speaks};
use crate::net::wire;
use crate::secret::Secret;

/// Whether the reading thread waits for a password.
#[derive(Debug, Default)]
pub(super) enum Wanted {
    #[default]
    No,
    /// It waits; with what the server said of the last one.
    Waits(Option<String>),
    Given(Secret),
}

/// Why [`Link::settle`] has returned.
#[derive(Debug)]
pub(crate) enum Settled {
    /// The line editor may begin.
    Ready,
    /// The server requires a password; with what it said of the last one.
    PasswordWanted(Option<String>),
}

impl Link {
    /// Waits until one is who and where one wants to be, which the first prompt shows, or the server requires a
    /// password; but not for long, and less if it is not known that the server can say so.
    pub(crate) fn settle(&self, unknown: Duration, known: Duration) -> Settled {
        let waited = self
            .changed
            .wait_timeout_while(self.lock(), unknown, |state| state.speaks == Speaks::Lines && !state.is_settled);
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if !waited.timed_out() {
            let waited = self.changed.wait_timeout_while(state, known, |state| {
                !state.is_settled && !matches!(state.wanted, Wanted::Waits(_))
            });
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        match &state.wanted {
            Wanted::Waits(refusal) if cfg!(unix) => Settled::PasswordWanted(refusal.clone()),
            _ => {
                state.is_editing = true;
                Settled::Ready
            }
        }
    }

    /// The password that the server has taken, or that was given with the options.
    pub(crate) fn password(&self) -> Option<Secret> {
        self.lock().password.clone()
    }

    /// Keeps the password for the next connection; `None` forgets it.
    pub(crate) fn keep_password(&self, password: Option<Secret>) {
        self.lock().password = password;
    }

    /// Asks the thread that edits for a password. Returns whether it edits lines already, so that you must be told to
    /// type `/pass PASSWORD`.
    pub(crate) fn want_password(&self, refusal: Option<String>) -> bool {
        let mut state = self.lock();
        state.wanted = Wanted::Waits(refusal);
        self.changed.notify_all();
        // Only on Unix there is a prompt without echo.
        state.is_editing || cfg!(not(unix))
    }

    /// Waits for the password.
    pub(crate) fn wait_for_password(&self) -> Secret {
        let mut state = self.lock();
        loop {
            match std::mem::take(&mut state.wanted) {
                Wanted::Given(password) => return password,
                wanted => state.wanted = wanted,
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Hands the password to the reading thread; returns whether that waits for one.
    pub(crate) fn give_password(&self, password: Secret) -> bool {
        let mut state = self.lock();
        let is_wanted = matches!(state.wanted, Wanted::Waits(_));
        if is_wanted {
            state.wanted = Wanted::Given(password);
            self.changed.notify_all();
        }
        is_wanted
    }

    /// Sends the password to a server that has been told to speak JSON lines.
    pub(crate) fn send_password(&self, password: &Secret) {
        let state = self.lock();
        if state.is_switched {
            state.post(&wire::entry(password));
        }
    }
}
