//! Hostile names, hostile commands and requests in the wrong order, and how the server answers them.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use chat_tests::{ChatServer, Client};

/// Sends `bytes` and returns the lines that the client receives up to its next barrier.
fn request(client: &mut Client, bytes: impl AsRef<[u8]>) -> Vec<String> {
    client.barrier();
    client.send(bytes);
    client.barrier()
}

#[test]
fn line_separators_in_names_and_texts_forge_nothing() {
    let server = ChatServer::start(&["-v"]);
    let (mut alice, mut bob) = (Client::join(server.address()), Client::join(server.address()));
    // CR, NEL, the line and paragraph separators, and VT and FF, which terminals show as a new line.
    for end in ["\r", "\u{85}", "\u{2028}", "\u{2029}", "\u{b}", "\u{c}"] {
        let forged = format!("{end}<admin> forged");
        let refused = &request(&mut alice, format!("/nick x{end}\n"))[0];
        let expected = ["* you are now known as x", "! nickname has the character", "! your nickname is already x"];
        assert!(expected.iter().any(|answer| refused.starts_with(answer)), "{refused:?}");
        request(&mut alice, format!("/join #den{}\n/topic t{forged}\n", forged.len()));
        request(&mut alice, format!("/away a{forged}\n"));
        request(
            &mut alice,
            format!("/join lobby\nsaid{forged}\n/me acted{forged}\n/msg {} told{forged}\n", bob.name()),
        );
        request(&mut alice, format!("/join #own{}\n", forged.len()));
        request(&mut bob, format!("/join #own{}\n", forged.len()));
        let name = bob.name().to_owned();
        request(&mut alice, format!("/ban {name} 1s r{forged}\n/kick {name} r{forged}\n/part\n/part\n"));
        let received = bob.barrier();
        assert!(received.iter().all(|line| !line.starts_with("<admin>")), "{received:#?}");
        assert!(received.iter().all(|line| !line.contains(end)), "{received:#?}");
        let history = Client::join_and_read(server.address());
        assert!(history.iter().all(|line| !line.starts_with("<admin>") && !line.contains(end)), "{history:#?}");
    }
    alice.send("/quit\n");
    alice.read_to_end();
    // The log contains no forged line before its last one.
    server.send_signal("TERM");
    let last = server.wait_for_log("connections drained");
    assert!(last.starts_with('['), "{last}");
}

#[test]
fn log_entry_stays_on_one_line() {
    let server = ChatServer::start(&["-v"]);
    let mut alice = Client::join(server.address());
    alice.send("/join #den\n/ban spam* 1h why\u{2028}[2026-01-01T00:00:00Z ERROR chat_core] forged\r\n");
    alice.barrier();
    let line = server.wait_for_log("banned spam*");
    assert!(line.ends_with("why[2026-01-01T00:00:00Z ERROR chat_core] forged"), "{line}");
}

#[test]
fn names_reject_bidirectional_and_zero_width_characters() {
    let server = ChatServer::start(&[]);
    let mut alice = Client::join(server.address());
    for bad in
        ['\u{202e}', '\u{202a}', '\u{2066}', '\u{2069}', '\u{200b}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{ad}']
    {
        for line in [format!("/nick a{bad}b\n"), format!("/join #a{bad}b\n")] {
            let answer = request(&mut alice, &line);
            assert!(answer[0].contains(&format!("name has the character {bad:?}")), "{line:?}: {answer:?}");
        }
    }
}

#[test]
fn lookalike_of_taken_nick_is_refused() {
    let server = ChatServer::start(&[]);
    let (mut alice, mut mallory) = (Client::join(server.address()), Client::join(server.address()));
    request(&mut alice, "/nick paypal\n");
    for alike in ["p\u{430}ypal", "\u{440}aypal", "paypa\u{2c}l".trim_end_matches(",l"), "PAYPAL", "ｐａｙｐａｌ"]
    {
        let answer = request(&mut mallory, format!("/nick {alike}\n"));
        let is_refused = answer[0].contains("looks like paypal") || answer[0].contains("is in use");
        assert!(is_refused || alike == "paypa", "{alike}: {answer:?}");
    }
}

#[test]
fn invalid_reserved_and_taken_nicks_are_refused() {
    let server = ChatServer::start(&["--names", "guest"]);
    let (mut alice, mut bob) = (Client::join(server.address()), Client::join(server.address()));
    request(&mut alice, "/nick Alice\n");
    for (name, why) in [
        ("", "! missing argument; usage: /nick NAME"),
        (&*"x".repeat(31), "! nickname is 31 characters long; at most 30 are allowed"),
        ("guest-1", "! nickname guest-1 is reserved for guests; choose another"),
        ("aLICE", "! nickname aLICE is in use; choose another"),
        ("127.0.0.1:5", "! nickname has the character '.'; allowed are letters, digits and _-[]{}\\|^`"),
        ("#lobby", "! nickname has the character '#'; allowed are letters, digits and _-[]{}\\|^`"),
    ] {
        assert_eq!(request(&mut bob, format!("/nick {name}\n")), [why]);
    }
}

#[test]
fn every_command_survives_hostile_arguments() {
    let server = ChatServer::start(&[]);
    let mut watcher = Client::join(server.address());
    let help = request(&mut watcher, "/help all\n");
    let commands = help.iter().filter_map(|line| line.strip_prefix("* /")?.split([' ', '/']).next());
    // After `/json 1` the connection no longer reads plain lines.
    let commands: Vec<_> = commands.filter(|command| !command.is_empty() && *command != "json").collect();
    assert!(commands.len() >= 35, "{commands:?}");
    let (long, many) = ("x".repeat(4000), "a ".repeat(2000));
    let arguments =
        ["", " ", "  \t ", "\u{7}", "x", "#x", "#", "*", "/", "1", "-1", "10m", "+k", "\u{1b}[2J", "\u{202e}"];
    for command in commands {
        for argument in arguments.iter().copied().chain([&*long, &*many]) {
            // A new member sends each command first, before it has chosen a nickname or a room.
            let mut client = Client::join(server.address());
            client.try_send(format!("/{command} {argument}\n/{command}{argument}\n/ping last\n"));
            let answer = std::iter::from_fn(|| client.next_line()).take_while(|line| line != "* pong last");
            let answer: Vec<_> = answer.collect();
            assert!(answer.iter().all(|line| !line.contains("internal error")), "/{command} {argument:?}: {answer:?}");
        }
    }
    assert!(watcher.barrier().iter().all(|line| line.starts_with(['[', '#', '<', '(', '{', '*'])));
    watcher.send("still here\n");
    // The server may detect the last disconnects only now.
    assert!(watcher.barrier().iter().all(|line| line.ends_with("is offline")));
}

#[test]
fn impossible_requests_are_answered_to_sender_only() {
    let server = ChatServer::start(&[]);
    let (mut alice, mut bob) = (Client::join(server.address()), Client::join(server.address()));
    alice.barrier();
    request(&mut alice, "/join #den\n");
    bob.barrier();
    assert_eq!(request(&mut alice, "/join #den\n"), ["* you are in #den now, with 0 others"]);
    assert_eq!(request(&mut alice, "/part #den\n"), ["* you left #den; you are in #lobby now"]);
    assert_eq!(request(&mut alice, "/part #den\n"), ["! no such room: #den"]);
    request(&mut alice, "/part\n");
    assert_eq!(bob.barrier(), [format!("[{}] left room", alice.name())]);
    for line in ["/part\n", "to nobody\n", "/me to nobody\n", "/topic to nobody\n", "/who\n", "/kick x\n"] {
        assert_eq!(request(&mut alice, line), ["! you are in no room; join one first"], "{line}");
    }
    assert_eq!(bob.barrier(), [""; 0]);
}

#[test]
fn member_receives_nothing_after_its_own_leave() {
    let server = ChatServer::start(&["-q"]);
    let (stop, address) = (AtomicBool::new(false), server.address());
    thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| send_until(&stop, address));
        }
        for round in 0..100 {
            let mut client = Client::join(address);
            // The client leaves the room or the server; both race the messages of the others.
            let (line, confirmation) = if round % 2 == 0 {
                ("/part\n/ping out\n", "* you left #lobby; you are in no room now")
            } else {
                ("/quit\n", "")
            };
            client.send(line);
            let mut lines = std::iter::from_fn(|| client.next_line()).take_while(|line| line != "* pong out");
            if round % 2 == 0 {
                assert!(lines.any(|line| line == confirmation), "the server confirms the leave");
                assert_eq!(lines.collect::<Vec<_>>(), [""; 0], "the client receives nothing afterwards");
            } else {
                assert!(lines.all(|line| line.starts_with(['<', '[', '~'])));
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
}

fn send_until(stop: &AtomicBool, address: SocketAddr) {
    let mut client = Client::join(address);
    while !stop.load(Ordering::Relaxed) {
        client.send("blah\n".repeat(20));
        client.barrier();
    }
}
