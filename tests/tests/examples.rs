//! Tests the built examples.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use chat_tests::{ChatServer, Client, TIMEOUT, command, example, print_skipped};

/// A running example. Dropping it kills the process.
struct ExampleProcess {
    child: Child,
    address: SocketAddr,
}

impl ExampleProcess {
    fn start(name: &str) -> ExampleProcess {
        let mut command = command(example(name));
        let mut child = command.arg("127.0.0.1:0").stdout(Stdio::piped()).spawn().expect("an example can be started");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output is a pipe")).read_line(&mut line).expect("it prints");
        let address = line.trim_end().strip_prefix("listening on ").expect("the example prints its address");
        ExampleProcess { child, address: address.parse().expect("it prints an address") }
    }
}

impl Drop for ExampleProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn server_example_is_a_chat_server() {
    let server = ExampleProcess::start("server");
    let (mut alice, mut bob) = (Client::join(server.address), Client::join(server.address));
    assert_eq!(alice.read_line(), format!("[{}] entered room", bob.name()));
    alice.send("hello\n");
    assert_eq!(bob.read_line(), format!("<{}> hello", alice.name()));
}

#[test]
fn bot_example_answers_in_the_room() {
    let server = ExampleProcess::start("bot");
    let mut alice = Client::join(server.address);
    alice.send("!echo hello\n");
    assert_eq!(alice.read_line(), "<echo-bot> hello");
}

#[test]
fn framing_example_speaks_length_prefixed_texts() {
    let server = ExampleProcess::start("framing");
    let connect = || {
        let stream = TcpStream::connect(server.address).expect("it listens");
        stream.set_read_timeout(Some(TIMEOUT)).expect("the timeout is valid");
        stream
    };
    let (mut alice, mut bob) = (connect(), connect());
    // The protocol does not confirm alice's join, so bob repeats his text until it reaches her.
    alice.set_nonblocking(true).expect("it is connected");
    while alice.peek(&mut [0; 1]).is_err() {
        bob.write_all(b"\0\x05hello").expect("it reads");
    }
    alice.set_nonblocking(false).expect("it is connected");
    let text = format!("{}: hello", bob.local_addr().expect("it is connected"));
    let expected = [&[0, u8::try_from(text.len()).expect("it is short")], text.as_bytes()].concat();
    let mut frame = vec![0; expected.len()];
    alice.read_exact(&mut frame).expect("a frame arrives");
    assert_eq!(frame, expected);

    alice.write_all(b"\0\x01\xff").expect("it reads");
    alice.read_to_end(&mut Vec::new()).expect("bytes that are not UTF-8 end the connection");
}

#[test]
fn replies_example_registers_answers_and_refuses() {
    let server = ExampleProcess::start("replies");
    let mut alice = Client::connect(server.address);
    let answer = |alice: &mut Client, line: &str| {
        alice.send(format!("{line}\n"));
        // Other lines show events, such as the welcome.
        loop {
            let line = alice.read_line();
            if line.as_bytes()[0].is_ascii_digit() {
                return line;
            }
        }
    };
    assert!(answer(&mut alice, "1 nick 2bad").starts_with("1 error nickname begins with '2'"));
    assert_eq!(answer(&mut alice, "2 nick alice\n3 say hi"), "3 ok");
    assert_eq!(answer(&mut alice, "4 dance"), "4 error no such command; say TEXT or nick NAME");
    assert_eq!(answer(&mut alice, "5 nick alice"), "5 error your nickname is already alice");
    let mut bob = Client::connect(server.address);
    bob.send("1 nick alice\n");
    assert_eq!(bob.read_line(), "error nickname alice is in use; choose another");
    assert_eq!(answer(&mut alice, "6 nick al"), "6 ok");
}

#[test]
fn python_bot_answers_in_json_lines() {
    // Check the exit status, because python3 may be a wrapper that finds no Python.
    let version = Command::new("python3").arg("--version").output();
    if !version.is_ok_and(|output| output.status.success()) {
        print_skipped("there is no python3; apt-get install python3");
        return;
    }
    let server = ChatServer::start(&[]);
    let mut alice = Client::join(server.address());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../chat-core/examples/bot.py");
    let child = Command::new("python3").args([script, "127.0.0.1", &server.port().to_string()]).spawn();
    let _bot = ExampleProcess { child: child.expect("python3 starts"), address: server.address() };
    while !alice.read_line().ends_with("is now known as echo-bot") {}
    alice.send("!echo hëllo \"you\"\n!echo !echo twice\n");
    assert_eq!(alice.read_line(), "<echo-bot> hëllo \"you\"");
    assert_eq!(alice.read_line(), "<echo-bot> !echo twice");
    assert_eq!(alice.barrier(), Vec::<String>::new(), "the bot ignores its own messages");
}
