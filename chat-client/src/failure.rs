//! The reasons why the client exits with a code other than 0.
//!
//! Each text is the one line that `main` prints on standard error. This module holds only texts and exit codes; it must
//! not know details of what failed.

use std::io;

use rustyline::error::ReadlineError;
use thiserror::Error;

/// A failure that `main` turns into one line and an exit code.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// An argument, or a setting in the configuration file, is wrong.
    #[error("error: {0}")]
    Usage(String),
    /// The client could not connect.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The server closed the connection, or the network failed, before you left.
    #[error("Disconnected from chat server")]
    Disconnected,
    /// The server closed the connection and sent the reason.
    #[error("Disconnected from chat server: {0}")]
    Closed(String),
    /// The server refused a command.
    #[error("error: refused by the server: {0}")]
    Refused(String),
    /// The server requires a password, and you gave none.
    #[error("error: the server requires a password; use --password FILE or --password env:NAME")]
    PasswordRequired,
    /// The server did not send the greeting of a server that supports JSON lines.
    #[error("error: the server does not support JSON lines, which send and tail need")]
    NoJson,
    /// Reading standard input failed.
    #[error("error: can't read standard input: {0}")]
    Input(io::Error),
    /// You left, and the server did not accept all lines that you had typed.
    #[error("error: some lines were not sent: the server accepts no data")]
    NotSent,
    /// You left while the connection was lost, and the client could not send the lines that you had typed since then.
    #[error("error: some lines were not sent: the connection is lost")]
    NotConnected,
    /// The reader of standard output has closed the pipe. `main` prints no line for this failure.
    #[error("error: standard output is closed")]
    OutputClosed,
    /// Writing to standard output failed for another reason, such as a full disk.
    #[error("error: can't write to standard output: {0}")]
    Output(io::Error),
    /// The line editor failed.
    #[error("error: can't read from the terminal: {0}")]
    Terminal(#[from] ReadlineError),
    /// The system refused a new thread, or refused to configure the socket or the terminal.
    #[error("error: can't start: {0}")]
    Start(io::Error),
}

/// A failed attempt to connect.
#[derive(Debug, Error)]
#[error("Unable to connect to {host} port {port}: {reason}")]
pub(crate) struct ConnectError {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) reason: String,
}

impl Failure {
    /// Returns the exit code of the process.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Failure::Usage(_) => 2,
            Failure::Refused(_) | Failure::PasswordRequired => 3,
            Failure::NoJson => 4,
            _ => 1,
        }
    }

    /// Converts the error of a failed write to standard output.
    pub(crate) fn output(error: io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe { Failure::OutputClosed } else { Failure::Output(error) }
    }
}
