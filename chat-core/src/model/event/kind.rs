//! What can happen.

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

/// What can happen. See [`Event`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// Somebody entered a room. Told to those who were in it before.
    Joined {
        /// Where.
        room: RoomName,
        /// Who.
        name: Name,
    },
    /// Somebody left a room, but not the hub. Told to those who stay in it.
    Parted {
        /// Where.
        room: RoomName,
        /// Who.
        name: Name,
        /// Why, if that was said.
        why: Option<Text>,
    },
    /// Somebody said something. Told to everybody else in the room.
    Said {
        /// Where.
        room: RoomName,
        /// Who.
        from: Name,
        /// What.
        text: Text,
        /// How it is meant.
        manner: MessageKind,
    },
    /// Somebody said something in a room to those alone who have this rank, or a higher one. Told to these.
    SaidTo {
        /// Where.
        room: RoomName,
        /// To whom.
        rank: Rank,
        /// Who.
        from: Name,
        /// What.
        text: Text,
        /// How it is meant.
        manner: MessageKind,
    },
    /// Somebody said something to oneself alone.
    Told {
        /// Who.
        from: Name,
        /// What one is called.
        to: Name,
        /// What.
        text: Text,
        /// How it is meant.
        manner: MessageKind,
    },
    /// Somebody left the hub. Told once to each who shares a room with it; nothing of that member comes after it.
    Left {
        /// Who.
        name: Name,
        /// How it came about.
        reason: CloseReason,
    },
    /// Somebody has another name. Told once to each who shares a room with it.
    Renamed {
        /// What it was called.
        old: Name,
        /// What it is called now.
        new: Name,
    },
    /// Somebody is away, or is back. Told once to each who shares a room with it in which it may speak, and behind
    /// [`Joined`](Self::Joined) to those in a room that it enters.
    AwaySet {
        /// Who.
        name: Name,
        /// Why; nothing, if it is back.
        why: Option<Text>,
    },
    /// Somebody says otherwise about itself what it is [really called](crate::Profile::real_name). Told once to itself, and to
    /// each who shares a room with it.
    RealNameSet {
        /// Who.
        name: Name,
        /// What it says.
        real_name: Text,
    },
    /// Somebody has another rank in a room. Told to everybody in it.
    RankSet {
        /// Where.
        room: RoomName,
        /// Who decided it.
        by: Name,
        /// Who.
        name: Name,
        /// What it was,
        old: Rank,
        /// and what it is now.
        rank: Rank,
    },
    /// Somebody was put out of a room. Told to those who stay in it.
    KickedOut {
        /// Where.
        room: RoomName,
        /// Who decided it.
        by: Name,
        /// Who.
        name: Name,
        /// Why, if that was said.
        reason: Option<Text>,
    },
    /// A room has other modes. Told to everybody in it.
    ModesSet {
        /// Where.
        room: RoomName,
        /// Who decided it.
        by: Name,
        /// The modes, in the order in which they were set.
        modes: Vec<Mode>,
    },
    /// Something does not count for somebody in a room, from now on. Told to everybody in it.
    ExceptionAdded {
        /// Where.
        room: RoomName,
        /// Who decided it.
        by: Name,
        /// What does not count.
        from: ExceptionKind,
        /// For whom.
        mask: Mask,
    },
    /// It does again. Told to everybody in the room.
    ExceptionRemoved {
        /// Where.
        room: RoomName,
        /// Who decided it.
        by: Name,
        /// What counts.
        from: ExceptionKind,
        /// For whom.
        mask: Mask,
    },
    /// One was put out of a room.
    Kicked {
        /// Where.
        room: RoomName,
        /// Who decided it.
        by: Name,
        /// Why, if that was said.
        reason: Option<Text>,
        /// The room that is the current one from now on, if there is one.
        current: Option<RoomName>,
    },
    /// Somebody invites one to a room: one may enter it whatever its modes are.
    Invited {
        /// Where.
        room: RoomName,
        /// Who.
        by: Name,
    },
    /// Somebody invites another to a room. Told to the other operators of it.
    Inviting {
        /// Where.
        room: RoomName,
        /// Who invites.
        by: Name,
        /// Whom.
        name: Name,
    },
    /// One has invited somebody to a room.
    InviteSent {
        /// Where.
        room: RoomName,
        /// Whom.
        name: Name,
    },
    /// The modes of a room.
    Modes {
        /// Which room.
        room: RoomName,
        /// Those that are not as in a new room.
        modes: Vec<Mode>,
        /// When it was made.
        made: SystemTime,
    },
    /// Somebody set the topic of a room, or took it away. Told to everybody in it.
    TopicSet {
        /// Where.
        room: RoomName,
        /// Who.
        by: Name,
        /// The topic.
        topic: Option<Text>,
    },
    /// Somebody is banned. Told to everybody in the room; of a ban from the whole hub, to server operators.
    Banned {
        /// From this room; else from the whole hub.
        room: Option<RoomName>,
        /// Who decided it.
        by: Name,
        /// Who.
        mask: Mask,
        /// For how long, and why.
        term: Term,
    },
    /// Somebody is banned no longer. Told as [`Banned`](Self::Banned) is.
    Unbanned {
        /// From this room; else from the whole hub.
        room: Option<RoomName>,
        /// Who decided it.
        by: Name,
        /// Who.
        mask: Mask,
    },
    /// Somebody may not speak in a room. Told to everybody in it.
    Muted {
        /// Where.
        room: RoomName,
        /// Who decided it.
        by: Name,
        /// Who.
        name: Name,
        /// For how long, and why.
        term: Term,
    },
    /// Somebody may speak in a room again. Told to everybody in it.
    Unmuted {
        /// Where.
        room: RoomName,
        /// Who decided it.
        by: Name,
        /// Who.
        name: Target,
    },
    /// Something that all in the hub are told.
    Announced {
        /// By whom.
        by: Name,
        /// What.
        text: Text,
    },
    /// What was counted in the hub, and in the servers in front of it.
    Stats {
        /// The counters.
        stats: Box<Stats>,
    },
    /// One reads too slowly, and did not hear some of what was said in one's rooms ([`SlowConsumerPolicy::DropOldest`](crate::SlowConsumerPolicy::DropOldest)).
    Missed {
        /// How many events that is.
        count: u64,
        /// The number of the first of them,
        first: u64,
        /// and of the last.
        last: u64,
    },
    /// Somebody is a server operator from now on. Told to server operators, itself among them.
    Operates {
        /// Who.
        name: Name,
    },
    /// Somebody gave a wrong password for server operators. Told to them.
    FailedToOperate {
        /// Who.
        name: Name,
    },
    /// A server operator closed somebody's connection. Told to server operators.
    Killed {
        /// Who decided it.
        by: Name,
        /// Whose.
        name: Name,
        /// Why, if that was said.
        reason: Option<Text>,
    },
    /// Who is banned, the latest last.
    Bans {
        /// From this room; else from the whole hub.
        room: Option<RoomName>,
        /// The bans; at most [`Limits::bans`](crate::Limits::bans).
        bans: Vec<Restriction>,
    },
    /// For whom something does not count in a room, the latest last.
    Exceptions {
        /// Where.
        room: RoomName,
        /// What.
        from: ExceptionKind,
        /// For whom; at most [`Limits::bans`](crate::Limits::bans).
        masks: Vec<Restriction>,
    },
    /// Who is muted in a room, the latest last.
    Mutes {
        /// Where.
        room: RoomName,
        /// The mutes; at most [`Limits::bans`](crate::Limits::bans).
        mutes: Vec<Restriction>,
    },
    /// One is in the hub. The first thing that a connection is told; members in this process are not.
    Welcome {
        /// What one is called.
        name: Name,
        /// The room in which one is, or will be at once, if there is one.
        room: Option<RoomName>,
        /// Since when there is the hub: numbers of events are for one hub.
        since: SystemTime,
        /// The message of the day, by lines; none if it is empty.
        motd: Arc<[Text]>,
    },
    /// The answer to [`Command::Motd`](crate::Command::Motd): the message of the day.
    Motd {
        /// Its lines; none if there is no message of the day.
        lines: Arc<[Text]>,
    },
    /// One's own name is another from now on.
    Named {
        /// The name.
        name: Name,
    },
    /// One has entered a room by one's own command, or is in it already; it is the current one from now on.
    Entered {
        /// Where.
        room: RoomName,
        /// What it is about, if that was set.
        topic: Option<TopicInfo>,
        /// How many are in it, oneself among them.
        members: usize,
    },
    /// One has left a room.
    Exited {
        /// Which.
        room: RoomName,
        /// Why, if that was said.
        why: Option<Text>,
        /// The room that is the current one from now on, if there is one.
        current: Option<RoomName>,
    },
    /// What was said in a room before, the oldest first: told to those who enter it, unless nothing was said or they
    /// declined it, and to those who ask.
    Past {
        /// Where.
        room: RoomName,
        /// What was said, with the numbers and times that it had then.
        events: Vec<Event>,
    },
    /// In which of one's rooms something is remembered that was said between two times or events, the latest last.
    LastSaid {
        /// The rooms, and when it was said last.
        rooms: Vec<(RoomName, SystemTime)>,
    },
    /// Which rooms there are, in the order of their names.
    Rooms {
        /// The rooms; at most [`Limits::list`](crate::Limits::list).
        rooms: Vec<RoomInfo>,
        /// How many there are beside these.
        more: usize,
    },
    /// How many there are in the hub.
    Census {
        /// Members, oneself among them.
        members: usize,
        /// Those of them who are server operators.
        operators: usize,
        /// Rooms of which one may know.
        rooms: usize,
    },
    /// Who is in a room, in the order of their names.
    Members {
        /// Which room.
        room: RoomName,
        /// Whether it is [secret](crate::Mode::Secret).
        secret: bool,
        /// Who is in it; if that is more than [`Limits::list`](crate::Limits::list), any so many of them.
        members: Vec<MemberInfo>,
        /// How many are in it beside these.
        more: usize,
    },
    /// Those whose names fit, of oneself and those who share a room with one, in the order of their names.
    Found {
        /// Who; if that is more than [`Limits::list`](crate::Limits::list), any so many of them.
        members: Vec<MemberInfo>,
        /// How many there are beside these.
        more: usize,
    },
    /// Who had a name, and has it no more: the latest first, at most ten.
    Was {
        /// The name as it was asked for.
        name: Target,
        /// Who.
        members: Vec<FormerInfo>,
    },
    /// About one member.
    About {
        /// What it is called, and whether it is away.
        member: MemberInfo,
        /// The rooms that it shares with the one who asked.
        shared: Vec<RoomName>,
    },
    /// What a room is about.
    Topic {
        /// Which room.
        room: RoomName,
        /// Its topic, if it was set.
        topic: Option<TopicInfo>,
    },
    /// One to whom something was said in private is away.
    IsAway {
        /// Who.
        name: Name,
        /// Why.
        why: Text,
    },
    /// One is away from now on, for this reason, or back.
    Away {
        /// Why.
        why: Option<Text>,
    },
    /// One ignores somebody from now on, or does so no longer.
    Ignoring {
        /// Whom.
        name: Name,
        /// Whether one does.
        ignored: bool,
    },
    /// The answer to one's own [`Ping`](crate::Command::Ping), behind everything that was said before it.
    Pong {
        /// What was sent along.
        token: Text,
    },
    /// One's own command was refused. Told to nobody else.
    Refused {
        /// Why, and what is allowed.
        error: CommandError,
    },
    /// One's own membership is over: the last event of all.
    Closed {
        /// Why.
        reason: CloseReason,
    },
}

impl EventKind {
    /// The room in which it happened, if it is about one room and told to those who are in it.
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
