//! Faults around the process: no free descriptors, no threads, members that barely read, signals under load.

use std::io::Read as _;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use chat_tests::{ChatServer, Client, eventually, program};

/// Starts a server below `wrapper`, a program that sets system limits.
///
/// Returns `None`, and prints the reason, when that program is not installed.
fn start_under(wrapper: &[&str], how_to_get_it: &str, args: &[&str]) -> Option<ChatServer> {
    if Command::new(wrapper[0]).arg("--version").output().is_err() {
        eprintln!("skipped: {} is not installed ({how_to_get_it})", wrapper[0]);
        return None;
    }
    let mut command = Command::new(wrapper[0]);
    command.args(&wrapper[1..]).arg(program("chat-server"));
    command.args(["--listen", "127.0.0.1:0", "--rate", "0", "--max-per-address", "0"]).args(args);
    Some(ChatServer::spawn(command))
}

#[test]
fn server_without_free_descriptors_waits_and_recovers() {
    let wrapper = ["prlimit", "--nofile=40:40"];
    let Some(server) = start_under(&wrapper, "apt install util-linux", &[]) else { return };
    let mut alice = Client::join(server.address());
    let mut others: Vec<_> = (0..60).map(|_| Client::connect(server.address())).collect();
    assert!(server.logged("no connection can be accepted").contains("open files"));
    let (ticks, start) = (server.ticks(), Instant::now());
    let mut warnings = 0;
    while start.elapsed() < Duration::from_secs(2) {
        alice.barrier();
        thread::sleep(Duration::from_millis(50));
    }
    while server.try_logged().is_some() {
        warnings += 1;
    }
    assert!(warnings <= 4, "{warnings} warnings in two seconds");
    assert!(server.ticks() - ticks < 50, "it spins: {} ticks of 10 ms in two seconds", server.ticks() - ticks);
    // The server accepts waiting connections as soon as others close.
    let waiting = others.split_off(40);
    drop(others);
    for mut client in waiting {
        client.barrier();
    }
    alice.send("still here\n");
    alice.barrier();
}

/// Root has no thread limit, so the server runs as a user with no other process.
#[test]
fn connection_is_refused_when_no_thread_starts() {
    const NOBODY: &str = "54321";
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    if !is_root {
        eprintln!("skipped: only root can start a server as a user of its own");
        return;
    }
    let wrapper = ["setpriv", "--reuid", NOBODY, "--clear-groups", "prlimit", "--nproc=20"];
    let may_run = Command::new("setpriv").args(&wrapper[1..4]).arg(program("chat-server")).arg("--version").output();
    if !may_run.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: setpriv is not installed (apt install util-linux), or another user may not run the server");
        return;
    }
    let Some(server) = start_under(&wrapper, "apt install util-linux", &[]) else { return };
    let mut alice = Client::join(server.address());
    let mut others = Vec::new();
    let why = loop {
        let mut client = Client::connect(server.address());
        client.try_send("/ping in\n");
        match client.next_line() {
            Some(line) if line.starts_with('!') => break line,
            Some(_) => others.push(client),
            None => panic!("closed without a word"),
        }
        assert!(others.len() < 30, "there is no limit of threads");
    };
    assert_eq!(why, "! the server can't accept another connection at the moment; try again later");
    let _ = server.logged("can be started");
    alice.send("still here\n");
    alice.barrier();
    others.truncate(5);
    eventually("there is room again", || {
        let mut client = Client::connect(server.address());
        client.try_send("/ping in\n");
        let mut lines = std::iter::from_fn(|| client.next_line()).take_while(|line| !line.starts_with('!'));
        lines.any(|line| line == "* pong in")
    });
}

#[test]
fn trickling_reader_is_closed_as_too_slow() {
    // The write timeout expires long before the send queue is full.
    let server = ChatServer::start(&["--sendq", "1G", "--sendq-total", "4G", "--write-timeout", "1"]);
    let mut alice = Client::join(server.address());
    let trickle = Client::join(server.address());
    let gone = format!("[{}] is offline", trickle.name());
    let text = "x".repeat(4000) + "\n";
    eventually("the trickler is closed", || {
        alice.send(&text);
        let heard = alice.barrier();
        let _ = trickle.stream().read(&mut [0]);
        heard.contains(&gone)
    });
    let _ = server.logged("too slow");
}

#[test]
fn shutdown_under_load_notifies_every_member() {
    for signal in ["TERM", "INT"] {
        // Large queues, so that the server closes no member as too slow on a busy machine.
        let server = ChatServer::start(&["-v", "--sendq", "256M", "--sendq-total", "4G", "--drain", "60"]);
        let address = server.address();
        let listeners: Vec<_> = (0..10)
            .map(|_| {
                let mut client = Client::join(address);
                thread::spawn(move || client.rest())
            })
            .collect();
        let talkers: Vec<_> = (0..2)
            .map(|_| {
                let mut client = Client::join(address);
                // A blocked write may report the closed connection only much later, so it has a timeout.
                client.stream().set_write_timeout(Some(Duration::from_secs(5))).expect("the timeout is valid");
                let mut listening = client.stream().try_clone().expect("a descriptor is free");
                thread::spawn(move || std::io::copy(&mut listening, &mut std::io::sink()));
                thread::spawn(move || while client.try_send("blah\n".repeat(100)) {})
            })
            .collect();
        let mut watcher = Client::join(address);
        let _ = watcher.line();
        drop(watcher);
        server.signal(signal);
        for listener in listeners {
            let heard = listener.join().expect("no panic");
            assert!(heard.ends_with("* Server is shutting down\n"), "{:?}", &heard[heard.len().saturating_sub(200)..]);
        }
        let (status, _) = server.wait();
        assert!(status.success(), "{status}");
        for talker in talkers {
            talker.join().expect("no panic");
        }
    }
}
