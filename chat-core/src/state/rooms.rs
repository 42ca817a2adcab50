//! The rooms of a hub: who is in them, how one comes in and goes out.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Index, IndexMut};
use std::time::{Instant, SystemTime};

use super::moderation::Modes;
use super::policy::Denied;
use super::restrictions::{ActiveRestriction, Restrictions};
use super::{Effect, MemberId, Outcome, RoomId, Step};
use crate::model::command::CommandError;
use crate::model::event::{Event, EventKind, RoomInfo, TopicInfo};
use crate::model::history::{Anchor, History, HistoryQuery, Page};
use crate::model::mask::MaskSubject;
use crate::model::moderation::{Mode, Rank};
use crate::model::name::RoomName;
use crate::model::number_map::NumberMap;
use crate::model::options::MakeHistory;
use crate::model::text::Text;

/// All rooms, by number and by name.
pub(super) struct Rooms {
    all: NumberMap<RoomId, Room>,
    /// The folded names in use, in order, so that listing some does not cost a look at all.
    names: BTreeMap<Box<str>, RoomId>,
    /// How many there ever were.
    made: u64,
    /// How many are secret.
    secret: usize,
    make_history: Box<MakeHistory>,
}

impl fmt::Debug for Rooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rooms").field("all", &self.all).finish_non_exhaustive()
    }
}

/// One room.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) name: RoomName,
    pub(super) topic: Option<TopicInfo>,
    /// When it was made.
    pub(super) made: SystemTime,
    /// Stays when nobody is in it.
    kept: bool,
    members: NumberMap<MemberId, Rank>,
    pub(super) modes: Modes,
    pub(super) bans: Restrictions,
    /// For whom these do not count.
    pub(super) unbannable: Restrictions,
    /// Who needs no invitation.
    pub(super) invited: Restrictions,
    pub(super) mutes: Restrictions,
    pub(super) history: Box<dyn History>,
}

impl Room {
    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) fn contains(&self, member: MemberId) -> bool {
        self.members.contains_key(&member)
    }

    /// In no order.
    pub(super) fn members(&self) -> impl ExactSizeIterator<Item = MemberId> {
        self.members.keys().copied()
    }

    /// The rank of somebody, if it is in the room.
    pub(super) fn rank(&self, member: MemberId) -> Option<Rank> {
        self.members.get(&member).copied()
    }

    /// Gives somebody who is in the room another rank.
    pub(super) fn set_rank(&mut self, member: MemberId, rank: Rank) {
        if let Some(old) = self.members.get_mut(&member) {
            *old = rank;
        }
    }

    /// The ban that holds somebody, if one does.
    pub(super) fn ban_against(&self, face: &MaskSubject<'_>, now: Instant) -> Option<&ActiveRestriction> {
        self.bans.against(face, now).filter(|_| self.unbannable.against(face, now).is_none())
    }

    pub(super) fn remove(&mut self, member: MemberId) {
        self.members.remove(&member);
        self.mutes.release(member);
    }
}

impl Rooms {
    pub(super) fn new(make_history: Box<MakeHistory>) -> Rooms {
        Rooms { all: NumberMap::default(), names: BTreeMap::new(), made: 0, secret: 0, make_history }
    }

    /// Makes a room, whose name must be free.
    pub(super) fn make(&mut self, name: RoomName, kept: bool, made: SystemTime) -> RoomId {
        self.made += 1;
        let id = RoomId(self.made);
        self.names.insert(name.key().into(), id);
        let history = (self.make_history)(&name);
        let room = Room {
            name,
            topic: None,
            made,
            kept,
            members: NumberMap::default(),
            modes: Modes::default(),
            bans: Restrictions::default(),
            unbannable: Restrictions::default(),
            invited: Restrictions::default(),
            mutes: Restrictions::default(),
            history,
        };
        self.all.insert(id, room);
        id
    }

    /// Makes a room that stays, unless there is one.
    pub(super) fn keep(&mut self, name: RoomName, made: SystemTime) {
        if self.find(&name).is_none() {
            self.make(name, true, made);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (RoomId, &Room)> {
        self.all.iter().map(|(&id, room)| (id, room))
    }

    /// The first `most` rooms of which one who is in these may know, in the order of their names, and how many there are
    /// beside these.
    pub(super) fn list(&self, most: usize, knows_all: bool, is_in: &[RoomId]) -> (Vec<RoomInfo>, usize) {
        let is_known = |id: &&RoomId| knows_all || !self[**id].modes.secret || is_in.contains(id);
        let rooms = self.names.values().filter(is_known).take(most).map(|id| &self[*id]);
        let topic = |room: &Room| room.topic.as_ref().map(|topic| topic.text.clone());
        let info = |room: &Room| RoomInfo { name: room.name.clone(), members: room.len(), topic: topic(room) };
        let rooms: Vec<_> = rooms.map(info).collect();
        let more = self.count(knows_all, is_in) - rooms.len();
        (rooms, more)
    }

    /// How many rooms there are of which one who is in these may know.
    pub(super) fn count(&self, knows_all: bool, is_in: &[RoomId]) -> usize {
        let unknown = self.secret - is_in.iter().filter(|id| self[**id].modes.secret).count();
        self.names.len() - if knows_all { 0 } else { unknown }
    }

    /// Changes a mode of a room; whether it is another than before.
    pub(super) fn set_mode(&mut self, id: RoomId, mode: Mode) -> bool {
        let modes = &mut self[id].modes;
        let was_secret = modes.secret;
        let is_new = modes.set(mode);
        let is_secret = modes.secret;
        self.secret = self.secret + usize::from(is_secret) - usize::from(was_secret);
        is_new
    }

    /// Forgets those of these rooms in which nobody is, unless they are to be kept.
    pub(super) fn drop_empty(&mut self, rooms: &[RoomId]) {
        for id in rooms {
            if let Some(room) = self.all.get(id).filter(|room| room.members.is_empty() && !room.kept) {
                self.names.remove(room.name.key());
                self.secret -= usize::from(room.modes.secret);
                self.all.remove(id);
            }
        }
    }

    pub(super) fn find(&self, name: &RoomName) -> Option<RoomId> {
        self.names.get(name.key()).copied()
    }
}

impl Index<RoomId> for Rooms {
    type Output = Room;

    fn index(&self, room: RoomId) -> &Room {
        self.all.get(&room).expect(EXISTS)
    }
}

impl IndexMut<RoomId> for Rooms {
    fn index_mut(&mut self, room: RoomId) -> &mut Room {
        self.all.get_mut(&room).expect(EXISTS)
    }
}

/// By which door somebody enters a room.
#[derive(Clone, Copy)]
pub(super) enum Door<'a> {
    /// It begins there. Modes are not for those who can't know of them yet: nobody could come in to change them back.
    Beginning,
    /// It comes from within the hub, and perhaps knows the key.
    Other(Option<&'a Text>),
}

const EXISTS: &str = "a room exists as long as somebody is in it";

impl Step<'_> {
    /// Brings the member into a room in which it is not.
    pub(super) fn enter(&mut self, member: MemberId, room: RoomId) {
        let joined = EventKind::Joined {
            room: self.state.rooms[room].name.clone(),
            name: self.state.members[member].name.clone(),
        };
        self.broadcast(room, None, joined);
        self.tell_of_absence(member, room);
        let entered = &mut self.state.rooms[room];
        // Who makes a room decides about it.
        let rank = if entered.members.is_empty() && !entered.kept { Rank::Operator } else { Rank::Ordinary };
        entered.members.insert(member, rank);
        let member_state = &self.state.members[member];
        if !member_state.operates {
            entered.mutes.hold(member, &member_state.face(), self.now.instant);
        }
        self.state.members.get_mut(member).rooms.push(room);
        self.effects.push(Effect::Enter { member, room });
    }

    /// Tells those in a room, which it enters, that somebody is away.
    fn tell_of_absence(&mut self, member: MemberId, room: RoomId) {
        let (member_state, place) = (&self.state.members[member], &self.state.rooms[room]);
        let is_heard = member_state.operates
            || !place.modes.moderated && place.mutes.against(&member_state.face(), self.now.instant).is_none();
        if member_state.away.is_none() || !is_heard {
            return;
        }
        let ignoring = member_state.ignored_by.iter().copied().collect();
        let event = self.event(EventKind::AwaySet { name: member_state.name.clone(), why: member_state.away.clone() });
        self.effects.push(Effect::Broadcast { room, except: None, ignoring, event });
    }

    pub(super) fn join_room(&mut self, member: MemberId, name: &RoomName, key: Option<&Text>) -> Outcome {
        let found = self.state.rooms.find(name);
        let rooms = &mut self.state.members.get_mut(member).rooms;
        if let Some(room) = found
            && let Some(at) = rooms.iter().position(|other| *other == room)
        {
            rooms.remove(at);
            rooms.push(room);
            self.effects.push(Effect::Turn { member, room });
            self.tell_entered(member, room);
            return Ok(());
        }
        let room = match self.entrance(member, name, Door::Other(key)) {
            Ok(room) => room,
            Err(denied) => return self.deny(member, denied),
        };
        self.enter(member, room);
        self.tell_entered(member, room);
        if self.state.members[member].keeps_lists {
            self.tell_members(member, room);
        }
        self.tell_past(member, room);
        Ok(())
    }

    /// Finds the room, or makes it, if a member who is not in it may enter it.
    pub(super) fn entrance(&mut self, member: MemberId, name: &RoomName, door: Door<'_>) -> Result<RoomId, Denied> {
        let limit = self.state.limits.rooms_per_member;
        if self.state.members[member].rooms.len() >= limit {
            return Err(CommandError::TooManyRooms { limit }.into());
        }
        let found = self.state.rooms.find(name);
        let limit = self.state.limits.rooms;
        if let Some(room) = found {
            self.check_door(member, room, door)?;
        } else if self.state.rooms.all.len() >= limit {
            return Err(CommandError::NoMoreRooms { limit }.into());
        }
        self.ask_who_may_join(member, name)?;
        let invites = &mut self.state.members.get_mut(member).invites;
        invites.retain(|invite| Some(*invite) != found);
        Ok(found.unwrap_or_else(|| self.state.rooms.make(name.clone(), false, self.now.date)))
    }

    /// Whether a room that is there lets somebody in.
    fn check_door(&self, member: MemberId, room: RoomId, door: Door<'_>) -> Outcome {
        let (place, member_state) = (&self.state.rooms[room], &self.state.members[member]);
        let now = self.now.instant;
        let ban = place.ban_against(&member_state.face(), now).filter(|_| !member_state.operates);
        if let Some(ban) = ban {
            return Err(ban.refusal(Some(place.name.clone()), now));
        }
        let limit = self.state.limits.members_per_room;
        if place.len() >= limit && Some(room) != self.state.home {
            return Err(CommandError::RoomFull { room: place.name.clone(), limit });
        }
        // An invitation opens the door, but is no pardon: in most rooms anybody may give one. Whoever keeps the server
        // goes everywhere.
        match door {
            Door::Other(key) if !member_state.operates && !member_state.invites.contains(&room) => {
                self.check_modes(room, key, &member_state.face())
            }
            _ => Ok(()),
        }
    }

    /// Tells one who has entered a room what was said in it before.
    pub(super) fn tell_past(&mut self, member: MemberId, room: RoomId) {
        if !self.state.members[member].wants_history {
            return;
        }
        let Room { name, history, .. } = &self.state.rooms[room];
        let events = self.but_of_ignored(member, history.last(usize::MAX));
        if !events.is_empty() {
            self.tell(member, EventKind::Past { room: name.clone(), events });
        }
    }

    /// What was said, but for what those said whom the member ignores, under the names that they have.
    fn but_of_ignored(&self, member: MemberId, mut events: Vec<Event>) -> Vec<Event> {
        let members = &self.state.members;
        let ignored: Vec<_> = members[member].ignores.iter().map(|ignored| &members[*ignored].name).collect();
        if !ignored.is_empty() {
            events.retain(|event| !matches!(event.kind(), EventKind::Said { from, .. } if ignored.contains(&from)));
        }
        events
    }

    pub(super) fn last_said(&mut self, member: MemberId, after: Anchor, before: Anchor) {
        let query = HistoryQuery { after: Some(after), before: Some(before), part: Page::Last(usize::MAX) };
        let mut rooms = Vec::new();
        for room in &self.state.members[member].rooms {
            let Room { name, history, .. } = &self.state.rooms[*room];
            let last = self.but_of_ignored(member, history.query(&query)).pop();
            rooms.extend(last.map(|last| (name.clone(), last)));
        }
        rooms.sort_by_key(|(_, last)| last.number());
        let rooms = rooms.into_iter().map(|(room, last)| (room, last.time())).collect();
        self.tell(member, EventKind::LastSaid { rooms });
    }

    pub(super) fn history(&mut self, member: MemberId, query: &HistoryQuery) -> Outcome {
        let room = self.room_of(member, None)?;
        let Room { name, history, .. } = &self.state.rooms[room];
        let events = self.but_of_ignored(member, history.query(query));
        let past = EventKind::Past { room: name.clone(), events };
        self.tell(member, past);
        Ok(())
    }

    fn tell_entered(&mut self, member: MemberId, room: RoomId) {
        let Room { name, topic, members, .. } = &self.state.rooms[room];
        let entered = EventKind::Entered { room: name.clone(), topic: topic.clone(), members: members.len() };
        self.tell(member, entered);
    }

    pub(super) fn part(&mut self, member: MemberId, name: Option<&RoomName>, why: Option<Text>) -> Outcome {
        let room = self.room_of(member, name)?;
        self.check_short(why.as_ref())?;
        self.part_from(member, room, why);
        Ok(())
    }

    pub(super) fn part_from(&mut self, member: MemberId, room: RoomId, why: Option<Text>) {
        let why = why.filter(|_| self.may_speak(member, room));
        let name = self.state.rooms[room].name.clone();
        let (who, current) = self.remove_from_room(member, room);
        self.tell(member, EventKind::Exited { room: name.clone(), why: why.clone(), current });
        self.broadcast(room, None, EventKind::Parted { room: name, name: who, why });
        self.state.rooms.drop_empty(&[room]);
    }

    pub(super) fn who(&mut self, member: MemberId, name: Option<RoomName>) -> Outcome {
        let room = match name.or_else(|| self.meant.clone()) {
            Some(name) => self.known_room(member, &name)?,
            None => self.room_of(member, None)?,
        };
        self.tell_members(member, room);
        Ok(())
    }

    /// Tells somebody who is in a room.
    fn tell_members(&mut self, member: MemberId, room: RoomId) {
        let (room, most) = (&self.state.rooms[room], self.longest_list(member));
        // Of a large room any of them: to sort all would cost too much for one line.
        let info = room.members.iter().take(most).map(|(&member, &rank)| {
            let muted = room.mutes.holding(member, self.now.instant).is_some();
            self.state.members[member].info(rank, muted)
        });
        let mut members: Vec<_> = info.collect();
        members.sort_unstable_by(|one, other| one.name.key().cmp(other.name.key()));
        let more = room.len().saturating_sub(most);
        let (name, secret) = (room.name.clone(), room.modes.secret);
        self.tell(member, EventKind::Members { room: name, secret, members, more });
    }

    /// How much is listed to somebody in one answer.
    pub(super) fn longest_list(&self, member: MemberId) -> usize {
        if self.state.members[member].keeps_lists { usize::MAX } else { self.state.limits.list }
    }

    pub(super) fn topic(&mut self, member: MemberId) -> Outcome {
        let Room { name, topic, .. } = &self.state.rooms[self.room_of(member, None)?];
        let topic = EventKind::Topic { room: name.clone(), topic: topic.clone() };
        self.tell(member, topic);
        Ok(())
    }

    /// The named room of those that the member is in, or else the one that is meant.
    pub(super) fn room_of(&self, member: MemberId, name: Option<&RoomName>) -> Result<RoomId, CommandError> {
        let member_state = &self.state.members[member];
        let Some(name) = name.or(self.meant.as_ref()) else {
            return member_state.current().ok_or(CommandError::NoRoom);
        };
        let room = self.known_room(member, name)?;
        if member_state.rooms.contains(&room) { Ok(room) } else { Err(CommandError::NotInRoom { room: name.clone() }) }
    }

    /// The room of this name, if a member may know of it.
    pub(super) fn known_room(&self, member: MemberId, name: &RoomName) -> Result<RoomId, CommandError> {
        let member_state = &self.state.members[member];
        let is_known = |room: &RoomId| {
            !self.state.rooms[*room].modes.secret || member_state.rooms.contains(room) || member_state.operates
        };
        let found = self.state.rooms.find(name).filter(is_known);
        found.ok_or_else(|| CommandError::NoSuchRoom { room: name.clone() })
    }
}
