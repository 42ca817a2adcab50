//! An in-process server, with built-in sessions and with sessions that the host application defines.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use chat_core::event::CloseReason;
use chat_core::event::{HubEvent, Reply, RoomEvent};
use chat_core::hub::HubOptions;
use chat_core::hub::Member;
use chat_core::message::Text;
use chat_core::policy::{Identity, Policy, ProposedMessage};
use chat_core::server::ConnectionEvent;
use chat_core::{Event, EventKind, Hub, Line, Server};

mod support;

use support::{Client, TIMEOUT, limits, listener, lobby, room, serve};

#[test]
fn watcher_receives_open_and_close_once() {
    let (tell, told) = mpsc::channel();
    let server = Server::watched(room(), move |event| tell.send(event).expect("the test listens"));
    let server = server.serve(listener(), |_| Line::default()).expect("a server can be started");
    let client = Client::connect(&server);
    let address = client.stream.local_addr().expect("it is connected");
    drop(client);
    assert_eq!(told.recv_timeout(TIMEOUT), Ok(ConnectionEvent::Opened(address)));
    assert_eq!(told.recv_timeout(TIMEOUT), Ok(ConnectionEvent::Closed(address)));
    drop(server);
    assert_eq!(told.try_iter().count(), 0);
}

#[test]
fn connection_over_limit_is_refused_with_a_line() {
    let mut limits = limits();
    limits.connections = 2;
    let server = serve(lobby(Hub::builder().limits(limits)), |_| Line::default());
    let (mut alice, bob) = (Client::connect(&server), Client::connect(&server));
    let address = server.addresses().next().expect("it listens somewhere");
    let mut refused = String::new();
    TcpStream::connect(address).expect("the server accepts").read_to_string(&mut refused).expect("the stream ends");
    assert_eq!(refused, "! the server is full; at most 2 connections are allowed\n");

    let name = bob.name();
    drop(bob);
    assert!(alice.line().ends_with("entered room"));
    assert_eq!(alice.line(), format!("[{name}] is offline"));
    // The place is free only when the connection's thread ends, shortly after the leave notice.
    let joined = (0..1000).any(|_| {
        let mut stream = TcpStream::connect(address).expect("the server accepts");
        let mut first = [0; 1];
        stream.write_all(b"/ping\n").is_ok() && stream.read(&mut first).is_ok_and(|_| first == *b"*")
    });
    assert!(joined);
}

/// A policy that admits two members from this machine, refuses texts with "secret" and panics at "magic".
struct LocalOnly {
    guests: usize,
}

impl Policy for LocalOnly {
    fn may_join(&mut self, visitor: &Identity<'_>) -> Result<(), Text> {
        let is_local = visitor.address.is_some_and(|address| address.is_loopback());
        self.guests += 1;
        if is_local && self.guests <= 2 { Ok(()) } else { Err("two from this machine are enough".into()) }
    }

    fn may_say(&mut self, saying: &ProposedMessage<'_>, text: Text) -> Result<Text, Text> {
        assert_ne!(text.as_str(), "magic");
        if text.as_str().contains("secret") {
            Err(format!("{}, that is not for all", saying.from).into())
        } else {
            Ok(text)
        }
    }
}

#[test]
fn policy_filters_joins_and_texts_and_may_panic() {
    let mut options = HubOptions::from(limits());
    options.policy = Some(Box::new(LocalOnly { guests: 0 }));
    let server = serve(lobby(Hub::builder().options(options)), |_| Line::default());
    let (mut alice, mut bob) = (Client::connect(&server), Client::connect(&server));
    assert_eq!(alice.line(), format!("[{}] entered room", bob.name()));
    let address = server.addresses().next().expect("it listens somewhere");
    let mut refused = String::new();
    TcpStream::connect(address).expect("the server accepts").read_to_string(&mut refused).expect("the stream ends");
    assert_eq!(refused, "! two from this machine are enough\n");

    bob.send("a secret\n/ping\n");
    assert_eq!(bob.line(), format!("! {}, that is not for all", bob.name()));
    assert_eq!(bob.line(), "* pong");
    bob.send("magic\n");
    assert_eq!(bob.rest(), "! internal error in this connection\n");
    assert_eq!(alice.line(), format!("[{}] is offline", bob.name()));
    alice.send("/ping still here\n");
    assert_eq!(alice.line(), "* pong still here");
    assert_eq!(server.shutdown(TIMEOUT).cut_off, 0);
}

/// Joins a member and a client that does not read. When this function returns, the client's writer thread waits.
fn room_with_a_lagging_client(stall: Duration) -> (Server, Member, Client) {
    let mut limits = limits();
    limits.write_timeout = stall;
    let room = lobby(Hub::builder().limits(limits));
    let server = serve(room.clone(), |_| Line::default());
    let client = Client::connect(&server);
    let alice = room.join("alice".parse().expect("a nick")).expect("the nick is free");
    let text = "x".repeat(4000);
    // The kernel soon takes a little more than its buffers hold, but not half of the send queue.
    while room.hub().stats().bytes_waiting < 500_000 {
        alice.say(text.as_str()).expect("alice may speak");
        wait_for_pong(&alice);
    }
    (server, alice, client)
}

/// A lock for the tests that start writer threads, because they share this process.
static COUNTING: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// Returns the events up to the answer to the member's ping.
fn wait_for_pong(member: &Member) -> Vec<Event> {
    member.ping("barrier").expect("the member is in");
    member.iter().take_while(|event| !matches!(event.kind(), EventKind::Reply(Reply::Pong { .. }))).collect()
}

#[test]
fn stalled_member_leaves_once_without_partial_line() {
    let _one = COUNTING.lock();
    let (_server, alice, mut client) = room_with_a_lagging_client(Duration::from_millis(300));
    client.send("half a line");
    let left = alice.iter().find_map(|event| match event.kind() {
        EventKind::Hub(HubEvent::Left { reason, .. }) => Some(reason.clone()),
        EventKind::Room(RoomEvent::Said { text, .. }) => panic!("{text} was said"),
        _ => None,
    });
    assert_eq!(left, Some(CloseReason::TooSlow));
    assert_eq!(wait_for_pong(&alice), []);

    // The result must be the same while the client floods.
    let (server, alice, client) = room_with_a_lagging_client(Duration::from_millis(300));
    let mut stream = client.stream.try_clone().expect("a descriptor is free");
    let flood = std::thread::spawn(move || while stream.write_all(b"\n\n\n\n").is_ok() {});
    let left = alice.iter().find(|event| matches!(event.kind(), EventKind::Hub(HubEvent::Left { .. })));
    assert!(left.is_some());
    flood.join().expect("the flood ends");
    drop(server);
}

#[test]
fn thousands_of_queued_batches_all_arrive() {
    let _one = COUNTING.lock();
    let (_server, alice, mut client) = room_with_a_lagging_client(TIMEOUT);
    for number in 0..3000 {
        alice.say(number.to_string()).expect("alice may speak");
        // The barrier puts each message into its own batch.
        assert_eq!(wait_for_pong(&alice), []);
    }
    assert_eq!(client.line(), "[alice] entered room");
    let mut expected = 0;
    while expected < 3000 {
        let line = client.line();
        if !line.contains("xxxx") {
            assert_eq!(line, format!("<alice> {expected}"));
            expected += 1;
        }
    }
}

#[test]
fn tcp_pong_follows_delivery_to_in_process_members() {
    let room = room();
    let server = serve(room.clone(), |_| Line::default());
    let bot = room.join("bot".parse().expect("a nick")).expect("the nick is free");
    let mut others: Vec<Client> = (0..50).map(|_| Client::connect(&server)).collect();
    let mut alice = Client::connect(&server);
    for number in 0..300 {
        // Other clients ping in the same batches.
        for other in &mut others[..10] {
            other.send("/ping\n");
        }
        alice.send(&format!("text {number}\n/ping {number}\n"));
        while alice.line() != format!("* pong {number}") {}
        let said = format!("text {number}");
        let is_it = |event: Event| matches!(event.kind(), EventKind::Room(RoomEvent::Said { text, .. }) if *text.as_str() == *said);
        assert!(std::iter::from_fn(|| bot.try_recv().ok()).any(is_it), "{said} is not in the mailbox");
    }
}

#[test]
fn several_listeners_serve_one_room() {
    let server = serve(room(), |_| Line::default());
    let server = server.serve(listener(), |_| Line::default()).expect("a server can be started");
    let mut alice = Client::connect(&server);
    let second = server.addresses().nth(1).expect("it listens on two");
    let mut bob = TcpStream::connect(second).expect("the server accepts");
    bob.write_all(b"hello\n").expect("the server reads");
    let name = bob.local_addr().expect("it is connected");
    assert_eq!(alice.line(), format!("[{name}] entered room"));
    assert_eq!(alice.line(), format!("<{name}> hello"));
}

#[test]
fn shutdown_notifies_drains_and_joins_threads() {
    let room = room();
    let server = serve(room.clone(), |_| Line::default());
    let watcher = room.join("watcher".parse().expect("a nick")).expect("the nick is free");
    let mut clients: Vec<Client> = (0..20).map(|_| Client::connect(&server)).collect();
    watcher.say("last words").expect("the watcher may speak");
    let report = server.shutdown(TIMEOUT);
    assert_eq!((report.drained, report.cut_off), (20, 0));
    for client in &mut clients {
        let rest = client.rest();
        assert!(rest.ends_with("<watcher> last words\n* Server is shutting down\n"), "{rest:?}");
    }
    let leaves = std::iter::from_fn(|| watcher.try_recv().ok())
        .filter(|event| matches!(event.kind(), EventKind::Hub(HubEvent::Left { .. })));
    assert_eq!(leaves.count(), 20);
    TcpStream::connect(server.addresses().next().expect("it listened")).expect_err("nobody listens any more");
}

#[test]
fn dropped_server_disconnects_stalled_clients() {
    let _one = COUNTING.lock();
    let room = room();
    let server = serve(room.clone(), |_| Line::default());
    let client = Client::connect(&server);
    let alice = room.join("alice".parse().expect("a nick")).expect("the nick is free");
    for _ in 0..1000 {
        alice.say("x".repeat(4096)).expect("alice may speak");
    }
    drop(server);
    drop(client);
}

#[test]
fn half_closed_client_receives_its_replies() {
    let server = serve(room(), |_| Line::default());
    let mut client = Client::connect(&server);
    client.send("/ping one\n/ping two");
    client.stream.shutdown(Shutdown::Write).expect("it is connected");
    assert_eq!(client.rest(), "* pong one\n* pong two\n");
}
