//! Storm: all members connect and join at once.

use std::time::Instant;

use super::Setup;
use crate::failure::Failure;
use crate::figures::{Figure, Figures};

pub(super) fn run(setup: &Setup<'_>) -> Result<Figures, Failure> {
    let process = setup.start(false)?;
    let mut crowd = setup.crowd(&process, None, Vec::new())?;
    let started = Instant::now();
    crowd.join(usize::MAX)?;
    let joined = started.elapsed();

    let started = Instant::now();
    crowd.send(0, 0, 1, 0)?;
    crowd.drain()?;
    let reached = started.elapsed();
    crowd.finish()?;
    Ok(Figures::from([
        (Figure::EnteringMilliseconds, joined.as_secs_f64() * 1e3),
        (Figure::ReachingMilliseconds, reached.as_secs_f64() * 1e3),
    ]))
}
