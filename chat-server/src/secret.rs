//! Secrets, from where only those who may know them can read.

use std::env::{self, VarError};
use std::fs::File;
use std::io;

use chat_core::{ParsePasswordError, Password};

use crate::args::SecretPlace;
use crate::files;

/// A password has a line; what is longer is another file.
const MOST: u64 = 4096;

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    /// Who wrote the password itself there is told what belongs there.
    #[error("{0} (a file that holds the password is needed, or env:NAME; not the password itself)")]
    File(#[source] io::Error),
    #[error("it holds more than {MOST} bytes, so it can't be meant")]
    TooLong,
    #[error("it has several lines, and a password one")]
    Lines,
    #[error(transparent)]
    Environment(#[from] VarError),
    #[error(transparent)]
    Password(#[from] ParsePasswordError),
}

/// Reads a secret.
pub(crate) fn read(place: &SecretPlace) -> Result<Password, SecretError> {
    let secret = match place {
        SecretPlace::Environment(name) => env::var(name)?,
        SecretPlace::File(path) => {
            let file = File::open(path).map_err(SecretError::File)?;
            warn_if_others_can_read(&file, place);
            files::read_at_most(MOST, file).map_err(SecretError::File)?.ok_or(SecretError::TooLong)?
        }
    };
    if secret.trim().contains(['\n', '\r']) {
        return Err(SecretError::Lines);
    }
    Ok(Password::parse(&secret)?)
}

#[cfg(unix)]
fn warn_if_others_can_read(file: &File, place: &SecretPlace) {
    use std::os::unix::fs::MetadataExt as _;

    const OTHERS: u32 = 0o044;
    if file.metadata().is_ok_and(|data| data.is_file() && data.mode() & OTHERS != 0) {
        log::warn!("others can read {place}, too; chmod 600 would keep the password from them");
    }
}

#[cfg(not(unix))]
fn warn_if_others_can_read(_: &File, _: &SecretPlace) {}
