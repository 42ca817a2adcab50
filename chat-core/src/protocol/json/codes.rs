//! The error codes of refusals, for programs.

use crate::model::command::CommandError;

/// Returns the code of a refusal.
pub(super) fn of(error: &CommandError) -> &'static str {
    use CommandError as E;
    match error {
        E::Blank => "blank",
        E::TooLong { .. } => "too_long",
        E::NickTaken { .. } => "nick_taken",
        E::NickAlike { .. } => "nick_alike",
        E::NickReserved { .. } => "nick_reserved",
        E::NickKept { .. } => "nick_kept",
        E::NoSuchMember { .. } => "no_such_member",
        E::TargetIsSelf { .. } => "oneself",
        E::NoRoom => "no_room",
        E::NoSuchRoom { .. } => "no_such_room",
        E::NotInRoom { .. } => "not_in_room",
        E::TooManyRooms { .. } => "too_many_rooms",
        E::NoMoreRooms { .. } => "no_more_rooms",
        E::RoomFull { .. } => "room_full",
        E::NotOperator { .. } => "not_operator",
        E::NotServerOperator => "not_server_operator",
        E::Protected { .. } => "protected",
        E::IsServerOperator => "is_server_operator",
        E::NoPassword => "no_password",
        E::PasswordRequired => "password_required",
        E::WrongPassword { .. } => "wrong_password",
        E::Banned { .. } => "banned",
        E::NickBanned { .. } => "nick_banned",
        E::NotBanned { .. } => "not_banned",
        E::NoSuchException { .. } => "not_exempt",
        E::TooManyBans { .. } => "too_many_bans",
        E::Muted { .. } => "muted",
        E::NotMuted { .. } => "not_muted",
        E::AddressesHidden => "addresses_hidden",
        E::TooManyPasswords { .. } => "too_many_passwords",
        E::Forbidden { .. } => "forbidden",
        E::NoVoice { .. } => "no_voice",
        E::InviteOnly { .. } => "invite_only",
        E::WrongKey { .. } => "wrong_key",
        E::NotThere { .. } => "not_there",
        E::IsThere { .. } => "is_there",
        E::RankKept { .. } => "rank_kept",
        E::RankMissing { .. } => "rank_missing",
        E::Ignored { .. } => "ignored",
        E::TooManyIgnored { .. } => "too_many_ignored",
        E::NotIgnored { .. } => "not_ignored",
        E::NotAway => "not_away",
    }
}
