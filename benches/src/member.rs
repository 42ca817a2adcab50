//! One connection that the load plays: its socket, and what is not read or written yet.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;

use mio::net::TcpStream;
use nix::errno::Errno;
use socket2::{Domain, Protocol, Socket, Type};

use crate::dialect::Seat;

/// What a connection has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Connecting,
    /// Connected; not known to be in the room yet.
    Greeting,
    In,
    /// Stopped reading, for the sake of the experiment.
    Stalled,
}

/// A member, from outside.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) seat: Seat,
    /// Its place in its room.
    pub(crate) place: usize,
    pub(crate) phase: Phase,
    /// How many messages it has: heard, or said itself where one does not hear oneself.
    pub(crate) has: usize,
    /// How many it was told that others came in.
    pub(crate) entered: usize,
    /// What is still to be written; see [`Member::flush`].
    pub(crate) out: Vec<u8>,
    stream: TcpStream,
    /// The beginning of a line whose end was not read yet.
    partial: Vec<u8>,
}

impl Member {
    /// Begins to connect. With `narrow`, the kernel keeps little for it: see [`modes::stalled`](crate::modes).
    pub(crate) fn connect(address: SocketAddr, seat: Seat, place: usize, narrow: bool) -> io::Result<Member> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        // Thousands of connections in TIME_WAIT would use up the ports for the runs to come.
        socket.set_linger(Some(std::time::Duration::ZERO))?;
        if narrow {
            socket.set_recv_buffer_size(16 * 1024)?;
        }
        let in_progress = Errno::EINPROGRESS as i32;
        match socket.connect(&address.into()) {
            Err(error) if error.raw_os_error() != Some(in_progress) => return Err(error),
            _ => {}
        }
        let stream = TcpStream::from_std(socket.into());
        let (out, partial) = (Vec::new(), Vec::new());
        Ok(Member { seat, place, phase: Phase::Connecting, has: 0, entered: 0, out, stream, partial })
    }

    pub(crate) fn source(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Whether the connection stands by now; an error if it can't.
    pub(crate) fn is_connected(&self) -> io::Result<bool> {
        if let Some(error) = self.stream.take_error()? {
            return Err(error);
        }
        Ok(self.stream.peer_addr().is_ok())
    }

    /// Writes what the socket takes; the rest when it is writable again.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let mut written = 0;
        let result = loop {
            if written == self.out.len() {
                break Ok(());
            }
            match self.stream.write(&self.out[written..]) {
                Ok(more) => written += more,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.out.drain(..written);
        result
    }

    /// Reads once into the buffer of all, behind what was kept of the last line. How many bytes are there now, and
    /// whether there may be more to read; `None` at the end of the stream, or when there is nothing.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<Intake> {
        let kept = self.partial.len();
        buffer[..kept].copy_from_slice(&self.partial);
        loop {
            return match self.stream.read(&mut buffer[kept..]) {
                Ok(0) => Ok(Intake::End),
                Ok(read) => Ok(Intake::Bytes { filled: kept + read, more: kept + read == buffer.len() }),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Intake::Nothing),
                Err(error) => Err(error),
            };
        }
    }

    /// Keeps the beginning of a line for the next read.
    pub(crate) fn keep(&mut self, rest: &[u8]) {
        self.partial.clear();
        self.partial.extend_from_slice(rest);
    }
}

/// What a read brought.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Intake {
    Nothing,
    Bytes { filled: usize, more: bool },
    End,
}
