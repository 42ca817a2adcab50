//! Paced: a rate that every server can bear, and how long after its time each message is heard.

use std::time::Duration;

use super::{Ground, talk_by_the_clock};
use crate::failure::Failure;
use crate::figures::{Figure, Figures, number, percentile};

pub(super) fn run(ground: &Ground<'_>) -> Result<Figures, Failure> {
    let process = ground.start(false)?;
    let mut crowd = ground.crowd(&process, None, Vec::new())?;
    crowd.join(ground.server.burst())?;
    let rate = ground.options.paced_rate;
    talk_by_the_clock(&mut crowd, ground.shape, rate, |_, time| Ok(time >= ground.options.warm_up))?;
    crowd.drain()?;

    let (used, before) = (process.processor_time()?, crowd.tally());
    crowd.record(number_expected(rate, ground.options.time));
    talk_by_the_clock(&mut crowd, ground.shape, rate, |_, time| Ok(time >= ground.options.time))?;
    crowd.drain()?;
    let used = process.processor_time()?.saturating_sub(used);
    let deliveries = crowd.tally().heard - before.heard;
    crowd.finish()?;

    let mut latencies = crowd.take_latencies();
    latencies.sort_unstable();
    Ok(Figures::from([
        (Figure::CpuMicroseconds, used.as_secs_f64() * 1e6 / number(deliveries)),
        (Figure::LatencyP50, percentile(&latencies, 50)),
        (Figure::LatencyP99, percentile(&latencies, 99)),
        (Figure::LatencyMax, percentile(&latencies, 100)),
    ]))
}

/// A little more than what will be delivered.
pub(super) fn number_expected(rate: usize, time: Duration) -> usize {
    (rate + rate / 4) * (usize::try_from(time.as_secs()).unwrap_or(0) + 1)
}
