//! The files that the server reads when it starts and again at SIGHUP: passwords and the message of the day.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use chat_core::Server;
use chat_core::message::Text;
use chat_core::policy::Password;

use crate::args::{Args, PasswordSource};
use crate::password::{self, PasswordSourceError};
use crate::text_file;

/// The largest size of a message of the day, in bytes. Each connection receives it, so it must fit into a send queue.
const MAX_MOTD_BYTES: u64 = 16 * 1024;

/// An error about a password or a file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("can't read {from}: {error}")]
    Password { from: PasswordSource, error: PasswordSourceError },
    #[error("can't read the message of the day, {}: {error}", .file.display())]
    Motd { file: PathBuf, error: io::Error },
    #[error("the message of the day, {}, has more than {MAX_MOTD_BYTES} bytes", .file.display())]
    LongMotd { file: PathBuf },
}

/// Reads the password from `source`; returns `None` if `source` is `None`.
pub(crate) fn read_password(source: Option<&PasswordSource>) -> Result<Option<Password>, FileError> {
    let read = |source: &PasswordSource| {
        password::read(source).map_err(|error| FileError::Password { from: source.clone(), error })
    };
    source.map(read).transpose()
}

/// Reads the lines of the message of the day; returns no lines if `file` is `None`.
pub(crate) fn read_motd(file: Option<&Path>) -> Result<Vec<Text>, FileError> {
    let Some(file) = file else { return Ok(Vec::new()) };
    let fail = |error| FileError::Motd { file: file.to_owned(), error };
    let text = File::open(file).and_then(|open| text_file::read_at_most(MAX_MOTD_BYTES, open)).map_err(fail)?;
    let text = text.ok_or_else(|| FileError::LongMotd { file: file.to_owned() })?;
    Ok(text.lines().map(Text::clean).collect())
}

/// Reads the files again while the server runs, and prints what was reloaded. After an error, the old value stays.
pub(crate) fn reload(args: &Args, server: &Server, print: impl Fn(&str)) {
    let mut reloaded = Vec::new();
    let mut record = |what, outcome: Result<(), FileError>| match outcome {
        Ok(()) => reloaded.push(what),
        Err(error) => log::error!("{error}; the {what} stays as it was"),
    };
    // The setters of the hub fail only when the hub has stopped, and it runs while the server holds a handle to it.
    if let Some(file) = args.motd.as_deref() {
        let motd = read_motd(Some(file));
        record("message of the day", motd.map(|lines| drop(server.hub().set_motd(lines))));
    }
    if let Some(source @ PasswordSource::File(_)) = &args.password {
        record("password", read_password(Some(source)).map(|password| server.set_password(password)));
    }
    if let Some(source @ PasswordSource::File(_)) = &args.operator_password {
        let password = read_password(Some(source));
        record("operator password", password.map(|password| drop(server.hub().set_operator_password(password))));
    }
    match &reloaded[..] {
        [] => print("SIGHUP: nothing was reloaded"),
        reloaded => print(&format!("SIGHUP: reloaded the {}", reloaded.join(", the "))),
    }
}
