//! Tests of the view. They compare the lines and the prompt that follow from events.

use serde_json::{Value, json};

use super::*;
use crate::chat::settings::Bell;
use crate::chat::style::Style;

fn view() -> View {
    let settings = Settings { colors: false, time_format: String::new(), bell: Bell::Mentions, quiet: false };
    let mut view = View::new(settings);
    view.start_connection(&json!({"kind": "hello", "number": 3, "since": "T", "name": "a:1", "room": "#lobby"}).into());
    view
}

/// Returns the view of alice, in `#lobby`.
fn alice() -> View {
    let mut view = view();
    view.receive(&json!({"kind": "named", "number": 4, "name": "alice", "lines": []}).into());
    view
}

fn said(number: u64, room: &str, from: &str, text: &str) -> Value {
    json!({"kind": "said", "number": number, "room": room, "from": from, "text": text, "manner": "plain"})
}

#[track_caller]
fn check(view: &mut View, event: impl Into<Event>, lines: &[&str], rings: bool) {
    let event = event.into();
    let rendered = view.receive(&event);
    let lines = lines.iter().map(|line| (*line).to_owned()).collect();
    assert_eq!(rendered, Rendered { lines, rings }, "{event:?}");
}

#[test]
fn prompt_shows_nick_and_room() {
    let mut view = view();
    assert_eq!(view.prompt(), "<You> ");
    view.receive(&json!({"kind": "named", "name": "alice"}).into());
    assert_eq!(view.prompt(), "<alice #lobby> ");
    view.receive(&json!({"kind": "entered", "room": "#den", "members": 1}).into());
    assert_eq!(view.prompt(), "<alice #den> ");
    view.receive(&json!({"kind": "kicked", "room": "#den", "by": "bob", "current": "#lobby"}).into());
    assert_eq!(view.prompt(), "<alice #lobby> ");
    view.receive(&json!({"kind": "exited", "room": "#lobby"}).into());
    assert_eq!(view.prompt(), "<alice> ");
    assert_eq!(view.rooms(), [""; 0]);
}

#[test]
fn messages_are_shown_and_mentions_ring() {
    let mut view = alice();
    check(&mut view, said(5, "#lobby", "bob", "hi"), &["<bob> hi"], false);
    check(&mut view, said(6, "#den", "bob", "hi"), &["#den <bob> hi"], false);
    check(&mut view, said(7, "#lobby", "bob", "Alice: hi"), &["<bob> Alice: hi"], true);
    check(&mut view, said(8, "#lobby", "bob", "alicex"), &["<bob> alicex"], false);
    let mut own = said(9, "#lobby", "alice", "me");
    own["own"] = json!(true);
    check(&mut view, own, &[], false);
    let told = json!({"kind": "told", "from": "bob", "to": "alice", "text": "psst", "manner": "plain"});
    check(&mut view, told, &["{bob} psst"], true);
    let action = json!({"kind": "said", "room": "#lobby", "from": "bob", "text": "waves", "manner": "action"});
    check(&mut view, action, &["(bob waves)"], false);
    let query = json!({"kind": "said", "room": "#lobby", "from": "bob", "text": "VERSION", "manner": "query"});
    check(&mut view, query, &[], false);
    assert_eq!(view.settings.run_command("/bell all"), Some("* bell: all".into()));
    check(&mut view, said(10, "#lobby", "bob", "hi"), &["<bob> hi"], true);
    assert_eq!(view.settings.run_command("/bell off"), Some("* bell: off".into()));
    check(&mut view, said(11, "#lobby", "bob", "alice"), &["<bob> alice"], false);
    assert_eq!(
        view.settings.run_command("/bell loud"),
        Some("! invalid argument; usage: /bell off|mentions|all".into())
    );
    let missing = "! missing argument; usage: /bell off|mentions|all";
    assert_eq!(view.settings.run_command("/bell"), Some(missing.into()));
    let too_many = "! too many arguments; usage: /bell off|mentions|all";
    assert_eq!(view.settings.run_command("/bell off all"), Some(too_many.into()));
    assert_eq!(view.settings.run_command("/who"), None);
}

#[test]
fn quiet_hides_joins() {
    let mut view = alice();
    let joined = || json!({"kind": "joined", "room": "#lobby", "name": "bob", "lines": ["[bob] entered room"]});
    check(&mut view, joined(), &["[bob] entered room"], false);
    assert_eq!(view.settings.run_command("/quiet"), Some("* joins, leaves and nickname changes are hidden".into()));
    check(&mut view, joined(), &[], false);
    assert_eq!(view.settings.run_command("/quiet"), Some("* joins, leaves and nickname changes are shown".into()));
    check(&mut view, joined(), &["[bob] entered room"], false);
}

#[test]
fn history_is_marked() {
    let mut view = alice();
    let past = json!({"kind": "past", "room": "#lobby", "events": [said(1, "#lobby", "bob", "alice"), said(2, "#den", "bob", "b")]});
    check(&mut view, past, &["~ <bob> alice", "~ #den <bob> b"], false);
    assert!(
        view.start_connection(&json!({"kind": "hello", "since": "T", "name": "a:2"}).into()),
        "it is the same server"
    );
    assert_eq!(view.last_event(), 4);
    assert!(!view.start_connection(&json!({"kind": "hello", "since": "U", "name": "a:2"}).into()));
    assert_eq!(view.last_event(), 0, "its numbers begin again");
}

#[test]
fn time_format_is_applied() {
    let mut view = alice();
    view.settings.time_format = "%Y %S".into();
    let mut event = said(5, "#lobby", "bob", "hi");
    event["time"] = json!("2026-06-24T21:04:09.123Z");
    check(&mut view, event, &["2026 09 <bob> hi"], false);
    check(&mut view, said(6, "#lobby", "bob", "hi"), &["<bob> hi"], false);
}

#[test]
fn commands_names_and_rooms_are_completed() {
    let mut view = alice();
    view.set_commands(&["* /nick NAME  changes".into(), "* /names  x".into(), "* //TEXT  says".into()]);
    for (number, name) in [(5, "bob"), (6, "Barbara"), (7, "carol")] {
        view.receive(&said(number, "#lobby", name, "x").into());
    }
    let complete = |line: &str| view.complete(line);
    assert_eq!(complete("/n"), (0, vec!["/names ".into(), "/nick ".into()]));
    assert_eq!(complete("/q"), (0, vec!["/quiet ".into()]));
    assert_eq!(complete("b"), (0, vec!["Barbara: ".into(), "bob: ".into()]));
    assert_eq!(complete("hi B"), (3, vec!["Barbara ".into(), "bob ".into()]));
    assert_eq!(complete("/part #l"), (6, vec!["#lobby ".into()]));
    assert_eq!(complete("hi "), (3, vec![]));
}

#[test]
fn replies_are_shown_and_sanitized() {
    let mut view = alice();
    let topic = json!({"kind": "topic", "room": "#lobby", "lines": ["* the topic of #lobby: tea"]});
    check(&mut view, topic, &["* the topic of #lobby: tea"], false);
    let evil = json!({"kind": "new_kind", "lines": ["* a\u{1b}[2J\u{202e}b"]});
    check(&mut view, evil, &["* ab"], false);
    check(&mut view, json!({"kind": "refused", "error": "x", "text": "no"}), &["! no"], false);
    check(&mut view, json!({"kind": "unknown"}), &[], false);
}

#[test]
fn colours_mark_names_mentions_history_and_errors() {
    let mut view = alice();
    view.settings.colors = true;
    let line = |view: &mut View, event: Value| view.receive(&event.into()).lines.concat();
    let bob = Style::of_name("bob").paint("bob", true);
    assert_eq!(line(&mut view, said(5, "#lobby", "bob", "hi")), format!("<{bob}> hi"));
    assert_eq!(line(&mut view, said(6, "#lobby", "bob", "alice!")), format!("<{bob}> \u{1b}[1malice!\u{1b}[0m"));
    let past = json!({"kind": "past", "events": [said(7, "#lobby", "bob", "a")]});
    assert_eq!(line(&mut view, past), "\u{1b}[2m~ <bob> a\u{1b}[0m");
    let refused = json!({"kind": "refused", "lines": ["! no"]});
    assert_eq!(line(&mut view, refused), "\u{1b}[31m! no\u{1b}[0m");
}
