//! chat-client in a terminal, connected to a server that the test implements.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::thread;

use chat_tests::keys::{CTRL_C, CTRL_D, CTRL_R, CTRL_Y, ENTER, LEFT, UP};
use chat_tests::{CONNECTED, Listener, Peer, Pty, program, start_chat_client_with_peer};

/// Starts chat-client from a shell, which then prints the exit code and whether the terminal modes are unchanged.
#[track_caller]
fn start_from_shell() -> (Pty, Peer) {
    let listener = Listener::new();
    let script =
        r#"found=$(stty -a); "$0" 127.0.0.1 "$1"; echo "code $?"; [ "$(stty -a)" = "$found" ] && echo as found"#;
    let client: PathBuf = program("chat-client");
    let client = client.to_str().expect("a path in UTF-8");
    let pty = Pty::start("sh", ["-c", script, client, &listener.port()], 8, 60);
    let peer = listener.accept();
    pty.wait_until("the prompt should appear", |screen| screen.ends_with("\n<You>"));
    (pty, peer)
}

#[test]
fn connected_line_and_prompt_are_exact() {
    let (pty, _peer) = start_chat_client_with_peer(5, 60);
    pty.wait_for_cursor(&format!("{CONNECTED}\n<You>"), (1, 6));
}

#[test]
fn messages_appear_above_half_typed_line() {
    let (mut pty, mut peer) = start_chat_client_with_peer(8, 60);
    pty.send("half");
    pty.wait_for_cursor(&format!("{CONNECTED}\n<You> half"), (1, 10));
    peer.send("<bob> hi\n* two lines\n");
    pty.wait_for_cursor(&format!("{CONNECTED}\n<bob> hi\n* two lines\n<You> half"), (3, 10));
    pty.send("way");
    pty.wait_for_cursor(&format!("{CONNECTED}\n<bob> hi\n* two lines\n<You> halfway"), (3, 13));
    pty.send(ENTER);
    peer.expect("halfway\n");
    pty.wait_for_cursor(&format!("{CONNECTED}\n<bob> hi\n* two lines\n<You> halfway\n<You>"), (4, 6));
}

#[test]
fn cursor_stays_inside_half_typed_line() {
    let (mut pty, mut peer) = start_chat_client_with_peer(8, 60);
    pty.send("one three");
    pty.send(&LEFT.repeat(5));
    pty.wait_for_cursor(&format!("{CONNECTED}\n<You> one three"), (1, 10));
    peer.send("<bob> hi\n");
    pty.wait_for_cursor(&format!("{CONNECTED}\n<bob> hi\n<You> one three"), (2, 10));
    pty.send("two ");
    pty.wait_for_cursor(&format!("{CONNECTED}\n<bob> hi\n<You> one two three"), (2, 14));
    pty.send(ENTER);
    peer.expect("one two three\n");
}

#[test]
fn wrapped_half_typed_line_stays_whole() {
    let (mut pty, mut peer) = start_chat_client_with_peer(10, 40);
    let connected = "Connected to remote host. Start sending\nmessages";
    pty.send("0123456789012345678901234567890123456789 and a second row, and a third one");
    let half = "<You> 0123456789012345678901234567890123\n456789 and a second row, and a third one";
    // The text fills two rows to the last column, so the cursor is on the third.
    pty.wait_for_cursor(&format!("{connected}\n{half}"), (4, 0));
    peer.send("<bob> hi\n");
    pty.wait_for_cursor(&format!("{connected}\n<bob> hi\n{half}"), (5, 0));
    pty.send(&LEFT.repeat(50));
    pty.wait_for_cursor(&format!("{connected}\n<bob> hi\n{half}"), (3, 30));
    peer.send("* a line that is longer than the terminal is wide\n");
    let long = "* a line that is longer than the termina\nl is wide";
    pty.wait_for_cursor(&format!("{connected}\n<bob> hi\n{long}\n{half}"), (5, 30));
    pty.send("X");
    pty.send(ENTER);
    peer.expect("012345678901234567890123X4567890123456789 and a second row, and a third one\n");
}

#[test]
fn wide_characters_keep_the_cursor_position() {
    let (mut pty, mut peer) = start_chat_client_with_peer(8, 60);
    pty.send("日本語テキスト");
    pty.send(&LEFT.repeat(2));
    pty.wait_for_cursor(&format!("{CONNECTED}\n<You> 日本語テキスト"), (1, 16));
    peer.send("<花子> こんにちは\n");
    pty.wait_for_cursor(&format!("{CONNECTED}\n<花子> こんにちは\n<You> 日本語テキスト"), (2, 16));
    pty.send("é");
    pty.send(ENTER);
    peer.expect("日本語テキéスト\n");
}

#[test]
fn wrapped_wide_characters_stay_whole() {
    // The prompt leaves 35 columns, so a wide character does not fit into the last column.
    let (mut pty, mut peer) = start_chat_client_with_peer(8, 41);
    let connected = "Connected to remote host. Start sending m\nessages";
    pty.send(&"日".repeat(20));
    let half = format!("<You> {}\n{}", "日".repeat(17), "日".repeat(3));
    pty.wait_for_cursor(&format!("{connected}\n{half}"), (3, 6));
    peer.send("<bob> hi\n");
    pty.wait_for_cursor(&format!("{connected}\n<bob> hi\n{half}"), (4, 6));
    pty.send(ENTER);
    peer.expect(&format!("{}\n", "日".repeat(20)));
}

#[test]
fn flood_while_typing_loses_nothing_and_keeps_order() {
    const TYPED: usize = 100;
    /// The number of keys in one typed line. The server sends one line with each key.
    const KEYS: usize = "typed 000\r".len();
    const LINES: usize = TYPED * KEYS;
    let (mut pty, mut peer) = start_chat_client_with_peer(1200, 60);
    let mut sent_lines = 0;
    let mut expected = String::new();
    for number in 0..TYPED {
        let line = format!("typed {number:03}\r");
        for key in line.chars() {
            pty.send(&key.to_string());
            peer.send(format!("<bob> line {sent_lines}\n"));
            sent_lines += 1;
        }
        expected.push_str(&line.replace('\r', "\n"));
        // The test types every second line ahead. It types the others after the client has sent all earlier lines.
        if number % 2 == 0 {
            peer.expect(&std::mem::take(&mut expected));
        }
    }
    peer.expect(&expected);
    pty.send("half");
    pty.wait_until("the last line and the half-typed line should be shown", |screen| {
        screen.ends_with("\n<You> half") && screen.contains(&format!("<bob> line {}\n", LINES - 1))
    });

    let screen = pty.screen();
    let rows: Vec<&str> = screen.lines().collect();
    let received: Vec<&str> = rows.iter().copied().filter(|row| row.starts_with("<bob>")).collect();
    let expected: Vec<String> = (0..LINES).map(|number| format!("<bob> line {number}")).collect();
    assert_eq!(received, expected);
    let typed: Vec<&str> = rows.iter().copied().filter(|row| row.starts_with("<You>")).collect();
    let mut expected: Vec<String> = (0..TYPED).map(|number| format!("<You> typed {number:03}")).collect();
    expected.push("<You> half".to_owned());
    assert_eq!(typed, expected);
    assert_eq!(rows.len(), 1 + LINES + TYPED + 1, "nothing else is on the screen");
}

#[test]
fn keys_typed_ahead_are_not_lost() {
    let (mut pty, mut peer) = start_chat_client_with_peer(12, 60);
    pty.send("one\rtwo\rthree\rfour");
    peer.expect("one\ntwo\nthree\n");
    pty.wait_for_cursor(&format!("{CONNECTED}\n<You> one\n<You> two\n<You> three\n<You> four"), (4, 10));
}

#[test]
fn blank_line_sends_nothing() {
    let (mut pty, mut peer) = start_chat_client_with_peer(8, 60);
    pty.send("\r  \rhi\r");
    peer.expect("hi\n");
}

#[test]
fn pasted_lines_are_sent_separately_without_controls() {
    let (mut pty, mut peer) = start_chat_client_with_peer(8, 60);
    pty.send("\x1b[200~one\rtwo\tx\x07\u{9b}\x08\rthree\x1b[201~");
    pty.wait_for_text("three");
    pty.send(ENTER);
    pty.wait_for_text("send 3 lines? [y/N]");
    pty.send("n\rnot these\r");
    peer.expect("not these\n");
    pty.send("\x1b[200~one\rtwo\tx\x07\u{9b}\x08\rthree\x1b[201~");
    pty.send(ENTER);
    pty.wait_until("the client should ask again", |screen| screen.ends_with("send 3 lines? [y/N]"));
    pty.send("y\r");
    peer.expect("one\ntwo\tx\nthree\n");
    assert!(!pty.output().contains(&0x07), "a pasted bell does not ring");
}

#[test]
fn arrow_up_recalls_typed_lines() {
    let (mut pty, mut peer) = start_chat_client_with_peer(8, 60);
    pty.send("first\rsecond\r");
    peer.expect("first\nsecond\n");
    pty.send(UP);
    pty.send(UP);
    pty.wait_until("the client should recall the first line", |screen| screen.ends_with("\n<You> first"));
    peer.send("<bob> hi\n");
    pty.wait_until("the recalled line should stay", |screen| screen.ends_with("\n<bob> hi\n<You> first"));
    pty.send(" again");
    pty.send(ENTER);
    peer.expect("first again\n");
}

#[test]
fn ctrl_c_clears_line_or_leaves_when_empty() {
    let (mut pty, mut peer) = start_chat_client_with_peer(8, 60);
    pty.send("half");
    pty.wait_for_screen(&format!("{CONNECTED}\n<You> half"));
    pty.send(CTRL_C);
    pty.wait_for_screen(&format!("{CONNECTED}\n<You>"));
    pty.send(CTRL_Y);
    pty.wait_for_screen(&format!("{CONNECTED}\n<You> half"));
    pty.send(CTRL_C);
    pty.send(CTRL_C);
    peer.expect_eof();
    drop(peer);
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn quit_sends_earlier_lines_first() {
    let (mut pty, mut peer) = start_from_shell();
    pty.send("one\rtwo\r/quit\r");
    peer.expect("one\ntwo\n/quit\n");
    peer.expect_eof();
    peer.send("* bye\n");
    drop(peer);
    pty.wait_for_text("* bye\ncode 0\nas found");
}

#[test]
fn quit_does_not_wait_for_open_connection() {
    let (mut pty, mut peer) = start_chat_client_with_peer(8, 60);
    pty.send("/quit\r");
    peer.expect("/quit\n");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn quit_does_not_wait_for_flooding_server() {
    let (mut pty, mut peer) = start_chat_client_with_peer(8, 60);
    let mut stream = peer.stream().try_clone().expect("a second handle of the socket");
    // The write fails when the client exits.
    let sender = thread::spawn(move || while stream.write_all(b"<bob> blah blah blah\n").is_ok() {});
    pty.send("/quit\r");
    peer.expect("/quit\n");
    assert_eq!(pty.exit_code(), 0);
    sender.join().expect("no panic");
}

#[test]
fn ctrl_d_sends_earlier_lines_and_leaves() {
    let (mut pty, mut peer) = start_from_shell();
    pty.send("one\r");
    pty.send(CTRL_D);
    peer.expect("one\n");
    peer.expect_eof();
    drop(peer);
    pty.wait_for_text("code 0\nas found");
}

#[test]
fn server_close_prints_everything_and_restores_terminal() {
    let (mut pty, mut peer) = start_from_shell();
    pty.send("half-typed");
    pty.send(LEFT);
    pty.wait_for_text("<You> half-typed");
    peer.send("<bob> the last line\nand one without an end");
    drop(peer);
    pty.wait_for_screen(&format!(
        "{CONNECTED}\n<bob> the last line\nand one without an end\n<You> half-typed\nDisconnected from chat server\n\
         code 1\nas found"
    ));
}

#[test]
fn server_close_leaves_no_empty_prompt() {
    let (pty, mut peer) = start_from_shell();
    peer.send("* bye\n");
    drop(peer);
    pty.wait_for_screen(&format!("{CONNECTED}\n* bye\nDisconnected from chat server\ncode 1\nas found"));
}

#[test]
fn server_close_during_history_search_ends_client() {
    let (mut pty, mut peer) = start_from_shell();
    pty.send("one\r");
    peer.expect("one\n");
    pty.send(CTRL_R);
    pty.wait_for_text("(reverse-i-search)");
    peer.send("* bye\n");
    drop(peer);
    pty.wait_for_text("* bye\nDisconnected from chat server\ncode 1\nas found");
}

#[test]
fn signal_restores_the_terminal() {
    let (mut pty, _peer) = start_from_shell();
    pty.send("half");
    pty.wait_for_text("<You> half");
    let shell = pty.process_id();
    let children = fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).expect("the shell's children");
    chat_tests::send_signal(children.trim().parse().expect("one child"), "TERM");
    pty.wait_for_text("code 143\nas found");
}

#[test]
fn stalled_server_blocks_neither_typing_nor_output() {
    let (mut pty, mut peer) = start_chat_client_with_peer(70, 1000);
    socket2::SockRef::from(peer.stream()).set_recv_buffer_size(4096).expect("a socket");
    let long = "x".repeat(50_000);
    pty.send(&format!("\x1b[200~{long}\x1b[201~\r"));
    // These lines exceed the buffers of a loopback connection, as the last assertion confirms.
    for _ in 0..80 {
        pty.send(UP);
        pty.send(ENTER);
    }
    pty.send("still here");
    pty.wait_until("the client should show the typed keys", |screen| screen.ends_with("\n<You> still here"));
    peer.send("<bob> hi\n");
    pty.wait_until("the client should print received lines", |screen| screen.ends_with("\n<bob> hi\n<You> still here"));
    pty.send("\r/quit\r");
    assert_eq!(pty.exit_code(), 1);
    assert!(pty.screen().ends_with("error: some lines were not sent: the server accepts no data"));
}

#[test]
fn narrower_terminal_keeps_half_typed_line() {
    let (mut pty, mut peer) = start_chat_client_with_peer(8, 60);
    pty.send("half-typed");
    pty.wait_for_text("<You> half-typed");
    pty.resize(8, 50);
    peer.send("<bob> hi\n");
    pty.wait_for_cursor(&format!("{CONNECTED}\n<bob> hi\n<You> half-typed"), (2, 16));
    pty.send(" on and on until it wraps at the new width\r");
    peer.expect("half-typed on and on until it wraps at the new width\n");
    pty.wait_for_text("<You> half-typed on and on until it wraps at the n\new width\n<You>");
}
