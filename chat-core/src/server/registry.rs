//! What all threads of a server view: who is connected, and whether it is time to stop.

use std::collections::{HashMap, hash_map};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::cloak::Cloak;
use super::send_queue::SocketSendQueue;
use crate::hub::HubCore;
use crate::hub::MemberId;
use crate::hub::handle::Hub;
use crate::hub::send_queue::SendQueue as _;
use crate::model::command::CommandError;
use crate::model::event::CloseReason;
use crate::model::limits::Limits;
use crate::model::mask::Network;
use crate::model::options::DefaultNames;
use crate::model::password::{Password, PasswordThrottle, Refusal};
use crate::model::text::Text;

/// A connection came or went. Told to the watcher of [`Server::watched`](super::Server::watched).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectionEvent {
    /// From this address; an IPv4 address is shown as such, even if it came to an IPv6 listener.
    Opened(SocketAddr),
    /// The member from this address has left; nothing more comes from it. Its socket may still be flushed.
    Closed(SocketAddr),
}

pub(super) type Watcher = dyn Fn(ConnectionEvent) + Send + Sync;

pub(super) struct ConnectionRegistry {
    hub: Hub,
    watcher: Option<Box<Watcher>>,
    cloak: Cloak,
    access: Mutex<Access>,
    stopping: AtomicBool,
    table: Mutex<Table>,
    changed: Condvar,
}

/// What a connection must give to join.
#[derive(Default)]
struct Access {
    password: Option<Password>,
    throttle: PasswordThrottle,
}

#[derive(Default)]
struct Table {
    /// How many listeners still accept.
    acceptors: usize,
    connections: HashMap<MemberId, Arc<SocketSendQueue>>,
    /// How many of them come from where.
    origins: HashMap<Network, usize>,
}

impl ConnectionRegistry {
    pub(super) fn new(hub: Hub, watcher: Option<Box<Watcher>>) -> ConnectionRegistry {
        let table = Mutex::new(Table::default());
        let (cloak, stopping) = (Cloak::default(), AtomicBool::new(false));
        ConnectionRegistry { hub, watcher, cloak, access: Mutex::default(), stopping, table, changed: Condvar::new() }
    }

    /// The handle that the server was made with.
    pub(super) fn handle(&self) -> &Hub {
        &self.hub
    }

    pub(super) fn hub(&self) -> &HubCore {
        self.hub.core()
    }

    /// What others are told of an address.
    pub(super) fn host(&self, address: IpAddr) -> Text {
        match self.hub().names() {
            DefaultNames::Address => Text::clean(&address.to_string()),
            DefaultNames::Guest => self.cloak.hide(address),
        }
    }

    /// Changes the password that connections must give to join; those that have joined stay.
    pub(super) fn set_password(&self, password: Option<Password>) {
        self.access.lock().unwrap_or_else(PoisonError::into_inner).password = password;
    }

    /// Checks the password that somebody gave who comes from `address`, if one is required.
    pub(super) fn check_password(&self, address: IpAddr, given: Option<&Password>) -> Result<(), CommandError> {
        // Held while passwords are compared, so that many attempts at the same time are as many attempts.
        let mut access = self.access.lock().unwrap_or_else(PoisonError::into_inner);
        let Access { password, throttle } = &mut *access;
        let Some(required) = password else { return Ok(()) };
        let given = given.ok_or(CommandError::PasswordRequired)?;
        throttle.attempt(address, Instant::now(), || required == given).map_err(|refusal| match refusal {
            Refusal::Wrong(left) => CommandError::WrongPassword { left },
            Refusal::TooEarly(left) => CommandError::TooManyPasswords { left },
        })
    }

    pub(super) fn limits(&self) -> &Limits {
        self.hub.limits()
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    pub(super) fn acceptor_starts(&self) {
        self.table().acceptors += 1;
    }

    pub(super) fn acceptor_is_done(&self) {
        self.table().acceptors -= 1;
        self.changed.notify_all();
    }

    /// Writes a connection down, unless there are too many. It is struck out when the entry is dropped.
    pub(super) fn enter(
        self: &Arc<ConnectionRegistry>,
        member: MemberId,
        address: IpAddr,
        queue: &Arc<SocketSendQueue>,
    ) -> Result<ConnectionSlot, CloseReason> {
        let mut table = self.table();
        let limit = self.limits().connections;
        if table.connections.len() >= limit {
            return Err(CloseReason::Full { limit });
        }
        let (limit, origin) = (self.limits().connections_per_address, Network::around(address));
        let from_there = table.origins.entry(origin).or_default();
        if limit > 0 && *from_there >= limit {
            return Err(CloseReason::TooManyFromAddress { limit });
        }
        *from_there += 1;
        table.connections.insert(member, Arc::clone(queue));
        Ok(ConnectionSlot { registry: Arc::clone(self), member, origin })
    }

    /// Tells the one who watches. It is the embedder's code, so it may panic; that is no reason to fail.
    pub(super) fn tell(&self, event: ConnectionEvent) {
        if let Some(watcher) = &self.watcher
            && catch_unwind(AssertUnwindSafe(|| watcher(event))).is_err()
        {
            log::error!("the one who watches connections panicked at {event:?}");
        }
    }

    /// Sleeps, unless the server stops.
    pub(super) fn pause(&self, pause: Duration) {
        let waited = self.changed.wait_timeout_while(self.table(), pause, |_| !self.is_stopping());
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// No more connections from now on.
    pub(super) fn stop(&self) {
        let _roll = self.table();
        self.stopping.store(true, Ordering::SeqCst);
        self.changed.notify_all();
    }

    /// Waits until no listener accepts any more.
    pub(super) fn wait_for_acceptors(&self) {
        let waited = self.changed.wait_while(self.table(), |table| table.acceptors > 0);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Waits until no listener accepts any more, but no longer than `timeout`; whether that came about.
    pub(super) fn acceptors_are_done_within(&self, timeout: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.table(), timeout, |table| table.acceptors > 0);
        waited.unwrap_or_else(PoisonError::into_inner).0.acceptors == 0
    }

    /// Everybody who is connected; from now on a connection ends as soon as it has heard all.
    pub(super) fn drain(&self) -> Vec<MemberId> {
        let table = self.table();
        table.connections.values().for_each(|queue| queue.drain());
        table.connections.keys().copied().collect()
    }

    /// Waits until nobody is connected any more, but not past `deadline`; then ends the connections that are left, and
    /// returns how many they were.
    pub(super) fn clear(&self, deadline: Instant) -> usize {
        let timeout = deadline.saturating_duration_since(Instant::now());
        let waited = self.changed.wait_timeout_while(self.table(), timeout, |table| !table.connections.is_empty());
        let (table, _) = waited.unwrap_or_else(PoisonError::into_inner);
        table.connections.values().for_each(|queue| queue.abort(CloseReason::ShuttingDown));
        table.connections.len()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ConnectionRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionRegistry")
            .field("connections", &self.table().connections.len())
            .finish_non_exhaustive()
    }
}

/// A connection's place on the table.
pub(super) struct ConnectionSlot {
    registry: Arc<ConnectionRegistry>,
    member: MemberId,
    /// From where it comes.
    origin: Network,
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut table = self.registry.table();
        let queue = table.connections.remove(&self.member);
        if let hash_map::Entry::Occupied(mut count) = table.origins.entry(self.origin) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
        drop(table);
        // Closing a socket is not for the lock.
        drop(queue);
        self.registry.changed.notify_all();
    }
}
