//! What clients ask, as data: one entry for each command.

mod channels;
mod connection;
mod history;
mod modes;
mod queries;
mod words;

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
    /// How many parameters it needs.
    needs: usize,
    /// Whether it may come before the client is in, after, or both.
    when: When,
    pub(super) usage: &'static str,
    pub(super) help: &'static str,
    run: Run,
}

type Run = fn(&mut Irc, &ClientMessage<'_>, &mut Vec<u8>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    Before,
    In,
}

const fn spec(name: &'static str, needs: usize, usage: &'static str, help: &'static str, run: Run) -> Spec {
    Spec { name, needs, when: When::In, usage, help, run }
}

impl Spec {
    /// The same for another part of a connection's life.
    const fn at(self, when: When) -> Spec {
        Spec { when, ..self }
    }
}

/// All commands, in the order of their names.
pub(super) const COMMANDS: &[Spec] = &[
    spec("AWAY", 0, "[text]", "is away for this reason, or back", words::away),
    spec("CAP", 1, "subcommand [capabilities]", "chooses capabilities", connection::cap).at(When::Always),
    spec(
        "CHATHISTORY",
        1,
        "LATEST or BEFORE, AFTER, AROUND, BETWEEN, TARGETS, then as their specification says",
        "tells what was said before",
        history::chathistory,
    ),
    spec("HELP", 0, "[command]", "tells about a command", queries::help),
    spec("INFO", 0, "", "tells about this server", queries::info),
    spec("INVITE", 2, "nick #channel", "lets somebody into a channel", channels::invite),
    spec("ISON", 1, "nick{ nick}", "tells which of these are here", queries::ison),
    spec("JOIN", 1, "#channel{,#channel} [key{,key}]", "enters channels; 0 leaves all", channels::join),
    spec("KICK", 2, "#channel nick{,nick} [reason]", "puts somebody out of a channel", channels::kick),
    spec("KILL", 1, "nick [reason]", "closes somebody's connection", connection::kill),
    spec("LINKS", 0, "", "tells which servers there are", queries::links),
    spec("LIST", 0, "[name or mask or !mask or >count or <count{,…}]", "tells which channels there are", queries::list),
    spec("LUSERS", 0, "", "tells how many are here", queries::lusers),
    spec("MODE", 1, "target [changes [parameters]]", "tells or changes modes", modes::mode),
    spec("MOTD", 0, "", "tells the message of the day", queries::motd),
    spec("NAMES", 0, "[#channel]", "tells who is in a channel", channels::names),
    spec("NICK", 0, "nick", "changes what one is called", connection::nick).at(When::Always),
    spec("NOTICE", 0, "target{,target} text", "tells what needs no answer", words::notice),
    spec("OPER", 2, "name password", "becomes a server operator", connection::oper),
    spec("PART", 1, "#channel{,#channel} [text]", "leaves channels", channels::part),
    spec("PASS", 1, "password", "gives the server's password", connection::pass).at(When::Before),
    spec("PING", 0, "token", "is answered when all before it is done", connection::ping).at(When::Always),
    spec("PONG", 0, "token", "answers a ping", connection::pong).at(When::Always),
    spec("PRIVMSG", 0, "target{,target} text", "says something to a channel or to somebody", words::privmsg),
    spec("QUIT", 0, "[text]", "leaves", connection::quit).at(When::Always),
    spec("SETNAME", 1, "real-name", "says otherwise what one is really called", connection::setname),
    spec("TAGMSG", 0, "target", "is taken, and passed on to nobody", words::tagmsg),
    spec("TIME", 0, "", "tells the time here", queries::time),
    spec("TOPIC", 1, "#channel [topic]", "tells or sets the topic of a channel", channels::topic),
    spec("USER", 4, "user 0 * real-name", "tells who one is", connection::user).at(When::Before),
    spec("USERHOST", 1, "nick{ nick}", "tells where these come from", queries::userhost),
    spec("VERSION", 0, "", "tells which program this is", queries::version),
    spec("WALLOPS", 1, "text", "tells everybody on the server", words::wallops),
    spec(
        "WHO",
        0,
        "#channel or nick or mask [%fields[,token]]",
        "tells about those in a channel, or about somebody",
        queries::who,
    ),
    spec("WHOIS", 1, "[server] nick", "tells about somebody", queries::whois),
    spec("WHOWAS", 1, "nick [count]", "tells about somebody who is gone", queries::whowas),
];

pub(super) fn find(name: &str) -> Option<&'static Spec> {
    COMMANDS.iter().find(|spec| spec.name.eq_ignore_ascii_case(name))
}

/// Does what a message asks for, or says why not.
pub(super) fn run(irc: &mut Irc, message: &ClientMessage<'_>, reply: &mut Vec<u8>) {
    let is_in = irc.registration.is_none();
    let spec = find(message.command);
    if !is_in && spec.is_none_or(|spec| spec.when == When::In) {
        return irc.tell(reply, |to, out| to.numeric(out, numeric::ERR_NOTREGISTERED, &[], "You have not registered"));
    }
    let Some(spec) = spec else {
        let command = Text::excerpt(message.command);
        return irc.tell(reply, |to, out| to.numeric(out, numeric::ERR_UNKNOWNCOMMAND, &[&command], "Unknown command"));
    };
    if is_in && spec.when == When::Before {
        return irc.tell(reply, |to, out| {
            to.numeric(out, numeric::ERR_ALREADYREGISTERED, &[], "You may not reregister");
        });
    }
    if message.params.len() < spec.needs || (spec.needs > 0 && message.param(0).is_none()) {
        return irc.need_params(spec, reply);
    }
    (spec.run)(irc, message, reply);
}

impl Irc {
    /// Says that a command lacks parameters.
    fn need_params(&self, spec: &Spec, out: &mut Vec<u8>) {
        let usage = format!("Not enough parameters: {} {}", spec.name, spec.usage);
        self.tell(out, |to, out| to.numeric(out, numeric::ERR_NEEDMOREPARAMS, &[spec.name], usage));
    }

    /// Says that a command, which there is, lacks parameters.
    fn need_params_of(&self, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
        if let Some(spec) = find(message.command) {
            self.need_params(spec, out);
        }
    }

    /// Says that a line names more targets than it may, and which is the first of these.
    fn too_many_targets(&self, target: &str, most: usize, out: &mut Vec<u8>) {
        let why = format!("Too many targets; at most {most} are allowed");
        self.tell(out, |to, out| to.numeric(out, numeric::ERR_TOOMANYTARGETS, &[&Text::excerpt(target)], why));
    }

    /// Asks the hub about something that was named so.
    fn ask_about(&mut self, what: &str, kind: Kind, command: Command) {
        self.ask(command, Asked { kind, what: Text::clean(what).to_string(), ..Asked::default() });
    }

    /// The channel of this name, or says that there can be none.
    fn channel(&self, name: &str, out: &mut Vec<u8>) -> Option<RoomName> {
        let room = name.starts_with('#').then(|| RoomName::parse(name));
        match room {
            Some(Ok(room)) => return Some(room),
            Some(Err(error)) => {
                self.tell(out, |to, out| to.numeric(out, numeric::ERR_BADCHANMASK, &[&Text::excerpt(name)], error));
            }
            None => self.tell(out, |to, out| {
                to.numeric(
                    out,
                    numeric::ERR_NOSUCHCHANNEL,
                    &[&Text::excerpt(name)],
                    "No such channel; channels begin with #",
                );
            }),
        }
        None
    }
}

/// A text that may be missing; an empty one is none.
fn text(text: Option<&str>) -> Option<Text> {
    text.map(Text::clean).filter(|text| !text.is_blank())
}
