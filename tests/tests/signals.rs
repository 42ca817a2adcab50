//! Signals that do not stop the server.

#![cfg(unix)]

use std::io::Write as _;
use std::net::Ipv4Addr;

use chat_tests::{ChatServer, Client};

/// Replaces the content of a file.
fn write_file(file: &tempfile::NamedTempFile, text: &str) {
    std::fs::write(file.path(), text).expect("there is room for a file");
}

fn temp_file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("there is room for a file");
    file.write_all(text.as_bytes()).expect("there is room for a file");
    file
}

fn path(file: &tempfile::NamedTempFile) -> &str {
    file.path().to_str().expect("a path is text")
}

/// Reads the server's output up to a line that is not about a connection, and returns that line.
fn read_stdout(server: &ChatServer) -> String {
    loop {
        let line = server.read_stdout();
        if !line.starts_with("Client (") {
            return line;
        }
    }
}

#[test]
fn sighup_reloads_files_and_keeps_connections() {
    let (motd, password, operator) = (temp_file("old news"), temp_file("old"), temp_file("old operator"));
    let server = ChatServer::start(&[
        "--motd",
        path(&motd),
        "--password",
        path(&password),
        "--operator-password",
        path(&operator),
        "--irc",
        "127.0.0.1:0",
    ]);
    let irc = (Ipv4Addr::LOCALHOST, server.read_irc_port()).into();
    let mut alice = Client::connect(server.address());
    alice.send("/pass old\n/nick alice\n");
    let _ = alice.read_until("* old news");
    let _ = alice.read_until("* you are now known as alice");

    write_file(&motd, "new news");
    write_file(&password, "new");
    write_file(&operator, "new operator");
    server.send_signal("HUP");
    assert_eq!(read_stdout(&server), "SIGHUP: reloaded the message of the day, the password, the operator password");

    alice.send("/motd\n/oper new operator\n");
    assert_eq!(alice.read_line(), "* new news", "the connection stays");
    assert_eq!(alice.read_line(), "[alice] is now a server operator");
    let mut bob = Client::connect(server.address());
    bob.send("/pass new\n/nick bob\n");
    let _ = bob.read_until("* new news");
    let _ = bob.read_until("* you are now known as bob");
    let mut iris = Client::connect(irc);
    iris.send("PASS new\r\nNICK iris\r\nUSER iris 0 * :iris\r\n");
    let _ = iris.read_until(":- new news\r");
    let mut late = Client::connect(server.address());
    late.send("/pass old\n");
    let _ = late.read_until("! wrong password; try again in 1s");
}

#[test]
fn unreadable_file_changes_nothing_at_sighup() {
    let (motd, password) = (temp_file("old news"), temp_file("sesame"));
    let server = ChatServer::start(&["--motd", path(&motd), "--password", path(&password)]);
    write_file(&motd, "\u{fffd}".repeat(20_000).as_str());
    write_file(&password, "\n");
    server.send_signal("HUP");
    assert_eq!(read_stdout(&server), "SIGHUP: nothing was reloaded");
    let logged = server.wait_for_log("message of the day");
    assert!(logged.ends_with("has more than 16384 bytes; the message of the day stays as it was"), "{logged}");
    let logged = server.wait_for_log("password");
    assert!(logged.ends_with("password is blank; at least one character is needed; the password stays as it was"));
    drop((motd, password));
    server.send_signal("HUP");
    assert_eq!(read_stdout(&server), "SIGHUP: nothing was reloaded");
    let mut alice = Client::connect(server.address());
    alice.send("/pass sesame\n");
    let _ = alice.read_until("* old news");
}

#[test]
fn no_other_signal_ends_the_server() {
    let server = ChatServer::start(&[]);
    let mut alice = Client::join(server.address());
    let named =
        ["HUP", "QUIT", "ABRT", "ALRM", "PIPE", "PROF", "SYS", "TRAP", "USR1", "USR2", "VTALRM", "XCPU", "XFSZ"];
    // SIGSTKFLT, SIGIO, SIGPWR and real-time signals by number, since not every shell knows their names.
    let linux = if cfg!(target_os = "linux") { &["16", "29", "30", "34", "50", "64"][..] } else { &[] };
    for name in named.iter().chain(linux) {
        server.send_signal(name);
        assert_eq!(alice.barrier(), [""; 0], "SIG{name}");
    }
    // Send these signals separately, because SIGSTOP and SIGCONT discard each other.
    for name in ["STOP", "CONT"] {
        server.send_signal(name);
    }
    assert_eq!(alice.barrier(), [""; 0]);
    let logged = server.wait_for_log("SIGUSR2");
    assert!(logged.contains("is ignored; SIGTERM stops the server"), "{logged}");
    server.send_signal("TERM");
    assert_eq!(alice.read_to_end(), "* Server is shutting down\n");
}
