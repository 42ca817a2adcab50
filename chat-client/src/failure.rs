//! Why the client ends with an exit code other than 0.
//!
//! The texts are for the person at the terminal: each is the one line that `main` prints on standard error.

use std::io;

use rustyline::error::ReadlineError;
use thiserror::Error;

use crate::net::connect::ConnectError;

/// What `main` turns into a line and an exit code.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// Something that was chosen can't be.
    #[error("chat-client: {0}")]
    Usage(String),
    /// No connection came about.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The server closed, or the network failed, before the user was done.
    #[error("Disconnected from chat server")]
    Disconnected,
    /// The server closed the connection, and said why.
    #[error("Disconnected from chat server: {0}")]
    Closed(String),
    /// The server did not do what it was asked.
    #[error("Refused by chat server: {0}")]
    Refused(String),
    /// The server requires a password, and there is none to give.
    #[error("the server requires a password; give it by --password FILE or --password env:NAME")]
    PasswordRequired,
    /// The server is none that programs can talk with.
    #[error("The server does not say that it speaks JSON lines")]
    NoJson,
    /// Standard input failed.
    #[error("Unable to read standard input: {0}")]
    Input(io::Error),
    /// The user left, and the server would not take what was typed before.
    #[error("Not everything could be sent: the server does not read")]
    NotSent,
    /// The user left while the connection was lost, and what was typed since then is not sent.
    #[error("Not everything could be sent: the connection is lost")]
    NotConnected,
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
    /// The exit code of the process.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Failure::Usage(_) => 2,
            Failure::Refused(_) | Failure::PasswordRequired => 3,
            Failure::NoJson => 4,
            _ => 1,
        }
    }

    /// What a failed write to standard output means.
    pub(crate) fn output(error: io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe { Failure::OutputClosed } else { Failure::Output(error) }
    }
}
