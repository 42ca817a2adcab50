//! How much of everything there may be.

use std::time::Duration;

/// The bounds of a room and of the servers in front of it.
///
/// ```
/// use chat_core::{Hub, Limits};
///
/// let mut limits = Limits::default();
/// limits.text = 512;
/// let hub = Hub::builder().limits(limits).home("lobby".parse()?).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest text a member may say, in bytes of UTF-8, the end of the line not counted. Default: 4,096.
    pub text: usize,
    /// The longest topic of a room, reason or key, in bytes of UTF-8. Default: 400.
    pub topic: usize,
    /// The most rooms that there may be in a hub. Default: 10,000.
    pub rooms: usize,
    /// The most rooms that one member may be in at a time. Default: 20.
    pub rooms_per_member: usize,
    /// The most members that may be in one room. The hub's first room, where everybody begins, takes all who are
    /// connected. Default: 10,000.
    pub members_per_room: usize,
    /// The most members that one member may ignore. Default: 100.
    pub ignores: usize,
    /// The most bans that a room may have, the most that the hub may have, the most mutes of a room, and the most for whom
    /// one of its rules does not count. Default: 100.
    pub bans: usize,
    /// The most rooms or members that are listed in one answer. Default: 200.
    pub list: usize,
    /// The most messages that a room remembers for those who come later; 0 for none. Default: 100.
    pub history: usize,
    /// The most bytes of text in these, for each room. Default: 64 KiB.
    pub history_bytes: usize,
    /// How many lines a second one connection may send, once its [burst](Self::burst) is used up; 0 for as many as it
    /// likes. Of one that sends more, what it sends is read more slowly, so that in the end its sender must wait: nothing
    /// is lost. Commands count as what is said does. Members in this process are not held up. Default: 5.
    pub rate: u32,
    /// How many lines one connection may send at once, if it was silent for long enough. Default: 20.
    pub burst: u32,
    /// How many lines in a row one connection may send of which none asks or says anything that the hub is told: refused
    /// by its framing, answered by it alone, or blank; past them it is closed. As for the `rate`, what is no line counts
    /// by its length. 0 for as many as it likes. Default: 1,000.
    pub invalid_lines: u32,
    /// The most connections that one [`Server`](crate::Server) holds at a time. Default: 10,000.
    pub connections: usize,
    /// The most of these that come from one address, or with IPv6 from one /64 ([`Network::around`](crate::Network::around));
    /// 0 for as many as there may be in all. Default: 32.
    pub connections_per_address: usize,
    /// How long a connection may take to say who it is, where its framing wants that
    /// ([`Session::register`](crate::Session::register)). Default: 30 seconds.
    pub handshake_timeout: Duration,
    /// The most bytes that may wait for one member who reads too slowly; past them it is closed, or not told all: see
    /// `slow`. Should be many times `text`. What the kernel's socket buffers hold comes on top. Default: 1 MiB.
    pub send_queue: usize,
    /// What becomes of a member for whom more would have to wait than `send_queue` or `mailbox`. Default: it is closed.
    pub slow_consumer: SlowConsumerPolicy,
    /// While more bytes than this wait for a member, nothing more of what it sends is read. So one that asks for much and
    /// reads slowly holds up itself alone. Default: 256 KiB.
    pub send_queue_throttle: usize,
    /// The most bytes that may wait for all connections to one hub together; past them, the one for which most waits is
    /// closed, and those first that only have to hear their end. Should be many times `send_queue`. Default: 256 MiB.
    pub send_queue_total: usize,
    /// The most events that may wait for one member in this process ([`Room::join`](crate::Room::join)); past them it
    /// is closed, or not told all: see `slow_consumer`. Default: 4,096.
    pub mailbox: usize,
    /// How long a member with bytes waiting may read nothing at all, and how long a closed one may take to hear the
    /// end. Default: 10 seconds.
    pub write_timeout: Duration,
    /// How long a connection may be silent before the system asks its peer whether it is still there (TCP keepalive).
    /// What the system can't do, at most about nine hours, is asked for no longer than it can. Default: 2 minutes.
    pub keepalive: Duration,
    /// How long a peer may leave such questions, or what was sent to it, unanswered before it is taken for gone: its
    /// connection is closed then. Counted from when it was last heard; should be longer than `keepalive`. Default: 5
    /// minutes.
    pub ping_timeout: Duration,
}

/// What becomes of a member for whom more would have to wait than [`Limits::send_queue`], or, if it is in this process,
/// [`Limits::mailbox`].
///
/// ```
/// use chat_core::{Hub, Limits, SlowConsumerPolicy};
///
/// let mut limits = Limits::default();
/// limits.slow_consumer = SlowConsumerPolicy::DropOldest;
/// let hub = Hub::builder().limits(limits).home("lobby".parse()?).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SlowConsumerPolicy {
    /// It is closed.
    #[default]
    Disconnect,
    /// The oldest of what was said to its rooms and waits for it is left out, and in its place it is told how much that
    /// is ([`Missed`](crate::EventKind::Missed)). What it is told alone still comes. A connection that reads nothing at all
    /// for [`Limits::write_timeout`] is closed all the same.
    DropOldest,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            text: 4096,
            topic: 400,
            rooms: 10_000,
            rooms_per_member: 20,
            members_per_room: 10_000,
            ignores: 100,
            bans: 100,
            list: 200,
            history: 100,
            history_bytes: 64 * 1024,
            rate: 5,
            burst: 20,
            invalid_lines: 1000,
            connections: 10_000,
            connections_per_address: 32,
            handshake_timeout: Duration::from_secs(30),
            send_queue: 1024 * 1024,
            slow_consumer: SlowConsumerPolicy::Disconnect,
            send_queue_throttle: 256 * 1024,
            send_queue_total: 256 * 1024 * 1024,
            mailbox: 4096,
            write_timeout: Duration::from_secs(10),
            keepalive: Duration::from_secs(120),
            ping_timeout: Duration::from_secs(300),
        }
    }
}
