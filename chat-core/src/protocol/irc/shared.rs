//! The data that the session and the responders of one IRC connection share.
//!
//! This module must not know how the session or a responder uses the data.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::filter::Filter;
use super::line::ReplyWriter;
use super::options::Config;
use crate::model::name::RoomName;
use crate::model::text::Text;

/// A handle to the shared data; the session and each responder hold one.
#[derive(Clone, Debug)]
pub(super) struct Shared(Arc<Mutex<Known>>);

/// The shared data.
#[derive(Debug)]
pub(super) struct Known {
    /// The client's nick; `*` before it has one.
    pub(super) nick: String,
    /// The rooms of the member.
    pub(super) rooms: Vec<RoomName>,
    /// The user modes that are set.
    pub(super) modes: String,
    /// The answer to the current line.
    pub(super) answer: Answer,
    /// The number of IRCv3 batches so far. It makes their references unique.
    pub(super) batches: u64,
    /// The message of the day, until a responder sends it at the end of the registration.
    pub(super) motd: Arc<[Text]>,
}

/// The answer to one line, which may have several commands.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// The lines of a labeled answer that are not sent yet.
    pub(super) buffered: Vec<u8>,
    /// The number of the open IRCv3 batch of a labeled answer.
    pub(super) open_batch: Option<u64>,
    /// The entries of an answer to `USERHOST` or `ISON`, which becomes one line.
    pub(super) entries: Vec<String>,
}

/// What a responder needs to know of a command to write its answer.
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
    /// The answer depends only on the event.
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
    /// The lines that the session itself answered to the same line.
    pub(super) before: Vec<u8>,
    /// Whether this is the last command of the line.
    pub(super) last: bool,
}

impl Shared {
    pub(super) fn new() -> Shared {
        Shared(Arc::new(Mutex::new(Known {
            nick: "*".to_owned(),
            rooms: Vec::new(),
            modes: String::new(),
            answer: Answer::default(),
            batches: 0,
            motd: Arc::default(),
        })))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Known> {
        // A panic of a thread that holds this lock breaks no invariant.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Returns the writer of replies to the client.
    pub(super) fn reply<'a>(&'a self, config: &'a Config) -> ReplyWriter<'a> {
        ReplyWriter { server: config.server(), nick: &self.nick }
    }

    /// Returns the number of a new IRCv3 batch.
    pub(super) fn next_batch(&mut self) -> u64 {
        self.batches += 1;
        self.batches
    }

    pub(super) fn is_in(&self, room: &RoomName) -> bool {
        self.rooms.contains(room)
    }
}
