//! The modes of the terminal, for as long as the client runs.
//!
//! rustyline sets the terminal's mode at the beginning of each line and restores it at the end. In between, keys would
//! be echoed in the middle of the screen, and Ctrl-C would kill the client. So the mode is set here once for the whole
//! session, rustyline "restores" it to the same, and whatever ends the client restores the terminal for good.

#[cfg(unix)]
pub(crate) use unix::Terminal;

#[cfg(not(unix))]
pub(crate) use other::Terminal;

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

    use crate::terminal::keyboard;
    use crate::terminal::screen::print;

    /// Ends a synchronized update and bracketed paste, which rustyline may have begun.
    const PLAIN: &str = "\x1b[?2026l\x1b[?2004l";
    /// How long a terminal may take to show the last bytes when a signal ends the client.
    const PATIENCE: Duration = Duration::from_millis(300);
    const BRACKETED_PASTE: &str = "\x1b[?2004h";

    /// The terminal that standard input was at the start, and the mode that it was found in.
    #[derive(Clone, Debug)]
    pub(crate) struct Terminal {
        /// Standard input itself is the end of the [`keyboard`] filter.
        terminal: Arc<OwnedFd>,
        found: Termios,
    }

    impl Terminal {
        /// Turns off the terminal's own line editing, echo and signals, sees to it that a signal that ends the client
        /// restores them first, and puts the [`keyboard`] filter in front of standard input.
        ///
        /// # Errors
        ///
        /// When standard input is no terminal, or the system refuses a thread.
        pub(crate) fn hold() -> io::Result<Terminal> {
            let stdin = io::stdin().as_fd().try_clone_to_owned()?;
            let terminal = Terminal { found: tcgetattr(&stdin)?, terminal: Arc::new(stdin) };
            terminal.restore_on_signals()?;
            terminal.set_raw()?;
            // Where the system has no pseudoterminals, what is not UTF-8 costs the rest of the line.
            let _ = keyboard::attach(terminal.terminal.try_clone()?, &terminal.raw());
            Ok(terminal)
        }

        /// Gives the terminal back as it was found. May be called by any thread, and more than once.
        pub(crate) fn restore(&self) {
            let _ = print(PLAIN);
            self.restore_modes();
        }

        fn restore_modes(&self) {
            // A terminal that is gone needs no mode.
            let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.found);
        }

        /// Stops the client until the shell continues it (Ctrl-Z).
        pub(crate) fn suspend(&self) {
            self.restore();
            let _ = kill_current_process_group(Signal::TSTP);
            let _ = self.set_raw();
            let _ = print(BRACKETED_PASTE);
        }

        fn set_raw(&self) -> io::Result<()> {
            Ok(tcsetattr(&self.terminal, OptionalActions::Now, &self.raw())?)
        }

        /// As rustyline sets them, or the terminal would change modes between two lines.
        fn raw(&self) -> Termios {
            let mut raw = self.found.clone();
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
            let terminal = self.clone();
            thread::Builder::new().name("signals".to_owned()).spawn(move || {
                for signal in &mut signals {
                    terminal.restore_modes();
                    // A terminal that is stopped (Ctrl-S) takes nothing.
                    let (done, is_done) = mpsc::channel();
                    let _ = thread::Builder::new().spawn(move || done.send(print(&format!("{PLAIN}\n"))));
                    let _ = is_done.recv_timeout(PATIENCE);
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

    /// Here rustyline alone sets and restores the modes.
    #[derive(Clone, Debug)]
    pub(crate) struct Terminal;

    impl Terminal {
        pub(crate) fn hold() -> io::Result<Terminal> {
            Ok(Terminal)
        }

        pub(crate) fn restore(&self) {}

        pub(crate) fn suspend(&self) {}
    }
}
