//! Tests of what overlong input costs: every protocol checks raw lengths before it normalizes, folds or compares text.
//!
//! This module must not know where a protocol checks a length, only how many bytes the protocol has normalized.

use crate::model::name::cost;
use crate::protocol::irc::IrcOptions;
use crate::protocol::irc::scene::Scene;
#[cfg(feature = "json")]
use crate::protocol::json::Json;

/// One character of three bytes, which NFKC expands to eighteen characters.
const EXPANDING: &str = "\u{fdfa}";
/// The maximum number of bytes that may be normalized or folded for one line, in all steps together. A plausible name
/// takes a few steps, each of at most 240 bytes.
const MAX_NORMALIZED: usize = 2048;

/// Sends these lines from the client `letter`, each with `NAME` replaced by as much text as fits in `longest` bytes.
#[track_caller]
fn check(scene: &mut Scene, letter: char, longest: usize, lines: &[&str]) {
    for line in lines {
        let available = longest - (line.len() - "NAME".len());
        let line = line.replace("NAME", &EXPANDING.repeat(available / EXPANDING.len()));
        let ((), bytes) = cost::of(|| scene.say(letter, &format!("{line}\r\n")));
        assert!(
            bytes <= MAX_NORMALIZED,
            "{bytes} bytes were normalized for {}…",
            line.chars().take(20).collect::<String>()
        );
    }
}

#[test]
fn overlong_names_are_refused_before_normalization() {
    let mut scene = Scene::of_three();
    let plain = [
        "/nick aNAME",
        "/join #NAME",
        "/join #den NAME",
        "/part #NAME",
        "/who #NAME",
        "/msg NAME hi",
        "/whois NAME",
        "/whowas NAME",
        "/ignore NAME",
        "/unignore NAME",
        "/topic NAME",
        "/kick NAME",
        "/kick alice NAME",
        "/ban NAME",
        "/ban *NAME",
        "/ban a!b@NAME",
        "/ban NAME!a@b",
        "/ban 10.0.0.0/NAME",
        "/exempt bans NAME",
        "/mute NAME 10m x",
        "/invite NAME",
        "/op NAME",
        "/mode +k NAME",
        "/oper NAME",
        "/away NAME",
        "/kill NAME",
        "/serverban NAME",
        "/NAME",
        "/history NAME",
        "/json NAME",
        "NAME",
    ];
    check(&mut scene, 'l', 4096, &plain);
    let irc = [
        "NICK aNAME",
        "JOIN #NAME",
        "JOIN #den NAME",
        "PART #NAME",
        "PRIVMSG NAME :hi",
        "PRIVMSG #NAME :hi",
        "WHOIS NAME",
        "WHOWAS NAME",
        "WHO NAME",
        "WHO *NAME",
        "ISON NAME",
        "TOPIC #lobby :NAME",
        "KICK #lobby NAME :x",
        "MODE #lobby +b NAME",
        "MODE #lobby +b *!NAME@*",
        "MODE #lobby +o NAME",
        "MODE #lobby +k NAME",
        "INVITE NAME #lobby",
        "OPER a NAME",
        "LIST NAME*",
        "CHATHISTORY LATEST #NAME * 10",
        "SETNAME :NAME",
        "NAME",
    ];
    check(&mut scene, 'a', 510, &irc);
    scene.connect('c', IrcOptions::default());
    check(&mut scene, 'c', 510, &["NICK aNAME", "USER NAME 0 * :NAME", "PASS NAME", "CAP REQ :NAME"]);
}

#[cfg(feature = "json")]
#[test]
fn overlong_json_names_are_refused_before_normalization() {
    let mut scene = Scene::of_three();
    scene.add('j', Box::new(Json::default()));
    let json = [
        r#"{"command":"nick","name":"aNAME"}"#,
        r#"{"command":"join","room":"NAME"}"#,
        r#"{"command":"join","room":"den","key":"NAME"}"#,
        r#"{"command":"tell","to":"NAME","text":"hi"}"#,
        r#"{"command":"say","text":"NAME"}"#,
        r#"{"command":"whois","name":"NAME"}"#,
        r#"{"command":"find","pattern":"NAME*"}"#,
        r#"{"command":"ban","mask":"NAME"}"#,
        r#"{"command":"ban","mask":"NAME!*@*"}"#,
        r#"{"command":"exempt","from":"bans","mask":"*!*@NAME"}"#,
        r#"{"command":"set_topic","topic":"NAME"}"#,
        r#"{"command":"kick","name":"NAME","reason":"NAME"}"#,
        r#"{"command":"mute","name":"NAME"}"#,
        r#"{"command":"operate","password":"NAME"}"#,
        r#"{"command":"history","after":"NAME"}"#,
        r#"{"command":"line","line":"/nick NAME"}"#,
        r#"{"command":"NAME"}"#,
        r#"{"command":"rooms","NAME":1}"#,
    ];
    // The longest string, and the longest line.
    check(&mut scene, 'j', 4096, &json);
    check(&mut scene, 'j', 32_768, &json);
}
