//! The server's password, from a file or an environment variable.
//!
//! The command line itself must not contain the password, because every user of the machine can read it. This module
//! must not know what the password is for.

use std::convert::Infallible;
use std::env::{self, VarError};
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;

use crate::failure::Failure;

/// The largest size of a password file, in bytes.
const MAX_FILE: u64 = 4096;

/// The place that contains a password.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub(crate) enum SecretPlace {
    /// The path of a file.
    File(PathBuf),
    /// The name of an environment variable.
    Environment(String),
}

/// A password. The `Debug` output hides its text.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

/// Why a password can't be read.
#[derive(Debug, thiserror::Error)]
enum SecretError {
    /// The file can't be read. The message helps a user who gave the password itself instead of a file.
    #[error("{0}; give a file that contains the password, or env:NAME, but not the password itself")]
    File(#[source] io::Error),
    #[error("it is too long; at most {MAX_FILE} bytes")]
    TooLong,
    #[error("it is not UTF-8 text")]
    NotText,
    #[error("it has several lines; exactly one is allowed")]
    Lines,
    #[error("it is blank; at least one character is required")]
    Blank,
    #[error(transparent)]
    Environment(#[from] VarError),
}

/// Reads the password from `place`; returns `None` if `place` is `None`.
///
/// # Errors
///
/// [`Failure::Usage`] if the password can't be read.
pub(crate) fn read(place: Option<&SecretPlace>) -> Result<Option<Secret>, Failure> {
    let read =
        |place: &SecretPlace| place.read().map_err(|error| Failure::Usage(format!("can't read {place}: {error}")));
    place.map(read).transpose()
}

impl SecretPlace {
    /// Reads the password. Writes a warning to standard error if other users can read the file.
    ///
    /// # Errors
    ///
    /// When the file can't be read, the variable is not set, or the text is not one line.
    fn read(&self) -> Result<Secret, SecretError> {
        let text = match self {
            SecretPlace::Environment(name) => env::var(name)?,
            SecretPlace::File(path) => {
                let file = File::open(path).map_err(SecretError::File)?;
                self.warn_if_others_can_read(&file);
                let mut bytes = Vec::new();
                file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(SecretError::File)?;
                if bytes.len() as u64 > MAX_FILE {
                    return Err(SecretError::TooLong);
                }
                String::from_utf8(bytes).map_err(|_| SecretError::NotText)?
            }
        };
        match text.trim() {
            "" => Err(SecretError::Blank),
            text if text.contains(['\n', '\r']) => Err(SecretError::Lines),
            text => Ok(Secret::new(text)),
        }
    }

    #[cfg(unix)]
    fn warn_if_others_can_read(&self, file: &File) {
        use std::io::Write as _;
        use std::os::unix::fs::MetadataExt as _;

        const OTHERS: u32 = 0o044;
        if file.metadata().is_ok_and(|data| data.is_file() && data.mode() & OTHERS != 0) {
            let _ = writeln!(io::stderr(), "warning: other users can read {self}; run chmod 600 to prevent that");
        }
    }

    #[cfg(not(unix))]
    fn warn_if_others_can_read(&self, _: &File) {}
}

impl From<String> for SecretPlace {
    fn from(place: String) -> SecretPlace {
        match place.strip_prefix("env:") {
            Some(name) => SecretPlace::Environment(name.to_owned()),
            None => SecretPlace::File(place.into()),
        }
    }
}

impl FromStr for SecretPlace {
    type Err = Infallible;

    fn from_str(place: &str) -> Result<SecretPlace, Infallible> {
        Ok(place.to_owned().into())
    }
}

impl fmt::Display for SecretPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A path that does not exist may be the password itself, which must not be shown.
            SecretPlace::File(path) if path.exists() => write!(f, "the password file {}", path.display()),
            SecretPlace::File(_) => f.write_str("the password file (name not shown)"),
            SecretPlace::Environment(name) => write!(f, "the password in the environment variable {name}"),
        }
    }
}

impl Secret {
    pub(crate) fn new(text: &str) -> Secret {
        Secret(text.to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_place_is_file_or_environment() {
        let place = |place: &str| SecretPlace::from(place.to_owned());
        assert_eq!(place("/etc/secret"), SecretPlace::File("/etc/secret".into()));
        assert_eq!(place("env:SECRET"), SecretPlace::Environment("SECRET".to_owned()));
        let error = place("/no/such/file").read().expect_err("there is no such file");
        assert!(
            error
                .to_string()
                .ends_with("; give a file that contains the password, or env:NAME, but not the password itself")
        );
        assert!(matches!(place("env:CHAT_CLIENT_NO_SUCH_VARIABLE").read(), Err(SecretError::Environment(_))));
        assert_eq!(place("hunter2").to_string(), "the password file (name not shown)");
    }

    #[test]
    fn debug_hides_the_password() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(…)");
    }
}
