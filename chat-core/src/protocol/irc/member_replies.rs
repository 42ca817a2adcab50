//! The numerics that answer a query about members: `NAMES`, `WHO`, `WHOIS` and `WHOWAS`.
//!
//! This module must not know the responder's state: the numerics depend only on the event and the client's request.

use super::encode::prefix;
use super::line::ReplyWriter;
use super::numeric;
use super::replies::end_list;
use super::shared::Kind;
use super::source::{UserHost, Word};
use super::whox;
use crate::model::event::{FormerInfo, MemberInfo};
use crate::model::name::RoomName;
use crate::model::time::Utc;

/// Appends the answer to `NAMES`, with `nick!user@host` for each nick if `hosts` is set.
pub(super) fn write_names(
    reply: ReplyWriter<'_>,
    room: &RoomName,
    secret: bool,
    hosts: bool,
    members: &[MemberInfo],
    out: &mut Vec<u8>,
) {
    let names = members.iter().map(|member| {
        let host = if hosts { format!("!{}", UserHost(&member.profile)) } else { String::new() };
        format!("{}{}{host}", prefix(member.rank), member.name)
    });
    let symbol = if secret { "@" } else { "=" };
    reply.list(out, numeric::RPL_NAMREPLY, &[symbol, room.as_str()], names);
    end_list(reply, Kind::Names, room.as_str(), out);
}

/// Appends one line of the answer to `WHO`; `fields` are the WHOX fields, empty for a plain `WHO`.
pub(super) fn write_who(reply: ReplyWriter<'_>, fields: &str, room: &str, member: &MemberInfo, out: &mut Vec<u8>) {
    if !fields.is_empty() {
        return whox::write(reply, fields, room, member, out);
    }
    let MemberInfo { name, profile, .. } = member;
    let (user, host) = (Word(profile.user().as_str()).to_string(), Word(profile.host().as_str()).to_string());
    let params = [room, &user, &host, reply.server, name.as_str(), &whox::flags(member)];
    reply.numeric(out, numeric::RPL_WHOREPLY, &params, format_args!("0 {}", whox::real_name(member)));
}

/// Appends the answer to `WHOIS`; `shared` are the channels that the asking client has in common with the member.
pub(super) fn write_whois(
    reply: ReplyWriter<'_>,
    network: &str,
    member: &MemberInfo,
    shared: &[RoomName],
    out: &mut Vec<u8>,
) {
    let (name, profile) = (member.name.as_str(), &member.profile);
    let (user, host) = (Word(profile.user().as_str()).to_string(), Word(profile.host().as_str()).to_string());
    reply.numeric(out, numeric::RPL_WHOISUSER, &[name, &user, &host, "*"], profile.real_name());
    if !shared.is_empty() {
        reply.list(out, numeric::RPL_WHOISCHANNELS, &[name], shared.iter());
    }
    reply.numeric(out, numeric::RPL_WHOISSERVER, &[name, reply.server], network);
    if member.operates {
        reply.numeric(out, numeric::RPL_WHOISOPERATOR, &[name], "is an IRC operator");
    }
    if let Some(address) = member.address {
        reply.numeric(out, numeric::RPL_WHOISHOST, &[name], format_args!("is connecting from {address}"));
    }
    if let Some(why) = &member.away {
        reply.numeric(out, numeric::RPL_AWAY, &[name], why);
    }
    end_list(reply, Kind::Whois, name, out);
}

/// Appends the answer to `WHOWAS`. A `count` that is not a number of at least 1 means all (RFC 2812, section 3.6.3).
pub(super) fn write_whowas(reply: ReplyWriter<'_>, name: &str, count: &str, members: &[FormerInfo], out: &mut Vec<u8>) {
    let max = count.parse().ok().filter(|max| *max > 0).unwrap_or(usize::MAX);
    if members.is_empty() {
        reply.numeric(out, numeric::ERR_WASNOSUCHNICK, &[name], "There was no such nickname");
    }
    for FormerInfo { name, until, profile } in members.iter().take(max) {
        let (name, user, host) =
            (name.as_str(), Word(profile.user().as_str()).to_string(), Word(profile.host().as_str()).to_string());
        reply.numeric(out, numeric::RPL_WHOWASUSER, &[name, &user, &host, "*"], profile.real_name());
        reply.numeric(out, numeric::RPL_WHOISSERVER, &[name, reply.server], Utc(*until));
    }
    reply.numeric(out, numeric::RPL_ENDOFWHOWAS, &[name], "End of WHOWAS");
}
