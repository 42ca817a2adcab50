//! Storm: everybody connects and comes in at once.

use std::time::Instant;

use super::Ground;
use crate::failure::Failure;
use crate::figures::{Figure, Figures};

pub(super) fn run(ground: &Ground<'_>) -> Result<Figures, Failure> {
    let process = ground.start(false)?;
    let mut crowd = ground.crowd(&process, None, Vec::new())?;
    let began = Instant::now();
    crowd.join(usize::MAX)?;
    let entered = began.elapsed();

    let began = Instant::now();
    crowd.say(0, 0, 1, 0)?;
    crowd.drain()?;
    let reached = began.elapsed();
    crowd.finish()?;
    Ok(Figures::from([
        (Figure::EnteringMilliseconds, entered.as_secs_f64() * 1e3),
        (Figure::ReachingMilliseconds, reached.as_secs_f64() * 1e3),
    ]))
}
