//! `CHATHISTORY`: requests for earlier messages (<https://ircv3.net/specs/extensions/chathistory>).
//!
//! This module must not know which messages the history has.

use std::time::SystemTime;

use crate::model::command::Command;
use crate::model::history::{Anchor, HistoryQuery, Page};
use crate::model::name::RoomName;
use crate::model::text::Text;
use crate::model::time;
use crate::protocol::irc::Irc;
use crate::protocol::irc::line::{Middle, write};
use crate::protocol::irc::message::ClientMessage;
use crate::protocol::irc::options::Config;
use crate::protocol::irc::registration::history_max;
use crate::protocol::irc::shared::{Asked, Kind};

/// The code and the text of a `FAIL`.
type Failure = (&'static str, &'static str);

const NEED_MORE_PARAMS: Failure = ("NEED_MORE_PARAMS", "Missing parameters");
const BAD_REFERENCE: Failure =
    ("INVALID_PARAMS", "A message reference is msgid=ID or timestamp=YYYY-MM-DDThh:mm:ss.sssZ");
const BAD_LIMIT: Failure = ("INVALID_PARAMS", "The limit must be a number of at least 1");

pub(super) fn chathistory(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    let subcommand = message.params[0].to_ascii_uppercase();
    let result = if subcommand == "TARGETS" {
        targets(irc, &message.params)
    } else {
        parse_query(&irc.config, &subcommand, &message.params)
            .map(|query| history(irc, &subcommand, message.params[1], query, out))
    };
    if let Err((code, why)) = result {
        fail(irc, code, &subcommand, why, out);
    }
}

/// Appends a `FAIL`, whose `context` is the subcommand.
fn fail(irc: &Irc, code: &str, context: &str, why: &str, out: &mut Vec<u8>) {
    let context = Text::clean(context);
    write(out, format_args!(":{} FAIL CHATHISTORY {code} {} :{why}", irc.config.server(), Middle(context.as_str())));
}

/// Parses every subcommand except `TARGETS`.
fn parse_query(config: &Config, subcommand: &str, params: &[&str]) -> Result<HistoryQuery, Failure> {
    let max = history_max(&config.limits);
    let reference =
        |index: usize| params.get(index).ok_or(NEED_MORE_PARAMS).and_then(|reference| anchor(config, reference));
    let count = |index: usize| params.get(index).ok_or(NEED_MORE_PARAMS).and_then(|count| limit(count, max));
    Ok(match subcommand {
        "LATEST" => {
            let after = if params.get(2) == Some(&"*") { None } else { Some(reference(2)?) };
            HistoryQuery { after, before: None, part: Page::Last(count(3)?) }
        }
        "BEFORE" => HistoryQuery { after: None, before: Some(reference(2)?), part: Page::Last(count(3)?) },
        "AFTER" => HistoryQuery { after: Some(reference(2)?), before: None, part: Page::First(count(3)?) },
        "AROUND" => HistoryQuery { after: None, before: None, part: Page::Around(reference(2)?, count(3)?) },
        "BETWEEN" => {
            let (from, to, count) = (reference(2)?, reference(3)?, count(4)?);
            let is_backwards = match (&from, &to) {
                (Anchor::Number(from), Anchor::Number(to)) => from > to,
                (Anchor::Time(from), Anchor::Time(to)) => from > to,
                _ => false,
            };
            if is_backwards {
                HistoryQuery { after: Some(to), before: Some(from), part: Page::Last(count) }
            } else {
                HistoryQuery { after: Some(from), before: Some(to), part: Page::First(count) }
            }
        }
        _ => {
            return Err((
                "INVALID_PARAMS",
                "Unknown subcommand; use LATEST, BEFORE, AFTER, AROUND, BETWEEN or TARGETS",
            ));
        }
    })
}

/// Parses a message reference.
fn anchor(config: &Config, reference: &str) -> Result<Anchor, Failure> {
    let number = reference.strip_prefix("msgid=").and_then(|id| config.number_of(id)).map(Anchor::Number);
    let time = || reference.strip_prefix("timestamp=").and_then(time::parse).map(Anchor::Time);
    number.or_else(time).ok_or(BAD_REFERENCE)
}

/// Parses a limit; a limit over `max` becomes `max`.
fn limit(limit: &str, max: usize) -> Result<usize, Failure> {
    limit.parse().ok().filter(|limit| *limit > 0).map(|limit: usize| limit.min(max)).ok_or(BAD_LIMIT)
}

/// Queues a history query, or answers that the target is no channel.
fn history(irc: &mut Irc, subcommand: &str, target: &str, query: HistoryQuery, out: &mut Vec<u8>) {
    let what = format!("{subcommand} {}", Middle(Text::clean(target).as_str()));
    // Only channels have a history.
    if let Some(Ok(room)) = target.starts_with('#').then(|| RoomName::parse(target)) {
        let asked = Asked { kind: Kind::History, what, ..Asked::default() };
        irc.ask(Command::History(query).in_room(room), asked);
    } else {
        let why = "Messages could not be retrieved; only channels have a history";
        write(out, format_args!(":{} FAIL CHATHISTORY INVALID_TARGET {what} :{why}", irc.config.server()));
    }
}

/// Queues the query of `TARGETS`. It lists the member's channels that have messages between two times, with the time of
/// the last message in each.
fn targets(irc: &mut Irc, params: &[&str]) -> Result<(), Failure> {
    let reference = |index: usize| match params
        .get(index)
        .ok_or(NEED_MORE_PARAMS)
        .and_then(|reference| anchor(&irc.config, reference))?
    {
        Anchor::Time(time) => Ok(time),
        Anchor::Number(_) => Err(BAD_REFERENCE),
    };
    let (one, other): (SystemTime, SystemTime) = (reference(1)?, reference(2)?);
    let max = limit(params.get(3).ok_or(NEED_MORE_PARAMS)?, usize::MAX)?;
    let (after, before) = (Anchor::Time(one.min(other)), Anchor::Time(one.max(other)));
    let asked = Asked { how: max.to_string(), ..Asked::default() };
    irc.ask(Command::LastSaid { after, before }, asked);
    Ok(())
}
