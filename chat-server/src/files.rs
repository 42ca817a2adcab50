//! What the server reads from files when it starts, and again at SIGHUP.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use chat_core::{Password, Server, Text};

use crate::args::{Args, SecretPlace};
use crate::secret::{self, SecretError};

/// The longest message of the day, in bytes: each connection receives it, and it must fit into a send queue.
const LONGEST_MOTD: u64 = 16 * 1024;

/// A file that can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("can't take the password from {place}: {error}")]
    Password { place: SecretPlace, error: SecretError },
    #[error("can't read the message of the day, {}: {error}", .file.display())]
    Motd { file: PathBuf, error: io::Error },
    #[error("the message of the day, {}, has more than {LONGEST_MOTD} bytes", .file.display())]
    LongMotd { file: PathBuf },
}

/// Reads a password, if there is to be one.
pub(crate) fn read_password(place: Option<&SecretPlace>) -> Result<Option<Password>, FileError> {
    let read = |place| secret::read(place).map_err(|error| FileError::Password { place: place.clone(), error });
    place.map(read).transpose()
}

/// Reads the lines of the message of the day; none, if there is none.
pub(crate) fn read_motd(file: Option<&Path>) -> Result<Vec<Text>, FileError> {
    let Some(file) = file else { return Ok(Vec::new()) };
    let fail = |error| FileError::Motd { file: file.to_owned(), error };
    let text = File::open(file).and_then(|open| read_at_most(LONGEST_MOTD, open)).map_err(fail)?;
    let text = text.ok_or_else(|| FileError::LongMotd { file: file.to_owned() })?;
    Ok(text.lines().map(Text::clean).collect())
}

/// Reads the text of a file; nothing, if it has more than `most` bytes.
pub(crate) fn read_at_most(most: u64, file: File) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > most) {
        return Ok(None);
    }
    String::from_utf8(bytes).map(Some).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}

/// Reads again what may change while the server runs; `print`s what has changed. What can't be read stays as it was.
pub(crate) fn reload(args: &Args, server: &Server, print: impl Fn(&str)) {
    let mut reloaded = Vec::new();
    let mut note = |what, outcome: Result<(), FileError>| match outcome {
        Ok(()) => reloaded.push(what),
        Err(error) => log::error!("{error}; the {what} stays as it was"),
    };
    // The hub runs as long as the server has a handle to it.
    if let Some(file) = args.motd.as_deref() {
        let motd = read_motd(Some(file));
        note("message of the day", motd.map(|lines| drop(server.hub().set_motd(lines))));
    }
    if let Some(place @ SecretPlace::File(_)) = &args.password {
        note("password", read_password(Some(place)).map(|password| server.set_password(password)));
    }
    if let Some(place @ SecretPlace::File(_)) = &args.operator_password {
        let password = read_password(Some(place));
        note("operator password", password.map(|password| drop(server.hub().set_operator_password(password))));
    }
    match &reloaded[..] {
        [] => print("SIGHUP: nothing was reloaded"),
        reloaded => print(&format!("SIGHUP: reloaded the {}", reloaded.join(", the "))),
    }
}
