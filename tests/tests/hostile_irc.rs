//! Hostile input on an IRC connection. See `tests/HOSTILE.md`.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use chat_tests::{ChatServer, Client, TIMEOUT};

/// Starts a server with a plain-line and an IRC listener, and joins a plain-line watcher.
fn start(args: &[&str]) -> (ChatServer, Client, u16) {
    let server = ChatServer::start(&[&["--irc", "127.0.0.1:0"], args].concat());
    let port = server.read_irc_port();
    let watcher = Client::join(server.address());
    (server, watcher, port)
}

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("the server accepts");
    stream.set_read_timeout(Some(TIMEOUT)).expect("the timeout is valid");
    stream.set_write_timeout(Some(Duration::from_secs(5))).expect("the timeout is valid");
    stream
}

/// Reads the stream to its end.
fn read_to_end(mut stream: TcpStream) -> String {
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    String::from_utf8(rest).expect("it is text")
}

#[test]
fn irc_endless_line_is_closed_even_before_registration() {
    let (server, mut watcher, port) = start(&[]);
    let before = server.proc_status("VmRSS");
    for hello in ["", "NICK a\r\nUSER a 0 * :a\r\nJOIN #lobby\r\n"] {
        let mut stream = connect(port);
        stream.write_all(hello.as_bytes()).expect("the server reads");
        let mebibyte = vec![b'x'; 1024 * 1024];
        let sent = (0..1024).take_while(|_| stream.write_all(&mebibyte).is_ok()).count();
        assert!(sent < 64, "the server read {sent} MiB");
    }
    watcher.barrier();
    assert!(server.proc_status("VmRSS") < before + 4096, "from {before} to {} KiB", server.proc_status("VmRSS"));
}

#[test]
fn irc_flood_of_invalid_lines_closes_the_connection() {
    let (server, mut watcher, port) = start(&["--max-invalid", "100"]);
    for line in ["NICK 2\r\n", "FOO\r\n", "JOIN #a\r\n"] {
        let mut stream = connect(port);
        stream.write_all(line.repeat(200).as_bytes()).expect("the server reads");
        let received = read_to_end(stream);
        assert!(received.ends_with("too many invalid lines; at most 100 in a row are allowed\r\n"), "{received}");
    }
    assert_eq!(watcher.barrier(), [""; 0], "the room received nothing");
    drop(server);
}

#[test]
fn http_and_tls_are_rejected_on_irc() {
    let (_server, mut watcher, port) = start(&[]);
    let http = "POST / HTTP/1.1\r\nHost: x\r\n\r\nNICK a\r\nUSER a 0 * :a\r\nJOIN #lobby\r\nPRIVMSG #lobby :spam\r\n";
    for (bytes, protocol) in [(http, "HTTP"), ("\u{16}\u{3}\u{1}\u{2}", "TLS")] {
        let mut stream = connect(port);
        stream.write_all(bytes.as_bytes()).expect("the server reads");
        let received = read_to_end(stream);
        assert!(received.ends_with(&format!("it speaks lines of text, not {protocol}\r\n")), "{received}");
    }
    assert_eq!(watcher.barrier(), [""; 0]);
}

#[test]
fn irc_member_cannot_forge_lines() {
    let (_server, mut watcher, port) = start(&[]);
    let mut stream = connect(port);
    let hello = "NICK mal\r\nUSER a@b!c\u{1b}[2J 0 * :real\u{1b}]0;x\u{7} name\r\nJOIN #lobby\r\n";
    stream.write_all(hello.as_bytes()).expect("the server reads");
    assert_eq!(watcher.read_line(), "[mal] entered room");
    let mut other = connect(port);
    other.write_all(b"NICK eve\r\nUSER e 0 * :e\r\nJOIN #lobby\r\n").expect("the server reads");
    assert_eq!(watcher.read_line(), "[eve] entered room");
    for line in [
        "PRIVMSG #lobby :one\u{2028}:s 001 eve :forged\r\n",
        "TOPIC #lobby :tea\u{1b}[2J\0 time\r\n",
        "WHOIS mal\r\nWHO #lobby\r\n",
        "AWAY :gone\u{7}\r\nQUIT :bye\u{1b}c bye\r\n",
    ] {
        stream.write_all(line.as_bytes()).expect("the server reads");
    }
    assert_eq!(watcher.read_line(), "<mal> one:s 001 eve :forged");
    assert_eq!(watcher.read_line(), "[mal] set the topic: tea time");
    assert_eq!(watcher.read_line(), "[mal] is offline: bye bye");
    other.write_all(b"QUIT\r\n").expect("the server reads");
    for received in [read_to_end(stream), read_to_end(other)] {
        assert!(received.lines().all(|line| line.starts_with(':') || line.starts_with("ERROR")), "{received}");
        assert!(!received.contains(['\u{1b}', '\0', '\u{7}', '\u{2028}']), "{received:?}");
    }
}
