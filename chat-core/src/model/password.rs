//! A secret that is compared, and never shown.

mod throttle;

use std::fmt;
use std::hint::black_box;

use crate::model::text::Text;
pub(crate) use throttle::{PasswordThrottle, Refusal};

/// What a connection must give to join ([`Server::set_password`](crate::Server::set_password)), or a member to become a
/// server operator. Cleaned as texts are, so that it can be typed.
///
/// ```
/// use chat_core::{HubOptions, Password};
///
/// let mut options = HubOptions::default();
/// options.operator_password = Some(Password::parse("open sesame")?);
/// assert!(!format!("{options:?}").contains("sesame"));
/// # Ok::<(), chat_core::ParsePasswordError>(())
/// ```
#[derive(Clone, Eq)]
pub struct Password(Text);

/// Why a string is no [`Password`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("password is blank; at least one character is needed")]
pub struct ParsePasswordError;

impl Password {
    /// Takes `password`, without the white space around it.
    ///
    /// # Errors
    ///
    /// [`ParsePasswordError`] if nothing is left.
    pub fn parse(password: &str) -> Result<Password, ParsePasswordError> {
        let text = Text::clean(password.trim());
        if text.is_blank() { Err(ParsePasswordError) } else { Ok(Password(text)) }
    }
}

impl PartialEq for Password {
    /// Takes a time that depends on the length of `other` alone, so that whoever tries does not learn how much of it was
    /// right.
    fn eq(&self, other: &Password) -> bool {
        let (secret, tried) = (self.0.as_bytes(), other.0.as_bytes());
        let mut difference = secret.len() ^ tried.len();
        for (byte, known) in tried.iter().zip(secret.iter().cycle()) {
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
    fn passwords_are_equal_if_all_their_bytes_are() {
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
    fn a_blank_password_is_none() {
        for blank in ["", " \n", "\u{7}"] {
            assert_eq!(Password::parse(blank), Err(ParsePasswordError));
        }
    }
}
