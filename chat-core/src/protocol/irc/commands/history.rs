//! What was said before, as clients ask for it (<https://ircv3.net/specs/extensions/chathistory>).

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

/// What is wrong with a request: its code, and what it is about.
type Fault = (&'static str, &'static str);

const NEED_MORE_PARAMS: Fault = ("NEED_MORE_PARAMS", "Missing parameters");
const NO_REFERENCE: Fault = ("INVALID_PARAMS", "A place is msgid=ID or timestamp=YYYY-MM-DDThh:mm:ss.sssZ");
const NO_NUMBER: Fault = ("INVALID_PARAMS", "The limit is a number from 1 on");

pub(super) fn chathistory(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    let subcommand = message.params[0].to_ascii_uppercase();
    let asked = if subcommand == "TARGETS" {
        targets(irc, &message.params)
    } else {
        parse_query(&irc.config, &subcommand, &message.params)
            .map(|query| history(irc, &subcommand, message.params[1], query, out))
    };
    if let Err((code, why)) = asked {
        fail(irc, code, &subcommand, why, out);
    }
}

fn fail(irc: &Irc, code: &str, about: &str, why: &str, out: &mut Vec<u8>) {
    let about = Text::clean(about);
    write(out, format_args!(":{} FAIL CHATHISTORY {code} {} :{why}", irc.config.server(), Middle(&about)));
}

/// What is asked for by all but `TARGETS`.
fn parse_query(config: &Config, subcommand: &str, params: &[&str]) -> Result<HistoryQuery, Fault> {
    let most = history_max(&config.limits);
    let place = |number: usize| params.get(number).ok_or(NEED_MORE_PARAMS).and_then(|place| anchor(config, place));
    let count = |number: usize| params.get(number).ok_or(NEED_MORE_PARAMS).and_then(|count| limit(count, most));
    Ok(match subcommand {
        "LATEST" => {
            let after = if params.get(2) == Some(&"*") { None } else { Some(place(2)?) };
            HistoryQuery { after, before: None, part: Page::Last(count(3)?) }
        }
        "BEFORE" => HistoryQuery { after: None, before: Some(place(2)?), part: Page::Last(count(3)?) },
        "AFTER" => HistoryQuery { after: Some(place(2)?), before: None, part: Page::First(count(3)?) },
        "AROUND" => HistoryQuery { after: None, before: None, part: Page::Around(place(2)?, count(3)?) },
        "BETWEEN" => {
            let (from, to, count) = (place(2)?, place(3)?, count(4)?);
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
                "Unknown subcommand; there are LATEST, BEFORE, AFTER, AROUND, BETWEEN and TARGETS",
            ));
        }
    })
}

fn anchor(config: &Config, place: &str) -> Result<Anchor, Fault> {
    let number = place.strip_prefix("msgid=").and_then(|id| config.number_of(id)).map(Anchor::Number);
    let time = || place.strip_prefix("timestamp=").and_then(time::parse).map(Anchor::Time);
    number.or_else(time).ok_or(NO_REFERENCE)
}

fn limit(limit: &str, most: usize) -> Result<usize, Fault> {
    limit.parse().ok().filter(|limit| *limit > 0).map(|limit: usize| limit.min(most)).ok_or(NO_NUMBER)
}

fn history(irc: &mut Irc, subcommand: &str, target: &str, query: HistoryQuery, out: &mut Vec<u8>) {
    let what = format!("{subcommand} {}", Middle(&Text::clean(target)));
    // Only what was said in channels is remembered.
    if let Some(Ok(room)) = target.starts_with('#').then(|| RoomName::parse(target)) {
        let asked = Asked { kind: Kind::History, what, ..Asked::default() };
        irc.ask(Command::History(query).in_room(room), asked);
    } else {
        let why = "Messages could not be retrieved; only those in channels are kept";
        write(out, format_args!(":{} FAIL CHATHISTORY INVALID_TARGET {what} :{why}", irc.config.server()));
    }
}

/// In which channels that one is in something was said between two times, and when it was said last.
fn targets(irc: &mut Irc, params: &[&str]) -> Result<(), Fault> {
    let place = |number: usize| match params
        .get(number)
        .ok_or(NEED_MORE_PARAMS)
        .and_then(|place| anchor(&irc.config, place))?
    {
        Anchor::Time(time) => Ok(time),
        Anchor::Number(_) => Err(NO_REFERENCE),
    };
    let (one, other): (SystemTime, SystemTime) = (place(1)?, place(2)?);
    let most = limit(params.get(3).ok_or(NEED_MORE_PARAMS)?, usize::MAX)?;
    let (after, before) = (Anchor::Time(one.min(other)), Anchor::Time(one.max(other)));
    let asked = Asked { how: most.to_string(), ..Asked::default() };
    irc.ask(Command::LastSaid { after, before }, asked);
    Ok(())
}
