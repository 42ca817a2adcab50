//! Paced: messages at a rate that every server can sustain, and the latency of each message from the time when it was
//! due.

use std::time::Duration;

use super::{Setup, talk_at_rate};
use crate::failure::Failure;
use crate::figures::{Figure, Figures, number, percentile};

pub(super) fn run(setup: &Setup<'_>) -> Result<Figures, Failure> {
    let process = setup.start(false)?;
    let mut crowd = setup.crowd(&process, None, Vec::new())?;
    crowd.join(setup.server.burst())?;
    let rate = setup.options.paced_rate;
    talk_at_rate(&mut crowd, setup.shape, rate, |_, time| Ok(time >= setup.options.warm_up))?;
    crowd.drain()?;

    let (used, before) = (process.processor_time()?, crowd.counts());
    crowd.record(number_expected(rate, setup.options.time));
    talk_at_rate(&mut crowd, setup.shape, rate, |_, time| Ok(time >= setup.options.time))?;
    crowd.drain()?;
    let used = process.processor_time()?.saturating_sub(used);
    let deliveries = crowd.counts().received - before.received;
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

/// Returns the expected number of deliveries, plus a small reserve.
pub(super) fn number_expected(rate: usize, time: Duration) -> usize {
    (rate + rate / 4) * (usize::try_from(time.as_secs()).unwrap_or(0) + 1)
}
