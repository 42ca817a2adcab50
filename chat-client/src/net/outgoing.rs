//! What the user said, on its way to the server.
//!
//! A thread of its own writes it, so that a server that doesn't read never stops the typing. What waits is bounded by
//! what somebody types.

use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use crate::failure::Failure;

/// The writing side of the connection.
#[derive(Debug)]
pub(crate) struct Outgoing {
    lines: mpsc::Sender<String>,
    /// How the writing ended.
    done: mpsc::Receiver<io::Result<()>>,
}

impl Outgoing {
    /// # Errors
    ///
    /// When the system refuses a thread.
    pub(crate) fn start(stream: Arc<TcpStream>) -> io::Result<Outgoing> {
        let (lines, waiting) = mpsc::channel();
        let (ended, done) = mpsc::channel();
        thread::Builder::new().name("outgoing".to_owned()).spawn(move || {
            let _ = ended.send(write_all(&stream, &waiting));
        })?;
        Ok(Outgoing { lines, done })
    }

    /// Sends `line` and a newline, at once and without waiting for the server.
    pub(crate) fn send(&self, line: &str) {
        // An error means that the connection broke; the reading side sees that too, and says so.
        let _ = self.lines.send(format!("{line}\n"));
    }

    /// Waits until everything is sent and closes the writing side.
    ///
    /// # Errors
    ///
    /// [`Failure::NotSent`] after `patience`, [`Failure::Disconnected`] when the connection broke.
    pub(crate) fn finish(self, patience: Duration) -> Result<(), Failure> {
        drop(self.lines);
        match self.done.recv_timeout(patience) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(mpsc::RecvTimeoutError::Disconnected) => Err(Failure::Disconnected),
            Err(mpsc::RecvTimeoutError::Timeout) => Err(Failure::NotSent),
        }
    }
}

fn write_all(mut stream: &TcpStream, lines: &mpsc::Receiver<String>) -> io::Result<()> {
    for line in lines {
        stream.write_all(line.as_bytes())?;
    }
    // The server may have closed already: then there is nothing to shut down.
    let _ = stream.shutdown(Shutdown::Write);
    Ok(())
}
