//! The reasons why a membership ends.

use crate::model::command::CommandError;
use crate::model::name::Name;
use crate::model::phrase::ReasonSuffix;
use crate::model::text::Text;

/// The reason why a membership ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CloseReason {
    /// The member quit, with an optional quit message, or the host application dropped its
    /// [`Member`](crate::hub::Member).
    #[error("quit{}", ReasonSuffix(.0))]
    Quit(Option<Text>),
    /// The client closed its side of the connection.
    #[error("connection closed")]
    EndOfStream,
    /// The connection failed.
    #[error("connection lost")]
    Lost,
    /// The session can't decode the client's bytes.
    #[error("{0}")]
    Framing(Text),
    /// The client read too slowly: its send queue exceeded its [`Limits`](crate::hub::Limits), or a write timed out.
    #[error("too slow: messages could not be delivered in time")]
    TooSlow,
    /// The code of the session, the encoder or the policy panicked.
    #[error("internal error in this connection")]
    Panicked,
    /// The hub did not admit the member, or does not let it stay.
    #[error("{0}")]
    Refused(CommandError),
    /// A server operator closed the connection.
    #[error("{by} closed your connection{}", ReasonSuffix(.reason))]
    Killed {
        /// The server operator.
        by: Name,
        /// The reason, if the operator gave one.
        reason: Option<Text>,
    },
    /// The server has reached [`Limits::connections`](crate::hub::Limits::connections).
    #[error("the server is full; at most {limit} connections are allowed")]
    Full {
        /// The limit.
        limit: usize,
    },
    /// The server has reached [`Limits::connections_per_address`](crate::hub::Limits::connections_per_address) for the
    /// client's address.
    #[error("too many connections from your address; at most {limit} are allowed")]
    TooManyFromAddress {
        /// The limit.
        limit: usize,
    },
    /// The client did not register within [`Limits::handshake_timeout`](crate::hub::Limits::handshake_timeout).
    #[error("registration timed out")]
    RegistrationTimeout,
    /// The client sent more invalid or empty lines in a row than
    /// [`Limits::invalid_lines`](crate::hub::Limits::invalid_lines) allows.
    #[error("too many invalid lines; at most {limit} in a row are allowed")]
    TooManyInvalidLines {
        /// The limit.
        limit: u32,
    },
    /// All send queues together exceeded [`Limits::send_queue_total`](crate::hub::Limits::send_queue_total), and this
    /// connection had the longest one.
    #[error("too slow: the server has too much data queued, most of it for you")]
    SendQueueTotal,
    /// The server received nothing from the client for [`Limits::ping_timeout`](crate::hub::Limits::ping_timeout), not
    /// even an acknowledgement from its operating system.
    #[error("ping timeout")]
    PingTimeout,
    /// The server can't start a thread for the connection.
    #[error("the server can't accept another connection at the moment; try again later")]
    NoThread,
    /// The server shuts down.
    #[error("Server is shutting down")]
    ShuttingDown,
}

impl CloseReason {
    /// The names of the reasons in [`Stats`](crate::hub::Stats), at the positions that [`index`](Self::index) returns.
    pub(crate) const LABELS: [&'static str; 17] = [
        "quit",
        "end of stream",
        "lost",
        "ping timeout",
        "framing",
        "too many invalid lines",
        "too slow",
        "send queue total",
        "panicked",
        "refused",
        "banned",
        "killed",
        "full",
        "too many from address",
        "no thread",
        "shutting down",
        "registration timeout",
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

    /// Returns the name under which [`Stats`](crate::hub::Stats) counts this reason.
    ///
    /// ```
    /// assert_eq!(chat_core::event::CloseReason::TooSlow.label(), "too slow");
    /// ```
    #[must_use]
    pub fn label(&self) -> &'static str {
        Self::LABELS[self.index()]
    }
}
