//! chat-client in a terminal that sends invalid UTF-8. The screen model of these tests does not show U+FFFD.

use chat_tests::keys::{CTRL_R, ENTER};
use chat_tests::{CONNECTED, Listener, Peer, Pty, start_chat_client};

/// Invalid UTF-8, and the replacement that the client shows.
const INVALID: [(&[u8], &str); 6] = [
    // Latin-1.
    (b"\xe9", "\u{fffd}"),
    (b"\xff", "\u{fffd}"),
    (b"\x80\x81", "\u{fffd}\u{fffd}"),
    // An incomplete character.
    (b"\xe2\x82", "\u{fffd}"),
    // An overlong encoding of `/`, and half of a surrogate pair.
    (b"\xc0\xaf", "\u{fffd}\u{fffd}"),
    (b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}"),
];

/// Keys that the client ignores: Escape, unknown escape sequences, NUL.
const IGNORED: [&[u8]; 7] = [b"\x1b[99~", b"\x1b[1;99~", b"\x1bOz", b"\x1b[[z", b"\x1b[>0;1z", b"\x1b\xff", b"\0"];

/// Starts chat-client in a terminal of 12 × 60 and waits for its prompt.
#[track_caller]
fn start() -> (Pty, Peer) {
    let listener = Listener::new();
    let pty = start_chat_client(&listener.port(), &[], 12, 60);
    let peer = listener.accept();
    pty.wait_for_screen(&format!("{CONNECTED}\n<You>"));
    (pty, peer)
}

#[test]
fn latin1_text_is_sent_with_replacement_characters() {
    let (mut pty, mut peer) = start();
    pty.send_bytes(b"caf\xe9 au lait\rna\xefve\r");
    peer.expect("caf\u{fffd} au lait\nna\u{fffd}ve\n");
    pty.wait_for_output("na\u{fffd}ve");
    pty.wait_for_count("<You>", 3);
}

#[test]
fn half_typed_line_survives_invalid_utf8() {
    let (mut pty, mut peer) = start();
    for (bytes, shown) in INVALID {
        pty.send("half");
        pty.send_bytes(bytes);
        pty.wait_for_output(&format!("half{shown}"));
        pty.send("way\r");
        peer.expect(&format!("half{shown}way\n"));
    }
}

#[test]
fn incomplete_character_does_not_delay_messages() {
    let (mut pty, mut peer) = start();
    pty.send_bytes(b"\xc3");
    pty.wait_for_output("\u{fffd}");
    peer.send("<bob> hi\n");
    pty.wait_for_screen(&format!("{CONNECTED}\n<bob> hi\n<You>"));
}

#[test]
fn escape_does_not_delay_messages() {
    let (mut pty, mut peer) = start();
    pty.send("half\x1b");
    pty.wait_for_screen(&format!("{CONNECTED}\n<You> half"));
    peer.send("<bob> hi\n");
    pty.wait_for_screen(&format!("{CONNECTED}\n<bob> hi\n<You> half"));
}

#[test]
fn unknown_keys_do_not_change_line() {
    let (mut pty, mut peer) = start();
    for keys in IGNORED {
        pty.send("half");
        pty.send_bytes(keys);
        // The client may show part of an unknown sequence after the text.
        pty.wait_until(&format!("{keys:?} should keep the line"), |screen| {
            screen.lines().last().is_some_and(|line| line.starts_with("<You> half"))
        });
        pty.send("\x01\x0bnext\r");
        peer.expect("next\n");
    }
}

#[test]
fn paste_with_invalid_utf8_stays_whole() {
    let (mut pty, mut peer) = start();
    pty.send_bytes(b"a \x1b[200~caf\xe9 au\xff lait\xe2\x1b[201~ b\r");
    peer.expect("a caf\u{fffd} au\u{fffd} lait\u{fffd} b\n");
}

#[test]
fn history_search_accepts_invalid_utf8() {
    let (mut pty, mut peer) = start();
    pty.send("first\r");
    peer.expect("first\n");
    pty.send(CTRL_R);
    pty.send_bytes(b"fir\xe9");
    pty.wait_for_text("(failed reverse-i-search)`fir");
    pty.wait_for_output("fir\u{fffd}");
    pty.send("\x7fs");
    pty.wait_for_text("(reverse-i-search)`firs': first");
    pty.send(ENTER);
    peer.expect("first\n");
}

#[test]
fn confirmation_question_accepts_invalid_utf8() {
    let (mut pty, mut peer) = start();
    pty.send("\x1b[200~one\rtwo\x1b[201~\r");
    pty.wait_for_text("send 2 lines? [y/N]");
    pty.send_bytes(b"\xe9\rnot these\r");
    peer.expect("not these\n");
}
