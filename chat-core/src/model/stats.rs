//! The counters of a hub and the servers in front of it.
//!
//! This module must not know where or how the hub counts: it holds only values.

use std::collections::BTreeMap;
use std::fmt;

/// The counters of a hub and the servers in front of it, since the hub was created.
///
/// [`Hub::stats`](crate::Hub::stats) and [`Moderation::Stats`](crate::moderation::Moderation::Stats) return them.
///
/// `bytes_handed_out` equals `bytes_sent` + `bytes_dropped` + `bytes_waiting` while no byte moves from one of these
/// counters to another. The counters are read one after another, so they are not a snapshot of one moment.
///
/// ```
/// use chat_core::Room;
///
/// let room = Room::new("lobby")?;
/// drop(room.join("alice".parse()?)?);
/// let _bob = room.join("bob".parse()?)?;
/// let stats = room.hub().stats();
/// assert_eq!((stats.members, stats.rooms, stats.closed["quit"]), (1, 1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// The number of members in the hub now.
    pub members: u64,
    /// The number of rooms in the hub now.
    pub rooms: u64,
    /// The number of events so far, which is also the number of the last event.
    pub events: u64,
    /// The number of refused commands.
    pub commands_refused: u64,
    /// The number of accepted connections.
    pub connections: u64,
    /// The numbers of refused connections and in-process members, by [label of the
    /// reason](crate::event::CloseReason::label).
    pub refused: BTreeMap<&'static str, u64>,
    /// The numbers of members that joined and left, by [label of the reason](crate::event::CloseReason::label).
    pub closed: BTreeMap<&'static str, u64>,
    /// The number of times that the system did not accept all bytes for a connection at once, so that a writer thread
    /// sent the rest.
    pub lags: u64,
    /// The number of messages dropped for slow members
    /// ([`SlowConsumerPolicy::DropOldest`](crate::hub::SlowConsumerPolicy::DropOldest)).
    pub messages_skipped: u64,
    /// The number of bytes that the hub handed out to connections.
    pub bytes_handed_out: u64,
    /// The number of handed-out bytes that the system accepted.
    pub bytes_sent: u64,
    /// The number of handed-out bytes that were discarded, because the connection was closed or failed.
    pub bytes_dropped: u64,
    /// The number of handed-out bytes that are in send queues now.
    pub bytes_waiting: u64,
}

impl Stats {
    /// Returns each counter with its name in words.
    pub fn lines(&self) -> impl Iterator<Item = (String, u64)> {
        let by_reason = |name: &'static str, counts: &BTreeMap<&'static str, u64>| {
            counts.iter().map(|(reason, count)| (format!("{name}: {reason}"), *count)).collect::<Vec<_>>()
        };
        let plain = |lines: &[(&str, u64)]| lines.iter().map(|&(name, count)| (name.to_owned(), count)).collect();
        let lines: [Vec<(String, u64)>; 4] = [
            plain(&[
                ("members", self.members),
                ("rooms", self.rooms),
                ("events", self.events),
                ("commands refused", self.commands_refused),
                ("connections", self.connections),
            ]),
            by_reason("refused", &self.refused),
            by_reason("closed", &self.closed),
            plain(&[
                ("lags", self.lags),
                ("messages skipped", self.messages_skipped),
                ("bytes handed out", self.bytes_handed_out),
                ("bytes sent", self.bytes_sent),
                ("bytes dropped", self.bytes_dropped),
                ("bytes waiting", self.bytes_waiting),
            ]),
        ];
        lines.into_iter().flatten()
    }
}

impl fmt::Display for Stats {
    /// Writes one line for each counter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines().try_for_each(|(name, count)| writeln!(f, "{name}: {count}"))
    }
}
