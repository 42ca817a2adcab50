//! What the operators of a room decide: ranks of members, modes of the room.

use std::fmt;

use crate::text::Text;

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

/// Something that an operator decides about a room. In a new room nothing of it is on.
///
/// ```
/// use chat_core::{Command, EventKind, Mode, Room};
///
/// let lobby = Room::new("lobby")?;
/// let alice = lobby.join("alice".parse()?)?;
/// alice.enter("den".parse()?)?;
/// alice.ask(Command::Mode(Some(Mode::InviteOnly(true))))?;
/// let set = alice.events().nth(1).expect("the hub runs");
/// assert!(matches!(set.kind(), EventKind::ModeSet { mode: Mode::InviteOnly(true), .. }));
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
    /// Who is not invited must know this to enter.
    Key(Option<Text>),
    /// Who is not invited may enter only while less than so many are in the room.
    Limit(Option<usize>),
}
