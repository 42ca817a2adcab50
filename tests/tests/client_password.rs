//! chat-client and servers that require a password: in a terminal, in a pipe, in `send` and `tail`.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::{fs, thread};

use chat_tests::keys::{CTRL_C, CTRL_D, ENTER};
use chat_tests::{CONNECTED, ChatServer, Client, Listener, Peer, Pty, program, start_chat_client};
use tempfile::NamedTempFile;

const PASSWORD: &str = "open sesame";
const REQUIRED: &str = "error: the server requires a password; use --password FILE or --password env:NAME\n";
const WRONG: &str = "error: refused by the server: wrong password; try again in 1s\n";

/// Creates a file that contains `text` and that only its owner can read.
fn temp_file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("there is room for a file");
    file.write_all(text.as_bytes()).expect("there is room for the text");
    file
}

fn path(file: &NamedTempFile) -> &str {
    file.path().to_str().expect("a path in UTF-8")
}

/// Starts a server that listens on `address` and requires [`PASSWORD`].
fn start_server(address: &str, password: &NamedTempFile, motd: &NamedTempFile) -> ChatServer {
    ChatServer::start_on(address, &["--password", path(password), "--motd", path(motd)])
}

/// Joins a plain-line member with the password and the nickname bob.
#[track_caller]
fn join_bob(server: &ChatServer) -> Client {
    let mut bob = Client::connect(server.address());
    bob.send(format!("/pass {PASSWORD}\n/nick bob\n"));
    bob.read_until("* you are now known as bob");
    bob
}

/// Starts chat-client in a terminal of 16 × 70.
fn start_in_terminal(port: &str, options: &[&str]) -> Pty {
    start_chat_client(port, options, 16, 70)
}

/// Runs chat-client with `input` from a pipe until it exits.
#[track_caller]
fn run(args: &[&str], input: &str) -> Output {
    let mut command = Command::new(program("chat-client"));
    command.args(args).env("SESAME", PASSWORD);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the client starts");
    // The client may have exited already.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("the client ends")
}

#[track_caller]
fn check(output: &Output, code: i32, stderr: &str) {
    let actual = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), actual.as_ref()), (Some(code), stderr));
}

/// Sends the greeting of a server that requires a password.
#[track_caller]
fn send_greeting(peer: &mut Peer) {
    peer.send("* chat-server 0: /json 1 switches to JSON lines\n* password required: /pass PASSWORD\n");
    peer.expect("/json 1 lines\n");
    peer.send("* JSON lines from here on\n");
}

/// Expects the password `text` and refuses it.
#[track_caller]
fn refuse_password(peer: &mut Peer, text: &str, error: &str) {
    peer.expect(&password_command(text));
    peer.send(format!("{{\"kind\":\"refused\",\"error\":\"{error}\",\"text\":\"told: {error}\",\"id\":0}}\n"));
    peer.send("{\"kind\":\"done\",\"id\":0,\"ok\":false}\n");
}

/// Expects the password `text` and accepts it.
#[track_caller]
fn accept_password(peer: &mut Peer, text: &str) {
    peer.expect(&password_command(text));
    peer.send("{\"kind\":\"hello\",\"since\":\"x\",\"name\":\"127.0.0.1:1\",\"room\":\"#lobby\"}\n");
    peer.send("{\"kind\":\"pong\",\"id\":0}\n{\"kind\":\"done\",\"id\":0,\"ok\":true}\n");
}

fn password_command(password: &str) -> String {
    format!("{{\"command\":\"ping\",\"id\":0,\"password\":\"{password}\"}}\n")
}

#[test]
fn prompt_takes_the_password_without_echo() {
    let (password, motd) = (temp_file("open sesame\n"), temp_file("Be kind.\n"));
    let server = start_server("127.0.0.1:0", &password, &motd);
    let mut bob = join_bob(&server);
    let mut you = start_in_terminal(&server.port().to_string(), &["--nick", "alice"]);
    you.wait_for_screen(&format!("{CONNECTED}\nPassword:"));
    you.send("open sesame\r");
    you.wait_for_screen(&format!("{CONNECTED}\nPassword:\n* Be kind.\n<alice #lobby>"));
    you.send("hi\r");
    bob.read_until("<alice> hi");
    assert!(!String::from_utf8_lossy(&you.output()).contains("sesame"), "{}", you.screen());
}

#[test]
fn prompt_asks_again_after_a_wrong_password() {
    let listener = Listener::new();
    let mut you = start_in_terminal(&listener.port(), &[]);
    let mut peer = listener.accept();
    send_greeting(&mut peer);
    you.wait_for_screen(&format!("{CONNECTED}\nPassword:"));
    // Invalid UTF-8 and editing keys.
    you.send_bytes(b"\xe9\xff\xc3\x1b[Ax\x7f");
    you.send(ENTER);
    refuse_password(&mut peer, "\u{fffd}\u{fffd}\u{fffd}", "wrong_password");
    you.wait_for_screen(&format!("{CONNECTED}\nPassword:\n! told: wrong_password\nPassword:"));
    you.send("one\r");
    // The server did not check this password.
    refuse_password(&mut peer, "one", "too_many_passwords");
    you.wait_for_text("! told: too_many_passwords\nPassword:");
    you.send("two\r");
    refuse_password(&mut peer, "two", "wrong_password");
    you.wait_for_count("Password:", 4);
    you.send("right\r");
    accept_password(&mut peer, "right");
    peer.expect("{\"command\":\"history\"");
}

#[test]
fn third_wrong_password_ends_the_client() {
    let listener = Listener::new();
    let mut you = start_in_terminal(&listener.port(), &[]);
    let mut peer = listener.accept();
    send_greeting(&mut peer);
    for number in 1..=3 {
        you.wait_for_count("Password:", number);
        you.send("wrong\r");
        refuse_password(&mut peer, "wrong", "wrong_password");
    }
    assert_eq!(you.exit_code(), 1);
    assert!(you.screen().ends_with("\nDisconnected from chat server: told: wrong_password"), "{}", you.screen());
}

#[test]
fn ctrl_c_and_ctrl_d_leave_password_prompt() {
    for keys in [CTRL_D, CTRL_C, "half\x03"] {
        let listener = Listener::new();
        let mut you = start_in_terminal(&listener.port(), &[]);
        let mut peer = listener.accept();
        send_greeting(&mut peer);
        you.wait_for_screen(&format!("{CONNECTED}\nPassword:"));
        you.send(keys);
        assert_eq!(you.exit_code(), 0);
        assert_eq!(you.screen(), format!("{CONNECTED}\nPassword:"));
        peer.expect_eof();
    }
}

#[test]
fn late_password_reconnects_without_notice() {
    let listener = Listener::new();
    let mut you = start_in_terminal(&listener.port(), &[]);
    let mut peer = listener.accept();
    send_greeting(&mut peer);
    you.wait_for_screen(&format!("{CONNECTED}\nPassword:"));
    drop(peer);
    you.send("late\r");
    let mut peer = listener.accept();
    send_greeting(&mut peer);
    accept_password(&mut peer, "late");
    peer.expect("{\"command\":\"history\"");
    assert!(!you.screen().contains("lost"), "{}", you.screen());
}

#[test]
fn pass_command_answers_late_password_request() {
    let listener = Listener::new();
    let mut you = start_in_terminal(&listener.port(), &[]);
    let mut peer = listener.accept();
    // The first prompt does not wait for a silent server.
    you.wait_for_screen(&format!("{CONNECTED}\n<You>"));
    send_greeting(&mut peer);
    you.wait_for_screen(&format!("{CONNECTED}\n* password required: /pass PASSWORD\n<You>"));
    you.send("/pass wrong\r");
    refuse_password(&mut peer, "wrong", "wrong_password");
    you.wait_for_text("! told: wrong_password\n* password required: /pass PASSWORD\n<You>");
    you.send("/pass right\r");
    accept_password(&mut peer, "right");
    peer.expect("{\"command\":\"history\"");
}

#[test]
fn password_option_works_in_every_mode() {
    let (password, motd) = (temp_file("open sesame\n"), temp_file("Be kind.\n"));
    let server = start_server("127.0.0.1:0", &password, &motd);
    let port = server.port().to_string();
    let mut bob = join_bob(&server);
    for source in [path(&password), "env:SESAME"] {
        check(&run(&["send", "--password", source, "-p", &port, "127.0.0.1", "sent"], ""), 0, "");
        bob.read_until("> sent");
        let output = run(&["tail", "--password", source, "-n", "1", "-p", &port, "127.0.0.1"], "");
        check(&output, 0, "");
        assert!(String::from_utf8_lossy(&output.stdout).ends_with("> sent\n"));
        let output = run(&["--password", source, "--nick", "al", "127.0.0.1", &port], "piped\n");
        check(&output, 0, "");
        bob.read_until("<al> piped");
        let printed = String::from_utf8(output.stdout).expect("text");
        assert!(printed.starts_with(&format!("{CONNECTED}\n* Be kind.\n")), "{printed}");
        assert!(!printed.contains("password") && !printed.contains("pong"), "{printed}");
    }
    let you = start_in_terminal(&port, &["--password", path(&password), "--nick", "alice"]);
    you.wait_for_text("* Be kind.\n");
    you.wait_for_text("\n<alice #lobby>");
}

#[test]
fn missing_password_sends_nothing() {
    let (password, motd) = (temp_file("open sesame\n"), temp_file(""));
    let server = start_server("127.0.0.1:0", &password, &motd);
    let port = server.port().to_string();
    let mut bob = join_bob(&server);
    check(&run(&["127.0.0.1", &port], "piped\n"), 3, REQUIRED);
    check(&run(&["send", "-p", &port, "127.0.0.1", "sent"], ""), 3, REQUIRED);
    check(&run(&["tail", "-p", &port, "127.0.0.1"], ""), 3, REQUIRED);
    let received = bob.barrier();
    assert!(received.is_empty(), "{received:?}");
}

#[test]
fn wrong_password_option_is_refused() {
    let (password, motd, wrong) = (temp_file("open sesame\n"), temp_file(""), temp_file("wrong\n"));
    let modes: [&[&str]; 3] =
        [&["--password", path(&wrong)], &["send", "--password", path(&wrong)], &["tail", "--password", path(&wrong)]];
    for mode in modes {
        // A server for each attempt, because a wrong password delays the next one.
        let server = start_server("127.0.0.1:0", &password, &motd);
        let port = server.port().to_string();
        let rest: &[&str] = match mode[0] {
            "send" => &["-p", &port, "127.0.0.1", "sent"],
            "tail" => &["-p", &port, "127.0.0.1"],
            _ => &["127.0.0.1", &port],
        };
        check(&run(&[mode, rest].concat(), "piped\n"), 3, WRONG);
    }
    let server = start_server("127.0.0.1:0", &password, &motd);
    let mut you = start_in_terminal(&server.port().to_string(), &["--password", path(&wrong)]);
    assert_eq!(you.exit_code(), 3);
    assert_eq!(you.screen(), format!("{CONNECTED}\n{}", WRONG.trim_end()));
}

#[test]
fn reconnect_sends_password_again() {
    let (password, motd) = (temp_file("open sesame\n"), temp_file("Be kind.\n"));
    let server = start_server("127.0.0.1:0", &password, &motd);
    let address = server.address().to_string();
    let mut you = start_in_terminal(&server.port().to_string(), &["--nick", "alice"]);
    you.wait_for_text("Password:");
    you.send("open sesame\r");
    you.wait_for_text("\n<alice #lobby>");
    server.kill();
    you.wait_for_text("reconnecting");
    you.send("typed meanwhile\r");
    let server = start_server(&address, &password, &motd);
    you.wait_for_text("* reconnected");
    let mut bob = Client::connect(server.address());
    bob.send(format!("/pass {PASSWORD}\n"));
    bob.read_until("<alice> typed meanwhile");
    assert_eq!(you.screen().matches("* Be kind.").count(), 1, "{}", you.screen());
}

#[test]
fn reconnect_retries_while_server_throttles_passwords() {
    let listener = Listener::new();
    let password = temp_file("right\n");
    let mut you = start_in_terminal(&listener.port(), &["--password", path(&password)]);
    let mut peer = listener.accept();
    send_greeting(&mut peer);
    accept_password(&mut peer, "right");
    // Without a nickname and rooms, the client requests the history, the topic, the members and the help.
    for id in 1..=4 {
        peer.send(format!("{{\"kind\":\"done\",\"id\":{id},\"ok\":true}}\n"));
    }
    you.wait_for_text("\n<You>");
    drop(peer);
    let mut peer = listener.accept();
    send_greeting(&mut peer);
    refuse_password(&mut peer, "right", "too_many_passwords");
    let mut peer = listener.accept();
    send_greeting(&mut peer);
    accept_password(&mut peer, "right");
    peer.expect("{\"command\":\"join\"");
    // The server's password has changed.
    drop(peer);
    let mut peer = listener.accept();
    send_greeting(&mut peer);
    refuse_password(&mut peer, "right", "wrong_password");
    you.wait_for_text("! told: wrong_password\n* password required: /pass PASSWORD\n<You>");
    you.send("/pass new\r");
    accept_password(&mut peer, "new");
    peer.expect("{\"command\":\"join\"");
}

#[test]
fn configuration_file_can_name_password_file() {
    let (password, motd) = (temp_file("open sesame\n"), temp_file(""));
    let server = start_server("127.0.0.1:0", &password, &motd);
    let config = temp_file(&format!("nick = \"alice\"\npassword = \"{}\"\n", path(&password)));
    let you = start_in_terminal(&server.port().to_string(), &["--config", path(&config)]);
    you.wait_for_screen(&format!("{CONNECTED}\n<alice #lobby>"));
}

#[test]
fn client_sends_no_password_to_other_servers() {
    let password = temp_file("open sesame\n");
    for greeting in ["welcome\n", "* password required: /pass PASSWORD\n"] {
        let listener = Listener::new();
        let port = listener.port();
        let file = path(&password).to_owned();
        let client = thread::spawn(move || run(&["--password", &file, "127.0.0.1", &port], "hi\n"));
        let mut peer = listener.accept();
        peer.send(greeting);
        peer.expect("hi\n");
        peer.expect_eof();
        drop(peer);
        let output = client.join().expect("the client has run");
        check(&output, 0, "");
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{CONNECTED}\n{greeting}"));
    }
}

#[test]
fn password_is_ignored_where_none_is_required() {
    let (password, motd) = (temp_file("open sesame\n"), temp_file("Be kind.\n"));
    let server = ChatServer::start(&["--motd", path(&motd)]);
    let port = server.port().to_string();
    let mut bob = Client::join(server.address());
    check(&run(&["send", "--password", path(&password), "-p", &port, "127.0.0.1", "sent"], ""), 0, "");
    bob.read_until("> sent");
    let output = run(&["--password", path(&password), "127.0.0.1", &port], "piped\n");
    check(&output, 0, "");
    bob.read_until("> piped");
    let you = start_in_terminal(&port, &["--password", path(&password), "--nick", "alice"]);
    you.wait_until("the message of the day should be shown once", |screen| {
        screen.ends_with("\n<alice #lobby>") && screen.matches("* Be kind.").count() == 1
    });
}

#[test]
fn invalid_password_source_is_reported() {
    let needed = "; give a file that contains the password, or env:NAME, but not the password itself\n";
    let output = run(&["--password", "hunter2", "127.0.0.1", "1"], "");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr.starts_with("error: can't read the password file (name not shown): "), "{stderr}");
    assert!(stderr.ends_with(needed) && !stderr.contains("hunter2"), "{stderr}");
    for (text, wrong) in [(" \n", "it is blank"), ("a\nb\n", "it has several lines")] {
        let output = run(&["send", "--password", path(&temp_file(text)), "127.0.0.1", "hi"], "");
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(wrong), "{output:?}");
    }
}

#[cfg(unix)]
#[test]
fn password_file_readable_by_others_is_reported() {
    use std::os::unix::fs::PermissionsExt as _;

    let server = ChatServer::start(&[]);
    let password = temp_file("open sesame\n");
    fs::set_permissions(password.path(), fs::Permissions::from_mode(0o644)).expect("it is ours");
    let port = server.port().to_string();
    let output = run(&["send", "--password", path(&password), "-p", &port, "127.0.0.1", "hi"], "");
    let file = path(&password);
    let warning = format!("warning: other users can read the password file {file}; run chmod 600 to prevent that\n");
    check(&output, 0, &warning);
}
