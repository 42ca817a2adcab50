//! Endless: a client sends a line without an end. The figures show the cost for the server.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::Setup;
use crate::failure::Failure;
use crate::figures::{Figure, Figures, number};

/// The bytes to send, unless the server closes the connection first.
const MAX_SENT: usize = 1024 * 1024 * 1024;
const CHUNK: usize = 64 * 1024;
/// The time after which a server that takes no more bytes counts as a server that has stopped reading.
const IO_TIMEOUT: Duration = Duration::from_secs(1);

pub(super) fn run(setup: &Setup<'_>) -> Result<Figures, Failure> {
    let process = setup.start(true)?;
    let mut crowd = setup.crowd(&process, None, Vec::new())?;
    crowd.join(usize::MAX)?;
    let (memory, processor) = (process.memory()?, process.processor_time()?);
    let mut stream = TcpStream::connect(process.address())?;
    stream.set_write_timeout(Some(IO_TIMEOUT))?;
    stream.set_read_timeout(Some(IO_TIMEOUT))?;
    let (chunk, mut sent, started) = (vec![b'x'; CHUNK], 0, Instant::now());
    while sent < MAX_SENT && started.elapsed() < setup.options.endless_time {
        match stream.write(&chunk) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => break,
        }
    }
    // An error message of the server may precede the end of the stream.
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
