//! A harness for tests of the built programs: starts them, connects to them and reads their screens.

pub mod contract;
pub mod keys;

mod chat_client;
mod client;
mod counters;
mod crowd;
mod peer;
mod programs;
mod pty;
mod relay;
mod requirements;
mod reserved_port;
mod server;
mod signal;
mod svg;
mod wait;

pub use chat_client::{CONNECTED, start_chat_client, start_chat_client_with_peer, start_chat_client_with_server};
pub use client::{Client, GREETING};
pub use counters::Counters;
pub use crowd::Crowd;
pub use peer::{Listener, Peer};
pub use programs::{cargo, command, example, program};
pub use pty::Pty;
pub use relay::Relay;
pub use requirements::{print_skipped, raise_descriptor_limit};
pub use reserved_port::ReservedPort;
pub use server::ChatServer;
pub use signal::send_signal;
pub use wait::{TIMEOUT, eventually};
