//! The answers to commands.

use std::sync::Arc;
use std::time::SystemTime;

use super::{Event, FormerInfo, MemberInfo, RoomInfo, TopicInfo};
use crate::model::command::CommandError;
use crate::model::moderation::{ExceptionKind, Mode, Restriction};
use crate::model::name::{Name, RoomName, Target};
use crate::model::stats::Stats;
use crate::model::text::Text;

/// The answer to a command.
///
/// The hub sends it to the member that sent the command.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reply {
    /// You invited a member to a room.
    InviteSent {
        /// The room.
        room: RoomName,
        /// The invited member.
        name: Name,
    },
    /// The modes of a room: the answer to [`Command::Modes`](crate::Command::Modes), and to a
    /// [`Moderation::Modes`](crate::moderation::Moderation::Modes) that changes nothing.
    Modes {
        /// The room.
        room: RoomName,
        /// The modes that differ from the modes of a new room.
        modes: Vec<Mode>,
        /// When the room was created.
        created: SystemTime,
    },
    /// The answer to [`Moderation::Stats`](crate::moderation::Moderation::Stats): the counters of the hub and its
    /// servers.
    Stats {
        /// The counters.
        stats: Box<Stats>,
    },
    /// The answer to [`Moderation::Bans`](crate::moderation::Moderation::Bans): the bans, the latest last.
    Bans {
        /// The room; `None` for the whole hub.
        room: Option<RoomName>,
        /// The bans; at most [`Limits::bans`](crate::hub::Limits::bans).
        bans: Vec<Restriction>,
    },
    /// The answer to [`Moderation::Exceptions`](crate::moderation::Moderation::Exceptions): the exceptions, the latest
    /// last.
    Exceptions {
        /// The room.
        room: RoomName,
        /// The kind of the exceptions.
        from: ExceptionKind,
        /// The masks; at most [`Limits::bans`](crate::hub::Limits::bans).
        masks: Vec<Restriction>,
    },
    /// The answer to [`Moderation::Mutes`](crate::moderation::Moderation::Mutes): the mutes in a room, the latest last.
    Mutes {
        /// The room.
        room: RoomName,
        /// The mutes; at most [`Limits::bans`](crate::hub::Limits::bans).
        mutes: Vec<Restriction>,
    },
    /// The answer to [`Command::Motd`](crate::Command::Motd): the message of the day.
    Motd {
        /// The lines; empty if there is no message of the day.
        lines: Arc<[Text]>,
    },
    /// Earlier messages of a room, the oldest first: the answer to [`Command::History`](crate::Command::History). The
    /// hub also sends them to a member who enters the room, unless there are none or the member declined them.
    History {
        /// The room.
        room: RoomName,
        /// The messages, with their original numbers and times.
        events: Vec<Event>,
    },
    /// The answer to [`Command::LastSaid`](crate::Command::LastSaid): your rooms that have messages between two anchors
    /// in their history. The room with the latest message is last.
    LastSaid {
        /// The rooms, each with the time of its last such message.
        rooms: Vec<(RoomName, SystemTime)>,
    },
    /// The answer to [`Command::Rooms`](crate::Command::Rooms): the rooms, sorted by name.
    Rooms {
        /// The rooms; at most [`Limits::list`](crate::hub::Limits::list).
        rooms: Vec<RoomInfo>,
        /// The number of rooms left out.
        more: usize,
    },
    /// The answer to [`Command::Census`](crate::Command::Census): the numbers of members and rooms in the hub.
    Census {
        /// The number of members, including you.
        members: usize,
        /// The number of server operators among them.
        operators: usize,
        /// The number of rooms that are visible to you.
        rooms: usize,
    },
    /// The members of a room, sorted by name: the answer to [`Command::Who`](crate::Command::Who). The hub also sends
    /// them to a member with [`keeps_lists`](crate::session::Registration::keeps_lists) that enters the room.
    Members {
        /// The room.
        room: RoomName,
        /// Whether the room is [secret](crate::moderation::Mode::Secret).
        secret: bool,
        /// The members; an arbitrary selection if there are more than [`Limits::list`](crate::hub::Limits::list).
        members: Vec<MemberInfo>,
        /// The number of members left out.
        more: usize,
    },
    /// The answer to [`Command::Find`](crate::Command::Find): the members whose names match, sorted by name. The hub
    /// searches you and the members who share a room with you.
    Found {
        /// The members; an arbitrary selection if there are more than [`Limits::list`](crate::hub::Limits::list).
        members: Vec<MemberInfo>,
        /// The number of members left out.
        more: usize,
    },
    /// The answer to [`Command::Whowas`](crate::Command::Whowas): the former users of a name, the latest first, at most
    /// ten.
    Whowas {
        /// The name as you wrote it.
        name: Target,
        /// The former users.
        members: Vec<FormerInfo>,
    },
    /// The answer to [`Command::Whois`](crate::Command::Whois): one member.
    Whois {
        /// The member.
        member: MemberInfo,
        /// The rooms that the member shares with you.
        shared: Vec<RoomName>,
    },
    /// The answer to [`Command::Topic`](crate::Command::Topic): the topic of a room.
    Topic {
        /// The room.
        room: RoomName,
        /// The topic; `None` if the room has none.
        topic: Option<TopicInfo>,
    },
    /// The member to whom you sent a private message is away.
    RecipientAway {
        /// The member.
        name: Name,
        /// The away message of that member.
        why: Text,
    },
    /// You are away, or back.
    Away {
        /// Your away message; `None` if you are back.
        why: Option<Text>,
    },
    /// You started or stopped ignoring a member.
    Ignoring {
        /// The member.
        name: Name,
        /// Whether you now ignore the member.
        ignored: bool,
    },
    /// The answer to your [`Ping`](crate::Command::Ping), after all events that the hub sent before it.
    Pong {
        /// The token of the ping.
        token: Text,
    },
    /// The hub refused your command. Sent only to you.
    Refused {
        /// The error, which says why the hub refused the command and what is allowed.
        error: CommandError,
    },
}
