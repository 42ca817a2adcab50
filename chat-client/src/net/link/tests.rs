use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;

use super::*;

/// A connection, and what comes out of it.
fn pair() -> (Outgoing, BufReader<TcpStream>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let stream = TcpStream::connect(listener.local_addr().expect("it is bound")).expect("it listens");
    let (peer, _) = listener.accept().expect("it has connected");
    (Outgoing::start(Arc::new(stream)).expect("a thread"), BufReader::new(peer))
}

/// The next lines, of commands only what they are about.
fn lines(peer: &mut BufReader<TcpStream>, count: usize) -> Vec<String> {
    let line = |_| {
        let mut line = String::new();
        peer.read_line(&mut line).expect("it is open");
        match serde_json::from_str::<Value>(&line) {
            Ok(command) => command["line"].as_str().expect("what was typed").to_owned(),
            Err(_) => line.trim_end().to_owned(),
        }
    };
    (0..count).map(line).collect()
}

#[test]
fn what_was_on_its_way_is_said_once_and_what_was_typed_meanwhile_is_sent() {
    let (outgoing, mut peer) = pair();
    let link = Link::new(outgoing, None);
    link.switch();
    assert_eq!(link.send("typed early", None), Some(1));
    assert_eq!(link.go_on(vec![]), [""; 0]);
    for line in ["heard", "not heard", "/me waves", "/me sleeps", "/msg bob psst", "done"] {
        link.send(line, Some("#den"));
    }
    link.done(1);
    link.done(7);
    let sent =
        ["/json 1 lines", "typed early", "heard", "not heard", "/me waves", "/me sleeps", "/msg bob psst", "done"];
    assert_eq!(lines(&mut peer, 8), sent);
    link.lose();
    link.send("heard", Some("#den"));
    link.send("/msg bob later", None);
    link.ask(json!({"command": "nick", "line": "must not be said in plain lines"}));
    let (outgoing, mut peer) = pair();
    link.resume(outgoing);
    link.switch();
    let said = [("#den", "heard"), ("#den", "/me waves"), ("#tea", "not heard")];
    let said = said.map(|(room, line)| (room.to_owned(), line.to_owned())).to_vec();
    assert_eq!(link.go_on(said), ["/msg bob psst"]);
    assert_eq!(lines(&mut peer, 5), ["/json 1 lines", "not heard", "/me sleeps", "heard", "/msg bob later"]);
    assert!(matches!(link.finish(Duration::from_secs(1)), Ok(true)));
}

#[test]
fn who_leaves_while_what_was_typed_waits_for_a_connection_is_told() {
    let (outgoing, _peer) = pair();
    let link = Link::new(outgoing, None);
    link.switch();
    assert_eq!(link.go_on(vec![]), [""; 0]);
    link.lose();
    link.send("never sent", None);
    assert!(matches!(link.finish(Duration::from_secs(1)), Err(Failure::NotConnected)));
}
