//! Idle: the cost of a member that has joined and sends nothing.

use std::time::Duration;

use super::Setup;
use crate::failure::Failure;
use crate::figures::{Figure, Figures, number};

/// How long a server gets to settle before its memory is measured.
const SETTLE: Duration = Duration::from_secs(1);

pub(super) fn run(setup: &Setup<'_>) -> Result<Figures, Failure> {
    let process = setup.start(false)?;
    let mut crowd = setup.crowd(&process, None, Vec::new())?;
    crowd.poll_for(SETTLE / 4)?;
    let before = process.memory()?;
    crowd.join(setup.server.burst())?;
    crowd.poll_for(SETTLE)?;
    let grown = process.memory()?.saturating_sub(before);
    let threads = process.threads()?;
    crowd.send(0, 0, 1, 0)?;
    crowd.finish()?;
    Ok(Figures::from([
        (Figure::KilobytesEach, kilobytes(grown) / number(setup.shape.rooms.connections())),
        (Figure::Threads, kilobytes(threads)),
    ]))
}

fn kilobytes(count: u64) -> f64 {
    number(usize::try_from(count).expect("it fits into this machine"))
}
