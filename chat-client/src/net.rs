//! One connection to the server: bytes, lines and JSON objects.
//!
//! It must not know the terminal, nor what is shown of an event.

pub(crate) mod connect;
pub(crate) mod greeting;
pub(crate) mod incoming;
pub(crate) mod lines;
pub(crate) mod link;
pub(crate) mod outgoing;
pub(crate) mod wire;
