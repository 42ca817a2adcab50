//! The commands of the plain line protocol, as data: `/help` and the table in `PROTOCOL.md` are made of [`COMMANDS`].

use std::fmt;
use std::io::Write as _;

use super::arguments::{Arguments, Fault};
use crate::model::command::Command;
use crate::model::history::HistoryQuery;
use crate::model::mask::Mask;
use crate::model::message::Message;
use crate::model::moderation::{Mode, Moderation, Rank, Scope};
use crate::model::name::{Nick, RoomName, Target};
use crate::model::password::Password;
use crate::model::text::Text;

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
    /// The server's password.
    Password(Password),
    /// The list of commands, or one of them.
    Help(Option<&'static Spec>),
    /// JSON lines from here on; whether with plain lines in them.
    #[cfg(feature = "json")]
    Json { lines: bool },
}

const fn spec(
    name: &'static str,
    arguments: &'static str,
    help: &'static str,
    parse: fn(Arguments<'_>) -> Result<Parsed, Fault>,
) -> Spec {
    Spec { name, alias: None, arguments, help, parse }
}

/// In the order in which a request wants to know them.
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
            Ok(Parsed::Ask(Command::Tell { to, words: arguments.needed_text()?.into() }))
        },
    },
    spec("me", "ACTION", "tells the room that one does something", |mut arguments| {
        Ok(Parsed::Ask(Command::Say(Message::action(arguments.needed_text()?))))
    }),
    spec("ops", "TEXT", "says something to the operators of the room alone", |mut arguments| {
        Ok(Parsed::Ask(Command::SayTo { rank: Rank::Operator, words: arguments.needed_text()?.into() }))
    }),
    spec("who", "[#ROOM]", "tells who is in a room", |arguments| in_room(arguments, Command::Who)),
    spec("whois", "NAME", "tells about a member", |arguments| about(arguments, Command::Whois)),
    spec("whowas", "NAME", "tells who had a name before", |arguments| about(arguments, Command::Whowas)),
    spec("rooms", "", "tells which rooms there are", |arguments| {
        arguments.end()?;
        Ok(Parsed::Ask(Command::Rooms))
    }),
    spec("join", "#ROOM [KEY]", "enters a room, or turns to one that one is in", |mut arguments| {
        let room = RoomName::parse(arguments.needed_word()?)?;
        let key = arguments.word().map(Text::clean);
        arguments.end()?;
        Ok(Parsed::Ask(Command::Join { room, key }))
    }),
    spec("part", "[#ROOM]", "leaves a room", |arguments| in_room(arguments, |room| Command::Part { room, why: None })),
    spec("topic", "[TEXT]", "sets what the room is about, or tells it; - takes it away", |mut arguments| {
        let Some(topic) = arguments.text() else { return Ok(Parsed::Ask(Command::Topic)) };
        Ok(moderate(Moderation::Topic((topic.as_str() != "-").then_some(topic))))
    }),
    spec("invite", "NAME", "lets a member enter the room, whatever its modes are", |arguments| {
        about(arguments, |name| Moderation::Invite(name).into())
    }),
    spec("op", "NAME", "makes a member an operator of the room; for its operators", |arguments| {
        about(arguments, |name| Moderation::Promote { name, rank: Rank::Operator }.into())
    }),
    spec("deop", "NAME", "makes an operator an ordinary member; for operators", |arguments| {
        about(arguments, |name| Moderation::Demote { name, rank: Rank::Operator }.into())
    }),
    spec("voice", "NAME", "lets a member speak in a moderated room; for operators", |arguments| {
        about(arguments, |name| Moderation::Promote { name, rank: Rank::Voiced }.into())
    }),
    spec("devoice", "NAME", "takes a voice back; for operators", |arguments| {
        about(arguments, |name| Moderation::Demote { name, rank: Rank::Voiced }.into())
    }),
    spec("mode", "[MODE]", "tells the modes of the room, or sets one; for operators", |mut arguments| {
        let mode = mode(&mut arguments)?;
        arguments.end()?;
        Ok(mode.map_or(Parsed::Ask(Command::Modes), |mode| moderate(Moderation::Modes(vec![mode]))))
    }),
    spec("kick", "NAME [REASON]", "puts a member out of the room; for operators", |mut arguments| {
        let name = Target::new(arguments.needed_word()?);
        Ok(moderate(Moderation::Kick { name, reason: arguments.text() }))
    }),
    spec("mute", "NAME [TIME] [REASON]", "lets a member say nothing in the room; for operators", |mut arguments| {
        let name = Target::new(arguments.needed_word()?);
        Ok(moderate(Moderation::Mute { name, term: arguments.term()? }))
    }),
    spec("unmute", "NAME", "lets a member speak again; for operators", |arguments| {
        about(arguments, |name| Moderation::Unmute(name).into())
    }),
    spec("mutes", "", "tells who is muted in the room; for operators", |arguments| {
        arguments.end()?;
        Ok(moderate(Moderation::Mutes))
    }),
    spec(
        "ban",
        "WHOM [TIME] [REASON]",
        "puts out of the room, and keeps out, a name, an address, a network such as 192.0.2.0/24, all names such as spam*, \
         or nick!user@host; for operators",
        |arguments| ban(arguments, Scope::Room),
    ),
    spec("unban", "WHOM", "lifts a ban from the room; for operators", |arguments| unban(arguments, Scope::Room)),
    spec("bans", "", "tells who is banned from the room", |arguments| bans(&arguments, Scope::Room)),
    spec(
        "exempt",
        "RULE WHOM",
        "lets bans, or invitation, not count in the room for whom one could /ban; for operators",
        |mut arguments| {
            let (from, mask) = (arguments.rule()?, Mask::parse(arguments.needed_word()?)?);
            arguments.end()?;
            Ok(moderate(Moderation::AddException { from, mask }))
        },
    ),
    spec("unexempt", "RULE WHOM", "lets it count again; for operators", |mut arguments| {
        let (from, mask) = (arguments.rule()?, Mask::parse(arguments.needed_word()?)?);
        arguments.end()?;
        Ok(moderate(Moderation::RemoveException { from, mask }))
    }),
    spec("exemptions", "RULE", "tells for whom it does not count in the room", |mut arguments| {
        let from = arguments.rule()?;
        arguments.end()?;
        Ok(moderate(Moderation::Exceptions(from)))
    }),
    spec("oper", "PASSWORD", "makes oneself a server operator", |mut arguments| {
        Ok(Parsed::Ask(Command::Operate(arguments.password()?)))
    }),
    spec("kill", "NAME [REASON]", "closes a member's connection; for server operators", |mut arguments| {
        let name = Target::new(arguments.needed_word()?);
        Ok(moderate(Moderation::Kill { name, reason: arguments.text() }))
    }),
    spec("serverban", "WHOM [TIME] [REASON]", "as /ban, from the whole server; for server operators", |arguments| {
        ban(arguments, Scope::Hub)
    }),
    spec("serverunban", "WHOM", "lifts a ban from the server; for server operators", |arguments| {
        unban(arguments, Scope::Hub)
    }),
    spec("serverbans", "", "tells who is banned from the server; for server operators", |arguments| {
        bans(&arguments, Scope::Hub)
    }),
    spec("stats", "", "tells what was counted; for server operators", |arguments| {
        arguments.end()?;
        Ok(moderate(Moderation::Stats))
    }),
    spec("announce", "TEXT", "tells everybody on the server; for server operators", |mut arguments| {
        Ok(moderate(Moderation::Announce(arguments.needed_text()?)))
    }),
    spec("history", "[N]", "tells what was said in the room before, or the last N of it", |mut arguments| {
        let count = arguments.word().map(|word| word.parse().map_err(|_| Fault::number(word))).transpose()?;
        arguments.end()?;
        Ok(Parsed::Ask(Command::History(count.map_or_else(HistoryQuery::default, HistoryQuery::last))))
    }),
    spec("away", "[TEXT]", "is told to those who write in private; without TEXT one is back", |mut arguments| {
        Ok(Parsed::Ask(Command::Away(arguments.text())))
    }),
    spec("ignore", "NAME", "hears nothing of a member", |arguments| about(arguments, Command::Ignore)),
    spec("unignore", "NAME", "hears a member again", |arguments| about(arguments, Command::Unignore)),
    spec("ping", "[TEXT]", "is answered, with TEXT, once all that was said before is on its way", |mut arguments| {
        Ok(Parsed::Ask(Command::Ping(arguments.text().unwrap_or_else(|| "".into()))))
    }),
    #[cfg(feature = "json")]
    spec("json", "1 [lines]", "speaks JSON lines from here on; for programs", |mut arguments| {
        let version = arguments.needed_word()?;
        if version != "1" {
            return Err(Fault::Version { word: Text::excerpt(version) });
        }
        let lines = match arguments.word() {
            None => false,
            Some("lines") => true,
            Some(_) => return Err(Fault::Surplus),
        };
        arguments.end()?;
        Ok(Parsed::Json { lines })
    }),
    spec(
        "pass",
        "PASSWORD",
        "gives the server's password, where it requires one; before anything else",
        |mut arguments| Ok(Parsed::Password(arguments.password()?)),
    ),
    spec("motd", "", "shows the message of the day", |arguments| {
        arguments.end()?;
        Ok(Parsed::Ask(Command::Motd))
    }),
    spec("quit", "[MESSAGE]", "leaves the chat, with a quit message", |mut arguments| {
        Ok(Parsed::Ask(Command::Quit(arguments.text())))
    }),
];

fn moderate(moderation: Moderation) -> Parsed {
    Parsed::Ask(moderation.into())
}

fn ban(mut arguments: Arguments<'_>, scope: Scope) -> Result<Parsed, Fault> {
    let mask = Mask::parse(arguments.needed_word()?)?;
    Ok(moderate(Moderation::Ban { scope, mask, term: arguments.term()? }))
}

fn unban(mut arguments: Arguments<'_>, scope: Scope) -> Result<Parsed, Fault> {
    let mask = Mask::parse(arguments.needed_word()?)?;
    arguments.end()?;
    Ok(moderate(Moderation::Unban { scope, mask }))
}

fn bans(arguments: &Arguments<'_>, scope: Scope) -> Result<Parsed, Fault> {
    arguments.end()?;
    Ok(moderate(Moderation::Bans(scope)))
}

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
        "+n" | "-n" => Mode::MembersOnly(word == "+n"),
        "+s" | "-s" => Mode::Secret(word == "+s"),
        "+k" => Mode::Key(Some(Text::clean(arguments.needed_word()?))),
        "-k" => Mode::Key(None),
        "+l" => {
            let limit = arguments.needed_word()?;
            Mode::Limit(Some(limit.parse().map_err(|_| Fault::number(limit))?))
        }
        "-l" => Mode::Limit(None),
        _ => return Err(Fault::mode(word)),
    };
    Ok(Some(mode))
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
    let spec = find(name).ok_or_else(|| UsageError { spec: None, fault: Fault::unknown(name) })?;
    (spec.parse)(Arguments::new(rest)).map_err(|fault| UsageError { spec: Some(spec), fault })
}

/// Why a command line has no meaning.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UsageError {
    /// The command that it would be, if there is such a one.
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

/// What a line means to one who speaks otherwise.
#[cfg(feature = "json")]
#[derive(Debug)]
pub(crate) enum Answer {
    /// The hub must answer.
    Ask(Command),
    /// Nothing.
    Nothing,
    /// These lines are the answer.
    Lines(Vec<u8>),
}

/// What a line means that somebody would type; or why it has no meaning.
#[cfg(feature = "json")]
pub(crate) fn ask(line: &str) -> Result<Answer, String> {
    let command = match line.strip_prefix('/') {
        None => return Ok(super::say(line).map_or(Answer::Nothing, Answer::Ask)),
        Some(text) if text.starts_with('/') => return Ok(super::say(text).map_or(Answer::Nothing, Answer::Ask)),
        Some(command) => command,
    };
    match parse(command) {
        Ok(Parsed::Ask(command)) => Ok(Answer::Ask(command)),
        Ok(Parsed::Help(about)) => {
            let mut lines = Vec::new();
            write_help(about, &mut lines);
            Ok(Answer::Lines(lines))
        }
        Ok(Parsed::Json { .. } | Parsed::Password(_)) => Ok(Answer::Nothing),
        Err(error) => Err(error.to_string()),
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
