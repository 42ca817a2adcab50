//! `chat-client tail`: prints the latest messages, and with `--follow` new ones.
//!
//! This module must not know the view: it prints each event without any state.

use serde_json::json;

use super::signals::stop_on_signals;
use crate::args::TailArgs;
use crate::failure::Failure;
use crate::net::event::Event;
use crate::net::json_connection::JsonConnection;
use crate::output::print;
use crate::secret;

/// The number of messages that the client prints without `--count` and `--since`. tail(1) prints as many lines.
const DEFAULT_COUNT: u64 = 10;

/// Prints the history, and with `--follow` new events until the server closes the connection.
///
/// # Errors
///
/// The errors of [`JsonConnection::open`]; [`Failure::Refused`] if the server refuses to let you join the room;
/// [`Failure::Closed`] and [`Failure::Disconnected`] if the connection ends; [`Failure::OutputClosed`].
pub(crate) fn run(args: &TailArgs) -> Result<(), Failure> {
    let password = secret::read(args.server.password.as_ref())?;
    let (mut connection, hello) = JsonConnection::open(&args.server.host, args.server.port, password.as_ref())?;
    let stopped = connection.stream().and_then(stop_on_signals).map_err(Failure::Start)?;
    match tail(args, &mut connection, &hello) {
        // The signal has closed the connection.
        Err(Failure::Disconnected) if stopped.is_set() => Ok(()),
        Ok(()) => {
            connection.close();
            Ok(())
        }
        failure => failure,
    }
}

fn tail(args: &TailArgs, connection: &mut JsonConnection, hello: &Event) -> Result<(), Failure> {
    let print = |event: &Event| print_event(event, args.json);
    if args.json {
        print(hello)?;
    }
    if let Some(room) = &args.room {
        // Ignore events that arrive before the reply, because the history contains them.
        connection.request(&json!({"command": "join", "room": room}), |_| Ok(()))?;
        if let Some(default_room) = hello.str("room").filter(|other| !other.eq_ignore_ascii_case(room)) {
            connection.request(&json!({"command": "part", "room": default_room}), |_| Ok(()))?;
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
    connection.request(&history, |event| {
        match event.kind() {
            "past" if event.number("id").is_some() => {
                let events = event.events();
                last = events.iter().filter_map(|event| event.number("number")).max().unwrap_or(0);
                events.iter().try_for_each(print)?;
            }
            "past" => {}
            // Print an event that arrives before the reply after the reply.
            _ if args.follow => later.push(event.clone()),
            _ => {}
        }
        Ok(())
    })?;
    if !args.follow {
        return Ok(());
    }
    // Do not print a message twice: the reply contains every message up to the number `last`, and no other event.
    let is_new = |event: &&Event| event.kind() != "said" || event.number("number").is_none_or(|number| number > last);
    later.iter().filter(is_new).try_for_each(print)?;
    loop {
        match connection.next() {
            Ok(Some(event)) if event.kind() == "closed" => return Err(Failure::Closed(event.text("text"))),
            Ok(Some(event)) => print(&event)?,
            _ => return Err(Failure::Disconnected),
        }
    }
}

/// Prints an event as JSON if `is_json`, and otherwise prints a message as a line for people.
fn print_event(event: &Event, is_json: bool) -> Result<(), Failure> {
    let line = if is_json { Some(event.line()) } else { format_message(event) };
    // `print` flushes each line, because a reader may wait for the line.
    line.map_or(Ok(()), |line| print(&format!("{line}\n")).map_err(Failure::output))
}

/// Formats a message with its time, room and sender; `None` for any other event.
fn format_message(event: &Event) -> Option<String> {
    let (time, room, from, text) = (event.text("time"), event.text("room"), event.text("from"), event.text("text"));
    let message = match (event.kind(), event.str("manner")) {
        ("said" | "said_to" | "told", Some("plain")) => format!("<{from}> {text}"),
        ("said" | "said_to" | "told", Some("action")) => format!("({from} {text})"),
        ("said" | "said_to" | "told", Some("notice")) => format!("-{from}- {text}"),
        ("missed", _) => format!("* missed {} messages", event.number("count").unwrap_or(0)),
        ("announced", _) => format!("* {} announces: {text}", event.text("by")),
        _ => return None,
    };
    let room = if room.is_empty() { String::new() } else { format!("{room} ") };
    Some(format!("{time} {room}{message}"))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[track_caller]
    fn check(event: Value, line: Option<&str>) {
        let event = Event::from(event);
        assert_eq!(format_message(&event).as_deref(), line, "{event:?}");
    }

    #[test]
    fn messages_have_time_room_and_sender() {
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
