//! Commands about the connection and its registration, and the commands of server operators.
//!
//! This module must not know whether a nick is free or a password is right.

use crate::model::command::Command;
use crate::model::moderation::Moderation;
use crate::model::name::{Nick, Target};
use crate::model::password::Password;
use crate::model::text::Text;
use crate::protocol::irc::capability::{self, Capabilities};
use crate::protocol::irc::line::write;
use crate::protocol::irc::message::ClientMessage;
use crate::protocol::irc::numeric;
use crate::protocol::irc::shared::Kind;
use crate::protocol::irc::{Irc, commands};

pub(super) fn nick(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    let Some(name) = message.param(0) else {
        irc.reply(out, |to, out| to.numeric(out, numeric::ERR_NONICKNAMEGIVEN, &[], "No nickname given"));
        return;
    };
    match Nick::parse(name) {
        Ok(nick) => match &mut irc.registration {
            Some(registration) => {
                registration.nick = Some(nick);
            }
            None => irc.ask_about(name, Kind::Nick, Command::Nick(nick)),
        },
        Err(error) => {
            irc.reply(out, |to, out| {
                to.numeric(out, numeric::ERR_ERRONEUSNICKNAME, &[Text::excerpt(name).as_str()], error);
            });
        }
    }
}

pub(super) fn user(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    let user: String = message.params[0].chars().filter(|c| c.is_ascii_alphanumeric() || "-._~".contains(*c)).collect();
    let user = if user.is_empty() { "user" } else { &user };
    let real_name = Text::clean(message.params[3]);
    if real_name.is_blank() {
        return irc.need_params_for(message, out);
    }
    if let Some(registration) = &mut irc.registration {
        registration.user = Some((Text::excerpt(user), real_name));
    }
}

/// Changes the client's real name (<https://ircv3.net/specs/extensions/setname>).
pub(super) fn setname(irc: &mut Irc, message: &ClientMessage<'_>, _: &mut Vec<u8>) {
    irc.ask_about("", Kind::SetName, Command::RealName(Text::clean(message.params[0])));
}

pub(super) fn pass(irc: &mut Irc, message: &ClientMessage<'_>, _: &mut Vec<u8>) {
    if let Some(registration) = &mut irc.registration {
        registration.password = Password::parse(message.params[0]).ok();
    }
}

pub(super) fn quit(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    if irc.registration.is_some() {
        write(out, format_args!("ERROR :Closing Link: Quit"));
    }
    irc.ask_about("", Kind::Plain, Command::Quit(commands::text(message.param(0))));
}

pub(super) fn ping(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    let Some(token) = message.params.first() else { return irc.need_params_for(message, out) };
    if token.is_empty() {
        irc.reply(out, |to, out| to.numeric(out, numeric::ERR_NOORIGIN, &[], "No origin specified"));
    } else if irc.registration.is_some() {
        irc.reply(out, |to, out| to.pong(out, Text::clean(token).as_str()));
    } else {
        irc.ask_about("", Kind::Plain, Command::Ping(Text::clean(token)));
    }
}

pub(super) fn pong(_: &mut Irc, _: &ClientMessage<'_>, _: &mut Vec<u8>) {}

pub(super) fn oper(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    match Password::parse(message.params[1]) {
        Ok(password) => irc.ask_about(message.params[0], Kind::Plain, Command::Operate(password)),
        Err(error) => irc.reply(out, |to, out| to.numeric(out, numeric::ERR_PASSWDMISMATCH, &[], error)),
    }
}

pub(super) fn kill(irc: &mut Irc, message: &ClientMessage<'_>, _: &mut Vec<u8>) {
    let (name, reason) = (Target::new(message.params[0]), commands::text(message.param(1)));
    irc.ask_about(message.params[0], Kind::Plain, Moderation::Kill { name, reason }.into());
}

/// Negotiates capabilities (<https://ircv3.net/specs/extensions/capability-negotiation>).
pub(super) fn cap(irc: &mut Irc, message: &ClientMessage<'_>, out: &mut Vec<u8>) {
    let subcommand = message.params[0].to_ascii_uppercase();
    let server = irc.config.server().to_owned();
    let nick = irc.shared.lock().nick.clone();
    let mut answer = |subcommand: &str, list: &str| {
        write(out, format_args!(":{server} CAP {nick} {subcommand} :{list}"));
    };
    let mut negotiating = None;
    match subcommand.as_str() {
        "LS" => {
            negotiating = Some(true);
            let all: Vec<_> = capability::ALL.iter().map(|(name, _)| *name).collect();
            answer("LS", &all.join(" "));
            // From version 302 on, `cap-notify` is on (same page, "cap-notify").
            if message.param(1).and_then(|version| version.parse().ok()).is_some_and(|version: u32| version >= 302) {
                irc.capabilities.set(capability::Capability::CapNotify, true);
            }
        }
        "LIST" => answer("LIST", &irc.capabilities.names()),
        "REQ" => {
            negotiating = Some(true);
            let list = message.params.get(1).copied().unwrap_or("");
            let known = irc.capabilities;
            match changed(known, list) {
                Some(changed) => {
                    answer("ACK", &list.split_ascii_whitespace().collect::<Vec<_>>().join(" "));
                    irc.set_capabilities(changed);
                }
                None => answer("NAK", Text::clean(list).as_str()),
            }
        }
        "END" => negotiating = Some(false),
        _ => irc.reply(out, |to, out| {
            to.numeric(out, numeric::ERR_INVALIDCAPCMD, &[Text::excerpt(&subcommand).as_str()], "Invalid CAP command");
        }),
    }
    if let (Some(negotiating), Some(registration)) = (negotiating, &mut irc.registration) {
        registration.negotiating = negotiating;
    }
}

/// Returns the capabilities after these changes; `None` if a change names an unknown capability.
fn changed(mut capabilities: Capabilities, changes: &str) -> Option<Capabilities> {
    for name in changes.split_ascii_whitespace() {
        let (name, on) = name.strip_prefix('-').map_or((name, true), |name| (name, false));
        capabilities.set(capability::find(name)?, on);
    }
    Some(capabilities)
}
