//! Tests of registration, `PING`, `QUIT` and invalid lines.

use super::*;

fn options() -> IrcOptions {
    IrcOptions { server: "s".into(), ..IrcOptions::default() }
}

/// Returns the lines that a new client receives after it sends `bytes`.
#[track_caller]
fn received(options: IrcOptions, bytes: &str) -> Vec<String> {
    let mut scene = Scene::new();
    scene.connect('a', options);
    scene.say('a', bytes);
    scene.received().iter().map(|line| line[2..].to_owned()).collect()
}

#[test]
fn registration_completes_after_nick_and_user() {
    for bytes in [
        "NICK alice\r\nUSER al 0 * :Alice\r\n",
        "USER al 0 * :Alice\nNICK alice\n",
        "CAP LS 302\r\nNICK alice\r\nUSER al 0 * :Alice\r\nCAP END\r\n",
    ] {
        let received = received(options(), bytes);
        let numbers: Vec<_> =
            received.iter().filter_map(|line| line.split(' ').nth(1)).filter(|n| *n != "CAP").collect();
        let expected = ["001", "002", "003", "004", "005", "005", "005", "251", "254", "255", "265", "266", "422"];
        assert_eq!(numbers, expected, "{received:?}");
        assert!(received.iter().any(|line| line == ":s 001 alice :Welcome to the chat Network, alice"), "{received:?}");
    }
    assert_eq!(received(options(), "NICK alice\r\n"), [""; 0]);
    assert_eq!(received(options(), "CAP LS\r\nNICK alice\r\nUSER al 0 * :Alice\r\n").len(), 1, "it still negotiates");
}

#[test]
fn motd_is_sent() {
    let mut scene = Scene::with(HubOptions { motd: vec!["Be kind.".into(), "".into()], ..HubOptions::default() });
    scene.connect('a', options());
    scene.say('a', "NICK alice\r\nUSER al 0 * :Alice\r\n");
    let received: Vec<_> = scene.received().iter().map(|line| line.trim_start_matches("a ").to_owned()).collect();
    let motd = [
        ":s 375 alice :- s Message of the day -",
        ":s 372 alice :- Be kind.",
        ":s 372 alice :- ",
        ":s 376 alice :End of MOTD command",
    ];
    assert_eq!(received[received.len() - 4..], motd);
    scene.say('a', "MOTD\r\n");
    assert_eq!(scene.received(), motd.map(|line| format!("a {line}")));
}

#[test]
fn isupport_lists_features() {
    let received = received(options(), "NICK alice\r\nUSER al 0 * :Alice\r\n");
    let supports: Vec<&str> =
        received.iter().filter(|line| line.contains(" 005 ")).flat_map(|line| line.split(' ')).collect();
    for token in [
        "CASEMAPPING=ascii",
        "CHANTYPES=#",
        "NICKLEN=30",
        "CHANNELLEN=51",
        "PREFIX=(ov)@+",
        "CHANMODES=beI,k,l,imnst",
        "EXCEPTS=e",
        "INVEX=I",
        "STATUSMSG=@+",
        "CHATHISTORY=100",
        "ELIST=MNU",
        "WHOX",
    ] {
        assert!(supports.contains(&token), "{token} is not in {supports:?}");
    }
}

#[test]
fn commands_before_registration_are_refused() {
    for (line, answer) in [
        ("JOIN #lobby", ":s 451 * :You have not registered"),
        ("FOO", ":s 451 * :You have not registered"),
        ("PING x", ":s PONG s :x"),
        ("NICK", ":s 431 * :No nickname given"),
        ("NICK 2bad", ":s 432 * 2bad :nickname begins with '2'; it must begin with a letter or one of _[]{}\\|^`"),
        ("USER a", ":s 461 * USER :Not enough parameters: USER user 0 * real-name"),
        ("USER a 0 * :", ":s 461 * USER :Not enough parameters: USER user 0 * real-name"),
        ("CAP FOO", ":s 410 * FOO :Invalid CAP command"),
        ("CAP", ":s 461 * CAP :Not enough parameters: CAP subcommand [capabilities]"),
        ("CAP LIST", ":s CAP * LIST :"),
        ("CAP REQ :batch nonsense", ":s CAP * NAK :batch nonsense"),
        ("CAP REQ :batch", ":s CAP * ACK :batch"),
        ("QUIT", "ERROR :Closing Link: Quit"),
    ] {
        assert_eq!(received(options(), &format!("{line}\r\n")).first().map(String::as_str), Some(answer), "{line}");
    }
    assert_eq!(received(options(), "\r\n\n  \r\nPONG x\r\n"), [""; 0]);
}

#[test]
fn taken_nick_is_refused_and_another_accepted() {
    let mut scene = Scene::of_three();
    scene.connect('c', options());
    scene.say('c', "NICK ALICE\r\nUSER c 0 * :c\r\n");
    assert_eq!(scene.received(), ["c :s 433 * ALICE :nickname ALICE is in use; choose another"]);
    scene.say('c', "NICK carol\r\n");
    assert_eq!(scene.received()[0], "c :s 001 carol :Welcome to the chat Network, carol");
}

#[test]
fn http_and_tls_clients_are_rejected() {
    let http = "POST / HTTP/1.1\r\nHost: x\r\n\r\nNICK alice\r\nUSER a 0 * :a\r\nJOIN #lobby\r\n";
    assert_eq!(received(options(), http), ["closed: this is a chat server: it speaks lines of text, not HTTP"]);
    let tls = "\u{16}\u{3}\u{1}\nNICK alice\r\nUSER a 0 * :a\r\n";
    assert_eq!(received(options(), tls), ["closed: this is a chat server: it speaks lines of text, not TLS"]);
}

#[test]
fn user_and_pass_are_refused_after_registration() {
    for line in ["USER a 0 * :b", "PASS x"] {
        check(&[], &format!("a {line}"), &["a :s 462 alice :You may not reregister"]);
    }
}

#[test]
fn invalid_line_is_refused_and_next_works() {
    check(&[], &format!("a PRIVMSG #lobby :{}", "x".repeat(600)), &["a :s 417 alice :Input line was too long"]);
    let mut scene = Scene::of_three();
    scene.say_bytes('a', b"PRIVMSG #lobby :caf\xe9\r\nPING x\r\n");
    let expected = [
        "a :s FAIL * INVALID_UTF8 :Message rejected, your software MUST use UTF-8 encoding on this network",
        "a :s PONG s :x",
    ];
    assert_eq!(scene.received(), expected);
    check(&[], "a FOO bar", &["a :s 421 alice FOO :Unknown command"]);
    check(&[], "a join", &["a :s 461 alice JOIN :Not enough parameters: JOIN #channel{,#channel} [key{,key}]"]);
}

#[test]
fn quit_is_confirmed_and_announced_once() {
    let quit = ["a ERROR :Closing Link: Quit: bye", "b :alice!alice@host QUIT :Quit: bye", "l [alice] is offline: bye"];
    check(&["a JOIN #den", "b JOIN #den"], "a QUIT :bye", &quit);
    check(&[], "l /quit", &["a :lena!chat@host QUIT :Quit", "b :lena!chat@host QUIT :Quit"]);
}

#[test]
fn ping_is_answered() {
    check(&[], "a PING :some token", &["a :s PONG s :some token"]);
    check(&[], "a PING", &["a :s 461 alice PING :Not enough parameters: PING token"]);
    check(&[], "a PING :", &["a :s 409 alice :No origin specified"]);
    check(&[], "a PONG x", &[]);
}

#[test]
fn command_table_matches_protocol_page_and_tests() {
    let tests = [
        include_str!("channels.rs"),
        include_str!("extensions.rs"),
        include_str!("members.rs"),
        include_str!("registration.rs"),
    ]
    .concat();
    let mut names: Vec<_> = commands::COMMANDS.iter().map(|spec| spec.name).collect();
    for spec in commands::COMMANDS {
        assert!(!spec.help.is_empty());
        assert!(
            tests.contains(&format!("{} ", spec.name)) || tests.contains(&format!("{}\"", spec.name)),
            "{}",
            spec.name
        );
    }
    let page = include_str!("../../../../PROTOCOL.md");
    for commands::Spec { name, usage, help, .. } in commands::COMMANDS {
        let row = format!("| `{}` | {help} |", format!("{name} {usage}").trim_end());
        assert!(page.contains(&row), "PROTOCOL.md lacks {row}");
    }
    let capabilities: Vec<_> = capability::ALL.iter().map(|(name, _)| format!("`{name}`")).collect();
    assert!(page.contains(&capabilities.join(", ")), "PROTOCOL.md lacks {capabilities:?}");
    let listed = names.clone();
    names.sort_unstable();
    assert_eq!(listed, names);
}
