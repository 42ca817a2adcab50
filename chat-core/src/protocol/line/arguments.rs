//! The parser of a command's arguments, and its errors.

use std::time::Duration;

use crate::model::human_duration::{self, ParseDurationError};
use crate::model::mask::ParseMaskError;
use crate::model::moderation::{ExceptionKind, Term};
use crate::model::name::{ParseNickError, ParseRoomNameError, RoomName};
use crate::model::password::Password;
use crate::model::text::Text;

/// The rest of a command line, which the command's parser takes word by word.
pub(super) struct Arguments<'a>(&'a str);

impl<'a> Arguments<'a> {
    /// Returns the arguments that follow the command's name.
    pub(super) fn new(rest: &'a str) -> Arguments<'a> {
        Arguments(rest)
    }

    /// Takes the next word, if there is one.
    pub(super) fn word(&mut self) -> Option<&'a str> {
        let rest = self.0.trim_start();
        let (word, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }

    pub(super) fn needed_word(&mut self) -> Result<&'a str, Fault> {
        self.word().ok_or(Fault::Missing)
    }

    /// Takes all the rest, if it is not blank.
    pub(super) fn text(&mut self) -> Option<Text> {
        let text = Text::clean(std::mem::take(&mut self.0).trim());
        (!text.is_blank()).then_some(text)
    }

    pub(super) fn needed_text(&mut self) -> Result<Text, Fault> {
        self.text().ok_or(Fault::Missing)
    }

    /// Takes all the rest as a password.
    pub(super) fn password(&mut self) -> Result<Password, Fault> {
        Password::parse(self.needed_text()?.as_str()).map_err(|_| Fault::Missing)
    }

    /// Takes the next word, if there is one, as a room.
    pub(super) fn room(&mut self) -> Result<Option<RoomName>, Fault> {
        Ok(self.word().map(RoomName::parse).transpose()?)
    }

    /// Takes the next word as the kind of an exception.
    pub(super) fn rule(&mut self) -> Result<ExceptionKind, Fault> {
        match self.needed_word()? {
            "bans" => Ok(ExceptionKind::Ban),
            "invitation" => Ok(ExceptionKind::Invite),
            word => Err(Fault::ExceptionKind { word: Text::excerpt(word) }),
        }
    }

    /// Takes an optional duration and an optional reason.
    pub(super) fn term(&mut self) -> Result<Term, Fault> {
        Ok(Term { time: self.time()?, reason: self.text() })
    }

    /// Takes a duration, if the next word begins with a digit. A malformed duration is an error rather than a reason:
    /// otherwise a typing error would turn a ban for ten minutes into one for ever.
    fn time(&mut self) -> Result<Option<Duration>, Fault> {
        if !self.0.trim_start().starts_with(|c: char| c.is_ascii_digit()) {
            return Ok(None);
        }
        Ok(self.word().map(human_duration::parse).transpose()?)
    }

    /// Checks that no arguments are left.
    pub(super) fn end(&self) -> Result<(), Fault> {
        if self.0.trim().is_empty() { Ok(()) } else { Err(Fault::Surplus) }
    }
}

/// The error in a command line. `UsageError` adds the usage to the first two variants.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("missing argument")]
    Missing,
    #[error("too many arguments")]
    Surplus,
    #[error("invalid number: {word}; use a whole number, 0 or more")]
    Number { word: Text },
    #[error("unknown command: /{name}; try /help, or start the line with // to send it as text")]
    Unknown { name: Text },
    #[error("unknown mode: {word}; use +i, +m, +n, +s, +t, +k KEY or +l N, or - in place of + to unset a mode")]
    Mode { word: Text },
    #[cfg(feature = "json")]
    #[error("unsupported version of JSON lines: {word}; use 1")]
    Version { word: Text },
    #[error("unknown rule: {word}; use bans or invitation")]
    ExceptionKind { word: Text },
    #[error(transparent)]
    Time(#[from] ParseDurationError),
    #[error(transparent)]
    Mask(#[from] ParseMaskError),
    #[error(transparent)]
    Nick(#[from] ParseNickError),
    #[error(transparent)]
    Room(#[from] ParseRoomNameError),
}

impl Fault {
    pub(super) fn number(word: &str) -> Fault {
        Fault::Number { word: Text::excerpt(word) }
    }

    pub(super) fn unknown(name: &str) -> Fault {
        Fault::Unknown { name: Text::excerpt(name) }
    }

    pub(super) fn mode(word: &str) -> Fault {
        Fault::Mode { word: Text::excerpt(word) }
    }
}
