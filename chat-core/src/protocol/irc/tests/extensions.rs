//! Tests of the `IRCv3` extensions.

use super::*;

#[test]
fn capabilities_are_listed_and_requested() {
    let all = "away-notify batch cap-notify draft/chathistory echo-message extended-join invite-notify labeled-response \
               message-tags multi-prefix server-time setname standard-replies userhost-in-names";
    check(&[], "a CAP LS 302", &[&format!("a :s CAP alice LS :{all}")]);
    check(&[], "a CAP REQ :batch -batch server-time", &["a :s CAP alice ACK :batch -batch server-time"]);
    check(&["a CAP REQ :batch server-time", "a CAP REQ -batch"], "a CAP LIST", &["a :s CAP alice LIST :server-time"]);
    check(&["a CAP REQ :batch nonsense"], "a CAP LIST", &["a :s CAP alice LIST :"]);
    check(&[], "a CAP END", &[]);
}

#[test]
fn events_carry_server_time_and_msgid() {
    let said = ["b @time=1970-01-01T00:00:01.500Z :alice!alice@host PRIVMSG #lobby :hi", "l <alice> hi"];
    check(&["b CAP REQ server-time"], "a PRIVMSG #lobby :hi", &said);
    let mut scene = Scene::of_three();
    scene.say('b', "CAP REQ :message-tags server-time\r\n");
    scene.forget();
    for _ in 0..2 {
        scene.say('a', "PRIVMSG bob :hi\r\n");
    }
    let received = scene.received();
    let number = |line: &str| -> u64 {
        let (_, rest) = line.split_once(";msgid=").expect("an id");
        let (_, rest) = rest.split_once('-').expect("a number");
        rest.split(' ').next().expect("a word").parse().expect("a number")
    };
    assert!(number(&received[0]) < number(&received[1]), "{received:?}");
}

#[test]
fn echo_message_returns_own_messages() {
    let echo = ["a :alice!alice@host PRIVMSG #lobby :hi", "b :alice!alice@host PRIVMSG #lobby :hi", "l <alice> hi"];
    check(&["a CAP REQ echo-message"], "a PRIVMSG #lobby :hi", &echo);
    let echo = ["a :alice!alice@host PRIVMSG BOB :hi", "b :alice!alice@host PRIVMSG bob :hi"];
    check(&["a CAP REQ echo-message"], "a PRIVMSG bob :hi", &[&echo[0].replace("BOB", "bob"), echo[1]]);
}

#[test]
fn join_follows_extended_join_and_userhost_in_names() {
    let joined = [
        "a :bob!bob@host JOIN #den * :bob real",
        "b :bob!bob@host JOIN #den",
        "b :s 353 bob = #den :@alice!alice@host bob!bob@host",
        "b :s 366 bob #den :End of NAMES list",
    ];
    check(&["a CAP REQ extended-join", "b CAP REQ userhost-in-names", "a JOIN #den"], "b JOIN #den", &joined);
    let mut scene = Scene::of_three();
    scene.say('b', "CAP REQ extended-join\r\n");
    scene.forget();
    scene.say('b', "JOIN #den\r\n");
    assert_eq!(scene.received()[0], "b :bob!bob@host JOIN #den * :bob real");
}

#[test]
fn answer_carries_label_of_request() {
    let labels = &["a CAP REQ :labeled-response batch"][..];
    check(labels, "a @label=7 PING x", &["a @label=7 :s PONG s :x"]);
    check(labels, "a @label=7 FOO", &["a @label=7 :s 421 alice FOO :Unknown command"]);
    check(labels, "a @label=7 PONG x", &["a @label=7 :s ACK"]);
    check(labels, "a @label=7 PRIVMSG bob :x", &["a @label=7 :s ACK", "b :alice!alice@host PRIVMSG bob :x"]);
    let who = [
        "a @label=7 :s BATCH +1 labeled-response",
        "a @batch=1 :s 352 alice * bob host s bob H :0 bob real",
        "a @batch=1 :s 315 alice bob :End of WHO list",
        "a :s BATCH -1",
    ];
    check(labels, "a @label=7 WHO bob", &who);
    let joined = [
        "a @label=7 :s BATCH +1 labeled-response",
        "a @batch=1 :alice!alice@host JOIN #one",
        "a @batch=1 :s 353 alice = #one :@alice",
        "a @batch=1 :s 366 alice #one :End of NAMES list",
        "a @batch=1 :alice!alice@host JOIN #two",
        "a @batch=1 :s 353 alice = #two :@alice",
        "a @batch=1 :s 366 alice #two :End of NAMES list",
        "a :s BATCH -1",
    ];
    check(labels, "a @label=7 JOIN #one,#two", &joined);
    check(&[], "a @label=7 PING x", &["a :s PONG s :x"]);
    let quit = [
        "a @label=7 :s ACK",
        "a ERROR :Closing Link: Quit: bye",
        "b :alice!alice@host QUIT :Quit: bye",
        "l [alice] is offline: bye",
    ];
    check(labels, "a @label=7 QUIT :bye", &quit);
    let to_self = ["a :alice!alice@host PRIVMSG alice :x", "a @label=7 :alice!alice@host PRIVMSG alice :x"];
    check(&["a CAP REQ :labeled-response batch echo-message"], "a @label=7 PRIVMSG alice :x", &to_self);
    check(&[], "a @+typing=active TAGMSG #lobby", &[]);
    let echo = ["a @label=7 :alice!alice@host PRIVMSG bob :x", "b :alice!alice@host PRIVMSG bob :x"];
    check(&["a CAP REQ :labeled-response batch echo-message"], "a @label=7 PRIVMSG bob :x", &echo);
}

#[test]
fn room_event_answers_labeled_command() {
    let labels = &["a CAP REQ :labeled-response batch", "a JOIN #den", "b JOIN #den"][..];
    let topic = ["a @label=7 :alice!alice@host TOPIC #den :tea", "b :alice!alice@host TOPIC #den :tea"];
    check(labels, "a @label=7 TOPIC #den tea", &topic);
    let voice = ["a @label=7 :alice!alice@host MODE #den +v bob", "b :alice!alice@host MODE #den +v bob"];
    check(labels, "a @label=7 MODE #den +v bob", &voice);
    let kick = ["a @label=7 :alice!alice@host KICK #den bob :alice", "b :alice!alice@host KICK #den bob :alice"];
    check(labels, "a @label=7 KICK #den bob", &kick);
    let mixed = [
        "a @label=7 :s BATCH +1 labeled-response",
        "a @batch=1 :s 403 alice den :No such channel; channel names start with #",
        "a @batch=1 :alice!alice@host PART #den",
        "a :s BATCH -1",
        "b :alice!alice@host PART #den",
    ];
    check(labels, "a @label=7 PART den,#den", &mixed);
}

#[test]
fn labeled_batch_continues_after_throttled_command() {
    let mut scene = Scene::of_three();
    scene.say('a', "JOIN #one\r\n");
    scene.say('b', "CAP REQ :labeled-response batch\r\n");
    scene.forget();
    // The rate limit may delay the later commands of a line.
    scene.say_interrupted('b', "@label=7 JOIN #one,#two,#three\r\n", 1, |scene| scene.say('a', "KICK #one bob\r\n"));
    let received = scene.received().into_iter().filter(|line| line.starts_with('b')).collect::<Vec<_>>();
    let expected = [
        "b @label=7 :s BATCH +1 labeled-response",
        "b @batch=1 :bob!bob@host JOIN #one",
        "b @batch=1 :s 353 bob = #one :@alice bob",
        "b @batch=1 :s 366 bob #one :End of NAMES list",
        "b :alice!alice@host KICK #one bob :alice",
        "b @batch=1 :bob!bob@host JOIN #two",
        "b @batch=1 :s 353 bob = #two :@bob",
        "b @batch=1 :s 366 bob #two :End of NAMES list",
        "b @batch=1 :bob!bob@host JOIN #three",
        "b @batch=1 :s 353 bob = #three :@bob",
        "b @batch=1 :s 366 bob #three :End of NAMES list",
        "b :s BATCH -1",
    ];
    assert_eq!(received, expected);
}

#[test]
fn first_piece_of_split_text_has_msgid() {
    let mut scene = Scene::of_three();
    scene.say('a', "CAP REQ :message-tags server-time\r\n");
    scene.forget();
    scene.say('l', &format!("{}\n", "x".repeat(1000)));
    let received: Vec<_> = scene.received().into_iter().filter(|line| line.starts_with("a ")).collect();
    let ids: Vec<_> = received.iter().map(|line| line.contains("msgid=")).collect();
    assert_eq!(ids, [true, false, false], "{received:?}");
    assert!(received.iter().all(|line| line.starts_with("a @time=")), "{received:?}");
}

#[test]
fn capability_change_applies_only_to_later_commands() {
    let mut scene = Scene::of_three();
    scene.say('a', "PRIVMSG alice :1\r\nCAP REQ :echo-message\r\nPRIVMSG alice :2\r\nCAP REQ -echo-message\r\n");
    let received = [
        "a :alice!alice@host PRIVMSG alice :1",
        "a :s CAP alice ACK :echo-message",
        "a :alice!alice@host PRIVMSG alice :2",
        "a :alice!alice@host PRIVMSG alice :2",
        "a :s CAP alice ACK :-echo-message",
    ];
    assert_eq!(scene.received(), received);
}

#[test]
fn away_notify_announces_away_changes() {
    let notify = &["a CAP REQ away-notify"][..];
    let away = ["a :bob!bob@host AWAY :out", "b :s 306 bob :You have been marked as being away"];
    check(notify, "b AWAY :out", &away);
    let back = ["a :bob!bob@host AWAY", "b :s 305 bob :You are no longer marked as being away"];
    check(&[notify, &["b AWAY out"]].concat(), "b AWAY", &back);
    check(&[], "b AWAY :out", &away[1..]);
    let mut scene = Scene::of_three();
    scene.say('a', "CAP REQ away-notify\r\nJOIN #den\r\n");
    scene.say('b', "AWAY :out\r\n");
    scene.forget();
    scene.say('b', "JOIN #den\r\n");
    let received = scene.received();
    assert_eq!(received[..2], ["a :bob!bob@host JOIN #den", "a :bob!bob@host AWAY :out"], "{received:?}");
    // A member without a voice in a moderated channel is not announced there.
    let muted = ["a CAP REQ away-notify", "a PART #lobby", "a JOIN #den", "b JOIN #den", "a MODE #den +m"];
    check(&muted, "b AWAY :out", &away[1..]);
}

#[test]
fn setname_changes_real_name() {
    let set = ["a :bob!bob@host SETNAME :Robert", "b :bob!bob@host SETNAME :Robert"];
    check(&["a CAP REQ setname", "b CAP REQ setname"], "b SETNAME :Robert", &set);
    check(&[], "b SETNAME :Robert", &[]);
    let mut scene = Scene::of_three();
    scene.say('b', "SETNAME :Robert\r\n");
    scene.say('a', "WHOIS bob\r\n");
    assert_eq!(scene.received()[0], "a :s 311 alice bob bob host * :Robert");
    check(&[], "b SETNAME", &["b :s 461 bob SETNAME :Not enough parameters: SETNAME real-name"]);
    check(&[], "b SETNAME :  ", &["b :s FAIL SETNAME INVALID_REALNAME :text is blank; type something"]);
    let long = format!("b SETNAME :{}", "x".repeat(401));
    let why = "b :s FAIL SETNAME INVALID_REALNAME :text is 401 bytes long; at most 400 are allowed";
    check(&[], &long, &[why]);
    // A muted member is not announced in the room.
    for restriction in ["l /mute bob", "l /mode +m"] {
        let before = [
            "l /join den",
            "b JOIN #den",
            "a JOIN #den",
            "a PART #lobby",
            "a CAP REQ setname",
            "b CAP REQ setname",
            restriction,
        ];
        check(&before, "b SETNAME x", &["b :bob!bob@host SETNAME x".replace(" x", " :x").as_str()]);
    }
}

/// Returns what bob receives for a request after ten messages `0` to `9` in `#den`: texts of messages, or other lines.
///
/// `request` gets the message ids.
fn history(request: impl Fn(&[String]) -> String) -> Vec<String> {
    let mut scene = Scene::of_three();
    scene.say('b', "CAP REQ :draft/chathistory batch server-time message-tags\r\nJOIN #den\r\n");
    scene.forget();
    for number in 0..10 {
        scene.say('a', "JOIN #den\r\n");
        scene.say('a', &format!("PRIVMSG #den :{number}\r\n"));
    }
    let ids: Vec<String> = scene
        .received()
        .iter()
        .filter_map(|line| line.strip_prefix("b ")?.split_once(" PRIVMSG").map(|_| line.clone()))
        .map(|line| {
            let (_, rest) = line.split_once("msgid=").expect("an id");
            rest.split(' ').next().expect("a word").to_owned()
        })
        .collect();
    assert_eq!(ids.len(), 10);
    scene.say('b', &format!("{}\r\n", request(&ids)));
    let line = |line: String| match line.split_once(" PRIVMSG #den :") {
        Some((_, text)) => text.to_owned(),
        None => line[2..].to_owned(),
    };
    scene.received().into_iter().map(line).collect()
}

#[test]
fn chathistory_returns_requested_messages() {
    let check = |request: &dyn Fn(&[String]) -> String, texts: &[&str]| {
        let received = history(request);
        let request = request(&(0..10).map(|number| number.to_string()).collect::<Vec<_>>());
        assert_eq!(received[0], ":s BATCH +h1 chathistory #den", "{request}: {received:?}");
        assert_eq!(received[received.len() - 1], ":s BATCH -h1", "{request}");
        assert_eq!(received[1..received.len() - 1], *texts, "{request}");
    };
    check(&|_| "CHATHISTORY LATEST #den * 3".into(), &["7", "8", "9"]);
    check(&|_| "chathistory latest #DEN * 1000".into(), &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    check(&|n| format!("CHATHISTORY LATEST #den msgid={} 99", n[7]), &["8", "9"]);
    check(&|n| format!("CHATHISTORY BEFORE #den msgid={} 2", n[6]), &["4", "5"]);
    check(&|n| format!("CHATHISTORY AFTER #den msgid={} 2", n[6]), &["7", "8"]);
    check(&|n| format!("CHATHISTORY AROUND #den msgid={} 3", n[6]), &["5", "6", "7"]);
    check(&|n| format!("CHATHISTORY AROUND #den msgid={} 1", n[6]), &["6"]);
    check(&|n| format!("CHATHISTORY BETWEEN #den msgid={} msgid={} 3", n[2], n[9]), &["3", "4", "5"]);
    check(&|n| format!("CHATHISTORY BETWEEN #den msgid={} msgid={} 3", n[9], n[2]), &["6", "7", "8"]);
    check(&|_| "CHATHISTORY BEFORE #den timestamp=1970-01-01T00:00:01.500Z 9".into(), &[]);
    check(&|_| "CHATHISTORY AFTER #den timestamp=1970-01-01T00:00:01.499Z 2".into(), &["0", "1"]);
    // An id from another start of the server is before all messages.
    check(&|_| "CHATHISTORY LATEST #den msgid=1-99999 2".into(), &["8", "9"]);
    check(&|_| "CHATHISTORY BEFORE #den msgid=1-99999 2".into(), &[]);
    let targets = [
        ":s BATCH +t1 draft/chathistory-targets",
        "@batch=t1 :s CHATHISTORY TARGETS #den 1970-01-01T00:00:01.500Z",
        ":s BATCH -t1",
    ];
    let ask = "CHATHISTORY TARGETS timestamp=1970-01-01T00:00:02.000Z timestamp=1970-01-01T00:00:01.000Z 9";
    assert_eq!(history(|_| ask.into()), targets);
}

#[test]
fn invalid_chathistory_requests_are_refused() {
    let fail = |why: &str| format!("b :s FAIL CHATHISTORY {why}");
    let missing = "Missing parameters";
    let reference = "A message reference is msgid=ID or timestamp=YYYY-MM-DDThh:mm:ss.sssZ";
    for (line, why) in [
        ("LATEST #nowhere * 5", "INVALID_TARGET LATEST #nowhere :no such room: #nowhere".to_owned()),
        ("LATEST #den * 5", "INVALID_TARGET LATEST #den :you are not in #den".to_owned()),
        (
            "BEFORE alice msgid=1-3 5",
            "INVALID_TARGET BEFORE alice :Messages could not be retrieved; only channels have a history".to_owned(),
        ),
        ("LATEST", format!("NEED_MORE_PARAMS LATEST :{missing}")),
        ("LATEST #lobby", format!("NEED_MORE_PARAMS LATEST :{missing}")),
        ("LATEST #lobby *", format!("NEED_MORE_PARAMS LATEST :{missing}")),
        ("TARGETS", format!("NEED_MORE_PARAMS TARGETS :{missing}")),
        ("LATEST #lobby 7 5", format!("INVALID_PARAMS LATEST :{reference}")),
        ("LATEST #lobby msgid=3 5", format!("INVALID_PARAMS LATEST :{reference}")),
        ("AFTER #lobby timestamp=now 5", format!("INVALID_PARAMS AFTER :{reference}")),
        ("TARGETS msgid=1-1 msgid=1-2 5", format!("INVALID_PARAMS TARGETS :{reference}")),
        ("LATEST #lobby * 0", "INVALID_PARAMS LATEST :The limit must be a number of at least 1".to_owned()),
        ("x", "INVALID_PARAMS X :Unknown subcommand; use LATEST, BEFORE, AFTER, AROUND, BETWEEN or TARGETS".to_owned()),
    ] {
        check(&["a JOIN #den"], &format!("b CHATHISTORY {line}"), &[&fail(&why)]);
    }
    let in_none = ["b PART #lobby"];
    let ask = "b CHATHISTORY TARGETS timestamp=1970-01-01T00:00:02.000Z timestamp=1970-01-01T00:00:01.000Z 9";
    check(&in_none, ask, &[]);
    // The hub runs earlier commands of the same packet first.
    let mut scene = Scene::of_three();
    scene.say('b', "CAP REQ batch\r\nJOIN #den\r\nJOIN #silent\r\nPRIVMSG #den :x\r\nPART #lobby\r\nPART #den\r\n");
    scene.say('a', "JOIN #den\r\nPRIVMSG #den :x\r\n");
    scene.forget();
    scene.say('b', &format!("JOIN #den\r\n{}\r\n", ask[2..].replace(" 9", " 1")));
    let received = scene.received();
    assert!(
        received.iter().any(|line| line.ends_with("CHATHISTORY TARGETS #den 1970-01-01T00:00:01.500Z")),
        "{received:?}"
    );
    scene.say('b', "JOIN #more\r\nJOIN 0\r\n");
    scene.forget();
    scene.say('b', "WHOIS bob\r\n");
    assert!(scene.received().iter().all(|line| !line.contains(" 319 ")), "bob is in no channel");
    check(&["b PART #lobby", "b CAP REQ batch"], ask, &["b :s BATCH +t1 draft/chathistory-targets", "b :s BATCH -t1"]);
}

#[test]
fn chathistory_client_gets_no_history_on_join() {
    let mut scene = Scene::of_three();
    scene.say('a', "JOIN #den\r\nPRIVMSG #den :hi\r\n");
    scene.say('b', "CAP REQ :draft/chathistory batch\r\n");
    scene.forget();
    scene.say('b', "JOIN #den\r\n");
    let received = scene.received();
    assert!(received.iter().all(|line| !line.contains("PRIVMSG") && !line.contains("BATCH")), "{received:?}");
}

#[test]
fn history_is_marked_by_time_and_batch() {
    let before = ["a JOIN #den", "a PRIVMSG #den :hi", "a PRIVMSG #den :\u{1}ACTION waves\u{1}"];
    let past = |scene: &mut Scene| {
        scene
            .received()
            .into_iter()
            .filter(|line| line.contains("PRIVMSG") || line.contains("BATCH"))
            .collect::<Vec<_>>()
    };
    let join = |capabilities: &str| {
        let mut scene = Scene::of_three();
        for line in before {
            scene.say('a', &format!("{}\r\n", &line[2..]));
        }
        scene.say('b', &format!("CAP REQ :{capabilities}\r\n"));
        scene.forget();
        scene.say('b', "JOIN #den\r\n");
        past(&mut scene)
    };
    assert_eq!(
        join(""),
        [
            "b :alice!alice@host PRIVMSG #den :[1970-01-01T00:00:01Z] hi",
            "b :alice!alice@host PRIVMSG #den :[1970-01-01T00:00:01Z] alice waves",
        ]
    );
    assert_eq!(
        join("server-time batch"),
        [
            "b :s BATCH +h1 chathistory #den",
            "b @batch=h1;time=1970-01-01T00:00:01.500Z :alice!alice@host PRIVMSG #den :hi",
            "b @batch=h1;time=1970-01-01T00:00:01.500Z :alice!alice@host PRIVMSG #den :\u{1}ACTION waves\u{1}",
            "b :s BATCH -h1",
        ]
    );
}

#[test]
fn equal_capabilities_share_one_encoder() {
    let make_session = Irc::server(IrcOptions::default(), &Limits::default());
    let with = |capabilities: &str| {
        let mut session = make_session();
        let mut reply = Vec::new();
        session
            .decode(&mut format!("CAP REQ :{capabilities}\r\n").as_bytes(), &mut reply)
            .expect("the session decodes it");
        let upgrade = session.upgrade().expect("the session upgrades");
        assert_eq!(upgrade.encoder, session.encoder(), "{capabilities}");
        session.encoder()
    };
    assert_eq!(make_session().encoder(), with("echo-message labeled-response batch"));
    assert_eq!(with("server-time"), with("server-time echo-message"));
    assert_ne!(with("server-time"), with("server-time message-tags"));
    let another_server = Irc::server(IrcOptions::default(), &Limits::default());
    assert_ne!(another_server().encoder(), make_session().encoder());
}
