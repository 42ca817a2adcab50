//! The connection registry: the state that all threads of a server share, such as its connections and the request to
//! stop.
//!
//! This module must not read or write a connection's bytes.

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
use crate::model::password::{Password, PasswordThrottle};
use crate::model::text::Text;

/// The opening or the closing of a connection. A server passes it to its watcher: see
/// [`Server::watched`](super::Server::watched).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectionEvent {
    /// The server accepted a connection from this address. An IPv4 address is in IPv4 form, even on an IPv6 listener.
    Opened(SocketAddr),
    /// The connection from this address has ended. The server reads no more commands from it, and its member, if it had
    /// one, has left. The server may still write to its socket.
    Closed(SocketAddr),
}

/// The host application's function that a server calls when a connection opens or closes.
pub(super) type Watcher = dyn Fn(ConnectionEvent) + Send + Sync;

/// The state that the threads of a server share.
pub(super) struct ConnectionRegistry {
    hub: Hub,
    watcher: Option<Box<Watcher>>,
    cloak: Cloak,
    access: Mutex<Access>,
    stopping: AtomicBool,
    table: Mutex<Table>,
    changed: Condvar,
}

/// The password that a connection must give to join, and the delays after wrong ones.
#[derive(Default)]
struct Access {
    password: Option<Password>,
    throttle: PasswordThrottle,
}

/// The listeners and connections of a server.
#[derive(Default)]
struct Table {
    /// The number of listeners that still accept.
    acceptors: usize,
    connections: HashMap<MemberId, Arc<SocketSendQueue>>,
    /// The number of connections from each network.
    per_network: HashMap<Network, usize>,
}

impl ConnectionRegistry {
    pub(super) fn new(hub: Hub, watcher: Option<Box<Watcher>>) -> ConnectionRegistry {
        let table = Mutex::new(Table::default());
        let (cloak, stopping) = (Cloak::default(), AtomicBool::new(false));
        ConnectionRegistry { hub, watcher, cloak, access: Mutex::default(), stopping, table, changed: Condvar::new() }
    }

    /// Returns the hub handle with which the server was made.
    pub(super) fn handle(&self) -> &Hub {
        &self.hub
    }

    pub(super) fn hub(&self) -> &HubCore {
        self.hub.core()
    }

    /// Returns the host name that other members see for an address: the address itself or its cloak.
    pub(super) fn host(&self, address: IpAddr) -> Text {
        match self.hub().names() {
            DefaultNames::Address => Text::clean(&address.to_string()),
            DefaultNames::Guest => self.cloak.hide(address),
        }
    }

    /// Changes the password that connections must give to join. Members stay.
    pub(super) fn set_password(&self, password: Option<Password>) {
        self.access.lock().unwrap_or_else(PoisonError::into_inner).password = password;
    }

    /// Checks the password that a client at `address` gave, if the server requires one.
    pub(super) fn check_password(&self, address: IpAddr, given: Option<&Password>) -> Result<(), CommandError> {
        // The lock is held during the comparison, so that parallel attempts count one by one.
        let mut access = self.access.lock().unwrap_or_else(PoisonError::into_inner);
        let Access { password, throttle } = &mut *access;
        let Some(required) = password else { return Ok(()) };
        let given = given.ok_or(CommandError::PasswordRequired)?;
        throttle.attempt(address, Instant::now(), || required == given).map_err(CommandError::from)
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

    /// Registers a connection until the returned slot is dropped.
    ///
    /// # Errors
    ///
    /// [`CloseReason::Full`] or [`CloseReason::TooManyFromAddress`] if there are too many connections.
    pub(super) fn register(
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
        let (limit, network) = (self.limits().connections_per_address, Network::around(address));
        let from_network = table.per_network.entry(network).or_default();
        if limit > 0 && *from_network >= limit {
            return Err(CloseReason::TooManyFromAddress { limit });
        }
        *from_network += 1;
        table.connections.insert(member, Arc::clone(queue));
        Ok(ConnectionSlot { registry: Arc::clone(self), member, network })
    }

    /// Calls the watcher. The watcher is the host application's code and may panic; the server logs the panic and goes
    /// on.
    pub(super) fn notify_watcher(&self, event: ConnectionEvent) {
        if let Some(watcher) = &self.watcher
            && catch_unwind(AssertUnwindSafe(|| watcher(event))).is_err()
        {
            log::error!("the connection watcher panicked at {event:?}");
        }
    }

    /// Waits for `time`, or until the server stops.
    pub(super) fn wait_unless_stopping(&self, time: Duration) {
        let waited = self.changed.wait_timeout_while(self.table(), time, |_| !self.is_stopping());
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Tells the server's threads to stop, and wakes the waiting ones. The listeners accept no more connections.
    pub(super) fn stop(&self) {
        // This thread holds the lock, so that a thread that is about to wait sees the change.
        let _table = self.table();
        self.stopping.store(true, Ordering::SeqCst);
        self.changed.notify_all();
    }

    /// Waits until no listener accepts connections.
    pub(super) fn wait_for_acceptors(&self) {
        let waited = self.changed.wait_while(self.table(), |table| table.acceptors > 0);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Waits until no listener accepts connections, but no longer than `timeout`. Returns false after the timeout.
    pub(super) fn acceptors_are_done_within(&self, timeout: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.table(), timeout, |table| table.acceptors > 0);
        waited.unwrap_or_else(PoisonError::into_inner).0.acceptors == 0
    }

    /// Lets each connection end as soon as its send queue is written, and returns the members of all connections.
    pub(super) fn drain(&self) -> Vec<MemberId> {
        let table = self.table();
        table.connections.values().for_each(|queue| queue.drain());
        table.connections.keys().copied().collect()
    }

    /// Waits until all connections have ended, but not past `deadline`. Aborts the remaining connections, and returns
    /// their number.
    pub(super) fn finish(&self, deadline: Instant) -> usize {
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

/// A guard that keeps a connection registered.
pub(super) struct ConnectionSlot {
    registry: Arc<ConnectionRegistry>,
    member: MemberId,
    network: Network,
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut table = self.registry.table();
        let queue = table.connections.remove(&self.member);
        if let hash_map::Entry::Occupied(mut count) = table.per_network.entry(self.network) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
        drop(table);
        // Dropping the queue may close the socket, so it happens after the lock is released.
        drop(queue);
        self.registry.changed.notify_all();
    }
}
