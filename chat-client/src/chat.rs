//! The conversation: what the client knows, and what an event looks like.
//!
//! It must not know the terminal, and opens no connection.

pub(crate) mod resuming;
pub(crate) mod style;
pub(crate) mod view;
