//! What operators decide: about ranks, modes, and who may be where.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::model::mask::{Mask, Network};
use crate::model::name::{Name, Target};
use crate::model::text::Text;

/// Something that is decided: about the current room by an operator of it or a server operator, about the whole hub by a
/// server operator, or about either by the program that the room is in ([`Room::moderate`](crate::Room::moderate)).
///
/// ```
/// use chat_core::{EventKind, Moderation, Room};
///
/// let lobby = Room::new("lobby")?;
/// let (alice, bob) = (lobby.join("alice".parse()?)?, lobby.join("bob".parse()?)?);
/// for member in [&alice, &bob] {
///     member.join("den".parse()?)?;
/// }
/// alice.request(Moderation::Kick { name: "bob".into(), reason: Some("too loud".into()) }.into())?;
/// let mut reasons = bob.iter().filter_map(|event| match event.kind() {
///     EventKind::Kicked { reason, .. } => reason.clone(),
///     _ => None,
/// });
/// assert_eq!(reasons.next(), Some("too loud".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Moderation {
    /// Give a member of the room a higher rank.
    Promote {
        /// Whom.
        name: Target,
        /// Which.
        rank: Rank,
    },
    /// Make a member of the room, who has this rank, an ordinary one.
    Demote {
        /// Whom.
        name: Target,
        /// Which rank it has.
        rank: Rank,
    },
    /// Put a member out of the room.
    Kick {
        /// Whom.
        name: Target,
        /// Why.
        reason: Option<Text>,
    },
    /// Keep all whom the mask fits out, and put those out who are in. Operators are put out only if they are named;
    /// server operators only if others or the program name them, and never kept out of a room. Who is named is also known by where it comes from
    /// ([`Network::around`]), so that another name does not help it. Of one who is banned already, the time and the
    /// reason change.
    Ban {
        /// From where.
        scope: Scope,
        /// Whom.
        mask: Mask,
        /// For how long, and why.
        term: Term,
    },
    /// Lift a ban: the one of this mask, or those which know somebody by this network.
    Unban {
        /// From where.
        scope: Scope,
        /// Whose.
        mask: Mask,
    },
    /// Tell who is banned. From the room, any member may ask that.
    Bans(Scope),
    /// Let something not count for all whom the mask fits: the bans of the room, or that one must be invited.
    AddException {
        /// From what.
        from: ExceptionKind,
        /// Whom.
        mask: Mask,
    },
    /// Let it count for them again.
    RemoveException {
        /// From what.
        from: ExceptionKind,
        /// Whom.
        mask: Mask,
    },
    /// Tell who is exempt. Any member may ask that.
    Exceptions(ExceptionKind),
    /// Let a member of the room say nothing in it, neither by a topic nor by another name. It is known by where it comes from, too, so that leaving and coming
    /// back does not help it, nor another name.
    Mute {
        /// Whom.
        name: Target,
        /// For how long, and why.
        term: Term,
    },
    /// Let somebody speak again: the one who was muted under this name, or has it now.
    Unmute(Target),
    /// Tell who is muted.
    Mutes,
    /// Let a member enter the room, whatever its modes are. Any member may, unless the room is for
    /// [those who are invited](Mode::InviteOnly).
    Invite(Target),
    /// Give the room these modes, in their order. If it has them all, whoever asks is told which it has.
    Modes(Vec<Mode>),
    /// Set the topic of the room, or take it away. Any member may, unless the topic is [locked](Mode::TopicLocked).
    Topic(Option<Text>),
    /// Close a member's connection. For server operators.
    Kill {
        /// Whose.
        name: Target,
        /// Why.
        reason: Option<Text>,
    },
    /// Tell everybody in the hub, wherever they are. For server operators.
    Announce(Text),
    /// Tell what was counted. For server operators.
    Stats,
}

/// From where somebody is banned.
///
/// ```
/// use chat_core::{Mask, Moderation, Room, Scope, Term};
///
/// let lobby = Room::new("lobby")?;
/// let mask = Mask::parse("203.0.113.0/24")?;
/// lobby.moderate(Moderation::Ban { scope: Scope::Hub, mask, term: Term::default() })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// From the current room; of an order by [`Room::moderate`](crate::Room::moderate), from that one.
    Room,
    /// From the whole hub. For server operators.
    Hub,
}

/// What may not count for somebody in a room.
///
/// ```
/// use chat_core::{Mask, Moderation, Room, ExceptionKind};
///
/// let lobby = Room::new("lobby")?;
/// lobby.moderate(Moderation::AddException { from: ExceptionKind::Ban, mask: Mask::parse("bob")? })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExceptionKind {
    /// Its bans.
    Ban,
    /// That it is for [those who are invited](Mode::InviteOnly).
    Invite,
}

impl fmt::Display for ExceptionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            ExceptionKind::Ban => "bans",
            ExceptionKind::Invite => "the need of an invitation",
        })
    }
}

/// For how long something holds, and why. By default for ever, and for no reason that is told.
///
/// ```
/// use std::time::Duration;
/// use chat_core::Term;
///
/// let term = Term::of(Duration::from_secs(600)).because("too loud");
/// assert_eq!(term.reason, Some("too loud".into()));
/// assert_eq!(Term::default().time, None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Term {
    /// For how long; for ever, or until the room is gone, if that is not said.
    pub time: Option<Duration>,
    /// Why, if that is said. At most [`Limits::topic`](crate::Limits::topic) bytes.
    pub reason: Option<Text>,
}

impl Term {
    /// For so long.
    #[must_use]
    pub fn of(time: Duration) -> Term {
        Term { time: Some(time), reason: None }
    }

    /// For this reason.
    #[must_use]
    pub fn because(self, reason: impl Into<Text>) -> Term {
        Term { reason: Some(reason.into()), ..self }
    }
}

/// A ban, a mute or an exemption, as a list of them shows it.
///
/// ```
/// use chat_core::{Mask, Room, Term};
///
/// let lobby = Room::new("lobby")?;
/// lobby.ban(Mask::parse("spam*")?, Term::default().because("no advertising"))?;
/// let bans = lobby.bans()?;
/// assert_eq!((bans[0].mask.to_string(), bans[0].left), ("spam*".into(), None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restriction {
    /// Whom it is meant for.
    pub mask: Mask,
    /// From where the one who was named came, the latest last. Told only to server operators and to the program that the
    /// room is in.
    pub networks: Vec<Network>,
    /// Who decided it.
    pub by: Name,
    /// When.
    pub since: SystemTime,
    /// For how long still, unless for ever.
    pub left: Option<Duration>,
    /// Why, if that was said.
    pub reason: Option<Text>,
}

/// What a member may do in a room. Each may do what those before it may.
///
/// ```
/// use chat_core::Rank;
///
/// assert!(Rank::Operator > Rank::Voiced && Rank::Voiced > Rank::Ordinary);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rank {
    /// Speak, unless the room is [moderated](Mode::Moderated).
    #[default]
    Ordinary,
    /// Speak.
    Voiced,
    /// Decide about the room and who is in it. Who makes a room is its operator.
    Operator,
}

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Rank::Ordinary => "an ordinary member",
            Rank::Voiced => "voiced",
            Rank::Operator => "an operator",
        })
    }
}

/// Something that an operator decides about a room. In a new room nothing of it is on but that it is for its
/// [members alone](Self::MembersOnly).
///
/// ```
/// use chat_core::{EventKind, Mode, Moderation, Room};
///
/// let lobby = Room::new("lobby")?;
/// let alice = lobby.join("alice".parse()?)?;
/// alice.join("den".parse()?)?;
/// alice.request(Moderation::Modes(vec![Mode::InviteOnly(true)]).into())?;
/// let set = alice.iter().nth(1).expect("the hub runs");
/// assert!(matches!(set.kind(), EventKind::ModesSet { modes, .. } if modes[..] == [Mode::InviteOnly(true)]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// Only those who are invited may enter, and only operators may invite.
    InviteOnly(bool),
    /// Only those with a voice may speak.
    Moderated(bool),
    /// Only operators may set the topic.
    TopicLocked(bool),
    /// Only those who are in it may speak in it.
    MembersOnly(bool),
    /// Those who are not in it are not told of it: neither that there is such a room, nor who is in it.
    Secret(bool),
    /// Who is not invited must know this to enter.
    Key(Option<Text>),
    /// Who is not invited may enter only while less than so many are in the room.
    Limit(Option<usize>),
}
