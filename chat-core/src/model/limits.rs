//! The limits of a hub and of the servers in front of it.
//!
//! This module must not know who enforces a limit: it holds only values.

use std::time::Duration;

/// The limits of a hub and of the servers in front of it.
///
/// ```
/// use chat_core::Hub;
/// use chat_core::hub::Limits;
///
/// let mut limits = Limits::default();
/// limits.text = 512;
/// let hub = Hub::builder().limits(limits).home("lobby".parse()?).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest text of a message, in bytes of UTF-8, without the line end. Default: 4,096.
    pub text: usize,
    /// The longest topic, reason or room key, in bytes of UTF-8. Default: 400.
    pub topic: usize,
    /// The maximum number of rooms in a hub. Default: 10,000.
    pub rooms: usize,
    /// The maximum number of rooms that one member is in at a time. Default: 20.
    pub rooms_per_member: usize,
    /// The maximum number of members in one room. It does not apply to the home room, where connections start. Default:
    /// 10,000.
    pub members_per_room: usize,
    /// The maximum number of members that one member ignores. Default: 100.
    pub ignores: usize,
    /// The maximum number of bans of a room, of bans of the hub, of mutes in a room, and of exceptions of each kind in
    /// a room. Default: 100.
    pub bans: usize,
    /// The maximum number of rooms or members in one answer. Default: 200.
    pub list: usize,
    /// The maximum number of messages in a room's history; 0 for no history. Default: 100.
    pub history: usize,
    /// The maximum size of a room's history, in bytes of text. Default: 64 KiB.
    pub history_bytes: usize,
    /// The rate limit of one connection, in lines per second, once its [burst](Self::burst) is used up; 0 for
    /// unlimited. The server reads a connection over the limit more slowly, so TCP slows the client down and no line is
    /// lost. Commands count like messages. In-process members are not limited. Default: 5.
    pub rate: u32,
    /// The number of lines that a connection may send at once after it was silent for long enough. Default: 20.
    pub burst: u32,
    /// The maximum number of consecutive lines from one connection that lead to no command for the hub: lines that are
    /// invalid, blank, or answered by the session alone. The server closes a connection that exceeds the limit. Input
    /// that is not a line counts by its length, also for the `rate`. 0 for unlimited. Default: 1,000.
    pub invalid_lines: u32,
    /// The maximum number of simultaneous connections to one [`Server`](crate::Server). Default: 10,000.
    pub connections: usize,
    /// The maximum number of simultaneous connections to one server from one IPv4 address or one IPv6 /64
    /// ([`Network::around`](crate::moderation::Network::around)). 0 for no limit per address. Default: 32.
    pub connections_per_address: usize,
    /// How long a connection may take to register, if its framing requires that
    /// ([`Session::register`](crate::Session::register)). Default: 30 seconds.
    pub handshake_timeout: Duration,
    /// The maximum size of one connection's send queue, in bytes. Beyond it, `slow_consumer` decides what happens. It
    /// should be many times `text`. The kernel's socket buffers come on top. Default: 1 MiB.
    pub send_queue: usize,
    /// The policy for a member whose queue exceeds `send_queue` or `mailbox`. Default:
    /// [`Disconnect`](SlowConsumerPolicy::Disconnect).
    pub slow_consumer: SlowConsumerPolicy,
    /// The size of one connection's send queue above which the server reads nothing from the connection, in bytes. So a
    /// client that requests much and reads slowly delays only itself. Default: 256 KiB.
    pub send_queue_throttle: usize,
    /// The maximum size of all send queues of a hub together, in bytes. Beyond it, the hub first aborts connections
    /// that are closing already, then closes the connection with the largest send queue. It should be many times
    /// `send_queue`. Default: 256 MiB.
    pub send_queue_total: usize,
    /// The maximum number of events that wait for one in-process member ([`Room::join`](crate::Room::join)). Beyond it,
    /// `slow_consumer` decides what happens. Default: 4,096.
    pub mailbox: usize,
    /// How long a member with a non-empty send queue may read nothing, and how long a closed connection may take to
    /// read its last bytes. Default: 10 seconds.
    pub write_timeout: Duration,
    /// How long a connection may be silent before the system probes its peer (TCP keepalive). A longer time than the
    /// system supports, about nine hours, is cut to the longest that the system supports. Default: 2 minutes.
    pub keepalive: Duration,
    /// How long the system may receive nothing from a peer that has probes or data to acknowledge. After that, the
    /// system closes the connection. This time should be longer than `keepalive`. Default: 5 minutes.
    pub ping_timeout: Duration,
}

/// The policy for members that read too slowly.
///
/// The policy applies when a member's queue exceeds [`Limits::send_queue`], or [`Limits::mailbox`] for an in-process
/// member.
///
/// ```
/// use chat_core::Hub;
/// use chat_core::hub::{Limits, SlowConsumerPolicy};
///
/// let mut limits = Limits::default();
/// limits.slow_consumer = SlowConsumerPolicy::DropOldest;
/// let hub = Hub::builder().limits(limits).home("lobby".parse()?).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SlowConsumerPolicy {
    /// Removes the member from the hub, and closes its connection.
    #[default]
    Disconnect,
    /// Drops the oldest room events from the queue, and sends the number of dropped events in their place
    /// ([`Missed`](crate::event::OwnEvent::Missed)). The hub never drops events for this member alone. The hub still
    /// closes a connection that reads nothing for [`Limits::write_timeout`].
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
