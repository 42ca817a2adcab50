//! The options of a comparison.

use std::path::PathBuf;
use std::time::Duration;

use crate::peers::Choice;
use crate::shape::Rooms;

/// A kind of measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The highest throughput with a bounded number of messages in flight.
    Capacity,
    /// A fixed rate; measures the latency of each message from the time when it was due.
    Paced,
    /// The cost of a member that sends nothing.
    Idle,
    /// All members join at once.
    Storm,
    /// Some members stop reading.
    Stalled,
    /// A client sends a line without an end.
    Endless,
}

impl Mode {
    /// All kinds.
    pub const ALL: [Mode; 6] = [Mode::Capacity, Mode::Paced, Mode::Idle, Mode::Storm, Mode::Stalled, Mode::Endless];
}

/// The options of a comparison: which servers and modes to measure, and for how long.
///
/// ```
/// use chat_benches::{Mode, Options};
///
/// let options = Options { modes: vec![Mode::Paced], runs: 9, ..Options::default() };
/// assert_eq!(options.paced_rate, 20_000);
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    /// The kinds of measurements. Default: all.
    pub modes: Vec<Mode>,
    /// The servers. Default: ours, the floor, Redis, NATS and an IRC server.
    pub servers: Vec<Choice>,
    /// The program to measure as our server. Default: built from this workspace.
    pub chat_server: Option<PathBuf>,
    /// The rooms of the capacity measurements. Default: 10, 100 and 1000.
    pub rooms: Vec<Rooms>,
    /// The numbers of members of a room that talk at once, with one measurement per number. At least one member only
    /// listens. Default: 1 and 10 in a single room, and 2 in each of several rooms.
    pub talkers: Option<Vec<usize>>,
    /// How many messages of a room may be in flight to its slowest member. Default: 256.
    pub window: usize,
    /// How many messages to send before the load generator reads again. Default: 256, all that the window allows.
    pub batch: usize,
    /// How often to measure each case, with the servers in turns. Default: 5.
    pub runs: usize,
    /// The duration of each capacity and paced measurement. Default: 2 seconds.
    pub time: Duration,
    /// How long a load runs before the measurement starts. Default: half a second.
    pub warm_up: Duration,
    /// The rooms of the paced measurements. Default: 100 and 1000.
    pub paced_rooms: Vec<Rooms>,
    /// The rate of the paced measurements, in deliveries per second. Default: 20,000.
    pub paced_rate: usize,
    /// The number of idle connections. Default: 4,000.
    pub idle: usize,
    /// The numbers of members that join at once, with one measurement per number. Default: 1,000.
    pub storms: Vec<usize>,
    /// The size of the room in which a tenth of the members stop reading. Default: 100.
    pub stalled_room: usize,
    /// The rate in the room of [`stalled_room`](Options::stalled_room), in deliveries per second. Default: 400,000.
    pub stalled_rate: usize,
    /// How long to wait for the server to close the members that don't read. Default: 15 seconds.
    pub stalled_time: Duration,
    /// How long to send a line without an end. Default: 5 seconds.
    pub endless_time: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            modes: Mode::ALL.to_vec(),
            servers: vec![Choice::Chat, Choice::ChatIrc, Choice::Floor, Choice::Redis, Choice::Nats, Choice::Irc],
            chat_server: None,
            rooms: [10, 100, 1000].map(Rooms::one).to_vec(),
            talkers: None,
            window: 256,
            batch: 256,
            runs: 5,
            time: Duration::from_secs(2),
            warm_up: Duration::from_millis(500),
            paced_rooms: [100, 1000].map(Rooms::one).to_vec(),
            paced_rate: 20_000,
            idle: 4000,
            storms: vec![1000],
            stalled_room: 100,
            stalled_rate: 400_000,
            stalled_time: Duration::from_secs(15),
            endless_time: Duration::from_secs(5),
        }
    }
}

impl Options {
    /// Returns the numbers of talkers for rooms of this shape, with one measurement per number.
    pub(crate) fn talkers_in(&self, rooms: Rooms) -> &[usize] {
        match &self.talkers {
            Some(talkers) => talkers,
            None if rooms.count == 1 => &[1, 10],
            None => &[2],
        }
    }

    /// Returns the options for the comparison of builds: all protocols of our server, with one room and with many
    /// rooms.
    #[must_use]
    pub fn builds() -> Options {
        let mut rooms = [10, 100, 1000].map(Rooms::one).to_vec();
        rooms.push(Rooms { count: 100, members: 10 });
        Options {
            modes: vec![Mode::Capacity],
            servers: vec![Choice::Chat, Choice::ChatIrc],
            rooms,
            runs: 9,
            ..Options::default()
        }
    }

    /// Returns the options for a check of correctness, not of speed: our server and the floor with small numbers, in a
    /// few seconds.
    #[must_use]
    pub fn smoke() -> Options {
        let defaults = Options::default();
        Options {
            servers: defaults.servers[..2].to_vec(),
            rooms: [5, 50].map(Rooms::one).to_vec(),
            talkers: Some(vec![1, 4]),
            runs: 1,
            time: Duration::from_millis(200),
            warm_up: Duration::from_millis(50),
            paced_rooms: vec![Rooms::one(20)],
            paced_rate: 4000,
            idle: 50,
            storms: vec![100],
            stalled_room: 20,
            stalled_rate: 20_000,
            stalled_time: Duration::from_millis(300),
            endless_time: Duration::from_millis(300),
            ..defaults
        }
    }
}
