//! Tests that the server throttles clients that exceed the rate limit.
//!
//! All time limits are lower bounds, so a busy machine can't break the tests.

use std::io::{ErrorKind, Write as _};
use std::time::{Duration, Instant};

use chat_tests::{ChatServer, Client, GREETING};

/// Returns `count` lines that contain the numbers from `first`.
fn numbered_lines(first: usize, count: usize) -> String {
    (first..first + count).flat_map(|number| [number.to_string(), "\n".to_owned()]).collect()
}

/// Returns the next `count` texts of other members.
fn read_texts(client: &mut Client, count: usize) -> Vec<String> {
    std::iter::from_fn(|| Some(client.read_line())).filter(|line| line.starts_with('<')).take(count).collect()
}

#[test]
fn flooding_client_is_throttled_without_loss() {
    let server = ChatServer::start(&["--rate", "50"]);
    let (mut alice, mut bob) = (Client::join(server.address()), Client::join(server.address()));
    let start = Instant::now();
    // All lines are in one segment: a burst of 50 lines, and 100 more lines that take two seconds.
    alice.send(numbered_lines(0, 150));
    let received = read_texts(&mut bob, 150);
    assert!(start.elapsed() >= Duration::from_secs(2), "{:?}", start.elapsed());
    let expected: Vec<_> = (0..150).map(|number| format!("<{}> {number}", alice.name())).collect();
    assert_eq!(received, expected);
}

#[test]
fn flood_does_not_delay_others() {
    let server = ChatServer::start(&["--rate", "1"]);
    let (mut alice, mut bob) = (Client::join(server.address()), Client::join(server.address()));
    alice.send(numbered_lines(0, 1000));
    // The burst is 20 lines, and joining used one of them.
    read_texts(&mut bob, 19);
    bob.send("/me waits for nobody\n");
    // At this rate, the server needs a quarter of an hour for the rest of alice's lines.
    bob.barrier();
}

#[test]
fn refused_commands_count_against_rate_limit() {
    let server = ChatServer::start(&["--rate", "20"]);
    let mut alice = Client::join(server.address());
    let start = Instant::now();
    for number in 0..20 {
        alice.send(format!("/nick a{number}\n/join #r{number}\n/part\n/nonsense\n"));
    }
    alice.barrier();
    assert!(start.elapsed() >= Duration::from_secs(3), "{:?}", start.elapsed());
}

#[test]
fn endless_flood_is_throttled_with_bounded_memory() {
    const FLOOD: usize = 64 * 1024 * 1024;
    let server = ChatServer::start(&["-q", "--rate", "5"]);
    let mut alice = Client::join(server.address());
    let before = server.proc_status("VmRSS");
    for flood in [numbered_lines(0, 10_000), "\n".repeat(60_000)] {
        let mut stream = Client::join(server.address()).stream().try_clone().expect("a descriptor is free");
        stream.set_write_timeout(Some(Duration::from_millis(300))).expect("the timeout is valid");
        let mut sent = 0;
        let error = loop {
            match stream.write(flood.as_bytes()) {
                Ok(count) => sent += count,
                Err(error) => break error,
            }
            assert!(sent < FLOOD, "the server read {sent} bytes");
        };
        assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    }
    alice.barrier();
    let grown = server.proc_status("VmRSS").saturating_sub(before);
    assert!(grown < 4096, "{grown} KiB more");
}

#[test]
fn flood_of_invalid_lines_is_throttled_then_closed() {
    let server = ChatServer::start(&["--rate", "50", "--max-invalid", "100"]);
    let mut bob = Client::join(server.address());
    for invalid_lines in ["/nonsense\n".repeat(110), "\n".repeat(110 * 4098)] {
        let start = Instant::now();
        let mut alice = Client::join(server.address());
        // Valid commands and texts are not invalid lines.
        alice.send("/help nick\n".repeat(60) + "still here\n");
        alice.send(invalid_lines);
        let rest = alice.read_to_end();
        assert!(rest.ends_with("! too many invalid lines; at most 100 in a row are allowed\n"), "{rest}");
        // After a burst of 50, the other 112 of the 162 lines wait at 50 a second. The lines of the last read do not
        // wait. These may be 16 of the long lines.
        assert!(start.elapsed() >= Duration::from_millis(1800), "{:?}", start.elapsed());
        assert_eq!(read_texts(&mut bob, 1), [format!("<{}> still here", alice.name())]);
        assert_eq!(bob.read_line(), format!("[{}] is offline", alice.name()));
    }
}

#[test]
fn lines_sent_before_half_close_are_delivered() {
    let server = ChatServer::start(&["--rate", "50"]);
    let mut bob = Client::join(server.address());
    let mut alice = Client::join(server.address());
    alice.send(numbered_lines(0, 99) + "the last one");
    alice.shutdown_write();
    assert_eq!(alice.read_to_end(), "");
    let received = read_texts(&mut bob, 100);
    assert_eq!(received.last(), Some(&format!("<{}> the last one", alice.name())));
    assert_eq!(bob.read_line(), format!("[{}] is offline", alice.name()));
}

#[test]
fn throttled_clients_do_not_delay_shutdown() {
    let server = ChatServer::start(&["-v", "--rate", "1"]);
    let mut floods: Vec<_> = (0..10).map(|_| Client::join(server.address())).collect();
    for flood in &mut floods {
        flood.send(numbered_lines(0, 1000));
    }
    floods[0].send("\n");
    server.send_signal("TERM");
    let report = server.wait_for_log("connections drained");
    assert!(report.ends_with("10 connections drained, 0 cut off"), "{report}");
    assert!(server.wait_for_exit().0.success());
}

#[test]
fn reset_client_with_long_backlog_is_dropped() {
    let server = ChatServer::start(&["--rate", "1", "--max-line", "6"]);
    // The line limit is too short for the ping of `Client::join`.
    let [mut bob, mut alice] = [(); 2].map(|()| {
        let mut client = Client::connect(server.address());
        client.send("/ping\n");
        assert_eq!(client.read_line(), GREETING);
        assert_eq!(client.read_line(), "* pong");
        client
    });
    // The server's first read returns lines for several minutes at this rate, longer than bob's timeout.
    alice.send("h\n".to_owned() + &"\n".repeat(64 * 1024));
    assert_eq!(read_texts(&mut bob, 1), [format!("<{}> h", alice.name())]);
    let leave_notice = format!("[{}] is offline", alice.name());
    alice.reset();
    while bob.read_line() != leave_notice {}
}

#[test]
fn backlog_of_reset_client_is_discarded() {
    let server = ChatServer::start(&["--rate", "1"]);
    let (mut bob, mut alice) = (Client::join(server.address()), Client::join(server.address()));
    alice.send(numbered_lines(0, 1000));
    let name = alice.name().to_owned();
    alice.reset();
    let received: Vec<_> =
        std::iter::from_fn(|| Some(bob.read_line())).take_while(|line| !line.ends_with("is offline")).collect();
    let texts = received.iter().filter(|line| line.starts_with(&format!("<{name}>"))).count();
    assert!((19..100).contains(&texts), "{texts} texts");
}
