//! What stands behind a command's name, and what can be wrong with it.

use std::time::Duration;

use crate::model::human_duration::{self, ParseDurationError};
use crate::model::mask::ParseMaskError;
use crate::model::moderation::{ExceptionKind, Term};
use crate::model::name::{ParseNickError, ParseRoomNameError, RoomName};
use crate::model::password::Password;
use crate::model::text::Text;

/// The arguments of a command, taken word by word.
pub(super) struct Arguments<'a>(&'a str);

impl<'a> Arguments<'a> {
    /// All that stands behind the name.
    pub(super) fn new(rest: &'a str) -> Arguments<'a> {
        Arguments(rest)
    }

    /// The next word, if there is one.
    pub(super) fn word(&mut self) -> Option<&'a str> {
        let rest = self.0.trim_start();
        let (word, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }

    pub(super) fn needed_word(&mut self) -> Result<&'a str, Fault> {
        self.word().ok_or(Fault::Missing)
    }

    /// All the rest, if there is any.
    pub(super) fn text(&mut self) -> Option<Text> {
        let text = Text::clean(std::mem::take(&mut self.0).trim());
        (!text.is_blank()).then_some(text)
    }

    pub(super) fn needed_text(&mut self) -> Result<Text, Fault> {
        self.text().ok_or(Fault::Missing)
    }

    /// A password: all the rest.
    pub(super) fn password(&mut self) -> Result<Password, Fault> {
        Password::parse(&self.needed_text()?).map_err(|_| Fault::Missing)
    }

    /// A room, if there is a word.
    pub(super) fn room(&mut self) -> Result<Option<RoomName>, Fault> {
        Ok(self.word().map(RoomName::parse).transpose()?)
    }

    /// What somebody can be exempt from.
    pub(super) fn rule(&mut self) -> Result<ExceptionKind, Fault> {
        match self.needed_word()? {
            "bans" => Ok(ExceptionKind::Ban),
            "invitation" => Ok(ExceptionKind::Invite),
            word => Err(Fault::ExceptionKind { word: Text::excerpt(word) }),
        }
    }

    /// For how long, and why.
    pub(super) fn term(&mut self) -> Result<Term, Fault> {
        Ok(Term { time: self.time()?, reason: self.text() })
    }

    /// A time, if the next word begins with a digit. One that does and is none is refused rather than taken for a reason:
    /// it would make of a ban for ten minutes one for ever.
    fn time(&mut self) -> Result<Option<Duration>, Fault> {
        if !self.0.trim_start().starts_with(|c: char| c.is_ascii_digit()) {
            return Ok(None);
        }
        Ok(self.word().map(human_duration::parse).transpose()?)
    }

    /// Nothing more.
    pub(super) fn end(&self) -> Result<(), Fault> {
        if self.0.trim().is_empty() { Ok(()) } else { Err(Fault::Surplus) }
    }
}

/// What is wrong with a command line. The first three are said with the command's name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("something is missing")]
    Missing,
    #[error("there is too much")]
    Surplus,
    #[error("{word} is no number")]
    Number { word: Text },
    #[error("unknown command /{name}; try /help, or // to say a line that begins with a slash")]
    Unknown { name: Text },
    #[error(
        "{word} is no mode; there are +i, +m, +n, +s, +t, +k KEY, +l N, and with - in place of + they are taken back"
    )]
    Mode { word: Text },
    #[cfg(feature = "json")]
    #[error("there is no version {word} of JSON lines; there is 1")]
    Version { word: Text },
    #[error("nobody can be exempt from {word}; there are bans and invitation")]
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
