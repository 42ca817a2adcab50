//! The state that the receiver thread needs to reconnect.
//!
//! The state says how the last connection ended, what the next connection must restore, and how long to wait before the
//! next attempt. This module only holds the state: [`Receiver`](super::Receiver) reconnects. This module must not know
//! how the receiver thread uses the state.

use std::time::Duration;

use crate::failure::Failure;
use crate::net::event::Event;
use crate::secret::Secret;

/// The shortest and the longest delay before an attempt to reconnect.
pub(super) const BACKOFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// How a connection ended.
#[derive(Debug)]
pub(super) enum Disconnect {
    /// The connection broke, or the server closed it, perhaps with a reason. The client may reconnect.
    Lost(Option<String>),
    /// The server closed the connection while you typed the password. The client reconnects at once.
    PasswordLate,
    /// The server closed the connection for a reason after which the client must not reconnect.
    Final(Failure),
}

impl Disconnect {
    /// Converts a `closed` event, which is the last event of a connection.
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

/// The state from the loss of a connection until the catch-up over another connection is complete.
#[derive(Debug)]
pub(super) struct Reconnect {
    /// The part of the view to restore; `None` until the first established connection is lost.
    pub(super) snapshot: Option<Snapshot>,
    /// Whether the catch-up over the current connection is complete.
    pub(super) is_established: bool,
    /// The delay before the next attempt to connect.
    pub(super) delay: Duration,
    /// Whether the client has shown that the connection is lost.
    pub(super) is_loss_shown: bool,
    /// The last plain line of a server that did not offer JSON lines in its greeting.
    pub(super) refusal: Option<String>,
    /// A password that you typed too late, and that the next connection must send.
    pub(super) typed_password: Option<Secret>,
    /// Whether the client has shown the message of the day.
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
    /// Your nickname, even if the server gave it to you.
    pub(super) nick: Option<String>,
    /// Your nickname if you chose it.
    pub(super) chosen_nick: Option<String>,
    /// The rooms that you had joined. The last one was the room that you joined last.
    pub(super) rooms: Vec<String>,
}
