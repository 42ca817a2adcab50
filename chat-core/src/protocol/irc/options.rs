//! The options of the IRC side of a server.
//!
//! This module must not know a connection: all sessions of a server share the options.

use std::sync::Arc;
use std::time::SystemTime;

use crate::model::limits::Limits;

/// The options of the IRC side of a server.
///
/// ```
/// use chat_core::hub::Limits;
/// use chat_core::protocol::{Irc, IrcOptions};
///
/// let mut options = IrcOptions::default();
/// options.server = "chat.example.org".into();
/// let make_session = Irc::server(options, &Limits::default());
/// let session = make_session();
/// # let _ = session;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IrcOptions {
    /// The server name: a name without spaces, preferably a host name. Default: `chat.local`.
    pub server: String,
    /// The network name: one word. Default: `chat`.
    pub network: String,
}

impl Default for IrcOptions {
    fn default() -> IrcOptions {
        IrcOptions { server: "chat.local".into(), network: "chat".into() }
    }
}

/// The options and other values that all sessions of one server share.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) options: IrcOptions,
    pub(super) limits: Limits,
    /// When the server started.
    pub(super) started: SystemTime,
    /// The prefix of all message ids, because the event numbers start again with each start of the server.
    id_prefix: String,
}

impl Config {
    pub(super) fn new(options: IrcOptions, limits: &Limits) -> Arc<Config> {
        let started = SystemTime::now();
        let id_prefix = format!("{:x}", started.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis());
        Arc::new(Config { options, limits: limits.clone(), started, id_prefix })
    }

    /// Returns the message id of the event with this number.
    pub(super) fn message_id(&self, number: u64) -> String {
        format!("{}-{number}", self.id_prefix)
    }

    /// Returns the event number of a message id; `None` if the id is invalid.
    ///
    /// The number is 0, which is before all events, for an id from another start of the server.
    pub(super) fn number_of(&self, id: &str) -> Option<u64> {
        let (prefix, number) = id.split_once('-')?;
        let number: u64 = number.parse().ok()?;
        let is_prefix = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_prefix.then_some(if prefix == self.id_prefix { number } else { 0 })
    }

    pub(super) fn server(&self) -> &str {
        &self.options.server
    }
}
