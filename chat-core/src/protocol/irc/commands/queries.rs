//! Queries about users, channels and the server.
//!
//! This module must not know the members: the hub answers each query that the configuration can't answer.

use std::time::SystemTime;

use crate::model::command::Command;
use crate::model::mask::Pattern;
use crate::model::name::Target;
use crate::model::text::Text;
use crate::model::time::Utc;
use crate::protocol::irc::Irc;
use crate::protocol::irc::commands;
use crate::protocol::irc::filter::{CONDITIONS_MAX, Filter};
use crate::protocol::irc::message::ClientMessage;
use crate::protocol::irc::numeric;
use crate::protocol::irc::replies::end_list;
use crate::protocol::irc::shared::{Asked, Kind};

/// The maximum number of nicks in one line (RFC 2812, section 4.8).
const NICKS_MAX: usize = 5;

pub(super) fn who(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    let mask = message.param(0).unwrap_or("*");
    let (kind, command) = if mask.starts_with('#') {
        let Some(room) = irc.channel(mask, out) else { return };
        (Kind::Who, Command::Who(Some(room)))
    } else if mask.contains(['*', '?']) || mask == "0" {
        // No nick matches an invalid pattern.
        let Ok(pattern) = Pattern::parse(if mask == "0" { "*" } else { mask }) else {
            return irc.reply(out, |to, out| end_list(to, Kind::Who, Text::clean(mask).as_str(), out));
        };
        (Kind::Find, Command::Find(pattern))
    } else {
        (Kind::Who, Command::Whois(Target::new(mask)))
    };
    let fields = message.param(1).and_then(|fields| fields.strip_prefix('%')).unwrap_or("");
    ask(irc, kind, mask, fields, command);
}

/// Queues a command with a target and a further parameter.
fn ask(irc: &mut Irc, kind: Kind, what: &str, how: &str, command: Command) {
    let (what, how) = (Text::clean(what).to_string(), Text::clean(how).to_string());
    irc.ask(command, Asked { kind, what, how, ..Asked::default() });
}

pub(super) fn whois(irc: &mut Irc, message: &ClientMessage<'_>, _: &mut Vec<u8>) {
    // Of two parameters, the first is the server to ask, and there is only this server.
    let name = message.param(1).unwrap_or(message.params[0]);
    irc.ask_about(name, Kind::Whois, Command::Whois(Target::new(name)));
}

pub(super) fn whowas(irc: &mut Irc, message: &ClientMessage<'_>, _: &mut Vec<u8>) {
    let (name, count) = (message.params[0], message.param(1).unwrap_or(""));
    ask(irc, Kind::Whowas, name, count, Command::Whowas(Target::new(name)));
}

pub(super) fn list(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    match Filter::parse(message.param(0).unwrap_or("")) {
        Ok(filter) => irc.ask(Command::Rooms, Asked { kind: Kind::List, filter, ..Asked::default() }),
        Err(condition) => irc.too_many_targets(condition, CONDITIONS_MAX, out),
    }
}

pub(super) fn lusers(irc: &mut Irc, _: &ClientMessage<'_>, _: &mut Vec<u8>) {
    irc.ask_about("", Kind::Plain, Command::Census);
}

pub(super) fn userhost(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    whois_each(irc, message, out, numeric::RPL_USERHOST, |last| Kind::Userhost { last });
}

pub(super) fn ison(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    whois_each(irc, message, out, numeric::RPL_ISON, |last| Kind::Ison { last });
}

/// Queues one command for each nick of a line; only the last one completes the answer.
fn whois_each(
    irc: &mut Irc,
    message: &ClientMessage<'_>,
    out: &mut Vec<u8>,
    number: &str,
    kind: impl Fn(bool) -> Kind,
) {
    let names: Vec<&str> = message.params.iter().flat_map(|param| param.split_ascii_whitespace()).collect();
    let names = &names[..names.len().min(NICKS_MAX)];
    if names.is_empty() {
        irc.reply(out, |to, out| to.numeric(out, number, &[], ""));
    }
    for (number, name) in names.iter().enumerate() {
        irc.ask_about(name, kind(number + 1 == names.len()), Command::Whois(Target::new(name)));
    }
}

pub(super) fn motd(irc: &mut Irc, _: &ClientMessage<'_>, _: &mut Vec<u8>) {
    irc.ask_about("", Kind::Plain, Command::Motd);
}

pub(super) fn version(irc: &mut Irc, _: &ClientMessage<'_>, out: &mut Vec<u8>) {
    let version = concat!("chat-core-", env!("CARGO_PKG_VERSION"));
    let server = irc.config.server();
    irc.reply(out, |to, out| to.numeric(out, numeric::RPL_VERSION, &[version, server], "rooms over TCP"));
}

pub(super) fn time(irc: &mut Irc, _: &ClientMessage<'_>, out: &mut Vec<u8>) {
    let server = irc.config.server();
    irc.reply(out, |to, out| to.numeric(out, numeric::RPL_TIME, &[server], Utc(SystemTime::now())));
}

pub(super) fn info(irc: &mut Irc, _: &ClientMessage<'_>, out: &mut Vec<u8>) {
    irc.reply(out, |to, out| {
        to.numeric(out, numeric::RPL_INFO, &[], concat!("chat-core ", env!("CARGO_PKG_VERSION")));
        to.numeric(out, numeric::RPL_INFO, &[], format_args!("Started {}", Utc(irc.config.started)));
        to.numeric(out, numeric::RPL_ENDOFINFO, &[], "End of INFO list");
    });
}

pub(super) fn links(irc: &mut Irc, _: &ClientMessage<'_>, out: &mut Vec<u8>) {
    let server = irc.config.server();
    irc.reply(out, |to, out| {
        to.numeric(out, numeric::RPL_LINKS, &[server, server], format_args!("0 {}", irc.config.options.network));
        to.numeric(out, numeric::RPL_ENDOFLINKS, &["*"], "End of LINKS list");
    });
}

pub(super) fn help(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    let Some(name) = message.param(0) else {
        irc.reply(out, |to, out| {
            to.numeric(out, numeric::RPL_HELPSTART, &["*"], "Commands; send HELP <command> for details");
            let names = commands::COMMANDS.iter().map(|spec| spec.name);
            to.list(out, numeric::RPL_HELPTXT, &["*"], names);
            to.numeric(out, numeric::RPL_ENDOFHELP, &["*"], "End of HELP");
        });
        return;
    };
    let Some(spec) = commands::find(name) else {
        irc.reply(out, |to, out| {
            to.numeric(
                out,
                numeric::ERR_HELPNOTFOUND,
                &[Text::excerpt(name).as_str()],
                "No help available on this topic",
            );
        });
        return;
    };
    irc.reply(out, |to, out| {
        to.numeric(out, numeric::RPL_HELPSTART, &[spec.name], format_args!("{} {}", spec.name, spec.usage));
        to.numeric(out, numeric::RPL_HELPTXT, &[spec.name], spec.help);
        to.numeric(out, numeric::RPL_ENDOFHELP, &[spec.name], "End of HELP");
    });
}
