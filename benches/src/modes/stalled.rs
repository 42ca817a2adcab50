//! Stalled: a tenth of a room stops reading, which should not delay the other members.
//!
//! The servers' limits on slow members are at their defaults. The members that stall have small receive buffers, so
//! that the kernel's buffers hide less of the stall.

use std::time::{Duration, Instant};

use super::paced::number_expected;
use super::{Setup, talk_at_rate};
use crate::crowd::Crowd;
use crate::failure::Failure;
use crate::figures::{Figure, Figures, number, percentile};
use crate::process::Process;

/// The time between two counts of the server's descriptors.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

pub(super) fn run(setup: &Setup<'_>) -> Result<Figures, Failure> {
    let process = setup.start(true)?;
    let count = (setup.shape.rooms.members / 10).max(1);
    let mut crowd = setup.crowd(&process, None, stalling_indices(setup, count))?;
    crowd.join(setup.server.burst())?;
    let rate = setup.options.stalled_rate;
    talk_at_rate(&mut crowd, setup.shape, rate, |_, time| Ok(time >= setup.options.warm_up))?;
    crowd.drain()?;
    crowd.record(number_expected(rate, setup.options.time));
    talk_at_rate(&mut crowd, setup.shape, rate, |_, time| Ok(time >= setup.options.time))?;
    crowd.drain()?;
    let calm = p99(&mut crowd);

    let mut watch = CloseWatch::new(setup, &process, count)?;
    crowd.stall();
    crowd.record(number_expected(rate, setup.options.stalled_time));
    talk_at_rate(&mut crowd, setup.shape, rate, |crowd, time| {
        watch.poll(crowd, &process)?;
        let long_enough = time >= setup.options.stalled_time || watch.closed.0 == count;
        Ok(long_enough && time >= setup.options.time.min(setup.options.stalled_time))
    })?;
    crowd.finish()?;
    let stalled = p99(&mut crowd);

    let mut figures = Figures::from([
        (Figure::CalmP99, calm),
        (Figure::StalledP99, stalled),
        (Figure::StalledByCalm, stalled / calm),
        (Figure::Closed, number(watch.closed.0)),
    ]);
    if watch.closed.0 > 0 {
        figures.insert(Figure::ClosedAfterSeconds, watch.closed.1.as_secs_f64());
    }
    Ok(figures)
}

/// Returns the indices of the members that will stop reading, spread over the room.
fn stalling_indices(setup: &Setup<'_>, count: usize) -> Vec<usize> {
    let members = setup.shape.rooms.members;
    // The first member talks, and the last one is the reference for the order.
    (0..count).map(|number| 1 + number * (members - 2) / count).collect()
}

fn p99(crowd: &mut Crowd) -> f64 {
    let mut latencies = crowd.take_latencies();
    latencies.sort_unstable();
    percentile(&latencies, 99)
}

/// Counts the stalled members that the server has closed.
///
/// The stalled members don't read, so they can't detect that their connections are closed. If the server sends leave
/// notices, the other members count these notices. Otherwise the number of the server's open descriptors shows the
/// closed connections.
struct CloseWatch {
    by_notice: bool,
    started: Instant,
    last_poll: Instant,
    descriptors: usize,
    left: usize,
    expected: usize,
    /// How many connections the server has closed so far, and when it closed the last of them.
    closed: (usize, Duration),
}

impl CloseWatch {
    fn new(setup: &Setup<'_>, process: &Process, expected: usize) -> Result<CloseWatch, Failure> {
        Ok(CloseWatch {
            by_notice: setup.server.protocol().announces_members(),
            started: Instant::now(),
            last_poll: Instant::now(),
            descriptors: process.descriptors()?,
            left: 0,
            expected,
            closed: (0, Duration::ZERO),
        })
    }

    fn poll(&mut self, crowd: &Crowd, process: &Process) -> Result<(), Failure> {
        if self.by_notice {
            self.left = crowd.counts().leave_notices;
        } else if self.last_poll.elapsed() >= POLL_INTERVAL {
            self.last_poll = Instant::now();
            self.left = self.descriptors.saturating_sub(process.descriptors()?);
        }
        if self.left.min(self.expected) > self.closed.0 {
            self.closed = (self.left.min(self.expected), self.started.elapsed());
        }
        Ok(())
    }
}
