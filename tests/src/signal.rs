//! Signals to processes.

use std::process::Command;

/// Sends a signal, such as `TERM`, to a process.
///
/// # Panics
///
/// If there is no such process.
pub fn send_signal(process: u32, name: &str) {
    // Use the shell's built-in command, because some systems have no program `kill`.
    let status = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &process.to_string()]).status();
    assert!(status.expect("there is a shell").success());
}
