//! How a membership ends.

use crate::model::command::CommandError;
use crate::model::name::Name;
use crate::model::phrase::ReasonSuffix;
use crate::model::text::Text;

/// Why a membership ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CloseReason {
    /// The member asked for it, perhaps with a last word, or its [`Member`](crate::Member) was dropped.
    #[error("quit{}", ReasonSuffix(.0))]
    Quit(Option<Text>),
    /// The member's stream came to its end.
    #[error("the connection was closed")]
    EndOfStream,
    /// The connection failed.
    #[error("the connection was lost")]
    Lost,
    /// What came in is not what the member's framing reads.
    #[error("{0}")]
    Framing(Text),
    /// The member read too slowly: more waited for it than [`Limits`](crate::Limits) allow, or it read nothing for
    /// too long.
    #[error("too slow: what was said could not be delivered in time")]
    TooSlow,
    /// The session's, the encoder's or the policy's code panicked.
    #[error("an internal error in this connection")]
    Panicked,
    /// It may not come in, or not stay.
    #[error("{0}")]
    Refused(CommandError),
    /// A server operator closed the connection.
    #[error("{by} closed your connection{}", ReasonSuffix(.reason))]
    Killed {
        /// Who decided it.
        by: Name,
        /// Why, if that was said.
        reason: Option<Text>,
    },
    /// The server holds as many connections as it may.
    #[error("the server is full: it has its {limit} connections")]
    Full {
        /// The limit that is reached.
        limit: usize,
    },
    /// The server holds as many connections from this address as it may.
    #[error("there are {limit} connections from your address, which is the most that is allowed")]
    TooManyFromAddress {
        /// The limit that is reached.
        limit: usize,
    },
    /// It did not say who it is in [`Limits::handshake_timeout`](crate::Limits::handshake_timeout).
    #[error("registration timed out")]
    RegistrationTimeout,
    /// It sent only what asks and says nothing, as much of it as [`Limits::invalid_lines`](crate::Limits::invalid_lines) allows.
    #[error("nothing but noise: {limit} lines, and none of them asked or said anything")]
    TooManyInvalidLines {
        /// The limit that is reached.
        limit: u32,
    },
    /// More waited for all connections together than [`Limits::send_queue_total`](crate::Limits::send_queue_total), and most of it for
    /// this one.
    #[error("too much waited for all connections, and most of it for this one")]
    SendQueueTotal,
    /// Nothing was heard of its peer for [`Limits::ping_timeout`](crate::Limits::ping_timeout), not even by its system.
    #[error("its peer does not answer any more")]
    PingTimeout,
    /// The server can't start a thread for the connection.
    #[error("the server has no room for another connection at the moment; try again later")]
    NoThread,
    /// The server is going down.
    #[error("Server is shutting down")]
    ShuttingDown,
}

impl CloseReason {
    /// What [`Stats`](crate::Stats) calls the reasons.
    pub(crate) const LABELS: [&'static str; 17] = [
        "quit",
        "end of stream",
        "lost",
        "vanished",
        "framing",
        "noise",
        "too slow",
        "outboxes full",
        "panicked",
        "refused",
        "banned",
        "killed",
        "full",
        "too many from address",
        "no thread",
        "shutting down",
        "not registered",
    ];

    pub(crate) fn index(&self) -> usize {
        match self {
            CloseReason::Quit(_) => 0,
            CloseReason::EndOfStream => 1,
            CloseReason::Lost => 2,
            CloseReason::PingTimeout => 3,
            CloseReason::Framing(_) => 4,
            CloseReason::TooManyInvalidLines { .. } => 5,
            CloseReason::TooSlow => 6,
            CloseReason::SendQueueTotal => 7,
            CloseReason::Panicked => 8,
            CloseReason::Refused(CommandError::Banned { .. }) => 10,
            CloseReason::Refused(_) => 9,
            CloseReason::Killed { .. } => 11,
            CloseReason::Full { .. } => 12,
            CloseReason::TooManyFromAddress { .. } => 13,
            CloseReason::NoThread => 14,
            CloseReason::ShuttingDown => 15,
            CloseReason::RegistrationTimeout => 16,
        }
    }

    /// The reason in a word or two, the same for all who are closed for it; as [`Stats`](crate::Stats) counts them.
    ///
    /// ```
    /// assert_eq!(chat_core::CloseReason::TooSlow.label(), "too slow");
    /// ```
    #[must_use]
    pub fn label(&self) -> &'static str {
        Self::LABELS[self.index()]
    }
}
