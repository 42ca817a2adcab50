//! Finding the member, the room or the scope that a command names.
//!
//! This module must not change the state.

use super::actor::Actor;
use super::{MemberId, RoomId, Step};
use crate::model::command::CommandError;
use crate::model::moderation::{Rank, Scope};
use crate::model::name::{Name, RoomName, Target};

impl Step<'_> {
    /// Returns the member with this name.
    pub(super) fn find_member(&self, name: &Target) -> Result<MemberId, CommandError> {
        self.state.members.find(name.key()).ok_or_else(|| CommandError::NoSuchMember { name: name.clone() })
    }

    /// Returns the member with this name, which must not be the actor itself.
    pub(super) fn find_other_member(&self, by: &Actor, name: &Target) -> Result<MemberId, CommandError> {
        let target = self.find_member(name)?;
        by.check_not_self(target, name).map(|()| target)
    }

    /// Returns a member of a room, and its rank there.
    pub(super) fn find_room_member(&self, room: RoomId, name: &Target) -> Result<(MemberId, Rank), CommandError> {
        let target = self.find_member(name)?;
        let room = &self.state.rooms[room];
        let not_there = || CommandError::NotThere { name: name.clone(), room: room.name.clone() };
        room.rank(target).map(|rank| (target, rank)).ok_or_else(not_there)
    }

    /// Returns the actor's name.
    pub(super) fn actor_name(&self, by: &Actor) -> Name {
        match by {
            Actor::Member(member) => self.state.members[*member].name.clone(),
            Actor::Server(_) => Name::Server,
        }
    }

    /// Returns a room that the member is in: `name`, or the room of the [`Command::In`], or else its current room.
    ///
    /// [`Command::In`]: crate::model::command::Command::In
    pub(super) fn joined_room(&self, member: MemberId, name: Option<&RoomName>) -> Result<RoomId, CommandError> {
        let member_state = &self.state.members[member];
        let Some(name) = name.or(self.named_room.as_ref()) else {
            return member_state.current().ok_or(CommandError::NoRoom);
        };
        let room = self.visible_room(member, name)?;
        if member_state.rooms.contains(&room) { Ok(room) } else { Err(CommandError::NotInRoom { room: name.clone() }) }
    }

    /// Returns the room with this name, unless it is secret and the member may not see it.
    pub(super) fn visible_room(&self, member: MemberId, name: &RoomName) -> Result<RoomId, CommandError> {
        let member_state = &self.state.members[member];
        let is_visible = |room: &RoomId| {
            !self.state.rooms[*room].modes.secret
                || member_state.rooms.contains(room)
                || member_state.is_server_operator
        };
        let found = self.state.rooms.find(name).filter(is_visible);
        found.ok_or_else(|| CommandError::NoSuchRoom { room: name.clone() })
    }

    /// Returns the room that the actor's command is about.
    pub(super) fn actor_room(&self, by: &Actor) -> Result<RoomId, CommandError> {
        match by {
            Actor::Member(member) => self.joined_room(*member, None),
            Actor::Server(None) => Err(CommandError::NoRoom),
            Actor::Server(Some(room)) => {
                self.state.rooms.find(room).ok_or_else(|| CommandError::NoSuchRoom { room: room.clone() })
            }
        }
    }

    /// Returns the room that the actor's command is about, if the actor may moderate that room.
    pub(super) fn moderated_room(&self, by: &Actor) -> Result<RoomId, CommandError> {
        let room = self.actor_room(by)?;
        self.check_operator(by, room)?;
        Ok(room)
    }

    /// Returns the room in `scope`, or `None` for the whole hub, if the actor may moderate it.
    pub(super) fn resolve_scope(&self, by: &Actor, scope: Scope) -> Result<Option<RoomId>, CommandError> {
        match scope {
            Scope::Room => self.moderated_room(by).map(Some),
            Scope::Hub => self.check_server_operator(by).map(|()| None),
        }
    }
}
