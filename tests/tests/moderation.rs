//! Moderation as plain-line members see it: kicks, bans, mutes, server operators.

use std::fs;
use std::io::Write as _;

use chat_tests::{ChatServer, Client};

/// Joins the home room with this nickname and reads everything sent so far.
fn join(server: &ChatServer, name: &str) -> Client {
    named(Client::connect(server.address()), name)
}

/// Does the same as [`join`], from a different address.
fn join_from_elsewhere(server: &ChatServer, name: &str) -> Client {
    named(Client::connect_from([127, 0, 0, 2].into(), server.address()), name)
}

fn named(mut client: Client, name: &str) -> Client {
    client.barrier();
    client.send(format!("/nick {name}\n"));
    assert!(client.barrier().contains(&format!("* you are now known as {name}")));
    client
}

/// Sends a line and returns the reply, without the join and leave notices in between.
fn ask(client: &mut Client, line: &str) -> Vec<String> {
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
        ask(client, "/join #den");
    }
    ask(&mut alice, "/kick bob too loud");
    assert_eq!(bob.barrier(), ["* alice kicked you from #den: too loud", "* you are in #lobby now"]);
    ask(&mut bob, "/join #den");
    ask(&mut alice, "/ban bob 1h noise");
    let told = [
        "[alice] banned bob from #den for 1h: noise",
        "* alice kicked you from #den: noise",
        "* you are in #lobby now",
    ];
    assert_eq!(bob.barrier(), told);
    let _ = server.wait_for_log("alice banned bob from #den for 1h: noise");
    let _ = server.wait_for_log("alice kicked bob from #den: noise");

    let refused = |answer: Vec<String>| {
        let why = answer.first().expect("an answer");
        assert!(why.starts_with("! you are banned from #den for ") && why.ends_with(": noise"), "{answer:?}");
    };
    refused(ask(&mut bob, "/join #den"));
    ask(&mut bob, "/nick rob");
    refused(ask(&mut bob, "/join #den"));
    ask(&mut alice, "/invite rob");
    refused(ask(&mut bob, "/join #den"));
    bob.send("/quit\n");
    bob.read_to_end();
    refused(ask(&mut join(&server, "robert"), "/join #den"));
    refused(ask(&mut join_from_elsewhere(&server, "BOB"), "/join #den"));

    let entered = "* you are in #den now, with 1 other";
    let mut carol = join_from_elsewhere(&server, "carol");
    assert_eq!(ask(&mut carol, "/join #den"), [entered]);
    ask(&mut carol, "/part");
    ask(&mut alice, "/unban bob");
    assert_eq!(ask(&mut join(&server, "robert"), "/join #den"), [entered]);
}

#[test]
fn ban_expires() {
    let server = ChatServer::start(&[]);
    let (mut alice, mut bob) = (join(&server, "alice"), join(&server, "bob"));
    ask(&mut alice, "/join #den");
    ask(&mut alice, "/ban bob 1s");
    chat_tests::eventually("the ban is over", || {
        ask(&mut bob, "/join #den").first().is_some_and(|line| line.starts_with("* you are in #den now"))
    });
}

#[test]
fn mute_holds_in_one_room_until_unmute() {
    let server = ChatServer::start(&[]);
    let (mut alice, mut bob) = (join(&server, "alice"), join(&server, "bob"));
    for client in [&mut alice, &mut bob] {
        ask(client, "/join #den");
    }
    ask(&mut alice, "/mute bob");
    for line in ["may I?", "/topic may I?", "/nick may-I"] {
        assert_eq!(ask(&mut bob, line), ["! you are muted in #den"]);
    }
    ask(&mut bob, "/join #lobby");
    ask(&mut bob, "here I may");
    assert_eq!(alice.barrier().last().map(String::as_str), Some("#lobby <bob> here I may"));
    ask(&mut alice, "/unmute bob");
    ask(&mut bob, "/join #den");
    ask(&mut bob, "there, too");
    assert_eq!(alice.barrier().last().map(String::as_str), Some("<bob> there, too"));
}

/// Creates a temporary file with this content; dropping the value deletes it.
fn file(content: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file can be made");
    file.write_all(content.as_bytes()).expect("it can be written");
    file
}

#[test]
fn server_operator_moderates_the_whole_server() {
    let password = file("open sesame\n");
    let path = password.path().to_str().expect("a path is text");
    let server = ChatServer::start(&["-v", "--operator-password", path]);
    let (mut carol, mut alice) = (join_from_elsewhere(&server, "carol"), join(&server, "alice"));
    let mut bob = join(&server, "bob");
    assert_eq!(ask(&mut carol, "/oper open sesame"), ["[carol] is now a server operator"]);
    ask(&mut alice, "/join #den");
    ask(&mut alice, "/mode +i");
    assert_eq!(ask(&mut carol, "/join #den"), ["* you are in #den now, with 1 other"]);
    ask(&mut carol, "/topic tea");
    assert_eq!(alice.barrier(), ["[carol] entered room", "[carol] set the topic: tea"]);

    ask(&mut carol, "/announce going down at five");
    assert_eq!(bob.barrier(), ["* carol announces: going down at five"]);
    ask(&mut carol, "/kill bob spam");
    assert_eq!(bob.read_to_end(), "! carol closed your connection: spam\n");
    let _ = server.wait_for_log("bob was closed by carol: spam");
    ask(&mut carol, "/serverban alice 10m spam");
    let why = "you are banned from this server for 10m: spam";
    let rest = alice.read_to_end();
    assert!(rest.ends_with(&format!("! {why}\n")), "{rest}");
    let _ = server.wait_for_log("alice was closed: banned: spam");
    // The ban matches her address. Later connections receive the remaining time.
    let refused = Client::connect(server.address()).read_to_end();
    assert!(
        refused.starts_with("! you are banned from this server for ") && refused.ends_with(": spam\n"),
        "{refused}"
    );
    let _ = server.wait_for_log("was refused: banned from this server for ");
    ask(&mut carol, "/serverunban 127.0.0.1");
    let _ = Client::join(server.address());
}

#[test]
fn wrong_operator_passwords_are_delayed_and_logged() {
    let password = file("sesame");
    let path = password.path().to_str().expect("a path is text");
    let server = ChatServer::start(&["--operator-password", path]);
    let (mut alice, mut bob) = (join(&server, "alice"), join(&server, "bob"));
    assert_eq!(ask(&mut bob, "/oper simsim"), ["! wrong password; try again in 1s"]);
    let logged = server.wait_for_log("password");
    assert!(logged.ends_with("bob gave a wrong operator password"), "{logged}");
    // The delay applies to every connection from the same address.
    let early = "! too many wrong passwords; try again in 1s";
    let is_early = |answer: &[String]| answer.last().map(String::as_str) == Some(early);
    assert!(is_early(&ask(&mut bob, "/oper sesame")));
    while is_early(&ask(&mut alice, "/oper sesame")) {}
    assert_eq!(ask(&mut alice, "/oper sesame"), ["! you are already a server operator"]);
}

#[test]
fn unreadable_operator_password_is_a_clear_error() {
    let refused = |place: &str, variable: &str| {
        let mut command = chat_tests::command(chat_tests::program("chat-server"));
        command.args(["--listen", "127.0.0.1:0", "--max-connections", "10"]);
        let output = command.args(["--operator-password", place]).env("SECRET", variable);
        let output = output.output().expect("it starts");
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).expect("errors are text")
    };
    let blank = file(" \n");
    let blank = blank.path().to_str().expect("a path is text");
    let what = "can't read the password from";
    let why = "password is blank; at least one character is needed";
    assert!(refused(blank, "").ends_with(&format!("chat-server: {what} the file {blank}: {why}\n")));
    assert_eq!(refused("env:SECRET", ""), format!("chat-server: {what} the environment variable SECRET: {why}\n"));
    let missing = format!("chat-server: {what} the environment variable NOT_THERE: environment variable not found\n");
    assert_eq!(refused("env:NOT_THERE", ""), missing);
    let error = refused("my secret", "");
    assert!(error.contains("give a file that holds the password, or env:NAME; not the password itself"), "{error}");
    assert_eq!(error.lines().count(), 1);
    assert!(!error.contains("my secret"), "{error}");
    let lines = file("one\ntwo\n");
    let error = refused(lines.path().to_str().expect("a path is text"), "");
    assert!(error.ends_with(": it has more than one line; a password file has one line\n"), "{error}");
}

#[test]
fn operator_password_can_be_in_the_environment() {
    let mut command = chat_tests::command(chat_tests::program("chat-server"));
    command.args(["--listen", "127.0.0.1:0", "--operator-password", "env:SECRET"]).env("SECRET", "sesame");
    let server = ChatServer::spawn(command);
    assert_eq!(ask(&mut join(&server, "alice"), "/oper sesame"), ["[alice] is now a server operator"]);
}

#[cfg(unix)]
#[test]
fn password_file_readable_by_others_causes_warning() {
    use std::os::unix::fs::PermissionsExt as _;

    let password = file("sesame");
    let path = password.path().to_str().expect("a path is text");
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).expect("it is ours");
    let server = ChatServer::start(&["--operator-password", path]);
    let _ = server.wait_for_log("chmod 600");
}
