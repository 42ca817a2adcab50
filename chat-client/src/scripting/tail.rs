//! Listening: `chat-client tail`.

use std::io::{self, Write};

use serde_json::json;

use crate::args::TailArgs;
use crate::failure::Failure;
use crate::net::wire::{Event, Wire};
use crate::scripting::signals::stop_on_signals;
use crate::secret;

/// Prints what was said, and with `--follow` what is said from then on, until the server closes.
///
/// # Errors
///
/// As [`Wire::open`]; [`Failure::Refused`], if a room can't be entered; [`Failure::Closed`] and
/// [`Failure::Disconnected`], if the server goes while it is followed; [`Failure::OutputClosed`].
pub(crate) fn run(args: &TailArgs) -> Result<(), Failure> {
    let password = secret::read(args.server.password.as_ref())?;
    let (mut wire, hello) = Wire::open(&args.server.host, args.server.port, password.as_ref())?;
    let stopped = wire.stream().and_then(stop_on_signals).map_err(Failure::Start)?;
    match listen(args, &mut wire, &hello) {
        // Somebody asked for that.
        Err(Failure::Disconnected) if stopped.is_set() => Ok(()),
        Ok(()) => {
            wire.close();
            Ok(())
        }
        end => end,
    }
}

fn listen(args: &TailArgs, wire: &mut Wire, hello: &Event) -> Result<(), Failure> {
    let mut printer = Printer { json: args.json, stdout: io::stdout() };
    if args.json {
        printer.print(hello)?;
    }
    if let Some(room) = &args.room {
        // What is told on the way in is asked for below.
        wire.ask(&json!({"command": "join", "room": room}), |_| Ok(()))?;
        if let Some(home) = hello.str("room").filter(|home| !home.eq_ignore_ascii_case(room)) {
            wire.ask(&json!({"command": "part", "room": home}), |_| Ok(()))?;
        }
    }
    let mut history = json!({"command": "history"});
    if let Some(since) = args.since {
        history["after"] = json!(since);
    }
    match (args.count, args.since) {
        (Some(count), _) => history["last"] = json!(count),
        (None, None) => history["last"] = json!(DEFAULT_COUNT),
        (None, Some(_)) => {}
    }
    let (mut later, mut last) = (Vec::new(), 0);
    wire.ask(&history, |event| {
        match event.kind() {
            "past" if event.number("id").is_some() => {
                let events = event.events();
                last = events.iter().filter_map(|event| event.number("number")).max().unwrap_or(0);
                events.iter().try_for_each(|event| printer.print(event))?;
            }
            "past" => {}
            // What comes meanwhile comes behind; without --follow not at all.
            _ if args.follow => later.push(event.clone()),
            _ => {}
        }
        Ok(())
    })?;
    if !args.follow {
        return Ok(());
    }
    // What was said before the answer is in the answer, but for what is told of nobody's words.
    let is_new = |event: &&Event| event.kind() != "said" || event.number("number").is_none_or(|number| number > last);
    later.iter().filter(is_new).try_for_each(|event| printer.print(event))?;
    loop {
        match wire.next() {
            Ok(Some(event)) if event.kind() == "closed" => return Err(Failure::Closed(event.text("text"))),
            Ok(Some(event)) => printer.print(&event)?,
            _ => return Err(Failure::Disconnected),
        }
    }
}

/// So many messages are told if nothing is said about it, as with tail(1).
const DEFAULT_COUNT: u64 = 10;

struct Printer {
    json: bool,
    stdout: io::Stdout,
}

impl Printer {
    /// Prints an event: as it is, or if it is something that was said, for people.
    fn print(&mut self, event: &Event) -> Result<(), Failure> {
        let line = if self.json { Some(event.line()) } else { shown(event) };
        let Some(line) = line else { return Ok(()) };
        // Each line by itself: whoever reads them may wait for the next.
        let mut stdout = self.stdout.lock();
        stdout.write_all(format!("{line}\n").as_bytes()).and_then(|()| stdout.flush()).map_err(Failure::output)
    }
}

/// What was said, with when, where and by whom; nothing, if it is something else.
fn shown(event: &Event) -> Option<String> {
    let (time, room, from, text) = (event.text("time"), event.text("room"), event.text("from"), event.text("text"));
    let said = match (event.kind(), event.str("manner")) {
        ("said" | "said_to" | "told", Some("plain")) => format!("<{from}> {text}"),
        ("said" | "said_to" | "told", Some("action")) => format!("({from} {text})"),
        ("said" | "said_to" | "told", Some("notice")) => format!("-{from}- {text}"),
        ("missed", _) => format!("* missed {} messages", event.number("count").unwrap_or(0)),
        ("announced", _) => format!("* {} announces: {text}", event.text("by")),
        _ => return None,
    };
    let place = if room.is_empty() { String::new() } else { format!("{room} ") };
    Some(format!("{time} {place}{said}"))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[track_caller]
    fn check(event: Value, line: Option<&str>) {
        let event = Event::from(event);
        assert_eq!(shown(&event).as_deref(), line, "{event:?}");
    }

    #[test]
    fn what_is_said_is_shown_with_when_where_and_by_whom() {
        let said = |manner: &str| json!({"kind": "said", "time": "T", "room": "#a", "from": "bob", "text": "h\u{1b}[mi", "manner": manner});
        check(said("plain"), Some("T #a <bob> hi"));
        check(said("action"), Some("T #a (bob hi)"));
        check(said("notice"), Some("T #a -bob- hi"));
        check(said("query"), None);
        let told = json!({"kind": "told", "time": "T", "from": "bob", "to": "al", "text": "hi", "manner": "plain"});
        check(told, Some("T <bob> hi"));
        check(json!({"kind": "joined", "time": "T", "room": "#a", "name": "bob"}), None);
        check(json!({"kind": "missed", "time": "T", "count": 3}), Some("T * missed 3 messages"));
    }
}
