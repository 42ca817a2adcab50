//! The commands `send` and `tail` of chat-client: output, exit codes and errors.

use std::io::{BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use chat_tests::{ChatServer, Client, GREETING, Listener, ReservedPort, command, program};

/// Returns the command `chat-client` with these arguments and the server's port.
fn client(port: &str, args: &[&str]) -> Command {
    let mut command = command(program("chat-client"));
    command.arg(args[0]).args(["--port", port]).args(&args[1..]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[track_caller]
fn run(server: &ChatServer, args: &[&str]) -> Output {
    client(&server.port().to_string(), args).output().expect("the client runs")
}

#[track_caller]
fn check(output: &Output, code: i32, stderr: &str) {
    let actual = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), actual.as_ref()), (Some(code), stderr));
}

/// Returns the lines of the standard output without their times.
fn lines_without_times(output: &Output) -> Vec<String> {
    let printed = String::from_utf8(output.stdout.clone()).expect("it is text");
    let lines = printed.lines().map(|line| line.split_once("Z ").expect("a time").1.to_owned());
    lines.collect()
}

#[test]
fn send_delivers_text_and_confirms() {
    let server = ChatServer::start(&[]);
    let mut watcher = Client::join(server.address());
    check(&run(&server, &["send", "--nick", "al", "127.0.0.1", "hello", "there"]), 0, "");
    let received = watcher.barrier();
    assert!(received.contains(&"<al> hello there".to_owned()), "{received:?}");
    check(&run(&server, &["send", "--room", "#den", "127.0.0.1", "hi"]), 0, "");
    assert!(watcher.barrier().iter().all(|line| !line.contains("hi")), "the message is in another room");
    watcher.send("/nick wanda\n");
    check(&run(&server, &["send", "--to", "wanda", "--nick", "al", "127.0.0.1", "/psst"]), 0, "");
    assert!(watcher.barrier().contains(&"{al} /psst".to_owned()));
}

#[test]
fn send_delivers_input_lines_in_order() {
    let server = ChatServer::start(&["--rate", "0", "--history", "1000"]);
    let mut watcher = Client::join(server.address());
    let mut command = client(&server.port().to_string(), &["send", "--nick", "al", "127.0.0.1", "-"]);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("the client starts");
    let input: Vec<_> = (0..500).map(|number| format!("line {number}\n\n")).collect();
    child.stdin.take().expect("a pipe").write_all((input.concat() + "last").as_bytes()).expect("it is read");
    check(&child.wait_with_output().expect("it ends"), 0, "");
    let received: Vec<_> = watcher.barrier().into_iter().filter(|line| line.starts_with("<al> ")).collect();
    let expected: Vec<_> = (0..500).map(|number| format!("<al> line {number}")).chain(["<al> last".into()]).collect();
    assert_eq!(received, expected);
}

#[test]
fn refused_message_has_its_own_exit_code() {
    let server = ChatServer::start(&[]);
    let mut watcher = Client::join(server.address());
    watcher.send("/nick wanda\n/join #den\n/mode +i\n");
    watcher.barrier();
    for (args, why) in [
        (&["send", "--nick", "WANDA", "127.0.0.1", "x"][..], "nickname WANDA is in use; choose another"),
        (&["send", "--room", "#den", "127.0.0.1", "x"], "#den is invite-only; ask an operator to invite you"),
        (&["send", "--to", "nobody", "127.0.0.1", "x"], "no such nickname: nobody"),
        (&["tail", "--room", "#den", "127.0.0.1"], "#den is invite-only; ask an operator to invite you"),
    ] {
        check(&run(&server, args), 3, &format!("error: refused by the server: {why}\n"));
    }
}

#[test]
fn send_sends_nothing_without_greeting() {
    let listener = Listener::new();
    let child = client(&listener.port(), &["send", "127.0.0.1", "x"]).spawn().expect("the client starts");
    let mut peer = listener.accept();
    peer.send("\r<('127.0.0.1', 50194)> hi\n");
    check(
        &child.wait_with_output().expect("it ends"),
        4,
        "error: the server does not support JSON lines, which send and tail need\n",
    );
    peer.expect_eof();
    let reserved = ReservedPort::new();
    let output = client(&reserved.port(), &["tail", "127.0.0.1"]).output().expect("the client runs");
    assert_eq!(output.status.code(), Some(1));
    let output = command(program("chat-client")).args(["send", "127.0.0.1"]).output().expect("the client runs");
    assert_eq!(output.status.code(), Some(2), "a text is needed");
}

#[test]
fn tail_prints_requested_history() {
    let server = ChatServer::start(&["--rate", "0"]);
    let mut alice = Client::join(server.address());
    alice.send("/nick alice\n");
    for number in 0..20 {
        alice.send(format!("{number}\n"));
    }
    alice.send("/me waves\n");
    alice.barrier();
    let tail = run(&server, &["tail", "127.0.0.1"]);
    check(&tail, 0, "");
    let expected: Vec<_> = (11..20).map(|number| format!("#lobby <alice> {number}")).collect();
    assert_eq!(lines_without_times(&tail), [&expected[..], &["#lobby (alice waves)".to_owned()]].concat());
    assert_eq!(lines_without_times(&run(&server, &["tail", "-n", "1", "127.0.0.1"])), ["#lobby (alice waves)"]);
    let json = run(&server, &["tail", "--json", "-n", "3", "127.0.0.1"]);
    let printed = String::from_utf8(json.stdout).expect("it is text");
    let lines: Vec<_> = printed.lines().collect();
    assert!(lines.len() == 4 && lines[0].starts_with("{\"kind\":\"hello\","), "{lines:?}");
    let (_, rest) = lines[1].split_once("\"number\":").expect("a number");
    let (number, _) = rest.split_once(',').expect("more");
    let since = lines_without_times(&run(&server, &["tail", "--since", number, "127.0.0.1"]));
    assert_eq!(since, ["#lobby <alice> 19", "#lobby (alice waves)"]);
}

/// Starts `tail --follow` and reads its first line.
fn follow(server: &ChatServer) -> (Child, BufReader<ChildStdout>) {
    let mut command = client(&server.port().to_string(), &["tail", "--follow", "127.0.0.1"]);
    let mut child = command.spawn().expect("the client starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
    assert!(read_line(&mut lines).ends_with("#lobby <alice> before\n"));
    (child, lines)
}

fn read_line(lines: &mut impl std::io::BufRead) -> String {
    let mut line = String::new();
    lines.read_line(&mut line).expect("it is text");
    line
}

#[test]
fn tail_follows_until_server_close_or_signal() {
    let server = ChatServer::start(&[]);
    let mut alice = Client::connect(server.address());
    assert_eq!(alice.read_line(), GREETING);
    alice.send("/nick alice\nbefore\n");
    alice.barrier();
    let (mut first, mut lines) = follow(&server);
    let (second, _lines) = follow(&server);
    for text in ["one", "two \u{202e}evil"] {
        alice.send(format!("{text}\n"));
        assert!(read_line(&mut lines).ends_with(&format!("#lobby <alice> {}\n", text.replace('\u{202e}', ""))));
    }
    chat_tests::send_signal(first.id(), "TERM");
    assert_eq!(first.wait().expect("it ends").code(), Some(0), "it was asked to end");
    assert_eq!(read_line(&mut lines), "");
    server.send_signal("TERM");
    let output = second.wait_with_output().expect("it ends");
    check(&output, 1, "Disconnected from chat server: Server is shutting down\n");
}

#[test]
fn tail_ends_cleanly_when_output_closes() {
    let server = ChatServer::start(&["--rate", "0"]);
    let mut alice = Client::join(server.address());
    alice.send("/nick alice\nbefore\n");
    alice.barrier();
    let (child, lines) = follow(&server);
    drop(lines);
    // The client detects the closed output when it prints the next line.
    while !alice.barrier().iter().any(|line| line.ends_with("is offline")) {
        alice.send("more\n");
    }
    check(&child.wait_with_output().expect("it ends"), 0, "");
}

#[test]
fn send_splits_lines_and_rejects_blank_text() {
    let server = ChatServer::start(&[]);
    let mut watcher = Client::join(server.address());
    check(&run(&server, &["send", "--nick", "al", "127.0.0.1", "one\n\ntwo"]), 0, "");
    let received: Vec<_> = watcher.barrier().into_iter().filter(|line| line.starts_with("<al> ")).collect();
    assert_eq!(received, ["<al> one", "<al> two"]);
    let wrong = run(&server, &["send", "--nick"]);
    assert_eq!(wrong.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&wrong.stderr);
    assert!(stderr.contains("Usage: chat-client send [OPTIONS] <HOST> <TEXT>..."), "{stderr}");
    check(
        &run(&server, &["send", "127.0.0.1", " "]),
        2,
        "error: TEXT is blank; give at least one character, or - for standard input\n",
    );
}

#[test]
fn send_exits_when_server_closes_while_idle() {
    let server = ChatServer::start(&[]);
    let mut watcher = Client::join(server.address());
    let mut command = client(&server.port().to_string(), &["send", "--nick", "al", "127.0.0.1", "-"]);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("the client starts");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(b"first\n").expect("it is read");
    watcher.read_until("<al> first");
    server.send_signal("TERM");
    check(&child.wait_with_output().expect("it ends"), 1, "Disconnected from chat server: Server is shutting down\n");
    drop(input);
}

#[test]
fn signal_ends_tail_with_unread_output() {
    let server = ChatServer::start(&["--rate", "0"]);
    let mut alice = Client::join(server.address());
    alice.send("/nick alice\nbefore\n");
    alice.barrier();
    let (mut child, lines) = follow(&server);
    // These lines exceed the pipe and the reader's buffer.
    for _ in 0..100 {
        alice.send(format!("{}\n", "x".repeat(4000)));
    }
    alice.barrier();
    chat_tests::send_signal(child.id(), "TERM");
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    drop(lines);
}

#[test]
fn tail_prints_only_the_requested_room() {
    let server = ChatServer::start(&[]);
    let mut alice = Client::join(server.address());
    alice.send("/nick alice\n/join #den\nhello den\n");
    alice.barrier();
    let args = ["tail", "--follow", "--room", "#den", "127.0.0.1"];
    let mut child = client(&server.port().to_string(), &args).spawn().expect("the client starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
    assert!(read_line(&mut lines).ends_with("#den <alice> hello den\n"));
    alice.send("/join #lobby\nhello lobby\n/join #den\nhello again\n");
    assert!(read_line(&mut lines).ends_with("#den <alice> hello again\n"));
    child.kill().expect("it runs");
    child.wait().expect("it ends");
}
