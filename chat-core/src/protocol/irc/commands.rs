//! The table of client commands, and what their handlers share.
//!
//! This module must not know the result of a command: a handler queues the command for the hub, or answers by itself.

mod channels;
mod connection;
mod history;
mod messages;
mod modes;
mod queries;

use super::Irc;
use super::message::ClientMessage;
use super::numeric;
use super::shared::{Asked, Kind};
use crate::model::command::Command;
use crate::model::name::RoomName;
use crate::model::text::Text;

/// A command of the protocol.
pub(super) struct Spec {
    pub(super) name: &'static str,
    /// The number of required parameters.
    min_params: usize,
    /// The phases of the connection in which the client may send the command.
    phase: Phase,
    pub(super) usage: &'static str,
    pub(super) help: &'static str,
    run: Run,
}

type Run = fn(&mut Irc, &ClientMessage<'_>, &mut Vec<u8>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Before and after registration.
    Any,
    /// Only before registration.
    Unregistered,
    /// Only after registration.
    Registered,
}

const fn spec(name: &'static str, min_params: usize, usage: &'static str, help: &'static str, run: Run) -> Spec {
    Spec { name, min_params, phase: Phase::Registered, usage, help, run }
}

impl Spec {
    /// Returns the same command for another phase.
    const fn during(self, phase: Phase) -> Spec {
        Spec { phase, ..self }
    }
}

/// All commands, sorted by name.
pub(super) const COMMANDS: &[Spec] = &[
    spec("AWAY", 0, "[text]", "Set or clear your away message", messages::away),
    spec("CAP", 1, "subcommand [capabilities]", "List or request capabilities", connection::cap).during(Phase::Any),
    spec(
        "CHATHISTORY",
        1,
        "subcommand parameters (LATEST, BEFORE, AFTER, AROUND, BETWEEN or TARGETS; see the IRCv3 specification)",
        "Get earlier messages of a channel, or list channels with messages",
        history::chathistory,
    ),
    spec("HELP", 0, "[command]", "List the commands, or explain one", queries::help),
    spec("INFO", 0, "", "Show the version and start time of this server", queries::info),
    spec("INVITE", 2, "nick #channel", "Invite a user to a channel", channels::invite),
    spec("ISON", 1, "nick{ nick}", "Show which of these nicknames are online", queries::ison),
    spec("JOIN", 1, "#channel{,#channel} [key{,key}]", "Join channels; 0 leaves all channels", channels::join),
    spec("KICK", 2, "#channel nick{,nick} [reason]", "Kick members from a channel", channels::kick),
    spec("KILL", 1, "nick [reason]", "Close the connection of a user; for server operators", connection::kill),
    spec("LINKS", 0, "", "List the servers of this network", queries::links),
    spec("LIST", 0, "[name or mask or !mask or >count or <count{,…}]", "List channels", queries::list),
    spec("LUSERS", 0, "", "Show the number of users and channels", queries::lusers),
    spec("MODE", 1, "target [changes [parameters]]", "Show or change the modes of a channel or your own", modes::mode),
    spec("MOTD", 0, "", "Show the message of the day", queries::motd),
    spec("NAMES", 0, "[#channel]", "List the members of a channel", channels::names),
    spec("NICK", 0, "nick", "Set or change your nickname", connection::nick).during(Phase::Any),
    spec("NOTICE", 0, "target{,target} text", "Send a notice, which is never answered automatically", messages::notice),
    spec("OPER", 2, "name password", "Become a server operator", connection::oper),
    spec("PART", 1, "#channel{,#channel} [text]", "Leave channels", channels::part),
    spec("PASS", 1, "password", "Give the server password", connection::pass).during(Phase::Unregistered),
    spec("PING", 0, "token", "Ask for a PONG, which follows the answers to all earlier commands", connection::ping)
        .during(Phase::Any),
    spec("PONG", 0, "token", "Answer a PING of the server", connection::pong).during(Phase::Any),
    spec("PRIVMSG", 0, "target{,target} text", "Send a message to a channel or a user", messages::privmsg),
    spec("QUIT", 0, "[text]", "Disconnect from the server", connection::quit).during(Phase::Any),
    spec("SETNAME", 1, "real-name", "Change your real name", connection::setname),
    spec("TAGMSG", 0, "target", "Send tags without a text; this server accepts and drops them", messages::tagmsg),
    spec("TIME", 0, "", "Show the time of the server", queries::time),
    spec("TOPIC", 1, "#channel [topic]", "Show or set the topic of a channel", channels::topic),
    spec("USER", 4, "user 0 * real-name", "Set your user name and real name at registration", connection::user)
        .during(Phase::Unregistered),
    spec("USERHOST", 1, "nick{ nick}", "Show the user names and hosts of these nicknames", queries::userhost),
    spec("VERSION", 0, "", "Show the version of this server", queries::version),
    spec("WALLOPS", 1, "text", "Send an announcement to all users; for server operators", messages::wallops),
    spec(
        "WHO",
        0,
        "#channel or nick or mask [%fields[,token]]",
        "List the members of a channel, or the users that match a nickname or mask",
        queries::who,
    ),
    spec("WHOIS", 1, "[server] nick", "Show details of a user", queries::whois),
    spec("WHOWAS", 1, "nick [count]", "Show users who had a nickname earlier", queries::whowas),
];

pub(super) fn find(name: &str) -> Option<&'static Spec> {
    COMMANDS.iter().find(|spec| spec.name.eq_ignore_ascii_case(name))
}

/// Runs the command of a message, or answers why it can't.
pub(super) fn run(irc: &mut Irc, message: &ClientMessage<'_>, reply: &mut Vec<u8>) {
    let is_registered = irc.registration.is_none();
    let spec = find(message.command);
    if !is_registered && spec.is_none_or(|spec| spec.phase == Phase::Registered) {
        return irc.reply(reply, |to, out| to.numeric(out, numeric::ERR_NOTREGISTERED, &[], "You have not registered"));
    }
    let Some(spec) = spec else {
        let command = Text::excerpt(message.command);
        return irc.reply(reply, |to, out| {
            to.numeric(out, numeric::ERR_UNKNOWNCOMMAND, &[command.as_str()], "Unknown command");
        });
    };
    if is_registered && spec.phase == Phase::Unregistered {
        return irc.reply(reply, |to, out| {
            to.numeric(out, numeric::ERR_ALREADYREGISTERED, &[], "You may not reregister");
        });
    }
    if message.params.len() < spec.min_params || (spec.min_params > 0 && message.param(0).is_none()) {
        return irc.need_params(spec, reply);
    }
    (spec.run)(irc, message, reply);
}

impl Irc {
    /// Answers that a command lacks parameters.
    fn need_params(&self, spec: &Spec, out: &mut Vec<u8>) {
        let usage = format!("Not enough parameters: {} {}", spec.name, spec.usage);
        self.reply(out, |to, out| to.numeric(out, numeric::ERR_NEEDMOREPARAMS, &[spec.name], usage));
    }

    /// Answers that the command of this message lacks parameters.
    fn need_params_for(&self, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
        if let Some(spec) = find(message.command) {
            self.need_params(spec, out);
        }
    }

    /// Answers that a line has more than `max` targets; `target` is the first target beyond the limit.
    fn too_many_targets(&self, target: &str, max: usize, out: &mut Vec<u8>) {
        let why = format!("Too many targets; at most {max} are allowed");
        self.reply(out, |to, out| to.numeric(out, numeric::ERR_TOOMANYTARGETS, &[Text::excerpt(target).as_str()], why));
    }

    /// Queues a command for the hub; `what` is its target as the client wrote it.
    fn ask_about(&mut self, what: &str, kind: Kind, command: Command) {
        self.ask(command, Asked { kind, what: Text::clean(what).to_string(), ..Asked::default() });
    }

    /// Parses a channel name, or answers that it is invalid.
    fn channel(&self, name: &str, out: &mut Vec<u8>) -> Option<RoomName> {
        let room = name.starts_with('#').then(|| RoomName::parse(name));
        match room {
            Some(Ok(room)) => return Some(room),
            Some(Err(error)) => {
                self.reply(out, |to, out| {
                    to.numeric(out, numeric::ERR_BADCHANMASK, &[Text::excerpt(name).as_str()], error);
                });
            }
            None => self.reply(out, |to, out| {
                to.numeric(
                    out,
                    numeric::ERR_NOSUCHCHANNEL,
                    &[Text::excerpt(name).as_str()],
                    "No such channel; channel names start with #",
                );
            }),
        }
        None
    }
}

/// Cleans an optional text; returns `None` for an empty one.
fn text(text: Option<&str>) -> Option<Text> {
    text.map(Text::clean).filter(|text| !text.is_blank())
}
