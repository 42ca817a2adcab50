//! chat-client in a terminal.

use crate::programs::program;
use crate::pty::Pty;

/// The line that chat-client prints when it has connected.
pub const CONNECTED: &str = "Connected to remote host. Start sending messages";

/// Starts chat-client with these options in a terminal of `rows` × `cols`.
///
/// The options must contain a loopback address as the server.
///
/// # Panics
///
/// If the system has no terminal left, or chat-client can't be started.
#[must_use]
pub fn start_chat_client(port: &str, options: &[&str], rows: u16, cols: u16) -> Pty {
    Pty::start(program("chat-client"), options.iter().copied().chain(["127.0.0.1", port]), rows, cols)
}
