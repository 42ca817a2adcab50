//! Stalled: a tenth of a room stops reading, and the others should not notice.
//!
//! Here the servers' guards against members who don't read are at their defaults. Those who stall are given small
//! receive buffers, so that the kernel hides less of it.

use std::time::{Duration, Instant};

use super::paced::number_expected;
use super::{Ground, talk_by_the_clock};
use crate::crowd::Crowd;
use crate::failure::Failure;
use crate::figures::{Figure, Figures, number, percentile};
use crate::process::Process;

/// How often one looks whether they were closed.
const GLANCE: Duration = Duration::from_millis(100);

pub(super) fn run(ground: &Ground<'_>) -> Result<Figures, Failure> {
    let process = ground.start(true)?;
    let count = (ground.shape.rooms.members / 10).max(1);
    let mut crowd = ground.crowd(&process, None, stalling(ground, count))?;
    crowd.join(ground.server.burst())?;
    let rate = ground.options.stalled_rate;
    talk_by_the_clock(&mut crowd, ground.shape, rate, |_, time| Ok(time >= ground.options.warm_up))?;
    crowd.drain()?;
    crowd.record(number_expected(rate, ground.options.time));
    talk_by_the_clock(&mut crowd, ground.shape, rate, |_, time| Ok(time >= ground.options.time))?;
    crowd.drain()?;
    let calm = tail(&mut crowd);

    let mut watch = Watch::new(ground, &process, count)?;
    crowd.stall();
    crowd.record(number_expected(rate, ground.options.stalled_time));
    talk_by_the_clock(&mut crowd, ground.shape, rate, |crowd, time| {
        watch.look(crowd, &process)?;
        let long_enough = time >= ground.options.stalled_time || watch.closed.0 == count;
        Ok(long_enough && time >= ground.options.time.min(ground.options.stalled_time))
    })?;
    crowd.finish()?;
    let stalled = tail(&mut crowd);

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

/// The places of those who will stop reading, spread over the room.
fn stalling(ground: &Ground<'_>, count: usize) -> Vec<usize> {
    let members = ground.shape.rooms.members;
    // The first one talks, the last one is what the others are compared with.
    (0..count).map(|number| 1 + number * (members - 2) / count).collect()
}

fn tail(crowd: &mut Crowd) -> f64 {
    let mut latencies = crowd.take_latencies();
    latencies.sort_unstable();
    percentile(&latencies, 99)
}

/// Looks for members who were closed. Those don't read, so that they can't tell: the others are told, where the server
/// tells who leaves; elsewhere the server has fewer descriptors open.
struct Watch {
    announced: bool,
    began: Instant,
    looked: Instant,
    descriptors: usize,
    left: usize,
    most: usize,
    /// How many were closed so far, and when the last one was.
    closed: (usize, Duration),
}

impl Watch {
    fn new(ground: &Ground<'_>, process: &Process, most: usize) -> Result<Watch, Failure> {
        Ok(Watch {
            announced: ground.server.dialect().announces(),
            began: Instant::now(),
            looked: Instant::now(),
            descriptors: process.descriptors()?,
            left: 0,
            most,
            closed: (0, Duration::ZERO),
        })
    }

    fn look(&mut self, crowd: &Crowd, process: &Process) -> Result<(), Failure> {
        if self.announced {
            self.left = crowd.tally().left;
        } else if self.looked.elapsed() >= GLANCE {
            self.looked = Instant::now();
            self.left = self.descriptors.saturating_sub(process.descriptors()?);
        }
        if self.left.min(self.most) > self.closed.0 {
            self.closed = (self.left.min(self.most), self.began.elapsed());
        }
        Ok(())
    }
}
