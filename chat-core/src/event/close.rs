//! How a membership ends.

use crate::command::CommandError;
use crate::name::Name;
use crate::phrase::Because;
use crate::text::Text;

/// Why a membership ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CloseReason {
    /// The member asked for it, or its [`Member`](crate::Member) was dropped.
    #[error("quit")]
    Quit,
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
    #[error("{by} closed your connection{}", Because(.reason))]
    Killed {
        /// Who decided it.
        by: Name,
        /// Why, if that was said.
        reason: Option<Text>,
    },
    /// It gave three wrong passwords for server operators.
    #[error("three wrong passwords")]
    WrongPasswords,
    /// The server holds as many connections as it may.
    #[error("the server is full: it has its {limit} connections")]
    Full {
        /// The limit that is reached.
        limit: usize,
    },
    /// The server can't start a thread for the connection.
    #[error("the server has no room for another connection at the moment; try again later")]
    NoThread,
    /// The server is going down.
    #[error("Server is shutting down")]
    ShuttingDown,
}
