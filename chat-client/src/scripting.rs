//! The client in scripts: in a pipe, `send` and `tail`.
//!
//! It must not know the line editor.

pub(crate) mod piped;
pub(crate) mod send;
mod signals;
pub(crate) mod tail;
