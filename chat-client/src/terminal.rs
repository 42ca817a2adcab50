//! The client in a terminal: a prompt, and messages that appear above it.
//!
//! This layer must not know the command line, nor the modes for scripts.

mod editor;
mod history;
pub(crate) mod interactive;
#[cfg(unix)]
mod keyboard;
mod painter;
#[cfg(unix)]
mod prompt;
mod raw_mode;
mod receiver;
mod screen;
