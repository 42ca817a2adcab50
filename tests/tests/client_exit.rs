//! How chat-client exits when you leave or when a signal ends it: silently, at once, with the terminal restored.

use std::fs;
use std::time::{Duration, Instant};

use chat_tests::keys::{CTRL_C, CTRL_D};
use chat_tests::{CONNECTED, ChatServer, Client, Pty, program, send_signal};

const PROMPT: &str = "<alice #lobby>";

/// Starts chat-client from a shell, which then prints the exit code and whether the terminal modes are unchanged.
#[track_caller]
fn start(server: &ChatServer) -> Pty {
    let script = r#"found=$(stty -a); "$0" --nick alice 127.0.0.1 "$1"; echo "code $?"
        [ "$(stty -a)" = "$found" ] && echo as found"#;
    let client = program("chat-client");
    let client = client.to_str().expect("a path in UTF-8");
    let pty = Pty::start("sh", ["-c", script, client, &server.port().to_string()], 12, 60);
    pty.wait_for_screen(&format!("{CONNECTED}\n{PROMPT}"));
    pty
}

/// Returns the id of the shell's only child process.
fn child_process(pty: &Pty) -> u32 {
    let shell = pty.process_id();
    let children = fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).expect("the shell's children");
    children.trim().parse().expect("one child")
}

/// The keys that leave the chat, and how the terminal shows them.
const LEAVE_KEYS: [(&str, &str); 5] =
    [(CTRL_D, ""), (CTRL_C, ""), ("/quit\r", " /quit"), ("/QUIT\r", " /QUIT"), ("/quit bye\r", " /quit bye")];

#[test]
fn leaving_prints_nothing() {
    let server = ChatServer::start(&[]);
    for (keys, shown) in LEAVE_KEYS {
        let mut you = start(&server);
        you.send(keys);
        assert_eq!(you.exit_code(), 0);
        assert_eq!(you.screen(), format!("{CONNECTED}\n{PROMPT}{shown}\ncode 0\nas found"));
    }
}

#[test]
fn leaving_without_a_connection_is_quiet_and_immediate() {
    let mut fastest = Duration::MAX;
    for (keys, shown) in LEAVE_KEYS {
        let server = ChatServer::start(&[]);
        let mut you = start(&server);
        server.kill();
        let lost = format!("{CONNECTED}\n* connection lost; reconnecting\n{PROMPT}");
        you.wait_for_screen(&lost);
        let start = Instant::now();
        you.send(keys);
        assert_eq!(you.exit_code(), 0);
        fastest = fastest.min(start.elapsed());
        assert_eq!(you.screen(), format!("{lost}{shown}\ncode 0\nas found"));
    }
    assert!(fastest < Duration::from_millis(700), "{fastest:?}");
}

#[test]
fn leaving_reports_unsent_lines() {
    let server = ChatServer::start(&[]);
    let mut you = start(&server);
    server.kill();
    you.wait_for_text("reconnecting");
    you.send("never sent\r/quit\r");
    you.wait_for_text("/quit\nerror: some lines were not sent: the connection is lost\ncode 1\nas found");
}

#[test]
fn line_before_ctrl_d_reaches_the_room() {
    let server = ChatServer::start(&[]);
    let mut bob = Client::join(server.address());
    let mut you = start(&server);
    you.send("one\rtwo\r");
    you.send(CTRL_D);
    bob.read_until("<alice> one");
    bob.read_until("<alice> two");
    you.wait_for_text("code 0\nas found");
}

#[test]
fn signals_end_the_client_and_restore_the_terminal() {
    let server = ChatServer::start(&[]);
    for (name, code) in [("HUP", 129), ("TERM", 143)] {
        let mut you = start(&server);
        you.send("half");
        you.wait_for_text(&format!("{PROMPT} half"));
        send_signal(child_process(&you), name);
        // Some shells also print the signal.
        you.wait_for_text(&format!("code {code}\nas found"));
        assert!(you.screen().starts_with(&format!("{CONNECTED}\n{PROMPT} half\n")), "{}", you.screen());
    }
}
