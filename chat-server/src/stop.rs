//! When to stop: SIGINT and SIGTERM.

use std::io;

use chat_core::Server;

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

        use signal_hook::consts::{SIGINT, SIGTERM};
        use signal_hook::flag;

        // The first signal lets everybody hear the end; the second doesn't wait for them.
        let again = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_shutdown(signal, 1, Arc::clone(&again))?;
            flag::register(signal, Arc::clone(&again))?;
        }
        Ok(Stop { signals: signal_hook::iterator::Signals::new([SIGINT, SIGTERM])? })
    }

    /// Waits for a signal, then shuts the server down.
    pub(crate) fn wait(mut self, server: &Server) {
        /// How long those who are connected may take to hear the end.
        const DRAIN: std::time::Duration = std::time::Duration::from_secs(5);

        if let Some(signal) = self.signals.forever().next() {
            log::info!("signal {signal}: shutting down");
            let report = server.shutdown(DRAIN);
            log::info!("{} connections heard the end, {} were cut off", report.drained, report.cut_off);
        }
    }
}

#[cfg(not(unix))]
impl Stop {
    pub(crate) fn prepare() -> io::Result<Stop> {
        Ok(Stop {})
    }

    /// The system ends the process.
    pub(crate) fn wait(self, server: &Server) {
        server.join();
    }
}
