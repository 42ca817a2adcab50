//! What an IRC server says about itself.

use std::sync::Arc;
use std::time::SystemTime;

use crate::model::limits::Limits;

/// What the IRC side of a server is like.
///
/// ```
/// use chat_core::{Irc, IrcOptions, Limits};
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
    /// What the server calls itself: a name without spaces, best one of a host. Default: `chat.local`.
    pub server: String,
    /// What the network is called: a word. Default: `chat`.
    pub network: String,
}

impl Default for IrcOptions {
    fn default() -> IrcOptions {
        IrcOptions { server: "chat.local".into(), network: "chat".into() }
    }
}

/// The same, with what else all sessions of one server have in common.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) options: IrcOptions,
    pub(super) limits: Limits,
    /// Since when.
    pub(super) started: SystemTime,
    /// What all message ids begin with: numbers of events begin anew with each start of a server.
    start: String,
}

impl Config {
    pub(super) fn new(options: IrcOptions, limits: &Limits) -> Arc<Config> {
        let started = SystemTime::now();
        let start = format!("{:x}", started.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis());
        Arc::new(Config { options, limits: limits.clone(), started, start })
    }

    /// The id of the event with this number.
    pub(super) fn message_id(&self, number: u64) -> String {
        format!("{}-{number}", self.start)
    }

    /// The number of the event with this id; 0, before all others, of one from another start; none, if it is no id.
    pub(super) fn number_of(&self, id: &str) -> Option<u64> {
        let (start, number) = id.split_once('-')?;
        let number: u64 = number.parse().ok()?;
        let is_start = !start.is_empty() && start.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_start.then_some(if start == self.start { number } else { 0 })
    }

    pub(super) fn server(&self) -> &str {
        &self.options.server
    }
}
