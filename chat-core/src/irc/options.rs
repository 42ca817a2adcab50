//! What an IRC server says about itself.

use std::sync::Arc;
use std::time::SystemTime;

use crate::limits::Limits;
use crate::password::Password;

/// What the IRC side of a server is like.
///
/// ```
/// use chat_core::{Irc, IrcOptions, Limits};
///
/// let mut options = IrcOptions::default();
/// options.server = "chat.example.org".into();
/// options.motd = vec!["Be kind.".into()];
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
    /// The message of the day, by lines. Default: none.
    pub motd: Vec<String>,
    /// What a client must say by `PASS` to come in. Default: nothing.
    pub password: Option<Password>,
}

impl Default for IrcOptions {
    fn default() -> IrcOptions {
        IrcOptions { server: "chat.local".into(), network: "chat".into(), motd: Vec::new(), password: None }
    }
}

/// The same, with what else all sessions of one server have in common.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) options: IrcOptions,
    pub(super) limits: Limits,
    /// Since when.
    pub(super) started: SystemTime,
}

impl Config {
    pub(super) fn new(options: IrcOptions, limits: &Limits) -> Arc<Config> {
        Arc::new(Config { options, limits: limits.clone(), started: SystemTime::now() })
    }

    pub(super) fn server(&self) -> &str {
        &self.options.server
    }
}
