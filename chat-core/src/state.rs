//! Who is in the room, and what follows from what they ask.
//!
//! Pure: no thread, clock, socket, channel or random number. One ordered stream of [`Input`]s goes in,
//! [`Effect`]s come out; the same inputs always have the same effects. It must not know how an effect reaches anybody.

use std::collections::HashMap;
use std::sync::Arc;

use crate::command::{Command, CommandError};
use crate::event::{CloseReason, Event, EventKind};
use crate::limits::Limits;
use crate::name::Name;
use crate::numbers::NumberMap;
use crate::text::Text;

/// A member's number in its hub: never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId(pub u64);

/// What goes into the state.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Input {
    /// A new member under a name of its choice or by its address. A taken nick is refused; to a taken address a number
    /// is added, since the one who comes from there can't choose another.
    Join {
        /// The new member. Without effect if it is in already.
        member: MemberId,
        /// What it is to be called.
        name: Name,
    },
    /// A member asks for something. Without effect if it is not in the room (any more).
    Command {
        /// Who asks.
        member: MemberId,
        /// For what.
        command: Command,
    },
    /// A member is gone or must go. Without effect if it is not in the room (any more).
    Leave {
        /// Who.
        member: MemberId,
        /// Why.
        reason: CloseReason,
    },
    /// Several members must go at once: none of them hears of the others' leaving.
    LeaveTogether {
        /// Who.
        members: Vec<MemberId>,
        /// Why.
        reason: CloseReason,
    },
}

/// What follows. Effects are in the order in which members must notice them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// The member is in: it hears every broadcast after this, none before.
    Admit {
        /// Who.
        member: MemberId,
        /// What it is called.
        name: Name,
    },
    /// The member can't come in: its name is taken.
    Refuse {
        /// Who.
        member: MemberId,
    },
    /// One member is told something.
    Tell {
        /// Who.
        to: MemberId,
        /// What.
        event: Event,
    },
    /// Everybody in the room is told something.
    Broadcast {
        /// But not this member.
        except: Option<MemberId>,
        /// What.
        event: Event,
    },
    /// The member is out: it hears what came before this, nothing after.
    Remove {
        /// Who.
        member: MemberId,
        /// What it was called.
        name: Name,
        /// Why.
        reason: CloseReason,
    },
}

/// The state machine of a hub.
///
/// ```
/// use chat_core::state::{Effect, Input, MemberId, State};
/// use chat_core::{Command, EventKind, Limits, Name};
///
/// let mut state = State::new(Limits::default());
/// let (alice, bob) = (MemberId(1), MemberId(2));
/// let mut effects = Vec::new();
/// state.apply(Input::Join { member: alice, name: Name::address("192.0.2.1:1000") }, &mut effects);
/// state.apply(Input::Join { member: bob, name: Name::address("192.0.2.2:1000") }, &mut effects);
/// effects.clear();
///
/// state.apply(Input::Command { member: alice, command: Command::say("hi") }, &mut effects);
/// let Effect::Broadcast { except: Some(speaker), event } = &effects[0] else { panic!() };
/// assert_eq!(*speaker, alice);
/// assert!(matches!(event.kind(), EventKind::Said { text, .. } if text.as_str() == "hi"));
/// ```
#[derive(Debug)]
pub struct State {
    limits: Limits,
    members: NumberMap<MemberId, Name>,
    /// The folded names in use.
    names: HashMap<Arc<str>, MemberId>,
}

impl State {
    /// An empty room.
    #[must_use]
    pub fn new(limits: Limits) -> State {
        State { limits, members: NumberMap::default(), names: HashMap::new() }
    }

    /// Applies one input and appends what follows to `effects`.
    pub fn apply(&mut self, input: Input, effects: &mut Vec<Effect>) {
        match input {
            Input::Join { member, name } => self.join(member, name, effects),
            Input::Command { member, command } => self.command(member, command, effects),
            Input::Leave { member, reason } => self.leave(&[member], &reason, effects),
            Input::LeaveTogether { members, reason } => self.leave(&members, &reason, effects),
        }
    }

    /// Who is in, in no order.
    #[must_use]
    pub fn roster(&self) -> impl ExactSizeIterator<Item = (MemberId, &Name)> {
        self.members.iter().map(|(&member, name)| (member, name))
    }

    fn join(&mut self, member: MemberId, name: Name, effects: &mut Vec<Effect>) {
        if self.members.contains_key(&member) {
            return;
        }
        let name = match name {
            Name::Address(address) => self.free_address(address),
            Name::Nick(nick) if self.names.contains_key(nick.key()) => {
                effects.push(Effect::Refuse { member });
                return;
            }
            name @ Name::Nick(_) => name,
        };
        self.names.insert(name.key().into(), member);
        self.members.insert(member, name.clone());
        effects.push(Effect::Broadcast { except: None, event: EventKind::Joined { name: name.clone() }.into() });
        effects.push(Effect::Admit { member, name });
    }

    /// One address can be there twice: from one port to two listeners, or reconnected before the old end is noticed.
    fn free_address(&self, address: Text) -> Name {
        if !self.names.contains_key(address.as_str()) {
            return Name::Address(address);
        }
        let mut numbered = (2_u64..).map(|number| format!("{address}/{number}"));
        let free = numbered.find(|address| !self.names.contains_key(address.as_str()));
        Name::address(&free.expect("there are more numbers than members"))
    }

    fn command(&mut self, member: MemberId, command: Command, effects: &mut Vec<Effect>) {
        let Some(name) = self.members.get(&member) else { return };
        match command {
            Command::Say(text) => match check(&text, self.limits.text) {
                Ok(()) => {
                    let event = EventKind::Said { from: name.clone(), text }.into();
                    effects.push(Effect::Broadcast { except: Some(member), event });
                }
                Err(error) => effects.push(Effect::Tell { to: member, event: EventKind::Refused { error }.into() }),
            },
            Command::Ping(token) => {
                effects.push(Effect::Tell { to: member, event: EventKind::Pong { token }.into() });
            }
            Command::Quit => self.leave(&[member], &CloseReason::Quit, effects),
        }
    }

    fn leave(&mut self, members: &[MemberId], reason: &CloseReason, effects: &mut Vec<Effect>) {
        let mut gone = Vec::with_capacity(members.len());
        for &member in members {
            let Some(name) = self.members.remove(&member) else {
                continue;
            };
            self.names.remove(name.key());
            effects.push(Effect::Tell { to: member, event: EventKind::Closed { reason: reason.clone() }.into() });
            effects.push(Effect::Remove { member, name: name.clone(), reason: reason.clone() });
            gone.push(name);
        }
        effects.extend(gone.into_iter().map(|name| {
            let event = EventKind::Left { name, reason: reason.clone() }.into();
            Effect::Broadcast { except: None, event }
        }));
    }
}

/// Whether a text may be said where at most `limit` bytes are allowed.
pub(crate) fn check(text: &Text, limit: usize) -> Result<(), CommandError> {
    if text.is_blank() {
        return Err(CommandError::Blank);
    }
    match text.len() {
        bytes if bytes > limit => Err(CommandError::TooLong { bytes, limit }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
