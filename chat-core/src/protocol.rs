//! The protocols that this crate speaks: plain lines, JSON lines, IRC.
//!
//! Each protocol is a [`Session`](crate::Session) with its encoders. This module must not know the hub, the state or a
//! socket.

#[cfg(feature = "irc")]
pub(crate) mod irc;
#[cfg(feature = "json")]
pub(crate) mod json;
pub(crate) mod line;
mod line_buffer;
pub(crate) mod sniff;

#[cfg(feature = "irc")]
pub use irc::{Irc, IrcOptions};
#[cfg(feature = "json")]
pub use json::Json;
pub use line::Line;
