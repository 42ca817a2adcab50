//! Who is in the room, and what follows from what they ask.
//!
//! Pure: no thread, clock, socket, channel or random number. One ordered stream of [`Input`]s goes in,
//! [`Effect`]s come out; the same inputs always have the same effects. It must not know how an effect reaches anybody.

mod effect;
mod order;
mod people;
mod rooms;
mod words;

use std::time::SystemTime;

use crate::command::{Command, CommandError};
use crate::event::{CloseReason, Event, EventKind, MemberInfo};
use crate::limits::Limits;
use crate::name::{Name, Nick, RoomName, Target};
use crate::options::{HubOptions, Naming};
use crate::order::Rank;
use crate::text::Text;
pub use effect::{Effect, Input};
use people::People;
use rooms::Rooms;

/// A member's number in its hub: never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId(pub u64);

/// A room's number in its hub: never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(pub u64);

/// The state machine of a hub.
///
/// ```
/// use std::time::SystemTime;
/// use chat_core::state::{Effect, Input, MemberId, State};
/// use chat_core::{Command, EventKind, HubOptions, Name};
///
/// let mut state = State::new("lobby".parse()?, HubOptions::default());
/// let (alice, bob) = (MemberId(1), MemberId(2));
/// let (now, mut effects) = (SystemTime::now(), Vec::new());
/// state.apply(Input::Join { member: alice, name: Name::address("192.0.2.1:1000"), wants_history: true }, now, &mut effects);
/// state.apply(Input::Join { member: bob, name: Name::address("192.0.2.2:1000"), wants_history: true }, now, &mut effects);
/// effects.clear();
///
/// state.apply(Input::Command { member: alice, command: Command::say("hi") }, now, &mut effects);
/// let Effect::Broadcast { except: Some(speaker), event, .. } = &effects[0] else { panic!() };
/// assert_eq!(*speaker, alice);
/// assert!(matches!(event.kind(), EventKind::Said { text, .. } if text.as_str() == "hi"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct State {
    limits: Limits,
    /// What those are called who have not chosen a name.
    names: Naming,
    people: People,
    rooms: Rooms,
    /// Where everybody begins.
    home: RoomId,
    /// How many events there were.
    events: u64,
}

impl State {
    /// A hub in which everybody begins in the room that is called `home`, and is always there.
    #[must_use]
    pub fn new(home: RoomName, mut options: HubOptions) -> State {
        let mut rooms = Rooms::new(options.take_history());
        let home = rooms.make(home, true);
        for name in options.rooms {
            rooms.keep(name);
        }
        State { limits: options.limits, names: options.names, people: People::default(), rooms, home, events: 0 }
    }

    /// Applies one input and appends what follows to `effects`. `now` is the time of the events.
    pub fn apply(&mut self, input: Input, now: SystemTime, effects: &mut Vec<Effect>) {
        let mut step = Step { state: self, now, effects };
        match input {
            Input::Join { member, name, wants_history } => step.join(member, name, wants_history),
            Input::Command { member, command } => step.command(member, command),
            Input::Leave { member, reason } => step.leave(&[member], &reason),
            Input::LeaveTogether { members, reason } => step.leave(&members, &reason),
        }
    }

    /// Who is in the hub, in no order.
    #[must_use]
    pub fn roster(&self) -> impl ExactSizeIterator<Item = (MemberId, &Name)> {
        self.people.iter()
    }

    /// Who is in which rooms, in no order.
    pub fn rooms(&self) -> impl Iterator<Item = (RoomId, &RoomName, impl ExactSizeIterator<Item = MemberId>)> {
        self.rooms.iter().map(|(id, room)| (id, &room.name, room.members()))
    }
}

/// One input at work.
struct Step<'a> {
    state: &'a mut State,
    now: SystemTime,
    effects: &'a mut Vec<Effect>,
}

/// Done, or why not.
type Outcome = Result<(), CommandError>;

impl Step<'_> {
    fn event(&mut self, kind: EventKind) -> Event {
        self.state.events += 1;
        Event::new(self.state.events, self.now, kind)
    }

    fn tell(&mut self, to: MemberId, kind: EventKind) {
        self.tell_all(vec![to], kind);
    }

    fn tell_all(&mut self, to: Vec<MemberId>, kind: EventKind) {
        let event = self.event(kind);
        self.effects.push(Effect::Tell { to, event });
    }

    fn broadcast(&mut self, room: RoomId, except: Option<MemberId>, kind: EventKind) {
        let event = self.event(kind);
        self.effects.push(Effect::Broadcast { room, except, ignoring: Vec::new(), event });
    }

    fn join(&mut self, member: MemberId, name: Name, wants_history: bool) {
        if self.state.people.contains(member) {
            return;
        }
        let name = match name {
            Name::Address(_) if self.state.names == Naming::Guest => self.state.people.free_guest(),
            Name::Address(address) => self.state.people.free_address(&address),
            name if self.state.people.in_use(&name, member).is_some() => {
                self.effects.push(Effect::Refuse { member });
                return;
            }
            name => name,
        };
        self.state.people.add(member, name.clone(), wants_history);
        self.effects.push(Effect::Admit { member, name });
        self.enter(member, self.state.home);
        self.tell_past(member, self.state.home);
    }

    fn command(&mut self, member: MemberId, command: Command) {
        if !self.state.people.contains(member) {
            return;
        }
        let outcome = match command {
            Command::Say(text) => self.speak(member, text, |room, from, text| EventKind::Said { room, from, text }),
            Command::Act(text) => self.speak(member, text, |room, from, text| EventKind::Acted { room, from, text }),
            Command::Tell { to, text } => self.speak_to(member, &to, text),
            Command::Nick(nick) => self.rename(member, nick),
            Command::Join { room, key } => self.join_room(member, room, key.as_ref()),
            Command::Part(room) => self.part(member, room),
            Command::Rooms => {
                let (rooms, more) = self.state.rooms.list(self.state.limits.list);
                self.tell(member, EventKind::Rooms { rooms, more });
                Ok(())
            }
            Command::Who(room) => self.who(member, room),
            Command::History(count) => self.history(member, count),
            Command::Whois(name) => self.whois(member, &name),
            Command::Invite(name) => self.invite(member, &name),
            Command::Promote { name, rank } => self.promote(member, name, rank),
            Command::Demote { name, rank } => self.demote(member, name, rank),
            Command::Kick { name, reason } => self.kick(member, &name, reason),
            Command::Mode(mode) => self.mode(member, mode),
            Command::Topic(topic) => self.topic(member, topic),
            Command::Away(why) => self.away(member, why),
            Command::Ignore(name) => self.ignore(member, name),
            Command::Unignore(name) => self.unignore(member, name),
            Command::Ping(token) => {
                self.tell(member, EventKind::Pong { token });
                Ok(())
            }
            Command::Quit => {
                self.leave(&[member], &CloseReason::Quit);
                Ok(())
            }
        };
        if let Err(error) = outcome {
            self.tell(member, EventKind::Refused { error });
        }
    }

    fn rename(&mut self, member: MemberId, nick: Nick) -> Outcome {
        if self.state.names == Naming::Guest && nick.is_guest() {
            return Err(CommandError::NickReserved { nick });
        }
        let new = Name::Nick(nick.clone());
        if self.state.people[member].name.as_str() == nick.as_str() {
            return Err(CommandError::NickKept { nick });
        }
        match self.state.people.in_use(&new, member) {
            Some(taken) if taken.key() == nick.key() => return Err(CommandError::NickTaken { nick }),
            Some(taken) => return Err(CommandError::NickAlike { nick, taken: taken.clone() }),
            None => {}
        }
        let old = self.state.people.rename(member, new.clone());
        self.tell(member, EventKind::Named { name: new.clone() });
        let rooms = self.state.people[member].rooms.clone();
        self.tell_those_in(&rooms, Some(member), EventKind::Renamed { old, new });
        Ok(())
    }

    fn whois(&mut self, member: MemberId, name: &Target) -> Outcome {
        let target = self.named(name)?;
        let person = &self.state.people[target];
        let about = MemberInfo { name: person.name.clone(), rank: Rank::Ordinary, away: person.away.clone() };
        let own = &self.state.people[member].rooms;
        let shared = person.rooms.iter().filter(|room| own.contains(room));
        let shared = shared.map(|room| self.state.rooms[*room].name.clone()).collect();
        self.tell(member, EventKind::About { member: about, shared });
        Ok(())
    }

    fn named(&self, name: &Target) -> Result<MemberId, CommandError> {
        self.state.people.find(name.key()).ok_or_else(|| CommandError::NoSuchMember { name: name.clone() })
    }

    /// As [`named`](Self::named), but not the one who asks.
    fn another(&self, member: MemberId, name: &Target) -> Result<MemberId, CommandError> {
        match self.named(name)? {
            target if target == member => Err(CommandError::Oneself { name: name.clone() }),
            target => Ok(target),
        }
    }

    fn leave(&mut self, members: &[MemberId], reason: &CloseReason) {
        let mut gone = Vec::with_capacity(members.len());
        for &member in members {
            if !self.state.people.contains(member) {
                continue;
            }
            self.tell(member, EventKind::Closed { reason: reason.clone() });
            let person = self.state.people.remove(member);
            for &room in &person.rooms {
                self.state.rooms[room].remove(member);
                self.effects.push(Effect::Exit { member, room });
            }
            let (name, reason) = (person.name.clone(), reason.clone());
            self.effects.push(Effect::Remove { member, name, reason });
            gone.push(person);
        }
        let mut rooms = Vec::new();
        for person in gone {
            let left = EventKind::Left { name: person.name, reason: reason.clone() };
            self.tell_those_in(&person.rooms, None, left);
            rooms.extend(person.rooms);
        }
        self.state.rooms.drop_empty(&rooms);
    }

    /// Tells everybody in these rooms, but each only once: by a broadcast to the largest, and the others one by one.
    fn tell_those_in(&mut self, rooms: &[RoomId], except: Option<MemberId>, kind: EventKind) {
        let all = &self.state.rooms;
        let Some(&largest) = rooms.iter().max_by_key(|room| all[**room].len()) else { return };
        let mut others: Vec<MemberId> = Vec::new();
        for room in rooms.iter().filter(|room| **room != largest) {
            others.extend(
                all[*room].members().filter(|member| !all[largest].contains(*member) && Some(*member) != except),
            );
        }
        others.sort_unstable();
        others.dedup();
        let event = self.event(kind);
        if !others.is_empty() {
            self.effects.push(Effect::Tell { to: others, event: event.clone() });
        }
        self.effects.push(Effect::Broadcast { room: largest, except, ignoring: Vec::new(), event });
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
