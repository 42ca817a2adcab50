//! Refusals: why the hub did not carry out a command.

use std::time::Duration;

use crate::model::human_duration::HumanDuration;
use crate::model::mask::Mask;
use crate::model::moderation::{ExceptionKind, Rank};
use crate::model::name::{Name, Nick, RoomName, Target};
use crate::model::password::Refusal;
use crate::model::phrase::{BanScope, DurationSuffix, ReasonSuffix};
use crate::model::text::Text;

impl From<Refusal> for CommandError {
    fn from(refusal: Refusal) -> CommandError {
        match refusal {
            Refusal::Wrong(left) => CommandError::WrongPassword { left },
            Refusal::TooEarly(left) => CommandError::TooManyPasswords { left },
        }
    }
}

impl CommandError {
    /// Returns whether the error concerns the server's password, so that the client may try again with another one.
    pub(crate) fn is_about_password(&self) -> bool {
        use CommandError as E;
        matches!(self, E::PasswordRequired | E::WrongPassword { .. } | E::TooManyPasswords { .. })
    }
}

/// The reason why the hub refused a command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The text has no visible character.
    #[error("text is blank; type something")]
    Blank,
    /// The text is longer than [`Limits::text`](crate::hub::Limits::text); or a topic, a reason or a key is longer than
    /// [`Limits::topic`](crate::hub::Limits::topic).
    #[error("text is {bytes} bytes long; at most {limit} are allowed")]
    TooLong {
        /// The length, in bytes.
        bytes: usize,
        /// The greatest length allowed, in bytes.
        limit: usize,
    },
    /// Another member has the nickname.
    #[error("nickname {nick} is in use; choose another")]
    NickTaken {
        /// The nickname as requested.
        nick: Nick,
    },
    /// The nickname looks like another member's name, so that people could confuse the two (feature `unicode`).
    #[error("nickname {nick} looks like {taken}, which is in use; choose another")]
    NickAlike {
        /// The nickname as requested.
        nick: Nick,
        /// The name that the nickname looks like.
        taken: Name,
    },
    /// The nickname has the form that guests get ([`DefaultNames::Guest`](crate::hub::DefaultNames::Guest)).
    #[error("nickname {nick} is reserved for guests; choose another")]
    NickReserved {
        /// The nickname as requested.
        nick: Nick,
    },
    /// The member has this nickname already.
    #[error("your nickname is already {nick}")]
    NickKept {
        /// The nickname.
        nick: Nick,
    },
    /// No member has this name.
    #[error("no such nickname: {name}")]
    NoSuchMember {
        /// The name as requested.
        name: Target,
    },
    /// A member can't do this to itself.
    #[error("you can't do that to yourself")]
    TargetIsSelf {
        /// The name as requested.
        name: Target,
    },
    /// The member has no current room.
    #[error("you are in no room; join one first")]
    NoRoom,
    /// The room does not exist, or is secret.
    #[error("no such room: {room}")]
    NoSuchRoom {
        /// The room as requested.
        room: RoomName,
    },
    /// The member is not in this room.
    #[error("you are not in {room}")]
    NotInRoom {
        /// The room.
        room: RoomName,
    },
    /// The member has reached [`Limits::rooms_per_member`](crate::hub::Limits::rooms_per_member).
    #[error("you are in too many rooms; at most {limit} are allowed, so leave one first")]
    TooManyRooms {
        /// The limit.
        limit: usize,
    },
    /// The hub has reached [`Limits::rooms`](crate::hub::Limits::rooms).
    #[error("the server has too many rooms; at most {limit} are allowed, so join an existing one")]
    NoMoreRooms {
        /// The limit.
        limit: usize,
    },
    /// The room has reached its own limit of members ([`Mode::Limit`](crate::moderation::Mode::Limit)), or
    /// [`Limits::members_per_room`](crate::hub::Limits::members_per_room).
    #[error("{room} is full; at most {limit} members are allowed")]
    RoomFull {
        /// The room.
        room: RoomName,
        /// The limit.
        limit: usize,
    },
    /// Only an operator of the room may do this.
    #[error("you are not an operator of {room}")]
    NotOperator {
        /// The room.
        room: RoomName,
    },
    /// Only a server operator may do this.
    #[error("you are not a server operator")]
    NotServerOperator,
    /// The command is about a server operator, and its sender is not one.
    #[error("you can't do that to {name}, a server operator")]
    Protected {
        /// The name as requested.
        name: Target,
    },
    /// The member is a server operator already.
    #[error("you are already a server operator")]
    IsServerOperator,
    /// The hub has no [operator password](crate::hub::HubOptions::operator_password).
    #[error("this server has no operator password")]
    NoPassword,
    /// The server requires a password ([`Server::set_password`](crate::Server::set_password)), and the client gave
    /// none.
    #[error("password required")]
    PasswordRequired,
    /// The password, of the server or of its operators, is wrong.
    #[error("wrong password; try again in {}", HumanDuration(*.left))]
    WrongPassword {
        /// How long the next attempt from the same address must wait.
        left: Duration,
    },
    /// The member is banned.
    #[error("you are banned from {}{}{}", BanScope(.room), DurationSuffix(*.left), ReasonSuffix(.reason))]
    Banned {
        /// The room that the member is banned from; `None` for the whole hub.
        room: Option<RoomName>,
        /// How long the ban still lasts; `None` for ever.
        left: Option<Duration>,
        /// The reason, if the operator gave one.
        reason: Option<Text>,
    },
    /// The nickname is banned.
    #[error("nickname {nick} is banned from {}; choose another", BanScope(.room))]
    NickBanned {
        /// The nickname as requested.
        nick: Nick,
        /// The member's room that the nickname is banned from; `None` for the whole hub.
        room: Option<RoomName>,
    },
    /// No such ban exists.
    #[error("{mask} is not banned from {}", BanScope(.room))]
    NotBanned {
        /// The mask as requested.
        mask: Mask,
        /// The room; `None` for the whole hub.
        room: Option<RoomName>,
    },
    /// No such exception exists.
    #[error("{mask} is not exempt from {from} in {room}")]
    NoSuchException {
        /// The mask as requested.
        mask: Mask,
        /// The kind of exception.
        from: ExceptionKind,
        /// The room.
        room: RoomName,
    },
    /// The list of bans, mutes or exceptions has reached [`Limits::bans`](crate::hub::Limits::bans).
    #[error("the list is full; at most {limit} entries are allowed, so remove one first")]
    TooManyBans {
        /// The limit.
        limit: usize,
    },
    /// The member is muted in the room.
    #[error("you are muted in {room}{}", DurationSuffix(*.left))]
    Muted {
        /// The room.
        room: RoomName,
        /// How long the mute still lasts; `None` for ever.
        left: Option<Duration>,
    },
    /// The other member is not muted.
    #[error("{name} is not muted in {room}")]
    NotMuted {
        /// The name as requested.
        name: Target,
        /// The room.
        room: RoomName,
    },
    /// The hub hides addresses ([`DefaultNames::Guest`](crate::hub::DefaultNames::Guest)).
    #[error("addresses are hidden on this server; only server operators can ban them")]
    AddressesHidden,
    /// The hub did not check the password, because a wrong one came from the same address shortly before.
    #[error("too many wrong passwords; try again in {}", HumanDuration(*.left))]
    TooManyPasswords {
        /// How long the next attempt must wait.
        left: Duration,
    },
    /// The hub's [policy](crate::policy::Policy) forbids it.
    #[error("{why}")]
    Forbidden {
        /// The policy's reason.
        why: Text,
    },
    /// The room is moderated, and the member has no voice.
    #[error("{room} is moderated; only members with voice can speak")]
    NoVoice {
        /// The room.
        room: RoomName,
    },
    /// The room is invite-only, and the member has no invitation.
    #[error("{room} is invite-only; ask an operator to invite you")]
    InviteOnly {
        /// The room.
        room: RoomName,
    },
    /// The room requires a key, and the member gave none or a wrong one.
    #[error("{room} needs the right key; use /join {room} KEY")]
    WrongKey {
        /// The room.
        room: RoomName,
    },
    /// The other member is not in the room.
    #[error("{name} is not in {room}")]
    NotThere {
        /// The name as requested.
        name: Target,
        /// The room.
        room: RoomName,
    },
    /// The other member is in the room already.
    #[error("{name} is already in {room}")]
    IsThere {
        /// The name as requested.
        name: Target,
        /// The room.
        room: RoomName,
    },
    /// The other member has this rank, or a higher one, already.
    #[error("{name} {} {}", if *.rank == Rank::Voiced { "already has" } else { "is already" }, as_object(*.rank))]
    RankKept {
        /// The name as requested.
        name: Target,
        /// The rank that the member has.
        rank: Rank,
    },
    /// The other member does not have this rank.
    #[error("{name} {} {}", if *.rank == Rank::Voiced { "does not have" } else { "is not" }, as_object(*.rank))]
    RankMissing {
        /// The name as requested.
        name: Target,
        /// The rank that the member does not have.
        rank: Rank,
    },
    /// The member already ignores the other member.
    #[error("you are already ignoring {name}")]
    Ignored {
        /// The name as requested.
        name: Target,
    },
    /// The member has reached [`Limits::ignores`](crate::hub::Limits::ignores).
    #[error("you are ignoring too many members; at most {limit} are allowed, so /unignore one first")]
    TooManyIgnored {
        /// The limit.
        limit: usize,
    },
    /// The member does not ignore the other member.
    #[error("you are not ignoring {name}")]
    NotIgnored {
        /// The name as requested.
        name: Target,
    },
    /// The member is not away.
    #[error("you are not away; /away TEXT sets an away message")]
    NotAway,
}

/// Returns a rank as it stands in a sentence: "(is) an operator", "(has) voice".
fn as_object(rank: Rank) -> String {
    if rank == Rank::Voiced { "voice".to_owned() } else { rank.to_string() }
}
