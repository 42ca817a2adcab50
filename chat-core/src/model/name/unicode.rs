//! Normalization and lookalike detection by the rules of Unicode (feature `unicode`).
//!
//! This module must not know which characters a nick may have.

use std::borrow::Cow;

use precis_profiles::Nickname;
use precis_profiles::precis_core::profile::PrecisFastInvocation as _;
use unicode_security::confusable_detection;

/// Normalizes a nick by the Nickname profile of PRECIS (RFC 8266, section 2.3).
///
/// For the characters of a [`Nick`](super::Nick), NFKC is the only part of the profile that matters. If the profile
/// refuses a name, this function returns the name unchanged: the parser of nicks, which is stricter, then says what is
/// wrong.
pub(super) fn prepare(name: &str) -> Cow<'_, str> {
    #[cfg(test)]
    super::cost::add(name);
    Nickname::enforce(name).unwrap_or(Cow::Borrowed(name))
}

/// Returns the form that lookalike names share: the case-folded skeleton (UTS 39, section 4).
pub(super) fn skeleton(shown: &str, _: &str) -> Box<str> {
    #[cfg(test)]
    super::cost::add(shown);
    super::fold(&confusable_detection::skeleton(shown).collect::<String>()).into()
}
