//! The client in a terminal.
//!
//! It must not know the scripts' side.

mod history;
pub(crate) mod interactive;
#[cfg(unix)]
mod keyboard;
#[cfg(unix)]
mod prompt;
mod raw_mode;
pub(crate) mod reading;
pub(crate) mod screen;
