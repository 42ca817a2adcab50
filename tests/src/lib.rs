//! A harness for tests of the built programs: starts them, talks to them and reads their screens.

pub mod contract;
pub mod keys;

mod client;
mod crowd;
mod peer;
mod programs;
mod pty;
mod relay;
mod server;
mod svg;

use std::fmt::Display;
use std::io::Write as _;
use std::time::Duration;

pub use client::{Client, GREETING};
pub use crowd::Crowd;
pub use peer::{FreePort, Listening, Peer};
pub use programs::{cargo, command, example, program};
pub use pty::Pty;
pub use relay::Relay;
pub use server::{ChatServer, allow_descriptors, eventually, signal};

/// The line that chat-client prints when it has connected.
pub const CONNECTED: &str = "Connected to remote host. Start sending messages";

/// A path that can't hold files, for programs that would keep state from one run to the next.
pub const NO_FOLDER: &str = "/dev/null";

/// How long a test waits for an expected event. It is long, since it matters only when the test fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Prints that a test is skipped, and why. Goes past the test harness, which shows only what failed tests print.
pub fn skipped(why: impl Display) {
    // Nobody needs to read it.
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}
