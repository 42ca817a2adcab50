use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;

use super::*;

/// Returns a [`LineSender`], and the peer's end of its connection.
fn pair() -> (LineSender, BufReader<TcpStream>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let stream = TcpStream::connect(listener.local_addr().expect("it is bound")).expect("it listens");
    let (peer, _) = listener.accept().expect("it has connected");
    (LineSender::start(Arc::new(stream)).expect("a thread"), BufReader::new(peer))
}

/// Receives `count` lines. Replaces each line that is a JSON command by the command's `line` field.
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
fn uncertain_messages_are_sent_once_after_reconnect() {
    let (sender, mut peer) = pair();
    let session = Session::new(sender, None);
    session.upgrade();
    assert_eq!(session.send("typed early", None), Some(1));
    assert_eq!(session.resume(vec![]), [""; 0]);
    for line in ["heard", "not heard", "/me waves", "/me sleeps", "/msg bob psst", "done"] {
        session.send(line, Some("#den"));
    }
    session.confirm(1);
    session.confirm(7);
    let sent =
        ["/json 1 lines", "typed early", "heard", "not heard", "/me waves", "/me sleeps", "/msg bob psst", "done"];
    assert_eq!(lines(&mut peer, 8), sent);
    session.detach();
    session.send("heard", Some("#den"));
    session.send("/msg bob later", None);
    session.request(json!({"command": "nick", "line": "must not be sent in plain lines"}));
    let (sender, mut peer) = pair();
    session.attach(sender);
    session.upgrade();
    let delivered = [("#den", "heard"), ("#den", "/me waves"), ("#tea", "not heard")];
    let delivered = delivered.map(|(room, line)| (room.to_owned(), line.to_owned())).to_vec();
    assert_eq!(session.resume(delivered), ["/msg bob psst"]);
    assert_eq!(lines(&mut peer, 5), ["/json 1 lines", "not heard", "/me sleeps", "heard", "/msg bob later"]);
    assert!(matches!(session.finish(Duration::from_secs(1)), Ok(true)));
}

#[test]
fn finish_reports_lines_queued_without_connection() {
    let (sender, _peer) = pair();
    let session = Session::new(sender, None);
    session.upgrade();
    assert_eq!(session.resume(vec![]), [""; 0]);
    session.detach();
    session.send("never sent", None);
    assert!(matches!(session.finish(Duration::from_secs(1)), Err(Failure::NotConnected)));
}
