//! Why the client ends with an exit code other than 0.
//!
//! The texts are for the person at the terminal: each is the one line that `main` prints on standard error.

use std::io;

use rustyline::error::ReadlineError;
use thiserror::Error;

use crate::connect::ConnectError;

/// What `main` turns into a line and an exit code.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// No connection came about.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The server closed, or the network failed, before the user was done.
    #[error("Disconnected from chat server")]
    Disconnected,
    /// The user left, and the server would not take what was typed before.
    #[error("Not everything could be sent: the server does not read")]
    NotSent,
    /// Nobody reads standard output any more. No line is printed for this one.
    #[error("standard output is closed")]
    OutputClosed,
    /// Standard output failed in another way, such as a full disk.
    #[error("Unable to print: {0}")]
    Output(io::Error),
    /// The line editor failed.
    #[error("Unable to read from the terminal: {0}")]
    Terminal(#[from] ReadlineError),
    /// The system refused a thread, or a setting of the socket or the terminal.
    #[error("Unable to start: {0}")]
    Start(io::Error),
}

impl Failure {
    /// What a failed write to standard output means.
    pub(crate) fn output(error: io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe { Failure::OutputClosed } else { Failure::Output(error) }
    }
}
