//! Finding the server: every address of the host is tried in turn.
//!
//! It must not know what is said over the connection.

use std::fmt::Write as _;
use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use thiserror::Error;

/// How long one address may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// A server that vanished without a word (power, cable) is noticed after 60 s of silence and 4 probes, 15 s apart.
const KEEP_ALIVE: TcpKeepalive =
    TcpKeepalive::new().with_time(Duration::from_mins(1)).with_interval(Duration::from_secs(15)).with_retries(4);

/// Why no connection came about.
#[derive(Debug, Error)]
#[error("Unable to connect to {host} port {port}: {reason}")]
pub(crate) struct ConnectError {
    host: String,
    port: u16,
    reason: String,
}

/// Connects to the first address of `host` that answers.
///
/// # Errors
///
/// [`ConnectError`] when the name is unknown or no address answers; it names the reason once when it is the same for
/// all addresses, and for each address otherwise.
pub(crate) fn connect(host: &str, port: u16) -> Result<TcpStream, ConnectError> {
    let fail = |reason| ConnectError { host: host.to_owned(), port, reason };
    let addresses = (host, port).to_socket_addrs().map_err(|error| fail(plain(&error)))?;
    let mut refusals: Vec<(SocketAddr, String)> = Vec::new();
    for address in addresses {
        if refusals.iter().any(|(tried, _)| *tried == address) {
            continue;
        }
        match open(&address) {
            Ok(stream) => return Ok(stream),
            Err(error) => refusals.push((address, plain(&error))),
        }
    }
    Err(fail(summary(&refusals)))
}

fn open(address: &SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(address, PATIENCE)?;
    // With nobody listening, the kernel may pick the very port that is asked for, and TCP then connects to itself
    // (RFC 9293, simultaneous open).
    if stream.local_addr()? == *address {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    // Neither is worth failing for. A connection that is gone by now is noticed at the first read.
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(&stream).set_tcp_keepalive(&KEEP_ALIVE);
    Ok(stream)
}

fn summary(refusals: &[(SocketAddr, String)]) -> String {
    let Some((_, first)) = refusals.first() else {
        return "the name has no address".to_owned();
    };
    if refusals.iter().all(|(_, reason)| reason == first) {
        return first.clone();
    }
    let mut all = String::new();
    for (address, reason) in refusals {
        let separator = if all.is_empty() { "" } else { "; " };
        let _ = write!(all, "{separator}{}: {reason}", address.ip());
    }
    all
}

/// The reason without the number that the standard library appends.
fn plain(error: &io::Error) -> String {
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
    fn check(refusals: &[(&str, &str)], summed_up: &str) {
        let refusals: Vec<_> = refusals
            .iter()
            .map(|(address, reason)| (address.parse().expect("an address"), (*reason).to_owned()))
            .collect();
        assert_eq!(summary(&refusals), summed_up);
    }

    #[test]
    fn one_reason_is_said_once_and_different_ones_with_their_address() {
        check(&[], "the name has no address");
        check(&[("127.0.0.1:5000", "Connection refused")], "Connection refused");
        check(&[("[::1]:5000", "Connection refused"), ("127.0.0.1:5000", "Connection refused")], "Connection refused");
        check(
            &[("[::1]:5000", "Network is unreachable"), ("127.0.0.1:5000", "connection timed out")],
            "::1: Network is unreachable; 127.0.0.1: connection timed out",
        );
    }

    #[test]
    fn reasons_have_no_numbers() {
        assert_eq!(plain(&io::Error::from_raw_os_error(111)).find("os error"), None);
        assert_eq!(plain(&io::Error::other("no such host")), "no such host");
    }
}
