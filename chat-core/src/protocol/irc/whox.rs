//! WHOX: the fields of an answer to `WHO` (<https://ircv3.net/specs/extensions/whox>).
//!
//! This module must not know which members a client may see: the hub has already left out the other members.

use super::encode::prefix;
use super::line::{Middle, ReplyWriter};
use super::numeric;
use super::source::Word;
use crate::model::event::MemberInfo;

/// Returns the flags of a member in `WHO`: away (`G`) or here (`H`), server operator, rank.
pub(super) fn flags(member: &MemberInfo) -> String {
    let here = if member.away.is_some() { 'G' } else { 'H' };
    format!("{here}{}{}", if member.operates { "*" } else { "" }, prefix(member.rank))
}

/// Returns the member's real name, or its nick if it has none.
pub(super) fn real_name(member: &MemberInfo) -> &str {
    let real_name = member.profile.real_name();
    if real_name.is_empty() { member.name.as_str() } else { real_name.as_str() }
}

/// Appends the fields of a member that a request `%fields,token` selects, in the order of the specification.
pub(super) fn write(reply: ReplyWriter<'_>, request: &str, room: &str, member: &MemberInfo, out: &mut Vec<u8>) {
    let (fields, token) = request.split_once(',').unwrap_or((request, "0"));
    let mut params = Vec::new();
    for field in "tcuihsnfdlao".chars().filter(|field| fields.contains(*field)) {
        params.push(match field {
            't' => Middle(token).to_string(),
            'c' => room.to_owned(),
            'u' => Word(member.profile.user().as_str()).to_string(),
            // The specification's value for a hidden address.
            'i' => "255.255.255.255".to_owned(),
            'h' => Middle(&Word(member.profile.host().as_str()).to_string()).to_string(),
            's' => reply.server.to_owned(),
            'n' => member.name.to_string(),
            'f' => flags(member),
            // There are no operator levels, and no hops, idle times or accounts.
            'o' => "n/a".to_owned(),
            _ => "0".to_owned(),
        });
    }
    let params: Vec<&str> = params.iter().map(String::as_str).collect();
    if fields.contains('r') {
        return reply.numeric(out, numeric::RPL_WHOSPCRPL, &params, real_name(member));
    }
    reply.params(out, numeric::RPL_WHOSPCRPL, &params.join(" "));
}
