//! Hostile input on a plain-line connection. See `tests/HOSTILE.md`.

use std::io::Read as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use chat_tests::{ChatServer, Client, GREETING, command, eventually, program, raise_descriptor_limit};

/// Connects a watcher and a client, both in the room.
fn join_two(server: &ChatServer) -> (Client, Client) {
    let mut watcher = Client::join(server.address());
    let client = Client::join(server.address());
    assert_eq!(watcher.read_line(), format!("[{}] entered room", client.name()));
    (watcher, client)
}

/// Asserts that `bytes` deliver `texts` to others and return `replies`. Sends them in one write, and byte by byte.
#[track_caller]
fn check(bytes: impl AsRef<[u8]>, texts: &[&str], replies: &[&str]) {
    for byte_by_byte in [false, true] {
        let server = ChatServer::start(&[]);
        let (mut watcher, mut client) = join_two(&server);
        if byte_by_byte {
            bytes.as_ref().chunks(1).for_each(|byte| client.send(byte));
        } else {
            client.send(bytes.as_ref());
        }
        assert_eq!(client.barrier(), replies);
        let lines: Vec<String> = texts.iter().map(|text| format!("<{}> {text}", client.name())).collect();
        assert_eq!(watcher.barrier(), lines);
    }
}

/// Asserts that `bytes` close the connection with `last_line`, and that the room receives no text.
#[track_caller]
fn check_closed(bytes: &[u8], last_line: &str) {
    let server = ChatServer::start(&[]);
    let (mut watcher, mut client) = join_two(&server);
    client.try_send(bytes);
    assert_eq!(client.read_to_end().lines().last(), Some(last_line));
    assert_eq!(watcher.read_line(), format!("[{}] is offline", client.name()));
}

#[test]
fn endless_line_is_closed_and_memory_stays_flat() {
    let server = ChatServer::start(&[]);
    let (mut watcher, mut client) = join_two(&server);
    let before = server.proc_status("VmRSS");
    let mebibyte = vec![b'x'; 1024 * 1024];
    // The server stops reading long before the whole gigabyte is sent.
    let sent = (0..1024).take_while(|_| client.try_send(&mebibyte)).count();
    assert!(sent < 1024, "the server read the whole line");
    assert_eq!(watcher.read_line(), format!("[{}] is offline", client.name()));
    assert!(server.proc_status("VmRSS") < before + 4096, "from {before} to {} KiB", server.proc_status("VmRSS"));
    let ticks = server.cpu_ticks();
    watcher.barrier();
    drop(client);
    watcher.barrier();
    assert!(server.cpu_ticks() - ticks < 50, "a closed connection uses no CPU time");
}

#[test]
fn line_at_limit_is_sent_and_longer_refused() {
    let line = |bytes: usize| "x".repeat(bytes);
    let bytes = [4095, 4096, 4097].map(|bytes| line(bytes) + "\n").concat() + "next\n";
    check(bytes, &[&line(4095), &line(4096), "next"], &["! line is too long; at most 4096 bytes are allowed"]);
}

#[test]
fn thousand_lines_in_one_segment_arrive_in_order() {
    let texts: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    check(texts.join("\n") + "\n", &texts, &[]);
}

#[test]
fn line_endings_follow_one_rule() {
    check("lf\ncrlf\r\n\n\r\nlone\rcr\n", &["lf", "crlf", "lonecr"], &[]);
}

#[test]
fn splits_inside_characters_and_line_ends_change_nothing() {
    check("日本語 ää 👩‍👩‍👧\r\n", &["日本語 ää 👩‍👩‍👧"], &[]);
}

#[test]
fn unterminated_last_line_is_sent() {
    let server = ChatServer::start(&[]);
    let (mut watcher, mut client) = join_two(&server);
    client.send("hi");
    client.shutdown_write();
    assert_eq!(client.read_to_end(), "");
    assert_eq!(watcher.read_line(), format!("<{}> hi", client.name()));
    assert_eq!(watcher.read_line(), format!("[{}] is offline", client.name()));
}

#[test]
fn nul_and_invalid_utf8_are_never_relayed() {
    let refused = "! line is not valid UTF-8 at byte 0; it was not sent";
    check(b"a\0b\n\xc0\xaf\n\xed\xa0\x80\n\x80\nend\n", &["ab", "end"], &[refused, refused, refused]);
}

#[test]
fn leading_byte_order_mark_is_removed() {
    let server = ChatServer::start(&[]);
    let mut watcher = Client::join(server.address());
    let mut client = Client::connect(server.address());
    client.send("\u{feff}hi\n");
    client.barrier();
    assert_eq!(watcher.barrier()[1..], [format!("<{}> hi", client.name())]);
}

#[test]
fn telnet_sequences_are_removed() {
    let server = ChatServer::start(&[]);
    let (mut watcher, mut client) = join_two(&server);
    client.send(b"\xff\xfe\x01he\xff\xf1llo\xff\xfa\x18\x00vt\n100\xff\xf0 there\n");
    client.barrier();
    assert_eq!(watcher.read_line(), format!("<{}> hello there", client.name()));
}

#[test]
fn http_and_tls_are_rejected_on_plain_lines() {
    for (bytes, protocol) in [
        (&b"GET / HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n"[..], "HTTP"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n", "TLS"),
    ] {
        let server = ChatServer::start(&[]);
        let mut watcher = Client::join(server.address());
        let mut client = Client::connect(server.address());
        client.send(bytes);
        assert_eq!(client.read_line(), GREETING);
        assert_eq!(client.read_to_end(), format!("! this is a chat server: it speaks lines of text, not {protocol}\n"));
        assert_eq!(watcher.read_line(), format!("[{}] entered room", client.name()));
        assert_eq!(watcher.read_line(), format!("[{}] is offline", client.name()));
    }
}

#[test]
fn escape_sequences_and_controls_are_removed() {
    check("\u{1b}]0;owned\u{7}a\u{1b}[2Jb\u{1b}]52;c;aGk=\u{1b}\\c\u{9b}31md\u{8}\u{7}e\tf\n", &["abcde\tf"], &[]);
}

#[test]
fn format_strings_are_plain_text() {
    check("%s%n {} {0} %Y $HOME `id`\n", &["%s%n {} {0} %Y $HOME `id`"], &[]);
}

#[test]
fn wrong_number_of_arguments_is_answered() {
    check(
        "/help x\n/rooms x\n/msg\n/\n/no\n",
        &[],
        &[
            "! unknown command: /x; try /help, or start the line with // to send it as text",
            "! too many arguments; usage: /rooms",
            "! missing argument; usage: /msg NAME TEXT",
            "! unknown command: /; try /help, or start the line with // to send it as text",
            "! unknown command: /no; try /help, or start the line with // to send it as text",
        ],
    );
}

#[test]
fn endless_telnet_subnegotiation_is_closed() {
    let mut bytes = b"\xff\xfa\x18".to_vec();
    bytes.resize(10_000, b'x');
    check_closed(&bytes, "! telnet subnegotiation is too long; at most 4096 bytes are allowed");
}

#[test]
fn reset_discards_partial_line_and_announces_one_leave() {
    let server = ChatServer::start(&[]);
    let (mut watcher, mut client) = join_two(&server);
    client.send("whole\nfragm");
    let name = client.name().to_owned();
    assert_eq!(watcher.read_line(), format!("<{name}> whole"));
    client.reset();
    assert_eq!(watcher.read_line(), format!("[{name}] is offline"));
    assert_eq!(watcher.barrier(), [""; 0]);
}

#[test]
fn thousand_simultaneous_leaves_are_announced_once_each() {
    // The number includes the descriptors of the tests that run at the same time.
    if !raise_descriptor_limit(1500) {
        return;
    }
    let server = ChatServer::start(&["-q"]);
    let mut watcher = Client::join(server.address());
    let mut clients: Vec<Client> = (0..1000).map(|_| Client::connect(server.address())).collect();
    for client in &mut clients {
        client.send("/ping\n");
    }
    let mut entered = 0;
    while entered < 1000 {
        entered += usize::from(watcher.read_line().ends_with("entered room"));
    }
    drop(clients);
    for _ in 0..1000 {
        assert!(watcher.read_line().ends_with("is offline"));
    }
    assert_eq!(watcher.barrier(), [""; 0]);
}

#[test]
fn sigterm_and_sigint_notify_members_and_exit_cleanly() {
    for signal in ["TERM", "INT"] {
        let server = ChatServer::start(&[]);
        let (mut watcher, mut client) = join_two(&server);
        server.send_signal(signal);
        assert_eq!(watcher.read_to_end(), "* Server is shutting down\n");
        assert_eq!(client.read_to_end(), "* Server is shutting down\n");
        let (status, printed) = server.wait_for_exit();
        assert_eq!(status.code(), Some(0), "{printed:?}");
        assert_eq!(printed.iter().filter(|line| line.ends_with("is offline")).count(), 2, "{printed:?}");
    }
}

#[test]
fn second_signal_does_not_wait_for_stalled_members() {
    let server = ChatServer::start(&["-v"]);
    let (stalled, mut client) = join_two(&server);
    // Fill the stalled member's send queue so far that the server has to wait for it at shutdown. The kernel may still
    // take some bytes, but less than half of the send queue.
    let text = "x".repeat(4000) + "\n";
    let base = server.proc_status("Threads");
    let mut remaining = 125;
    while remaining > 0 {
        client.send(&text);
        client.barrier();
        remaining -= usize::from(server.proc_status("Threads") > base);
    }
    server.send_signal("TERM");
    let _ = server.wait_for_log("shutting down");
    server.send_signal("TERM");
    let (status, _) = server.wait_for_exit();
    assert_eq!(status.code(), Some(1));
    drop(stalled);
}

/// Starts a server and returns it with its address. Its output and log go to pipes; only the first line is read.
fn start_with_unread_pipes() -> (Child, SocketAddr) {
    let mut child = command(program("chat-server"))
        .args(["--listen", "127.0.0.1:0", "--rate", "0", "--max-per-address", "0", "-vvv"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("chat-server can be started");
    // Read one byte at a time, so that only the first line leaves the pipe.
    let mut line = Vec::new();
    let printed = child.stdout.as_mut().expect("its output is a pipe");
    while line.last() != Some(&b'\n') {
        let mut byte = [0];
        printed.read_exact(&mut byte).expect("it prints");
        line.extend(byte);
    }
    let line = String::from_utf8(line).expect("it prints text");
    let port: u16 = line.trim_end().rsplit(' ').next().and_then(|port| port.parse().ok()).expect("a port");
    (child, (Ipv4Addr::LOCALHOST, port).into())
}

#[test]
fn closed_output_pipes_do_not_stop_server() {
    let (mut child, address) = start_with_unread_pipes();
    drop((child.stdout.take(), child.stderr.take()));
    for _ in 0..10 {
        let mut client = Client::join(address);
        client.send("hello\n");
        client.barrier();
        client.send("/quit\n");
        client.read_to_end();
    }
    assert!(child.try_wait().expect("it is a child").is_none(), "the server runs");
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
}

#[test]
fn unread_output_pipes_do_not_stall_server() {
    let (mut child, address) = start_with_unread_pipes();
    // The server prints two lines for each client and logs more; a pipe holds 64 KiB, the server's queue 4,096 lines.
    for _ in 0..4000 {
        let mut client = Client::connect(address);
        client.send("/quit\n");
        client.read_to_end();
    }
    Client::join(address).barrier();
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
}

#[test]
fn descriptors_and_threads_return_to_baseline() {
    let server = ChatServer::start(&["-q"]);
    let _watcher = Client::join(server.address());
    // Count only now: the server prints that it has started before its last threads run.
    let base = (server.proc_status("Threads"), server.open_descriptors());
    for number in 0..200 {
        let mut client = Client::join(server.address());
        client.send("half a line");
        match number % 4 {
            0 => client.reset(),
            1 => drop(client),
            2 => client.send("\n/quit\n"),
            _ => client.shutdown_write(),
        }
    }
    eventually("threads and descriptors return", || (server.proc_status("Threads"), server.open_descriptors()) == base);
}

#[test]
fn reset_discards_partial_line_in_busy_room() {
    let server = ChatServer::start(&["-q"]);
    let mut watcher = Client::join(server.address());
    let mut talker = Client::join(server.address());
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        // The hub writes to every member all the time, so it often detects the reset first.
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                talker.send("busy\n".repeat(50));
                talker.barrier();
            }
        });
        for _ in 0..300 {
            let mut client = Client::join(server.address());
            client.send("fragment");
            client.reset();
        }
        stop.store(true, Ordering::Relaxed);
    });
    let mut left = 0;
    while left < 300 {
        let line = watcher.read_line();
        assert!(!line.ends_with("> fragment"), "{line}");
        left += usize::from(line.ends_with("is offline"));
    }
}

#[test]
fn flood_of_answered_commands_uses_bounded_memory() {
    let server = ChatServer::start(&["-q"]);
    let address = server.address();
    thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(move || {
                // The server answers every two bytes with seventy. The client does not read them, so it is closed.
                let mut client = Client::join(address);
                let lines = b"/\n".repeat(100_000);
                while client.try_send(&lines) {}
            });
        }
    });
    // Twenty send queues of 1 MiB, and the inbox that feeds them: 256 packets of about 20 KiB each.
    let peak = server.proc_status("VmHWM");
    assert!(peak < 64 * 1024, "{peak} KiB");
}
