//! Nicknames, rooms and private messages in the plain line protocol.

use chat_tests::{ChatServer, Client};

/// Joins the first room with this nickname, and reads all lines that arrive until then.
fn join(server: &ChatServer, name: &str) -> Client {
    let mut client = Client::join(server.address());
    client.send(format!("/nick {name}\n"));
    assert_eq!(client.barrier(), [format!("* you are now known as {name}")]);
    client
}

#[test]
fn members_talk_in_two_rooms_and_privately() {
    let server = ChatServer::start(&[]);
    let mut alice = join(&server, "alice");
    let mut bob = join(&server, "bob");
    alice.barrier();

    alice.send("/join #den\n");
    assert_eq!(alice.barrier(), ["* you are in #den now, with 0 others"]);
    bob.send("/join #den\n");
    assert_eq!(bob.barrier(), ["* you are in #den now, with 1 other"]);
    bob.send("/join #lobby\nin the lobby\n");
    assert_eq!(bob.barrier(), ["* you are in #lobby now, with 1 other"]);
    assert_eq!(alice.barrier(), ["[bob] entered room", "#lobby <bob> in the lobby"]);

    alice.send("in the den\n/msg bob for you\n/me waves\n");
    assert_eq!(alice.barrier(), ["-> {bob} for you"]);
    assert_eq!(bob.barrier(), ["#den <alice> in the den", "{alice} for you", "#den (alice waves)"]);

    alice.send("/part\nback\n");
    assert_eq!(alice.barrier(), ["* you left #den; you are in #lobby now"]);
    assert_eq!(bob.barrier(), ["#den [alice] left room", "<alice> back"]);
    alice.send("/nick al\n/quit\n");
    assert_eq!(alice.read_to_end(), "* you are now known as al\n");
    assert_eq!(bob.barrier(), ["[alice] is now known as al", "[al] is offline"]);
}

#[test]
fn simultaneous_requests_for_one_nick_have_one_winner() {
    let server = ChatServer::start(&[]);
    let mut clients: Vec<_> = (0..20).map(|_| Client::join(server.address())).collect();
    for client in &mut clients {
        client.barrier();
    }
    for client in &mut clients {
        client.send("/nick Highlander\n");
    }
    let answers: Vec<_> = clients.iter_mut().flat_map(Client::barrier).collect();
    let count = |answer: &str| answers.iter().filter(|line| *line == answer).count();
    assert_eq!(count("* you are now known as Highlander"), 1);
    assert_eq!(count("! nickname Highlander is in use; choose another"), 19);
}

#[test]
fn nick_is_free_at_once_when_owner_leaves() {
    let server = ChatServer::start(&[]);
    let mut bob = join(&server, "bob");
    for _ in 0..10 {
        let mut alice = join(&server, "alice");
        alice.send("/quit\n");
        assert_eq!(alice.read_to_end(), "");
        assert_eq!(bob.barrier().last().map(String::as_str), Some("[alice] is offline"));
    }
}

#[test]
fn messages_stay_in_their_room() {
    const ROOMS: usize = 20;
    let server = ChatServer::start(&[]);
    let mut pairs: Vec<_> = (0..ROOMS)
        .map(|room| {
            [0, 1].map(|member| {
                let mut client = Client::join(server.address());
                client.send(format!("/nick n{room}-{member}\n/join #r{room}\n/part #lobby\n"));
                client
            })
        })
        .collect();
    for client in pairs.iter_mut().flatten() {
        client.barrier();
    }
    for (room, [first, _]) in pairs.iter_mut().enumerate() {
        for number in 0..100 {
            first.send(format!("{number} in {room}\n"));
        }
    }
    for (room, [first, second]) in pairs.iter_mut().enumerate() {
        // Either member may have received the join notice of the other.
        let texts = |client: &mut Client| client.barrier().into_iter().filter(|line| !line.starts_with('['));
        assert_eq!(texts(first).collect::<Vec<_>>(), [""; 0]);
        let expected: Vec<_> = (0..100).map(|number| format!("<n{room}-0> {number} in {room}")).collect();
        assert_eq!(texts(second).collect::<Vec<_>>(), expected);
    }
}

/// Returns the history that a server with these arguments sends to a new member, after three messages.
fn history_on_join(args: &[&str]) -> Vec<String> {
    let server = ChatServer::start(args);
    let mut alice = join(&server, "alice");
    alice.send("one\n/me is two\nthree\n");
    alice.barrier();
    let received = Client::join_and_read(server.address());
    received.into_iter().filter_map(|line| Some(line.strip_prefix("~ ")?.split_once("Z ")?.1.to_owned())).collect()
}

#[test]
fn late_joiner_receives_history() {
    assert_eq!(history_on_join(&[]), ["<alice> one", "(alice is two)", "<alice> three"]);
    assert_eq!(history_on_join(&["--history", "2"]), ["(alice is two)", "<alice> three"]);
    assert_eq!(history_on_join(&["--history", "0"]), [""; 0]);
}

#[test]
fn room_creator_moderates_the_room() {
    let server = ChatServer::start(&[]);
    let (mut alice, mut bob) = (join(&server, "alice"), join(&server, "bob"));
    alice.send("/join #den\n/mode +m\n");
    alice.barrier();
    bob.send("/join #den\nmay I?\n");
    let moderated = "! #den is moderated; only members with voice can speak";
    assert_eq!(bob.barrier(), ["* you are in #den now, with 1 other", moderated]);
    alice.send("/voice bob\n");
    alice.barrier();
    bob.send("I may\n/kick alice\n");
    assert_eq!(bob.barrier(), ["[alice] gave voice to bob", "! you are not an operator of #den"]);
    alice.send("/kick bob too loud\n/mode +i\n");
    let expected = [
        "[bob] entered room",
        "[alice] gave voice to bob",
        "<bob> I may",
        "[bob] was kicked by alice: too loud",
        "[alice] set mode +i (invite-only)",
    ];
    // The first barrier has already read the earlier lines.
    let received = alice.barrier();
    assert_eq!(received, expected[expected.len() - received.len()..]);
    bob.send("/join #den\n");
    let kicked = ["* alice kicked you from #den: too loud", "* you are in #lobby now"];
    assert_eq!(bob.barrier(), [&kicked[..], &["! #den is invite-only; ask an operator to invite you"]].concat());
}

#[test]
fn guest_names_hide_addresses() {
    let server = ChatServer::start(&["--names", "guest", "--room", "help"]);
    let mut first = Client::join(server.address());
    let mut second = Client::join(server.address());
    second.send("hello\n/rooms\n");
    assert_eq!(second.barrier(), ["* #help (0 members)", "* #lobby (2 members)"]);
    assert_eq!(first.barrier(), ["[guest-2] entered room", "<guest-2> hello"]);
}
