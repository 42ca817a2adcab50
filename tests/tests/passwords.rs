//! The server's password in every protocol, and the throttle of password guesses.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};

use chat_tests::{ChatServer, Client};

const REQUIRED: &str = "* password required: /pass PASSWORD";

/// Creates a temporary file that contains `text`.
fn temp_file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("there is room for a file");
    file.write_all(text.as_bytes()).expect("there is room for a password");
    file
}

/// A server that requires the password "open sesame" on its plain-line and IRC listeners.
struct PasswordServer {
    server: ChatServer,
    irc: SocketAddr,
    _file: tempfile::NamedTempFile,
}

impl PasswordServer {
    fn start() -> PasswordServer {
        let file = temp_file("open sesame\n");
        let path = file.path().to_str().expect("a path is text");
        let server = ChatServer::start(&["--password", path, "--irc", "127.0.0.1:0"]);
        let irc = (Ipv4Addr::LOCALHOST, server.read_irc_port()).into();
        PasswordServer { server, irc, _file: file }
    }

    /// Opens a plain-line connection that has sent nothing yet.
    fn connect(&self) -> Client {
        let mut client = Client::connect(self.server.address());
        assert!(client.read_line().starts_with("* chat-server "), "the greeting comes first");
        assert_eq!(client.read_line(), REQUIRED);
        client
    }

    /// Joins a member with this nickname.
    fn join(&self, nick: &str) -> Client {
        let mut client = self.connect();
        client.send(format!("/pass open sesame\n/nick {nick}\n"));
        let _ = client.read_until(&format!("* you are now known as {nick}"));
        client
    }

    /// Sends `lines` from a new IRC client and returns the first line of the reply.
    fn irc_reply(&self, lines: &str) -> String {
        let mut client = Client::connect(self.irc);
        client.send(lines);
        client.read_line().trim_end_matches('\r').to_owned()
    }
}

#[test]
fn password_is_required_in_every_protocol() {
    let server = PasswordServer::start();
    let mut watcher = server.join("watcher");

    let mut plain = server.connect();
    for line in ["hello", "//hello", "/who", "/msg watcher hi", "/nick x", "/oper x", "/ping"] {
        plain.send(format!("{line}\n"));
        assert_eq!(plain.read_line(), "! password required: /pass PASSWORD", "{line}");
    }
    plain.send("/help pass\n/nope\n/pass\n\n");
    assert!(plain.read_line().starts_with("* /pass"));
    assert!(plain.read_line().starts_with("! unknown command: /nope"));
    assert!(plain.read_line().starts_with("! missing argument; usage: /pass PASSWORD"));

    let mut json = server.connect();
    json.send("/json 1\n");
    assert_eq!(json.read_line(), "* JSON lines from here on");
    json.send("{\"command\":\"say\",\"text\":\"hello\",\"id\":1}\n");
    let text = "password required: give it in the field password of the first command";
    let refused = format!(r#"{{"kind":"refused","error":"password_required","text":"{text}","id":1}}"#);
    assert_eq!(json.read_line(), refused);
    assert_eq!(json.read_line(), r#"{"kind":"done","id":1,"ok":false}"#);

    let lines = server.irc_reply("NICK eve\r\nUSER eve 0 * :eve\r\nJOIN #lobby\r\nPRIVMSG #lobby :hello\r\n");
    assert_eq!(lines, ":chat.local 464 * :password required");

    assert_eq!(watcher.barrier(), [""; 0], "the room received nothing");

    // No attempt has failed, so the server does not delay this one.
    plain.send("/pass open sesame\nhello\n");
    assert!(watcher.read_line().ends_with("] entered room"));
    assert!(watcher.read_line().ends_with("> hello"));
    plain.send("/pass open sesame\n");
    assert_eq!(plain.read_line(), "! you have joined; no password is needed");
    json.send("{\"command\":\"nick\",\"name\":\"jay\",\"id\":2,\"password\":\"open sesame\"}\n");
    assert!(json.read_line().starts_with(r#"{"kind":"hello","#));
    let _ = json.read_until(r#""name":"jay","id":2}"#);
    assert_eq!(json.read_line(), r#"{"kind":"done","id":2,"ok":true}"#);
    let welcome = server.irc_reply("PASS :open sesame\r\nNICK iris\r\nUSER iris 0 * :iris\r\n");
    assert!(welcome.starts_with(":chat.local 001 iris "), "{welcome}");
}

#[test]
fn quit_before_the_password_ends_the_connection() {
    let server = PasswordServer::start();
    let mut plain = server.connect();
    plain.send("/quit bye\n");
    assert_eq!(plain.read_to_end(), "");
    let mut json = server.connect();
    json.send("/json 1\n{\"command\":\"quit\"}\n");
    assert_eq!(json.read_to_end(), "* JSON lines from here on\n");
    let mut irc = Client::connect(server.irc);
    irc.send("QUIT :bye\r\n");
    assert!(irc.read_to_end().starts_with("ERROR :Closing Link"));
}

#[test]
fn guesses_on_all_listeners_share_one_delay() {
    let server = PasswordServer::start();
    let mut plain = server.connect();
    plain.send("/pass guess\n/pass open sesame\n");
    assert_eq!(plain.read_line(), "! wrong password; try again in 1s");
    // The delay of one second has begun before this point.
    let start = Instant::now();
    assert_eq!(
        plain.read_line(),
        "! too many wrong passwords; try again in 1s",
        "the server delays even the right password"
    );
    assert!(server.server.wait_for_log("wrong password").contains("127.0.0.1"));

    let early = server.irc_reply("PASS :open sesame\r\nNICK iris\r\nUSER iris 0 * :iris\r\n");
    assert_eq!(early, ":chat.local 464 * :too many wrong passwords; try again in 1s");
    let mut json = server.connect();
    json.send("/json 1\n{\"command\":\"ping\",\"id\":1,\"password\":\"open sesame\"}\n");
    assert_eq!(json.read_line(), "* JSON lines from here on");
    let refused = json.read_line();
    assert!(refused.contains(r#""error":"too_many_passwords""#), "{refused}");
    assert_eq!(json.read_line(), r#"{"kind":"done","id":1,"ok":false}"#);

    thread::sleep(Duration::from_secs(1).saturating_sub(start.elapsed()));
    let mut other = server.connect();
    other.send("/pass guess\n");
    assert_eq!(other.read_line(), "! wrong password; try again in 2s");
    thread::sleep(Duration::from_secs(2));
    json.send("{\"command\":\"ping\",\"id\":2,\"password\":\"open sesame\"}\n");
    assert!(json.read_line().starts_with(r#"{"kind":"hello","#), "the server accepts the password after the delay");
}

#[test]
fn parallel_guesses_count_as_one_attempt() {
    let server = PasswordServer::start();
    let start = Instant::now();
    let guess = |mut client: Client| {
        let mut wrong = 0;
        for _ in 0..50 {
            client.send("/pass guess\n");
            wrong += usize::from(client.read_line().starts_with("! wrong password"));
        }
        wrong
    };
    let clients: Vec<Client> = (0..8).map(|_| server.connect()).collect();
    let guessers: Vec<_> = clients.into_iter().map(|client| thread::spawn(move || guess(client))).collect();
    let wrong = guessers.into_iter().map(|guesser| guesser.join().expect("no panic")).sum::<usize>();
    // The server checks wrong guesses at 0, 1, 3, 7 and 15 seconds at the earliest.
    let possible = (start.elapsed().as_secs() + 1).ilog2() + 1;
    assert!((1..=possible as usize).contains(&wrong), "{wrong} guesses in {:?}", start.elapsed());
}

#[test]
fn message_of_the_day_appears_in_every_protocol() {
    let motd = temp_file("Be kind.\n\nTea at \u{1b}[31mfour\n");
    let path = motd.path().to_str().expect("a path is text");
    let server = ChatServer::start(&["--motd", path, "--irc", "127.0.0.1:0"]);
    let irc = (Ipv4Addr::LOCALHOST, server.read_irc_port()).into();
    let mut plain = Client::connect(server.address());
    assert!(plain.read_line().starts_with("* chat-server "));
    let lines = ["* Be kind.", "* ", "* Tea at four"];
    assert_eq!([plain.read_line(), plain.read_line(), plain.read_line()], lines);
    plain.send("/motd\n");
    assert_eq!([plain.read_line(), plain.read_line(), plain.read_line()], lines);
    plain.send("/json 1\n{\"command\":\"motd\",\"id\":1}\n");
    assert_eq!(plain.read_line(), "* JSON lines from here on");
    let hello = plain.read_line();
    assert!(hello.ends_with(r#""motd":["Be kind.","","Tea at four"]}"#), "{hello}");
    let answer = plain.read_line();
    assert!(answer.ends_with(r#""lines":["Be kind.","","Tea at four"],"id":1}"#), "{answer}");
    let mut irc = Client::connect(irc);
    irc.send("NICK iris\r\nUSER iris 0 * :iris\r\n");
    let _ = irc.read_until(":chat.local 372 iris :- Tea at four\r");
}
