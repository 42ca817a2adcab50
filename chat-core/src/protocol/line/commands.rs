//! The parser of the plain-line protocol's commands. The commands are data: `/help` shows the table [`COMMANDS`], and a
//! test compares it with the tables in `PROTOCOL.md`.

mod table;

use std::fmt;

use super::arguments::{Arguments, Fault};
use crate::model::command::Command;
use crate::model::password::Password;
pub(super) use table::COMMANDS;

/// One command.
pub(super) struct Spec {
    pub(super) group: Group,
    pub(super) name: &'static str,
    /// Other names of the command, which people know from other chats.
    pub(super) aliases: &'static [&'static str],
    /// The arguments as a person types them, optional ones in brackets; empty if there are none.
    pub(super) arguments: &'static str,
    pub(super) help: &'static str,
    /// Whether `/help` without an argument lists the command.
    pub(super) is_common: bool,
    parse: fn(Arguments<'_>) -> Result<Parsed, Fault>,
}

/// The subject of a command, under which help lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Talk,
    Rooms,
    People,
    You,
    RoomOperators,
    ServerOperators,
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Group::Talk => "talk",
            Group::Rooms => "rooms",
            Group::People => "people",
            Group::You => "you",
            Group::RoomOperators => "room operators",
            Group::ServerOperators => "server operators",
        })
    }
}

/// A parsed command line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parsed {
    /// A command for the hub.
    Command(Command),
    /// The server's password.
    Password(Password),
    /// A request for help, which the session answers.
    Help(Help),
    /// An upgrade to JSON lines. `lines` says whether each event also has the field `lines`.
    #[cfg(feature = "json")]
    Json { lines: bool },
}

/// The extent of a request for help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Help {
    /// The commands that everybody needs.
    Common,
    /// All commands.
    All,
    /// One command.
    One(&'static Spec),
}

const fn spec(
    group: Group,
    name: &'static str,
    arguments: &'static str,
    help: &'static str,
    parse: fn(Arguments<'_>) -> Result<Parsed, Fault>,
) -> Spec {
    Spec { group, name, aliases: &[], arguments, help, is_common: false, parse }
}

impl Spec {
    const fn aliases(self, aliases: &'static [&'static str]) -> Spec {
        Spec { aliases, ..self }
    }

    const fn common(self) -> Spec {
        Spec { is_common: true, ..self }
    }
}

/// Displays the usage of a command: `/msg NAME TEXT`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Usage(pub(super) &'static Spec);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Spec { name, arguments, .. } = self.0;
        let space = if arguments.is_empty() { "" } else { " " };
        write!(f, "/{name}{space}{arguments}")
    }
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spec").field("name", &self.name).finish_non_exhaustive()
    }
}

impl PartialEq for Spec {
    fn eq(&self, other: &Spec) -> bool {
        self.name == other.name
    }
}

impl Eq for Spec {}

/// Finds a command by its name or an alias, case-insensitively.
fn find(name: &str) -> Option<&'static Spec> {
    COMMANDS.iter().find(|spec| [spec.name].iter().chain(spec.aliases).any(|other| other.eq_ignore_ascii_case(name)))
}

/// Parses a command line without its slash.
pub(super) fn parse(line: &str) -> Result<Parsed, UsageError> {
    let line = line.trim_end();
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let spec = find(name).ok_or_else(|| UsageError { spec: None, fault: Fault::unknown(name) })?;
    (spec.parse)(Arguments::new(rest)).map_err(|fault| UsageError { spec: Some(spec), fault })
}

/// The error in a command line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UsageError {
    /// The command, if it exists.
    spec: Option<&'static Spec>,
    fault: Fault,
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(spec) = self.spec else { return self.fault.fmt(f) };
        match &self.fault {
            fault @ (Fault::Missing | Fault::Surplus) => write!(f, "{fault}; usage: {}", Usage(spec)),
            fault => fault.fmt(f),
        }
    }
}
