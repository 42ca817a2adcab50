//! What `WHO` is to tell of each (<https://ircv3.net/specs/extensions/whox>).

use super::encode::{Word, prefix};
use super::line::{Middle, Reply};
use super::numeric;
use crate::model::event::MemberInfo;

/// Whether somebody is away, its modes and its rank, as `WHO` tells them.
pub(super) fn flags(member: &MemberInfo) -> String {
    let here = if member.away.is_some() { 'G' } else { 'H' };
    format!("{here}{}{}", if member.operates { "*" } else { "" }, prefix(member.rank))
}

/// Tells of a member what was asked for by `%fields,token`; in the order that the specification gives them, whatever that of
/// the fields is.
pub(super) fn write(reply: Reply<'_>, asked: &str, room: &str, member: &MemberInfo, out: &mut Vec<u8>) {
    let (fields, token) = asked.split_once(',').unwrap_or((asked, "0"));
    let mut params = Vec::new();
    for field in "tcuihsnfdlao".chars().filter(|field| fields.contains(*field)) {
        params.push(match field {
            't' => Middle(token).to_string(),
            'c' => room.to_owned(),
            'u' => Word(member.profile.user()).to_string(),
            // What others are told in place of an address (same page, "i").
            'i' => "255.255.255.255".to_owned(),
            'h' => Middle(&Word(member.profile.host()).to_string()).to_string(),
            's' => reply.server.to_owned(),
            'n' => member.name.to_string(),
            'f' => flags(member),
            // How far away, how long silent, and which account: none of these is known.
            'o' => "n/a".to_owned(),
            _ => "0".to_owned(),
        });
    }
    let params: Vec<&str> = params.iter().map(String::as_str).collect();
    if fields.contains('r') {
        return reply.numeric(out, numeric::RPL_WHOSPCRPL, &params, super::member_replies::real_name(member));
    }
    reply.params(out, numeric::RPL_WHOSPCRPL, &params.join(" "));
}
