//! What a member asks for.

use std::time::Duration;

use crate::model::history::{Anchor, HistoryQuery};
use crate::model::human_duration::HumanDuration;
use crate::model::mask::{Mask, Pattern};
use crate::model::message::Message;
use crate::model::moderation::{ExceptionKind, Moderation, Rank};
use crate::model::name::{Name, Nick, RoomName, Target};
use crate::model::password::Password;
use crate::model::phrase::{BanScope, DurationSuffix, ReasonSuffix};
use crate::model::text::Text;

/// What a [`Session`](crate::Session) makes of the bytes that came in.
///
/// ```
/// use chat_core::{Command, Text};
///
/// assert_eq!(Command::say("hi"), Command::Say(Text::clean("hi").into()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Say this to everybody else in the current room.
    Say(Message),
    /// Say this in the current room to those alone who have this rank, or a higher one.
    SayTo {
        /// To whom.
        rank: Rank,
        /// What.
        words: Message,
    },
    /// Say this to one member alone.
    Tell {
        /// To whom.
        to: Target,
        /// What.
        words: Message,
    },
    /// Be called this from now on.
    Nick(Nick),
    /// Do something in this room as if it were the current one.
    In {
        /// Which room.
        room: RoomName,
        /// What to do there; of one that is itself for a named room, that one counts.
        command: Box<Command>,
    },
    /// Enter this room, which is made if there is none; it is the current one from now on. Of one who is in it already,
    /// only the latter.
    Join {
        /// Which room.
        room: RoomName,
        /// The key that it may want.
        key: Option<Text>,
    },
    /// Leave this room, or the current one. The room that was entered before it is the current one then.
    Part {
        /// Which room.
        room: Option<RoomName>,
        /// Why; not told where one may not speak.
        why: Option<Text>,
    },
    /// Leave all rooms.
    PartAll,
    /// Tell which rooms there are.
    Rooms,
    /// Tell how many there are in the hub.
    Census,
    /// Tell who is in this room, or in the current one.
    Who(Option<RoomName>),
    /// Tell what was said in the current room before, as much of it as that is.
    History(HistoryQuery),
    /// Tell in which of one's rooms something is remembered that was said between these, and when it was said last.
    LastSaid {
        /// After that.
        after: Anchor,
        /// Before that.
        before: Anchor,
    },
    /// Answer with the message of the day ([`HubOptions::motd`](crate::HubOptions::motd)).
    Motd,
    /// Tell about a member.
    Whois(Target),
    /// Tell about those who had this name, and have it no more.
    Whowas(Target),
    /// Tell who of those with whom one shares a room, and of oneself, has a name that fits.
    Find(Pattern),
    /// Tell which modes the current room has.
    Modes,
    /// Tell the topic of the current room.
    Topic,
    /// Decide something. Boxed, so that what is said does not take the room that orders need.
    Moderate(Box<Moderation>),
    /// Be a server operator from now on, if this is the password for it. A wrong one delays the next attempt from the
    /// same address: 1 second, then twice as long each time, at most 60 seconds.
    Operate(Password),
    /// Say otherwise about oneself what one is [really called](crate::Profile::real_name).
    RealName(Text),
    /// Be away, for this reason, or be back.
    Away(Option<Text>),
    /// Hear nothing of what this member is going to say, to all or in private, as long as both are connected; another name
    /// does not help it. Nor is one told of what it said before under the name that it has.
    Ignore(Target),
    /// Hear this member again.
    Unignore(Target),
    /// Answer with [`Pong`](crate::EventKind::Pong) once everything that was said before is on its way to everybody.
    Ping(Text),
    /// Leave, with a last word, which is not told if one may not speak in each of one's rooms. What the same member sends
    /// after it is ignored.
    Quit(Option<Text>),
}

impl Command {
    /// [`Command::Say`] of `text`, cleaned.
    pub fn say(text: impl Into<Text>) -> Command {
        Command::Say(text.into().into())
    }

    /// The same in this room, whichever is the current one.
    ///
    /// ```
    /// use chat_core::Command;
    ///
    /// let command = Command::say("hi").in_room("den".parse()?);
    /// assert!(matches!(command, Command::In { room, .. } if room.as_str() == "#den"));
    /// # Ok::<(), chat_core::ParseRoomNameError>(())
    /// ```
    #[must_use]
    pub fn in_room(self, room: RoomName) -> Command {
        Command::In { room, command: Box::new(self) }
    }
}

impl From<Moderation> for Command {
    fn from(moderation: Moderation) -> Command {
        Command::Moderate(Box::new(moderation))
    }
}

impl CommandError {
    /// Whether it concerns the server's password, so that the one who has the right one may try again.
    pub(crate) fn is_about_password(&self) -> bool {
        use CommandError as E;
        matches!(self, E::PasswordRequired | E::WrongPassword { .. } | E::TooManyPasswords { .. })
    }
}

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// A text without anything to read in it.
    #[error("text is blank; say something")]
    Blank,
    /// A text over [`Limits::text`](crate::Limits::text); a topic, a reason or a key over
    /// [`Limits::topic`](crate::Limits::topic).
    #[error("text is {bytes} bytes long; at most {limit} are allowed")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
        /// The longest that is allowed, in bytes.
        limit: usize,
    },
    /// A nick that somebody else has.
    #[error("nickname {nick} is in use; choose another")]
    NickTaken {
        /// The nick as it was asked for.
        nick: Nick,
    },
    /// A nick that looks like somebody else's, so that they could be mistaken for each other (feature `unicode`).
    #[error("nickname {nick} looks like {taken}, which is in use; choose another")]
    NickAlike {
        /// The nick as it was asked for.
        nick: Nick,
        /// The name that it looks like.
        taken: Name,
    },
    /// A nick that is given to guests ([`DefaultNames::Guest`](crate::DefaultNames::Guest)).
    #[error("nickname {nick} is for those who have not chosen one; choose another")]
    NickReserved {
        /// The nick as it was asked for.
        nick: Nick,
    },
    /// The nick that one has.
    #[error("you are called {nick} already")]
    NickKept {
        /// The nick.
        nick: Nick,
    },
    /// Nobody has this name.
    #[error("nobody is called {name}")]
    NoSuchMember {
        /// The name as it was asked for.
        name: Target,
    },
    /// What can't be done to oneself.
    #[error("{name} is yourself; name another")]
    Oneself {
        /// The name as it was asked for.
        name: Target,
    },
    /// There is no current room.
    #[error("you are in no room; join one first")]
    NoRoom,
    /// There is no such room.
    #[error("there is no room {room}")]
    NoSuchRoom {
        /// The room as it was asked for.
        room: RoomName,
    },
    /// One is not in this room.
    #[error("you are not in {room}")]
    NotInRoom {
        /// The room.
        room: RoomName,
    },
    /// One is in as many rooms as one may ([`Limits::rooms_per_member`](crate::Limits::rooms_per_member)).
    #[error("you are in {limit} rooms, which is the most that is allowed; leave one first")]
    TooManyRooms {
        /// The limit that is reached.
        limit: usize,
    },
    /// There are as many rooms as there may be ([`Limits::rooms`](crate::Limits::rooms)).
    #[error("there are {limit} rooms, which is the most that is allowed; join one of them")]
    NoMoreRooms {
        /// The limit that is reached.
        limit: usize,
    },
    /// As many are in the room as may be ([`Limits::members_per_room`](crate::Limits::members_per_room)).
    #[error("{room} is full: it has its {limit} members")]
    RoomFull {
        /// The room.
        room: RoomName,
        /// The limit that is reached.
        limit: usize,
    },
    /// What only an operator of the room may do.
    #[error("you are no operator of {room}")]
    NotOperator {
        /// The room.
        room: RoomName,
    },
    /// What only a server operator may do.
    #[error("you are no server operator")]
    NotServerOperator,
    /// What can't be done to a server operator but by another.
    #[error("{name} is a server operator")]
    Protected {
        /// The name as it was asked for.
        name: Target,
    },
    /// What one is already.
    #[error("you are a server operator already")]
    IsServerOperator,
    /// There is no [password](crate::HubOptions::operator_password) for server operators.
    #[error("this server has no password for operators")]
    NoPassword,
    /// The server requires a password ([`Server::set_password`](crate::Server::set_password)), and none was given.
    #[error("password required")]
    PasswordRequired,
    /// A wrong password, for the server or for its operators.
    #[error("wrong password; try again in {}", HumanDuration(*.left))]
    WrongPassword {
        /// How long the next attempt from the same address must wait.
        left: Duration,
    },
    /// One is banned.
    #[error("you are banned from {}{}{}", BanScope(.room), DurationSuffix(*.left), ReasonSuffix(.reason))]
    Banned {
        /// From this room; else from the whole hub.
        room: Option<RoomName>,
        /// For how long still, unless for ever.
        left: Option<Duration>,
        /// Why, if that was said.
        reason: Option<Text>,
    },
    /// Whoever has this nick is banned.
    #[error("nickname {nick} is banned from {}; choose another", BanScope(.room))]
    NickBanned {
        /// The nick as it was asked for.
        nick: Nick,
        /// From this room, in which one is; else from the whole hub.
        room: Option<RoomName>,
    },
    /// There is no such ban.
    #[error("{mask} is not banned from {}", BanScope(.room))]
    NotBanned {
        /// As it was asked for.
        mask: Mask,
        /// From this room; else from the whole hub.
        room: Option<RoomName>,
    },
    /// That does count for this one.
    #[error("{mask} is not exempt from {from} in {room}")]
    NoSuchException {
        /// As it was asked for.
        mask: Mask,
        /// From what.
        from: ExceptionKind,
        /// The room.
        room: RoomName,
    },
    /// There are as many bans, mutes or exemptions as there may be ([`Limits::bans`](crate::Limits::bans)).
    #[error("there are {limit} of them, which is the most that is allowed; lift one first")]
    TooManyBans {
        /// The limit that is reached.
        limit: usize,
    },
    /// One is muted in a room.
    #[error("you are muted in {room}{}", DurationSuffix(*.left))]
    Muted {
        /// The room.
        room: RoomName,
        /// For how long still, unless for ever.
        left: Option<Duration>,
    },
    /// Somebody is not muted.
    #[error("{name} is not muted in {room}")]
    NotMuted {
        /// The name as it was asked for.
        name: Target,
        /// The room.
        room: RoomName,
    },
    /// Addresses are hidden ([`DefaultNames::Guest`](crate::DefaultNames::Guest)).
    #[error("addresses are hidden here; only server operators may ban them")]
    AddressesHidden,
    /// A password that was not looked at, since a wrong one came from the same address before.
    #[error("too many wrong passwords; try again in {}", HumanDuration(*.left))]
    TooManyPasswords {
        /// How long the next attempt must wait.
        left: Duration,
    },
    /// The hub's [policy](crate::Policy) says no.
    #[error("{why}")]
    Forbidden {
        /// Why.
        why: Text,
    },
    /// The room is moderated, and one has no voice.
    #[error("{room} is moderated: only those with a voice may speak")]
    NoVoice {
        /// The room.
        room: RoomName,
    },
    /// The room is for those who are invited.
    #[error("{room} is for those who are invited")]
    InviteOnly {
        /// The room.
        room: RoomName,
    },
    /// The room wants its key.
    #[error("{room} wants its key, and that is not it")]
    WrongKey {
        /// The room.
        room: RoomName,
    },
    /// Somebody is not in the room.
    #[error("{name} is not in {room}")]
    NotThere {
        /// The name as it was asked for.
        name: Target,
        /// The room.
        room: RoomName,
    },
    /// Somebody is in the room already.
    #[error("{name} is in {room} already")]
    IsThere {
        /// The name as it was asked for.
        name: Target,
        /// The room.
        room: RoomName,
    },
    /// Somebody has this rank already, or a higher one.
    #[error("{name} is {rank} already")]
    RankKept {
        /// The name as it was asked for.
        name: Target,
        /// The rank that it has.
        rank: Rank,
    },
    /// Somebody does not have this rank.
    #[error("{name} is not {rank}")]
    RankMissing {
        /// The name as it was asked for.
        name: Target,
        /// The rank that it does not have.
        rank: Rank,
    },
    /// One ignores this member already.
    #[error("you ignore {name} already")]
    Ignored {
        /// The name as it was asked for.
        name: Target,
    },
    /// One ignores as many as one may ([`Limits::ignores`](crate::Limits::ignores)).
    #[error("you ignore {limit} members, which is the most that is allowed; hear one of them again first")]
    TooManyIgnored {
        /// The limit that is reached.
        limit: usize,
    },
    /// One does not ignore this member.
    #[error("you do not ignore {name}")]
    NotIgnored {
        /// The name as it was asked for.
        name: Target,
    },
    /// One is not away.
    #[error("you are not away; say why you will be")]
    NotAway,
}
