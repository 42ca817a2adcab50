//! The receiving side of a connection that carries plain lines.
//!
//! This module must not know where the lines are shown.

use std::io::{self, Read};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use chat_core::message::Text;

use super::greeting::is_greeting;
use super::line_decoder::LineDecoder;

/// How long the receiver waits for the rest of a line before it returns the line without its newline.
const PARTIAL_LINE_TIMEOUT: Duration = Duration::from_millis(150);

/// Receives lines from a socket.
#[derive(Debug)]
pub(crate) struct LineReceiver {
    stream: Arc<TcpStream>,
    decoder: LineDecoder,
    buffer: Vec<u8>,
    /// The current read timeout of the socket.
    timeout: Option<Duration>,
    /// Whether no line was received yet. The first line may be a greeting, which is not shown.
    is_at_start: bool,
    is_greeted: bool,
    /// How the stream ended: `Ok` if the server closed it, or the error that broke it.
    end: Option<io::Result<()>>,
}

impl LineReceiver {
    pub(crate) fn new(stream: Arc<TcpStream>) -> LineReceiver {
        LineReceiver {
            stream,
            decoder: LineDecoder::default(),
            buffer: vec![0; 16 * 1024],
            timeout: None,
            is_at_start: true,
            is_greeted: false,
            end: None,
        }
    }

    /// Waits for the next lines. Returns `Ok(None)` once the server has closed the connection and all lines were
    /// returned.
    ///
    /// This function removes the server's greeting. The list is empty only if the greeting was the only line.
    ///
    /// # Errors
    ///
    /// When the connection broke. All lines that arrived before are returned first.
    pub(crate) fn receive(&mut self) -> io::Result<Option<Vec<Text>>> {
        let mut lines = Vec::new();
        while lines.is_empty() {
            if let Some(end) = self.end.take() {
                return end.map(|()| None);
            }
            match self.read() {
                Ok(0) => self.finish(Ok(()), &mut lines),
                Ok(count) => self.decoder.push(&self.buffer[..count], &mut lines),
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut if self.timeout.is_some() => {
                        self.decoder.flush(&mut lines);
                    }
                    io::ErrorKind::Interrupted => {}
                    _ => self.finish(Err(error), &mut lines),
                },
            }
            if !lines.is_empty() && std::mem::take(&mut self.is_at_start) && is_greeting(lines[0].as_str()) {
                lines.remove(0);
                self.is_greeted = true;
                break;
            }
        }
        Ok(Some(lines))
    }

    /// Returns whether the server has sent the greeting that offers JSON lines.
    pub(crate) fn is_greeted(&self) -> bool {
        self.is_greeted
    }

    /// Returns the received bytes of the incomplete line.
    pub(crate) fn into_partial_line(self) -> Vec<u8> {
        self.decoder.into_partial_line()
    }

    fn read(&mut self) -> io::Result<usize> {
        let timeout = self.decoder.has_partial_line().then_some(PARTIAL_LINE_TIMEOUT);
        if timeout != self.timeout {
            self.stream.set_read_timeout(timeout)?;
            self.timeout = timeout;
        }
        (&*self.stream).read(&mut self.buffer)
    }

    fn finish(&mut self, end: io::Result<()>, lines: &mut Vec<Text>) {
        self.decoder.finish(lines);
        self.end = Some(end);
    }
}
