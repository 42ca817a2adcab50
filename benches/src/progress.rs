//! The progress of a comparison, for the person who runs it.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// The progress line on standard error.
#[derive(Debug)]
pub(crate) struct Progress {
    steps: usize,
    done: usize,
    started: Instant,
    /// Whether standard error is a terminal. There, each progress line overwrites the previous one.
    terminal: bool,
}

impl Progress {
    pub(crate) fn start(steps: usize) -> Progress {
        Progress { steps, done: 0, started: Instant::now(), terminal: io::stderr().is_terminal() }
    }

    pub(crate) fn show(&mut self, what: &str) {
        self.done += 1;
        let took = Duration::from_secs(self.started.elapsed().as_secs());
        let line = format!("[{}/{}, {took:?}] {what}", self.done, self.steps);
        if self.terminal {
            eprint!("\r\x1b[K{line}");
            let _ = io::stderr().flush();
        } else {
            eprintln!("{line}");
        }
    }

    pub(crate) fn end(&self) {
        if self.terminal {
            eprint!("\r\x1b[K");
        }
    }
}
