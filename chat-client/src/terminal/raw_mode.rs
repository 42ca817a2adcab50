//! The terminal's raw mode, for as long as the client runs.
//!
//! rustyline sets raw mode at the beginning of each line and restores the previous mode at the end. Between two lines,
//! the terminal would echo keys in the middle of the screen, and Ctrl-C would kill the client. So this module sets raw
//! mode once for the whole session, and the mode that rustyline restores is raw mode too. This module restores the
//! original mode when the client ends, even if a signal ends it. This module must not know what is on the screen.

#[cfg(unix)]
pub(crate) use unix::RawMode;

#[cfg(not(unix))]
pub(crate) use other::RawMode;

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::fd::{AsFd as _, OwnedFd};
    use std::sync::{Arc, mpsc};
    use std::thread;
    use std::time::Duration;

    use rustix::process::{Signal, kill_current_process_group};
    use rustix::termios::{InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    use crate::output::print;
    use crate::terminal::keyboard;

    /// Ends a synchronized update and bracketed paste, which rustyline may have started.
    const RESET: &str = "\x1b[?2026l\x1b[?2004l";
    /// How long the terminal may take to show the last bytes when a signal ends the client.
    const WRITE_TIMEOUT: Duration = Duration::from_millis(300);
    const BRACKETED_PASTE: &str = "\x1b[?2004h";

    /// The terminal that was standard input when the client started, and its original mode.
    #[derive(Clone, Debug)]
    pub(crate) struct RawMode {
        /// The terminal itself. Standard input is not the terminal, but the output of the [`keyboard`] filter.
        terminal: Arc<OwnedFd>,
        original: Termios,
    }

    impl RawMode {
        /// Turns off the terminal's own line editing, echo and signals, and puts the [`keyboard`] filter in front of
        /// standard input. A signal that ends the client restores the original mode first.
        ///
        /// # Errors
        ///
        /// When standard input is not a terminal, or the system refuses a thread.
        pub(crate) fn enable() -> io::Result<RawMode> {
            let stdin = io::stdin().as_fd().try_clone_to_owned()?;
            let raw_mode = RawMode { original: tcgetattr(&stdin)?, terminal: Arc::new(stdin) };
            raw_mode.restore_on_signals()?;
            raw_mode.set()?;
            // On a system without pseudoterminals, a byte that is not UTF-8 drops the rest of the line.
            let _ = keyboard::attach(raw_mode.terminal.try_clone()?, &raw_mode.modes());
            Ok(raw_mode)
        }

        /// Restores the original mode. Any thread may call this, more than once.
        pub(crate) fn restore(&self) {
            let _ = print(RESET);
            self.restore_modes();
        }

        fn restore_modes(&self) {
            // `tcsetattr` fails if the terminal is gone. Then there is nothing to restore.
            let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.original);
        }

        /// Stops the client until the shell continues it (Ctrl-Z).
        pub(crate) fn suspend(&self) {
            self.restore();
            let _ = kill_current_process_group(Signal::TSTP);
            let _ = self.set();
            let _ = print(BRACKETED_PASTE);
        }

        fn set(&self) -> io::Result<()> {
            Ok(tcsetattr(&self.terminal, OptionalActions::Now, &self.modes())?)
        }

        /// Returns the modes of raw mode: the same modes that rustyline sets, so that they never change between lines.
        fn modes(&self) -> Termios {
            let mut raw = self.original.clone();
            raw.input_modes.remove(
                InputModes::BRKINT | InputModes::ICRNL | InputModes::INPCK | InputModes::ISTRIP | InputModes::IXON,
            );
            raw.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::IEXTEN | LocalModes::ISIG);
            raw.special_codes[SpecialCodeIndex::VMIN] = 1;
            raw.special_codes[SpecialCodeIndex::VTIME] = 0;
            raw
        }

        fn restore_on_signals(&self) -> io::Result<()> {
            let mut signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM])?;
            let raw_mode = self.clone();
            thread::Builder::new().name("signals".to_owned()).spawn(move || {
                for signal in &mut signals {
                    raw_mode.restore_modes();
                    // Another thread writes, because a write blocks if the terminal is stopped (Ctrl-S).
                    let (done, is_done) = mpsc::channel();
                    let _ = thread::Builder::new().spawn(move || done.send(print(&format!("{RESET}\n"))));
                    let _ = is_done.recv_timeout(WRITE_TIMEOUT);
                    let _ = emulate_default_handler(signal);
                }
            })?;
            Ok(())
        }
    }
}

#[cfg(not(unix))]
mod other {
    use std::io;

    /// A placeholder that does nothing. On systems other than Unix, rustyline alone sets and restores the modes.
    #[derive(Clone, Debug)]
    pub(crate) struct RawMode;

    impl RawMode {
        pub(crate) fn enable() -> io::Result<RawMode> {
            Ok(RawMode)
        }

        pub(crate) fn restore(&self) {}

        pub(crate) fn suspend(&self) {}
    }
}
