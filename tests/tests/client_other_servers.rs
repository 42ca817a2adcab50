//! chat-client against other chat servers, and against hostile ones.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Stdio};

use chat_tests::{
    CONNECTED, Listener, command, print_skipped, program, start_chat_client, start_chat_client_with_peer,
};

#[test]
fn raw_chunks_are_shown_as_lines() {
    let (mut pty, mut peer) = start_chat_client_with_peer(10, 60);
    pty.send("half");
    // The server adds the leading CR; the newline is the sender's own.
    peer.send("\r<('127.0.0.1', 50194)> hi\n");
    pty.wait_for_cursor(&format!("{CONNECTED}\n<('127.0.0.1', 50194)> hi\n<You> half"), (2, 10));
    // The client shows a notice without a newline before any further bytes arrive.
    peer.send("Client (127.0.0.1, 50194) is offline");
    pty.wait_for_cursor(
        &format!("{CONNECTED}\n<('127.0.0.1', 50194)> hi\nClient (127.0.0.1, 50194) is offline\n<You> half"),
        (3, 10),
    );
    // The next chunk is a separate line.
    peer.send("\r<('127.0.0.1', 50195)> ho\n");
    pty.wait_for_cursor(
        &format!(
            "{CONNECTED}\n<('127.0.0.1', 50194)> hi\nClient (127.0.0.1, 50194) is offline\n\
             <('127.0.0.1', 50195)> ho\n<You> half"
        ),
        (4, 10),
    );
    pty.send("way\r");
    peer.expect("halfway\n");
}

#[test]
fn notice_and_message_in_one_chunk_are_split() {
    let (pty, mut peer) = start_chat_client_with_peer(8, 60);
    peer.send("[127.0.0.1:50194] entered our chatting room\r<a> hi\n");
    pty.wait_for_screen(&format!("{CONNECTED}\n[127.0.0.1:50194] entered our chatting room\n<a> hi\n<You>"));
}

#[test]
fn character_split_between_chunks_is_shown() {
    let (pty, mut peer) = start_chat_client_with_peer(8, 60);
    peer.send(b"<bob> caf\xc3");
    // In the worst case, the rest of the character arrives after the client has shown the first part.
    pty.wait_for_screen(&format!("{CONNECTED}\n<bob> caf\n<You>"));
    peer.send(b"\xa9\n");
    pty.wait_for_screen(&format!("{CONNECTED}\n<bob> caf\né\n<You>"));
}

#[test]
fn invalid_utf8_is_marked() {
    let (pty, mut peer) = start_chat_client_with_peer(8, 60);
    peer.send(b"<bob> \xff\xfb\x01 \xc0\xaf \xed\xa0\x80 end\n");
    pty.wait_for_text(" end\n<You>");
    // The screen model does not show U+FFFD.
    let raw = String::from_utf8(pty.output()).expect("UTF-8");
    assert!(raw.contains("<bob> \u{fffd}\u{fffd} \u{fffd}\u{fffd} \u{fffd}\u{fffd}\u{fffd} end\r\n"), "{raw:?}");
}

/// Sequences that could move the cursor, set a title, write to the clipboard or make a terminal reply.
const HOSTILE: &str = "<eve> a\x1b[2Jb\x1b[1;1Hc\x1b]0;title\x07d\x1b]8;;http://example.org\x1b\\e\x1b]52;c;aGk=\x07f\
                       \x1b[6ng\u{9b}31mh\u{9d}0;title\u{9c}i\x07j\x08k\x1bcl\x1b(0m\x00n\x7fo\u{85}p\x1bP1$r0m\x1b\\q\x0br\n";
const HARMLESS: &str = "<eve> abcdefghijklmnopqr";

#[test]
fn server_controls_never_reach_the_terminal() {
    let (mut pty, mut peer) = start_chat_client_with_peer(8, 60);
    pty.send("half");
    pty.wait_for_text("<You> half");
    let before = pty.output().len();
    peer.send(HOSTILE);
    // The client does not wait for the rest of a split sequence.
    peer.send("\x1b");
    peer.send("]0;title");
    pty.wait_for_cursor(&format!("{CONNECTED}\n{HARMLESS}\n0;title\n<You> half"), (3, 10));
    let raw = String::from_utf8(pty.output().split_off(before)).expect("UTF-8");
    for forbidden in
        ["\x1b]", "\x1bP", "\x1bc", "\x1b(", "\x1b[2J", "\x1b[1;1H", "\x1b[6n", "[31m", "\x07", "\x08", "\x0b"]
    {
        assert!(!raw.contains(forbidden), "{forbidden:?} in {raw:?}");
    }
    let is_forbidden = |c: char| c.is_control() && !matches!(c, '\r' | '\n' | '\x1b');
    assert!(!raw.contains(is_forbidden), "{raw:?}");
}

#[test]
fn server_controls_never_reach_a_pipe() {
    let listener = Listener::new();
    let mut child = command(program("chat-client"))
        .args(["127.0.0.1", &listener.port()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the client starts");
    let mut peer = listener.accept();
    peer.send(HOSTILE);
    drop(peer);
    let mut printed = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut printed).expect("UTF-8");
    assert_eq!(printed, format!("{CONNECTED}\n{HARMLESS}\n"));
    assert!(child.wait().expect("an end").success());
}

/// Starts `nc -l` and returns it with the port that it chose.
///
/// Returns `None`, and prints the reason, when `nc` is not installed.
fn start_netcat() -> Option<(Child, String)> {
    let spawned = command("nc")
        .args(["-v", "-l", "-p", "0"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut nc) = spawned else {
        print_skipped("there is no nc; apt-get install netcat-openbsd");
        return None;
    };
    // "Listening on 0.0.0.0 33709"
    let mut banner = String::new();
    BufReader::new(nc.stderr.take().expect("a pipe")).read_line(&mut banner).expect("a line");
    let port = banner.split_whitespace().last().filter(|word| word.parse::<u16>().is_ok());
    let Some(port) = port.map(str::to_owned) else {
        print_skipped(format_args!("this nc can't pick a port ({}); apt-get install netcat-openbsd", banner.trim()));
        let _ = nc.kill();
        let _ = nc.wait();
        return None;
    };
    Some((nc, port))
}

#[test]
fn client_talks_with_netcat() {
    let Some((mut nc, port)) = start_netcat() else { return };
    let mut pty = start_chat_client(&port, &[], 8, 60);
    pty.wait_for_screen(&format!("{CONNECTED}\n<You>"));
    pty.send("half");
    let mut stdin = nc.stdin.take().expect("a pipe");
    stdin.write_all(b"hello from nc\n").expect("nc reads");
    pty.wait_for_cursor(&format!("{CONNECTED}\nhello from nc\n<You> half"), (2, 10));
    pty.send("way\r");
    let mut received = String::new();
    let mut stdout = BufReader::new(nc.stdout.take().expect("a pipe"));
    stdout.read_line(&mut received).expect("a line");
    assert_eq!(received, "halfway\n");
    nc.kill().expect("nc runs");
    nc.wait().expect("nc ends");
    pty.wait_for_screen(&format!("{CONNECTED}\nhello from nc\n<You> halfway\nDisconnected from chat server"));
    assert_eq!(pty.exit_code(), 1);
}
