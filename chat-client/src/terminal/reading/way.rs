//! How a connection ended, and how far one is on the way to the next.

use std::time::Duration;

use crate::failure::Failure;
use crate::net::wire::Event;
use crate::secret::Secret;

/// How long it takes at least, and at most, before another connection is tried.
pub(super) const BACKOFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// How a connection ended.
pub(super) enum End {
    /// It is gone, perhaps with a word why, and may come again.
    Lost(Option<String>),
    /// It is gone since you have typed the password late, and is to come again at once.
    Late,
    /// The server said why, and does not want one any more.
    ForGood(Failure),
}

impl End {
    /// What the last event of a connection says about it.
    pub(super) fn closed(event: &Event) -> End {
        let (why, text) = (event.text("why"), event.text("text"));
        match why.as_str() {
            "killed" | "banned" | "refused" | "wrong passwords" | "quit" | "too many invalid lines" => {
                End::ForGood(Failure::Closed(text))
            }
            _ => End::Lost(Some(text)),
        }
    }
}

/// How far one is on the way back.
pub(super) struct Way {
    /// What is to be had again; nothing before the connection was lost for the first time.
    pub(super) before: Option<Before>,
    /// All that was wanted has been asked for, and answered.
    pub(super) is_settled: bool,
    /// How long it takes until another connection is tried.
    pub(super) wait: Duration,
    /// It was said that the connection is lost.
    pub(super) is_told: bool,
    /// What a server said at last that does not let one in.
    pub(super) refusal: Option<String>,
    /// A password that you typed, and that no server has seen yet.
    pub(super) typed: Option<Secret>,
    /// The message of the day has been shown.
    pub(super) is_welcomed: bool,
}

impl Default for Way {
    fn default() -> Way {
        Way {
            before: None,
            is_settled: false,
            wait: BACKOFF.0,
            is_told: false,
            refusal: None,
            typed: None,
            is_welcomed: false,
        }
    }
}

/// What one was before the connection was lost, or wants to be.
#[derive(Clone)]
pub(super) struct Before {
    /// The number of the last event that was seen.
    pub(super) seen: u64,
    pub(super) name: Option<String>,
    /// The name, if it was chosen.
    pub(super) nick: Option<String>,
    pub(super) rooms: Vec<String>,
}
