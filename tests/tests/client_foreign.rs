//! chat-client against servers that are not ours, and against hostile ones.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use chat_tests::{CONNECTED, Listening, Peer, Pty, program};

#[track_caller]
fn start(rows: u16, cols: u16) -> (Pty, Peer) {
    let listening = Listening::new();
    let pty = Pty::start(program("chat-client"), ["127.0.0.1", &listening.port()], rows, cols);
    let peer = listening.accept();
    pty.wait_until("the prompt should appear", |screen| screen.ends_with("\n<You>"));
    (pty, peer)
}

#[test]
fn a_server_that_relays_raw_chunks() {
    let (mut pty, mut peer) = start(10, 60);
    pty.send("half");
    // Leading CR, the newline is the sender's own.
    peer.send("\r<('127.0.0.1', 50194)> hi\n");
    pty.wait_for_cursor(&format!("{CONNECTED}\n<('127.0.0.1', 50194)> hi\n<You> half"), (2, 10));
    // A notice without a newline shows up without anything coming behind it.
    peer.send("Client (127.0.0.1, 50194) is offline");
    pty.wait_for_cursor(
        &format!("{CONNECTED}\n<('127.0.0.1', 50194)> hi\nClient (127.0.0.1, 50194) is offline\n<You> half"),
        (3, 10),
    );
    // And the next chunk is a line of its own.
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
fn a_notice_and_a_message_in_one_chunk() {
    let (pty, mut peer) = start(8, 60);
    peer.send("[127.0.0.1:50194] entered our chatting room\r<a> hi\n");
    pty.wait_for(&format!("{CONNECTED}\n[127.0.0.1:50194] entered our chatting room\n<a> hi\n<You>"));
}

#[test]
fn a_chunk_that_ends_in_a_character() {
    let (pty, mut peer) = start(8, 60);
    peer.send(b"<bob> caf\xc3");
    // The rest comes only after the first part was shown: the worst case.
    pty.wait_for(&format!("{CONNECTED}\n<bob> caf\n<You>"));
    peer.send(b"\xa9\n");
    pty.wait_for(&format!("{CONNECTED}\n<bob> caf\né\n<You>"));
}

#[test]
fn bytes_that_are_no_utf8_are_marked() {
    let (pty, mut peer) = start(8, 60);
    peer.send(b"<bob> \xff\xfb\x01 \xc0\xaf \xed\xa0\x80 end\n");
    pty.wait_for_part(" end\n<You>");
    // The model of the screen shows no U+FFFD.
    let raw = String::from_utf8(pty.raw()).expect("UTF-8");
    assert!(raw.contains("<bob> \u{fffd}\u{fffd} \u{fffd}\u{fffd} \u{fffd}\u{fffd}\u{fffd} end\r\n"), "{raw:?}");
}

/// Everything that could move a cursor, set a title, write to the clipboard or make a terminal answer.
const HOSTILE: &str = "<eve> a\x1b[2Jb\x1b[1;1Hc\x1b]0;title\x07d\x1b]8;;http://example.org\x1b\\e\x1b]52;c;aGk=\x07f\
                       \x1b[6ng\u{9b}31mh\u{9d}0;title\u{9c}i\x07j\x08k\x1bcl\x1b(0m\x00n\x7fo\u{85}p\x1bP1$r0m\x1b\\q\x0br\n";
const HARMLESS: &str = "<eve> abcdefghijklmnopqr";

#[test]
fn nothing_that_a_peer_sends_reaches_the_terminal_as_a_control() {
    let (mut pty, mut peer) = start(8, 60);
    pty.send("half");
    pty.wait_for_part("<You> half");
    let before = pty.raw().len();
    peer.send(HOSTILE);
    // A sequence that is split where the client gives up waiting.
    peer.send("\x1b");
    peer.send("]0;title");
    pty.wait_for_cursor(&format!("{CONNECTED}\n{HARMLESS}\n0;title\n<You> half"), (3, 10));
    let raw = String::from_utf8(pty.raw().split_off(before)).expect("UTF-8");
    for forbidden in
        ["\x1b]", "\x1bP", "\x1bc", "\x1b(", "\x1b[2J", "\x1b[1;1H", "\x1b[6n", "[31m", "\x07", "\x08", "\x0b"]
    {
        assert!(!raw.contains(forbidden), "{forbidden:?} in {raw:?}");
    }
    let is_other = |c: char| c.is_control() && !matches!(c, '\r' | '\n' | '\x1b');
    assert!(!raw.contains(is_other), "{raw:?}");
}

#[test]
fn nothing_that_a_peer_sends_reaches_a_pipe_as_a_control() {
    let listening = Listening::new();
    let mut child = Command::new(program("chat-client"))
        .args(["127.0.0.1", &listening.port()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the client starts");
    let mut peer = listening.accept();
    peer.send(HOSTILE);
    drop(peer);
    let mut printed = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut printed).expect("UTF-8");
    assert_eq!(printed, format!("{CONNECTED}\n{HARMLESS}\n"));
    assert!(child.wait().expect("an end").success());
}

/// `nc -l` on a port that it picks itself, and that port. `None`, with a word about it, where it is not installed.
fn netcat() -> Option<(Child, String)> {
    let spawned = Command::new("nc")
        .args(["-v", "-l", "-p", "0"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut nc) = spawned else {
        println!("skipped: there is no nc; apt-get install netcat-openbsd");
        return None;
    };
    // "Listening on 0.0.0.0 33709"
    let mut said = String::new();
    BufReader::new(nc.stderr.take().expect("a pipe")).read_line(&mut said).expect("a line");
    let port = said.split_whitespace().last().filter(|word| word.parse::<u16>().is_ok());
    let Some(port) = port.map(str::to_owned) else {
        println!("skipped: this nc can't pick a port ({}); apt-get install netcat-openbsd", said.trim());
        let _ = nc.kill();
        let _ = nc.wait();
        return None;
    };
    Some((nc, port))
}

#[test]
fn a_conversation_with_netcat() {
    let Some((mut nc, port)) = netcat() else { return };
    let mut pty = Pty::start(program("chat-client"), ["127.0.0.1", &port], 8, 60);
    pty.wait_for(&format!("{CONNECTED}\n<You>"));
    pty.send("half");
    let mut keyboard = nc.stdin.take().expect("a pipe");
    keyboard.write_all(b"hello from nc\n").expect("nc reads");
    pty.wait_for_cursor(&format!("{CONNECTED}\nhello from nc\n<You> half"), (2, 10));
    pty.send("way\r");
    let mut heard = String::new();
    let mut screen = BufReader::new(nc.stdout.take().expect("a pipe"));
    screen.read_line(&mut heard).expect("a line");
    assert_eq!(heard, "halfway\n");
    nc.kill().expect("nc runs");
    nc.wait().expect("nc ends");
    pty.wait_for(&format!("{CONNECTED}\nhello from nc\n<You> halfway\nDisconnected from chat server"));
    assert_eq!(pty.exit_code(), 1);
}
