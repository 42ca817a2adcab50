//! Ending the client by a signal, SIGINT or SIGTERM.
//!
//! This module must not know what the connection carries.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How long the client may take to end by itself after a signal.
#[cfg(unix)]
const EXIT_TIMEOUT: std::time::Duration = std::time::Duration::from_millis(300);

/// A flag that says whether a signal has arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stopped(Arc<AtomicBool>);

impl Stopped {
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Starts a thread that closes the connection when a signal arrives. Then the thread that reads from the connection
/// reaches the end of the stream.
///
/// # Errors
///
/// When the system refuses a thread or a handler.
#[cfg(unix)]
pub(crate) fn stop_on_signals(stream: TcpStream) -> io::Result<Stopped> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let stopped = Stopped::default();
    let (mut signals, flag) = (Signals::new([SIGINT, SIGTERM])?, stopped.clone());
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if signals.forever().next().is_some() {
            // Set the flag before the shutdown, so that it is set when the reading thread reaches the end of the
            // stream.
            flag.0.store(true, Ordering::Release);
            let _ = stream.shutdown(Shutdown::Both);
            // Exit here if the client does not end by itself, because its write to standard output may block for ever.
            std::thread::sleep(EXIT_TIMEOUT);
            std::process::exit(0);
        }
    })?;
    Ok(stopped)
}

/// Does nothing, because on systems other than Unix a signal ends the process at once.
#[cfg(not(unix))]
pub(crate) fn stop_on_signals(_: TcpStream) -> io::Result<Stopped> {
    Ok(Stopped::default())
}
