//! Capacity: as much as goes through, while at most so many messages are unheard by the slowest member.

use std::time::{Duration, Instant};

use super::Ground;
use crate::crowd::Crowd;
use crate::failure::Failure;
use crate::figures::{Figure, Figures, number};
use crate::usage;

pub(super) fn run(ground: &Ground<'_>) -> Result<Figures, Failure> {
    let process = ground.start(false)?;
    let mut crowd = ground.crowd(&process, Some(ground.options.window), Vec::new())?;
    crowd.join(ground.server.burst())?;
    talk(&mut crowd, ground.options.warm_up)?;
    crowd.drain()?;

    // Nothing is on its way at either end of the processor time, so that it is the time of just these deliveries.
    let (server_before, load_before) = (process.processor_time()?, usage::own_processor_time()?);
    let (began, before) = (Instant::now(), crowd.tally());
    talk(&mut crowd, ground.options.time)?;
    let (took, after) = (began.elapsed(), crowd.tally());
    let load_used = usage::own_processor_time()?.saturating_sub(load_before);
    crowd.drain()?;
    let server_used = process.processor_time()?.saturating_sub(server_before);
    let drained = crowd.tally();
    let one_order = crowd.finish()?;

    Ok(Figures::from([
        (Figure::Deliveries, number(after.heard - before.heard) / took.as_secs_f64()),
        (Figure::CpuMicroseconds, server_used.as_secs_f64() * 1e6 / number(drained.heard - before.heard)),
        (Figure::LoadBusyPercent, 100.0 * load_used.as_secs_f64() / took.as_secs_f64()),
        (Figure::OneOrder, if one_order { 1.0 } else { 0.0 }),
    ]))
}

/// All talkers say what the window allows, for so long.
fn talk(crowd: &mut Crowd, time: Duration) -> Result<(), Failure> {
    let began = Instant::now();
    while began.elapsed() < time {
        crowd.fill()?;
        crowd.turn(Duration::from_millis(100))?;
    }
    Ok(())
}
