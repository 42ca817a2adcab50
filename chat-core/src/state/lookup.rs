//! Which member, room or scope a command means.

use super::moderation::Actor;
use super::{MemberId, RoomId, Step};
use crate::model::command::CommandError;
use crate::model::moderation::{Rank, Scope};
use crate::model::name::{Name, RoomName, Target};

impl Step<'_> {
    pub(super) fn named(&self, name: &Target) -> Result<MemberId, CommandError> {
        self.state.members.find(name.key()).ok_or_else(|| CommandError::NoSuchMember { name: name.clone() })
    }

    /// As [`named`](Self::named), but not the one who asks.
    pub(super) fn another(&self, by: &Actor, name: &Target) -> Result<MemberId, CommandError> {
        let target = self.named(name)?;
        by.check_another(target, name).map(|()| target)
    }

    /// Somebody in a room, and its rank there.
    pub(super) fn member_of(&self, room: RoomId, name: &Target) -> Result<(MemberId, Rank), CommandError> {
        let target = self.named(name)?;
        let room = &self.state.rooms[room];
        let not_there = || CommandError::NotThere { name: name.clone(), room: room.name.clone() };
        room.rank(target).map(|rank| (target, rank)).ok_or_else(not_there)
    }

    /// What the one who decides is called.
    pub(super) fn name_of(&self, by: &Actor) -> Name {
        match by {
            Actor::Member(member) => self.state.members[*member].name.clone(),
            Actor::Server(_) => Name::Server,
        }
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

    pub(super) fn room_meant(&self, by: &Actor) -> Result<RoomId, CommandError> {
        match by {
            Actor::Member(member) => self.room_of(*member, None),
            Actor::Server(room) => {
                self.state.rooms.find(room).ok_or_else(|| CommandError::NoSuchRoom { room: room.clone() })
            }
        }
    }

    /// The room that is meant, if the one who decides may.
    pub(super) fn room_under(&self, by: &Actor) -> Result<RoomId, CommandError> {
        let room = self.room_meant(by)?;
        self.check_operator(by, room)?;
        Ok(room)
    }

    /// The room that is meant, or nothing for the whole hub; if the one who decides may.
    pub(super) fn scope_of(&self, by: &Actor, scope: Scope) -> Result<Option<RoomId>, CommandError> {
        match scope {
            Scope::Room => self.room_under(by).map(Some),
            Scope::Hub => self.check_server_operator(by).map(|()| None),
        }
    }
}
