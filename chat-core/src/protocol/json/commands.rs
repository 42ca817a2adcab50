//! The commands of JSON lines, as data. A test compares `PROTOCOL.md` with [`COMMANDS`].

use serde_json::Value;

use super::fields::{Fault, Fields};
use crate::model::command::Command;
use crate::model::history::{HistoryQuery, Page};
use crate::model::moderation::{Mode, Moderation, Scope};
use crate::model::password::Password;
use crate::model::text::Text;
use crate::protocol::line::typed::{Answer, parse_line};

/// One command.
pub(super) struct Spec {
    pub(super) name: &'static str,
    /// Whether the field `room` may name a room other than the current one.
    in_room: bool,
    parse: fn(&mut Fields) -> Result<Command, Fault>,
}

const fn spec(name: &'static str, parse: fn(&mut Fields) -> Result<Command, Fault>) -> Spec {
    Spec { name, in_room: false, parse }
}

const fn spec_in_room(name: &'static str, parse: fn(&mut Fields) -> Result<Command, Fault>) -> Spec {
    Spec { name, in_room: true, parse }
}

/// All commands except [`LINE`].
pub(super) const COMMANDS: &[Spec] = &[
    spec_in_room("say", |fields| Ok(Command::Say(fields.message()?))),
    spec_in_room("say_to", |fields| Ok(Command::SayToRank { rank: fields.rank()?, message: fields.message()? })),
    spec("tell", |fields| Ok(Command::SayPrivately { to: fields.target("to")?, message: fields.message()? })),
    spec("nick", |fields| Ok(Command::Nick(fields.nick()?))),
    spec("join", |fields| {
        let room = fields.room()?.ok_or(Fault::Missing { field: "room" })?;
        Ok(Command::Join { room, key: fields.text("key")? })
    }),
    spec("part", |fields| Ok(Command::Part { room: fields.room()?, why: fields.text("reason")? })),
    spec("part_all", |_| Ok(Command::PartAll)),
    spec("last_said", |fields| {
        let after = fields.anchor("after")?.ok_or(Fault::Missing { field: "after" })?;
        Ok(Command::LastSaid { after, before: fields.anchor("before")?.ok_or(Fault::Missing { field: "before" })? })
    }),
    spec("rooms", |_| Ok(Command::Rooms)),
    spec("census", |_| Ok(Command::Census)),
    spec("who", |fields| Ok(Command::Who(fields.room()?))),
    spec("whois", |fields| Ok(Command::Whois(fields.target("name")?))),
    spec("whowas", |fields| Ok(Command::Whowas(fields.target("name")?))),
    spec("find", |fields| Ok(Command::Find(fields.pattern()?))),
    spec_in_room("history", |fields| Ok(Command::History(history_query(fields)?))),
    spec_in_room("modes", |_| Ok(Command::Modes)),
    spec_in_room("topic", |_| Ok(Command::Topic)),
    spec_in_room("set_topic", |fields| {
        Ok(Moderation::Topic(fields.text("topic")?.filter(|topic| !topic.is_empty())).into())
    }),
    spec_in_room("set_modes", |fields| Ok(Moderation::Modes(fields.list("modes", mode)?).into())),
    spec_in_room("promote", |fields| {
        Ok(Moderation::Promote { name: fields.target("name")?, rank: fields.rank()? }.into())
    }),
    spec_in_room("demote", |fields| {
        Ok(Moderation::Demote { name: fields.target("name")?, rank: fields.rank()? }.into())
    }),
    spec_in_room("kick", |fields| {
        Ok(Moderation::Kick { name: fields.target("name")?, reason: fields.text("reason")? }.into())
    }),
    spec_in_room("mute", |fields| Ok(Moderation::Mute { name: fields.target("name")?, term: fields.term()? }.into())),
    spec_in_room("unmute", |fields| Ok(Moderation::Unmute(fields.target("name")?).into())),
    spec_in_room("mutes", |_| Ok(Moderation::Mutes.into())),
    spec_in_room("ban", |fields| {
        Ok(Moderation::Ban { scope: scope(fields)?, mask: fields.mask()?, term: fields.term()? }.into())
    }),
    spec_in_room("unban", |fields| Ok(Moderation::Unban { scope: scope(fields)?, mask: fields.mask()? }.into())),
    spec_in_room("bans", |fields| Ok(Moderation::Bans(scope(fields)?).into())),
    spec_in_room("exempt", |fields| Ok(Moderation::AddException { from: fields.rule()?, mask: fields.mask()? }.into())),
    spec_in_room("unexempt", |fields| {
        Ok(Moderation::RemoveException { from: fields.rule()?, mask: fields.mask()? }.into())
    }),
    spec_in_room("exemptions", |fields| Ok(Moderation::Exceptions(fields.rule()?).into())),
    spec_in_room("invite", |fields| Ok(Moderation::Invite(fields.target("name")?).into())),
    spec("operate", |fields| {
        let password = password(fields)?.ok_or(Fault::Missing { field: "password" })?;
        Ok(Command::Operate(password))
    }),
    spec("kill", |fields| Ok(Moderation::Kill { name: fields.target("name")?, reason: fields.text("reason")? }.into())),
    spec("announce", |fields| Ok(Moderation::Announce(fields.needed_text("text")?).into())),
    spec("stats", |_| Ok(Moderation::Stats.into())),
    spec("away", |fields| Ok(Command::Away(fields.text("reason")?))),
    spec("real_name", |fields| Ok(Command::RealName(fields.needed_text("real_name")?))),
    spec("ignore", |fields| Ok(Command::Ignore(fields.target("name")?))),
    spec("unignore", |fields| Ok(Command::Unignore(fields.target("name")?))),
    spec("motd", |_| Ok(Command::Motd)),
    spec("ping", |fields| Ok(Command::Ping(fields.text("token")?.unwrap_or_else(|| "".into())))),
    spec("quit", |fields| Ok(Command::Quit(fields.text("reason")?))),
];

/// A decoded object.
#[derive(Debug)]
pub(super) struct ParsedLine {
    /// The id that the answer repeats.
    pub(super) id: Option<Value>,
    /// The server's password.
    pub(super) password: Option<Password>,
    /// The command, or the error in the object.
    pub(super) answer: Result<Answer, Fault>,
}

/// Parses an object, whose strings have at most `limit` bytes. The first object may carry the server's password, and so
/// may any object while the server requires it. The field `password` of `operate` is the operator password.
pub(super) fn parse(line: &[u8], limit: usize, is_required: bool, is_first: bool) -> ParsedLine {
    let mut fields = match Fields::parse(line, limit) {
        Ok(fields) => fields,
        Err(fault) => return ParsedLine { id: None, password: None, answer: Err(fault) },
    };
    let id = fields.id();
    let carries_password = is_required || (is_first && !fields.has("command", "operate"));
    match if carries_password { password(&mut fields) } else { Ok(None) } {
        Ok(password) => ParsedLine { id, password, answer: command(fields) },
        Err(fault) => ParsedLine { id, password: None, answer: Err(fault) },
    }
}

fn password(fields: &mut Fields) -> Result<Option<Password>, Fault> {
    let needed = "a password that is not blank";
    let parse = |password: String| Password::parse(&password).map_err(|_| Fault::Wrong { field: "password", needed });
    fields.string("password")?.map(parse).transpose()
}

fn command(mut fields: Fields) -> Result<Answer, Fault> {
    let name = fields.needed_string("command")?;
    if name == LINE {
        return line(fields);
    }
    let spec = COMMANDS.iter().find(|spec| spec.name == name);
    let spec = spec.ok_or_else(|| Fault::NoCommand { name: Text::excerpt(&name) })?;
    let room = if spec.in_room { fields.room()? } else { None };
    let command = (spec.parse)(&mut fields)?;
    fields.end()?;
    Ok(Answer::Command(match room {
        Some(room) => command.in_room(room),
        None => command,
    }))
}

/// The name of the command that runs a plain line, as a person types it.
pub(super) const LINE: &str = "line";

fn line(mut fields: Fields) -> Result<Answer, Fault> {
    let (line, room) = (fields.needed_text("line")?, fields.room()?);
    fields.end()?;
    let answer = parse_line(line.as_str()).map_err(|why| Fault::Usage { why })?;
    Ok(match (answer, room) {
        (Answer::Command(command), Some(room)) => Answer::Command(command.in_room(room)),
        (answer, _) => answer,
    })
}

fn history_query(fields: &mut Fields) -> Result<HistoryQuery, Fault> {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let (after, before) = (fields.anchor("after")?, fields.anchor("before")?);
    let (last, first) = (fields.number("last")?.map(count), fields.number("first")?.map(count));
    let part = match (fields.anchor("around")?, last, first) {
        (Some(anchor), last, None) => Page::Around(anchor, last.unwrap_or(usize::MAX)),
        (None, last, None) => Page::Last(last.unwrap_or(usize::MAX)),
        (None, None, Some(first)) => Page::First(first),
        _ => return Err(Fault::Combined { field: "first", others: "last or around" }),
    };
    Ok(HistoryQuery { after, before, part })
}

fn mode(fields: &mut Fields) -> Result<Mode, Fault> {
    let name = fields.needed_string("mode")?;
    let on = fields.flag("on")?;
    Ok(match name.as_str() {
        "invite_only" => Mode::InviteOnly(on),
        "moderated" => Mode::Moderated(on),
        "topic_locked" => Mode::TopicLocked(on),
        "members_only" => Mode::MembersOnly(on),
        "secret" => Mode::Secret(on),
        "key" if on => Mode::Key(Some(fields.needed_text("key")?)),
        "key" => Mode::Key(None),
        "limit" if on => {
            let limit = fields.number("limit")?.and_then(|limit| usize::try_from(limit).ok());
            Mode::Limit(Some(limit.ok_or(Fault::Missing { field: "limit" })?))
        }
        "limit" => Mode::Limit(None),
        _ => {
            let needed = "invite_only, moderated, topic_locked, members_only, secret, key or limit";
            return Err(Fault::Wrong { field: "mode", needed });
        }
    })
}

fn scope(fields: &mut Fields) -> Result<Scope, Fault> {
    Ok(if fields.flag("server")? { Scope::Hub } else { Scope::Room })
}
