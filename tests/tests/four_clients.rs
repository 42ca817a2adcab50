//! Tests the transcript in the README: one conversation in four clients.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};

use chat_core::event::{HubEvent, RoomEvent};
use chat_core::hub::Limits;
use chat_core::hub::Member;
use chat_core::protocol::{Irc, IrcOptions};
use chat_core::{EventKind, Line, Room, Server};
use chat_tests::{GREETING, Pty, print_skipped, start_chat_client};

/// Returns whether all programs are installed. Prints how to install a missing one.
fn are_installed() -> bool {
    ["irssi", "nc"].into_iter().all(|program| {
        let found = Command::new(program).arg("-h").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
        if !found {
            print_skipped(format_args!("there is no {program}; apt-get install irssi netcat-openbsd"));
        }
        found
    })
}

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback can be listened on");
    let port = listener.local_addr().expect("it has an address").port().to_string();
    (listener, port)
}

fn start_irssi(port: &str, home: &Path) -> Pty {
    let config = "settings = { \"irc/core\" = { cmds_max_at_once = \"100\"; cmd_queue_speed = \"10msec\"; }; \
                  core = { user_name = \"iris\"; }; };";
    fs::write(home.join("config"), config).expect("the directory is writable");
    let home = format!("--home={}", home.display());
    let irssi = Pty::start("irssi", [&home, "--connect=127.0.0.1", &format!("--port={port}"), "--nick=iris"], 24, 80);
    irssi.wait_for_text("There is no message of the day");
    irssi
}

/// Reads events until one contains `part`, and appends each to `log` as one line.
fn log_until(bot: &Member, log: &mut String, part: &str) {
    for event in bot.iter() {
        let line = match event.kind() {
            EventKind::Room(RoomEvent::Joined { name, .. }) => format!("Joined {{ name: {name} }}"),
            EventKind::Room(RoomEvent::Said { from, text, kind, .. }) => {
                format!("Said {{ from: {from}, text: {text}, kind: {kind:?} }}")
            }
            EventKind::Room(RoomEvent::TopicSet { by, topic: Some(topic), .. }) => {
                format!("TopicSet {{ by: {by}, topic: {topic} }}")
            }
            EventKind::Hub(HubEvent::Renamed { old, new }) => format!("Renamed {{ old: {old}, new: {new} }}"),
            other => panic!("{other:?}"),
        };
        writeln!(log, "{line}").expect("a String takes all");
        if line.contains(part) {
            return;
        }
    }
    panic!("the bot did not receive {part}");
}

/// Returns the rows of irssi's window from iris's join on.
///
/// The result is without the time of each row, the list of members, the channel's creation date, and irssi's own rows
/// at the bottom.
fn message_rows(screen: &str) -> String {
    let rows = screen.lines().skip_while(|row| !row.contains("-!- iris [iris@127.0.0.1] has joined #lobby"));
    let rows = rows.filter_map(|row| row.split_once(' ').filter(|(time, _)| time.len() == 5 && time.contains(':')));
    let is_excluded =
        |row: &str| ["[", "-!- Irssi: ", "-!- Channel #lobby created"].iter().any(|prefix| row.starts_with(prefix));
    let rows = rows.map(|(_, row)| row.trim_end()).filter(|row| !is_excluded(row));
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn readme_transcript_matches_four_clients() {
    if !are_installed() {
        return;
    }
    let room = Room::new("lobby").expect("a room can be opened");
    let server = Server::new(room);
    let ((lines, lines_port), (irc, irc_port)) = (listener(), listener());
    let server = server.serve(lines, |_| Line::default().greeting(GREETING)).expect("it listens");
    let make_irc = Irc::server(IrcOptions::default(), &Limits::default());
    let server = server.serve(irc, move |_| make_irc()).expect("it listens");

    // Each member sets its name before the bot joins.
    let mut nora = Pty::start("nc", ["127.0.0.1", &lines_port], 24, 80);
    nora.send("/nick nora\r");
    nora.wait_for_text("* you are now known as nora");
    let mut cleo = start_chat_client(&lines_port, &[], 24, 80);
    cleo.wait_until("the prompt should appear", |screen| screen.ends_with("\n<You>"));
    cleo.send("/nick cleo\r");
    cleo.wait_for_text("* you are now known as cleo");
    nora.wait_for_text("is now known as cleo");
    let bot = server.hub().home().expect("it has one").join("bot".parse().expect("a nick")).expect("the nick is free");
    nora.wait_for_text("[bot] entered room");
    let home = tempfile::tempdir().expect("a directory");
    let mut iris = start_irssi(&irc_port, home.path());
    iris.send("/join #lobby\r");
    // After the join irssi sends more requests, and prints how long they took.
    iris.wait_for_text("Join to #lobby was synced");

    let mut log = String::new();
    log_until(&bot, &mut log, "Joined");
    iris.send("hello everybody\r");
    log_until(&bot, &mut log, "hello everybody");
    nora.wait_for_text("<iris> hello everybody");
    nora.send("hello iris\r");
    log_until(&bot, &mut log, "hello iris");
    iris.wait_for_text("hello iris");
    iris.send("/me waves\r");
    log_until(&bot, &mut log, "waves");
    cleo.wait_for_text("(iris waves)");
    cleo.send("/topic tea at four\r");
    log_until(&bot, &mut log, "tea at four");
    nora.wait_for_text("set the topic");
    iris.wait_for_text("changed the topic of #lobby to: tea at four");
    bot.say("the kettle is on").expect("it is in");
    for client in [&nora, &cleo, &iris] {
        client.wait_for_text("the kettle is on");
    }
    nora.send("/nick nina\r");
    log_until(&bot, &mut log, "Renamed");
    for client in [&cleo, &iris] {
        client.wait_for_text("is now known as nina");
    }
    nora.wait_for_text("* you are now known as nina");

    // Leave out the rows that the screens showed before iris joined.
    let after = |screen: String| {
        let (_, rest) = screen.split_once("[iris] entered room").expect("iris joined");
        format!("[iris] entered room{}", rest.trim_end().trim_end_matches("\n<cleo #lobby>"))
    };
    let forms = [
        ("nora, in nc", after(nora.screen())),
        ("cleo, in chat-client", after(cleo.screen())),
        ("iris, in irssi", message_rows(&iris.screen())),
        ("a bot in the same process", log.trim_end().to_owned()),
    ];
    let transcript: Vec<_> = forms.iter().map(|(who, form)| format!("── {who}\n{form}")).collect();
    let transcript = transcript.join("\n\n");
    let readme = include_str!("../../README.md");
    assert!(readme.contains(&format!("```text\n{transcript}\n```")), "the README should have:\n{transcript}");
}
