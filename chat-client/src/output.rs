//! Standard output.
//!
//! This module must not know what is printed.

use std::io::{self, Write as _};

/// The line that the client prints as soon as it is connected.
pub(crate) const CONNECTED: &str = "Connected to remote host. Start sending messages";

/// Writes `text` to standard output, and flushes it.
///
/// # Errors
///
/// When standard output is closed or a write fails.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}
