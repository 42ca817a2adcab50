//! How chat-client reconnects to chat-server after the connection is lost, and when it does not.

use chat_tests::{
    CONNECTED, ChatServer, Client, Relay, ReservedPort, command, program, start_chat_client,
    start_chat_client_with_server,
};

#[test]
fn reconnect_restores_nick_and_room() {
    let port = ReservedPort::new();
    let server = ChatServer::start_on(&port.address().to_string(), &[]);
    let mut you =
        start_chat_client_with_server(&server, &["--nick", "alice", "--room", "#rust"], (16, 70), "<alice #rust>");
    you.send("half");
    server.kill();
    you.wait_for_text("* connection lost; reconnecting\n<alice #rust> half");
    you.send(" a line\rand a second\r");
    you.wait_for_text("<alice #rust> half a line\n<alice #rust> and a second\n");
    let server = ChatServer::start_on(&port.address().to_string(), &[]);
    you.wait_for_text("* reconnected");
    let mut bob = Client::join_as(server.address(), "bob");
    bob.send("/join #rust\n");
    // The client sent the lines typed in the meantime once, in order.
    bob.read_until("* you are in #rust now, with 1 other");
    let lines = [bob.read_line(), bob.read_line()];
    assert!(lines[0].ends_with("<alice> half a line"), "{lines:?}");
    assert!(lines[1].ends_with("<alice> and a second"), "{lines:?}");
    bob.send("welcome back, alice\n");
    you.wait_for_text("<bob> welcome back, alice\n<alice #rust>");
    assert_eq!(you.screen().matches("reconnecting").count(), 1, "{}", you.screen());
}

#[test]
fn missed_messages_arrive_once_in_order() {
    let server = ChatServer::start(&[]);
    let relay = Relay::start(server.port());
    let port = relay.port().to_string();
    let mut you = start_chat_client(&port, &["--nick", "alice"], 24, 70);
    you.wait_for_screen(&format!("{CONNECTED}\n<alice #lobby>"));
    let mut bob = Client::join_as(server.address(), "bob");
    bob.send("before\n");
    you.wait_for_text("<bob> before");
    relay.cut();
    you.wait_for_text("reconnecting");
    for number in 1..=5 {
        bob.send(format!("missed {number}\n"));
    }
    you.send("typed meanwhile\r");
    relay.restore();
    you.wait_for_text("* reconnected");
    bob.read_until("<alice> typed meanwhile");
    bob.send("after\n");
    you.wait_for_text("<bob> after");
    let screen = you.screen();
    let seen: Vec<&str> = screen.lines().filter_map(|line| Some(line.split_once("<bob> ")?.1)).collect();
    let missed = ["missed 1", "missed 2", "missed 3", "missed 4", "missed 5"];
    assert_eq!(seen, [&["before"][..], &missed, &["after"]].concat(), "{screen}");
    // The other member received no message twice, either.
    bob.send("/history 20\n");
    let mut own = 0;
    loop {
        let line = bob.read_line();
        own += usize::from(line.ends_with("typed meanwhile"));
        if line.ends_with("<bob> after") {
            break;
        }
    }
    assert_eq!(own, 1);
}

#[test]
fn connection_loss_while_reconnecting_loses_no_message() {
    let server = ChatServer::start(&[]);
    let relay = Relay::start(server.port());
    let port = relay.port().to_string();
    let options = ["--nick", "alice", "--room", "#den", "--room", "#tea"];
    let mut you = start_chat_client(&port, &options, 24, 70);
    you.wait_for_text("<alice #tea>");
    let mut bob = Client::join_as(server.address(), "bob");
    bob.send("/join #den\n");
    for (number, end) in ["\"hello\"", "\"entered\"", "\"past\"", "* chat-server"].into_iter().enumerate() {
        relay.cut();
        you.wait_for_count("reconnecting", number + 1);
        bob.send(format!("missed {number}\n"));
        relay.cut_after(end);
        relay.restore();
        you.wait_for_count("* reconnected", number + 1);
        you.wait_for_text(&format!("<bob> missed {number}"));
    }
    you.send("still in tea\r");
    you.wait_for_text("<alice #tea> still in tea\n<alice #tea>");
    let screen = you.screen();
    assert_eq!(screen.matches("reconnecting").count(), 4, "{screen}");
    for number in 0..4 {
        assert_eq!(screen.matches(&format!("missed {number}")).count(), 1, "{screen}");
    }
}

#[test]
fn text_for_lost_room_reaches_no_other_room() {
    let server = ChatServer::start(&[]);
    let relay = Relay::start(server.port());
    let port = relay.port().to_string();
    let mut bob = Client::join_as(server.address(), "bob");
    bob.send("/join #den\n/mode +k tea\n");
    let mut carol = Client::join_as(server.address(), "carol");
    let mut you = start_chat_client(&port, &["--nick", "alice"], 24, 70);
    you.wait_for_text("<alice #lobby>");
    you.send("/join #den tea\r");
    you.wait_for_text("<alice #den>");
    relay.cut();
    you.wait_for_text("reconnecting");
    you.send("with the key\r");
    relay.restore();
    bob.read_until("<alice> with the key");
    // The room key has changed, so the client can't rejoin.
    relay.cut();
    you.wait_for_count("reconnecting", 2);
    bob.send("/mode +k coffee\n");
    bob.barrier();
    you.send("the secret plan\r");
    relay.restore();
    you.wait_for_text("! you are not in #den");
    assert!(!carol.barrier().iter().any(|line| line.contains("secret plan")));
}

#[test]
fn no_reconnect_option_ends_the_client() {
    let server = ChatServer::start(&[]);
    let mut you =
        start_chat_client_with_server(&server, &["--no-reconnect", "--nick", "alice"], (8, 60), "<alice #lobby>");
    server.kill();
    assert_eq!(you.exit_code(), 1);
    assert_eq!(you.screen(), format!("{CONNECTED}\nDisconnected from chat server"));
}

#[test]
fn killed_client_does_not_reconnect() {
    let password = "env:CHAT_TEST_PASSWORD";
    let mut command = command(program("chat-server"));
    command.args(["--listen", "127.0.0.1:0", "--operator-password", password]).env("CHAT_TEST_PASSWORD", "hunter2");
    let server = ChatServer::spawn(command);
    let mut you = start_chat_client_with_server(&server, &["--nick", "alice"], (8, 80), "<alice #lobby>");
    let mut bob = Client::join_as(server.address(), "bob");
    bob.send("/oper hunter2\n/kill alice enough\n");
    assert_eq!(you.exit_code(), 1);
    assert!(
        you.screen().contains("\nDisconnected from chat server: bob closed your connection: enough"),
        "{}",
        you.screen()
    );
    assert!(!you.screen().contains("reconnecting"), "{}", you.screen());
}

#[test]
fn quit_does_not_reconnect() {
    let server = ChatServer::start(&[]);
    let mut you = start_chat_client_with_server(&server, &["--nick", "alice"], (8, 60), "<alice #lobby>");
    you.send("/quit bye\r");
    assert_eq!(you.exit_code(), 0);
}
