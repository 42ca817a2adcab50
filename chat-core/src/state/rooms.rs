//! The rooms of a hub: who is in them, how one comes in and goes out.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Index, IndexMut};
use std::time::{Instant, SystemTime};

use super::moderation::Modes;
use super::restrictions::{ActiveRestriction, Restrictions};
use super::{MemberId, RoomId};
use crate::model::event::{RoomInfo, TopicInfo};
use crate::model::history::History;
use crate::model::mask::Face;
use crate::model::moderation::{Mode, Rank};
use crate::model::name::RoomName;
use crate::model::number_map::NumberMap;
use crate::model::options::MakeHistory;

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

    /// In no order, with their ranks.
    pub(super) fn ranks(&self) -> impl Iterator<Item = (MemberId, Rank)> {
        self.members.iter().map(|(&member, &rank)| (member, rank))
    }

    pub(super) fn add(&mut self, member: MemberId, rank: Rank) {
        self.members.insert(member, rank);
    }

    /// Stays when nobody is in it.
    pub(super) fn is_kept(&self) -> bool {
        self.kept
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

const EXISTS: &str = "a room exists as long as somebody is in it";
