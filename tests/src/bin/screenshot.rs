//! Prints the screenshot in the README, from a real conversation.
//!
//! `cargo run -p chat-tests --bin screenshot > docs/chat-client.svg`

use std::io::Write as _;

use chat_tests::{ChatServer, Client, Peer, start_chat_client};

fn main() -> std::io::Result<()> {
    let server = ChatServer::start(&["--irc", "127.0.0.1:0"]);
    let (port, irc_port) = (server.port().to_string(), server.read_irc_port());
    let mut bob = Client::join_as(server.address(), "bob");
    bob.send("/topic tea at four\nis anybody here?\n");
    bob.read_until("[bob] set the topic: tea at four");

    let options = ["--nick", "alice", "--time-format", "%H:%M"];
    let mut alice = start_chat_client(&port, &options, 14, 76);
    alice.wait_for_text("<alice #lobby>");
    alice.send("I am, in chat-client\r");
    bob.read_until("<alice> I am, in chat-client");
    bob.send("and I in nc\n");
    alice.wait_for_text("and I in nc");

    let mut iris = Peer::new(std::net::TcpStream::connect(("127.0.0.1", irc_port))?);
    iris.send("NICK iris\r\nUSER iris 0 * :Iris\r\nJOIN #lobby\r\n");
    alice.wait_for_text("[iris] entered room");
    iris.send("PRIVMSG #lobby :alice: irssi works, too\r\nPRIVMSG #lobby :\x01ACTION puts the kettle on\x01\r\n");
    alice.wait_for_text("puts the kettle on");
    bob.send("/msg alice who brings the cake?\n");
    alice.wait_for_text("who brings the cake?");
    alice.send("/away at four\r");
    alice.wait_for_text("you are away: at four");
    alice.send("a half-typed line stays wh");
    alice.wait_for_text("stays wh");
    iris.send("PRIVMSG #lobby :日本のお茶はどうですか。\r\n");
    alice.wait_for_text("どうですか");
    std::io::stdout().write_all(alice.svg().as_bytes())
}
