//! chat-client in a terminal.

use crate::peer::{Listener, Peer};
use crate::programs::program;
use crate::pty::Pty;
use crate::server::ChatServer;

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

/// Starts chat-client in a terminal of `rows` × `cols`, with a server that the test implements, and waits for the prompt.
///
/// # Panics
///
/// If the client can't be started, does not connect, or shows no prompt.
#[track_caller]
#[must_use]
pub fn start_chat_client_with_peer(rows: u16, cols: u16) -> (Pty, Peer) {
    let listener = Listener::new();
    let pty = start_chat_client(&listener.port(), &[], rows, cols);
    let peer = listener.accept();
    pty.wait_until("the prompt should appear", |screen| screen.ends_with("\n<You>"));
    (pty, peer)
}

/// Starts chat-client for this server in a terminal of `rows` × `cols`, and waits for the prompt.
///
/// # Panics
///
/// If the client can't be started, or does not show the prompt.
#[track_caller]
#[must_use]
pub fn start_chat_client_with_server(
    server: &ChatServer,
    options: &[&str],
    (rows, cols): (u16, u16),
    prompt: &str,
) -> Pty {
    let pty = start_chat_client(&server.port().to_string(), options, rows, cols);
    pty.wait_until("the prompt should appear", |screen| screen.ends_with(&format!("\n{prompt}")));
    pty
}
