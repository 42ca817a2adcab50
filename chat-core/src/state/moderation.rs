//! Moderation of a room: permissions, ranks, kicks, modes, topic and invitations.
//!
//! This module must not know the commands by which a protocol or the host application requests a moderation.

use super::actor::Actor;
use super::mutes::check_may_speak;
use super::{MemberId, Outcome, RoomId, Step};
use crate::model::command::CommandError;
use crate::model::event::{OwnEvent, Reply, RoomEvent, TopicInfo};
use crate::model::moderation::{Mode, Moderation, Rank};
use crate::model::name::Target;
use crate::model::text::Text;

impl Step<'_> {
    /// Checks and carries out a moderation.
    pub(super) fn moderate(&mut self, by: &Actor, moderation: Moderation) -> Outcome {
        match moderation {
            Moderation::Promote { name, rank } => self.promote(by, name, rank),
            Moderation::Demote { name, rank } => self.demote(by, name, rank),
            Moderation::Kick { name, reason } => self.kick(by, &name, reason.as_ref()),
            Moderation::Ban { scope, mask, term } => self.ban(by, scope, &mask, term),
            Moderation::Unban { scope, mask } => self.unban(by, scope, mask),
            Moderation::Bans(scope) => self.list_bans(by, scope),
            Moderation::Mute { name, term } => self.mute(by, &name, term),
            Moderation::Unmute(name) => self.unmute(by, name),
            Moderation::Mutes => self.list_mutes(by),
            Moderation::Invite(name) => self.invite(by, &name),
            Moderation::AddException { from, mask } => self.add_exception(by, from, mask),
            Moderation::RemoveException { from, mask } => self.remove_exception(by, from, mask),
            Moderation::Exceptions(from) => self.list_exceptions(by, from),
            Moderation::Modes(modes) => self.set_modes(by, modes),
            Moderation::Topic(topic) => self.set_topic(by, topic),
            Moderation::Kill { name, reason } => self.kill(by, &name, reason),
            Moderation::Announce(text) => self.announce(by, text),
            Moderation::Stats => self.send_stats(by),
        }
    }

    /// Checks that the actor is an operator of the room, a server operator, or the host application.
    pub(super) fn check_operator(&self, by: &Actor, room: RoomId) -> Outcome {
        let Actor::Member(member) = by else { return Ok(()) };
        let room = &self.state.rooms[room];
        if room.rank(*member) == Some(Rank::Operator) || self.state.members[*member].is_server_operator {
            return Ok(());
        }
        Err(CommandError::NotOperator { room: room.name.clone() })
    }

    /// Gives a member of a room a higher rank.
    fn promote(&mut self, by: &Actor, name: Target, rank: Rank) -> Outcome {
        let room = self.moderated_room(by)?;
        let (target, current) = self.find_room_member(room, &name)?;
        if current >= rank {
            return Err(CommandError::RankKept { name, rank: current });
        }
        self.set_rank(by, room, target, rank);
        Ok(())
    }

    /// Takes a rank away from a member of a room.
    fn demote(&mut self, by: &Actor, name: Target, rank: Rank) -> Outcome {
        let room = self.moderated_room(by)?;
        let (target, current) = self.find_room_member(room, &name)?;
        if current != rank {
            return Err(CommandError::RankMissing { name, rank });
        }
        self.set_rank(by, room, target, Rank::Ordinary);
        Ok(())
    }

    /// Sets the rank of a member of a room, and announces it there.
    fn set_rank(&mut self, by: &Actor, room: RoomId, target: MemberId, rank: Rank) {
        let old = self.state.rooms[room].rank(target).unwrap_or_default();
        self.state.rooms[room].set_rank(target, rank);
        let (by, name) = (self.actor_name(by), self.state.members[target].name.clone());
        let set = RoomEvent::RankSet { room: self.state.rooms[room].name.clone(), by, name, old, rank };
        self.broadcast(room, None, set);
    }

    /// Kicks a member from a room.
    fn kick(&mut self, by: &Actor, name: &Target, reason: Option<&Text>) -> Outcome {
        let room = self.moderated_room(by)?;
        let (target, _) = self.find_room_member(room, name)?;
        by.check_not_self(target, name)?;
        self.check_not_protected(by, target, name)?;
        self.check_short(reason)?;
        self.kick_members(by, &[target], room, reason);
        self.state.rooms.remove_empty(&[room]);
        Ok(())
    }

    /// Kicks members from a room that they are in.
    ///
    /// Removes all of them before it sends the first notice, so that none of them receives the notices about the
    /// others.
    pub(super) fn kick_members(&mut self, by: &Actor, members: &[MemberId], room: RoomId, reason: Option<&Text>) {
        let (by, room_name) = (self.actor_name(by), self.state.rooms[room].name.clone());
        let kicked: Vec<_> = members.iter().map(|member| (*member, self.remove_from_room(*member, room))).collect();
        for (member, (_, current)) in &kicked {
            let (by, current) = (by.clone(), current.clone());
            self.notify(*member, OwnEvent::Kicked { room: room_name.clone(), by, reason: reason.cloned(), current });
        }
        for (_, (name, _)) in kicked {
            let (room_name, by) = (room_name.clone(), by.clone());
            self.broadcast(room, None, RoomEvent::Kicked { room: room_name, by, name, reason: reason.cloned() });
        }
    }

    /// Sets modes of a room, and announces the modes that change. If no mode changes, sends the present modes to the
    /// actor.
    fn set_modes(&mut self, by: &Actor, modes: Vec<Mode>) -> Outcome {
        let room = self.moderated_room(by)?;
        for mode in &modes {
            if let Mode::Key(key) = mode {
                self.check_short(key.as_ref())?;
            }
        }
        let who = self.actor_name(by);
        let mut set = Vec::new();
        for mode in modes {
            if self.state.rooms.set_mode(room, mode.clone()) {
                set.push(mode);
            }
        }
        let name = self.state.rooms[room].name.clone();
        if set.is_empty() {
            let room_state = &self.state.rooms[room];
            let modes = Reply::Modes { room: name, modes: room_state.modes.list(), created: room_state.created };
            self.answer(by, modes);
        } else {
            self.broadcast(room, None, RoomEvent::ModesSet { room: name, by: who, modes: set });
        }
        Ok(())
    }

    /// Sets or clears the topic of a room, and announces it there.
    fn set_topic(&mut self, by: &Actor, topic: Option<Text>) -> Outcome {
        let room = self.actor_room(by)?;
        self.check_short(topic.as_ref())?;
        if self.state.rooms[room].modes.topic_locked {
            self.check_operator(by, room)?;
        }
        if let Actor::Member(member) = by {
            check_may_speak(*member, &self.state.members[*member], &self.state.rooms[room], self.now.instant)?;
        }
        let by = self.actor_name(by);
        let room_state = &mut self.state.rooms[room];
        room_state.topic = topic.clone().map(|text| TopicInfo::new(text, by.clone(), self.now.date));
        let set = RoomEvent::TopicSet { room: room_state.name.clone(), by, topic };
        self.broadcast(room, None, set);
        Ok(())
    }

    /// Invites a member to a room, and notifies the room's other operators.
    ///
    /// A member who ignores the actor does not receive the invitation.
    fn invite(&mut self, by: &Actor, name: &Target) -> Outcome {
        let room = self.actor_room(by)?;
        if self.state.rooms[room].modes.invite_only {
            self.check_operator(by, room)?;
        }
        let target = self.find_other_member(by, name)?;
        let room_name = self.state.rooms[room].name.clone();
        if self.state.rooms[room].contains(target) {
            return Err(CommandError::IsThere { name: name.clone(), room: room_name });
        }
        // Any member may invite, and invitations outlive their rooms, so a new one replaces the oldest at the limit.
        let limit = self.state.limits.rooms_per_member;
        let invites = &mut self.state.members.get_mut(target).invites;
        invites.retain(|invite| *invite != room);
        invites.push(room);
        if invites.len() > limit {
            invites.remove(0);
        }
        let (who, member_state) = (self.actor_name(by), &self.state.members[target]);
        let name = member_state.name.clone();
        let is_ignored = matches!(by, Actor::Member(member) if member_state.ignores.contains(member));
        let others: Vec<_> = {
            let room_state = &self.state.rooms[room];
            let is_recipient = |other: &MemberId| room_state.rank(*other) == Some(Rank::Operator) && !by.is(*other);
            room_state.members().filter(is_recipient).collect()
        };
        if !is_ignored {
            self.notify(target, OwnEvent::Invited { room: room_name.clone(), by: who.clone() });
        }
        if !others.is_empty() {
            let inviting = RoomEvent::Invited { room: room_name.clone(), by: who, name: name.clone() };
            self.notify_sorted(others, inviting);
        }
        self.answer(by, Reply::InviteSent { room: room_name, name });
        Ok(())
    }
}
