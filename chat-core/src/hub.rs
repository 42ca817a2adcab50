//! The hub of all rooms: one state, one order of everything.
//!
//! [`HubCore`] is the handle that rooms, members and servers view. What they post goes through one bounded channel, so a
//! hub that has too much to do slows down those who post. It must not know what a connection is.

pub(crate) mod batch;
pub(crate) mod builder;
mod combiner;
pub(crate) mod counters;
pub(crate) mod deadline;
pub(crate) mod drop_oldest_queue;
mod engine;
pub(crate) mod handle;
mod mailbox;
pub(crate) mod member;
mod recipients;
pub(crate) mod room;
pub(crate) mod send_queue;
mod subscriptions;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Sender, bounded};

use crate::hub::counters::Counters;
use crate::hub::send_queue::SendQueue;
use crate::model::command::{Command, CommandError};
use crate::model::event::{CloseReason, Event};
use crate::model::limits::Limits;
use crate::model::moderation::Moderation;
use crate::model::name::{Name, RoomName};
use crate::model::options::{DefaultNames, HubOptions};
use crate::session::{Encoder, Respond, Upgrade};
use crate::state::Setting;
pub(crate) use crate::state::{JoinRequest, MemberId};
use combiner::Combiner;
pub(crate) use engine::Engine;
pub(crate) use mailbox::{Arrivals, Mailbox};

/// How many posts wait for the hub before those who post must wait. Small, for each may hold what one read brought.
const INBOX: usize = 256;

/// The hub has stopped. Only a defect in it can be the reason while a handle to it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stopped;

/// What is posted to the hub.
pub(crate) enum Post {
    Join(Box<Joining>),
    /// What one read of a member's connection brought.
    Packet {
        member: MemberId,
        items: Vec<Item>,
    },
    Decide(Box<Decision>),
    Set(Setting),
    Leave {
        member: MemberId,
        reason: CloseReason,
        /// What the end of its stream completed, if it was an end and no reset.
        last: Vec<Item>,
    },
    LeaveTogether {
        members: Vec<MemberId>,
        reason: CloseReason,
    },
}

/// One thing in a packet.
#[derive(Debug)]
pub(crate) enum Item {
    Command(Command),
    /// What the member's own session has to tell it, encoded.
    Reply(Vec<u8>),
    /// From here on it reads something else.
    Upgrade(Box<Upgrade>),
}

/// Somebody who wants to come in.
pub(crate) struct Joining {
    pub(crate) member: MemberId,
    pub(crate) request: JoinRequest,
    pub(crate) outlet: Outlet,
    /// Where to say under which name it came in, or why it may not.
    pub(crate) answer: Option<Sender<Result<Name, CloseReason>>>,
}

impl Joining {
    /// Somebody who hears bytes.
    #[cfg(any(test, feature = "bench"))]
    pub(crate) fn by_bytes(
        member: MemberId,
        request: JoinRequest,
        encoder: Encoder,
        send_queue: Arc<dyn SendQueue>,
    ) -> Joining {
        Joining { member, request, outlet: Outlet::Bytes { encoder, responder: None, send_queue }, answer: None }
    }
}

/// What the program that the hub is in decides about a room, or about the hub.
pub(crate) struct Decision {
    /// The room that it is about, unless it is about the whole hub.
    pub(crate) room: Option<RoomName>,
    pub(crate) moderation: Moderation,
    /// Where to say what came of it.
    pub(crate) answer: Sender<Answer>,
}

/// What came of a decision: an answer, if it asks for one, or why it is refused.
pub(crate) type Answer = Result<Option<Event>, CommandError>;

/// The way that what a member hears takes.
pub(crate) enum Outlet {
    /// As bytes.
    Bytes {
        encoder: Encoder,
        responder: Option<Box<dyn Respond>>,
        /// Held, and so closed in the end, once the member is in.
        send_queue: Arc<dyn SendQueue>,
    },
    /// As they are.
    Events(Mailbox),
}

/// A handle to a running hub. The last one to be dropped stops it.
pub(crate) struct HubCore {
    combiner: Arc<Combiner>,
    /// There until the handle is dropped.
    inbox: Option<Sender<Post>>,
    thread: Option<JoinHandle<()>>,
    next_member: AtomicU64,
    home: Option<RoomName>,
    limits: Limits,
    names: DefaultNames,
    counters: Arc<Counters>,
}

impl HubCore {
    /// Starts a hub with this home room, if it has one.
    pub(crate) fn start(home: Option<&RoomName>, options: HubOptions) -> io::Result<HubCore> {
        let (inbox, posts) = bounded(INBOX);
        let (limits, names) = (options.limits.clone(), options.default_names);
        let counters = Arc::new(Counters::default());
        let combiner = Arc::new(Combiner::new(Engine::new(home.cloned(), options, Arc::clone(&counters)), posts));
        let running = Arc::clone(&combiner);
        let thread = thread::Builder::new()
            .name(home.map_or("hub".to_owned(), |home| format!("hub {home}")))
            .spawn(move || running.work())?;
        Ok(HubCore {
            combiner,
            inbox: Some(inbox),
            thread: Some(thread),
            next_member: AtomicU64::new(1),
            home: home.cloned(),
            limits,
            names,
            counters,
        })
    }

    pub(crate) fn home(&self) -> Option<&RoomName> {
        self.home.as_ref()
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What those are called who have not chosen a name.
    pub(crate) fn names(&self) -> DefaultNames {
        self.names
    }

    pub(crate) fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// A number for somebody who is going to join.
    pub(crate) fn new_member(&self) -> MemberId {
        MemberId(self.next_member.fetch_add(1, Ordering::Relaxed))
    }

    /// Posts, and waits while the inbox is full. If the hub has nothing else to do, the caller's thread does what
    /// follows from it.
    pub(crate) fn post(&self, post: Post) -> Result<(), Stopped> {
        let (Some(inbox), Some(thread)) = (&self.inbox, &self.thread) else {
            unreachable!("only dropping the handle takes them away");
        };
        self.combiner.post(post, inbox, thread.thread())
    }

    /// Posts one command.
    pub(crate) fn command(&self, member: MemberId, command: Command) -> Result<(), Stopped> {
        self.post(Post::Packet { member, items: vec![Item::Command(command)] })
    }
}

impl fmt::Debug for HubCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubCore").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Drop for HubCore {
    fn drop(&mut self) {
        self.inbox = None;
        let Some(thread) = self.thread.take() else { return };
        thread.thread().unpark();
        // An encoder may own the last handle, and the hub's own thread drops encoders.
        if thread.thread().id() != thread::current().id() && thread.join().is_err() {
            log::error!("the hub's thread panicked");
        }
    }
}
