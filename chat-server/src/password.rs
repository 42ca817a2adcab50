//! Reads a password from a file or from the environment.
//!
//! This module must not know what the password protects.

use std::env::{self, VarError};
use std::fs::File;
use std::io;

use chat_core::policy::{ParsePasswordError, Password};

use crate::args::PasswordSource;
use crate::text_file;

/// The largest size of a password file, in bytes. A longer file is the wrong file.
const MAX_FILE_BYTES: u64 = 4096;

/// Why a password can't be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordSourceError {
    /// The file can't be read. The hint helps an operator who gave the password itself instead of a file.
    #[error("{0}; give a file that contains the password, or env:NAME, but not the password itself")]
    File(#[source] io::Error),
    #[error("it has more than {MAX_FILE_BYTES} bytes; a password file has one line")]
    TooLong,
    #[error("it has more than one line; a password file has one line")]
    Lines,
    #[error(transparent)]
    Environment(#[from] VarError),
    #[error(transparent)]
    Password(#[from] ParsePasswordError),
}

/// Reads the password from its source. Logs a warning if other users can read the file.
pub(crate) fn read(source: &PasswordSource) -> Result<Password, PasswordSourceError> {
    let password = match source {
        PasswordSource::Environment(name) => env::var(name)?,
        PasswordSource::File(path) => {
            let file = File::open(path).map_err(PasswordSourceError::File)?;
            warn_if_readable_by_others(&file, source);
            let contents = text_file::read_at_most(MAX_FILE_BYTES, file).map_err(PasswordSourceError::File)?;
            contents.ok_or(PasswordSourceError::TooLong)?
        }
    };
    if password.trim().contains(['\n', '\r']) {
        return Err(PasswordSourceError::Lines);
    }
    Ok(Password::parse(&password)?)
}

#[cfg(unix)]
fn warn_if_readable_by_others(file: &File, source: &PasswordSource) {
    use std::os::unix::fs::MetadataExt as _;

    const GROUP_OR_OTHERS_READ: u32 = 0o044;
    if file.metadata().is_ok_and(|data| data.is_file() && data.mode() & GROUP_OR_OTHERS_READ != 0) {
        log::warn!("other users can read {source}; run chmod 600 to prevent that");
    }
}

#[cfg(not(unix))]
fn warn_if_readable_by_others(_: &File, _: &PasswordSource) {}
