//! Idle: what a member costs that came in and says nothing.

use std::time::Duration;

use super::Ground;
use crate::failure::Failure;
use crate::figures::{Figure, Figures, number};

/// How long a server may take to settle before its memory is looked at.
const SETTLE: Duration = Duration::from_secs(1);

pub(super) fn run(ground: &Ground<'_>) -> Result<Figures, Failure> {
    let process = ground.start(false)?;
    let mut crowd = ground.crowd(&process, None, Vec::new())?;
    crowd.rest(SETTLE / 4)?;
    let before = process.memory()?;
    crowd.join(ground.server.burst())?;
    crowd.rest(SETTLE)?;
    let grown = process.memory()?.saturating_sub(before);
    let threads = process.threads()?;
    crowd.say(0, 0, 1, 0)?;
    crowd.finish()?;
    Ok(Figures::from([
        (Figure::KilobytesEach, kilobytes(grown) / number(ground.shape.rooms.connections())),
        (Figure::Threads, kilobytes(threads)),
    ]))
}

fn kilobytes(count: u64) -> f64 {
    number(usize::try_from(count).expect("it fits into this machine"))
}
