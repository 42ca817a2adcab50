//! The rooms of a hub: their names, members, ranks, modes and restrictions.
//!
//! This module must not know the members themselves, only their numbers.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Index, IndexMut};
use std::time::{Instant, SystemTime};

use super::modes::Modes;
use super::restrictions::{ActiveRestriction, Restrictions};
use super::{MemberId, RoomId};
use crate::model::event::{RoomInfo, TopicInfo};
use crate::model::history::History;
use crate::model::mask::MaskSubject;
use crate::model::moderation::{Mode, Rank};
use crate::model::name::RoomName;
use crate::model::number_map::NumberMap;
use crate::model::options::MakeHistory;

/// All rooms, by number and by name.
pub(super) struct Rooms {
    all: NumberMap<RoomId, Room>,
    /// The folded names in use, in order, so that a list of the first rooms does not visit all rooms.
    names: BTreeMap<Box<str>, RoomId>,
    /// The number of rooms ever created, which is also the number of the latest room.
    created: u64,
    /// The number of secret rooms.
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
    /// The creation date.
    pub(super) created: SystemTime,
    /// Whether the room continues to exist while it is empty.
    permanent: bool,
    members: NumberMap<MemberId, Rank>,
    pub(super) modes: Modes,
    pub(super) bans: Restrictions,
    /// The masks of members to whom bans do not apply (`+e`).
    pub(super) ban_exceptions: Restrictions,
    /// The masks of members who need no invitation (`+I`).
    pub(super) invite_exceptions: Restrictions,
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

    /// Returns the members of the room, in no particular order.
    pub(super) fn members(&self) -> impl ExactSizeIterator<Item = MemberId> {
        self.members.keys().copied()
    }

    /// Returns the members of the room and their ranks, in no particular order.
    pub(super) fn ranks(&self) -> impl Iterator<Item = (MemberId, Rank)> {
        self.members.iter().map(|(&member, &rank)| (member, rank))
    }

    /// Adds a member with this rank.
    pub(super) fn add(&mut self, member: MemberId, rank: Rank) {
        self.members.insert(member, rank);
    }

    /// Returns whether the room continues to exist while it is empty.
    pub(super) fn is_permanent(&self) -> bool {
        self.permanent
    }

    /// Returns a member's rank, if it is in the room.
    pub(super) fn rank(&self, member: MemberId) -> Option<Rank> {
        self.members.get(&member).copied()
    }

    /// Sets the rank of a member, if it is in the room.
    pub(super) fn set_rank(&mut self, member: MemberId, rank: Rank) {
        if let Some(old) = self.members.get_mut(&member) {
            *old = rank;
        }
    }

    /// Returns the first ban that matches a subject, unless a ban exception matches it too.
    pub(super) fn matching_ban(&self, subject: &MaskSubject<'_>, now: Instant) -> Option<&ActiveRestriction> {
        self.bans.matching(subject, now).filter(|_| self.ban_exceptions.matching(subject, now).is_none())
    }

    /// Removes a member.
    pub(super) fn remove(&mut self, member: MemberId) {
        self.members.remove(&member);
        self.mutes.release(member);
    }
}

impl Rooms {
    pub(super) fn new(make_history: Box<MakeHistory>) -> Rooms {
        Rooms { all: NumberMap::default(), names: BTreeMap::new(), created: 0, secret: 0, make_history }
    }

    /// Creates a room, whose name must be free.
    pub(super) fn create(&mut self, name: RoomName, permanent: bool, created: SystemTime) -> RoomId {
        self.created += 1;
        let id = RoomId(self.created);
        self.names.insert(name.key().into(), id);
        let history = (self.make_history)(&name);
        let room = Room {
            name,
            topic: None,
            created,
            permanent,
            members: NumberMap::default(),
            modes: Modes::default(),
            bans: Restrictions::default(),
            ban_exceptions: Restrictions::default(),
            invite_exceptions: Restrictions::default(),
            mutes: Restrictions::default(),
            history,
        };
        self.all.insert(id, room);
        id
    }

    /// Creates a permanent room, unless a room with this name exists.
    pub(super) fn create_permanent(&mut self, name: RoomName, created: SystemTime) {
        if self.find(&name).is_none() {
            self.create(name, true, created);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (RoomId, &Room)> {
        self.all.iter().map(|(&id, room)| (id, room))
    }

    /// Returns the first `limit` rooms that a member may see, sorted by name, and the number of rooms left out.
    pub(super) fn list(&self, limit: usize, sees_all: bool, joined: &[RoomId]) -> (Vec<RoomInfo>, usize) {
        let is_visible = |id: &&RoomId| sees_all || !self[**id].modes.secret || joined.contains(id);
        let rooms = self.names.values().filter(is_visible).take(limit).map(|id| &self[*id]);
        let topic = |room: &Room| room.topic.as_ref().map(|topic| topic.text.clone());
        let info = |room: &Room| RoomInfo { name: room.name.clone(), members: room.len(), topic: topic(room) };
        let rooms: Vec<_> = rooms.map(info).collect();
        let more = self.count(sees_all, joined) - rooms.len();
        (rooms, more)
    }

    /// Returns the number of rooms that a member of the rooms `joined` may see.
    ///
    /// With `sees_all`, the member may see all rooms. Otherwise it may see its own rooms and all rooms that are not
    /// secret.
    pub(super) fn count(&self, sees_all: bool, joined: &[RoomId]) -> usize {
        let hidden = self.secret - joined.iter().filter(|id| self[**id].modes.secret).count();
        self.names.len() - if sees_all { 0 } else { hidden }
    }

    /// Sets a mode of a room, and returns whether the room's modes have changed.
    pub(super) fn set_mode(&mut self, id: RoomId, mode: Mode) -> bool {
        let modes = &mut self[id].modes;
        let was_secret = modes.secret;
        let changed = modes.set(mode);
        let is_secret = modes.secret;
        self.secret = self.secret + usize::from(is_secret) - usize::from(was_secret);
        changed
    }

    /// Removes each of these rooms that is empty and not permanent.
    pub(super) fn remove_empty(&mut self, rooms: &[RoomId]) {
        for id in rooms {
            if let Some(room) = self.all.get(id).filter(|room| room.members.is_empty() && !room.permanent) {
                self.names.remove(room.name.key());
                self.secret -= usize::from(room.modes.secret);
                self.all.remove(id);
            }
        }
    }

    /// Returns the room with this name.
    pub(super) fn find(&self, name: &RoomName) -> Option<RoomId> {
        self.names.get(name.key()).copied()
    }
}

impl Index<RoomId> for Rooms {
    type Output = Room;

    fn index(&self, room: RoomId) -> &Room {
        self.all.get(&room).expect(ROOM_EXISTS)
    }
}

impl IndexMut<RoomId> for Rooms {
    fn index_mut(&mut self, room: RoomId) -> &mut Room {
        self.all.get_mut(&room).expect(ROOM_EXISTS)
    }
}

const ROOM_EXISTS: &str = "a room exists while it has members";
