//! The measurements. Each starts a server afresh, fills it with members, loads it, and checks what everybody heard.

mod capacity;
mod endless;
mod idle;
mod paced;
mod stalled;
mod storm;

use std::fmt;
use std::time::Duration;

use crate::crowd::{Crowd, MessageKind};
use crate::failure::Failure;
use crate::figures::{Figure, Figures};
use crate::options::{Mode, Options};
use crate::peers::{Needs, Server};
use crate::process::Process;
use crate::shape::{Rooms, Shape};
use crate::stop::Stop;

/// One thing that is measured of every server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) mode: Mode,
    pub(crate) shape: Shape,
}

impl Case {
    /// All that the options ask for.
    pub(crate) fn all(options: &Options) -> Vec<Case> {
        options.modes.iter().flat_map(|&mode| Case::of(mode, options)).collect()
    }

    fn of(mode: Mode, options: &Options) -> Vec<Case> {
        let one_talks = |rooms: Rooms| Case { mode, shape: Shape { rooms, talkers: 1 } };
        match mode {
            Mode::Capacity => {
                let mut cases = Vec::new();
                for &rooms in &options.rooms {
                    for &talkers in &options.talkers {
                        // One at least only listens: all others' orders are compared with its own.
                        let case = Case { mode, shape: Shape { rooms, talkers: talkers.clamp(1, rooms.members - 1) } };
                        if !cases.contains(&case) {
                            cases.push(case);
                        }
                    }
                }
                cases
            }
            Mode::Paced => options.paced_rooms.iter().map(|&rooms| one_talks(rooms)).collect(),
            Mode::Idle => vec![one_talks(Rooms::one(options.idle))],
            Mode::Storm => options.storms.iter().map(|&members| one_talks(Rooms::one(members))).collect(),
            Mode::Stalled => vec![one_talks(Rooms::one(options.stalled_room))],
            Mode::Endless => vec![one_talks(Rooms::one(2))],
        }
    }

    /// The columns of its table.
    pub(crate) fn figures(self) -> &'static [Figure] {
        match self.mode {
            Mode::Capacity => &[Figure::Deliveries, Figure::CpuMicroseconds, Figure::LoadBusyPercent],
            Mode::Paced => &[Figure::CpuMicroseconds, Figure::LatencyP50, Figure::LatencyP99, Figure::LatencyMax],
            Mode::Idle => &[Figure::KilobytesEach, Figure::Threads],
            Mode::Storm => &[Figure::EnteringMilliseconds, Figure::ReachingMilliseconds],
            Mode::Stalled => &[
                Figure::CalmP99,
                Figure::StalledP99,
                Figure::StalledByCalm,
                Figure::Closed,
                Figure::ClosedAfterSeconds,
            ],
            Mode::Endless => {
                &[Figure::MegabytesTaken, Figure::ProcessorSeconds, Figure::KilobytesGrown, Figure::Closed]
            }
        }
    }

    /// The figures of which it is told what ours is to each of the others.
    pub(crate) fn compared(self) -> &'static [Figure] {
        match self.mode {
            Mode::Capacity => &[Figure::Deliveries, Figure::CpuMicroseconds],
            Mode::Paced => &[Figure::CpuMicroseconds, Figure::LatencyP99],
            Mode::Idle => &[Figure::KilobytesEach],
            Mode::Storm => &[Figure::EnteringMilliseconds],
            Mode::Stalled => &[Figure::StalledP99],
            Mode::Endless => &[Figure::ProcessorSeconds],
        }
    }

    /// Whether the server can be measured so.
    pub(crate) fn suits(self, server: &Server) -> bool {
        self.shape.rooms.count == 1 || server.has_rooms()
    }

    /// Measures it once.
    pub(crate) fn run(self, server: &Server, options: &Options, stop: &Stop) -> Result<Figures, Failure> {
        let ground = Ground { server, options, stop, shape: self.shape };
        match self.mode {
            Mode::Capacity => capacity::run(&ground),
            Mode::Paced => paced::run(&ground),
            Mode::Idle => idle::run(&ground),
            Mode::Storm => storm::run(&ground),
            Mode::Stalled => stalled::run(&ground),
            Mode::Endless => endless::run(&ground),
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shape { rooms, talkers } = self.shape;
        match self.mode {
            Mode::Capacity if talkers == 1 => write!(f, "{rooms} members, 1 talks"),
            Mode::Capacity => write!(f, "{rooms} members, {talkers} talk"),
            Mode::Paced | Mode::Stalled | Mode::Endless => write!(f, "{rooms} members"),
            Mode::Idle => write!(f, "{rooms} idle"),
            Mode::Storm => write!(f, "{rooms} at once"),
        }
    }
}

/// What a measurement stands on.
#[derive(Debug)]
struct Ground<'a> {
    server: &'a Server,
    options: &'a Options,
    stop: &'a Stop,
    shape: Shape,
}

impl Ground<'_> {
    /// The server, started; with its guards at their defaults, or out of the way.
    fn start(&self, guarded: bool) -> Result<Process, Failure> {
        let connections = self.shape.rooms.connections();
        self.server.start(Needs { connections, guarded, stop: self.stop })
    }

    /// Members who are not connected yet; those at the places `narrow` will stop reading.
    fn crowd(&self, process: &Process, window: Option<usize>, narrow: Vec<usize>) -> Result<Crowd, Failure> {
        let manner = MessageKind { shape: self.shape, window, batch: self.options.batch, narrow };
        Ok(Crowd::new(process.address(), self.server.dialect(), manner, self.stop)?)
    }
}

/// The one talker of each room says something at a fixed rate, in deliveries per second of all rooms together, until
/// `over`. Each message carries when it was due, so that one which is late is late, whoever made it so.
fn talk_by_the_clock(
    crowd: &mut Crowd,
    shape: Shape,
    rate: usize,
    mut over: impl FnMut(&Crowd, Duration) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let audience = (shape.rooms.members - 1) as u64;
    let between = (1_000_000_000 * audience / rate as u64).max(1);
    let began = crowd.now();
    for number in 0.. {
        let due = began + between * number;
        while crowd.now() < due {
            crowd.turn_until(due)?;
        }
        if over(crowd, Duration::from_nanos(due - began))? {
            break;
        }
        let room = usize::try_from(number).expect("no load says so much") % shape.rooms.count;
        crowd.say(room, 0, 1, due)?;
    }
    Ok(())
}
