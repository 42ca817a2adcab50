//! The table of commands: names, help texts and parsers.

use super::super::arguments::{Arguments, Fault};
use super::{Group, Help, Parsed, Spec, find, spec};
use crate::model::command::Command;
use crate::model::history::HistoryQuery;
use crate::model::mask::Mask;
use crate::model::message::Message;
use crate::model::moderation::{Mode, Moderation, Rank, Scope};
use crate::model::name::{Nick, RoomName, Target};
use crate::model::text::Text;

/// All commands, by groups, in the order in which `/help all` lists them.
pub(in super::super) const COMMANDS: &[Spec] = &[
    spec(Group::Talk, "msg", "NAME TEXT", "Send a private message", |mut arguments| {
        let to = Target::new(arguments.needed_word()?);
        Ok(Parsed::Command(Command::SayPrivately { to, message: arguments.needed_text()?.into() }))
    })
    .aliases(&["m", "query", "whisper", "w"])
    .common(),
    spec(Group::Talk, "me", "ACTION", "Send an action, such as /me waves", |mut arguments| {
        Ok(Parsed::Command(Command::Say(Message::action(arguments.needed_text()?))))
    })
    .common(),
    spec(Group::Talk, "ops", "TEXT", "Send a message to the operators of this room", |mut arguments| {
        Ok(Parsed::Command(Command::SayToRank { rank: Rank::Operator, message: arguments.needed_text()?.into() }))
    }),
    spec(Group::Talk, "history", "[N]", "Show this room's history, or its last N messages", |mut arguments| {
        let count = arguments.word().map(|word| word.parse().map_err(|_| Fault::number(word))).transpose()?;
        arguments.end()?;
        Ok(Parsed::Command(Command::History(count.map_or_else(HistoryQuery::default, HistoryQuery::last))))
    }),
    spec(Group::Rooms, "rooms", "", "List rooms", |arguments| {
        arguments.end()?;
        Ok(Parsed::Command(Command::Rooms))
    })
    .aliases(&["list"])
    .common(),
    spec(Group::Rooms, "join", "#ROOM [KEY]", "Join a room, or switch to one of your rooms", |mut arguments| {
        let room = RoomName::parse(arguments.needed_word()?)?;
        let key = arguments.word().map(Text::clean);
        arguments.end()?;
        Ok(Parsed::Command(Command::Join { room, key }))
    })
    .aliases(&["j"])
    .common(),
    spec(Group::Rooms, "part", "[#ROOM]", "Leave a room", |arguments| {
        in_room(arguments, |room| Command::Part { room, why: None })
    })
    .aliases(&["leave"])
    .common(),
    spec(Group::Rooms, "topic", "[TEXT]", "Show or set the topic; - clears it", |mut arguments| {
        let Some(topic) = arguments.text() else { return Ok(Parsed::Command(Command::Topic)) };
        Ok(moderate(Moderation::Topic((topic.as_str() != "-").then_some(topic))))
    })
    .common(),
    spec(Group::Rooms, "invite", "NAME", "Invite a member to this room", |arguments| {
        about(arguments, |name| Moderation::Invite(name).into())
    }),
    spec(
        Group::Rooms,
        "mode",
        "[MODE]",
        "Show this room's modes; operators can set one, such as +m",
        |mut arguments| {
            let mode = mode(&mut arguments)?;
            arguments.end()?;
            Ok(mode.map_or(Parsed::Command(Command::Modes), |mode| moderate(Moderation::Modes(vec![mode]))))
        },
    ),
    spec(Group::Rooms, "bans", "", "List this room's bans", |arguments| bans(&arguments, Scope::Room)),
    spec(
        Group::Rooms,
        "exemptions",
        "RULE",
        "List this room's exceptions; RULE is bans or invitation",
        |mut arguments| {
            let from = arguments.rule()?;
            arguments.end()?;
            Ok(moderate(Moderation::Exceptions(from)))
        },
    ),
    spec(Group::People, "who", "[#ROOM]", "List the members of a room", |arguments| in_room(arguments, Command::Who))
        .aliases(&["names"])
        .common(),
    spec(Group::People, "whois", "NAME", "Show information about a member", |arguments| {
        about(arguments, Command::Whois)
    })
    .common(),
    spec(Group::People, "whowas", "NAME", "Show who had a nickname before", |arguments| {
        about(arguments, Command::Whowas)
    }),
    spec(Group::People, "ignore", "NAME", "Hide the messages of a member", |arguments| {
        about(arguments, Command::Ignore)
    })
    .common(),
    spec(Group::People, "unignore", "NAME", "Stop ignoring a member", |arguments| about(arguments, Command::Unignore)),
    spec(Group::You, "nick", "NAME", "Change your nickname", |mut arguments| {
        let nick = Nick::parse(arguments.needed_word()?)?;
        arguments.end()?;
        Ok(Parsed::Command(Command::Nick(nick)))
    })
    .aliases(&["n"])
    .common(),
    spec(Group::You, "away", "[TEXT]", "Set or clear your away message", |mut arguments| {
        Ok(Parsed::Command(Command::Away(arguments.text())))
    })
    .common(),
    spec(Group::You, "quit", "[MESSAGE]", "Leave the chat, with an optional quit message", |mut arguments| {
        Ok(Parsed::Command(Command::Quit(arguments.text())))
    })
    .aliases(&["exit"])
    .common(),
    spec(
        Group::You,
        "help",
        "[COMMAND]",
        "List the most useful commands; explain COMMAND, or list all with /help all",
        |mut arguments| {
            let Some(name) = arguments.word() else { return Ok(Parsed::Help(Help::Common)) };
            arguments.end()?;
            let name = name.strip_prefix('/').unwrap_or(name);
            if name.eq_ignore_ascii_case("all") {
                return Ok(Parsed::Help(Help::All));
            }
            Ok(Parsed::Help(Help::One(find(name).ok_or_else(|| Fault::unknown(name))?)))
        },
    )
    .aliases(&["?"]),
    spec(Group::You, "motd", "", "Show the message of the day", |arguments| {
        arguments.end()?;
        Ok(Parsed::Command(Command::Motd))
    }),
    spec(Group::You, "pass", "PASSWORD", "Give the server password, on a server that requires one", |mut arguments| {
        Ok(Parsed::Password(arguments.password()?))
    }),
    spec(Group::You, "oper", "PASSWORD", "Become a server operator", |mut arguments| {
        Ok(Parsed::Command(Command::Operate(arguments.password()?)))
    }),
    spec(
        Group::You,
        "ping",
        "[TEXT]",
        "Get a reply after the server has sent everything said before",
        |mut arguments| Ok(Parsed::Command(Command::Ping(arguments.text().unwrap_or_else(|| "".into())))),
    ),
    #[cfg(feature = "json")]
    spec(
        Group::You,
        "json",
        "1 [lines]",
        "Switch to JSON lines, version 1, for programs; lines adds the plain text of each event",
        |mut arguments| {
            let version = arguments.needed_word()?;
            if version != "1" {
                return Err(Fault::Version { word: Text::excerpt(version) });
            }
            let lines = match arguments.word() {
                None => false,
                Some("lines") => true,
                Some(_) => return Err(Fault::Surplus),
            };
            arguments.end()?;
            Ok(Parsed::Json { lines })
        },
    ),
    spec(Group::RoomOperators, "op", "NAME", "Make a member an operator of this room", |arguments| {
        about(arguments, |name| Moderation::Promote { name, rank: Rank::Operator }.into())
    }),
    spec(Group::RoomOperators, "deop", "NAME", "Take operator status from a member", |arguments| {
        about(arguments, |name| Moderation::Demote { name, rank: Rank::Operator }.into())
    }),
    spec(Group::RoomOperators, "voice", "NAME", "Let a member speak while this room is moderated", |arguments| {
        about(arguments, |name| Moderation::Promote { name, rank: Rank::Voiced }.into())
    }),
    spec(Group::RoomOperators, "devoice", "NAME", "Take voice from a member", |arguments| {
        about(arguments, |name| Moderation::Demote { name, rank: Rank::Voiced }.into())
    }),
    spec(Group::RoomOperators, "kick", "NAME [REASON]", "Kick a member from this room", |mut arguments| {
        let name = Target::new(arguments.needed_word()?);
        Ok(moderate(Moderation::Kick { name, reason: arguments.text() }))
    }),
    spec(Group::RoomOperators, "mute", "NAME [TIME] [REASON]", "Mute a member in this room", |mut arguments| {
        let name = Target::new(arguments.needed_word()?);
        Ok(moderate(Moderation::Mute { name, term: arguments.term()? }))
    }),
    spec(Group::RoomOperators, "unmute", "NAME", "Unmute a member in this room", |arguments| {
        about(arguments, |name| Moderation::Unmute(name).into())
    }),
    spec(Group::RoomOperators, "mutes", "", "List this room's mutes", |arguments| {
        arguments.end()?;
        Ok(moderate(Moderation::Mutes))
    }),
    spec(
        Group::RoomOperators,
        "ban",
        "WHOM [TIME] [REASON]",
        "Ban a name, an address, a network (192.0.2.0/24), a pattern (spam*) or nick!user@host from this room",
        |arguments| ban(arguments, Scope::Room),
    ),
    spec(Group::RoomOperators, "unban", "WHOM", "Remove a ban from this room", |arguments| {
        unban(arguments, Scope::Room)
    }),
    spec(
        Group::RoomOperators,
        "exempt",
        "RULE WHOM",
        "Exempt WHOM from RULE: bans or invitation; WHOM as in /ban",
        |mut arguments| {
            let (from, mask) = (arguments.rule()?, Mask::parse(arguments.needed_word()?)?);
            arguments.end()?;
            Ok(moderate(Moderation::AddException { from, mask }))
        },
    ),
    spec(
        Group::RoomOperators,
        "unexempt",
        "RULE WHOM",
        "Stop exempting WHOM from RULE: bans or invitation",
        |mut arguments| {
            let (from, mask) = (arguments.rule()?, Mask::parse(arguments.needed_word()?)?);
            arguments.end()?;
            Ok(moderate(Moderation::RemoveException { from, mask }))
        },
    ),
    spec(Group::ServerOperators, "kill", "NAME [REASON]", "Close a member's connection", |mut arguments| {
        let name = Target::new(arguments.needed_word()?);
        Ok(moderate(Moderation::Kill { name, reason: arguments.text() }))
    }),
    spec(
        Group::ServerOperators,
        "serverban",
        "WHOM [TIME] [REASON]",
        "Ban from the whole server; WHOM as in /ban",
        |arguments| ban(arguments, Scope::Hub),
    ),
    spec(Group::ServerOperators, "serverunban", "WHOM", "Remove a ban from the server", |arguments| {
        unban(arguments, Scope::Hub)
    }),
    spec(Group::ServerOperators, "serverbans", "", "List the server's bans", |arguments| bans(&arguments, Scope::Hub)),
    spec(Group::ServerOperators, "announce", "TEXT", "Send a message to everybody on the server", |mut arguments| {
        Ok(moderate(Moderation::Announce(arguments.needed_text()?)))
    }),
    spec(Group::ServerOperators, "stats", "", "Show the server's counters", |arguments| {
        arguments.end()?;
        Ok(moderate(Moderation::Stats))
    }),
];

fn moderate(moderation: Moderation) -> Parsed {
    Parsed::Command(moderation.into())
}

fn ban(mut arguments: Arguments<'_>, scope: Scope) -> Result<Parsed, Fault> {
    let mask = Mask::parse(arguments.needed_word()?)?;
    Ok(moderate(Moderation::Ban { scope, mask, term: arguments.term()? }))
}

fn unban(mut arguments: Arguments<'_>, scope: Scope) -> Result<Parsed, Fault> {
    let mask = Mask::parse(arguments.needed_word()?)?;
    arguments.end()?;
    Ok(moderate(Moderation::Unban { scope, mask }))
}

fn bans(arguments: &Arguments<'_>, scope: Scope) -> Result<Parsed, Fault> {
    arguments.end()?;
    Ok(moderate(Moderation::Bans(scope)))
}

/// Parses a command about a member.
fn about(mut arguments: Arguments<'_>, command: fn(Target) -> Command) -> Result<Parsed, Fault> {
    let name = Target::new(arguments.needed_word()?);
    arguments.end()?;
    Ok(Parsed::Command(command(name)))
}

/// Parses a command about a room, by default the current one.
fn in_room(mut arguments: Arguments<'_>, command: fn(Option<RoomName>) -> Command) -> Result<Parsed, Fault> {
    let room = arguments.room()?;
    arguments.end()?;
    Ok(Parsed::Command(command(room)))
}

/// Parses a mode such as `+i`, `-k` or `+l 10`; `None` without arguments.
fn mode(arguments: &mut Arguments<'_>) -> Result<Option<Mode>, Fault> {
    let Some(word) = arguments.word() else { return Ok(None) };
    let mode = match word {
        "+i" | "-i" => Mode::InviteOnly(word == "+i"),
        "+m" | "-m" => Mode::Moderated(word == "+m"),
        "+t" | "-t" => Mode::TopicLocked(word == "+t"),
        "+n" | "-n" => Mode::MembersOnly(word == "+n"),
        "+s" | "-s" => Mode::Secret(word == "+s"),
        "+k" => Mode::Key(Some(Text::clean(arguments.needed_word()?))),
        "-k" => Mode::Key(None),
        "+l" => {
            let limit = arguments.needed_word()?;
            Mode::Limit(Some(limit.parse().map_err(|_| Fault::number(limit))?))
        }
        "-l" => Mode::Limit(None),
        _ => return Err(Fault::mode(word)),
    };
    Ok(Some(mode))
}
