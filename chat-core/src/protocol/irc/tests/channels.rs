//! Tests of channels and their modes.

use super::*;

#[test]
fn join_announces_member_and_sends_topic_and_names() {
    let joined =
        ["a :alice!alice@host JOIN #den", "a :s 353 alice = #den :@alice", "a :s 366 alice #den :End of NAMES list"];
    check(&[], "a JOIN #den", &joined);
    let joined = [
        "a :bob!bob@host JOIN #den",
        "b :bob!bob@host JOIN #den",
        "b :s 332 bob #den :tea",
        "b :s 333 bob #den alice 1",
        "b :s 353 bob = #den :@alice bob",
        "b :s 366 bob #den :End of NAMES list",
    ];
    check(&["a JOIN #den", "a TOPIC #den :tea"], "b JOIN #DEN", &joined);
    check(&["a JOIN #den"], "a JOIN #den", &[]);
    check(&[], "a JOIN den", &["a :s 403 alice den :No such channel; channel names start with #"]);
    check(&[], "a JOIN #", &["a :s 476 alice # :room name is empty; 1 to 50 characters are allowed"]);
}

#[test]
fn join_and_part_accept_several_channels() {
    let mut scene = Scene::of_three();
    scene.say('a', "JOIN #one,#two,,#three key1,,key3\r\n");
    let joined: Vec<_> = scene.received().into_iter().filter(|line| line.contains("JOIN")).collect();
    let expected = ["one", "two", "three"].map(|room| format!("a :alice!alice@host JOIN #{room}"));
    assert_eq!(joined, expected);
    scene.say('a', "PART #one,#two\r\n");
    assert_eq!(scene.received(), ["a :alice!alice@host PART #one", "a :alice!alice@host PART #two"]);
    scene.say('a', "JOIN 0\r\n");
    let left = [
        "a :alice!alice@host PART #lobby",
        "a :alice!alice@host PART #three",
        "b :alice!alice@host PART #lobby",
        "l [alice] left room",
    ];
    assert_eq!(scene.received(), left);
    let left =
        ["a :alice!alice@host PART #lobby :bye", "b :alice!alice@host PART #lobby :bye", "l [alice] left room: bye"];
    check(&[], "a PART #lobby :bye", &left);
    check(&[], "a PART #den", &["a :s 403 alice #den :no such room: #den"]);
    check(&["b JOIN #den"], "a PART #den", &["a :s 442 alice #den :you are not in #den"]);
    check(&[], "a PART", &["a :s 461 alice PART :Not enough parameters: PART #channel{,#channel} [text]"]);
}

#[test]
fn key_invite_limit_and_ban_refuse_join() {
    for (before, line, why) in [
        ("a MODE #den +k tea", "b JOIN #den", "475 bob #den :#den needs the right key; use /join #den KEY"),
        ("a MODE #den +k tea", "b JOIN #den coffee", "475 bob #den :#den needs the right key; use /join #den KEY"),
        ("a MODE #den +i", "b JOIN #den", "473 bob #den :#den is invite-only; ask an operator to invite you"),
        ("a MODE #den +l 1", "b JOIN #den", "471 bob #den :#den is full; at most 1 members are allowed"),
        ("a MODE #den +b bob!*@*", "b JOIN #den", "474 bob #den :you are banned from #den"),
    ] {
        check(&["a JOIN #den", before], line, &[&format!("b :s {why}")]);
    }
    let mut scene = Scene::of_three();
    scene.say('a', "JOIN #den\r\nMODE #den +k tea\r\n");
    scene.forget();
    scene.say('b', "JOIN #den tea\r\n");
    assert_eq!(scene.received()[0], "a :bob!bob@host JOIN #den");
}

#[test]
fn topic_is_shown_and_set() {
    check(&[], "a TOPIC #lobby", &["a :s 331 alice #lobby :No topic is set"]);
    let set = [
        "a :alice!alice@host TOPIC #lobby :tea time",
        "b :alice!alice@host TOPIC #lobby :tea time",
        "l [alice] set the topic: tea time",
    ];
    check(&[], "a TOPIC #lobby :tea time", &set);
    let received = ["a :s 332 alice #lobby :tea", "a :s 333 alice #lobby alice 1"];
    check(&["a TOPIC #lobby :tea"], "a TOPIC #lobby", &received);
    let gone =
        ["a :alice!alice@host TOPIC #lobby :", "b :alice!alice@host TOPIC #lobby :", "l [alice] cleared the topic"];
    check(&["a TOPIC #lobby :tea"], "a TOPIC #lobby :", &gone);
    check(&["b JOIN #den"], "a TOPIC #den", &["a :s 442 alice #den :you are not in #den"]);
    let locked = ["a JOIN #den", "b JOIN #den", "a MODE #den +t"];
    check(&locked, "b TOPIC #den :x", &["b :s 482 bob #den :you are not an operator of #den"]);
    check(&[], "a TOPIC", &["a :s 461 alice TOPIC :Not enough parameters: TOPIC #channel [topic]"]);
}

#[test]
fn names_and_list_are_answered() {
    let names = ["a :s 353 alice = #lobby :alice bob lena", "a :s 366 alice #lobby :End of NAMES list"];
    check(&[], "a NAMES #lobby", &names);
    check(&[], "a NAMES #den", &["a :s 366 alice #den :End of NAMES list"]);
    check(&[], "a NAMES", &["a :s 366 alice * :End of NAMES list"]);
    let list = ["a :s 321 alice Channel :Users  Name", "a :s 322 alice #lobby 3 :tea", "a :s 323 alice :End of LIST"];
    check(&["b TOPIC #lobby :tea"], "a LIST", &list);
}

#[test]
fn channel_modes_are_shown_and_changed() {
    let den = ["a JOIN #den", "b JOIN #den"];
    check(&den, "b MODE #den", &["b :s 324 bob #den +n", "b :s 329 bob #den 1"]);
    let both = |line: &str| ["a", "b"].map(|letter| format!("{letter} :alice!alice@host {line}"));
    for (line, received) in [
        ("MODE #den +i", "MODE #den +i"),
        ("MODE #den +o bob", "MODE #den +o bob"),
        ("MODE #den +v BOB", "MODE #den +v bob"),
        ("MODE #den +l 5", "MODE #den +l 5"),
        ("MODE #den +k tea", "MODE #den +k tea"),
        ("MODE #den +b 198.51.100.0/24", "MODE #den +b *!*@198.51.100.0/24"),
        ("MODE #den +b *!*@192.0.2.8", "MODE #den +b *!*@192.0.2.8"),
        ("MODE #den +b spam*", "MODE #den +b spam*!*@*"),
        ("MODE #den +b *!spam@*.org", "MODE #den +b *!spam@*.org"),
        ("MODE #den +b spam@host", "MODE #den +b *!spam@host"),
        ("MODE #den +e carol!c", "MODE #den +e carol!c@*"),
        ("MODE #den +I carol", "MODE #den +I carol!*@*"),
        ("MODE #den +s-n", "MODE #den +s-n"),
        ("MODE #den +int-int", "MODE #den +it-int"),
    ] {
        let received = both(received);
        check(&den, &format!("a {line}"), &received.each_ref().map(String::as_str)[..]);
    }
    let mut scene = Scene::of_three();
    scene.say('a', "JOIN #den\r\n");
    scene.forget();
    scene.say('a', "MODE #den +mt-t+kl tea 3\r\nMODE #den\r\nMODE #den -mnkl x\r\nMODE #den\r\n");
    let received = [
        "a :alice!alice@host MODE #den +mt-t+kl tea 3",
        "a :s 324 alice #den +nmkl tea 3",
        "a :s 329 alice #den 1",
        "a :alice!alice@host MODE #den -mnkl *",
        "a :s 324 alice #den +",
        "a :s 329 alice #den 1",
    ];
    assert_eq!(scene.received(), received);
    check(
        &[den[0], den[1], "a MODE #den +v bob"],
        "a MODE #den +o bob",
        &["a :alice!alice@host MODE #den +o-v bob bob", "b :alice!alice@host MODE #den +o-v bob bob"],
    );
}

#[test]
fn invalid_channel_modes_are_refused() {
    let den = ["a JOIN #den", "b JOIN #den"];
    for (line, why) in [
        ("b MODE #den +i", "b :s 482 bob #den :you are not an operator of #den"),
        ("a MODE #den +x", "a :s 472 alice x :is unknown mode char to me for #den"),
        ("a MODE #den +o", "a :s 696 alice #den o * :a parameter is required"),
        ("a MODE #den +o lena", "a :s 441 alice lena #den :lena is not in #den"),
        ("a MODE #den +v nobody", "a :s 401 alice nobody :no such nickname: nobody"),
        ("a MODE #den +l x", "a :s 696 alice #den l x :a number of at least 1 is required"),
        ("a MODE #den +k", "a :s 696 alice #den k * :a parameter is required"),
        (
            "a MODE #den +b a!b@",
            "a :s 696 alice #den b a!b@ :invalid mask: a!b@; use nick!user@host, each part 1 to 100 bytes; * and ? are wildcards",
        ),
        (
            "a MODE #den +b *!*@10.0.0.0/99",
            "a :s 696 alice #den b *!*@10.0.0.0/99 :invalid network: 10.0.0.0/99; after the / use 0 to 32, as in 192.0.2.0/24",
        ),
        (
            "a MODE #den +e ::x",
            "a :s 696 alice #den e 0:x :invalid mask: :x!*@*; use nick!user@host, each part 1 to 100 bytes; * and ? are wildcards",
        ),
        ("a MODE #den +e 7up", "a :s 401 alice 7up :no such nickname: 7up"),
        ("a MODE #nowhere", "a :s 403 alice #nowhere :no such room: #nowhere"),
        ("a MODE", "a :s 461 alice MODE :Not enough parameters: MODE target [changes [parameters]]"),
    ] {
        check(&den, line, &[why]);
    }
    // A change without an effect is no error.
    for line in [
        "a MODE #den +n",
        "a MODE #den -kl",
        "a MODE #den +o alice",
        "a MODE #den -v bob",
        "a MODE #den -b x!*@*",
        "a MODE #den -e x!*@*",
    ] {
        check(&den, line, &[]);
    }
}

#[test]
fn bans_are_listed_and_removed() {
    let banned = ["a JOIN #den", "a MODE #den +b spam!*@*"];
    let list = ["a :s 367 alice #den spam!*@* alice 1", "a :s 368 alice #den :End of channel ban list"];
    check(&banned, "a MODE #den +b", &list);
    check(&banned, "a MODE #den b", &list);
    let also = [banned[0], banned[1], "b JOIN #den"];
    check(
        &also,
        "b MODE #den b",
        &["b :s 367 bob #den spam!*@* alice 1", "b :s 368 bob #den :End of channel ban list"],
    );
    check(&banned, "a MODE #den -b SPAM", &["a :alice!alice@host MODE #den -b SPAM!*@*"]);
}

#[test]
fn exceptions_override_bans_and_invite_only() {
    for mask in ["*!bob@*", "*!*@ho?t", "b*!*@host", "*@host"] {
        let ban = ["a JOIN #den", &format!("a MODE #den +b {mask}")[..]];
        check(&ban, "b JOIN #den", &["b :s 474 bob #den :you are banned from #den"]);
        let exempt = [ban[0], ban[1], "a MODE #den +e bob"];
        let mut scene = Scene::of_three();
        for line in exempt {
            scene.say('a', &format!("{}\r\n", &line[2..]));
        }
        scene.forget();
        scene.say('b', "JOIN #den\r\n");
        assert_eq!(scene.received()[0], "a :bob!bob@host JOIN #den", "{mask}");
    }
    let invited = ["a JOIN #den", "a MODE #den +i", "a MODE #den +I bob"];
    let list = ["a :s 346 alice #den bob!*@* alice 1", "a :s 347 alice #den :End of channel invite exception list"];
    check(&invited, "a MODE #den I", &list);
    let list = ["a :s 348 alice #den bob!*@* alice 1", "a :s 349 alice #den :End of channel exception list"];
    check(&["a JOIN #den", "a MODE #den +e bob"], "a MODE #den +e", &list);
    let again = ["a JOIN #den", "a MODE #den +i", "a MODE #den +I bob", "a MODE #den -I bob"];
    check(&again, "b JOIN #den", &["b :s 473 bob #den :#den is invite-only; ask an operator to invite you"]);
}

#[test]
fn full_mask_list_is_named_in_478() {
    let mut scene = Scene::of_three();
    scene.say('a', "JOIN #den\r\n");
    for number in 0..100 {
        scene.say('a', &format!("MODE #den +I n{number}\r\n"));
    }
    scene.forget();
    scene.say('a', "MODE #den +I more\r\n");
    let why = "the list is full; at most 100 entries are allowed, so remove one first";
    assert_eq!(scene.received(), [format!("a :s 478 alice #den I :{why}")]);
}

#[test]
fn secret_channel_is_hidden_from_others() {
    let secret = ["a JOIN #den", "a MODE #den +s"];
    let list = ["b :s 321 bob Channel :Users  Name", "b :s 322 bob #lobby 3 :", "b :s 323 bob :End of LIST"];
    check(&secret, "b LIST", &list);
    check(&secret, "b NAMES #den", &["b :s 366 bob #den :End of NAMES list"]);
    check(&secret, "b WHO #den", &["b :s 315 bob #den :End of WHO list"]);
    check(&[secret[0], secret[1], "a MODE #den -n"], "b PRIVMSG #den :x", &["b :s 404 bob #den :no such room: #den"]);
    let mut scene = Scene::of_three();
    scene.say('a', "JOIN #den\r\nMODE #den +s\r\n");
    scene.forget();
    scene.say('b', "LUSERS\r\n");
    scene.say('a', "LUSERS\r\n");
    let received = scene.received();
    let channels: Vec<_> = received.iter().filter(|line| line.contains(" 254 ")).map(String::as_str).collect();
    assert_eq!(channels, ["a :s 254 alice 2 :channels formed", "b :s 254 bob 1 :channels formed"]);
    check(&secret, "b TOPIC #den", &["b :s 403 bob #den :no such room: #den"]);
    check(&secret, "a NAMES #den", &["a :s 353 alice @ #den :@alice", "a :s 366 alice #den :End of NAMES list"]);
    let list = [
        "a :s 321 alice Channel :Users  Name",
        "a :s 322 alice #den 1 :",
        "a :s 322 alice #lobby 3 :",
        "a :s 323 alice :End of LIST",
    ];
    check(&secret, "a LIST", &list);
}

#[test]
fn nonmember_speaks_in_channel_without_mode_n() {
    let den = ["a JOIN #den"];
    check(&den, "b PRIVMSG #den :hi", &["b :s 404 bob #den :you are not in #den"]);
    let open = ["a JOIN #den", "a MODE #den -n"];
    check(&open, "b PRIVMSG #den :hi", &["a :bob!bob@host PRIVMSG #den :hi"]);
    for (mode, why) in
        [("+m", "#den is moderated; only members with voice can speak"), ("+b bob", "you are banned from #den")]
    {
        let open = ["a JOIN #den", "a MODE #den -n", &format!("a MODE #den {mode}")[..]];
        check(
            &open,
            "b PRIVMSG #den :hi",
            &[&format!("b :s 404 bob #den :{why}").replace("404 bob #den :you are b", "474 bob #den :you are b")],
        );
    }
}

#[test]
fn statusmsg_reaches_only_members_with_rank() {
    let den = ["a JOIN #den", "b JOIN #den", "l /join den"];
    check(&den, "b PRIVMSG @#den :help", &["a :bob!bob@host PRIVMSG @#den :help"]);
    check(&den, "b NOTICE @#den :help", &["a :bob!bob@host NOTICE @#den :help"]);
    check(&den, "l /ops help", &["a :lena!chat@host PRIVMSG @#den :help"]);
    check(&den, "a PRIVMSG +#den :help", &[]);
    let op = [den[0], den[1], den[2], "a MODE #den +o lena", "a MODE #den +v bob"];
    check(
        &op,
        "b PRIVMSG @#den :\u{1}ACTION waves\u{1}",
        &["a :bob!bob@host PRIVMSG @#den :\u{1}ACTION waves\u{1}", "l (bob to operators of #den: waves)"],
    );
    check(&op, "l /ops hi", &["a :lena!chat@host PRIVMSG @#den :hi"]);
    check(
        &op,
        "a PRIVMSG +#den :hi",
        &["b :alice!alice@host PRIVMSG +#den :hi", "l <alice to voiced members of #den> hi"],
    );
    let echo = [den[0], den[1], "b CAP REQ :echo-message labeled-response"];
    check(
        &echo,
        "b @label=7 PRIVMSG @#den :x",
        &["a :bob!bob@host PRIVMSG @#den :x", "b @label=7 :bob!bob@host PRIVMSG @#den :x"],
    );
    check(&den[..1], "b PRIVMSG @#den :x", &["b :s 404 bob @#den :you are not in #den"]);
}

#[test]
fn list_filters_channels_by_condition() {
    let before = ["a JOIN #chan1", "a JOIN #chan2", "b JOIN #chan2"];
    for (conditions, channels) in [
        ("", &["#chan1", "#chan2", "#lobby"][..]),
        ("#CHAN1", &["#chan1"]),
        ("*an1,*an2", &["#chan1", "#chan2"]),
        ("#c*n2", &["#chan2"]),
        ("!*an1", &["#chan2", "#lobby"]),
        ("#c*,!*1", &["#chan2"]),
        (">1", &["#chan2", "#lobby"]),
        ("<2", &["#chan1"]),
        (">1,<3", &["#chan2"]),
        ("#nowhere", &[]),
        (">x", &["#chan1", "#chan2", "#lobby"]),
        ("a,b,c,#CHAN1", &["#chan1"]),
    ] {
        let mut scene = Scene::of_three();
        for line in before {
            let (letter, line) = line.split_at(1);
            scene.say(letter.chars().next().expect("a letter"), &format!("{}\r\n", line.trim()));
        }
        scene.forget();
        scene.say('b', &format!("LIST {conditions}\r\n"));
        let received = scene.received();
        let listed: Vec<_> =
            received.iter().filter(|line| line.contains(" 322 ")).filter_map(|line| line.split(' ').nth(4)).collect();
        assert_eq!(listed, channels, "{conditions}");
    }
    check(&[], "a LIST a,b,c,d,e", &["a :s 407 alice e :Too many targets; at most 4 are allowed"]);
}

#[test]
fn user_modes_are_shown_and_changed() {
    check(&[], "a MODE alice", &["a :s 221 alice +"]);
    check(&[], "a MODE ALICE +iw", &["a :alice MODE alice :+i+w"]);
    check(&["a MODE alice +i"], "a MODE alice", &["a :s 221 alice +i"]);
    check(&["a MODE alice +i"], "a MODE alice -i+o", &["a :alice MODE alice :-i"]);
    check(&[], "a MODE alice +zzz", &["a :s 501 alice :Unknown MODE flag"]);
    check(&[], "a MODE bob +i", &["a :s 502 alice :Cannot change mode for other users"]);
}

#[test]
fn operators_kick_and_invite() {
    let den = ["a JOIN #den", "b JOIN #den"];
    let kicked = ["a :alice!alice@host KICK #den bob :too loud", "b :alice!alice@host KICK #den bob :too loud"];
    check(&den, "a KICK #den bob :too loud", &kicked);
    let kicked = ["a :alice!alice@host KICK #den bob :alice", "b :alice!alice@host KICK #den bob :alice"];
    check(&den, "a KICK #den bob", &kicked);
    check(&den, "b KICK #den alice", &["b :s 482 bob #den :you are not an operator of #den"]);
    check(&den, "a KICK #den lena", &["a :s 441 alice lena #den :lena is not in #den"]);
    let many = ["a :s 401 alice 1 :no such nickname: 1", "a :s 407 alice 5 :Too many targets; at most 4 are allowed"];
    let mut scene = Scene::of_three();
    scene.say('a', "JOIN #den\r\n");
    scene.forget();
    scene.say('a', "KICK #den 1,2,3,4,5\r\n");
    let received = scene.received();
    assert!(
        received.len() == 5 && many.iter().all(|line| received.iter().any(|received| received == line)),
        "{received:?}"
    );
    check(&den, "a KICK #den", &["a :s 461 alice KICK :Not enough parameters: KICK #channel nick{,nick} [reason]"]);
    let invited = ["a :s 341 alice lena :#den", "l * alice invited you to #den"];
    check(&den, "a INVITE lena #den", &invited);
    check(&["a JOIN #den"], "a INVITE bob #den", &["a :s 341 alice bob :#den", "b :alice!alice@host INVITE bob :#den"]);
    let before = ["a JOIN #den", "b JOIN #den", "a MODE #den +o bob", "b CAP REQ invite-notify"];
    let invited =
        ["a :s 341 alice lena :#den", "b :alice!alice@host INVITE lena :#den", "l * alice invited you to #den"];
    check(&before, "a INVITE lena #den", &invited);
    check(&den, "a INVITE bob #den", &["a :s 443 alice bob #den :bob is already in #den"]);
    check(&den, "a INVITE nobody #den", &["a :s 401 alice nobody :no such nickname: nobody"]);
    check(&[], "a INVITE bob", &["a :s 461 alice INVITE :Not enough parameters: INVITE nick #channel"]);
}
