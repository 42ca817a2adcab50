//! The state machine of a hub: its members, its rooms, and the rules that apply to them.
//!
//! [`State::apply`] takes one ordered stream of [`Input`]s and returns [`Effect`]s; the same inputs always have the
//! same effects. The machine is pure: it must not know threads, clocks, sockets, channels or random numbers, nor how
//! the hub delivers an effect.

mod actor;
mod bans;
mod effect;
mod exceptions;
mod joining;
mod leaving;
mod lookup;
mod members;
mod moderation;
mod modes;
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
use crate::model::event::{EventKind, Reply};
use crate::model::limits::Limits;
use crate::model::moderation::Moderation;
use crate::model::name::{Name, RoomName};
use crate::model::options::{DefaultNames, HubOptions};
use crate::model::password::{Password, PasswordThrottle};
use crate::model::policy::Policy;
use crate::model::profile::Profile;
use crate::model::text::Text;
use actor::Actor;
pub use effect::{Effect, Input, JoinRequest, Setting};
use members::Members;
use restrictions::Restrictions;
use rooms::Rooms;

/// The maximum number of former owners of one name in the answer to [`Command::Whowas`].
const MAX_WHOWAS: usize = 10;

/// A member's number in its hub. The hub never uses a number twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId(pub u64);

/// A room's number in its hub. The hub never uses a number twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(pub u64);

/// A point in time, by the wall clock and by the monotonic clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The time by the wall clock, which the system may set. It dates events; no decision depends on it.
    pub date: SystemTime,
    /// The time by the monotonic clock. It decides, for example, when a ban expires.
    pub instant: Instant,
}

/// The state machine of a hub.
///
/// ```
/// use std::time::{Instant, SystemTime};
/// use chat_core::event::RoomEvent;
/// use chat_core::state::{Effect, Input, MemberId, Moment, JoinRequest, State};
/// use chat_core::{Command, EventKind};
/// use chat_core::hub::HubOptions;
/// use chat_core::name::Name;
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
/// assert!(matches!(event.kind(), EventKind::Room(RoomEvent::Said { text, .. }) if text.as_str() == "hi"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct State {
    limits: Limits,
    /// How the hub names members without a nick.
    default_names: DefaultNames,
    operator_password: Option<Password>,
    policy: Option<Box<dyn Policy>>,
    members: Members,
    /// The server operators, in the order in which they became server operators.
    operators: Vec<MemberId>,
    throttle: PasswordThrottle,
    /// The lines of the message of the day.
    motd: Arc<[Text]>,
    /// The bans from the hub.
    bans: Restrictions,
    rooms: Rooms,
    /// The home room, if there is one; [`Limits::members_per_room`] does not apply to it.
    home: Option<RoomId>,
    /// The number of events so far, which is also the number of the latest event.
    events: u64,
    /// When the hub was created.
    created: SystemTime,
}

impl State {
    /// Creates the state of a hub at the time `now`, with the home room `home`, which is permanent.
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
        let home = home.map(|home| rooms.create(home, true, now));
        for name in options.rooms {
            rooms.create_permanent(name, now);
        }
        State {
            limits: options.limits,
            default_names: options.default_names,
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
            created: now,
        }
    }

    /// Applies one input at the moment `now`, and appends its effects to `effects`.
    pub fn apply(&mut self, input: Input, now: Moment, effects: &mut Vec<Effect>) {
        let mut step = Step { state: self, now, named_room: None, profile: None, effects };
        match input {
            Input::Join { member, request } => step.join(member, *request),
            Input::Command { member, command } => step.command(member, command),
            Input::Set(Setting::OperatorPassword(password)) => step.state.operator_password = password,
            Input::Set(Setting::Motd(lines)) => step.state.motd = lines.into(),
            Input::Moderate { room, moderation } => step.apply_moderation(&Actor::Server(room), *moderation),
            Input::Leave { member, reason } => step.leave(&[member], &reason),
            Input::LeaveTogether { members, reason } => step.leave(&members, &reason),
        }
    }

    /// Returns the numbers of members, of rooms, and of events so far.
    pub(crate) fn counts(&self) -> (u64, u64, u64) {
        (self.members.iter().len() as u64, self.rooms.len() as u64, self.events)
    }

    /// Returns the lines of the message of the day.
    pub(crate) fn motd(&self) -> &Arc<[Text]> {
        &self.motd
    }

    /// Returns when the hub was created.
    pub(crate) fn made(&self) -> SystemTime {
        self.created
    }

    /// Returns a member's name and its current room, if it has one; `None` if the member is not in the hub.
    pub(crate) fn who_and_where(&self, member: MemberId) -> Option<(&Name, Option<&RoomName>)> {
        let member_state = self.members.get(member)?;
        Some((&member_state.name, member_state.current().map(|room| &self.rooms[room].name)))
    }

    /// Returns all members and their names, in no particular order.
    #[must_use]
    pub fn roster(&self) -> impl ExactSizeIterator<Item = (MemberId, &Name)> {
        self.members.iter()
    }

    /// Returns all rooms with their members, in no particular order.
    pub fn rooms(&self) -> impl Iterator<Item = (RoomId, &RoomName, impl ExactSizeIterator<Item = MemberId>)> {
        self.rooms.iter().map(|(id, room)| (id, &room.name, room.members()))
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("members", &self.members).field("rooms", &self.rooms).finish_non_exhaustive()
    }
}

/// The application of one input to the state.
struct Step<'a> {
    state: &'a mut State,
    now: Moment,
    /// The room of a [`Command::In`], which replaces the member's current room.
    named_room: Option<RoomName>,
    /// The profile of the acting member, which its events carry; `None` if the host application acts.
    profile: Option<Profile>,
    effects: &'a mut Vec<Effect>,
}

/// The result of a command: success, or the reason for the refusal.
type Outcome = Result<(), CommandError>;

impl Step<'_> {
    /// Applies a member's command, and sends the refusal to the member if there is one.
    fn command(&mut self, member: MemberId, command: Command) {
        let Some(member_state) = self.state.members.get(member) else { return };
        self.profile = Some(member_state.profile.clone());
        let outcome = match command {
            Command::Say(message) => self.say(member, message),
            Command::SayToRank { rank, message } => self.say_to_rank(member, rank, message),
            Command::SayPrivately { to, message } => self.say_privately(member, &to, message),
            Command::In { room, command } => {
                self.named_room = Some(room);
                return self.command(member, *command);
            }
            Command::Nick(nick) => self.rename(member, nick),
            Command::Join { room, key } => self.join_room(member, &room, key.as_ref()),
            Command::Part { room, why } => self.part(member, room.as_ref(), why),
            Command::PartAll => {
                for room in self.state.members[member].rooms.clone() {
                    self.part_room(member, room, None);
                }
                Ok(())
            }
            Command::Rooms => {
                let member_state = &self.state.members[member];
                let limit = self.list_limit(member);
                let (rooms, more) = self.state.rooms.list(limit, member_state.is_server_operator, &member_state.rooms);
                self.notify(member, EventKind::Reply(Reply::Rooms { rooms, more }));
                Ok(())
            }
            Command::Census => {
                self.send_census(member);
                Ok(())
            }
            Command::Who(room) => self.send_who(member, room),
            Command::History(query) => self.query_history(member, &query),
            Command::LastSaid { after, before } => {
                self.send_last_messages(member, after, before);
                Ok(())
            }
            Command::Whois(name) => self.send_whois(member, &name),
            Command::Motd => {
                let lines = Arc::clone(&self.state.motd);
                self.notify(member, EventKind::Reply(Reply::Motd { lines }));
                Ok(())
            }
            Command::Whowas(name) => {
                let members = self.state.members.former(name.key(), MAX_WHOWAS);
                self.notify(member, EventKind::Reply(Reply::Whowas { name, members }));
                Ok(())
            }
            Command::Find(pattern) => {
                self.send_found_members(member, &pattern);
                Ok(())
            }
            Command::Modes => self.send_modes(member),
            Command::Topic => self.send_topic(member),
            Command::Moderate(moderation) => {
                self.apply_moderation(&Actor::Member(member), *moderation);
                Ok(())
            }
            Command::Operate(password) => self.become_server_operator(member, &password),
            Command::RealName(real_name) => self.set_real_name(member, real_name),
            Command::Away(why) => self.away(member, why),
            Command::Ignore(name) => self.ignore(member, name),
            Command::Unignore(name) => self.unignore(member, name),
            Command::Ping(token) => {
                self.notify(member, EventKind::Reply(Reply::Pong { token }));
                Ok(())
            }
            Command::Quit(why) => {
                self.quit(member, why);
                Ok(())
            }
        };
        if let Err(error) = outcome {
            self.notify(member, EventKind::Reply(Reply::Refused { error }));
        }
    }

    /// Applies a moderation, and sends the refusal to the actor if there is one.
    fn apply_moderation(&mut self, by: &Actor, moderation: Moderation) {
        if let Err(error) = self.moderate(by, moderation) {
            self.answer(by, EventKind::Reply(Reply::Refused { error }));
        }
    }

    /// Checks a topic, a reason, a key or an away message against [`Limits::topic`].
    fn check_short(&self, text: Option<&Text>) -> Outcome {
        text.map_or(Ok(()), |text| check(text, self.state.limits.topic))
    }
}

/// Checks that a text is not blank and has at most `limit` bytes.
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
