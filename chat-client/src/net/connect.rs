//! Connecting to the server over TCP: the client tries every address of the host in turn.
//!
//! This module must not know what is sent over the connection.

use std::fmt::Write as _;
use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};

use crate::failure::ConnectError;

/// How long one address may take to accept the connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Detects a server that vanished without closing (power, cable): after 60 s of silence and 4 probes, 15 s apart.
const KEEP_ALIVE: TcpKeepalive =
    TcpKeepalive::new().with_time(Duration::from_mins(1)).with_interval(Duration::from_secs(15)).with_retries(4);

/// Connects to the first address of `host` that accepts.
///
/// # Errors
///
/// [`ConnectError`] if the name is unknown or no address accepts. The error contains one reason if all addresses fail
/// for the same reason, and otherwise one reason per address.
pub(crate) fn connect(host: &str, port: u16) -> Result<TcpStream, ConnectError> {
    let fail = |reason| ConnectError { host: host.to_owned(), port, reason };
    let addresses = (host, port).to_socket_addrs().map_err(|error| fail(reason(&error)))?;
    let mut errors: Vec<(SocketAddr, String)> = Vec::new();
    for address in addresses {
        if errors.iter().any(|(tried, _)| *tried == address) {
            continue;
        }
        match open(&address) {
            Ok(stream) => return Ok(stream),
            Err(error) => errors.push((address, reason(&error))),
        }
    }
    Err(fail(summarize(&errors)))
}

fn open(address: &SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(address, CONNECT_TIMEOUT)?;
    // If no program listens on the port, the kernel may choose that same port as the local one, and TCP then connects
    // to itself (RFC 9293, section 3.5, simultaneous open).
    if stream.local_addr()? == *address {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    // The connection works without these options. If the connection is already closed, the first read reports that.
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(&stream).set_tcp_keepalive(&KEEP_ALIVE);
    Ok(stream)
}

/// Joins the reasons why the addresses failed into one text.
fn summarize(errors: &[(SocketAddr, String)]) -> String {
    let Some((_, first)) = errors.first() else {
        return "no address found for this name".to_owned();
    };
    if errors.iter().all(|(_, reason)| reason == first) {
        return first.clone();
    }
    let mut all = String::new();
    for (address, reason) in errors {
        let separator = if all.is_empty() { "" } else { "; " };
        let _ = write!(all, "{separator}{}: {reason}", address.ip());
    }
    all
}

/// Returns the text of an error without the number that the standard library appends.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error ") {
        Some((reason, _)) => reason.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(errors: &[(&str, &str)], summary: &str) {
        let errors: Vec<_> = errors
            .iter()
            .map(|(address, reason)| (address.parse().expect("an address"), (*reason).to_owned()))
            .collect();
        assert_eq!(summarize(&errors), summary);
    }

    #[test]
    fn equal_reasons_are_given_once() {
        check(&[], "no address found for this name");
        check(&[("127.0.0.1:5000", "Connection refused")], "Connection refused");
        check(&[("[::1]:5000", "Connection refused"), ("127.0.0.1:5000", "Connection refused")], "Connection refused");
        check(
            &[("[::1]:5000", "Network is unreachable"), ("127.0.0.1:5000", "connection timed out")],
            "::1: Network is unreachable; 127.0.0.1: connection timed out",
        );
    }

    #[test]
    fn reasons_have_no_numbers() {
        assert_eq!(reason(&io::Error::from_raw_os_error(111)).find("os error"), None);
        assert_eq!(reason(&io::Error::other("no such host")), "no such host");
    }
}
