//! Who is in the room, and what follows from what they ask.
//!
//! Pure: no thread, clock, socket, channel or random number. One ordered stream of [`Input`]s goes in,
//! [`Effect`]s come out; the same inputs always have the same effects. It must not know how an effect reaches anybody.

mod bans;
mod effect;
mod exceptions;
mod joining;
mod leaving;
mod lookup;
mod members;
mod moderation;
mod mutes;
mod notify;
mod operators;
mod policy;
mod profile;
mod queries;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod reference;
mod restrictions;
mod rooms;
mod speech;

use std::fmt;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use crate::model::command::{Command, CommandError};
use crate::model::event::EventKind;
use crate::model::limits::Limits;
use crate::model::moderation::Moderation;
use crate::model::name::{Name, RoomName};
use crate::model::options::{DefaultNames, HubOptions};
use crate::model::password::{Password, PasswordThrottle};
use crate::model::policy::Policy;
use crate::model::profile::Profile;
use crate::model::text::Text;
pub use effect::{Effect, Input, JoinRequest, Setting};
use members::Members;
use moderation::Actor;
use restrictions::Restrictions;
use rooms::Rooms;

/// So many who had one name are told about.
const MOST_FORMER: usize = 10;

/// A member's number in its hub: never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId(pub u64);

/// A room's number in its hub: never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(pub u64);

/// A moment, by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// By the clock on the wall, which may be set. It dates events, and decides nothing.
    pub date: SystemTime,
    /// By the clock that only goes forward. By it a ban is over.
    pub instant: Instant,
}

/// The state machine of a hub.
///
/// ```
/// use std::time::{Instant, SystemTime};
/// use chat_core::state::{Effect, Input, MemberId, Moment, JoinRequest, State};
/// use chat_core::{Command, EventKind, HubOptions, Name};
///
/// let mut state = State::new("lobby".parse()?, HubOptions::default(), SystemTime::UNIX_EPOCH);
/// let now = Moment { date: SystemTime::now(), instant: Instant::now() };
/// let mut effects = Vec::new();
/// let (alice, bob) = (MemberId(1), MemberId(2));
/// for (member, name) in [(alice, "192.0.2.1:1000"), (bob, "192.0.2.2:1000")] {
///     let request = JoinRequest::new(Name::address(name), "lobby".parse()?);
///     state.apply(Input::Join { member, request: Box::new(request) }, now, &mut effects);
/// }
/// effects.clear();
///
/// state.apply(Input::Command { member: alice, command: Command::say("hi") }, now, &mut effects);
/// let Effect::Broadcast { except: Some(speaker), event, .. } = &effects[0] else { panic!() };
/// assert_eq!(*speaker, alice);
/// assert!(matches!(event.kind(), EventKind::Said { text, .. } if text.as_str() == "hi"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct State {
    limits: Limits,
    /// What those are called who have not chosen a name.
    names: DefaultNames,
    operator_password: Option<Password>,
    policy: Option<Box<dyn Policy>>,
    members: Members,
    /// Those of them who are server operators, in the order in which they became it.
    operators: Vec<MemberId>,
    throttle: PasswordThrottle,
    /// The message of the day, by lines.
    motd: Arc<[Text]>,
    /// Who may not come in.
    bans: Restrictions,
    rooms: Rooms,
    /// The first one, which takes all who are connected.
    home: Option<RoomId>,
    /// How many events there were.
    events: u64,
    /// When it was made.
    made: SystemTime,
}

impl State {
    /// A hub whose first room is called `home`, and is always there; made at this time.
    #[must_use]
    pub fn new(home: RoomName, options: HubOptions, now: SystemTime) -> State {
        State::build(Some(home), options, now)
    }

    /// Returns the state of a hub without a home room.
    #[must_use]
    pub fn without_home(options: HubOptions, now: SystemTime) -> State {
        State::build(None, options, now)
    }

    pub(crate) fn build(home: Option<RoomName>, mut options: HubOptions, now: SystemTime) -> State {
        let mut rooms = Rooms::new(options.take_history());
        let home = home.map(|home| rooms.make(home, true, now));
        for name in options.rooms {
            rooms.keep(name, now);
        }
        State {
            limits: options.limits,
            names: options.default_names,
            operator_password: options.operator_password,
            policy: options.policy,
            members: Members::default(),
            operators: Vec::new(),
            throttle: PasswordThrottle::default(),
            motd: options.motd.into(),
            bans: Restrictions::default(),
            rooms,
            home,
            events: 0,
            made: now,
        }
    }

    /// Applies one input, which comes at the moment `now`, and appends what follows to `effects`.
    pub fn apply(&mut self, input: Input, now: Moment, effects: &mut Vec<Effect>) {
        let mut step = Step { state: self, now, meant: None, profile: None, effects };
        match input {
            Input::Join { member, request } => step.join(member, *request),
            Input::Command { member, command } => step.command(member, command),
            Input::Set(Setting::OperatorPassword(password)) => step.state.operator_password = password,
            Input::Set(Setting::Motd(lines)) => step.state.motd = lines.into(),
            Input::Moderate { room, moderation } => step.decide(&Actor::Server(room), *moderation),
            Input::Leave { member, reason } => step.leave(&[member], &reason),
            Input::LeaveTogether { members, reason } => step.leave(&members, &reason),
        }
    }

    /// How many members and rooms there are, and events there were.
    pub(crate) fn counts(&self) -> (u64, u64, u64) {
        (self.members.iter().len() as u64, self.rooms.len() as u64, self.events)
    }

    /// The message of the day, by lines.
    pub(crate) fn motd(&self) -> &Arc<[Text]> {
        &self.motd
    }

    /// When the hub was made.
    pub(crate) fn made(&self) -> SystemTime {
        self.made
    }

    /// What a member is called, and its current room, if it has one.
    pub(crate) fn who_and_where(&self, member: MemberId) -> Option<(&Name, Option<&RoomName>)> {
        let member_state = self.members.get(member)?;
        Some((&member_state.name, member_state.current().map(|room| &self.rooms[room].name)))
    }

    /// Who is in the hub, in no order.
    #[must_use]
    pub fn roster(&self) -> impl ExactSizeIterator<Item = (MemberId, &Name)> {
        self.members.iter()
    }

    /// Who is in which rooms, in no order.
    pub fn rooms(&self) -> impl Iterator<Item = (RoomId, &RoomName, impl ExactSizeIterator<Item = MemberId>)> {
        self.rooms.iter().map(|(id, room)| (id, &room.name, room.members()))
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("members", &self.members).field("rooms", &self.rooms).finish_non_exhaustive()
    }
}

/// One input at work.
struct Step<'a> {
    state: &'a mut State,
    now: Moment,
    /// The room that it is about where it names none; else the current one.
    meant: Option<RoomName>,
    /// What is told of the member that it is about, if it is about one.
    profile: Option<Profile>,
    effects: &'a mut Vec<Effect>,
}

/// Done, or why not.
type Outcome = Result<(), CommandError>;

impl Step<'_> {
    fn command(&mut self, member: MemberId, command: Command) {
        let Some(member_state) = self.state.members.get(member) else { return };
        self.profile = Some(member_state.profile.clone());
        let outcome = match command {
            Command::Say(words) => self.speak(member, words),
            Command::SayTo { rank, words } => self.speak_to_rank(member, rank, words),
            Command::Tell { to, words } => self.speak_to(member, &to, words),
            Command::In { room, command } => {
                self.meant = Some(room);
                return self.command(member, *command);
            }
            Command::Nick(nick) => self.rename(member, nick),
            Command::Join { room, key } => self.join_room(member, &room, key.as_ref()),
            Command::Part { room, why } => self.part(member, room.as_ref(), why),
            Command::PartAll => {
                for room in self.state.members[member].rooms.clone() {
                    self.part_from(member, room, None);
                }
                Ok(())
            }
            Command::Rooms => {
                let member_state = &self.state.members[member];
                let most = self.longest_list(member);
                let (rooms, more) = self.state.rooms.list(most, member_state.operates, &member_state.rooms);
                self.tell(member, EventKind::Rooms { rooms, more });
                Ok(())
            }
            Command::Census => {
                self.census(member);
                Ok(())
            }
            Command::Who(room) => self.who(member, room),
            Command::History(query) => self.history(member, &query),
            Command::LastSaid { after, before } => {
                self.last_said(member, after, before);
                Ok(())
            }
            Command::Whois(name) => self.whois(member, &name),
            Command::Motd => {
                let lines = Arc::clone(&self.state.motd);
                self.tell(member, EventKind::Motd { lines });
                Ok(())
            }
            Command::Whowas(name) => {
                let members = self.state.members.former(name.key(), MOST_FORMER);
                self.tell(member, EventKind::Was { name, members });
                Ok(())
            }
            Command::Find(pattern) => {
                self.find(member, &pattern);
                Ok(())
            }
            Command::Modes => self.modes(member),
            Command::Topic => self.topic(member),
            Command::Moderate(moderation) => {
                self.decide(&Actor::Member(member), *moderation);
                Ok(())
            }
            Command::Operate(password) => self.operate(member, &password),
            Command::RealName(real_name) => self.set_real_name(member, real_name),
            Command::Away(why) => self.away(member, why),
            Command::Ignore(name) => self.ignore(member, name),
            Command::Unignore(name) => self.unignore(member, name),
            Command::Ping(token) => {
                self.tell(member, EventKind::Pong { token });
                Ok(())
            }
            Command::Quit(why) => {
                self.quit(member, why);
                Ok(())
            }
        };
        if let Err(error) = outcome {
            self.tell(member, EventKind::Refused { error });
        }
    }

    fn decide(&mut self, by: &Actor, moderation: Moderation) {
        if let Err(error) = self.moderate(by, moderation) {
            self.answer(by, EventKind::Refused { error });
        }
    }

    /// Whether what goes with something else, such as a reason, is no longer than a topic may be.
    fn check_short(&self, text: Option<&Text>) -> Outcome {
        text.map_or(Ok(()), |text| check(text, self.state.limits.topic))
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
