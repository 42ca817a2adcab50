//! The server's counters.

use std::fmt;

/// The counters that chat-server prints on SIGUSR1. Its `Display` shows the lines as printed.
#[derive(Clone, Debug)]
pub struct Counters(Vec<String>);

impl Counters {
    /// The start of the last line that the server prints.
    const LAST_LINE: &str = "bytes waiting: ";

    /// Reads lines from `next_line` up to the last counter.
    pub(crate) fn read(mut next_line: impl FnMut() -> String) -> Counters {
        let mut lines = Vec::new();
        while lines.last().is_none_or(|line: &String| !line.starts_with(Counters::LAST_LINE)) {
            lines.push(next_line());
        }
        Counters(lines)
    }

    /// Returns the counter with this label, or 0 if the server did not print it.
    ///
    /// # Panics
    ///
    /// If the counter is not a number.
    #[must_use]
    pub fn get(&self, label: &str) -> u64 {
        let count = self.0.iter().find_map(|line| line.strip_prefix(label)?.strip_prefix(": "));
        count.map_or(0, |count| count.parse().expect("a number"))
    }
}

impl fmt::Display for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
