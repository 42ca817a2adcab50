//! The client in scripts: between pipes, and as `chat-client send` and `chat-client tail`.
//!
//! This layer must not know the line editor: it writes no prompt and no escape codes.

pub(crate) mod piped;
pub(crate) mod send;
mod signals;
pub(crate) mod tail;
