//! Signal handling: SIGINT and SIGTERM stop the server, SIGHUP reloads its files, SIGUSR1 prints the counters.
//!
//! The server ignores and logs every other signal that would end it and that another process may send, except SIGKILL.

use std::io;

use chat_core::Server;
#[cfg(unix)]
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};

use crate::args::Args;

/// The signal handlers. They are registered before the server starts, so that no early signal is lost.
#[derive(Debug)]
pub(crate) struct Signals {
    #[cfg(unix)]
    signals: signal_hook::iterator::Signals,
}

#[cfg(unix)]
impl Signals {
    /// Registers the handlers.
    pub(crate) fn register() -> io::Result<Signals> {
        use std::sync::Arc;
        use std::sync::atomic::AtomicBool;

        use signal_hook::flag;

        // The first signal starts the shutdown; the second signal exits at once. The conditional handler must come
        // first.
        let is_stopping = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_shutdown(signal, 1, Arc::clone(&is_stopping))?;
            flag::register(signal, Arc::clone(&is_stopping))?;
        }
        let signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM, SIGUSR1])?;
        for signal in ignored_signals() {
            // `add_signal` fails for the real-time signals that some systems reserve.
            let _ = signals.handle().add_signal(signal);
        }
        Ok(Signals { signals })
    }

    /// Handles signals until a signal stops the server, then shuts the server down and drains the send queues for at
    /// most `args.drain`.
    ///
    /// Calls `print` with each line of the counters, and of the result of a reload.
    pub(crate) fn wait(mut self, server: &Server, args: &Args, print: impl Fn(&str)) {
        for signal in self.signals.forever() {
            match signal {
                SIGUSR1 => server.hub().stats().to_string().lines().for_each(&print),
                SIGHUP => crate::files::reload(args, server, &print),
                SIGINT | SIGTERM => {
                    log::info!("signal {signal}: shutting down");
                    let report = server.shutdown(args.drain);
                    log::info!("{} connections drained, {} cut off", report.drained, report.cut_off);
                    return;
                }
                _ => {
                    let name = signal_hook::low_level::signal_name(signal).unwrap_or("real-time signal");
                    log::warn!("{name} ({signal}) is ignored; SIGTERM stops the server, SIGHUP reloads its files");
                }
            }
        }
    }
}

/// Returns the signals that the server ignores and logs.
///
/// The default action of these signals ends the process, and they do not report a fault of the process itself
/// (signal(7)). Rust's runtime already ignores SIGPIPE. SIGABRT still ends a process that aborts, because abort(3)
/// restores the default action.
#[cfg(unix)]
fn ignored_signals() -> impl Iterator<Item = i32> {
    use signal_hook::consts as signals;

    let named = [
        signals::SIGABRT,
        signals::SIGALRM,
        signals::SIGPROF,
        signals::SIGQUIT,
        signals::SIGSYS,
        signals::SIGTRAP,
        signals::SIGUSR2,
        signals::SIGVTALRM,
        signals::SIGXCPU,
        signals::SIGXFSZ,
    ];
    // SIGSTKFLT, SIGIO, SIGPWR, and the real-time signals.
    let others = [16..17, 29..31, 34..65].into_iter().flatten().filter(|_| cfg!(target_os = "linux"));
    named.into_iter().chain(others)
}

#[cfg(not(unix))]
impl Signals {
    /// Does nothing, because only Unix has these signals.
    pub(crate) fn register() -> io::Result<Signals> {
        Ok(Signals {})
    }

    /// Waits until the system ends the process.
    pub(crate) fn wait(self, server: &Server, _: &Args, _: impl Fn(&str)) {
        server.join();
    }
}
