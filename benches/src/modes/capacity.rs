//! Capacity: the highest throughput at which the slowest member never lags by more than a fixed number of messages.

use std::time::{Duration, Instant};

use super::Setup;
use crate::crowd::Crowd;
use crate::failure::Failure;
use crate::figures::{Figure, Figures, number};
use crate::usage;

pub(super) fn run(setup: &Setup<'_>) -> Result<Figures, Failure> {
    let process = setup.start(false)?;
    let mut crowd = setup.crowd(&process, Some(setup.options.window), Vec::new())?;
    crowd.join(setup.server.burst())?;
    talk_for(&mut crowd, setup.options.warm_up)?;
    crowd.drain()?;

    // No message is in flight when either processor time is read, so the difference belongs to exactly these
    // deliveries.
    let (server_before, load_before) = (process.processor_time()?, usage::own_processor_time()?);
    let (started, before) = (Instant::now(), crowd.counts());
    talk_for(&mut crowd, setup.options.time)?;
    let (took, after) = (started.elapsed(), crowd.counts());
    let load_used = usage::own_processor_time()?.saturating_sub(load_before);
    crowd.drain()?;
    let server_used = process.processor_time()?.saturating_sub(server_before);
    let drained = crowd.counts();
    let one_order = crowd.finish()?;

    Ok(Figures::from([
        (Figure::Deliveries, number(after.received - before.received) / took.as_secs_f64()),
        (Figure::CpuMicroseconds, server_used.as_secs_f64() * 1e6 / number(drained.received - before.received)),
        (Figure::LoadBusyPercent, 100.0 * load_used.as_secs_f64() / took.as_secs_f64()),
        (Figure::OneOrder, if one_order { 1.0 } else { 0.0 }),
    ]))
}

/// Lets all talkers send as many messages as the window allows, for this time.
fn talk_for(crowd: &mut Crowd, time: Duration) -> Result<(), Failure> {
    let started = Instant::now();
    while started.elapsed() < time {
        crowd.fill_windows()?;
        crowd.poll_once(Duration::from_millis(100))?;
    }
    Ok(())
}
