//! Limits that the server's administrator sets, and counters that show their effect.

use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::Command;
use std::thread;

use chat_tests::{ChatServer, Client, GREETING, command, eventually, print_skipped, program};

#[test]
fn connections_per_address_are_limited() {
    let server = ChatServer::start(&["--max-per-address", "2"]);
    let (alice, mut bob) = (Client::join(server.address()), Client::join(server.address()));
    let error = "! too many connections from your address; at most 2 are allowed\n";
    assert_eq!(Client::connect(server.address()).read_to_end(), error);
    let mut carol = Client::connect_from([127, 0, 0, 2].into(), server.address());
    carol.barrier();
    drop(alice);
    eventually("the server accepts a connection again", || {
        let mut client = Client::connect(server.address());
        client.try_send("/ping\n") && client.next_line().is_some_and(|line| line == GREETING)
    });
    bob.barrier();
    assert!(server.counters().get("refused: too many from address") >= 1);
}

#[test]
fn default_limit_is_32_connections_per_address() {
    let mut command = command(program("chat-server"));
    command.args(["--listen", "127.0.0.1:0"]);
    let server = ChatServer::spawn(command);
    let clients: Vec<_> = (0..32).map(|_| Client::join(server.address())).collect();
    assert!(
        Client::connect(server.address())
            .read_to_end()
            .starts_with("! too many connections from your address; at most 32 are allowed")
    );
    drop(clients);
}

#[test]
fn max_line_option_limits_line_length() {
    let server = ChatServer::start(&["--max-line", "20"]);
    let (mut alice, mut bob) = (Client::join(server.address()), Client::join(server.address()));
    alice.send("01234567890123456789\n012345678901234567890\nnext\n");
    let why = "! line is too long; at most 20 bytes are allowed";
    assert_eq!(alice.barrier().last().map(String::as_str), Some(why));
    let texts = bob.barrier().into_iter().filter_map(|line| Some(line.split_once("> ")?.1.to_owned()));
    assert_eq!(texts.collect::<Vec<_>>(), ["01234567890123456789", "next"]);
}

#[test]
fn unread_replies_delay_only_their_own_client() {
    // The replies exceed the client's send queue and the system's buffers by far.
    const REQUESTS: usize = 20_000;
    let server = ChatServer::start(&["--max-invalid", "0"]);
    let (mut alice, mut bob) = (Client::join(server.address()), Client::join(server.address()));
    let mut stream = alice.stream().try_clone().expect("a descriptor is free");
    let writer = thread::spawn(move || stream.write_all("/help all\n/nobody\n".repeat(REQUESTS).as_bytes()));
    eventually("the server queues replies", || server.counters().get("bytes waiting") > 256 * 1024);
    bob.barrier();
    let mut replies = 0;
    while replies < REQUESTS {
        replies += usize::from(alice.read_line().starts_with("! unknown command: /nobody"));
    }
    writer.join().expect("no panic").expect("the server reads all requests");
    alice.barrier();
    assert_eq!(server.counters().get("closed: too slow"), 0);
}

#[test]
fn total_send_queue_limit_closes_the_longest_queue() {
    let server = ChatServer::start(&["--sendq", "1G", "--sendq-total", "3M", "--write-timeout", "60"]);
    let mut alice = Client::join(server.address());
    let stalled = Client::join(server.address());
    let text = "x".repeat(4000);
    // The late member joins after this half of the texts, so its queue is shorter.
    for _ in 0..300 {
        alice.send(format!("{text}\n"));
    }
    alice.barrier();
    let mut late = Client::join(server.address());
    let mut sent_bytes = 0;
    eventually("the server closes a member", || {
        for _ in 0..200 {
            alice.send(format!("{text}\n"));
            sent_bytes += 4001;
        }
        alice.barrier().contains(&format!("[{}] is offline", stalled.name()))
    });
    assert!(sent_bytes < 64 * 1024 * 1024, "only after {sent_bytes} bytes");
    let counters = server.counters();
    assert_eq!(counters.get("closed: send queue total"), 1);
    assert!(counters.get("bytes dropped") >= 3 * 1024 * 1024 / 2, "most queued bytes were for the closed member");
    assert!(
        server
            .wait_for_log("too slow: the server has too much data queued, most of it for you")
            .contains(stalled.name())
    );
    assert!(late.barrier().contains(&format!("[{}] is offline", stalled.name())), "the late member stays");
}

#[test]
fn closed_unread_connections_do_not_displace_members() {
    let server = ChatServer::start(&["--sendq", "1G", "--sendq-total", "12M", "--write-timeout", "60"]);
    let (mut alice, mut stalled) =
        (Client::join(server.address()), Client::connect_with_small_buffer(server.address()));
    let text = "x".repeat(4000) + "\n";
    // The system buffers up to 4 MB for each connection, even if its client reads little.
    eventually("the server queues bytes for the stalled member", || {
        (0..100).for_each(|_| alice.send(&text));
        alice.barrier();
        server.counters().get("bytes waiting") > 1024 * 1024
    });
    let mut quitters: Vec<_> = (0..10).map(|_| Client::connect_with_small_buffer(server.address())).collect();
    for client in &mut quitters {
        // The replies to these commands are 6 MB for each client.
        client.send("/history\n".repeat(100) + "/quit\n");
    }
    eventually("the server drops bytes of closed connections", || server.counters().get("bytes dropped") > 0);
    assert_eq!(server.counters().get("closed: send queue total"), 0);
    stalled.barrier();
}

#[test]
fn queued_bytes_are_either_sent_or_dropped() {
    let server = ChatServer::start(&["--sendq", "100K"]);
    let mut clients: Vec<_> = (0..10).map(|_| Client::join(server.address())).collect();
    let stalled = Client::join(server.address());
    let leave_notice = format!("[{}] is offline", stalled.name());
    let mut received = vec![0; clients.len()];
    eventually("the server closes the stalled member", || {
        clients[0].send("x".repeat(4000) + "\n");
        let lines: Vec<_> = clients.iter_mut().map(Client::barrier).collect();
        for (received, lines) in received.iter_mut().zip(&lines) {
            *received += lines.iter().map(|line| line.len() + 1).sum::<usize>();
        }
        lines[0].contains(&leave_notice)
    });
    drop(clients);
    eventually("the counters are complete", || {
        let counters = server.counters();
        let (handed_out, sent) = (counters.get("bytes handed out"), counters.get("bytes sent"));
        assert!(sent >= received.iter().sum::<usize>() as u64);
        counters.get("members") == 0
            && counters.get("bytes waiting") == 0
            && handed_out == sent + counters.get("bytes dropped")
            && counters.get("bytes dropped") > 0
            && counters.get("closed: too slow") == 1
            && counters.get("connections") == 11
    });
}

#[test]
fn only_server_operators_see_the_counters() {
    let mut command = command(program("chat-server"));
    command.args(["--listen", "127.0.0.1:0", "--operator-password", "env:SECRET"]).env("SECRET", "sesame");
    let server = ChatServer::spawn(command);
    let mut alice = Client::join(server.address());
    alice.send("/stats\n/oper sesame\n/nonsense\n/stats\n");
    let answer = alice.barrier();
    assert_eq!(answer[0], "! you are not a server operator");
    for line in ["* members: 1", "* rooms: 1", "* connections: 1", "* commands refused: 1", "* bytes dropped: 0"] {
        assert!(answer.contains(&line.to_owned()), "{line} in {answer:#?}");
    }
}

/// Makes the system drop every packet that arrives for this client. For the server, the client is then unreachable.
///
/// Returns whether the system allows it.
#[cfg(target_os = "linux")]
fn drop_incoming_packets(client: &Client) -> bool {
    const RETURN: u16 = 0x06; // BPF_RET | BPF_K, from the kernel's linux/bpf_common.h
    let filter = [socket2::SockFilter::new(RETURN, 0, 0, 0)];
    match socket2::SockRef::from(client.stream()).attach_filter(&filter) {
        Ok(()) => return true,
        Err(error) => assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}"),
    }
    // Some systems allow only root to set a filter. Every user may require a higher TTL than local packets have
    // (IP_MINTTL, ip(7)); no crate sets that option without unsafe code.
    let script = "import socket; socket.socket(fileno=0).setsockopt(socket.IPPROTO_IP, 21, 255)";
    let stream = client.stream().try_clone().expect("a descriptor is free");
    let python = Command::new("python3").args(["-c", script]).stdin(OwnedFd::from(stream)).output();
    python.is_ok_and(|output| output.status.success())
}

#[cfg(target_os = "linux")]
#[test]
fn unreachable_peer_times_out_and_leaves_once() {
    let server = ChatServer::start(&["-v", "--keepalive", "1", "--ping-timeout", "2"]);
    let (silent, recipient) = (Client::join(server.address()), Client::join(server.address()));
    let mut alice = Client::join(server.address());
    if ![&silent, &recipient].into_iter().all(drop_incoming_packets) {
        print_skipped(
            "only root can make the system drop what arrives, and there is no python3; apt-get install python3",
        );
        return;
    }
    // A connection with unacknowledged data times out differently from an idle one.
    alice.send(format!("/nick al\n/msg {} are you there?\n", recipient.name()));
    let mut notices = Vec::new();
    while notices.len() < 2 {
        let line = alice.read_line();
        notices.extend(line.ends_with("is offline").then_some(line));
    }
    notices.sort_unstable();
    let mut expected = [&silent, &recipient].map(|client| format!("[{}] is offline", client.name()));
    expected.sort_unstable();
    assert_eq!(notices, expected);
    assert_eq!(alice.barrier(), [""; 0]);
    let counters = server.counters();
    assert_eq!((counters.get("closed: ping timeout"), counters.get("closed: lost")), (2, 0));
}

#[test]
fn drain_option_limits_the_shutdown() {
    let server = ChatServer::start(&["-v", "--drain", "0.1", "--sendq", "64M", "--write-timeout", "60"]);
    let mut alice = Client::join(server.address());
    let stalled = Client::join(server.address());
    let base = server.proc_status("Threads");
    // A writer thread ends when the system has taken all queued bytes. If the thread stays for a while, the queue is
    // stuck.
    let mut lines_with_writer = 0;
    while lines_with_writer < 100 {
        alice.send("x".repeat(4000) + "\n");
        alice.barrier();
        lines_with_writer = if server.proc_status("Threads") > base { lines_with_writer + 1 } else { 0 };
    }
    server.send_signal("TERM");
    let report = server.wait_for_log("connections drained");
    assert!(report.ends_with("1 connections drained, 1 cut off"), "{report}");
    assert!(server.wait_for_exit().0.success());
    let mut rest = Vec::new();
    let _ = stalled.stream().take(1).read_to_end(&mut rest);
    assert_eq!(alice.read_to_end(), "* Server is shutting down\n");
}

#[test]
fn gap_report_uses_framing_of_dropped_messages() {
    let server = ChatServer::start(&["--slow-consumer", "drop-oldest", "--sendq", "300K", "--write-timeout", "60"]);
    let (mut alice, mut stalled) = (Client::join(server.address()), Client::join(server.address()));
    stalled.send("/json 1\n");
    while !stalled.read_line().contains("\"kind\":\"hello\"") {}
    let padding = "x".repeat(300);
    eventually("the server drops messages", || {
        alice.send(format!("{padding}\n").repeat(400));
        alice.barrier();
        server.counters().get("messages skipped") > 1000
    });
    alice.send("the last one\n");
    alice.barrier();
    let (mut gaps, mut is_last) = (0, false);
    while !is_last {
        let line = stalled.read_line();
        assert!(line.starts_with("{\"kind\":"), "{line}");
        gaps += usize::from(line.starts_with("{\"kind\":\"missed\","));
        is_last = line.contains("the last one");
    }
    assert!(gaps > 0, "the server reports what it dropped");
}

#[test]
fn drop_oldest_policy_reports_every_gap() {
    let server = ChatServer::start(&["--slow-consumer", "drop-oldest", "--sendq", "300K", "--write-timeout", "60"]);
    let (mut alice, mut stalled) = (Client::join(server.address()), Client::join(server.address()));
    let padding = "x".repeat(300);
    let mut sent = 0_usize;
    eventually("the server drops messages", || {
        for _ in 0..20 {
            let lines: String =
                (sent..sent + 20).flat_map(|number| [number.to_string(), format!(" {padding}\n")]).collect();
            // The server never drops a private message.
            alice.send(format!("{lines}/msg {} after {}\n", stalled.name(), sent + 19));
            sent += 20;
        }
        alice.barrier();
        server.counters().get("messages skipped") > 1000
    });
    // More than 256 KiB are queued, so the server does not read from the stalled member at the moment.
    stalled.send("/ping still there\n");
    alice.send("the last one\n");
    alice.barrier();

    let (mut next, mut gaps, mut private_numbers, mut ponged) = (0, 0, Vec::new(), false);
    loop {
        let line = stalled.read_line();
        if let Some((_, text)) = line.strip_prefix('<').and_then(|line| line.split_once("> ")) {
            if text == "the last one" {
                break;
            }
            let number: usize = text.split(' ').next().and_then(|number| number.parse().ok()).expect("a number");
            assert_eq!(number, next, "each text once, in order, except in reported gaps");
            next += 1;
        } else if let Some(missed) = line.strip_prefix("* missed ") {
            let numbers: Vec<usize> =
                missed.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect();
            let [count, first, last] = numbers[..] else { panic!("{line}") };
            // The private messages to the stalled member also have sequence numbers.
            assert!(count >= 1 && last - first + 1 >= count, "{line}");
            next += count;
            gaps += 1;
        } else if let Some((_, number)) = line.split_once("} after ") {
            private_numbers.push(number.parse::<usize>().expect("a number"));
        } else if line == "* pong still there" {
            ponged = true;
        } else {
            assert!(line.ends_with("entered room"), "{line}");
        }
    }
    assert_eq!(next, sent);
    assert!(gaps >= 1);
    assert_eq!(private_numbers, (0..sent / 20).map(|number| number * 20 + 19).collect::<Vec<_>>());
    assert!(ponged || stalled.barrier() == ["* pong still there"], "the server reads from the member again");
    assert_eq!(server.counters().get("closed: too slow"), 0);
    // Another thread updates each counter after its write.
    eventually("all queued bytes are counted", || {
        let counters = server.counters();
        counters.get("bytes waiting") == 0
            && counters.get("bytes handed out") == counters.get("bytes sent") + counters.get("bytes dropped")
    });
}

#[test]
fn throttled_slow_member_is_read_again_after_drops() {
    let server = ChatServer::start(&[
        "--slow-consumer",
        "drop-oldest",
        "--sendq",
        "64K",
        "--sendq-throttle",
        "16K",
        "--write-timeout",
        "60",
    ]);
    let (mut alice, mut stalled) = (Client::join(server.address()), Client::join(server.address()));
    let long = "x".repeat(4000) + "\n";
    eventually("the system's buffers are full", || {
        alice.send(&long);
        alice.barrier();
        server.counters().get("bytes waiting") > 0
    });
    let medium = "y".repeat(40) + "\n";
    for _ in 0..1000 {
        alice.send(&medium);
        alice.barrier();
    }
    assert!(server.counters().get("bytes waiting") > 16 * 1024, "more than the throttle limit");
    stalled.send("/away\n/ping still there\n");
    for _ in 0..2000 {
        alice.send("z\n");
        alice.barrier();
    }
    while stalled.read_line() != "* pong still there" {}
    stalled.barrier();
}
