//! The measurements. Each run starts a server, fills it with members, loads it, and checks what every member received.

mod capacity;
mod endless;
mod idle;
mod paced;
mod stalled;
mod storm;

use std::fmt;
use std::time::Duration;

use crate::crowd::{Crowd, CrowdOptions};
use crate::failure::Failure;
use crate::figures::{Figure, Figures};
use crate::options::{Mode, Options};
use crate::peers::{Server, StartOptions};
use crate::process::Process;
use crate::shape::{Rooms, Shape};
use crate::stop::Stop;

/// One measurement, which is repeated for every server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) mode: Mode,
    pub(crate) shape: Shape,
}

impl Case {
    /// Returns all cases that the options select.
    pub(crate) fn all(options: &Options) -> Vec<Case> {
        options.modes.iter().flat_map(|&mode| Case::of(mode, options)).collect()
    }

    fn of(mode: Mode, options: &Options) -> Vec<Case> {
        let one_talks = |rooms: Rooms| Case { mode, shape: Shape { rooms, talkers: 1 } };
        match mode {
            Mode::Capacity => {
                let mut cases = Vec::new();
                for &rooms in &options.rooms {
                    for &talkers in options.talkers_in(rooms) {
                        // At least one member only listens: the check compares the order at all others with its order.
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

    /// Returns the figures in the columns of this mode's table.
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

    /// Returns the figures for which the report compares our server with each other server.
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

    /// Returns whether the server supports this case.
    pub(crate) fn suits(self, server: &Server) -> bool {
        self.shape.rooms.count == 1 || server.has_rooms()
    }

    /// Measures the case once.
    pub(crate) fn run(self, server: &Server, options: &Options, stop: &Stop) -> Result<Figures, Failure> {
        let setup = Setup { server, options, stop, shape: self.shape };
        match self.mode {
            Mode::Capacity => capacity::run(&setup),
            Mode::Paced => paced::run(&setup),
            Mode::Idle => idle::run(&setup),
            Mode::Storm => storm::run(&setup),
            Mode::Stalled => stalled::run(&setup),
            Mode::Endless => endless::run(&setup),
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shape { rooms, talkers } = self.shape;
        match self.mode {
            Mode::Capacity if rooms.count == 1 && talkers == 1 => write!(f, "{rooms} members, 1 talks"),
            Mode::Capacity if rooms.count > 1 => write!(f, "{rooms} members, {talkers} talk in each room"),
            Mode::Capacity => write!(f, "{rooms} members, {talkers} talk"),
            Mode::Paced | Mode::Stalled | Mode::Endless => write!(f, "{rooms} members"),
            Mode::Idle => write!(f, "{rooms} idle"),
            Mode::Storm => write!(f, "{rooms} at once"),
        }
    }
}

/// The inputs of a measurement.
#[derive(Debug)]
struct Setup<'a> {
    server: &'a Server,
    options: &'a Options,
    stop: &'a Stop,
    shape: Shape,
}

impl Setup<'_> {
    /// Starts the server. `default_limits` keeps its limits on slow members at their defaults; otherwise they are very
    /// high.
    fn start(&self, default_limits: bool) -> Result<Process, Failure> {
        let connections = self.shape.rooms.connections();
        self.server.start(StartOptions { connections, default_limits, stop: self.stop })
    }

    /// Returns a crowd that is not connected yet. The members at the indices `stalling` will stop reading.
    fn crowd(&self, process: &Process, window: Option<usize>, stalling: Vec<usize>) -> Result<Crowd, Failure> {
        let options = CrowdOptions { shape: self.shape, window, batch: self.options.batch, stalling };
        Ok(Crowd::new(process.address(), self.server.protocol(), options, self.stop)?)
    }
}

/// Lets the talker of each room send at a fixed rate until `is_over`. The rate is the number of deliveries per second
/// in all rooms.
///
/// Each message carries the time when it was due. So a late message counts as late, even if the load generator delayed
/// it.
fn talk_at_rate(
    crowd: &mut Crowd,
    shape: Shape,
    rate: usize,
    mut is_over: impl FnMut(&Crowd, Duration) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let recipients = (shape.rooms.members - 1) as u64;
    let between = (1_000_000_000 * recipients / rate as u64).max(1);
    let started = crowd.now();
    for number in 0.. {
        let due = started + between * number;
        while crowd.now() < due {
            crowd.poll_until(due)?;
        }
        if is_over(crowd, Duration::from_nanos(due - started))? {
            break;
        }
        let room = usize::try_from(number).expect("no load says so much") % shape.rooms.count;
        crowd.send(room, 0, 1, due)?;
    }
    Ok(())
}
