//! chat-client in a terminal, connected to chat-server.

use std::fs;
use std::path::Path;

use chat_tests::keys::{CTRL_C, CTRL_D, ENTER, TAB, UP};
use chat_tests::{CONNECTED, ChatServer, Client, Pty, program, start_chat_client, start_chat_client_with_server};

#[test]
fn prompt_shows_nick_and_room() {
    let server = ChatServer::start(&[]);
    let mut you = start_chat_client_with_server(&server, &[], (12, 60), "<You>");
    you.send("/nick alice\r");
    you.wait_for_text("\n<alice #lobby>");
    you.send("/join #rust\r");
    you.wait_for_text("\n<alice #rust>");
    you.send("/part\r");
    you.wait_until("the prompt should show the other room", |screen| screen.ends_with("\n<alice #lobby>"));
    you.send("/part\r");
    you.wait_until("the prompt should show no room", |screen| screen.ends_with("\n<alice>"));
    you.send(CTRL_D);
    assert_eq!(you.exit_code(), 0);
}

#[test]
fn first_prompt_shows_requested_nick_and_room() {
    let server = ChatServer::start(&[]);
    let args = ["--nick", "alice", "--room", "#rust", "--room", "#go"];
    let mut you = start_chat_client_with_server(&server, &args, (12, 60), "<alice #go>");
    let screen =
        format!("{CONNECTED}\n* you are in #rust now, with 0 others\n* you are in #go now, with 0 others\n<alice #go>");
    you.wait_for_screen(&screen);
    you.send("/rooms\r");
    you.wait_for_text(&format!("{screen} /rooms\n"));
    you.wait_for_text("#rust");
}

#[test]
fn taken_nick_is_reported_and_prompt_unchanged() {
    let server = ChatServer::start(&[]);
    let _alice = Client::join_as(server.address(), "alice");
    let port = server.port().to_string();
    let you = start_chat_client(&port, &["--nick", "alice"], 8, 60);
    you.wait_for_screen(&format!("{CONNECTED}\n! nickname alice is in use; choose another\n<You>"));
}

#[test]
fn messages_appear_above_typed_line_at_40_columns() {
    let server = ChatServer::start(&[]);
    let mut you = start_chat_client_with_server(&server, &["--nick", "alice"], (14, 40), "<alice #lobby>");
    let mut bob = Client::join_as(server.address(), "bob");
    you.wait_for_text(&format!("{}\n<alice #lobby>", join_notices(&bob)));
    // These are wide characters. They wrap after the 25 columns that the prompt leaves.
    you.send("日本語の長い行です、折り返します");
    let half = "<alice #lobby> 日本語の長い行です、折り\n返します";
    you.wait_until("the line should wrap", |screen| screen.ends_with(half));
    bob.send("a message that is as long as one and a half rows\n");
    let shown = "<bob> a message that is as long as one a\nnd a half rows\n";
    you.wait_until("the client should show the message above", |screen| screen.ends_with(&format!("{shown}{half}")));
    you.resize(14, 60);
    let half = "<alice #lobby> 日本語の長い行です、折り返します";
    // The line editor uses the old width until it receives a signal.
    you.wait_until("the line should fit into one row", |screen| screen.ends_with(&format!("nd a half rows\n{half}")));
    bob.send("again\n");
    you.wait_until("the client should show the next message above", |screen| {
        screen.ends_with(&format!("<bob> again\n{half}"))
    });
    you.send(ENTER);
    bob.read_until("<alice> 日本語の長い行です、折り返します");
}

/// Returns the notices about a member that joined and then took the nickname bob.
fn join_notices(client: &Client) -> String {
    let address = client.stream().local_addr().expect("it is connected");
    format!("[{address}] entered room\n[{address}] is now known as {}", "bob")
}

#[test]
fn tab_completes_commands_names_and_rooms() {
    let server = ChatServer::start(&[]);
    let mut you = start_chat_client_with_server(
        &server,
        &["--nick", "alice", "--room", "#rust", "--quiet"],
        (14, 60),
        "<alice #rust>",
    );
    let mut bob = Client::join_as(server.address(), "bob");
    bob.send("/join #rust\n");
    bob.read_until("* you are in #rust now, with 1 other");
    let mut bert = Client::join_as(server.address(), "bert");
    bert.send("/join #rust\n");
    bert.read_until("* you are in #rust now, with 2 others");
    for sender in [&mut bert, &mut bob] {
        sender.send("hello\n");
        you.wait_for_text("> hello");
    }
    you.wait_for_text("<bob> hello");
    let expect_line = |you: &Pty, line: &str| {
        let end = format!("\n<alice #rust> {line}").trim_end().to_owned();
        you.wait_until(&format!("the line should end with {line:?}"), |screen| screen.ends_with(&end));
    };
    you.send("/inv");
    you.send(TAB);
    expect_line(&you, "/invite");
    you.send("b");
    you.send(CTRL_C);
    expect_line(&you, "");
    // The member that sent the last message comes first. Both nicknames start with b, so the client first lists both.
    you.send("bo");
    you.send(TAB);
    expect_line(&you, "bob:");
    you.send("ask BER");
    you.send(TAB);
    expect_line(&you, "bob: ask bert");
    you.send(ENTER);
    bert.read_until("<alice> bob: ask bert ");
    you.send("ber");
    you.send(TAB);
    expect_line(&you, "bert:");
    you.send(CTRL_C);
    you.send("/part #ru");
    you.send(TAB);
    expect_line(&you, "/part #rust");
}

#[test]
fn colours_mark_lines_and_can_be_disabled() {
    let server = ChatServer::start(&[]);
    let mut bob = Client::join_as(server.address(), "bob");
    let coloured = start_chat_client_with_server(&server, &["--nick", "alice"], (12, 70), "<alice #lobby>");
    let plain = start_chat_client_with_server(
        &server,
        &["--nick", "carol", "--color", "never", "--quiet"],
        (12, 70),
        "<carol #lobby>",
    );
    bob.read_until("is now known as carol");
    bob.send("good morning, Alice\n/msg alice psst\n/msg carol psst\n");
    coloured.wait_for_text("<bob> good morning, Alice\n{bob} psst\n<alice #lobby>");
    plain.wait_for_text("<bob> good morning, Alice\n{bob} psst\n<carol #lobby>");
    let bytes = String::from_utf8(coloured.output()).expect("UTF-8");
    assert!(bytes.contains("<\x1b[38;5;166mbob\x1b[0m> \x1b[1mgood morning, Alice\x1b[0m"), "{bytes:?}");
    assert!(bytes.contains("{\x1b[38;5;166mbob\x1b[0m} \x1b[35mpsst\x1b[0m"), "{bytes:?}");
    assert!(bytes.contains('\x07'), "a mention rings the bell: {bytes:?}");
    let bytes = String::from_utf8(plain.output()).expect("UTF-8");
    assert!(!bytes.contains("\x1b[38") && !bytes.contains("\x1b[1m") && !bytes.contains("\x1b[35m"), "{bytes:?}");
}

#[test]
fn no_color_variable_disables_colours() {
    let server = ChatServer::start(&[]);
    let mut bob = Client::join_as(server.address(), "bob");
    let (client, port) = (program("chat-client"), server.port().to_string());
    let client = client.to_str().expect("a path in UTF-8");
    let you = Pty::start("env", ["NO_COLOR=1", client, "--nick", "alice", "127.0.0.1", &port], 8, 60);
    you.wait_for_screen(&format!("{CONNECTED}\n<alice #lobby>"));
    bob.send("alice, look\n");
    you.wait_for_text("<bob> alice, look");
    let bytes = String::from_utf8(you.output()).expect("UTF-8");
    assert!(!bytes.contains("\x1b[38") && !bytes.contains("\x1b[1m"), "{bytes:?}");
}

#[test]
fn bell_and_join_notices_can_be_disabled() {
    let server = ChatServer::start(&[]);
    let mut bob = Client::join_as(server.address(), "bob");
    let mut you = start_chat_client_with_server(&server, &["--nick", "alice"], (16, 60), "<alice #lobby>");
    bob.read_until("is now known as alice");
    you.send("/bell off\r/quiet\r");
    you.wait_for_text(
        "* bell: off\n<alice #lobby> /quiet\n* joins, leaves and nickname changes are hidden\n<alice #lobby>",
    );
    let mut carol = Client::join_as(server.address(), "carol");
    carol.send("/quit\n");
    carol.read_to_end();
    bob.read_until("[carol] is offline");
    bob.send("alice, one\n");
    you.wait_until("only the message should be shown", |screen| {
        screen.ends_with("* joins, leaves and nickname changes are hidden\n<bob> alice, one\n<alice #lobby>")
    });
    assert!(!you.output().contains(&0x07), "no message rings the bell");
    you.send("/bell all\r");
    you.wait_for_text("* bell: all");
    bob.send("two\n");
    you.wait_for_text("<bob> two");
    assert_eq!(String::from_utf8_lossy(&you.output()).matches('\x07').count(), 1);
    you.send("/bell loud\r");
    you.wait_for_text("! invalid argument; usage: /bell off|mentions|all");
}

#[test]
fn bidirectional_controls_are_removed_from_output() {
    let server = ChatServer::start(&[]);
    let you = start_chat_client_with_server(&server, &["--nick", "alice", "--quiet"], (12, 60), "<alice #lobby>");
    let mut bob = Client::join_as(server.address(), "bob");
    bob.send("\u{202e}gnp.exe \x1b]0;title\x07 \u{2066}x\n");
    you.wait_for_text("gnp.exe");
    let bytes = String::from_utf8(you.output()).expect("UTF-8");
    for unwanted in ["\u{202e}", "\u{2066}", "\x1b]", "\x07"] {
        assert!(!bytes.contains(unwanted), "{unwanted:?} in {bytes:?}");
    }
}

#[test]
fn thousand_lines_per_second_lose_no_key() {
    let server = ChatServer::start(&[]);
    let mut you = start_chat_client_with_server(&server, &["--nick", "alice", "--quiet"], (20, 70), "<alice #lobby>");
    let mut bob = Client::join_as(server.address(), "bob");
    let typed = "every key of this line is typed while others talk: äöü 日本語 and so on";
    let flood: Vec<String> = (0..1000).map(|number| format!("line {number}")).collect();
    let mut keys = typed.chars();
    for lines in flood.chunks(10) {
        bob.send(&(lines.join("\n") + "\n"));
        if let Some(key) = keys.next() {
            you.send(key.encode_utf8(&mut [0; 4]));
        }
    }
    assert_eq!(keys.next(), None);
    you.wait_until("the client should show all lines", |screen| {
        screen.contains("<bob> line 999\n<alice #lobby> every key") && screen.ends_with("and so on")
    });
    you.send(ENTER);
    bob.read_until(&format!("<alice> {typed}"));
    let shown = String::from_utf8(you.output()).expect("UTF-8");
    let mut offset = 0;
    for line in &flood {
        let at =
            shown[offset..].find(&format!("{line}\x1b[0m")).or_else(|| shown[offset..].find(&format!("{line}\r\n")));
        offset += at.unwrap_or_else(|| panic!("{line} is missing or out of order")) + line.len();
    }
}

#[test]
fn input_history_persists_without_passwords() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = ChatServer::start(&[]);
    let (client, port) = (program("chat-client"), server.port().to_string());
    let run = |directory: &Path| {
        let state = format!("XDG_STATE_HOME={}", directory.display());
        let client = client.to_str().expect("a path in UTF-8").to_owned();
        let you = Pty::start("env", [state, client, "127.0.0.1".to_owned(), port.clone()], 12, 60);
        you.wait_for_text("<You>");
        you
    };
    let mut you = run(directory.path());
    you.send("/me thinks\r/oper secret\r");
    you.wait_for_text("! this server has no operator password");
    you.send(CTRL_D);
    assert_eq!(you.exit_code(), 0);
    let mut you = run(directory.path());
    you.send(UP);
    you.wait_until("the client should recall the line", |screen| screen.ends_with("<You> /me thinks"));
    you.send(CTRL_C);
    you.send(CTRL_D);
    assert_eq!(you.exit_code(), 0);
}

#[test]
fn command_line_overrides_configuration_file() {
    let server = ChatServer::start(&[]);
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("config.toml");
    fs::write(&file, "nick = \"alice\"\nroom = [\"#go\"]\nquiet = true\ntime-format = \"at %Y:\"\n").expect("a file");
    let path = file.to_str().expect("a path in UTF-8");
    let mut bob = Client::join_as(server.address(), "bob");
    bob.send("/join #go\n");
    let you = start_chat_client_with_server(&server, &["--config", path], (12, 60), "<alice #go>");
    let other = start_chat_client_with_server(
        &server,
        &["--config", path, "--nick", "eve", "--quiet=false"],
        (12, 60),
        "<eve #go>",
    );
    bob.read_until("is now known as eve");
    let zoe = Client::join_as(server.address(), "zoe");
    let mut bob = zoe;
    bob.send("/join #go\n");
    bob.read_until("* you are in #go now, with 3 others");
    bob.send("hi\n");
    you.wait_until("the time should be shown", |screen| {
        screen.lines().any(|line| line.starts_with("at 2") && line.ends_with(": <zoe> hi"))
    });
    other.wait_for_text(": <zoe> hi");
    assert!(!you.screen().contains("zoe] entered"), "{}", you.screen());
    assert!(other.screen().contains("[zoe] entered room"), "{}", other.screen());
}
