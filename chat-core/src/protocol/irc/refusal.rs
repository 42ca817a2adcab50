//! Refusals of the hub as numerics.
//!
//! This module must not know why the hub refuses a command: the texts come from [`CommandError`].

use super::line::{self, ReplyWriter};
use super::numeric;
use super::shared::{Asked, Kind};
use crate::model::command::CommandError;

/// Appends the numeric, standard reply or notice for a refusal. Appends nothing for a refusal that is no error in IRC.
pub(super) fn write(reply: ReplyWriter<'_>, asked: &Asked, error: &CommandError, out: &mut Vec<u8>) {
    use CommandError as E;
    // No automatic answer to a notice (RFC 2812, section 3.3.2).
    if asked.kind == Kind::Notice || is_ignored(asked, error) {
        return;
    }
    let what = asked.what.as_str();
    let is_message = asked.kind == Kind::Message;
    if let Some((command, code)) = standard_reply(asked.kind, error) {
        let context = if what.is_empty() { String::new() } else { format!(" {what}") };
        return line::write(out, format_args!(":{} FAIL {command} {code}{context} :{error}", reply.server));
    }
    let mut send = |number, params: &[&str]| reply.numeric(out, number, params, error);
    match error {
        E::Blank => send(numeric::ERR_NOTEXTTOSEND, &[]),
        E::TooLong { .. } => send(numeric::ERR_INPUTTOOLONG, &[]),
        E::NickTaken { nick } | E::NickAlike { nick, .. } => send(numeric::ERR_NICKNAMEINUSE, &[nick.as_str()]),
        E::NickReserved { nick } | E::NickBanned { nick, .. } => {
            send(numeric::ERR_ERRONEUSNICKNAME, &[nick.as_str()]);
        }
        E::NoSuchMember { name } | E::TargetIsSelf { name } | E::NotIgnored { name } | E::Ignored { name } => {
            send(numeric::ERR_NOSUCHNICK, &[name.as_str()]);
        }
        E::NoSuchRoom { room } if !is_message => send(numeric::ERR_NOSUCHCHANNEL, &[room.as_str()]),
        E::NotInRoom { room } if !is_message => send(numeric::ERR_NOTONCHANNEL, &[room.as_str()]),
        E::Forbidden { .. } if asked.kind == Kind::Nick => {
            send(numeric::ERR_ERRONEUSNICKNAME, &[if what.is_empty() { "*" } else { what }]);
        }
        E::NoSuchRoom { .. }
        | E::NotInRoom { .. }
        | E::NoVoice { .. }
        | E::Muted { .. }
        | E::NoRoom
        | E::Forbidden { .. } => send(numeric::ERR_CANNOTSENDTOCHAN, &[what]),
        E::TooManyRooms { .. } | E::NoMoreRooms { .. } => send(numeric::ERR_TOOMANYCHANNELS, &[what]),
        E::RoomFull { room, .. } => send(numeric::ERR_CHANNELISFULL, &[room.as_str()]),
        E::NotOperator { room } => send(numeric::ERR_CHANOPRIVSNEEDED, &[room.as_str()]),
        E::AddressesHidden => send(numeric::ERR_CHANOPRIVSNEEDED, &[what]),
        E::NotServerOperator => send(numeric::ERR_NOPRIVILEGES, &[]),
        E::Protected { .. } => send(numeric::ERR_CANTKILLSERVER, &[]),
        E::NoPassword => send(numeric::ERR_NOOPERHOST, &[]),
        E::PasswordRequired | E::WrongPassword { .. } | E::TooManyPasswords { .. } => {
            send(numeric::ERR_PASSWDMISMATCH, &[]);
        }
        E::Banned { room: Some(room), .. } => send(numeric::ERR_BANNEDFROMCHAN, &[room.as_str()]),
        E::Banned { room: None, .. } => send(numeric::ERR_YOUREBANNEDCREEP, &[]),
        E::TooManyBans { .. } => send(numeric::ERR_BANLISTFULL, &[what, &asked.how]),
        E::InviteOnly { room } => send(numeric::ERR_INVITEONLYCHAN, &[room.as_str()]),
        E::WrongKey { room } => send(numeric::ERR_BADCHANNELKEY, &[room.as_str()]),
        E::NotThere { name, room } | E::NotMuted { name, room } => {
            send(numeric::ERR_USERNOTINCHANNEL, &[name.as_str(), room.as_str()]);
        }
        E::IsThere { name, room } => send(numeric::ERR_USERONCHANNEL, &[name.as_str(), room.as_str()]),
        E::NotAway => send(numeric::RPL_UNAWAY, &[]),
        E::IsServerOperator => send(numeric::RPL_YOUREOPER, &[]),
        E::TooManyIgnored { .. }
        | E::NickKept { .. }
        | E::RankKept { .. }
        | E::RankMissing { .. }
        | E::NotBanned { .. }
        | E::NoSuchException { .. } => reply.notice(out, error),
    }
}

/// Returns the command and the code of a refusal that is a `FAIL`
/// ([standard replies](https://ircv3.net/specs/extensions/standard-replies)).
fn standard_reply(kind: Kind, error: &CommandError) -> Option<(&'static str, &'static str)> {
    match (kind, error) {
        (Kind::History, _) => Some(("CHATHISTORY", "INVALID_TARGET")),
        (Kind::SetName, CommandError::Blank | CommandError::TooLong { .. }) => Some(("SETNAME", "INVALID_REALNAME")),
        (Kind::SetName, _) => Some(("SETNAME", "CANNOT_CHANGE_REALNAME")),
        _ => None,
    }
}

/// Returns whether the client needs no error, for example because the mode is set already.
fn is_ignored(asked: &Asked, error: &CommandError) -> bool {
    use CommandError as E;
    let is_mode = asked.kind == Kind::Mode;
    match error {
        E::NickKept { .. } => true,
        // The client receives the end of an empty list instead.
        E::NoSuchRoom { .. } => matches!(asked.kind, Kind::Names | Kind::Who),
        E::NoSuchMember { .. } => matches!(asked.kind, Kind::Userhost { .. } | Kind::Ison { .. } | Kind::Who),
        E::RankKept { .. } | E::RankMissing { .. } | E::NotBanned { .. } | E::NoSuchException { .. } => is_mode,
        _ => false,
    }
}
