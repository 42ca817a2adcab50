//! The source of a line: `nick!user@host`, or the server.
//!
//! This module must not know the rest of the line.

use std::fmt;

use crate::model::event::Event;
use crate::model::name::Name;
use crate::model::profile::Profile;

/// The source of a line: `nick!user@host`, or the server.
pub(super) struct Source<'a> {
    pub(super) name: &'a Name,
    pub(super) event: &'a Event,
    pub(super) server: &'a str,
}

/// `user@host`, without ambiguous characters.
pub(super) struct UserHost<'a>(pub(super) &'a Profile);

impl fmt::Display for UserHost<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", Word(self.0.user().as_str()), Word(self.0.host().as_str()))
    }
}

impl fmt::Display for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name, self.event.profile()) {
            (Name::Server, _) => f.write_str(self.server),
            (name, Some(profile)) => write!(f, "{name}!{}", UserHost(profile)),
            (name, None) => write!(f, "{name}"),
        }
    }
}

/// A part of a source, with `_` for each space, `!` and `@`.
pub(super) struct Word<'a>(pub(super) &'a str);

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find([' ', '!', '@']) {
            write!(f, "{}_", &rest[..at])?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)
    }
}
