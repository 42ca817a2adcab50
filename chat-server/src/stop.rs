//! What signals ask for: an end (SIGINT, SIGTERM), or the counters (SIGUSR1).

use std::io;
use std::time::Duration;

use chat_core::Server;
#[cfg(unix)]
use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};

/// Notices the signals from its making on, so that none comes too early.
#[derive(Debug)]
pub(crate) struct Stop {
    #[cfg(unix)]
    signals: signal_hook::iterator::Signals,
}

#[cfg(unix)]
impl Stop {
    pub(crate) fn prepare() -> io::Result<Stop> {
        use std::sync::Arc;
        use std::sync::atomic::AtomicBool;

        use signal_hook::flag;

        // The first signal lets everybody hear the end; the second doesn't wait for them.
        let again = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_shutdown(signal, 1, Arc::clone(&again))?;
            flag::register(signal, Arc::clone(&again))?;
        }
        Ok(Stop { signals: signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGUSR1])? })
    }

    /// Waits for the signal to stop, then shuts the server down, and gives everybody `drain` to hear the end. Until then
    /// `print`s the counters whenever it is asked to.
    pub(crate) fn wait(mut self, server: &Server, drain: Duration, print: impl Fn(&str)) {
        for signal in self.signals.forever() {
            if signal == SIGUSR1 {
                server.room().stats().to_string().lines().for_each(&print);
                continue;
            }
            log::info!("signal {signal}: shutting down");
            let report = server.shutdown(drain);
            log::info!("{} connections heard the end, {} were cut off", report.drained, report.cut_off);
            return;
        }
    }
}

#[cfg(not(unix))]
impl Stop {
    pub(crate) fn prepare() -> io::Result<Stop> {
        Ok(Stop {})
    }

    /// The system ends the process.
    pub(crate) fn wait(self, server: &Server, _: Duration, _: impl Fn(&str)) {
        server.join();
    }
}
