//! Moderation in the rooms: who may decide, ranks, modes, and who is put out.

use super::mutes::check_may_speak;
use super::{MemberId, Outcome, RoomId, Step};
use crate::model::command::CommandError;
use crate::model::event::{EventKind, TopicInfo};
use crate::model::moderation::{Mode, Moderation, Rank};
use crate::model::name::{RoomName, Target};
use crate::model::text::Text;

/// Who decides something.
#[derive(Debug)]
pub(super) enum Actor {
    /// A member, about its current room, or about the hub.
    Member(MemberId),
    /// The program that the hub is in, about this room, or about the hub.
    Server(Option<RoomName>),
}

impl Actor {
    pub(super) fn is(&self, member: MemberId) -> bool {
        matches!(self, Actor::Member(by) if *by == member)
    }

    /// Whether the member, called so, is another than the one who decides.
    pub(super) fn check_another(&self, member: MemberId, name: &Target) -> Outcome {
        if self.is(member) { Err(CommandError::Oneself { name: name.clone() }) } else { Ok(()) }
    }
}

/// What operators have decided about a room.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a mode by itself, and all go together")]
pub(super) struct Modes {
    pub(super) invite_only: bool,
    pub(super) moderated: bool,
    pub(super) topic_locked: bool,
    pub(super) members_only: bool,
    pub(super) secret: bool,
    pub(super) key: Option<Text>,
    pub(super) limit: Option<usize>,
}

impl Default for Modes {
    fn default() -> Modes {
        let (invite_only, moderated, topic_locked, members_only, secret) = (false, false, false, true, false);
        Modes { invite_only, moderated, topic_locked, members_only, secret, key: None, limit: None }
    }
}

impl Modes {
    /// Whether that is another than before.
    pub(super) fn set(&mut self, mode: Mode) -> bool {
        let before = self.clone();
        match mode {
            Mode::InviteOnly(on) => self.invite_only = on,
            Mode::Moderated(on) => self.moderated = on,
            Mode::TopicLocked(on) => self.topic_locked = on,
            Mode::MembersOnly(on) => self.members_only = on,
            Mode::Secret(on) => self.secret = on,
            Mode::Key(key) => self.key = key,
            Mode::Limit(limit) => self.limit = limit,
        }
        *self != before
    }

    /// Those that are not as in a new room.
    pub(super) fn list(&self) -> Vec<Mode> {
        let flags = [
            (self.invite_only, Mode::InviteOnly(true)),
            (self.moderated, Mode::Moderated(true)),
            (self.topic_locked, Mode::TopicLocked(true)),
            (!self.members_only, Mode::MembersOnly(false)),
            (self.secret, Mode::Secret(true)),
            (self.key.is_some(), Mode::Key(self.key.clone())),
            (self.limit.is_some(), Mode::Limit(self.limit)),
        ];
        flags.into_iter().filter(|(on, _)| *on).map(|(_, mode)| mode).collect()
    }
}

impl Step<'_> {
    pub(super) fn moderate(&mut self, by: &Actor, moderation: Moderation) -> Outcome {
        match moderation {
            Moderation::Promote { name, rank } => self.promote(by, name, rank),
            Moderation::Demote { name, rank } => self.demote(by, name, rank),
            Moderation::Kick { name, reason } => self.kick(by, &name, reason.as_ref()),
            Moderation::Ban { scope, mask, term } => self.ban(by, scope, &mask, term),
            Moderation::Unban { scope, mask } => self.unban(by, scope, mask),
            Moderation::Bans(scope) => self.bans(by, scope),
            Moderation::Mute { name, term } => self.mute(by, &name, term),
            Moderation::Unmute(name) => self.unmute(by, name),
            Moderation::Mutes => self.mutes(by),
            Moderation::Invite(name) => self.invite(by, &name),
            Moderation::AddException { from, mask } => self.exempt(by, from, mask),
            Moderation::RemoveException { from, mask } => self.unexempt(by, from, mask),
            Moderation::Exceptions(from) => self.exemptions(by, from),
            Moderation::Modes(modes) => self.set_modes(by, modes),
            Moderation::Topic(topic) => self.set_topic(by, topic),
            Moderation::Kill { name, reason } => self.kill(by, &name, reason),
            Moderation::Announce(text) => self.announce(by, text),
            Moderation::Stats => self.stats(by),
        }
    }

    pub(super) fn check_operator(&self, by: &Actor, room: RoomId) -> Outcome {
        let Actor::Member(member) = by else { return Ok(()) };
        let room = &self.state.rooms[room];
        if room.rank(*member) == Some(Rank::Operator) || self.state.members[*member].operates {
            return Ok(());
        }
        Err(CommandError::NotOperator { room: room.name.clone() })
    }

    fn promote(&mut self, by: &Actor, name: Target, rank: Rank) -> Outcome {
        let room = self.room_under(by)?;
        let (target, had) = self.member_of(room, &name)?;
        if had >= rank {
            return Err(CommandError::RankKept { name, rank: had });
        }
        self.set_rank(by, room, target, rank);
        Ok(())
    }

    fn demote(&mut self, by: &Actor, name: Target, rank: Rank) -> Outcome {
        let room = self.room_under(by)?;
        let (target, had) = self.member_of(room, &name)?;
        if had != rank {
            return Err(CommandError::RankMissing { name, rank });
        }
        self.set_rank(by, room, target, Rank::Ordinary);
        Ok(())
    }

    fn set_rank(&mut self, by: &Actor, room: RoomId, target: MemberId, rank: Rank) {
        let old = self.state.rooms[room].rank(target).unwrap_or_default();
        self.state.rooms[room].set_rank(target, rank);
        let (by, name) = (self.name_of(by), self.state.members[target].name.clone());
        let set = EventKind::RankSet { room: self.state.rooms[room].name.clone(), by, name, old, rank };
        self.broadcast(room, None, set);
    }

    fn kick(&mut self, by: &Actor, name: &Target, reason: Option<&Text>) -> Outcome {
        let room = self.room_under(by)?;
        let (target, _) = self.member_of(room, name)?;
        by.check_another(target, name)?;
        self.check_not_protected(by, target, name)?;
        self.check_short(reason)?;
        self.kick_all(by, &[target], room, reason);
        self.state.rooms.drop_empty(&[room]);
        Ok(())
    }

    /// Puts members out of a room, in which they are. They are all out before anybody is told, so that none of them hears
    /// of the others.
    pub(super) fn kick_all(&mut self, by: &Actor, members: &[MemberId], room: RoomId, reason: Option<&Text>) {
        let (by, place) = (self.name_of(by), self.state.rooms[room].name.clone());
        let out: Vec<_> = members.iter().map(|member| (*member, self.remove_from_room(*member, room))).collect();
        for (member, (_, current)) in &out {
            let (by, current) = (by.clone(), current.clone());
            self.tell(*member, EventKind::Kicked { room: place.clone(), by, reason: reason.cloned(), current });
        }
        for (_, (name, _)) in out {
            let (room_name, by) = (place.clone(), by.clone());
            self.broadcast(room, None, EventKind::KickedOut { room: room_name, by, name, reason: reason.cloned() });
        }
    }

    fn set_modes(&mut self, by: &Actor, modes: Vec<Mode>) -> Outcome {
        let room = self.room_under(by)?;
        for mode in &modes {
            if let Mode::Key(key) = mode {
                self.check_short(key.as_ref())?;
            }
        }
        let who = self.name_of(by);
        let mut set = Vec::new();
        for mode in modes {
            if self.state.rooms.set_mode(room, mode.clone()) {
                set.push(mode);
            }
        }
        let name = self.state.rooms[room].name.clone();
        if set.is_empty() {
            let place = &self.state.rooms[room];
            let modes = EventKind::Modes { room: name, modes: place.modes.list(), made: place.made };
            self.answer(by, modes);
        } else {
            self.broadcast(room, None, EventKind::ModesSet { room: name, by: who, modes: set });
        }
        Ok(())
    }

    fn set_topic(&mut self, by: &Actor, topic: Option<Text>) -> Outcome {
        let room = self.room_meant(by)?;
        self.check_short(topic.as_ref())?;
        if self.state.rooms[room].modes.topic_locked {
            self.check_operator(by, room)?;
        }
        if let Actor::Member(member) = by {
            check_may_speak(*member, &self.state.members[*member], &self.state.rooms[room], self.now.instant)?;
        }
        let by = self.name_of(by);
        let place = &mut self.state.rooms[room];
        place.topic = topic.clone().map(|text| TopicInfo::new(text, by.clone(), self.now.date));
        let set = EventKind::TopicSet { room: place.name.clone(), by, topic };
        self.broadcast(room, None, set);
        Ok(())
    }

    fn invite(&mut self, by: &Actor, name: &Target) -> Outcome {
        let room = self.room_meant(by)?;
        if self.state.rooms[room].modes.invite_only {
            self.check_operator(by, room)?;
        }
        let target = self.another(by, name)?;
        let room_name = self.state.rooms[room].name.clone();
        if self.state.rooms[room].contains(target) {
            return Err(CommandError::IsThere { name: name.clone(), room: room_name });
        }
        // Rooms may have vanished since, and anybody may invite: the oldest ones give way.
        let most = self.state.limits.rooms_per_member;
        let invites = &mut self.state.members.get_mut(target).invites;
        invites.retain(|invite| *invite != room);
        invites.push(room);
        if invites.len() > most {
            invites.remove(0);
        }
        let (who, member_state) = (self.name_of(by), &self.state.members[target]);
        let name = member_state.name.clone();
        let is_ignored = matches!(by, Actor::Member(member) if member_state.ignores.contains(member));
        let others: Vec<_> = {
            let place = &self.state.rooms[room];
            let is_told = |other: &MemberId| place.rank(*other) == Some(Rank::Operator) && !by.is(*other);
            place.members().filter(is_told).collect()
        };
        if !is_ignored {
            self.tell(target, EventKind::Invited { room: room_name.clone(), by: who.clone() });
        }
        if !others.is_empty() {
            let inviting = EventKind::Inviting { room: room_name.clone(), by: who, name: name.clone() };
            self.tell_each(others, inviting);
        }
        self.answer(by, EventKind::InviteSent { room: room_name, name });
        Ok(())
    }
}
