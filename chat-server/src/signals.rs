//! What signals ask for: an end (SIGINT, SIGTERM), files to be read again (SIGHUP), the counters (SIGUSR1). No other
//! signal that another process may send ends the server, but SIGKILL.

use std::io;

use chat_core::Server;
#[cfg(unix)]
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};

use crate::args::Args;

/// Notices the signals from its making on, so that none comes too early.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    signals: signal_hook::iterator::Signals,
}

#[cfg(unix)]
impl Signals {
    pub(crate) fn prepare() -> io::Result<Signals> {
        use std::sync::Arc;
        use std::sync::atomic::AtomicBool;

        use signal_hook::flag;

        // The first signal lets everybody hear the end; the second doesn't wait for them.
        let again = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_shutdown(signal, 1, Arc::clone(&again))?;
            flag::register(signal, Arc::clone(&again))?;
        }
        let signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM, SIGUSR1])?;
        for signal in ignored() {
            // Some systems keep a few of the real-time signals for themselves.
            let _ = signals.handle().add_signal(signal);
        }
        Ok(Signals { signals })
    }

    /// Waits for the signal to stop, then shuts the server down, and gives everybody the drain time to hear the end. Until
    /// then `print`s the counters, or what was reloaded, whenever a signal asks for that.
    pub(crate) fn wait(mut self, server: &Server, args: &Args, print: impl Fn(&str)) {
        for signal in self.signals.forever() {
            match signal {
                SIGUSR1 => server.hub().stats().to_string().lines().for_each(&print),
                SIGHUP => crate::files::reload(args, server, &print),
                SIGINT | SIGTERM => {
                    log::info!("signal {signal}: shutting down");
                    let report = server.shutdown(args.drain);
                    log::info!("{} connections heard the end, {} were cut off", report.drained, report.cut_off);
                    return;
                }
                _ => {
                    let name = signal_hook::low_level::signal_name(signal).unwrap_or("real-time signal");
                    log::warn!("{name} ({signal}) is ignored; SIGTERM stops the server, SIGHUP reads files again");
                }
            }
        }
    }
}

/// The signals that would end a process which does not handle them, and that say nothing about a fault of the process
/// itself (signal(7)); SIGPIPE is ignored by Rust's runtime. SIGABRT still ends a process that aborts: abort(3) restores
/// its default.
#[cfg(unix)]
fn ignored() -> impl Iterator<Item = i32> {
    use signal_hook::consts as known;

    let named = [
        known::SIGABRT,
        known::SIGALRM,
        known::SIGPROF,
        known::SIGQUIT,
        known::SIGSYS,
        known::SIGTRAP,
        known::SIGUSR2,
        known::SIGVTALRM,
        known::SIGXCPU,
        known::SIGXFSZ,
    ];
    // SIGSTKFLT, SIGIO, SIGPWR, and the real-time signals.
    let others = [16..17, 29..31, 34..65].into_iter().flatten().filter(|_| cfg!(target_os = "linux"));
    named.into_iter().chain(others)
}

#[cfg(not(unix))]
impl Signals {
    pub(crate) fn prepare() -> io::Result<Signals> {
        Ok(Signals {})
    }

    /// The system ends the process.
    pub(crate) fn wait(self, server: &Server, _: &Args, _: impl Fn(&str)) {
        server.join();
    }
}
