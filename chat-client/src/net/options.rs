//! The options of a connection: the server's address, your nickname, your rooms and the password.
//!
//! This module must not know where the options come from.

use crate::secret::Secret;

/// The server's address, and the nickname, rooms and password that the client uses there.
#[derive(Clone, Debug)]
pub(crate) struct ConnectOptions {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) nick: Option<String>,
    /// The rooms to join. The last one becomes the current room.
    pub(crate) rooms: Vec<String>,
    /// The server's password, if the options contain it.
    pub(crate) password: Option<Secret>,
    /// Whether the client reconnects when the connection is lost.
    pub(crate) reconnect: bool,
}

impl ConnectOptions {
    /// Returns the nickname and the rooms as `/nick` and `/join` lines, each with its newline.
    pub(crate) fn setup_lines(&self) -> String {
        let nick = self.nick.iter().map(|nick| format!("/nick {nick}\n"));
        nick.chain(self.rooms.iter().map(|room| format!("/join {room}\n"))).collect()
    }
}
