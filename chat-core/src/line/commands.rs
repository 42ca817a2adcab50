//! The commands of the plain line protocol, as data: `/help` and the table in `PROTOCOL.md` are made of [`COMMANDS`].

use std::io::Write as _;

use crate::command::Command;
use crate::text::Text;

/// One command.
pub(super) struct Spec {
    pub(super) name: &'static str,
    /// As a person would type them; empty if there are none. Those in brackets may be left out.
    pub(super) arguments: &'static str,
    pub(super) help: &'static str,
    parse: fn(&str) -> Option<Parsed>,
}

/// What a command line means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parsed {
    /// The room must answer.
    Ask(Command),
    /// The list of commands.
    Help,
}

pub(super) const COMMANDS: &[Spec] = &[
    Spec { name: "help", arguments: "", help: "lists the commands", parse: |rest| alone(rest, Parsed::Help) },
    Spec {
        name: "ping",
        arguments: "[TEXT]",
        help: "is answered, with TEXT, once all that was said before is on its way",
        parse: |rest| Some(Parsed::Ask(Command::Ping(Text::clean(rest)))),
    },
    Spec {
        name: "quit",
        arguments: "",
        help: "leaves the chat",
        parse: |rest| alone(rest, Parsed::Ask(Command::Quit)),
    },
];

/// A command without arguments.
fn alone(rest: &str, parsed: Parsed) -> Option<Parsed> {
    rest.is_empty().then_some(parsed)
}

/// Why a command line has no meaning.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum UsageError {
    #[error("unknown command /{name}; try /help, or // to say a line that begins with a slash")]
    Unknown { name: Text },
    #[error("/{name} takes no arguments")]
    Surplus { name: &'static str },
}

/// The longest part of an unknown command that is shown, in characters.
const SHOWN_MAX: usize = 30;

/// Parses a command line without its slash. A command's name is the same in any case.
pub(super) fn parse(line: &str) -> Result<Parsed, UsageError> {
    let line = line.trim_end();
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let Some(spec) = COMMANDS.iter().find(|spec| spec.name.eq_ignore_ascii_case(name)) else {
        let shown: String = name.chars().take(SHOWN_MAX).collect();
        return Err(UsageError::Unknown { name: shown.into() });
    };
    (spec.parse)(rest.trim_start()).ok_or(UsageError::Surplus { name: spec.name })
}

/// The answer to `/help`.
pub(super) fn write_help(reply: &mut Vec<u8>) {
    for Spec { name, arguments, help, .. } in COMMANDS {
        let space = if arguments.is_empty() { "" } else { " " };
        writeln!(reply, "* /{name}{space}{arguments}  {help}").expect("a Vec takes all bytes");
    }
    reply.extend_from_slice(b"* //TEXT  says a line that begins with a slash\n");
}
