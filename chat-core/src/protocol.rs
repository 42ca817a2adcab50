//! The protocols that clients speak: plain lines, JSON lines, IRC.
//!
//! Each is a [`Session`](crate::Session) with its encoders. None knows the hub, the state or a socket.

#[cfg(feature = "irc")]
pub(crate) mod irc;
#[cfg(feature = "json")]
pub(crate) mod json;
pub(crate) mod line;
pub(crate) mod sniff;
