//! Passwords: compared in constant time, never shown.
//!
//! This module must not know what a password grants, or which framing carries it.

mod throttle;

use std::fmt;
use std::hint::black_box;
use std::str::FromStr;

use crate::model::text::Text;
pub(crate) use throttle::{PasswordThrottle, Refusal};

/// A password to join a server ([`Server::set_password`](crate::Server::set_password)), or to become a server operator.
///
/// A password is cleaned like every [`Text`], so that people can type it in every framing. Its `Debug` form hides it.
///
/// ```
/// use chat_core::hub::HubOptions;
/// use chat_core::policy::Password;
///
/// let mut options = HubOptions::default();
/// options.operator_password = Some(Password::parse("open sesame")?);
/// assert!(!format!("{options:?}").contains("sesame"));
/// # Ok::<(), chat_core::policy::ParsePasswordError>(())
/// ```
#[derive(Clone, Eq)]
pub struct Password(Text);

/// The error for a string that is not a [`Password`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("password is blank; at least one character is needed")]
pub struct ParsePasswordError;

impl Password {
    /// Parses a password without its leading and trailing white space.
    ///
    /// # Errors
    ///
    /// Returns [`ParsePasswordError`] if the rest is blank.
    pub fn parse(password: &str) -> Result<Password, ParsePasswordError> {
        let text = Text::clean(password.trim());
        if text.is_blank() { Err(ParsePasswordError) } else { Ok(Password(text)) }
    }
}

impl FromStr for Password {
    type Err = ParsePasswordError;

    fn from_str(password: &str) -> Result<Password, ParsePasswordError> {
        Password::parse(password)
    }
}

impl PartialEq for Password {
    /// Compares in a time that depends only on the length of `other`, so that the time does not reveal how much of a
    /// guess is right.
    fn eq(&self, other: &Password) -> bool {
        let (secret, guess) = (self.0.as_str().as_bytes(), other.0.as_str().as_bytes());
        let mut difference = secret.len() ^ guess.len();
        for (byte, known) in guess.iter().zip(secret.iter().cycle()) {
            difference |= usize::from(black_box(byte ^ known));
        }
        black_box(difference) == 0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_equal_if_all_bytes_are() {
        let password = |text: &str| Password::parse(text).expect(text);
        assert_eq!(password("secret"), password(" secret\n"));
        for other in ["Secret", "secre", "secrets", "secretsecret", "s", "ſecret"] {
            assert_ne!(password("secret"), password(other));
            assert_ne!(password(other), password("secret"));
        }
        assert_ne!(password("aa"), password("a"));
        assert_ne!(password("a"), password("aa"));
    }

    #[test]
    fn blank_password_is_refused() {
        for blank in ["", " \n", "\u{7}"] {
            assert_eq!(Password::parse(blank), Err(ParsePasswordError));
        }
    }
}
