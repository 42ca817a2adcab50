//! Moderation: the decisions of operators about ranks, modes, bans and mutes.

use std::fmt;
use std::time::{Duration, SystemTime};

use crate::model::mask::{Mask, Network};
use crate::model::name::{Name, Target};
use crate::model::text::Text;

/// An operator's command.
///
/// An operator of the current room moderates that room; a server operator moderates any room and the whole hub. The
/// host application moderates a room and the hub with [`Room::moderate`](crate::Room::moderate).
///
/// ```
/// use chat_core::{EventKind, Room};
/// use chat_core::event::{OwnEvent, RoomEvent};
/// use chat_core::moderation::Moderation;
///
/// let lobby = Room::new("lobby")?;
/// let (alice, bob) = (lobby.join("alice".parse()?)?, lobby.join("bob".parse()?)?);
/// for member in [&alice, &bob] {
///     member.join("den".parse()?)?;
/// }
/// alice.request(Moderation::Kick { name: "bob".into(), reason: Some("too loud".into()) }.into())?;
/// let mut reasons = bob.iter().filter_map(|event| match event.kind() {
///     EventKind::Own(OwnEvent::Kicked { reason, .. }) => reason.clone(),
///     _ => None,
/// });
/// assert_eq!(reasons.next(), Some("too loud".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Moderation {
    /// Gives a member of the room a higher rank.
    Promote {
        /// The member.
        name: Target,
        /// The new rank.
        rank: Rank,
    },
    /// Takes this rank from a member of the room, which becomes an ordinary member.
    Demote {
        /// The member.
        name: Target,
        /// The rank that the member loses.
        rank: Rank,
    },
    /// Kicks a member from the room.
    Kick {
        /// The member.
        name: Target,
        /// The reason.
        reason: Option<Text>,
    },
    /// Bans everybody who matches the mask, and removes the members who match it.
    ///
    /// - A mask that is not a name never removes an operator of the room.
    /// - Only another server operator or the host application can ban a server operator, and only by name. No ban of a
    ///   room keeps a server operator out.
    /// - A ban by name also covers the address of the member with that name ([`Network::around`]), so that a new
    ///   nickname does not evade it.
    /// - Banning somebody again changes the duration and the reason.
    Ban {
        /// The room or the hub.
        scope: Scope,
        /// The mask.
        mask: Mask,
        /// The duration and the reason.
        term: Term,
    },
    /// Removes the ban with this mask, or all bans that cover a member at this network.
    Unban {
        /// The room or the hub.
        scope: Scope,
        /// The mask.
        mask: Mask,
    },
    /// Lists the bans. Any member of a room may list the bans of that room.
    Bans(Scope),
    /// Exempts everybody who matches the mask from the bans of the room, or from the need for an invitation.
    AddException {
        /// The kind of exception.
        from: ExceptionKind,
        /// The mask.
        mask: Mask,
    },
    /// Removes an exception.
    RemoveException {
        /// The kind of exception.
        from: ExceptionKind,
        /// The mask.
        mask: Mask,
    },
    /// Lists the exceptions of one kind. Any member of the room may list them.
    Exceptions(ExceptionKind),
    /// Mutes a member of the room. A muted member can't speak, set the topic or change its nickname. The mute also
    /// covers the member's address, so that the member can't evade it by leaving and coming back.
    Mute {
        /// The member.
        name: Target,
        /// The duration and the reason.
        term: Term,
    },
    /// Unmutes the member that was muted under this name, or has this name now.
    Unmute(Target),
    /// Lists the mutes.
    Mutes,
    /// Invites a member, who may then join the room in spite of its modes. Any member may invite, unless the room is
    /// [invite-only](Mode::InviteOnly).
    Invite(Target),
    /// Sets modes of the room, in this order. If the room already has all of them, the hub answers with the room's
    /// modes.
    Modes(Vec<Mode>),
    /// Sets the topic of the room, or clears it. Any member of the room may set it, unless the topic is
    /// [locked](Mode::TopicLocked).
    Topic(Option<Text>),
    /// Closes a member's connection. Only for server operators.
    Kill {
        /// The member.
        name: Target,
        /// The reason.
        reason: Option<Text>,
    },
    /// Sends a text to all members of the hub. Only for server operators.
    Announce(Text),
    /// Requests the counters of the hub and its servers. Only for server operators.
    Stats,
}

/// The scope of a ban: one room or the whole hub.
///
/// ```
/// use chat_core::Room;
/// use chat_core::moderation::{Mask, Moderation, Scope, Term};
///
/// let lobby = Room::new("lobby")?;
/// let mask = Mask::parse("203.0.113.0/24")?;
/// lobby.moderate(Moderation::Ban { scope: Scope::Hub, mask, term: Term::default() })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// The member's current room, or the room of [`Room::moderate`](crate::Room::moderate).
    Room,
    /// The whole hub. Only for server operators.
    Hub,
}

/// The kind of an exception to the rules of a room.
///
/// ```
/// use chat_core::Room;
/// use chat_core::moderation::{ExceptionKind, Mask, Moderation};
///
/// let lobby = Room::new("lobby")?;
/// lobby.moderate(Moderation::AddException { from: ExceptionKind::Ban, mask: Mask::parse("bob")? })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExceptionKind {
    /// A ban exception (IRC's `+e`): the bans of the room do not apply.
    Ban,
    /// An invite exception (IRC's `+I`): no invitation is needed in an [invite-only](Mode::InviteOnly) room.
    Invite,
}

impl fmt::Display for ExceptionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            ExceptionKind::Ban => "bans",
            ExceptionKind::Invite => "invitation",
        })
    }
}

/// The duration of a ban or mute, and its reason. By default, the ban or mute lasts for ever and has no reason.
///
/// ```
/// use std::time::Duration;
/// use chat_core::moderation::Term;
///
/// let term = Term::of(Duration::from_secs(600)).because("too loud");
/// assert_eq!(term.reason, Some("too loud".into()));
/// assert_eq!(Term::default().time, None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Term {
    /// The duration; `None` if the ban or mute lasts for ever, or as long as its room exists.
    pub time: Option<Duration>,
    /// The reason, of at most [`Limits::topic`](crate::hub::Limits::topic) bytes.
    pub reason: Option<Text>,
}

impl Term {
    /// Returns a term of this duration, without a reason.
    #[must_use]
    pub fn of(time: Duration) -> Term {
        Term { time: Some(time), reason: None }
    }

    /// Returns the same term with this reason.
    #[must_use]
    pub fn because(self, reason: impl Into<Text>) -> Term {
        Term { reason: Some(reason.into()), ..self }
    }
}

/// An entry in a list of bans, mutes or exceptions.
///
/// ```
/// use chat_core::Room;
/// use chat_core::moderation::{Mask, Term};
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
    /// The mask.
    pub mask: Mask,
    /// The networks that the banned or muted member came from, the latest last. Only server operators and the host
    /// application see them.
    pub networks: Vec<Network>,
    /// The operator who set the restriction.
    pub by: Name,
    /// When the operator set the restriction.
    pub since: SystemTime,
    /// How long the restriction still lasts; `None` for ever.
    pub left: Option<Duration>,
    /// The reason, if the operator gave one.
    pub reason: Option<Text>,
}

/// The rank of a member in a room. Each rank includes the rights of the ranks before it.
///
/// ```
/// use chat_core::moderation::Rank;
///
/// assert!(Rank::Operator > Rank::Voiced && Rank::Voiced > Rank::Ordinary);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rank {
    /// An ordinary member may speak, unless the room is [moderated](Mode::Moderated).
    #[default]
    Ordinary,
    /// A member with voice may speak, even in a moderated room.
    Voiced,
    /// An operator moderates the room. The member who creates a room is its operator.
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

/// A mode of a room. In a new room only [`MembersOnly`](Self::MembersOnly) is set.
///
/// ```
/// use chat_core::{EventKind, Room};
/// use chat_core::event::{OwnEvent, RoomEvent};
/// use chat_core::moderation::{Mode, Moderation};
///
/// let lobby = Room::new("lobby")?;
/// let alice = lobby.join("alice".parse()?)?;
/// alice.join("den".parse()?)?;
/// alice.request(Moderation::Modes(vec![Mode::InviteOnly(true)]).into())?;
/// let set = alice.iter().nth(1).expect("the hub runs");
/// assert!(matches!(set.kind(), EventKind::Room(RoomEvent::ModesSet { modes, .. }) if modes[..] == [Mode::InviteOnly(true)]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// Only invited members may join, and only operators may invite.
    InviteOnly(bool),
    /// Only members with voice, and operators, may speak.
    Moderated(bool),
    /// Only operators may set the topic.
    TopicLocked(bool),
    /// Only members of the room may speak in it.
    MembersOnly(bool),
    /// The hub hides the room and its members from everybody who is not in it.
    Secret(bool),
    /// A member who is not invited must give this key to join.
    Key(Option<Text>),
    /// A member who is not invited may join only while the room has fewer members than this.
    Limit(Option<usize>),
}
