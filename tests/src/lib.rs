//! What tests of the built programs share: starting them, speaking to them, reading their screens.

pub mod contract;
pub mod keys;

mod client;
mod crowd;
mod peer;
mod picture;
mod programs;
mod pty;
mod server;

use std::time::Duration;

pub use client::{Client, GREETING};
pub use crowd::Crowd;
pub use peer::{Listening, Peer};
pub use programs::{example, program};
pub use pty::Pty;
pub use server::{ChatServer, eventually, signal};

/// What chat-client says as soon as the connection stands.
pub const CONNECTED: &str = "Connected to remote host. Start sending messages";

/// A folder in which nothing can be kept, for programs that would remember something from one run to the next.
pub const NO_FOLDER: &str = "/dev/null";

/// How long a test waits for what must come: long, since it only matters when the test fails.
pub const PATIENCE: Duration = Duration::from_secs(60);
