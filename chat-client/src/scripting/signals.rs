//! The end that somebody asks for from outside: SIGINT and SIGTERM.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How long what is under way may take to end by itself.
#[cfg(unix)]
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(300);

/// Whether the end was asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stopped(Arc<AtomicBool>);

impl Stopped {
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Ends the connection when a signal asks for the end, so that whoever reads from it finds its end.
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
            flag.0.store(true, Ordering::Release);
            let _ = stream.shutdown(Shutdown::Both);
            // It may be held up by somebody who does not read what it prints.
            std::thread::sleep(PATIENCE);
            std::process::exit(0);
        }
    })?;
    Ok(stopped)
}

/// Here the system ends the process.
#[cfg(not(unix))]
pub(crate) fn stop_on_signals(_: TcpStream) -> io::Result<Stopped> {
    Ok(Stopped::default())
}
