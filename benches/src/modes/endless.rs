//! Endless: a client that sends a line and never ends it, and what that costs the server.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::Ground;
use crate::failure::Failure;
use crate::figures::{Figure, Figures, number};

/// How much is sent, unless the server closes the connection before.
const LENGTH: usize = 1024 * 1024 * 1024;
const PIECE: usize = 64 * 1024;
/// After so long a wait the server takes no more.
const FULL: Duration = Duration::from_secs(1);

pub(super) fn run(ground: &Ground<'_>) -> Result<Figures, Failure> {
    let process = ground.start(true)?;
    let mut crowd = ground.crowd(&process, None, Vec::new())?;
    crowd.join(usize::MAX)?;
    let (memory, processor) = (process.memory()?, process.processor_time()?);
    let mut stream = TcpStream::connect(process.address())?;
    stream.set_write_timeout(Some(FULL))?;
    stream.set_read_timeout(Some(FULL))?;
    let (piece, mut sent, began) = (vec![b'x'; PIECE], 0, Instant::now());
    while sent < LENGTH && began.elapsed() < ground.options.endless_time {
        match stream.write(&piece) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => break,
        }
    }
    // What it says may come before the end.
    let closed = std::iter::from_fn(|| Some(stream.read(&mut [0; 4096]))).find_map(|read| match read {
        Ok(0) => Some(true),
        Ok(_) => None,
        Err(error) => Some(error.kind() != ErrorKind::WouldBlock),
    });
    let (memory, processor) =
        (process.memory()?.saturating_sub(memory), process.processor_time()?.saturating_sub(processor));
    drop(stream);
    Ok(Figures::from([
        (Figure::MegabytesTaken, number(sent) / 1e6),
        (Figure::ProcessorSeconds, processor.as_secs_f64()),
        (Figure::KilobytesGrown, number(usize::try_from(memory).expect("it fits into this machine"))),
        (Figure::Closed, if closed == Some(true) { 1.0 } else { 0.0 }),
    ]))
}
