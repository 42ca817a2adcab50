//! The data that the session and the responder of one IRC connection share.
//!
//! It must not know how either of them uses it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::capability::Capabilities;
use super::filter::Filter;
use super::line::ReplyWriter;
use super::options::Config;
use crate::model::name::RoomName;

/// A handle to the shared data; the session and the responder each hold one.
#[derive(Clone, Debug)]
pub(super) struct Shared(Arc<Mutex<Known>>);

/// The shared data.
#[derive(Debug)]
pub(super) struct Known {
    /// The client's nick; `*` before it has one.
    pub(super) nick: String,
    /// The rooms of the member.
    pub(super) rooms: Vec<RoomName>,
    /// The capabilities after the last `CAP REQ`.
    pub(super) capabilities: Capabilities,
    /// The capability changes that the responder has not reached yet, in order.
    pub(super) capability_changes: VecDeque<Capabilities>,
    /// The user modes that are set.
    pub(super) modes: String,
    /// The requests that the hub has not answered completely, in order.
    pub(super) asked: VecDeque<Asked>,
}

/// A client's request: one command of the hub.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) kind: Kind,
    /// The target, as the client wrote it.
    pub(super) what: String,
    /// A further parameter: the WHOX fields, a count, or the letter of a list.
    pub(super) how: String,
    /// The conditions of `LIST`.
    pub(super) filter: Filter,
    /// The label that the answer must carry.
    pub(super) label: Option<Label>,
}

/// How the responder writes the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// As the event alone says.
    #[default]
    Plain,
    /// A message to a room or a member.
    Message,
    /// A notice, which is never answered with an error (RFC 2812, section 3.3.2).
    Notice,
    /// The end of the registration.
    Welcome,
    Names,
    Who,
    Whois,
    /// One nick of `USERHOST`, which has one command for each nick.
    Userhost {
        last: bool,
    },
    /// One nick of `ISON`, which has one command for each nick.
    Ison {
        last: bool,
    },
    Mode,
    /// A change of nick.
    Nick,
    SetName,
    List,
    /// A `WHO` with a mask.
    Find,
    Whowas,
    History,
}

/// The label of a request, and the part of the labeled answer that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) text: String,
    /// What the session itself answered to the same line.
    pub(super) before: Vec<u8>,
    /// Whether this is the last command of the line.
    pub(super) last: bool,
}

impl Shared {
    pub(super) fn new() -> Shared {
        Shared(Arc::new(Mutex::new(Known {
            nick: "*".to_owned(),
            rooms: Vec::new(),
            capabilities: Capabilities::default(),
            capability_changes: VecDeque::new(),
            modes: String::new(),
            asked: VecDeque::new(),
        })))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Known> {
        // A panic under this lock leaves no invariant broken.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Returns the writer of replies to the client.
    pub(super) fn reply<'a>(&'a self, config: &'a Config) -> ReplyWriter<'a> {
        ReplyWriter { server: config.server(), nick: &self.nick }
    }

    pub(super) fn is_in(&self, room: &RoomName) -> bool {
        self.rooms.contains(room)
    }
}
