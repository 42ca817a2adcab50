//! What a hub and the servers in front of it have counted.

use std::collections::BTreeMap;
use std::fmt;

/// What happened in a hub and the servers in front of it since it was made, as [`Hub::stats`](crate::Hub::stats) and
/// [`Moderation::Stats`](crate::Moderation::Stats) tell it.
///
/// Of the bytes for connections, those handed out are those sent, those dropped and those waiting, once nothing is on its
/// way between these. Counters are read one after the other, not all at one moment.
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
    /// Members that are in the hub.
    pub members: u64,
    /// Rooms that there are.
    pub rooms: u64,
    /// Events that there were: the number of the last one.
    pub events: u64,
    /// Commands that were refused.
    pub commands_refused: u64,
    /// Connections that were taken.
    pub connections: u64,
    /// Connections and members in this process that were not let in, by [why](crate::CloseReason::label).
    pub refused: BTreeMap<&'static str, u64>,
    /// Members that were let in and are gone, by [why](crate::CloseReason::label).
    pub closed: BTreeMap<&'static str, u64>,
    /// How often more waited for a connection than the system took at once, so that it was left to a writer.
    pub lags: u64,
    /// Messages that were left out for members that read too slowly ([`SlowConsumerPolicy::DropOldest`](crate::SlowConsumerPolicy::DropOldest)).
    pub messages_skipped: u64,
    /// Bytes that connections were to be sent.
    pub bytes_handed_out: u64,
    /// Bytes of these that the system took.
    pub bytes_sent: u64,
    /// Bytes of these that came to nothing, since the connection was closed or failed.
    pub bytes_dropped: u64,
    /// Bytes of these that wait.
    pub bytes_waiting: u64,
}

impl Stats {
    /// Each counter with what it counts, in words.
    pub fn lines(&self) -> impl Iterator<Item = (String, u64)> {
        let by_reason = |what: &'static str, by: &BTreeMap<&'static str, u64>| {
            by.iter().map(|(why, count)| (format!("{what}: {why}"), *count)).collect::<Vec<_>>()
        };
        let plain = |lines: &[(&str, u64)]| lines.iter().map(|&(what, count)| (what.to_owned(), count)).collect();
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
    /// One line for each counter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines().try_for_each(|(what, count)| writeln!(f, "{what}: {count}"))
    }
}
