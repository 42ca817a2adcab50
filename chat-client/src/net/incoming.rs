//! What comes from the server, as lines.
//!
//! It must not know where they are printed.

use std::io::{self, Read};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use chat_core::Text;

use crate::net::greeting::is_greeting;
use crate::net::lines::Lines;

/// How long a line without its newline waits for the rest before it is shown as it is.
const HOLD: Duration = Duration::from_millis(150);

/// The reading side of the connection.
#[derive(Debug)]
pub(crate) struct Incoming {
    stream: Arc<TcpStream>,
    lines: Lines,
    buffer: Vec<u8>,
    /// What the socket's read timeout is set to.
    timeout: Option<Duration>,
    /// Nothing has come yet: the first line may be a greeting, which is for programs.
    untouched: bool,
    /// It was one.
    greeted: bool,
    /// How it ended: closed by the server, or broken.
    ended: Option<io::Result<()>>,
}

impl Incoming {
    pub(crate) fn new(stream: Arc<TcpStream>) -> Incoming {
        Incoming {
            stream,
            lines: Lines::default(),
            buffer: vec![0; 16 * 1024],
            timeout: None,
            untouched: true,
            greeted: false,
            ended: None,
        }
    }

    /// Waits for the next lines, at least one but for a greeting, which is taken away. `Ok(None)` when the server has
    /// closed and everything was handed out.
    ///
    /// # Errors
    ///
    /// When the connection broke, likewise after everything was handed out.
    pub(crate) fn receive(&mut self) -> io::Result<Option<Vec<Text>>> {
        let mut lines = Vec::new();
        while lines.is_empty() {
            if let Some(ended) = self.ended.take() {
                return ended.map(|()| None);
            }
            match self.read() {
                Ok(0) => self.end(Ok(()), &mut lines),
                Ok(count) => self.lines.push(&self.buffer[..count], &mut lines),
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut if self.timeout.is_some() => {
                        self.lines.flush(&mut lines);
                    }
                    io::ErrorKind::Interrupted => {}
                    _ => self.end(Err(error), &mut lines),
                },
            }
            if !lines.is_empty() && std::mem::take(&mut self.untouched) && is_greeting(&lines[0]) {
                lines.remove(0);
                self.greeted = true;
                break;
            }
        }
        Ok(Some(lines))
    }

    /// Whether the server has greeted as one that speaks JSON lines.
    pub(crate) fn is_greeted(&self) -> bool {
        self.greeted
    }

    /// What has come of a line that is not handed out.
    pub(crate) fn into_rest(self) -> Vec<u8> {
        self.lines.into_rest()
    }

    fn read(&mut self) -> io::Result<usize> {
        let timeout = self.lines.is_holding().then_some(HOLD);
        if timeout != self.timeout {
            self.stream.set_read_timeout(timeout)?;
            self.timeout = timeout;
        }
        (&*self.stream).read(&mut self.buffer)
    }

    fn end(&mut self, how: io::Result<()>, lines: &mut Vec<Text>) {
        self.lines.finish(lines);
        self.ended = Some(how);
    }
}
