//! What is measured, and for how long.

use std::time::Duration;

use crate::peers::Choice;
use crate::shape::Rooms;

/// A kind of measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As much as goes through, with a bounded number of messages on their way.
    Capacity,
    /// A fixed rate, and how long after its time each message is heard.
    Paced,
    /// What a member costs that says nothing.
    Idle,
    /// Everybody comes in at once.
    Storm,
    /// Some stop reading.
    Stalled,
    /// Somebody sends a line without an end.
    Endless,
}

impl Mode {
    /// All of them.
    pub const ALL: [Mode; 6] = [Mode::Capacity, Mode::Paced, Mode::Idle, Mode::Storm, Mode::Stalled, Mode::Endless];
}

/// What is measured, and for how long.
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
    /// The rooms of the capacity measurements. Default: 10, 100 and 1000.
    pub rooms: Vec<Rooms>,
    /// How many talk at once in these. In each room at least one only listens. Default: 1 and 10.
    pub talkers: Vec<usize>,
    /// How many messages of a room may be on their way to its slowest member. Default: 256.
    pub window: usize,
    /// How many of these are said before it is looked again what came. Default: 256, all that the window allows.
    pub batch: usize,
    /// How often each case is measured, the servers in turns. Default: 5.
    pub runs: usize,
    /// How long each capacity and paced measurement takes. Default: 2 seconds.
    pub time: Duration,
    /// How long a load runs before it is measured. Default: half a second.
    pub warm_up: Duration,
    /// The rooms of the paced measurements. Default: 100 and 1000.
    pub paced_rooms: Vec<Rooms>,
    /// The rate of these, in deliveries per second. Default: 20,000.
    pub paced_rate: usize,
    /// How many connections are idle. Default: 4,000.
    pub idle: usize,
    /// How many come in at once, one measurement for each. Default: 1,000.
    pub storms: Vec<usize>,
    /// The size of the room in which a tenth stops reading. Default: 100.
    pub stalled_room: usize,
    /// The rate there, in deliveries per second. Default: 400,000.
    pub stalled_rate: usize,
    /// How long one waits at most for those who don't read to be closed. Default: 15 seconds.
    pub stalled_time: Duration,
    /// How long a line without an end is sent at most. Default: 5 seconds.
    pub endless_time: Duration,
}

impl Default for Options {
    fn default() -> Options {
        let ours = Choice::Chat { name: crate::peers::OURS.to_owned(), program: None };
        Options {
            modes: Mode::ALL.to_vec(),
            servers: vec![ours, Choice::ChatIrc, Choice::Floor, Choice::Redis, Choice::Nats, Choice::Irc],
            rooms: [10, 100, 1000].map(Rooms::one).to_vec(),
            talkers: vec![1, 10],
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
    /// Ours and the floor with small numbers, in a few seconds: for whether they are right, not for how fast they are.
    #[must_use]
    pub fn smoke() -> Options {
        let defaults = Options::default();
        Options {
            servers: defaults.servers[..2].to_vec(),
            rooms: [5, 50].map(Rooms::one).to_vec(),
            talkers: vec![1, 4],
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
