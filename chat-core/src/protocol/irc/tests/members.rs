//! Tests of messages, and of queries about members and the server.

use super::*;

#[test]
fn channel_message_reaches_members_in_their_framing() {
    let said = ["b :alice!alice@host PRIVMSG #lobby :hi  all", "l <alice> hi  all"];
    check(&[], "a PRIVMSG #lobby :hi  all", &said);
    check(&[], "l hi", &["a :lena!chat@host PRIVMSG #lobby :hi", "b :lena!chat@host PRIVMSG #lobby :hi"]);
    let acted = ["b :alice!alice@host PRIVMSG #lobby :\u{1}ACTION waves\u{1}", "l (alice waves)"];
    check(&[], "a PRIVMSG #lobby :\u{1}ACTION waves\u{1}", &acted);
    check(&[], "a NOTICE #lobby :beep", &["b :alice!alice@host NOTICE #lobby :beep", "l -alice- beep"]);
    check(
        &["a JOIN #den"],
        "a PRIVMSG #lobby :\u{1b}[31mred",
        &["b :alice!alice@host PRIVMSG #lobby :red", "l <alice> red"],
    );
}

#[test]
fn private_message_reaches_only_its_target() {
    check(&[], "a PRIVMSG bob :psst", &["b :alice!alice@host PRIVMSG bob :psst"]);
    check(&[], "a PRIVMSG alice :note", &["a :alice!alice@host PRIVMSG alice :note"]);
    check(&[], "a PRIVMSG LENA :psst", &["l {alice} psst"]);
    check(&[], "l /msg alice psst", &["a :lena!chat@host PRIVMSG alice :psst"]);
    check(&[], "a NOTICE bob :beep", &["b :alice!alice@host NOTICE bob :beep"]);
    check(&[], "a PRIVMSG bob :\u{1}VERSION\u{1}", &["b :alice!alice@host PRIVMSG bob :\u{1}VERSION\u{1}"]);
    check(&[], "a NOTICE bob :\u{1}VERSION irssi\u{1}", &["b :alice!alice@host NOTICE bob :\u{1}VERSION irssi\u{1}"]);
    check(&[], "a PRIVMSG lena :\u{1}VERSION\u{1}", &[]);
    check(&[], "a PRIVMSG bob,lena :hi", &["b :alice!alice@host PRIVMSG bob :hi", "l {alice} hi"]);
}

#[test]
fn failed_privmsg_is_refused_but_not_notice() {
    for (line, why) in [
        ("PRIVMSG", "411 alice :No recipient given (PRIVMSG)"),
        ("PRIVMSG bob", "412 alice :No text to send"),
        ("PRIVMSG bob :", "412 alice :No text to send"),
        ("PRIVMSG bob :  ", "412 alice :text is blank; type something"),
        ("PRIVMSG nobody :x", "401 alice nobody :no such nickname: nobody"),
        ("PRIVMSG #den :x", "404 alice #den :no such room: #den"),
        (
            "PRIVMSG #a.b :x",
            "403 alice #a.b :room name has the character '.'; allowed are letters, digits and _-[]{}\\|^`",
        ),
    ] {
        check(&[], &format!("a {line}"), &[&format!("a :s {why}")]);
    }
    check(&["b JOIN #den"], "a PRIVMSG #den :x", &["a :s 404 alice #den :you are not in #den"]);
    for line in ["NOTICE", "NOTICE bob", "NOTICE nobody :x", "NOTICE #den :x", "NOTICE # :x", "NOTICE bob :"] {
        check(&["b JOIN #den"], &format!("a {line}"), &[]);
    }
    let moderated = ["a JOIN #den", "b JOIN #den", "a MODE #den +m"];
    check(
        &moderated,
        "b PRIVMSG #den :x",
        &["b :s 404 bob #den :#den is moderated; only members with voice can speak"],
    );
    let mut scene = Scene::of_three();
    scene.say('a', "PRIVMSG bob,bob,bob,bob,bob :x\r\n");
    let received = scene.received();
    assert_eq!(received[0], "a :s 407 alice bob :Too many targets; at most 4 are allowed");
    assert_eq!(received.len(), 5);
}

#[test]
fn long_text_is_split_between_characters() {
    let mut scene = Scene::of_three();
    scene.say('l', &format!("{}\n", "日本語".repeat(200)));
    let received: Vec<_> = scene.received().into_iter().filter(|line| line.starts_with("a ")).collect();
    let texts: String =
        received.iter().map(|line| line.strip_prefix("a :lena!chat@host PRIVMSG #lobby :").expect("a text")).collect();
    assert_eq!(texts, "日本語".repeat(200));
    assert!(received.len() > 1);
    scene.say('l', &format!("/me {}\n", "x".repeat(1000)));
    let received: Vec<_> = scene.received().into_iter().filter(|line| line.starts_with("a ")).collect();
    assert!(
        received.len() == 3 && received.iter().all(|line| line.contains(":\u{1}ACTION ") && line.ends_with('\u{1}'))
    );
}

#[test]
fn nick_change_is_announced() {
    let renamed = ["a :alice!alice@host NICK al", "b :alice!alice@host NICK al", "l [alice] is now known as al"];
    check(&[], "a NICK al", &renamed);
    check(&["a NICK al"], "a PING x", &["a :s PONG s :x"]);
    check(&["a NICK al"], "a FOO", &["a :s 421 al FOO :Unknown command"]);
    check(&[], "a NICK bob", &["a :s 433 alice bob :nickname bob is in use; choose another"]);
    check(&[], "a NICK alice", &[]);
    check(&[], "a NICK", &["a :s 431 alice :No nickname given"]);
}

#[test]
fn away_message_is_set_and_sent() {
    check(&[], "b AWAY :out for tea", &["b :s 306 bob :You have been marked as being away"]);
    check(&["b AWAY :out"], "b AWAY", &["b :s 305 bob :You are no longer marked as being away"]);
    check(&[], "b AWAY", &["b :s 305 bob :you are not away; /away TEXT sets an away message"]);
    let away = ["a :s 301 alice bob :out", "b :alice!alice@host PRIVMSG bob :hi"];
    check(&["b AWAY :out"], "a PRIVMSG bob :hi", &away);
}

#[test]
fn member_queries_are_answered() {
    let about = [
        "a :s 311 alice bob bob host * :bob real",
        "a :s 319 alice bob :#lobby",
        "a :s 312 alice bob s :chat",
        "a :s 318 alice bob :End of WHOIS list",
    ];
    check(&[], "a WHOIS bob", &about);
    check(&[], "a WHOIS s bob", &about);
    let nobody = ["a :s 401 alice nobody :no such nickname: nobody", "a :s 318 alice nobody :End of WHOIS list"];
    check(&[], "a WHOIS nobody", &nobody);
    check(&[], "a WHOIS", &["a :s 461 alice WHOIS :Not enough parameters: WHOIS [server] nick"]);
    let who = [
        "a :s 352 alice #lobby alice host s alice H :0 alice real",
        "a :s 352 alice #lobby bob host s bob G :0 bob real",
        "a :s 352 alice #lobby chat host s lena H :0 lena",
        "a :s 315 alice #lobby :End of WHO list",
    ];
    check(&["b AWAY :out"], "a WHO #lobby", &who);
    check(&[], "a WHO bob", &["a :s 352 alice * bob host s bob H :0 bob real", "a :s 315 alice bob :End of WHO list"]);
    check(&[], "a WHO nobody", &["a :s 315 alice nobody :End of WHO list"]);
    check(&[], "a WHO Bob", &["a :s 352 alice * bob host s bob H :0 bob real", "a :s 315 alice Bob :End of WHO list"]);
    let all = [
        "a :s 352 alice * alice host s alice H :0 alice real",
        "a :s 352 alice * bob host s bob H :0 bob real",
        "a :s 352 alice * chat host s lena H :0 lena",
        "a :s 315 alice * :End of WHO list",
    ];
    check(&[], "a WHO *", &all);
    check(&["b PART #lobby"], "a WHO *o*", &["a :s 315 alice *o* :End of WHO list"]);
    check(&[], "a WHO L*", &[all[2], "a :s 315 alice L* :End of WHO list"]);
    check(&[], "a WHO *.org", &["a :s 315 alice *.org :End of WHO list"]);
    let full = "a :s 354 alice 123 * bob 255.255.255.255 host s bob G 0 0 0 n/a :bob real";
    check(&["b AWAY x"], "a WHO bob %tcuihsnfdlaor,123", &[full, "a :s 315 alice bob :End of WHO list"]);
    check(&["b AWAY x"], "a WHO bob %roaldfnshiuct,123", &[full, "a :s 315 alice bob :End of WHO list"]);
    check(&[], "a WHO bob %tn,7", &["a :s 354 alice 7 bob", "a :s 315 alice bob :End of WHO list"]);
    let den = [
        "a :s 354 alice #lobby alice",
        "a :s 354 alice #lobby bob",
        "a :s 354 alice #lobby lena",
        "a :s 315 alice #lobby :End of WHO list",
    ];
    check(&[], "a WHO #lobby %cn", &den);
    check(&[], "a USERHOST alice nobody bob", &["a :s 302 alice :alice=+alice@host bob=+bob@host"]);
    check(&[], "a ISON nobody bob", &["a :s 303 alice :bob"]);
    check(&[], "a ISON nobody", &["a :s 303 alice :"]);
    check(&[], "a ISON : ", &["a :s 303 alice :"]);
    let was = ["a :s 406 alice bob :There was no such nickname", "a :s 369 alice bob :End of WHOWAS"];
    check(&[], "a WHOWAS bob", &was);
    let gone = [
        "a :s 314 alice bob bob host * :bob real",
        "a :s 312 alice bob s :1970-01-01T00:00:01Z",
        "a :s 369 alice bob :End of WHOWAS",
    ];
    check(&["b QUIT"], "a WHOWAS bob", &gone);
    check(&["b NICK rob", "b NICK bob", "b NICK rob"], "a WHOWAS bob 1", &gone);
    let twice = [gone[0], gone[1], gone[0], gone[1], gone[2]];
    for count in ["", " 0", " -1", " 2"] {
        check(&["b NICK rob", "b NICK bob", "b NICK rob"], &format!("a WHOWAS bob{count}"), &twice);
    }
    check(&[], "a WHOWAS", &["a :s 461 alice WHOWAS :Not enough parameters: WHOWAS nick [count]"]);
}

#[test]
fn server_queries_are_answered() {
    for (line, numbers) in [
        ("LUSERS", &["251", "254", "255", "265", "266"][..]),
        ("MOTD", &["422"]),
        ("VERSION", &["351"]),
        ("TIME", &["391"]),
        ("INFO", &["371", "371", "374"]),
        ("LINKS", &["364", "365"]),
        ("HELP", &["704", "705", "706"]),
        ("HELP join", &["704", "705", "706"]),
        ("HELP nonsense", &["524"]),
    ] {
        let mut scene = Scene::of_three();
        scene.say('a', &format!("{line}\r\n"));
        let received = scene.received();
        let received: Vec<_> = received.iter().filter_map(|line| line.split(' ').nth(2)).collect();
        assert_eq!(received, numbers, "{line}: {received:?}");
    }
}

#[test]
fn long_announcement_is_sent_in_full() {
    let words: Vec<_> = (0..90).map(|number| format!("w{number:02}")).collect();
    let mut scene = Scene::of_three();
    scene.say('a', "OPER me sesame\r\n");
    scene.forget();
    scene.say('a', &format!("WALLOPS :{}\r\n", words.join(" ")));
    let received = scene.received();
    let received = received.iter().filter_map(|line| line.strip_prefix("b :s NOTICE * :alice announces: "));
    assert_eq!(received.collect::<Vec<_>>().join(" "), words.join(" "));
}

#[test]
fn server_commands_require_oper() {
    let oper = ["a :s 381 alice :You are now an IRC operator", "a :s MODE alice :+o"];
    check(&[], "a OPER me sesame", &oper);
    check(&["a OPER me sesame"], "a MODE alice", &["a :s 221 alice +o"]);
    check(&[], "a OPER me wrong", &["a :s 464 alice :wrong password; try again in 1s"]);
    check(&[], "a OPER me", &["a :s 461 alice OPER :Not enough parameters: OPER name password"]);
    check(&[], "a KILL bob :x", &["a :s 481 alice :you are not a server operator"]);
    let killed = [
        "a :bob!bob@host QUIT :Killed by alice: spam",
        "a :s NOTICE * :alice closed the connection of bob: spam",
        "b ERROR :Closing Link: alice closed your connection: spam",
        "l [bob] is offline",
    ];
    check(&["a OPER me sesame"], "a KILL bob :spam", &killed);
    let received =
        ["a :s NOTICE * :alice announces: tea", "b :s NOTICE * :alice announces: tea", "l * alice announces: tea"];
    check(&["a OPER me sesame"], "a WALLOPS :tea", &received);
    check(&[], "a WALLOPS :tea", &["a :s 481 alice :you are not a server operator"]);
}
