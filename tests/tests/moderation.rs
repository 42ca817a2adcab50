//! Moderation in the plain line protocol: kicks, bans, mutes, server operators.

use std::fs;
use std::io::Write as _;

use chat_tests::{ChatServer, Client};

/// Joins the first room with this nickname, and reads all lines that arrive until then.
fn join(server: &ChatServer, name: &str) -> Client {
    set_nick(Client::connect(server.address()), name)
}

/// Works like [`join`], but connects from another address.
fn join_from_other_address(server: &ChatServer, name: &str) -> Client {
    set_nick(Client::connect_from([127, 0, 0, 2].into(), server.address()), name)
}

fn set_nick(mut client: Client, name: &str) -> Client {
    client.barrier();
    client.send(format!("/nick {name}\n"));
    assert!(client.barrier().contains(&format!("* you are now known as {name}")));
    client
}

/// Sends a line and returns the reply, without join and leave notices.
fn request(client: &mut Client, line: &str) -> Vec<String> {
    client.barrier();
    client.send(format!("{line}\n"));
    let mut answer = client.barrier();
    answer.retain(|line| !line.ends_with("is offline") && !line.ends_with("entered room"));
    answer
}

#[test]
fn kick_gives_reason_and_ban_survives_nick_change() {
    let server = ChatServer::start(&["-v"]);
    let (mut alice, mut bob) = (join(&server, "alice"), join(&server, "bob"));
    for client in [&mut alice, &mut bob] {
        request(client, "/join #den");
    }
    request(&mut alice, "/kick bob too loud");
    assert_eq!(bob.barrier(), ["* alice kicked you from #den: too loud", "* you are in #lobby now"]);
    request(&mut bob, "/join #den");
    request(&mut alice, "/ban bob 1h noise");
    let expected = [
        "[alice] banned bob from #den for 1h: noise",
        "* alice kicked you from #den: noise",
        "* you are in #lobby now",
    ];
    assert_eq!(bob.barrier(), expected);
    let _ = server.wait_for_log("alice banned bob from #den for 1h: noise");
    let _ = server.wait_for_log("alice kicked bob from #den: noise");

    let check_refused = |answer: Vec<String>| {
        let why = answer.first().expect("an answer");
        assert!(why.starts_with("! you are banned from #den for ") && why.ends_with(": noise"), "{answer:?}");
    };
    check_refused(request(&mut bob, "/join #den"));
    request(&mut bob, "/nick rob");
    check_refused(request(&mut bob, "/join #den"));
    request(&mut alice, "/invite rob");
    check_refused(request(&mut bob, "/join #den"));
    bob.send("/quit\n");
    bob.read_to_end();
    check_refused(request(&mut join(&server, "robert"), "/join #den"));
    check_refused(request(&mut join_from_other_address(&server, "BOB"), "/join #den"));

    let entered = "* you are in #den now, with 1 other";
    let mut carol = join_from_other_address(&server, "carol");
    assert_eq!(request(&mut carol, "/join #den"), [entered]);
    request(&mut carol, "/part");
    request(&mut alice, "/unban bob");
    assert_eq!(request(&mut join(&server, "robert"), "/join #den"), [entered]);
}

#[test]
fn ban_expires() {
    let server = ChatServer::start(&[]);
    let (mut alice, mut bob) = (join(&server, "alice"), join(&server, "bob"));
    request(&mut alice, "/join #den");
    request(&mut alice, "/ban bob 1s");
    chat_tests::eventually("the ban expires", || {
        request(&mut bob, "/join #den").first().is_some_and(|line| line.starts_with("* you are in #den now"))
    });
}

#[test]
fn mute_holds_in_one_room_until_unmute() {
    let server = ChatServer::start(&[]);
    let (mut alice, mut bob) = (join(&server, "alice"), join(&server, "bob"));
    for client in [&mut alice, &mut bob] {
        request(client, "/join #den");
    }
    request(&mut alice, "/mute bob");
    for line in ["may I?", "/topic may I?", "/nick may-I"] {
        assert_eq!(request(&mut bob, line), ["! you are muted in #den"]);
    }
    request(&mut bob, "/join #lobby");
    request(&mut bob, "here I may");
    assert_eq!(alice.barrier().last().map(String::as_str), Some("#lobby <bob> here I may"));
    request(&mut alice, "/unmute bob");
    request(&mut bob, "/join #den");
    request(&mut bob, "there, too");
    assert_eq!(alice.barrier().last().map(String::as_str), Some("<bob> there, too"));
}

/// Creates a temporary file with this content; dropping the value deletes it.
fn temp_file(content: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file can be made");
    file.write_all(content.as_bytes()).expect("it can be written");
    file
}

#[test]
fn server_operator_moderates_the_whole_server() {
    let password = temp_file("open sesame\n");
    let path = password.path().to_str().expect("a path is text");
    let server = ChatServer::start(&["-v", "--operator-password", path]);
    let (mut carol, mut alice) = (join_from_other_address(&server, "carol"), join(&server, "alice"));
    let mut bob = join(&server, "bob");
    assert_eq!(request(&mut carol, "/oper open sesame"), ["[carol] is now a server operator"]);
    request(&mut alice, "/join #den");
    request(&mut alice, "/mode +i");
    assert_eq!(request(&mut carol, "/join #den"), ["* you are in #den now, with 1 other"]);
    request(&mut carol, "/topic tea");
    assert_eq!(alice.barrier(), ["[carol] entered room", "[carol] set the topic: tea"]);

    request(&mut carol, "/announce going down at five");
    assert_eq!(bob.barrier(), ["* carol announces: going down at five"]);
    let _ = server.wait_for_log("carol sent an announcement to all members");
    request(&mut carol, "/kill bob spam");
    assert_eq!(bob.read_to_end(), "! carol closed your connection: spam\n");
    let _ = server.wait_for_log("bob was disconnected by carol: spam");
    request(&mut carol, "/serverban alice 10m spam");
    let why = "you are banned from this server for 10m: spam";
    let rest = alice.read_to_end();
    assert!(rest.ends_with(&format!("! {why}\n")), "{rest}");
    let _ = server.wait_for_log("alice was disconnected: banned: spam");
    // The ban matches alice's address. The server sends later connections the remaining time.
    let refused = Client::connect(server.address()).read_to_end();
    assert!(
        refused.starts_with("! you are banned from this server for ") && refused.ends_with(": spam\n"),
        "{refused}"
    );
    let _ = server.wait_for_log("was refused: banned from this server for ");
    request(&mut carol, "/serverunban 127.0.0.1");
    let _ = Client::join(server.address());
}

#[test]
fn wrong_operator_passwords_are_delayed_and_logged() {
    let password = temp_file("sesame");
    let path = password.path().to_str().expect("a path is text");
    let server = ChatServer::start(&["--operator-password", path]);
    let (mut alice, mut bob) = (join(&server, "alice"), join(&server, "bob"));
    assert_eq!(request(&mut bob, "/oper simsim"), ["! wrong password; try again in 1s"]);
    let logged = server.wait_for_log("password");
    assert!(logged.ends_with("bob gave a wrong operator password"), "{logged}");
    // The delay applies to every connection from the same address.
    let early = "! too many wrong passwords; try again in 1s";
    let is_early = |answer: &[String]| answer.last().map(String::as_str) == Some(early);
    assert!(is_early(&request(&mut bob, "/oper sesame")));
    while is_early(&request(&mut alice, "/oper sesame")) {}
    assert_eq!(request(&mut alice, "/oper sesame"), ["! you are already a server operator"]);
}

#[test]
fn unreadable_operator_password_stops_server() {
    let start_error = |source: &str, variable: &str| {
        let mut command = chat_tests::command(chat_tests::program("chat-server"));
        command.args(["--listen", "127.0.0.1:0", "--max-connections", "10"]);
        let output = command.args(["--operator-password", source]).env("SECRET", variable);
        let output = output.output().expect("it starts");
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).expect("errors are text")
    };
    let blank = temp_file(" \n");
    let blank = blank.path().to_str().expect("a path is text");
    let what = "can't read the password";
    let why = "password is blank; at least one character is needed";
    assert!(start_error(blank, "").ends_with(&format!("chat-server: {what} file {blank}: {why}\n")));
    let empty = format!("chat-server: {what} in the environment variable SECRET: {why}\n");
    assert_eq!(start_error("env:SECRET", ""), empty);
    let missing =
        format!("chat-server: {what} in the environment variable NOT_THERE: environment variable not found\n");
    assert_eq!(start_error("env:NOT_THERE", ""), missing);
    let error = start_error("my secret", "");
    assert!(error.starts_with(&format!("chat-server: {what} file (name not shown): ")), "{error}");
    let needed = "; give a file that contains the password, or env:NAME, but not the password itself\n";
    assert!(error.ends_with(needed), "{error}");
    assert_eq!(error.lines().count(), 1);
    assert!(!error.contains("my secret"), "{error}");
    let lines = temp_file("one\ntwo\n");
    let error = start_error(lines.path().to_str().expect("a path is text"), "");
    assert!(error.ends_with(": it has more than one line; a password file has one line\n"), "{error}");
}

#[test]
fn operator_password_can_come_from_environment() {
    let mut command = chat_tests::command(chat_tests::program("chat-server"));
    command.args(["--listen", "127.0.0.1:0", "--operator-password", "env:SECRET"]).env("SECRET", "sesame");
    let server = ChatServer::spawn(command);
    assert_eq!(request(&mut join(&server, "alice"), "/oper sesame"), ["[alice] is now a server operator"]);
}

#[cfg(unix)]
#[test]
fn password_file_readable_by_others_causes_warning() {
    use std::os::unix::fs::PermissionsExt as _;

    let password = temp_file("sesame");
    let path = password.path().to_str().expect("a path is text");
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).expect("it is ours");
    let server = ChatServer::start(&["--operator-password", path]);
    let _ = server.wait_for_log("chmod 600");
}
