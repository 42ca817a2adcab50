//! The state of reconnecting: how the last connection ended, what the next one must restore, and when it is tried.
//!
//! This module must not know how the state is used.

use std::time::Duration;

use crate::failure::Failure;
use crate::net::event::Event;
use crate::secret::Secret;

/// The shortest and the longest delay before the next attempt to connect.
pub(super) const BACKOFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// How a connection ended.
#[derive(Debug)]
pub(super) enum Disconnect {
    /// The connection broke, or the server closed it, perhaps with a reason. The client may reconnect.
    Lost(Option<String>),
    /// The server gave up while you typed the password. The client reconnects at once.
    PasswordLate,
    /// The server closed the connection for a reason that forbids to reconnect.
    Final(Failure),
}

impl Disconnect {
    /// Converts the `closed` event, the last one of a connection.
    pub(super) fn from_closed(event: &Event) -> Disconnect {
        let (reason, text) = (event.text("why"), event.text("text"));
        match reason.as_str() {
            "killed" | "banned" | "refused" | "quit" | "too many invalid lines" => {
                Disconnect::Final(Failure::Closed(text))
            }
            _ => Disconnect::Lost(Some(text)),
        }
    }
}

/// The state of reconnecting, from the loss of a connection until another one has caught up.
#[derive(Debug)]
pub(super) struct Reconnect {
    /// What to restore; `None` until the first established connection is lost.
    pub(super) snapshot: Option<Snapshot>,
    /// Whether this connection has caught up.
    pub(super) is_established: bool,
    /// The delay before the next attempt to connect.
    pub(super) delay: Duration,
    /// Whether the loss of the connection was shown.
    pub(super) is_loss_shown: bool,
    /// The last plain line of a server that did not greet as one with JSON lines.
    pub(super) refusal: Option<String>,
    /// A password that you typed, and that was not sent yet.
    pub(super) typed_password: Option<Secret>,
    /// Whether the message of the day was shown.
    pub(super) is_motd_shown: bool,
}

impl Default for Reconnect {
    fn default() -> Reconnect {
        Reconnect {
            snapshot: None,
            is_established: false,
            delay: BACKOFF.0,
            is_loss_shown: false,
            refusal: None,
            typed_password: None,
            is_motd_shown: false,
        }
    }
}

/// The part of the view that the next connection restores.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    /// The number of the last event that you saw.
    pub(super) last_event: u64,
    /// Your nickname, also if the server gave it to you.
    pub(super) nick: Option<String>,
    /// Your nickname if you chose it.
    pub(super) chosen_nick: Option<String>,
    pub(super) rooms: Vec<String>,
}
