//! Nicks by the rules of Unicode (feature `unicode`).

use std::borrow::Cow;

use precis_profiles::Nickname;
use precis_profiles::precis_core::profile::PrecisFastInvocation as _;
use unicode_security::confusable_detection::skeleton;

/// Prepares a nick by the Nickname profile of PRECIS (RFC 8266, section 2.3), of which NFKC is the part that matters for
/// what a [`Nick`](super::Nick) may hold. What the profile refuses comes back as it is: the nick's own rule, which is
/// stricter, tells what is wrong with it.
pub(super) fn prepare(name: &str) -> Cow<'_, str> {
    #[cfg(test)]
    super::cost::add(name);
    Nickname::enforce(name).unwrap_or(Cow::Borrowed(name))
}

/// What a name looks like: its skeleton (UTS 39, section 4), in one case.
pub(super) fn look(shown: &str, _: &str) -> Box<str> {
    #[cfg(test)]
    super::cost::add(shown);
    super::fold(&skeleton(shown).collect::<String>()).into()
}
