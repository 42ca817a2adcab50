//! chat-client with pipes instead of a terminal, and its errors when it can't start or connect.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use chat_tests::{Listener, Peer, Pty, ReservedPort, TIMEOUT, command, print_skipped, program};

/// The line that chat-client prints when it has connected, with its newline.
const CONNECTED: &str = "Connected to remote host. Start sending messages\n";

fn client(args: &[&str]) -> Command {
    let mut command = command(program("chat-client"));
    command.args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts chat-client with pipes for input and output, and accepts its connection.
#[track_caller]
fn start() -> (Child, Peer) {
    let listener = Listener::new();
    let child = client(&["127.0.0.1", &listener.port()]).spawn().expect("the client starts");
    let peer = listener.accept();
    (child, peer)
}

/// Runs chat-client with an empty standard input until it exits.
#[track_caller]
fn run(args: &[&str]) -> Output {
    let child = client(args).stdin(Stdio::null()).spawn().expect("the client starts");
    finish(child)
}

/// Waits for the client to exit, and kills it after a deadline.
#[track_caller]
fn finish(mut child: Child) -> Output {
    drop(child.stdin.take());
    finish_with_open_input(child)
}

#[track_caller]
fn finish_with_open_input(mut child: Child) -> Output {
    let stdout = read_in_background(child.stdout.take());
    let stderr = read_in_background(child.stderr.take());
    let status = wait_for_exit(&mut child);
    Output {
        status,
        stdout: stdout.recv().expect("the reader thread sends the output"),
        stderr: stderr.recv().expect("the reader thread sends the errors"),
    }
}

/// Starts a thread that reads `pipe` to its end. Returns the receiver of the bytes.
fn read_in_background(pipe: Option<impl std::io::Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_end(&mut bytes).expect("a pipe to read");
        }
        let _ = sender.send(bytes);
    });
    receiver
}

/// Polls until the process exits, because the standard library has no wait with a deadline.
#[track_caller]
fn wait_for_exit(child: &mut Child) -> ExitStatus {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        if let Some(status) = child.try_wait().expect("a child to wait for") {
            return status;
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            panic!("the client should end");
        }
        thread::sleep(Duration::from_millis(5));
    }
}

#[track_caller]
fn check(output: &Output, code: i32, stdout: &str, stderr: &str) {
    assert_eq!(String::from_utf8_lossy(&output.stdout), stdout);
    assert_eq!(String::from_utf8_lossy(&output.stderr), stderr);
    assert_eq!(output.status.code(), Some(code));
    assert!(!output.stdout.contains(&0x1b), "no escape codes in a pipe");
}

/// Reads as many bytes of the client's output as `expected` has and compares them.
#[track_caller]
fn expect_output(child: &mut Child, expected: &str) {
    let mut bytes = vec![0; expected.len()];
    let stdout = child.stdout.as_mut().expect("a pipe");
    stdout.read_exact(&mut bytes).expect("the client prints enough bytes");
    assert_eq!(String::from_utf8_lossy(&bytes), expected);
}

#[test]
fn wrong_usage_is_reported_on_standard_error() {
    for args in
        [&[][..], &["localhost", "many"], &["localhost", "0"], &["a", "1", "b"], &["--nonsense"], &["localhost:5000"]]
    {
        let output = run(args);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains("Usage: chat-client [OPTIONS] <HOST> [PORT]"), "for {args:?}: {stderr}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "");
        assert_eq!(output.status.code(), Some(2), "for {args:?}");
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    for (arg, part) in [("--help", "Exit codes: 0 success"), ("--version", env!("CARGO_PKG_VERSION"))] {
        let output = run(&[arg]);
        assert!(String::from_utf8_lossy(&output.stdout).contains(part));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn refused_connection_is_reported() {
    let reserved = ReservedPort::new();
    let port = reserved.port();
    let reason = format!("Unable to connect to 127.0.0.1 port {port}: Connection refused\n");
    check(&run(&["127.0.0.1", &port]), 1, "", &reason);
}

#[test]
fn unknown_host_is_reported() {
    let output = run(&["no-such-host.invalid", "5000"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.starts_with("Unable to connect to no-such-host.invalid port 5000: "), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn every_address_of_a_host_is_tried() {
    // "localhost" is 127.0.0.1 and, on most machines, ::1 before it.
    let listener = Listener::new();
    let mut child = client(&["localhost", &listener.port()]).spawn().expect("the client starts");
    let peer = listener.accept();
    expect_output(&mut child, CONNECTED);
    drop(peer);
    check(&finish_with_open_input(child), 1, "", "Disconnected from chat server\n");
}

#[test]
fn ipv6_address_in_brackets_is_accepted() {
    let Ok(listener) = TcpListener::bind(("::1", 0)) else {
        print_skipped("this machine has no IPv6");
        return;
    };
    let port = listener.local_addr().expect("an address").port().to_string();
    let child = client(&["[::1]", &port]).spawn().expect("the client starts");
    drop(listener.accept().expect("a connection"));
    check(&finish(child), 0, CONNECTED, "");
}

#[test]
fn output_continues_after_end_of_input() {
    let (mut child, mut peer) = start();
    child.stdin.take().expect("a pipe").write_all(b"hi\n").expect("the client reads");
    peer.expect("hi\n");
    peer.expect_eof();
    peer.send("<bob> hi yourself\nand one without an end");
    drop(peer);
    check(&finish(child), 0, &format!("{CONNECTED}<bob> hi yourself\nand one without an end\n"), "");
}

#[test]
fn lines_pass_both_ways_without_delay() {
    let (mut child, mut peer) = start();
    expect_output(&mut child, CONNECTED);
    let mut stdin = child.stdin.take().expect("a pipe");
    for number in 0..3 {
        writeln!(stdin, "question {number}").expect("the client reads");
        peer.expect(&format!("question {number}\n"));
        peer.send(format!("answer {number}\n"));
        expect_output(&mut child, &format!("answer {number}\n"));
    }
    drop(stdin);
    peer.expect_eof();
    drop(peer);
    check(&finish(child), 0, "", "");
}

#[test]
fn input_is_sent_unchanged_without_final_newline() {
    let (mut child, mut peer) = start();
    child.stdin.take().expect("a pipe").write_all(b"/quit\r\n\n\tlast\x07").expect("the client reads");
    peer.expect("/quit\r\n\n\tlast\x07");
    peer.expect_eof();
    drop(peer);
    check(&finish(child), 0, CONNECTED, "");
}

#[test]
fn server_close_before_end_of_input_is_reported() {
    let (mut child, mut peer) = start();
    let stdin = child.stdin.take();
    peer.send("* bye\n");
    drop(peer);
    check(&finish_with_open_input(child), 1, &format!("{CONNECTED}* bye\n"), "Disconnected from chat server\n");
    drop(stdin);
}

#[test]
fn connection_reset_is_reported() {
    let (mut child, peer) = start();
    // Before this line, the client can't distinguish a reset from a refused connection.
    expect_output(&mut child, CONNECTED);
    socket2::SockRef::from(peer.stream()).set_linger(Some(Duration::ZERO)).expect("a socket");
    drop(peer);
    check(&finish_with_open_input(child), 1, "", "Disconnected from chat server\n");
}

#[test]
fn nick_and_rooms_are_requested_before_input() {
    let listener = Listener::new();
    let args = ["--nick", "alice", "--room", "#a", "--room", "#b", "127.0.0.1", &listener.port()];
    let mut child = client(&args).spawn().expect("the client starts");
    let mut peer = listener.accept();
    child.stdin.as_mut().expect("a pipe").write_all(b"hi\n").expect("the client reads");
    drop(child.stdin.take());
    peer.expect("/nick alice\n/join #a\n/join #b\nhi\n");
    peer.expect_eof();
    drop(peer);
    check(&finish_with_open_input(child), 0, CONNECTED, "");
}

#[test]
fn completions_and_manual_pages_are_written() {
    for program_name in ["chat-client", "chat-server"] {
        let completions = command(program(program_name)).args(["--completions", "bash"]).output().expect("it runs");
        assert_eq!(completions.status.code(), Some(0));
        let script = String::from_utf8_lossy(&completions.stdout).into_owned();
        assert!(script.contains("complete -F _") && script.contains(program_name), "{script}");
        let directory = tempfile::tempdir().expect("a directory");
        let status = command(program(program_name)).arg("--man-pages").arg(directory.path()).status().expect("it runs");
        assert_eq!(status.code(), Some(0));
        let page = std::fs::read_to_string(directory.path().join(format!("{program_name}.1"))).expect("a page");
        assert!(page.contains(".SH SYNOPSIS"), "{page}");
        let failed = command(program(program_name)).args(["--man-pages", "/dev/null/pages"]).output().expect("it runs");
        assert_ne!(failed.status.code(), Some(0));
        let stderr = String::from_utf8_lossy(&failed.stderr).into_owned();
        assert!(stderr.contains("/dev/null/pages: ") || stderr.contains("No such"), "{stderr}");
    }
}

#[test]
fn closed_output_pipe_exits_with_success() {
    let (mut child, peer) = start();
    let stdin = child.stdin.take();
    expect_output(&mut child, CONNECTED);
    drop(child.stdout.take());
    // Send lines until the client exits. One line is not enough: a child that another test starts holds the other end
    // of the pipe for a moment, between fork and exec.
    let stream = peer.stream().try_clone().expect("a second handle");
    let sender = thread::spawn(move || while (&stream).write_all(b"<bob> to nobody\n").is_ok() {});
    check(&finish_with_open_input(child), 0, "", "");
    drop((stdin, peer));
    sender.join().expect("no panic");
}

#[test]
fn unread_input_does_not_stop_output() {
    let (mut child, mut peer) = start();
    expect_output(&mut child, CONNECTED);
    let mut stdin = child.stdin.take().expect("a pipe");
    // The write blocks until the client exits, and then fails.
    let writer = thread::spawn(move || while stdin.write_all(&[b'x'; 4096]).is_ok() {});
    peer.send("<bob> are you there?\n");
    expect_output(&mut child, "<bob> are you there?\n");
    drop(peer);
    let output = finish_with_open_input(child);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "Disconnected from chat server\n");
    assert_eq!(output.status.code(), Some(1));
    writer.join().expect("no panic");
}

#[test]
fn flood_arrives_complete_and_in_order() {
    let (child, mut peer) = start();
    let lines: Vec<String> = (0..100_000).map(|number| format!("<bob> line {number}\n")).collect();
    let flood = lines.concat();
    let expected = format!("{CONNECTED}{flood}");
    thread::spawn(move || peer.send(flood));
    check(&finish(child), 0, &expected, "");
}

#[test]
fn redirected_output_has_no_prompt_or_escape_codes() {
    let listener = Listener::new();
    let script = r#""$0" 127.0.0.1 "$1" | cat; echo over"#;
    let client = program("chat-client");
    let client = client.to_str().expect("a path in UTF-8");
    let mut pty = Pty::start("sh", ["-c", script, client, &listener.port()], 8, 60);
    let mut peer = listener.accept();
    pty.wait_for_screen(CONNECTED.trim_end());
    // Here the terminal itself edits and echoes the line.
    pty.send("hi\r");
    peer.expect("hi\n");
    peer.send("<bob> ho\n");
    pty.wait_for_screen(&format!("{CONNECTED}hi\n<bob> ho"));
    pty.send("\x04");
    peer.expect_eof();
    drop(peer);
    pty.wait_for_screen(&format!("{CONNECTED}hi\n<bob> ho\nover"));
    assert!(!pty.output().contains(&0x1b));
}

#[test]
fn dumb_terminal_gets_no_prompt_or_escape_codes() {
    let listener = Listener::new();
    let client = program("chat-client");
    let client = client.to_str().expect("a path in UTF-8");
    let pty = Pty::start("env", ["TERM=dumb", client, "127.0.0.1", &listener.port()], 8, 60);
    let mut peer = listener.accept();
    peer.send("<bob> ho\n");
    pty.wait_for_screen(&format!("{CONNECTED}<bob> ho"));
    assert!(!pty.output().contains(&0x1b));
}
