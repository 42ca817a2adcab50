//! The sending side of a connection that carries lines.
//!
//! A writer thread writes to the socket, so that a server that does not read never blocks your typing. The queue has no
//! limit, because it holds only what one person types. This module must not know what the lines mean.

use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use crate::failure::Failure;

/// Sends lines to a socket.
#[derive(Debug)]
pub(crate) struct LineSender {
    queue: mpsc::Sender<String>,
    /// Receives the result of the writer thread when the thread ends.
    done: mpsc::Receiver<io::Result<()>>,
}

impl LineSender {
    /// Starts the writer thread.
    ///
    /// # Errors
    ///
    /// When the system refuses a thread.
    pub(crate) fn start(stream: Arc<TcpStream>) -> io::Result<LineSender> {
        let (queue, lines) = mpsc::channel();
        let (result, done) = mpsc::channel();
        thread::Builder::new().name("writer".to_owned()).spawn(move || {
            let _ = result.send(write_all(&stream, &lines));
        })?;
        Ok(LineSender { queue, done })
    }

    /// Queues `line` and a newline, without waiting.
    pub(crate) fn send(&self, line: &str) {
        // An error means that the connection broke. The receiver thread detects and reports that.
        let _ = self.queue.send(format!("{line}\n"));
    }

    /// Waits until all queued lines are sent, and closes the sending side.
    ///
    /// # Errors
    ///
    /// [`Failure::NotSent`] if sending takes longer than `timeout`; [`Failure::Disconnected`] if the connection broke.
    pub(crate) fn finish(self, timeout: Duration) -> Result<(), Failure> {
        drop(self.queue);
        match self.done.recv_timeout(timeout) {
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
    // `shutdown` fails if the server has closed the connection already.
    let _ = stream.shutdown(Shutdown::Write);
    Ok(())
}
