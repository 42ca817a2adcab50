//! Compares one conversation exactly: the server's output, two plain-line connections, and chat-client's screen.

use chat_tests::{ChatServer, Client, start_chat_client};

#[test]
fn conversation_matches_documentation_on_all_sides() {
    let server = ChatServer::start(&[]);
    let mut alice = Client::join(server.address());
    let a = alice.name().to_owned();
    let printed_name = |name: &str| name.replace(':', ", ");
    assert_eq!(server.read_stdout(), format!("Client ({}) connected", printed_name(&a)));

    // A third member uses chat-client.
    let port = server.port().to_string();
    let mut you = start_chat_client(&port, &[], 14, 60);
    let connected = server.read_stdout();
    let yours = connected.strip_prefix("Client (127.0.0.1, ").and_then(|rest| rest.strip_suffix(") connected"));
    let y = format!("127.0.0.1:{}", yours.expect("the line is as documented"));
    let mut screen = "Connected to remote host. Start sending messages\n".to_owned();
    you.wait_for_cursor(&format!("{screen}<You>"), (1, 6));

    let mut bob = Client::join(server.address());
    let b = bob.name().to_owned();
    assert_eq!(server.read_stdout(), format!("Client ({}) connected", printed_name(&b)));
    screen = format!("{screen}[{b}] entered room\n");
    you.wait_for_cursor(&format!("{screen}<You>"), (2, 6));

    // A received line does not change the half-typed line.
    you.send("hello fr");
    you.wait_for_cursor(&format!("{screen}<You> hello fr"), (2, 14));
    alice.send("hello\n");
    screen = format!("{screen}<{a}> hello\n");
    you.wait_for_cursor(&format!("{screen}<You> hello fr"), (3, 14));
    bob.send("hi\r\n/help quit\n");
    screen = format!("{screen}<{b}> hi\n");
    you.wait_for_cursor(&format!("{screen}<You> hello fr"), (4, 14));
    you.send("om a prompt\r");
    screen += "<You> hello from a prompt\n";
    you.wait_for_cursor(&format!("{screen}<You>"), (5, 6));

    let help = "* /quit [MESSAGE]  Leave the chat, with an optional quit message".to_owned();
    let alias = "*   alias: /exit".to_owned();
    let expected = [format!("<{a}> hello"), help, alias, format!("<{y}> hello from a prompt")];
    for line in expected {
        assert_eq!(bob.read_line(), line);
    }
    bob.shutdown_write();
    assert_eq!(bob.read_to_end(), "");
    assert_eq!(server.read_stdout(), format!("Client ({}) is offline", printed_name(&b)));
    screen = format!("{screen}[{b}] is offline\n");
    you.wait_for_cursor(&format!("{screen}<You>"), (6, 6));

    you.send("/quit\r");
    assert_eq!(you.exit_code(), 0);
    assert_eq!(server.read_stdout(), format!("Client ({}) is offline", printed_name(&y)));
    assert_eq!(you.screen(), format!("{screen}<You> /quit"));

    let expected = [
        format!("[{y}] entered room"),
        format!("[{b}] entered room"),
        format!("<{b}> hi"),
        format!("<{y}> hello from a prompt"),
        format!("[{b}] is offline"),
        format!("[{y}] is offline"),
    ];
    assert_eq!(alice.barrier(), expected);
}

#[test]
fn prompt_reports_lost_server() {
    let server = ChatServer::start(&[]);
    let port = server.port().to_string();
    let mut you = start_chat_client(&port, &["--no-reconnect"], 8, 60);
    let screen = "Connected to remote host. Start sending messages\n<You>";
    you.wait_for_screen(screen);
    you.send("half");
    you.wait_for_screen(&format!("{screen} half"));
    server.kill();
    assert_eq!(you.exit_code(), 1);
    assert_eq!(you.screen(), format!("{screen} half\nDisconnected from chat server"));
}
