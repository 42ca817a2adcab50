//! One connection of the load generator: its socket, and the bytes that are not parsed or written yet.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;

use mio::net::TcpStream;
use nix::errno::Errno;
use socket2::{Domain, Protocol, Socket, Type};

use crate::protocol::MemberId;

/// The phase of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Connecting,
    /// The member is connected, but the server has not confirmed its join yet.
    Joining,
    Joined,
    /// The member has stopped reading, because the mode "stalled" requests that.
    Stalled,
}

/// A member, seen from the client side.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) id: MemberId,
    /// The index of the member within its room.
    pub(crate) index: usize,
    pub(crate) phase: Phase,
    /// The number of messages that the member received, plus its own messages on a server that does not echo.
    pub(crate) messages: usize,
    /// The number of join notices about other members that the member received.
    pub(crate) join_notices: usize,
    /// The bytes that [`Member::flush`] writes next.
    pub(crate) out: Vec<u8>,
    stream: TcpStream,
    /// The beginning of a line whose end has not arrived yet.
    partial: Vec<u8>,
}

impl Member {
    /// Starts to connect.
    ///
    /// With `small_buffer`, the kernel buffers little for this connection: see [`modes::stalled`](crate::modes).
    pub(crate) fn connect(address: SocketAddr, id: MemberId, index: usize, small_buffer: bool) -> io::Result<Member> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        // Thousands of connections in TIME_WAIT would use up the ports for the next runs.
        socket.set_linger(Some(std::time::Duration::ZERO))?;
        if small_buffer {
            socket.set_recv_buffer_size(16 * 1024)?;
        }
        let in_progress = Errno::EINPROGRESS as i32;
        match socket.connect(&address.into()) {
            Err(error) if error.raw_os_error() != Some(in_progress) => return Err(error),
            _ => {}
        }
        let stream = TcpStream::from_std(socket.into());
        let (out, partial) = (Vec::new(), Vec::new());
        Ok(Member { id, index, phase: Phase::Connecting, messages: 0, join_notices: 0, out, stream, partial })
    }

    pub(crate) fn stream_mut(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Returns whether the connection is established, or the error that ended it.
    pub(crate) fn is_connected(&self) -> io::Result<bool> {
        if let Some(error) = self.stream.take_error()? {
            return Err(error);
        }
        Ok(self.stream.peer_addr().is_ok())
    }

    /// Writes as many bytes as the socket takes. The other bytes wait until the socket is writable again.
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

    /// Reads once into the shared buffer, after the partial line of the previous read.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<ReadOutcome> {
        let kept = self.partial.len();
        buffer[..kept].copy_from_slice(&self.partial);
        loop {
            return match self.stream.read(&mut buffer[kept..]) {
                Ok(0) => Ok(ReadOutcome::End),
                Ok(read) => Ok(ReadOutcome::Bytes { filled: kept + read, more: kept + read == buffer.len() }),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(ReadOutcome::WouldBlock),
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

/// The outcome of a read: how many bytes the buffer holds, and whether more may be available.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ReadOutcome {
    WouldBlock,
    Bytes { filled: usize, more: bool },
    End,
}
