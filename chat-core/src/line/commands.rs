//! The commands of the plain line protocol, as data: `/help` and the table in `PROTOCOL.md` are made of [`COMMANDS`].

use std::fmt;
use std::io::Write as _;

use crate::command::Command;
use crate::name::{Nick, NickError, RoomName, RoomNameError, Target};
use crate::order::{Mode, Rank};
use crate::text::Text;

/// One command.
pub(super) struct Spec {
    pub(super) name: &'static str,
    /// Another name for it.
    pub(super) alias: Option<&'static str>,
    /// As a person would type them; empty if there are none. Those in brackets may be left out.
    pub(super) arguments: &'static str,
    pub(super) help: &'static str,
    parse: fn(Arguments<'_>) -> Result<Parsed, Fault>,
}

/// What a command line means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parsed {
    /// The hub must answer.
    Ask(Command),
    /// The list of commands, or one of them.
    Help(Option<&'static Spec>),
}

const fn spec(
    name: &'static str,
    arguments: &'static str,
    help: &'static str,
    parse: fn(Arguments<'_>) -> Result<Parsed, Fault>,
) -> Spec {
    Spec { name, alias: None, arguments, help, parse }
}

/// In the order in which a newcomer wants to know them.
pub(super) const COMMANDS: &[Spec] = &[
    spec("help", "[COMMAND]", "lists the commands, or tells about one", |mut arguments| {
        let Some(name) = arguments.word() else { return Ok(Parsed::Help(None)) };
        arguments.end()?;
        let spec = find(name.strip_prefix('/').unwrap_or(name)).ok_or_else(|| Fault::unknown(name))?;
        Ok(Parsed::Help(Some(spec)))
    }),
    spec("nick", "NAME", "changes what one is called", |mut arguments| {
        let nick = Nick::parse(arguments.needed_word()?)?;
        arguments.end()?;
        Ok(Parsed::Ask(Command::Nick(nick)))
    }),
    Spec {
        name: "msg",
        alias: Some("w"),
        arguments: "NAME TEXT",
        help: "says something to one member alone",
        parse: |mut arguments| {
            let to = Target::new(arguments.needed_word()?);
            Ok(Parsed::Ask(Command::Tell { to, text: arguments.needed_text()? }))
        },
    },
    spec("me", "ACTION", "tells the room that one does something", |mut arguments| {
        Ok(Parsed::Ask(Command::Act(arguments.needed_text()?)))
    }),
    spec("who", "[#ROOM]", "tells who is in a room", |arguments| in_room(arguments, Command::Who)),
    spec("whois", "NAME", "tells about a member", |arguments| about(arguments, Command::Whois)),
    spec("rooms", "", "tells which rooms there are", |mut arguments| {
        arguments.end()?;
        Ok(Parsed::Ask(Command::Rooms))
    }),
    spec("join", "#ROOM [KEY]", "enters a room, or turns to one that one is in", |mut arguments| {
        let room = RoomName::parse(arguments.needed_word()?)?;
        let key = arguments.word().map(Text::clean);
        arguments.end()?;
        Ok(Parsed::Ask(Command::Join { room, key }))
    }),
    spec("part", "[#ROOM]", "leaves a room", |arguments| in_room(arguments, Command::Part)),
    spec("topic", "[TEXT]", "sets what the room is about, or tells it", |mut arguments| {
        Ok(Parsed::Ask(Command::Topic(arguments.text())))
    }),
    spec("invite", "NAME", "lets a member enter the room, whatever its modes are", |arguments| {
        about(arguments, Command::Invite)
    }),
    spec("op", "NAME", "makes a member an operator of the room; for its operators", |arguments| {
        about(arguments, |name| Command::Promote { name, rank: Rank::Operator })
    }),
    spec("deop", "NAME", "makes an operator an ordinary member; for operators", |arguments| {
        about(arguments, |name| Command::Demote { name, rank: Rank::Operator })
    }),
    spec("voice", "NAME", "lets a member speak in a moderated room; for operators", |arguments| {
        about(arguments, |name| Command::Promote { name, rank: Rank::Voiced })
    }),
    spec("devoice", "NAME", "takes a voice back; for operators", |arguments| {
        about(arguments, |name| Command::Demote { name, rank: Rank::Voiced })
    }),
    spec("kick", "NAME [REASON]", "puts a member out of the room; for operators", |mut arguments| {
        let name = Target::new(arguments.needed_word()?);
        Ok(Parsed::Ask(Command::Kick { name, reason: arguments.text() }))
    }),
    spec("mode", "[MODE]", "tells the modes of the room, or sets one; for operators", |mut arguments| {
        let mode = mode(&mut arguments)?;
        arguments.end()?;
        Ok(Parsed::Ask(Command::Mode(mode)))
    }),
    spec("history", "[N]", "tells what was said in the room before, or the last N of it", |mut arguments| {
        let count = arguments.word().map(|word| word.parse().map_err(|_| Fault::number(word))).transpose()?;
        arguments.end()?;
        Ok(Parsed::Ask(Command::History(count)))
    }),
    spec("away", "[TEXT]", "is told to those who write in private; without TEXT one is back", |mut arguments| {
        Ok(Parsed::Ask(Command::Away(arguments.text())))
    }),
    spec("ignore", "NAME", "hears nothing of a member", |arguments| about(arguments, Command::Ignore)),
    spec("unignore", "NAME", "hears a member again", |arguments| about(arguments, Command::Unignore)),
    spec("ping", "[TEXT]", "is answered, with TEXT, once all that was said before is on its way", |mut arguments| {
        Ok(Parsed::Ask(Command::Ping(arguments.text().unwrap_or_else(|| "".into()))))
    }),
    spec("quit", "", "leaves the chat", |mut arguments| {
        arguments.end()?;
        Ok(Parsed::Ask(Command::Quit))
    }),
];

/// A command about somebody.
fn about(mut arguments: Arguments<'_>, command: fn(Target) -> Command) -> Result<Parsed, Fault> {
    let name = Target::new(arguments.needed_word()?);
    arguments.end()?;
    Ok(Parsed::Ask(command(name)))
}

/// A command about a room, or the current one.
fn in_room(mut arguments: Arguments<'_>, command: fn(Option<RoomName>) -> Command) -> Result<Parsed, Fault> {
    let room = arguments.room()?;
    arguments.end()?;
    Ok(Parsed::Ask(command(room)))
}

/// `+i`, `-k`, `+l 10` and so on; nothing, if there are no arguments.
fn mode(arguments: &mut Arguments<'_>) -> Result<Option<Mode>, Fault> {
    let Some(word) = arguments.word() else { return Ok(None) };
    let mode = match word {
        "+i" | "-i" => Mode::InviteOnly(word == "+i"),
        "+m" | "-m" => Mode::Moderated(word == "+m"),
        "+t" | "-t" => Mode::TopicLocked(word == "+t"),
        "+k" => Mode::Key(Some(Text::clean(arguments.needed_word()?))),
        "-k" => Mode::Key(None),
        "+l" => {
            let limit = arguments.needed_word()?;
            Mode::Limit(Some(limit.parse().map_err(|_| Fault::number(limit))?))
        }
        "-l" => Mode::Limit(None),
        _ => return Err(Fault::Mode { word: shown(word) }),
    };
    Ok(Some(mode))
}

/// What stands behind a command's name, word by word.
struct Arguments<'a>(&'a str);

impl<'a> Arguments<'a> {
    /// The next word, if there is one.
    fn word(&mut self) -> Option<&'a str> {
        let rest = self.0.trim_start();
        let (word, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }

    fn needed_word(&mut self) -> Result<&'a str, Fault> {
        self.word().ok_or(Fault::Missing)
    }

    /// All the rest, if there is any.
    fn text(&mut self) -> Option<Text> {
        let text = Text::clean(std::mem::take(&mut self.0).trim());
        (!text.is_blank()).then_some(text)
    }

    fn needed_text(&mut self) -> Result<Text, Fault> {
        self.text().ok_or(Fault::Missing)
    }

    fn room(&mut self) -> Result<Option<RoomName>, Fault> {
        Ok(self.word().map(RoomName::parse).transpose()?)
    }

    fn end(&mut self) -> Result<(), Fault> {
        if self.0.trim().is_empty() { Ok(()) } else { Err(Fault::Surplus) }
    }
}

/// What is wrong with a command line, as its parser sees it.
#[derive(Debug)]
enum Fault {
    Missing,
    Surplus,
    Unknown { name: Text },
    Number { word: Text },
    Mode { word: Text },
    Nick(NickError),
    Room(RoomNameError),
}

impl Fault {
    fn number(word: &str) -> Fault {
        Fault::Number { word: shown(word) }
    }

    fn unknown(name: &str) -> Fault {
        Fault::Unknown { name: shown(name) }
    }
}

/// As much of a word that means nothing as is shown.
fn shown(word: &str) -> Text {
    /// In characters.
    const SHOWN_MAX: usize = 30;

    word.chars().take(SHOWN_MAX).collect::<String>().into()
}

impl From<NickError> for Fault {
    fn from(error: NickError) -> Fault {
        Fault::Nick(error)
    }
}

impl From<RoomNameError> for Fault {
    fn from(error: RoomNameError) -> Fault {
        Fault::Room(error)
    }
}

/// Why a command line has no meaning.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum UsageError {
    #[error("unknown command /{name}; try /help, or // to say a line that begins with a slash")]
    Unknown { name: Text },
    #[error("/{name} takes no arguments")]
    NoArguments { name: &'static str },
    #[error("there is more than /{name} takes; it is used so: {usage}")]
    Surplus { name: &'static str, usage: Usage },
    #[error("/{name} needs more; it is used so: {usage}")]
    Missing { name: &'static str, usage: Usage },
    #[error("{word} is no number; /{name} takes one from 0 on")]
    Number { name: &'static str, word: Text },
    #[error("{word} is no mode; there are +i, +m, +t, +k KEY, +l N, and with - in place of + they are taken back")]
    Mode { word: Text },
    #[error(transparent)]
    Nick(NickError),
    #[error(transparent)]
    Room(RoomNameError),
}

/// Shows how a command is used: `/msg NAME TEXT`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Usage(&'static Spec);

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

/// A command's name is the same in any case.
fn find(name: &str) -> Option<&'static Spec> {
    COMMANDS.iter().find(|spec| {
        spec.name.eq_ignore_ascii_case(name) || spec.alias.is_some_and(|alias| alias.eq_ignore_ascii_case(name))
    })
}

/// Parses a command line without its slash.
pub(super) fn parse(line: &str) -> Result<Parsed, UsageError> {
    let line = line.trim_end();
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let spec = find(name).ok_or_else(|| UsageError::Unknown { name: shown(name) })?;
    (spec.parse)(Arguments(rest)).map_err(|fault| usage_error(spec, fault))
}

fn usage_error(spec: &'static Spec, fault: Fault) -> UsageError {
    let (name, usage) = (spec.name, Usage(spec));
    match fault {
        Fault::Missing => UsageError::Missing { name, usage },
        Fault::Surplus if spec.arguments.is_empty() => UsageError::NoArguments { name },
        Fault::Surplus => UsageError::Surplus { name, usage },
        Fault::Unknown { name } => UsageError::Unknown { name },
        Fault::Number { word } => UsageError::Number { name, word },
        Fault::Mode { word } => UsageError::Mode { word },
        Fault::Nick(error) => UsageError::Nick(error),
        Fault::Room(error) => UsageError::Room(error),
    }
}

/// The answer to `/help`, or to `/help COMMAND`.
pub(super) fn write_help(about: Option<&'static Spec>, reply: &mut Vec<u8>) {
    match about {
        None => {
            for spec in COMMANDS {
                write_spec(spec, reply);
            }
            reply.extend_from_slice(b"* //TEXT  says a line that begins with a slash\n");
        }
        Some(spec) => {
            write_spec(spec, reply);
            if let Some(alias) = spec.alias {
                writeln!(reply, "*   or shorter /{alias}").expect("a Vec takes all bytes");
            }
        }
    }
}

fn write_spec(spec: &'static Spec, reply: &mut Vec<u8>) {
    writeln!(reply, "* {}  {}", Usage(spec), spec.help).expect("a Vec takes all bytes");
}
