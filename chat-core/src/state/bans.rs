//! Who may not come in, and who may not speak.

use std::time::Duration;

use super::sanctions::Sanction;
use super::{By, MemberId, Outcome, RoomId, Step, check};
use crate::command::CommandError;
use crate::event::{CloseReason, EventKind};
use crate::mask::{Mask, Network};
use crate::name::{Name, Nick, Target};
use crate::order::{Rank, Scope};
use crate::text::Text;

/// A ban that is to be.
pub(super) struct NewBan {
    pub(super) mask: Mask,
    pub(super) time: Option<Duration>,
    pub(super) reason: Option<Text>,
}

impl Step<'_> {
    /// Bans, and puts those out who are in.
    pub(super) fn ban(&mut self, by: &By, scope: Scope, ban: NewBan) -> Outcome {
        let room = self.scope_of(by, scope)?;
        if let Some(reason) = &ban.reason {
            check(reason, self.state.limits.topic)?;
        }
        let named = match &ban.mask {
            Mask::Name(name) => self.to_be_banned(by, name)?,
            _ => None,
        };
        let NewBan { mask, time, reason } = ban;
        let sanction = self.sanction(by, mask.clone(), named, time, reason.clone());
        let (limit, now) = (self.state.limits.bans, self.now.instant);
        if !self.bans_mut(room).add(sanction, limit, now) {
            return Err(CommandError::TooManyBans { limit });
        }
        let banned = EventKind::Banned {
            room: room.map(|room| self.state.rooms[room].name.clone()),
            by: self.name_of(by),
            mask: mask.clone(),
            time,
            reason: reason.clone(),
        };
        self.tell_scope(room, banned);
        let members = self.those_who_fit(by, &mask, named, room);
        if let Some(room) = room {
            for member in members {
                self.put_out(by, member, room, reason.clone());
            }
            self.state.rooms.drop_empty(&[room]);
        } else {
            let error = CommandError::Banned { room: None, left: time, reason };
            self.leave(&members, &CloseReason::Refused(error));
        }
        Ok(())
    }

    /// The member that a ban names, if it is there.
    fn to_be_banned(&self, by: &By, name: &Target) -> Result<Option<MemberId>, CommandError> {
        let Some(member) = self.state.people.find(name.key()) else {
            // It may come back under this name, if it is one.
            let may_be = Nick::parse(name.as_str()).is_ok();
            return if may_be { Ok(None) } else { Err(CommandError::NoSuchMember { name: name.clone() }) };
        };
        by.check_another(member, name)?;
        self.check_not_protected(by, member, name)?;
        Ok(Some(member))
    }

    /// Those who must go because of a ban: who is named, or all who fit and are no operators.
    fn those_who_fit(&self, by: &By, mask: &Mask, named: Option<MemberId>, room: Option<RoomId>) -> Vec<MemberId> {
        if let Mask::Name(_) = mask {
            let is_there = |member: &MemberId| room.is_none_or(|room| self.state.rooms[room].contains(*member));
            return named.filter(is_there).into_iter().collect();
        }
        let goes = |member: &MemberId| {
            let person = &self.state.people[*member];
            let rank = room.and_then(|room| self.state.rooms[room].rank(*member));
            let is_safe = person.operates || rank == Some(Rank::Operator) || by.is(*member);
            !is_safe && mask.fits(&person.name, person.address)
        };
        let mut members: Vec<_> = match room {
            Some(room) => self.state.rooms[room].members().filter(goes).collect(),
            None => self.state.people.iter().map(|(member, _)| member).filter(goes).collect(),
        };
        members.sort_unstable();
        members
    }

    pub(super) fn unban(&mut self, by: &By, scope: Scope, mask: Mask) -> Outcome {
        let room = self.scope_of(by, scope)?;
        let now = self.now.instant;
        let room_name = room.map(|room| self.state.rooms[room].name.clone());
        if !self.bans_mut(room).lift(&mask, None, now) {
            return Err(CommandError::NotBanned { mask, room: room_name });
        }
        let unbanned = EventKind::Unbanned { room: room_name, by: self.name_of(by), mask };
        self.tell_scope(room, unbanned);
        Ok(())
    }

    pub(super) fn bans(&mut self, by: &By, scope: Scope) -> Outcome {
        let room = self.scope_of(by, scope)?;
        let with_networks = self.may_know_addresses(by);
        let bans = match room {
            Some(room) => &self.state.rooms[room].bans,
            None => &self.state.bans,
        };
        let bans = bans.list(with_networks, self.now.instant);
        self.answer(by, EventKind::Bans { room: room.map(|room| self.state.rooms[room].name.clone()), bans });
        Ok(())
    }

    pub(super) fn mute(&mut self, by: &By, name: &Target, time: Option<Duration>, reason: Option<Text>) -> Outcome {
        let room = self.room_under(by)?;
        let (member, _) = self.member_of(room, name)?;
        by.check_another(member, name)?;
        self.check_not_protected(by, member, name)?;
        if let Some(reason) = &reason {
            check(reason, self.state.limits.topic)?;
        }
        let mask = Mask::Name(name.clone());
        let sanction = self.sanction(by, mask, Some(member), time, reason.clone());
        let limit = self.state.limits.bans;
        let (now, place) = (self.now.instant, &mut self.state.rooms[room]);
        if !place.mutes.add(Sanction { held: vec![member], ..sanction }, limit, now) {
            return Err(CommandError::TooManyBans { limit });
        }
        let (by, name) = (self.name_of(by), self.state.people[member].name.clone());
        let muted = EventKind::Muted { room: self.state.rooms[room].name.clone(), by, name, time, reason };
        self.broadcast(room, None, muted);
        Ok(())
    }

    pub(super) fn unmute(&mut self, by: &By, name: Target) -> Outcome {
        let room = self.room_under(by)?;
        let member = self.state.people.find(name.key());
        let (now, place) = (self.now.instant, &mut self.state.rooms[room]);
        let room_name = place.name.clone();
        if !place.mutes.lift(&Mask::Name(name.clone()), member, now) {
            return Err(CommandError::NotMuted { name, room: room_name });
        }
        let unmuted = EventKind::Unmuted { room: room_name, by: self.name_of(by), name };
        self.broadcast(room, None, unmuted);
        Ok(())
    }

    /// Whether a member may be called `nick`, where it is.
    pub(super) fn check_nick_banned(&self, member: MemberId, nick: &Nick) -> Outcome {
        let (person, now, new) = (&self.state.people[member], self.now.instant, Name::Nick(nick.clone()));
        if person.operates {
            return Ok(());
        }
        // By its name alone: a ban that knows it by where it comes from has let it stay.
        if self.state.bans.against(&new, None, now).is_some() {
            return Err(CommandError::NickBanned { nick: nick.clone(), room: None });
        }
        for &room in &person.rooms {
            let place = &self.state.rooms[room];
            let is_operator = place.rank(member) == Some(Rank::Operator);
            if !is_operator && place.bans.against(&new, None, now).is_some() {
                return Err(CommandError::NickBanned { nick: nick.clone(), room: Some(place.name.clone()) });
            }
        }
        Ok(())
    }

    fn sanction(
        &self,
        by: &By,
        mask: Mask,
        named: Option<MemberId>,
        time: Option<Duration>,
        reason: Option<Text>,
    ) -> Sanction {
        let network = named.and_then(|member| self.state.people[member].address).map(Network::around);
        // Past the end of all clocks is for ever.
        let until = time.and_then(|time| self.now.instant.checked_add(time));
        Sanction { mask, network, by: self.name_of(by), until, reason, held: Vec::new() }
    }
}
