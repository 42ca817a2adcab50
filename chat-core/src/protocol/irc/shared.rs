//! What the two ends of one IRC connection know of each other: the one that reads what the client asks, and the one that
//! tells it what came of that.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::capability::Capabilities;
use super::filter::Filter;
use super::line::Reply;
use super::options::Config;
use crate::model::name::RoomName;

/// Both ends hold one.
#[derive(Clone, Debug)]
pub(super) struct Shared(Arc<Mutex<Known>>);

#[derive(Debug)]
pub(super) struct Known {
    /// What the client is called; `*` before it is called anything.
    pub(super) nick: String,
    /// The rooms that it is in.
    pub(super) rooms: Vec<RoomName>,
    /// What it has asked for so far.
    pub(super) capabilities: Capabilities,
    /// What it has asked for as a member, each time; what was asked before is still answered as before.
    pub(super) switches: VecDeque<Capabilities>,
    /// Which of its own modes it has set.
    pub(super) modes: String,
    /// What it has asked, and has not been told all about.
    pub(super) asked: VecDeque<Asked>,
}

/// Something that a client asked, which is one command of the hub.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) kind: Kind,
    /// About whom or what, as it was written.
    pub(super) what: String,
    /// What else was said of it: what is to be told of each member, how many, which list.
    pub(super) how: String,
    /// Which channels are to be listed.
    pub(super) filter: Filter,
    /// What the client wants to find again in the answer.
    pub(super) label: Option<Label>,
}

/// What the answer is to be like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// What it is by itself.
    #[default]
    Plain,
    /// Something was said to a room or a member.
    Message,
    /// As before, but nothing that goes wrong is told (RFC 2812, section 3.3.2).
    Notice,
    /// The client has come in.
    Welcome,
    Names,
    Who,
    Whois,
    /// A list of whom there is, of which the answer is the last part or not.
    Userhost {
        last: bool,
    },
    Ison {
        last: bool,
    },
    Mode,
    /// What the client is to be called.
    Nick,
    SetName,
    List,
    /// Those whose names fit.
    Find,
    Whowas,
    History,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) text: String,
    /// What the session has answered to the same line before.
    pub(super) before: Vec<u8>,
    /// Nothing follows that is an answer to the same line.
    pub(super) last: bool,
}

impl Shared {
    pub(super) fn new() -> Shared {
        Shared(Arc::new(Mutex::new(Known {
            nick: "*".to_owned(),
            rooms: Vec::new(),
            capabilities: Capabilities::default(),
            switches: VecDeque::new(),
            modes: String::new(),
            asked: VecDeque::new(),
        })))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Known> {
        // Nothing under this lock leaves it half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// What the server has to say to the client.
    pub(super) fn reply<'a>(&'a self, config: &'a Config) -> Reply<'a> {
        Reply { server: config.server(), nick: &self.nick }
    }

    pub(super) fn is_in(&self, room: &RoomName) -> bool {
        self.rooms.contains(room)
    }
}
