//! Tests the nine known faults of the classic select()-loop chat server, point by point.
//!
//! The ninth point, a prompt that never tears a half-typed line, is in `client_terminal.rs`.

use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::{iter, thread};

use chat_tests::{ChatServer, Client, ReservedPort, command, eventually, program, raise_descriptor_limit};
use socket2::{Domain, Socket, Type};

/// The number of descriptors that all tests of this file need when they run in parallel.
const DESCRIPTORS: u64 = 3000;

#[test]
fn point_1_closed_peers_leave_once_without_spinning() {
    let server = ChatServer::start(&[]);
    let mut watcher = Client::join(server.address());
    // Count only now: the server prints that it has started before its last threads run.
    let base = server.proc_status("Threads");
    let names: Vec<String> = (0..20)
        .map(|_| {
            let client = Client::join(server.address());
            client.shutdown_write();
            client.name().to_owned()
        })
        .collect();
    eventually("the threads of former clients end", || server.proc_status("Threads") == base);
    let lines = watcher.barrier();
    for name in names {
        let leave = format!("[{name}] is offline");
        assert_eq!(lines.iter().filter(|line| **line == leave).count(), 1, "{leave}");
    }
    // A spinning thread would use all processor time; the watcher's thousand barriers use some.
    let before = server.cpu_ticks();
    for _ in 0..1000 {
        assert_eq!(watcher.barrier(), [""; 0]);
    }
    let ticks_with_closed_peers = server.cpu_ticks() - before;
    let reference = ChatServer::start(&[]);
    let mut watcher = Client::join(reference.address());
    for _ in 0..1000 {
        watcher.barrier();
    }
    assert!(
        ticks_with_closed_peers <= 2 * reference.cpu_ticks() + 50,
        "{ticks_with_closed_peers} ticks against {}",
        reference.cpu_ticks()
    );
}

#[test]
fn point_2_stalled_member_is_closed_others_unaffected() {
    let server = ChatServer::start(&[]);
    let mut stalled = Client::connect_with_small_buffer(server.address());
    stalled.barrier();
    let (mut alice, mut bob) = (Client::join(server.address()), Client::join(server.address()));
    assert_eq!(alice.read_line(), format!("[{}] entered room", bob.name()));
    let text = "x".repeat(4000);
    let mut sent = 0;
    // The kernel's buffers hold megabytes, and the server's send queue holds one.
    let leave_notice = loop {
        alice.send(format!("{text}\n"));
        sent += 1;
        let line = bob.read_line();
        if !line.starts_with('<') {
            break line;
        }
        assert_eq!(line, format!("<{}> {text}", alice.name()), "the other members receive everything");
        assert!(sent < 10_000, "a member that does not read is closed eventually");
    };
    assert_eq!(leave_notice, format!("[{}] is offline", stalled.name()));
    assert!(server.wait_for_log("too slow").contains(stalled.name()));
}

#[test]
fn point_2_partial_writes_are_finished_in_order() {
    let server = ChatServer::start(&[]);
    let mut slow = Client::connect_with_small_buffer(server.address());
    slow.barrier();
    let mut alice = Client::join(server.address());
    // Once the kernel's buffers are full, a writer thread drains the slow member's send queue. New messages enter it.
    let base = server.proc_status("Threads");
    let mut texts = Vec::new();
    let mut remaining = 50;
    while remaining > 0 {
        let text = format!("{} {}", texts.len(), "x".repeat(4000));
        alice.send(format!("{text}\n"));
        assert_eq!(alice.barrier(), [""; 0]);
        texts.push(text);
        remaining -= usize::from(server.proc_status("Threads") > base);
    }
    assert_eq!(slow.read_line(), format!("[{}] entered room", alice.name()));
    for text in &texts {
        assert_eq!(slow.read_line(), format!("<{}> {text}", alice.name()));
    }
    // A member that has caught up needs no writer thread.
    eventually("the writer thread ends after catching up", || server.proc_status("Threads") == base);
    alice.send("and on\n");
    assert_eq!(slow.read_line(), format!("<{}> and on", alice.name()));
}

#[test]
fn point_3_a_segment_is_not_a_line() {
    let server = ChatServer::start(&[]);
    let mut watcher = Client::join(server.address());
    let (mut alice, mut bob) = (Client::join(server.address()), Client::join(server.address()));
    // The server buffers partial lines, and never mixes the bytes of two senders.
    alice.send("one ");
    bob.send("eins ");
    alice.send("two\nthree\r\nfo");
    bob.send("zwei\n");
    alice.send("ur\n");
    let (a, b) = (alice.name().to_owned(), bob.name().to_owned());
    alice.barrier();
    bob.barrier();
    let lines: Vec<String> = watcher.barrier().into_iter().filter(|line| line.starts_with('<')).collect();
    let of = |name: &str| -> Vec<String> {
        let prefix = format!("<{name}> ");
        lines.iter().filter_map(|line| line.strip_prefix(&prefix)).map(str::to_owned).collect()
    };
    assert_eq!(of(&a), ["one two", "three", "four"]);
    assert_eq!(of(&b), ["eins zwei"]);
    assert_eq!(lines.len(), 4);
}

#[test]
fn point_4_leave_notice_names_the_right_member() {
    let server = ChatServer::start(&[]);
    let mut watcher = Client::join(server.address());
    let clients: Vec<Client> = (0..5).map(|_| Client::join(server.address())).collect();
    assert_eq!(watcher.barrier().len(), 5);
    for client in clients {
        let name = client.name().to_owned();
        drop(client);
        assert_eq!(watcher.read_line(), format!("[{name}] is offline"));
    }
}

#[test]
fn point_5_leaving_during_broadcast_loses_no_message() {
    let server = ChatServer::start(&["-q"]);
    let mut alice = Client::join(server.address());
    let mut listener = Client::join(server.address());
    let leavers: Vec<Client> = (0..100).map(|_| Client::join(server.address())).collect();
    let leave_thread = thread::spawn(move || {
        for (number, leaver) in leavers.into_iter().enumerate() {
            if number % 2 == 0 { leaver.reset() } else { drop(leaver) }
        }
    });
    let texts: Vec<String> = (0..2000).map(|number| format!("text {number}")).collect();
    for text in &texts {
        alice.send(format!("{text}\n"));
    }
    leave_thread.join().expect("no panic");
    let (mut received, mut left) = (Vec::new(), 0);
    while received.len() < texts.len() || left < 100 {
        let line = listener.read_line();
        if let Some((_, text)) = line.split_once("> ") {
            received.push(text.to_owned());
        }
        left += usize::from(line.ends_with("is offline"));
    }
    assert_eq!(received, texts);
}

#[test]
fn point_6_fifteen_hundred_connections_work() {
    const CONNECTIONS: usize = 1500;
    if !raise_descriptor_limit(DESCRIPTORS) {
        return;
    }
    let server = ChatServer::start(&["-q"]);
    let first = Client::join(server.address());
    // Count only now: the server prints that it has started before its last threads run.
    let base = (server.proc_status("Threads"), server.open_descriptors());
    let others = (1..CONNECTIONS).map(|_| Client::connect(server.address()));
    let mut clients: Vec<Client> = iter::once(first).chain(others).collect();
    for client in &mut clients {
        client.barrier();
    }
    assert_eq!(server.proc_status("Threads"), base.0 + CONNECTIONS as u64 - 1, "one thread for each connection");
    clients[0].send("hello, all\n");
    let line = format!("<{}> hello, all", clients[0].name());
    for client in &mut clients[1..] {
        let received = iter::from_fn(|| client.next_line()).find(|line| line.starts_with('<'));
        assert_eq!(received.as_ref(), Some(&line));
    }
    clients.truncate(1);
    eventually("threads and descriptors return to the base", || {
        (server.proc_status("Threads"), server.open_descriptors()) == base
    });
}

#[test]
fn point_6_thousand_simultaneous_connects_all_join() {
    const CLIENTS: usize = 1000;
    if !raise_descriptor_limit(DESCRIPTORS) {
        return;
    }
    let server = ChatServer::start(&["-q"]);
    let address = server.address();
    // The sockets are non-blocking, so that all connections are pending before the server accepts the first.
    let sockets: Vec<Socket> = (0..CLIENTS)
        .map(|_| {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a descriptor is free");
            socket.set_nonblocking(true).expect("it is a socket");
            let connecting = socket.connect(&address.into());
            assert!(connecting.is_ok() || connecting.is_err_and(|error| error.raw_os_error().is_some()));
            socket
        })
        .collect();
    let mut clients: Vec<Client> = sockets
        .into_iter()
        .map(|socket| {
            eventually("the socket is connected", || socket.peer_addr().is_ok());
            socket.set_nonblocking(false).expect("it is a socket");
            Client::from_stream(socket.into())
        })
        .collect();
    for client in &mut clients {
        client.barrier();
    }
}

#[test]
fn point_7_port_rebinds_right_after_kill() {
    let port = ReservedPort::new();
    let server = ChatServer::start_on(&port.address().to_string(), &[]);
    let clients: Vec<Client> = (0..10).map(|_| Client::join(server.address())).collect();
    server.kill();
    let again = ChatServer::start_on(&port.address().to_string(), &[]);
    let mut client = Client::join(again.address());
    client.barrier();
    drop(clients);
}

#[test]
fn point_7_taken_port_prints_error_and_exits() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback can be listened on");
    let address = taken.local_addr().expect("it listens").to_string();
    // With many connections, the server would warn on systems that allow few descriptors.
    let args = ["--max-connections", "10", "--listen", &address];
    let output = command(program("chat-server")).args(args).output().expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    let error = String::from_utf8_lossy(&output.stderr);
    let expected = format!("chat-server: can't listen on {address}: Address already in use (os error 98)\n");
    assert_eq!(error, expected);
}

#[test]
fn point_8_lost_connection_is_closed_and_logged() {
    let server = ChatServer::start(&["-v"]);
    let mut watcher = Client::join(server.address());
    let mut client = Client::join(server.address());
    client.send("a fragment");
    let name = client.name().to_owned();
    client.reset();
    assert_eq!(watcher.read_line(), format!("[{name}] entered room"));
    assert_eq!(watcher.read_line(), format!("[{name}] is offline"));
    assert!(server.wait_for_log("connection lost").contains(&name));
}

#[test]
fn point_8_invalid_line_answered_unreadable_stream_closed() {
    let server = ChatServer::start(&["-v"]);
    let mut client = Client::join(server.address());
    client.send(b"\xc3\x28 bytes\n");
    client.send("/nonsense\n");
    let errors = client.barrier();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(errors.iter().all(|line| line.starts_with("! ")), "{errors:?}");
    client.send(vec![b'x'; 70_000]);
    assert!(client.read_to_end().ends_with("! no line end in 65536 bytes; a line has at most 4096 bytes\n"));
    assert!(server.wait_for_log("no line end").contains(client.name()));
}

#[test]
fn connection_over_limit_is_refused_and_logged() {
    let server = ChatServer::start(&["--max-connections", "1"]);
    let _first = Client::join(server.address());
    let mut second = TcpStream::connect(server.address()).expect("the server listens");
    let mut refused = String::new();
    second.read_to_string(&mut refused).expect("the stream ends");
    assert_eq!(refused, "! the server is full; at most 1 connections are allowed\n");
    let _ = server.wait_for_log("the server is full");
}

#[test]
fn ipv6_listener_shows_ipv4_client_by_ipv4_address() {
    let server = ChatServer::start_on("0", &[]);
    let mut watcher = Client::join(server.address());
    let shown = |name: &str| {
        let (ip, port) = name.rsplit_once(':').expect("an address has a port");
        format!("Client ({}, {port})", ip.trim_matches(['[', ']']))
    };
    assert_eq!(server.read_stdout(), shown(watcher.name()) + " connected");
    // A machine without IPv6 has nothing more to test.
    let Ok(stream) = TcpStream::connect((std::net::Ipv6Addr::LOCALHOST, server.port())) else { return };
    let mut client = Client::from_stream(stream);
    client.barrier();
    assert_eq!(server.read_stdout(), shown(client.name()) + " connected");
    assert_eq!(watcher.read_line(), format!("[{}] entered room", client.name()));
    watcher.send("hello\n");
    assert_eq!(client.read_line(), format!("<127.0.0.1:{}> hello", watcher.name().rsplit(':').next().expect("a port")));
}
