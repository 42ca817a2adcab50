//! The conversation: your nickname, your rooms, the other members, and the rendering of events.
//!
//! This layer must not know the terminal, and must not read from or write to a connection.

pub(crate) mod catch_up;
pub(crate) mod settings;
pub(crate) mod style;
pub(crate) mod view;
