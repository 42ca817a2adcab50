//! The hub: all rooms and members, and one order of all events.
//!
//! A [`Hub`] is the handle to the whole hub, and a [`Room`] the handle to one room. A [`Member`] is a participant in
//! the process of the host application. Handles, members and servers post to the hub through one bounded channel, the
//! inbox. If the hub is overloaded, the threads that post wait.
//!
//! This module must not know what a connection is.

pub(crate) mod batch;
pub(crate) mod builder;
mod combiner;
pub(crate) mod counters;
pub(crate) mod deadline;
mod decision;
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
use crate::model::command::Command;
use crate::model::event::CloseReason;
pub use crate::model::limits::{Limits, SlowConsumerPolicy};
use crate::model::name::{Name, RoomName};
pub use crate::model::options::{DefaultNames, HubOptions};
pub use crate::model::stats::Stats;
use crate::session::{Encoder, Request, Respond, Upgrade};
use crate::state::Setting;
pub(crate) use crate::state::{JoinRequest, MemberId};
pub use builder::{HubBuilder, HubError, RoomError};
use combiner::Combiner;
pub use decision::ModerationError;
pub(crate) use decision::{Answer, Decision};
pub(crate) use engine::Engine;
pub use handle::Hub;
pub(crate) use mailbox::{Arrivals, Mailbox};
pub use member::{ClosedError, Member, SayError};
pub use room::{JoinError, Room};

/// The capacity of the inbox, in posts. It is small, because one post may hold all commands of a read.
const INBOX: usize = 256;

/// The error of a post to a hub that has stopped. While a handle to the hub exists, only a defect can stop it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stopped;

/// An entry of the hub's inbox.
pub(crate) enum Post {
    Join(Box<Joining>),
    /// The requests and replies that one read of a member's connection completed.
    Packet {
        member: MemberId,
        items: Vec<Item>,
    },
    Decide(Box<Decision>),
    Set(Setting),
    Leave {
        member: MemberId,
        reason: CloseReason,
        /// The items that the end of the member's stream completed; empty after a reset.
        last: Vec<Item>,
    },
    LeaveTogether {
        members: Vec<MemberId>,
        reason: CloseReason,
    },
}

/// An item of a packet.
#[derive(Debug)]
pub(crate) enum Item {
    Request(Request),
    /// Bytes that the member's own session has encoded for the member.
    Reply(Vec<u8>),
    /// A change of the member's framing, from here on.
    Upgrade(Box<Upgrade>),
}

/// A member that wants to join the hub.
pub(crate) struct Joining {
    pub(crate) member: MemberId,
    pub(crate) request: JoinRequest,
    pub(crate) outlet: Outlet,
    /// Receives the name under which the hub admitted the member, or the reason for a refusal.
    pub(crate) answer: Option<Sender<Result<Name, CloseReason>>>,
}

impl Joining {
    /// Returns the join request of a member that receives bytes.
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

/// The form in which the hub sends events to a member.
pub(crate) enum Outlet {
    /// Events encoded as bytes, for a connection.
    Bytes {
        encoder: Encoder,
        responder: Option<Box<dyn Respond>>,
        /// The connection's send queue. The hub closes it when the member has left.
        send_queue: Arc<dyn SendQueue>,
    },
    /// Events as values, for a member in this process.
    Events(Mailbox),
}

/// A running hub. Dropping the last handle to it stops it.
pub(crate) struct HubCore {
    combiner: Arc<Combiner>,
    /// `Some` until the hub stops.
    inbox: Option<Sender<Post>>,
    thread: Option<JoinHandle<()>>,
    next_member: AtomicU64,
    home: Option<RoomName>,
    limits: Limits,
    names: DefaultNames,
    counters: Arc<Counters>,
}

impl HubCore {
    /// Starts a hub, with `home` as its home room if there is one.
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

    /// Returns the default names: the names of members that have not chosen a nickname.
    pub(crate) fn names(&self) -> DefaultNames {
        self.names
    }

    pub(crate) fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// Returns an unused id for a new member.
    pub(crate) fn new_member(&self) -> MemberId {
        MemberId(self.next_member.fetch_add(1, Ordering::Relaxed))
    }

    /// Puts `post` into the inbox; waits while the inbox is full. If the hub is idle, the calling thread runs the
    /// engine.
    pub(crate) fn post(&self, post: Post) -> Result<(), Stopped> {
        let (Some(inbox), Some(thread)) = (&self.inbox, &self.thread) else {
            unreachable!("only dropping the handle takes them away");
        };
        self.combiner.post(post, inbox, thread.thread())
    }

    /// Posts one command of a member.
    pub(crate) fn command(&self, member: MemberId, command: Command) -> Result<(), Stopped> {
        self.post(Post::Packet { member, items: vec![Item::Request(command.into())] })
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
