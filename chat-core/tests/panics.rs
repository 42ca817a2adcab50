//! A panic in code of the host application affects only the connection that caused it.

use std::io::Read as _;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};

use chat_core::event::{HubEvent, Reply, RoomEvent};
use chat_core::{Encode, Encoder, Event, EventKind, FramingError, Line, Request, Server, Session};

mod support;

use support::{Client, TIMEOUT, listener, room, serve};

#[test]
fn session_panic_closes_only_its_connection() {
    struct Magic(Line);
    impl Session for Magic {
        fn decode(&mut self, input: &mut &[u8], reply: &mut Vec<u8>) -> Result<Option<Request>, FramingError> {
            assert!(!input.starts_with(b"magic"), "the magic word");
            self.0.decode(input, reply)
        }
        fn encoder(&self) -> Encoder {
            self.0.encoder()
        }
    }
    let server = serve(room(), |_| Magic(Line::default()));
    let (mut alice, mut bob) = (Client::connect(&server), Client::connect(&server));
    assert_eq!(alice.line(), format!("[{}] entered room", bob.name()));
    bob.send("magic\n");
    assert_eq!(bob.rest(), "! internal error in this connection\n");
    assert_eq!(alice.line(), format!("[{}] is offline", bob.name()));
    alice.send("/ping still here\n");
    assert_eq!(alice.line(), "* pong still here");
}

#[test]
fn encoder_panic_closes_only_its_readers() {
    struct Fragile;
    impl Session for Fragile {
        fn decode(&mut self, input: &mut &[u8], reply: &mut Vec<u8>) -> Result<Option<Request>, FramingError> {
            Line::default().decode(input, reply)
        }
        fn encoder(&self) -> Encoder {
            Encoder::new(Fragile)
        }
    }
    impl Encode for Fragile {
        fn encode(&self, event: &Event, out: &mut Vec<u8>) {
            match event.kind() {
                EventKind::Room(RoomEvent::Said { .. }) => panic!("no texts, please"),
                EventKind::Reply(Reply::Pong { .. }) => out.extend_from_slice(b"* pong in\n"),
                _ => {}
            }
        }
    }
    let room = room();
    let server = serve(room.clone(), |_| Fragile);
    let alice = room.join("alice".parse().expect("a nick")).expect("the nick is free");
    let mut fragile = Client::connect(&server);
    alice.say("hello").expect("alice may speak");
    assert_eq!(fragile.rest(), "");
    let left = alice.iter().find_map(|event| match event.kind() {
        EventKind::Hub(HubEvent::Left { name, .. }) => Some(name.to_string()),
        _ => None,
    });
    assert_eq!(left, Some(fragile.name()));
    alice.ping("alive").expect("alice is in");
    assert!(matches!(alice.recv_timeout(TIMEOUT).expect("a pong").kind(), EventKind::Reply(Reply::Pong { .. })));
}

#[test]
fn session_factory_panic_closes_only_its_connection() {
    let first = AtomicBool::new(true);
    let server = serve(room(), move |_| {
        assert!(!first.swap(false, Ordering::SeqCst), "the first is unlucky");
        Line::default()
    });
    let address = server.addresses().next().expect("it listens somewhere");
    let mut unlucky = TcpStream::connect(address).expect("the server accepts");
    assert_eq!(unlucky.read(&mut [0; 10]).expect("the stream ends"), 0);
    Client::connect(&server);
}

#[test]
fn watcher_panic_does_not_affect_connections() {
    let server = Server::watched(room(), |event| panic!("{event:?}"));
    let server = server.serve(listener(), |_| Line::default()).expect("a server can be started");
    Client::connect(&server);
}

#[test]
fn encoder_factory_panic_closes_only_its_connection() {
    struct Unlucky(Line, bool);
    impl Session for Unlucky {
        fn decode(&mut self, input: &mut &[u8], reply: &mut Vec<u8>) -> Result<Option<Request>, FramingError> {
            self.0.decode(input, reply)
        }
        fn encoder(&self) -> Encoder {
            assert!(!self.1, "the first is unlucky");
            self.0.encoder()
        }
    }
    let first = AtomicBool::new(true);
    let server = serve(room(), move |_| Unlucky(Line::default(), first.swap(false, Ordering::SeqCst)));
    let address = server.addresses().next().expect("it listens somewhere");
    let mut unlucky = TcpStream::connect(address).expect("the server accepts");
    assert_eq!(unlucky.read(&mut [0; 10]).expect("the stream ends"), 0);
    Client::connect(&server);
    server.shutdown(TIMEOUT);
}
