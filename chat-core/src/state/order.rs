//! Order in the rooms: who is an operator, what operators decide.

use super::{Effect, MemberId, Outcome, RoomId, Step, check};
use crate::command::CommandError;
use crate::event::EventKind;
use crate::name::{Name, RoomName, Target};
use crate::order::{Mode, Rank};
use crate::text::Text;

/// What operators have decided about a room.
#[derive(Debug, Default)]
pub(super) struct Modes {
    invite_only: bool,
    pub(super) moderated: bool,
    pub(super) topic_locked: bool,
    key: Option<Text>,
    limit: Option<usize>,
}

impl Modes {
    fn set(&mut self, mode: Mode) {
        match mode {
            Mode::InviteOnly(on) => self.invite_only = on,
            Mode::Moderated(on) => self.moderated = on,
            Mode::TopicLocked(on) => self.topic_locked = on,
            Mode::Key(key) => self.key = key,
            Mode::Limit(limit) => self.limit = limit,
        }
    }

    /// Those that are not as in a new room.
    fn list(&self) -> Vec<Mode> {
        let flags = [
            (self.invite_only, Mode::InviteOnly(true)),
            (self.moderated, Mode::Moderated(true)),
            (self.topic_locked, Mode::TopicLocked(true)),
            (self.key.is_some(), Mode::Key(self.key.clone())),
            (self.limit.is_some(), Mode::Limit(self.limit)),
        ];
        flags.into_iter().filter(|(on, _)| *on).map(|(_, mode)| mode).collect()
    }
}

impl Step<'_> {
    /// Whether somebody who is not invited may enter a room.
    pub(super) fn check_modes(&self, room: RoomId, key: Option<&Text>) -> Outcome {
        let room = &self.state.rooms[room];
        let Modes { invite_only, key: wanted, limit, .. } = &room.modes;
        let name = || room.name.clone();
        if *invite_only {
            return Err(CommandError::InviteOnly { room: name() });
        }
        if wanted.is_some() && wanted.as_ref() != key {
            return Err(CommandError::WrongKey { room: name() });
        }
        match *limit {
            Some(limit) if room.len() >= limit => Err(CommandError::RoomFull { room: name(), limit }),
            _ => Ok(()),
        }
    }

    /// The current room of a member who is an operator of it.
    fn own_room(&self, member: MemberId) -> Result<RoomId, CommandError> {
        let room = self.room_of(member, None)?;
        self.check_operator(member, room)?;
        Ok(room)
    }

    pub(super) fn check_operator(&self, member: MemberId, room: RoomId) -> Outcome {
        let room = &self.state.rooms[room];
        match room.rank(member) {
            Some(Rank::Operator) => Ok(()),
            _ => Err(CommandError::NotOperator { room: room.name.clone() }),
        }
    }

    /// Somebody in a room, and its rank there.
    fn member_of(&self, room: RoomId, name: &Target) -> Result<(MemberId, Rank), CommandError> {
        let target = self.named(name)?;
        let room = &self.state.rooms[room];
        let not_there = || CommandError::NotThere { name: name.clone(), room: room.name.clone() };
        room.rank(target).map(|rank| (target, rank)).ok_or_else(not_there)
    }

    pub(super) fn promote(&mut self, member: MemberId, name: Target, rank: Rank) -> Outcome {
        let room = self.own_room(member)?;
        let (target, had) = self.member_of(room, &name)?;
        if had >= rank {
            return Err(CommandError::RankKept { name, rank: had });
        }
        self.set_rank(member, room, target, rank);
        Ok(())
    }

    pub(super) fn demote(&mut self, member: MemberId, name: Target, rank: Rank) -> Outcome {
        let room = self.own_room(member)?;
        let (target, had) = self.member_of(room, &name)?;
        if had != rank {
            return Err(CommandError::RankMissing { name, rank });
        }
        self.set_rank(member, room, target, Rank::Ordinary);
        Ok(())
    }

    fn set_rank(&mut self, member: MemberId, room: RoomId, target: MemberId, rank: Rank) {
        self.state.rooms[room].set_rank(target, rank);
        let name_of = |member| self.state.people[member].name.clone();
        let (by, name) = (name_of(member), name_of(target));
        let set = EventKind::RankSet { room: self.state.rooms[room].name.clone(), by, name, rank };
        self.broadcast(room, None, set);
    }

    pub(super) fn kick(&mut self, member: MemberId, name: &Target, reason: Option<Text>) -> Outcome {
        let room = self.own_room(member)?;
        let target = self.another(member, name)?;
        self.member_of(room, name)?;
        if let Some(reason) = &reason {
            check(reason, self.state.limits.topic)?;
        }
        let (by, room_name) = (self.state.people[member].name.clone(), self.state.rooms[room].name.clone());
        let (name, current) = self.take_out(target, room);
        let kicked = EventKind::Kicked { room: room_name.clone(), by: by.clone(), reason: reason.clone(), current };
        self.tell(target, kicked);
        self.broadcast(room, None, EventKind::KickedOut { room: room_name, by, name, reason });
        Ok(())
    }

    pub(super) fn mode(&mut self, member: MemberId, mode: Option<Mode>) -> Outcome {
        let Some(mode) = mode else {
            let room = &self.state.rooms[self.room_of(member, None)?];
            let modes = EventKind::Modes { room: room.name.clone(), modes: room.modes.list() };
            self.tell(member, modes);
            return Ok(());
        };
        let room = self.own_room(member)?;
        if let Mode::Key(Some(key)) = &mode {
            check(key, self.state.limits.topic)?;
        }
        let by = self.state.people[member].name.clone();
        let name = self.state.rooms[room].name.clone();
        self.state.rooms[room].modes.set(mode.clone());
        self.broadcast(room, None, EventKind::ModeSet { room: name, by, mode });
        Ok(())
    }

    pub(super) fn invite(&mut self, member: MemberId, name: &Target) -> Outcome {
        let room = self.room_of(member, None)?;
        if self.state.rooms[room].modes.invite_only {
            self.check_operator(member, room)?;
        }
        let target = self.another(member, name)?;
        let room_name = self.state.rooms[room].name.clone();
        if self.state.rooms[room].contains(target) {
            return Err(CommandError::IsThere { name: name.clone(), room: room_name });
        }
        // Rooms may have vanished since, and anybody may invite: the oldest ones give way.
        let most = self.state.limits.rooms_per_member;
        let invites = &mut self.state.people.get_mut(target).invites;
        invites.retain(|invite| *invite != room);
        invites.push(room);
        if invites.len() > most {
            invites.remove(0);
        }
        let name_of = |member| self.state.people[member].name.clone();
        let (by, name) = (name_of(member), name_of(target));
        if !self.state.people[target].ignores.contains(&member) {
            self.tell(target, EventKind::Invited { room: room_name.clone(), by });
        }
        self.tell(member, EventKind::InviteSent { room: room_name, name });
        Ok(())
    }

    /// Takes a member out of a room in which it is; what it is called, and its current room then.
    pub(super) fn take_out(&mut self, member: MemberId, room: RoomId) -> (Name, Option<RoomName>) {
        self.state.rooms[room].remove(member);
        let person = self.state.people.get_mut(member);
        person.rooms.retain(|other| *other != room);
        let (name, current) = (person.name.clone(), person.current());
        self.effects.push(Effect::Exit { member, room });
        if let Some(room) = current {
            self.effects.push(Effect::Turn { member, room });
        }
        (name, current.map(|room| self.state.rooms[room].name.clone()))
    }
}
