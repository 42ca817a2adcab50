//! What the hub refused, as numerics.

use super::line::{self, Reply};
use super::numeric;
use super::shared::{Asked, Kind};
use crate::model::command::CommandError;

/// Tells why the hub refused what was asked.
pub(super) fn write(reply: Reply<'_>, asked: &Asked, error: &CommandError, out: &mut Vec<u8>) {
    use CommandError as E;
    // No automatic answer to a notice (RFC 2812, section 3.3.2).
    if asked.kind == Kind::Notice || is_no_fault(asked, error) {
        return;
    }
    let what = asked.what.as_str();
    let speaks = asked.kind == Kind::Message;
    if let Some((command, code)) = standard(asked.kind, error) {
        let about = if what.is_empty() { String::new() } else { format!(" {what}") };
        return line::write(out, format_args!(":{} FAIL {command} {code}{about} :{error}", reply.server));
    }
    let mut tell = |number, params: &[&str]| reply.numeric(out, number, params, error);
    match error {
        E::Blank => tell(numeric::ERR_NOTEXTTOSEND, &[]),
        E::TooLong { .. } => tell(numeric::ERR_INPUTTOOLONG, &[]),
        E::NickTaken { nick } | E::NickAlike { nick, .. } => tell(numeric::ERR_NICKNAMEINUSE, &[nick.as_str()]),
        E::NickReserved { nick } | E::NickBanned { nick, .. } => tell(numeric::ERR_ERRONEUSNICKNAME, &[nick.as_str()]),
        E::NoSuchMember { name } | E::Oneself { name } | E::NotIgnored { name } | E::Ignored { name } => {
            tell(numeric::ERR_NOSUCHNICK, &[name.as_str()]);
        }
        E::NoSuchRoom { room } if !speaks => tell(numeric::ERR_NOSUCHCHANNEL, &[room.as_str()]),
        E::NotInRoom { room } if !speaks => tell(numeric::ERR_NOTONCHANNEL, &[room.as_str()]),
        E::Forbidden { .. } if asked.kind == Kind::Nick => {
            tell(numeric::ERR_ERRONEUSNICKNAME, &[if what.is_empty() { "*" } else { what }]);
        }
        E::NoSuchRoom { .. }
        | E::NotInRoom { .. }
        | E::NoVoice { .. }
        | E::Muted { .. }
        | E::NoRoom
        | E::Forbidden { .. } => tell(numeric::ERR_CANNOTSENDTOCHAN, &[what]),
        E::TooManyRooms { .. } | E::NoMoreRooms { .. } => tell(numeric::ERR_TOOMANYCHANNELS, &[what]),
        E::RoomFull { room, .. } => tell(numeric::ERR_CHANNELISFULL, &[room.as_str()]),
        E::NotOperator { room } => tell(numeric::ERR_CHANOPRIVSNEEDED, &[room.as_str()]),
        E::AddressesHidden => tell(numeric::ERR_CHANOPRIVSNEEDED, &[what]),
        E::NotServerOperator => tell(numeric::ERR_NOPRIVILEGES, &[]),
        E::Protected { .. } => tell(numeric::ERR_CANTKILLSERVER, &[]),
        E::NoPassword => tell(numeric::ERR_NOOPERHOST, &[]),
        E::PasswordRequired | E::WrongPassword { .. } | E::TooManyPasswords { .. } => {
            tell(numeric::ERR_PASSWDMISMATCH, &[]);
        }
        E::Banned { room: Some(room), .. } => tell(numeric::ERR_BANNEDFROMCHAN, &[room.as_str()]),
        E::Banned { room: None, .. } => tell(numeric::ERR_YOUREBANNEDCREEP, &[]),
        E::TooManyBans { .. } => tell(numeric::ERR_BANLISTFULL, &[what, &asked.how]),
        E::InviteOnly { room } => tell(numeric::ERR_INVITEONLYCHAN, &[room.as_str()]),
        E::WrongKey { room } => tell(numeric::ERR_BADCHANNELKEY, &[room.as_str()]),
        E::NotThere { name, room } | E::NotMuted { name, room } => {
            tell(numeric::ERR_USERNOTINCHANNEL, &[name.as_str(), room.as_str()]);
        }
        E::IsThere { name, room } => tell(numeric::ERR_USERONCHANNEL, &[name.as_str(), room.as_str()]),
        E::NotAway => tell(numeric::RPL_UNAWAY, &[]),
        E::IsServerOperator => tell(numeric::RPL_YOUREOPER, &[]),
        E::TooManyIgnored { .. }
        | E::NickKept { .. }
        | E::RankKept { .. }
        | E::RankMissing { .. }
        | E::NotBanned { .. }
        | E::NoSuchException { .. } => reply.notice(out, error),
    }
}

/// The command and the code of what is told as a standard reply (<https://ircv3.net/specs/extensions/standard-replies>).
fn standard(kind: Kind, error: &CommandError) -> Option<(&'static str, &'static str)> {
    match (kind, error) {
        (Kind::History, _) => Some(("CHATHISTORY", "INVALID_TARGET")),
        (Kind::SetName, CommandError::Blank | CommandError::TooLong { .. }) => Some(("SETNAME", "INVALID_REALNAME")),
        (Kind::SetName, _) => Some(("SETNAME", "CANNOT_CHANGE_REALNAME")),
        _ => None,
    }
}

/// What is as it was asked for already is told nobody: a mode that is set, the name that one has.
fn is_no_fault(asked: &Asked, error: &CommandError) -> bool {
    use CommandError as E;
    let is_mode = asked.kind == Kind::Mode;
    match error {
        E::NickKept { .. } => true,
        // The end of the list says it.
        E::NoSuchRoom { .. } => matches!(asked.kind, Kind::Names | Kind::Who),
        E::NoSuchMember { .. } => matches!(asked.kind, Kind::Userhost { .. } | Kind::Ison { .. } | Kind::Who),
        E::RankKept { .. } | E::RankMissing { .. } | E::NotBanned { .. } | E::NoSuchException { .. } => is_mode,
        _ => false,
    }
}
