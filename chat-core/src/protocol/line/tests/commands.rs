//! Tests of the commands: parsing, help and errors.

use std::time::Duration;

use super::super::commands::COMMANDS;
use super::*;
use crate::model::history::HistoryQuery;
use crate::model::mask::Mask;
use crate::model::message::Message;
use crate::model::moderation::{ExceptionKind, Mode, Moderation, Rank, Scope, Term};
use crate::model::name::Target;
use crate::model::password::Password;
use crate::model::text::Text;

#[test]
fn slash_begins_command_and_two_escape_it() {
    check("//etc\n///\n", &["/etc", "//"], "");
    check("/nope x\n", &[], "! unknown command: /nope; try /help, or start the line with // to send it as text\n");
    check("/\n", &[], "! unknown command: /; try /help, or start the line with // to send it as text\n");
    check("/\u{1b}[2Jx\n", &[], "! unknown command: /x; try /help, or start the line with // to send it as text\n");
    check(" /quit\n", &[" /quit"], "");
}

#[test]
fn commands_ignore_case_and_trailing_spaces() {
    for line in ["/quit\n", "/QUIT \r\n", "/Quit"] {
        assert_eq!(decode([line.as_bytes()], Line::default()).commands, [Command::Quit(None)], "{line:?}");
    }
    let quit = Command::Quit(Some("good night".into()));
    assert_eq!(decode([&b"/Quit  good night \n"[..]], Line::default()).commands, [quit]);
    let ping = |token: &str| vec![Command::Ping(Text::clean(token))];
    assert_eq!(decode([&b"/ping\n"[..]], Line::default()).commands, ping(""));
    assert_eq!(decode([&b"/ping  a b \n"[..]], Line::default()).commands, ping("a b"));
}

/// Returns the lines of the session's answer.
fn answer(line: &str) -> Vec<String> {
    let reply = decode([line.as_bytes()], Line::default()).reply;
    String::from_utf8(reply).expect("help is text").lines().map(str::to_owned).collect()
}

#[test]
fn help_lists_the_common_commands_by_groups() {
    let help = [
        "* talk:",
        "* /msg NAME TEXT  Send a private message",
        "* /me ACTION  Send an action, such as /me waves",
        "* rooms:",
        "* /rooms  List rooms",
        "* /join #ROOM [KEY]  Join a room, or switch to one of your rooms",
        "* /part [#ROOM]  Leave a room",
        "* /topic [TEXT]  Show or set the topic; - clears it",
        "* people:",
        "* /who [#ROOM]  List the members of a room",
        "* /whois NAME  Show information about a member",
        "* /ignore NAME  Hide the messages of a member",
        "* you:",
        "* /nick NAME  Change your nickname",
        "* /away [TEXT]  Set or clear your away message",
        "* /quit [MESSAGE]  Leave the chat, with an optional quit message",
        "* more: /help all lists all commands, /help COMMAND explains one",
    ];
    assert_eq!(answer("/help\n"), help);
}

#[test]
fn help_all_lists_every_command() {
    let (help, page) = (answer("/help ALL\n"), include_str!("../../../../PROTOCOL.md"));
    let commands: Vec<_> = help.iter().filter_map(|line| line.strip_prefix("* ")?.split_once("  ")).collect();
    assert_eq!(commands.len(), COMMANDS.len() + 1);
    for (command, what) in commands {
        assert!(page.contains(&format!("| `{command}` | {what} |")), "PROTOCOL.md lacks {command}");
    }
    let groups: Vec<_> = help.iter().filter(|line| line.ends_with(':')).collect();
    let all = ["talk", "rooms", "people", "you", "room operators", "server operators", "other lines"];
    assert_eq!(groups, all.map(|group| format!("* {group}:")).each_ref());
}

#[test]
fn help_explains_one_command() {
    check("/help quit\n", &[], "* /quit [MESSAGE]  Leave the chat, with an optional quit message\n*   alias: /exit\n");
    let msg = ["* /msg NAME TEXT  Send a private message", "*   aliases: /m, /query, /whisper, /w"];
    for line in ["/help msg\n", "/help /MSG\n", "/help w\n"] {
        assert_eq!(answer(line), msg, "{line}");
    }
    assert_eq!(answer("/help list\n"), ["* /rooms  List rooms", "*   alias: /list"]);
    assert_eq!(answer("/help op\n"), ["* /op NAME  Make a member an operator of this room", "*   for room operators"]);
    assert_eq!(answer("/help stats\n"), ["* /stats  Show the server's counters", "*   for server operators"]);
    check("/help no\n", &[], "! unknown command: /no; try /help, or start the line with // to send it as text\n");
}

#[test]
fn aliases_mean_their_command() {
    for (alias, line) in [
        ("/list", "/rooms"),
        ("/names #den", "/who #den"),
        ("/leave", "/part"),
        ("/m bob hi", "/msg bob hi"),
        ("/query bob hi", "/msg bob hi"),
        ("/whisper bob hi", "/msg bob hi"),
        ("/W bob hi", "/msg bob hi"),
        ("/n bob", "/nick bob"),
        ("/j #den", "/join #den"),
        ("/exit bye", "/quit bye"),
        ("/?", "/help"),
        ("/? all", "/help all"),
    ] {
        let decoded = |line: &str| decode([format!("{line}\n").as_bytes()], Line::default());
        assert_eq!(decoded(alias), decoded(line), "{alias}");
    }
}

#[test]
fn no_two_commands_share_a_name() {
    let mut names: Vec<_> =
        COMMANDS.iter().flat_map(|spec| [spec.name].into_iter().chain(spec.aliases.to_vec())).collect();
    names.extend(["all"]);
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    let page = include_str!("../../../../PROTOCOL.md");
    for spec in COMMANDS.iter().filter(|spec| !spec.aliases.is_empty()) {
        let aliases: Vec<_> = spec.aliases.iter().map(|alias| format!("`/{alias}`")).collect();
        let end = format!(" | {} | {} |", spec.help, aliases.join(", "));
        assert!(page.contains(&end), "PROTOCOL.md lacks {end}");
    }
}

/// Checks that a line parses to this command.
#[track_caller]
fn check_command(line: &str, command: Command) {
    assert_eq!(decode([format!("{line}\n").as_bytes()], Line::default()).commands, [command], "{line}");
}

#[test]
fn each_command_parses_its_arguments() {
    let room = || "#den".parse().expect("a room's name");
    let bob = || Target::new("bob");
    check_command("/nick zoë", Command::Nick("zoë".parse().expect("a nick")));
    check_command("/msg bob  hi there ", Command::SayPrivately { to: bob(), message: "hi there".into() });
    check_command("/w 127.0.0.1:5 hi", Command::SayPrivately { to: Target::new("127.0.0.1:5"), message: "hi".into() });
    check_command("/me waves  twice", Command::Say(Message::action("waves  twice")));
    check_command("/who", Command::Who(None));
    check_command("/who #den", Command::Who(Some(room())));
    check_command("/who den", Command::Who(Some(room())));
    check_command("/whois Bob", Command::Whois(bob()));
    check_command("/rooms", Command::Rooms);
    check_command("/join #den", Command::Join { room: room(), key: None });
    check_command("/join #den tea", Command::Join { room: room(), key: Some("tea".into()) });
    check_command("/invite bob", Moderation::Invite(bob()).into());
    check_command("/op bob", Moderation::Promote { name: bob(), rank: Rank::Operator }.into());
    check_command("/deop bob", Moderation::Demote { name: bob(), rank: Rank::Operator }.into());
    check_command("/voice bob", Moderation::Promote { name: bob(), rank: Rank::Voiced }.into());
    check_command("/devoice bob", Moderation::Demote { name: bob(), rank: Rank::Voiced }.into());
    check_command("/kick bob", Moderation::Kick { name: bob(), reason: None }.into());
    check_command(
        "/kick bob so much noise",
        Moderation::Kick { name: bob(), reason: Some("so much noise".into()) }.into(),
    );
    check_command("/mode", Command::Modes);
    check_command("/mode +i", Moderation::Modes(vec![Mode::InviteOnly(true)]).into());
    check_command("/mode -m", Moderation::Modes(vec![Mode::Moderated(false)]).into());
    check_command("/mode +t", Moderation::Modes(vec![Mode::TopicLocked(true)]).into());
    check_command("/mode +k tea", Moderation::Modes(vec![Mode::Key(Some("tea".into()))]).into());
    check_command("/mode -k", Moderation::Modes(vec![Mode::Key(None)]).into());
    check_command("/mode +l 10", Moderation::Modes(vec![Mode::Limit(Some(10))]).into());
    check_command("/mode +n", Moderation::Modes(vec![Mode::MembersOnly(true)]).into());
    check_command("/mode -s", Moderation::Modes(vec![Mode::Secret(false)]).into());
    check_command("/mode -l", Moderation::Modes(vec![Mode::Limit(None)]).into());
    check_command("/part", Command::Part { room: None, why: None });
    check_command("/part #den", Command::Part { room: Some(room()), why: None });
    check_command("/topic", Command::Topic);
    check_command("/topic tea at five", Moderation::Topic(Some("tea at five".into())).into());
    check_command("/topic -", Moderation::Topic(None).into());
    let mask = |mask| Mask::parse(mask).expect("a mask");
    let minutes = |minutes: u64| Some(Duration::from_secs(60 * minutes));
    let ban = |scope, whom, time, reason: Option<&str>| {
        Command::from(Moderation::Ban { scope, mask: mask(whom), term: Term { time, reason: reason.map(Text::clean) } })
    };
    check_command("/ban bob", ban(Scope::Room, "bob", None, None));
    check_command("/ban 10.0.0.0/8 90m", ban(Scope::Room, "10.0.0.0/8", minutes(90), None));
    check_command("/ban spam* 2h too  much", ban(Scope::Room, "spam*", minutes(120), Some("too  much")));
    check_command("/ban ::1 so it is", ban(Scope::Room, "::1", None, Some("so it is")));
    check_command("/serverban bob 10m x", ban(Scope::Hub, "bob", minutes(10), Some("x")));
    check_command("/unban spam*", Moderation::Unban { scope: Scope::Room, mask: mask("spam*") }.into());
    check_command("/serverunban ::1", Moderation::Unban { scope: Scope::Hub, mask: mask("::1") }.into());
    check_command("/bans", Moderation::Bans(Scope::Room).into());
    check_command("/serverbans", Moderation::Bans(Scope::Hub).into());
    let mute = |time, reason: Option<&str>| {
        Command::from(Moderation::Mute { name: bob(), term: Term { time, reason: reason.map(Text::clean) } })
    };
    check_command("/mute bob", mute(None, None));
    check_command("/mute bob 10m", mute(minutes(10), None));
    check_command("/mute bob 10m x y", mute(minutes(10), Some("x y")));
    check_command("/unmute bob", Moderation::Unmute(bob()).into());
    check_command("/mutes", Moderation::Mutes.into());
    check_command("/stats", Moderation::Stats.into());
    check_command("/oper open sesame", Command::Operate(Password::parse("open sesame").expect("a password")));
    check_command("/kill bob", Moderation::Kill { name: bob(), reason: None }.into());
    check_command("/kill bob x y", Moderation::Kill { name: bob(), reason: Some("x y".into()) }.into());
    check_command("/announce tea at five", Moderation::Announce("tea at five".into()).into());
    check_command("/ops help", Command::SayToRank { rank: Rank::Operator, message: "help".into() });
    check_command("/whowas bob", Command::Whowas(Target::new("bob")));
    check_command(
        "/exempt bans spam*",
        Moderation::AddException { from: ExceptionKind::Ban, mask: Mask::parse("spam*").expect("a mask") }.into(),
    );
    let mask = Mask::parse("*!bob@*").expect("a mask");
    check_command(
        "/unexempt invitation *!bob@*",
        Moderation::RemoveException { from: ExceptionKind::Invite, mask }.into(),
    );
    check_command("/exemptions bans", Moderation::Exceptions(ExceptionKind::Ban).into());
    check_command("/history", Command::History(HistoryQuery::default()));
    check_command("/history 20", Command::History(HistoryQuery::last(20)));
    check_command("/away", Command::Away(None));
    check_command("/away tea", Command::Away(Some("tea".into())));
    check_command("/ignore bob", Command::Ignore(bob()));
    check_command("/unignore bob", Command::Unignore(bob()));
}

#[test]
fn wrong_arguments_are_refused_with_usage() {
    for (line, why) in [
        ("/help me please", "too many arguments; usage: /help [COMMAND]"),
        ("/nick", "missing argument; usage: /nick NAME"),
        ("/nick a b", "too many arguments; usage: /nick NAME"),
        ("/msg", "missing argument; usage: /msg NAME TEXT"),
        ("/msg bob", "missing argument; usage: /msg NAME TEXT"),
        ("/w bob  ", "missing argument; usage: /msg NAME TEXT"),
        ("/me", "missing argument; usage: /me ACTION"),
        ("/who #a #b", "too many arguments; usage: /who [#ROOM]"),
        ("/whois", "missing argument; usage: /whois NAME"),
        ("/whois a b", "too many arguments; usage: /whois NAME"),
        ("/rooms x", "too many arguments; usage: /rooms"),
        ("/join", "missing argument; usage: /join #ROOM [KEY]"),
        ("/join a b c", "too many arguments; usage: /join #ROOM [KEY]"),
        ("/invite", "missing argument; usage: /invite NAME"),
        ("/invite a b", "too many arguments; usage: /invite NAME"),
        ("/op", "missing argument; usage: /op NAME"),
        ("/op a b", "too many arguments; usage: /op NAME"),
        ("/kick", "missing argument; usage: /kick NAME [REASON]"),
        ("/mode x", "unknown mode: x; use +i, +m, +n, +s, +t, +k KEY or +l N, or - in place of + to unset a mode"),
        ("/mode +k", "missing argument; usage: /mode [MODE]"),
        ("/mode +l", "missing argument; usage: /mode [MODE]"),
        ("/mode +l x", "invalid number: x; use a whole number, 0 or more"),
        ("/mode +i x", "too many arguments; usage: /mode [MODE]"),
        ("/mute", "missing argument; usage: /mute NAME [TIME] [REASON]"),
        ("/unmute", "missing argument; usage: /unmute NAME"),
        ("/unmute a b", "too many arguments; usage: /unmute NAME"),
        ("/mutes x", "too many arguments; usage: /mutes"),
        ("/ban", "missing argument; usage: /ban WHOM [TIME] [REASON]"),
        (
            "/ban bob 10min",
            "invalid duration: 10min; use a number and s, m, h, d or w, such as 10m, 2h or 7d; at most 36525d",
        ),
        (
            "/ban bob 10 x",
            "invalid duration: 10; use a number and s, m, h, d or w, such as 10m, 2h or 7d; at most 36525d",
        ),
        ("/ban 10.0.0.0/33", "invalid network: 10.0.0.0/33; after the / use 0 to 32, as in 192.0.2.0/24"),
        ("/unban", "missing argument; usage: /unban WHOM"),
        ("/unban a b", "too many arguments; usage: /unban WHOM"),
        ("/bans x", "too many arguments; usage: /bans"),
        ("/stats x", "too many arguments; usage: /stats"),
        ("/oper", "missing argument; usage: /oper PASSWORD"),
        ("/kill", "missing argument; usage: /kill NAME [REASON]"),
        ("/announce", "missing argument; usage: /announce TEXT"),
        ("/serverban", "missing argument; usage: /serverban WHOM [TIME] [REASON]"),
        ("/serverunban", "missing argument; usage: /serverunban WHOM"),
        ("/serverunban a b", "too many arguments; usage: /serverunban WHOM"),
        ("/serverbans x", "too many arguments; usage: /serverbans"),
        ("/exempt", "missing argument; usage: /exempt RULE WHOM"),
        ("/exempt bans", "missing argument; usage: /exempt RULE WHOM"),
        ("/exempt keys bob", "unknown rule: keys; use bans or invitation"),
        ("/unexempt bans", "missing argument; usage: /unexempt RULE WHOM"),
        ("/exemptions", "missing argument; usage: /exemptions RULE"),
        ("/ops", "missing argument; usage: /ops TEXT"),
        ("/whowas", "missing argument; usage: /whowas NAME"),
        ("/part a b", "too many arguments; usage: /part [#ROOM]"),
        ("/history 1 2", "too many arguments; usage: /history [N]"),
        ("/history many", "invalid number: many; use a whole number, 0 or more"),
        ("/history -1", "invalid number: -1; use a whole number, 0 or more"),
        ("/ignore", "missing argument; usage: /ignore NAME"),
        ("/ignore a b", "too many arguments; usage: /ignore NAME"),
        ("/unignore", "missing argument; usage: /unignore NAME"),
        ("/unignore a b", "too many arguments; usage: /unignore NAME"),
        ("/nick 7up", "nickname begins with '7'; it must begin with a letter or one of _[]{}\\|^`"),
        ("/join #", "room name is empty; 1 to 50 characters are allowed"),
    ] {
        check(format!("{line}\n"), &[], &format!("! {why}\n"));
    }
}
