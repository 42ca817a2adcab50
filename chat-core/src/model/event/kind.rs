//! The kinds of events, with their data.
//!
//! They must not know bytes or connections. Each comment says to which members the hub sends the kind.

use std::sync::Arc;
use std::time::SystemTime;

use super::{CloseReason, Event, FormerInfo, MemberInfo, RoomInfo, TopicInfo};
use crate::model::command::CommandError;
use crate::model::mask::Mask;
use crate::model::message::MessageKind;
use crate::model::moderation::{ExceptionKind, Mode, Rank, Restriction, Term};
use crate::model::name::{Name, RoomName, Target};
use crate::model::stats::Stats;
use crate::model::text::Text;

/// The kind of an event, with its data. See [`Event`] for an example.
///
/// In these comments, "you" is the member that receives the event. "Operator" includes a server operator and the host
/// application, which acts as [`Name::Server`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// A member entered a room. Sent to the other members of the room.
    Joined {
        /// The room.
        room: RoomName,
        /// The member.
        name: Name,
    },
    /// A member left a room, but not the hub. Sent to the members who stay in the room.
    Parted {
        /// The room.
        room: RoomName,
        /// The member.
        name: Name,
        /// Its part message; `None` if it gave none.
        why: Option<Text>,
    },
    /// A member sent a message to a room. Sent to the other members of the room.
    Said {
        /// The room.
        room: RoomName,
        /// The sender.
        from: Name,
        /// The text.
        text: Text,
        /// The kind of the message.
        manner: MessageKind,
    },
    /// A member sent a message to the members of a room with a minimum rank. Sent to those members.
    SaidTo {
        /// The room.
        room: RoomName,
        /// The lowest rank that receives it.
        rank: Rank,
        /// The sender.
        from: Name,
        /// The text.
        text: Text,
        /// The kind of the message.
        manner: MessageKind,
    },
    /// A member sent a private message to you.
    Told {
        /// The sender.
        from: Name,
        /// Your name.
        to: Name,
        /// The text.
        text: Text,
        /// The kind of the message.
        manner: MessageKind,
    },
    /// A member left the hub. Sent once to each member who shares a room with it; no event of that member follows.
    Left {
        /// The member.
        name: Name,
        /// Why it left.
        reason: CloseReason,
    },
    /// A member changed its name. Sent once to each member who shares a room with it.
    Renamed {
        /// The old name.
        old: Name,
        /// The new name.
        new: Name,
    },
    /// A member is away or back. Sent once to each member who shares a room with it in which it may speak, and after
    /// [`Joined`](Self::Joined) to the members of a room that it enters.
    AwaySet {
        /// The member.
        name: Name,
        /// Its away message; `None` if it is back.
        why: Option<Text>,
    },
    /// A member changed its [real name](crate::name::Profile::real_name). Sent once to itself and to each member who shares a
    /// room with it.
    RealNameSet {
        /// The member.
        name: Name,
        /// The new real name.
        real_name: Text,
    },
    /// An operator changed a member's rank in a room. Sent to all members of the room.
    RankSet {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The member.
        name: Name,
        /// The rank before.
        old: Rank,
        /// The rank now.
        rank: Rank,
    },
    /// An operator kicked a member from a room. Sent to the members who stay in the room.
    KickedOut {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The member.
        name: Name,
        /// The reason; `None` if the operator gave none.
        reason: Option<Text>,
    },
    /// An operator changed the modes of a room. Sent to all members of the room.
    ModesSet {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The changed modes, in the order in which the operator set them.
        modes: Vec<Mode>,
    },
    /// An operator added an exception for a mask in a room. Sent to all members of the room.
    ExceptionAdded {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// What the mask is exempt from.
        from: ExceptionKind,
        /// The mask.
        mask: Mask,
    },
    /// An operator removed an exception. Sent to all members of the room.
    ExceptionRemoved {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// What the mask was exempt from.
        from: ExceptionKind,
        /// The mask.
        mask: Mask,
    },
    /// An operator kicked you from a room.
    Kicked {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The reason; `None` if the operator gave none.
        reason: Option<Text>,
        /// Your current room now; `None` if you are in no room.
        current: Option<RoomName>,
    },
    /// A member invited you to a room: you may enter it whatever its modes are.
    Invited {
        /// The room.
        room: RoomName,
        /// The member who invited you.
        by: Name,
    },
    /// A member invited another to a room. Sent to the other operators of the room.
    Inviting {
        /// The room.
        room: RoomName,
        /// The member who invites.
        by: Name,
        /// The invited member.
        name: Name,
    },
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
        /// The modes that differ from those of a new room.
        modes: Vec<Mode>,
        /// When the room was created.
        made: SystemTime,
    },
    /// A member set or removed the topic of a room. Sent to all members of the room.
    TopicSet {
        /// The room.
        room: RoomName,
        /// The member.
        by: Name,
        /// The new topic; `None` if it was removed.
        topic: Option<Text>,
    },
    /// An operator banned a mask. Sent to all members of the room; a ban from the hub, to server operators.
    Banned {
        /// The room; `None` for the whole hub.
        room: Option<RoomName>,
        /// The operator.
        by: Name,
        /// The mask.
        mask: Mask,
        /// The duration and the reason.
        term: Term,
    },
    /// An operator lifted a ban. Sent to the same members as [`Banned`](Self::Banned).
    Unbanned {
        /// The room; `None` for the whole hub.
        room: Option<RoomName>,
        /// The operator.
        by: Name,
        /// The mask.
        mask: Mask,
    },
    /// An operator muted a member in a room. Sent to all members of the room.
    Muted {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The member.
        name: Name,
        /// The duration and the reason.
        term: Term,
    },
    /// An operator lifted a mute in a room. Sent to all members of the room.
    Unmuted {
        /// The room.
        room: RoomName,
        /// The operator.
        by: Name,
        /// The name that the mute was lifted from.
        name: Target,
    },
    /// A server operator sent an announcement. Sent to all members of the hub.
    Announced {
        /// The server operator.
        by: Name,
        /// The text.
        text: Text,
    },
    /// The answer to [`Moderation::Stats`](crate::moderation::Moderation::Stats): the counters of the hub and its servers.
    Stats {
        /// The counters.
        stats: Box<Stats>,
    },
    /// You read too slowly, so the hub dropped events of your rooms
    /// ([`SlowConsumerPolicy::DropOldest`](crate::hub::SlowConsumerPolicy::DropOldest)).
    Missed {
        /// The number of dropped events.
        count: u64,
        /// The event number of the first.
        first: u64,
        /// The event number of the last.
        last: u64,
    },
    /// A member became a server operator. Sent to all server operators, including that member.
    Operates {
        /// The member.
        name: Name,
    },
    /// A member gave a wrong server operator password. Sent to all server operators.
    FailedToOperate {
        /// The member.
        name: Name,
    },
    /// A server operator closed a member's connection. Sent to all server operators.
    Killed {
        /// The server operator.
        by: Name,
        /// The member.
        name: Name,
        /// The reason; `None` if the operator gave none.
        reason: Option<Text>,
    },
    /// The answer to [`Moderation::Bans`](crate::moderation::Moderation::Bans): the bans, the latest last.
    Bans {
        /// The room; `None` for the whole hub.
        room: Option<RoomName>,
        /// The bans; at most [`Limits::bans`](crate::hub::Limits::bans).
        bans: Vec<Restriction>,
    },
    /// The answer to [`Moderation::Exceptions`](crate::moderation::Moderation::Exceptions): the exceptions, the latest last.
    Exceptions {
        /// The room.
        room: RoomName,
        /// What the masks are exempt from.
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
    /// You joined the hub. The first event of a connection; not sent to in-process members.
    Welcome {
        /// Your name.
        name: Name,
        /// The room that you are in, or enter next; `None` if you start in no room.
        room: Option<RoomName>,
        /// When the hub was created: event numbers are unique only within one hub.
        since: SystemTime,
        /// The lines of the message of the day; empty if there is none.
        motd: Arc<[Text]>,
    },
    /// The answer to [`Command::Motd`](crate::Command::Motd): the message of the day.
    Motd {
        /// Its lines; empty if there is no message of the day.
        lines: Arc<[Text]>,
    },
    /// Your name changed.
    Named {
        /// The new name.
        name: Name,
    },
    /// The answer to [`Command::Join`](crate::Command::Join): you entered a room, or were in it already. It is your
    /// current room now.
    Entered {
        /// The room.
        room: RoomName,
        /// Its topic; `None` if it has none.
        topic: Option<TopicInfo>,
        /// The number of its members, including you.
        members: usize,
    },
    /// You left a room.
    Exited {
        /// The room.
        room: RoomName,
        /// Your part message; `None` if you gave none.
        why: Option<Text>,
        /// Your current room now; `None` if you are in no room.
        current: Option<RoomName>,
    },
    /// Earlier messages of a room, the oldest first. Sent to a member who enters the room, unless there are none or the
    /// member declined them, and as the answer to [`Command::History`](crate::Command::History).
    Past {
        /// The room.
        room: RoomName,
        /// The messages, with their original numbers and times.
        events: Vec<Event>,
    },
    /// The answer to [`Command::LastSaid`](crate::Command::LastSaid): your rooms with a remembered message between two
    /// anchors, the room with the latest message last.
    LastSaid {
        /// The rooms, with the time of the last such message.
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
    /// The members of a room, sorted by name: the answer to [`Command::Who`](crate::Command::Who), and sent to a member
    /// with [`keeps_lists`](crate::session::Registration::keeps_lists) that enters the room.
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
    /// The answer to [`Command::Find`](crate::Command::Find): the members whose names match, among you and the members
    /// who share a room with you, sorted by name.
    Found {
        /// The members; an arbitrary selection if there are more than [`Limits::list`](crate::hub::Limits::list).
        members: Vec<MemberInfo>,
        /// The number of members left out.
        more: usize,
    },
    /// The answer to [`Command::Whowas`](crate::Command::Whowas): the former users of a name, the latest first, at most
    /// ten.
    Was {
        /// The name as you wrote it.
        name: Target,
        /// The former users.
        members: Vec<FormerInfo>,
    },
    /// The answer to [`Command::Whois`](crate::Command::Whois): one member.
    About {
        /// The member.
        member: MemberInfo,
        /// The rooms that it shares with you.
        shared: Vec<RoomName>,
    },
    /// The answer to [`Command::Topic`](crate::Command::Topic): the topic of a room.
    Topic {
        /// The room.
        room: RoomName,
        /// Its topic; `None` if it has none.
        topic: Option<TopicInfo>,
    },
    /// The member to whom you sent a private message is away.
    IsAway {
        /// The member.
        name: Name,
        /// Its away message.
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
        /// Whether you ignore it now.
        ignored: bool,
    },
    /// The answer to your [`Ping`](crate::Command::Ping), after all events that the hub sent before it.
    Pong {
        /// The token of the ping.
        token: Text,
    },
    /// The hub refused your command. Sent only to you.
    Refused {
        /// Why, and what is allowed.
        error: CommandError,
    },
    /// Your membership ended: the last event that you receive.
    Closed {
        /// Why.
        reason: CloseReason,
    },
}

impl EventKind {
    /// Returns the room of the event, if the hub sends it to the members of one room.
    #[must_use]
    pub fn room(&self) -> Option<&RoomName> {
        match self {
            EventKind::Joined { room, .. }
            | EventKind::Parted { room, .. }
            | EventKind::Said { room, .. }
            | EventKind::RankSet { room, .. }
            | EventKind::KickedOut { room, .. }
            | EventKind::SaidTo { room, .. }
            | EventKind::ModesSet { room, .. }
            | EventKind::ExceptionAdded { room, .. }
            | EventKind::ExceptionRemoved { room, .. }
            | EventKind::TopicSet { room, .. }
            | EventKind::Muted { room, .. }
            | EventKind::Unmuted { room, .. } => Some(room),
            EventKind::Banned { room, .. } | EventKind::Unbanned { room, .. } => room.as_ref(),
            _ => None,
        }
    }
}
