//! The extensions of version 3.

use super::*;

#[test]
fn capabilities_are_listed_and_chosen() {
    let all = "batch cap-notify echo-message extended-join labeled-response message-tags multi-prefix server-time \
               standard-replies userhost-in-names";
    check(&[], "a CAP LS 302", &[&format!("a :s CAP alice LS :{all}")]);
    check(&[], "a CAP REQ :batch -batch server-time", &["a :s CAP alice ACK :batch -batch server-time"]);
    check(&["a CAP REQ :batch server-time", "a CAP REQ -batch"], "a CAP LIST", &["a :s CAP alice LIST :server-time"]);
    check(&["a CAP REQ :batch nonsense"], "a CAP LIST", &["a :s CAP alice LIST :"]);
    check(&[], "a CAP END", &[]);
}

#[test]
fn what_happens_has_its_time_and_its_number() {
    let said = ["b @time=1970-01-01T00:00:01.500Z :alice!alice@host PRIVMSG #lobby :hi", "l <alice> hi"];
    check(&["b CAP REQ server-time"], "a PRIVMSG #lobby :hi", &said);
    let mut scene = Scene::of_three();
    scene.say('b', "CAP REQ :message-tags server-time\r\n");
    scene.forget();
    for _ in 0..2 {
        scene.say('a', "PRIVMSG bob :hi\r\n");
    }
    let heard = scene.heard();
    let number = |line: &str| -> u64 {
        let (_, rest) = line.split_once(";msgid=").expect("a number");
        rest.split(' ').next().expect("a word").parse().expect("a number")
    };
    assert!(number(&heard[0]) < number(&heard[1]), "{heard:?}");
}

#[test]
fn one_who_asks_for_it_hears_itself() {
    let echo = ["a :alice!alice@host PRIVMSG #lobby :hi", "b :alice!alice@host PRIVMSG #lobby :hi", "l <alice> hi"];
    check(&["a CAP REQ echo-message"], "a PRIVMSG #lobby :hi", &echo);
    let echo = ["a :alice!alice@host PRIVMSG BOB :hi", "b :alice!alice@host PRIVMSG bob :hi"];
    check(&["a CAP REQ echo-message"], "a PRIVMSG bob :hi", &[&echo[0].replace("BOB", "bob"), echo[1]]);
}

#[test]
fn a_join_tells_more_to_those_who_want_it() {
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
    assert_eq!(scene.heard()[0], "b :bob!bob@host JOIN #den * :bob real");
}

#[test]
fn an_answer_has_the_label_of_what_was_asked() {
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
fn what_all_are_told_of_ones_own_command_is_the_answer_to_it() {
    let labels = &["a CAP REQ :labeled-response batch", "a JOIN #den", "b JOIN #den"][..];
    let topic = ["a @label=7 :alice!alice@host TOPIC #den :tea", "b :alice!alice@host TOPIC #den :tea"];
    check(labels, "a @label=7 TOPIC #den tea", &topic);
    let voice = ["a @label=7 :alice!alice@host MODE #den +v bob", "b :alice!alice@host MODE #den +v bob"];
    check(labels, "a @label=7 MODE #den +v bob", &voice);
    let kick = ["a @label=7 :alice!alice@host KICK #den bob :alice", "b :alice!alice@host KICK #den bob :alice"];
    check(labels, "a @label=7 KICK #den bob", &kick);
    let mixed = [
        "a @label=7 :s BATCH +1 labeled-response",
        "a @batch=1 :s 403 alice den :No such channel; channels begin with #",
        "a @batch=1 :alice!alice@host PART #den",
        "a :s BATCH -1",
        "b :alice!alice@host PART #den",
    ];
    check(labels, "a @label=7 PART den,#den", &mixed);
}

#[test]
fn what_was_asked_before_a_choice_of_capabilities_is_answered_as_before() {
    let mut scene = Scene::of_three();
    scene.say('a', "PRIVMSG alice :1\r\nCAP REQ :echo-message\r\nPRIVMSG alice :2\r\nCAP REQ -echo-message\r\n");
    let heard = [
        "a :alice!alice@host PRIVMSG alice :1",
        "a :s CAP alice ACK :echo-message",
        "a :alice!alice@host PRIVMSG alice :2",
        "a :alice!alice@host PRIVMSG alice :2",
        "a :s CAP alice ACK :-echo-message",
    ];
    assert_eq!(scene.heard(), heard);
}

#[test]
fn what_was_said_before_is_marked_as_past() {
    let before = ["a JOIN #den", "a PRIVMSG #den :hi", "a PRIVMSG #den :\u{1}ACTION waves\u{1}"];
    let past = |scene: &mut Scene| {
        scene.heard().into_iter().filter(|line| line.contains("PRIVMSG") || line.contains("BATCH")).collect::<Vec<_>>()
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
fn those_with_the_same_capabilities_share_what_is_encoded() {
    let make_session = Irc::server(IrcOptions::default(), &Limits::default());
    let with = |capabilities: &str| {
        let mut session = make_session();
        let mut reply = Vec::new();
        session.decode(&mut format!("CAP REQ :{capabilities}\r\n").as_bytes(), &mut reply).expect("it is read");
        assert_eq!(session.switched(), Some(session.encoder()), "{capabilities}");
        session.encoder()
    };
    assert_eq!(make_session().encoder(), with("echo-message labeled-response batch"));
    assert_eq!(with("server-time"), with("server-time echo-message"));
    assert_ne!(with("server-time"), with("server-time message-tags"));
    let another_server = Irc::server(IrcOptions::default(), &Limits::default());
    assert_ne!(another_server().encoder(), make_session().encoder());
}
