//! Non-blocking writes to a socket from which another thread reads with blocking reads.
//!
//! This module must not queue anything: it reports how many bytes the socket took.
//!
//! `set_nonblocking` does not work here, because it would also apply to the reader thread. Instead, each write has the
//! flag `MSG_DONTWAIT` (send(2)). On platforms without that flag, the non-blocking writes write nothing, so that the
//! writer threads write everything: slower, but with the same code.

use std::io::{self, IoSlice};
use std::net::TcpStream;

use crate::hub::batch::Payload;

/// The maximum number of pieces that one call takes (`IOV_MAX`).
pub(super) const MAX_PIECES: usize = 1024;

/// Writes as much of `payload` as the socket takes at once. Returns the number of bytes, perhaps 0.
pub(super) fn send(stream: &TcpStream, payload: &Payload<'_>) -> io::Result<usize> {
    if let Some(slice) = payload.as_slice() {
        return platform::send(stream, slice);
    }
    let mut pieces = payload.pieces().map(IoSlice::new);
    let mut sent = 0;
    loop {
        let some: Vec<IoSlice<'_>> = pieces.by_ref().take(MAX_PIECES).collect();
        if some.is_empty() {
            return Ok(sent);
        }
        let taken = match platform::send_vectored(stream, &some) {
            Ok(taken) => taken,
            // Report the bytes that went out. The next write gets the error again.
            Err(_) if sent > 0 => return Ok(sent),
            Err(error) => return Err(error),
        };
        sent += taken;
        if taken < some.iter().map(|piece| piece.len()).sum() {
            return Ok(sent);
        }
    }
}

/// Writes as much of `bytes` as the socket takes at once. Returns the number of bytes, perhaps 0.
pub(super) fn send_bytes(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    platform::send(stream, bytes)
}

/// Waits until the socket takes some of `pieces`, but no longer than its write timeout. Returns the number of bytes
/// written.
pub(super) fn send_waiting(stream: &TcpStream, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
    socket2::SockRef::from(stream).send_vectored_with_flags(pieces, platform::WAIT)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod platform {
    use std::ffi::c_int;
    use std::io::{self, ErrorKind, IoSlice};
    use std::net::TcpStream;

    use socket2::SockRef;

    // From the kernel's include/linux/socket.h; they are the same on all architectures.
    const MSG_DONTWAIT: c_int = 0x40;
    const MSG_NOSIGNAL: c_int = 0x4000;
    pub(super) const WAIT: c_int = MSG_NOSIGNAL;

    pub(super) fn send(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
        until_done(|| SockRef::from(stream).send_with_flags(bytes, MSG_DONTWAIT | MSG_NOSIGNAL))
    }

    pub(super) fn send_vectored(stream: &TcpStream, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        until_done(|| SockRef::from(stream).send_vectored_with_flags(pieces, MSG_DONTWAIT | MSG_NOSIGNAL))
    }

    fn until_done(mut send: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
        loop {
            match send() {
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(0),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod platform {
    use std::ffi::c_int;
    use std::io::{self, IoSlice};
    use std::net::TcpStream;

    pub(super) const WAIT: c_int = 0;

    pub(super) fn send(_: &TcpStream, _: &[u8]) -> io::Result<usize> {
        Ok(0)
    }

    pub(super) fn send_vectored(_: &TcpStream, _: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(0)
    }
}
