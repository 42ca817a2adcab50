//! Who may not come in.

use super::restrictions::{ActiveRestriction, Lifted, Restrictions};
use super::{Actor, MemberId, Outcome, RoomId, Step};
use crate::model::command::CommandError;
use crate::model::event::{CloseReason, EventKind};
use crate::model::mask::{Mask, MaskSubject, Network};
use crate::model::moderation::{Rank, Scope, Term};
use crate::model::name::{Name, Nick, Target};
use crate::model::number_map::NumberSet;
use crate::model::options::DefaultNames;

impl Step<'_> {
    /// Bans, and puts those out who are in.
    pub(super) fn ban(&mut self, by: &Actor, scope: Scope, mask: &Mask, term: Term) -> Outcome {
        let term = self.within_time(term);
        let room = self.scope_of(by, scope)?;
        if mask.network().is_some() {
            self.check_may_use_addresses(by)?;
        }
        let named = match mask {
            Mask::Name(name) => self.to_be_banned(by, name)?,
            _ => None,
        };
        let restriction = self.restriction(by, mask.clone(), named, &term)?;
        let (limit, now) = (self.state.limits.bans, self.now.instant);
        self.bans_mut(room).add(restriction, limit, now)?;
        let banned = EventKind::Banned {
            room: room.map(|room| self.state.rooms[room].name.clone()),
            by: self.name_of(by),
            mask: mask.clone(),
            term: term.clone(),
        };
        self.tell_scope(room, banned);
        let members = self.those_who_fit(by, mask, named, room);
        if let Some(room) = room {
            self.kick_all(by, &members, room, term.reason.as_ref());
            self.state.rooms.drop_empty(&[room]);
        } else {
            let error = CommandError::Banned { room: None, left: term.time, reason: term.reason };
            self.leave(&members, &CloseReason::Refused(error));
        }
        Ok(())
    }

    /// Past the end of all clocks is for ever.
    pub(super) fn within_time(&self, term: Term) -> Term {
        Term { time: term.time.filter(|time| self.now.instant.checked_add(*time).is_some()), ..term }
    }

    /// What is to be held against somebody.
    pub(super) fn restriction(
        &self,
        by: &Actor,
        mask: Mask,
        named: Option<MemberId>,
        term: &Term,
    ) -> Result<ActiveRestriction, CommandError> {
        self.check_short(term.reason.as_ref())?;
        let network = named.and_then(|member| self.state.members[member].address).map(Network::around);
        let until = term.time.and_then(|time| self.now.instant.checked_add(time));
        let (networks, by, reason) = (network.into_iter().collect(), self.name_of(by), term.reason.clone());
        Ok(ActiveRestriction {
            mask,
            named,
            networks,
            by,
            since: self.now.date,
            until,
            reason,
            held: NumberSet::default(),
        })
    }

    /// The member that a ban names, if it is there.
    fn to_be_banned(&self, by: &Actor, name: &Target) -> Result<Option<MemberId>, CommandError> {
        let Some(member) = self.state.members.find_alike(name) else {
            return self.check_may_be_a_name(name).map(|()| None);
        };
        by.check_another(member, name)?;
        self.check_not_protected(by, member, name)?;
        Ok(Some(member))
    }

    /// Whether somebody is called so, or may come under this name.
    pub(super) fn check_may_be_a_name(&self, name: &Target) -> Outcome {
        let may_be = self.state.members.find_alike(name).is_some() || Nick::parse(name.as_str()).is_ok();
        if may_be { Ok(()) } else { Err(CommandError::NoSuchMember { name: name.clone() }) }
    }

    /// Those who must go because of a ban: who is named, or all who fit and are no operators.
    fn those_who_fit(&self, by: &Actor, mask: &Mask, named: Option<MemberId>, room: Option<RoomId>) -> Vec<MemberId> {
        let is_exempt = |member: MemberId| {
            let place = room.map(|room| &self.state.rooms[room]);
            let face = self.state.members[member].face();
            place.is_some_and(|place| place.unbannable.against(&face, self.now.instant).is_some())
        };
        if let Mask::Name(_) = mask {
            let is_there = |member: &MemberId| room.is_none_or(|room| self.state.rooms[room].contains(*member));
            return named.filter(is_there).filter(|member| !is_exempt(*member)).into_iter().collect();
        }
        let goes = |member: &MemberId| {
            let member_state = &self.state.members[*member];
            let rank = room.and_then(|room| self.state.rooms[room].rank(*member));
            let is_safe = member_state.operates || rank == Some(Rank::Operator) || by.is(*member);
            !is_safe && mask.fits_subject(&member_state.face()) && !is_exempt(*member)
        };
        let mut members: Vec<_> = match room {
            Some(room) => self.state.rooms[room].members().filter(goes).collect(),
            None => self.state.members.iter().map(|(member, _)| member).filter(goes).collect(),
        };
        members.sort_unstable();
        members
    }

    pub(super) fn unban(&mut self, by: &Actor, scope: Scope, mask: Mask) -> Outcome {
        let room = self.scope_of(by, scope)?;
        let (now, by_networks) = (self.now.instant, self.check_may_use_addresses(by).is_ok());
        let room_name = room.map(|room| self.state.rooms[room].name.clone());
        if !self.bans_mut(room).lift(&Lifted { mask: &mask, member: None, by_networks }, now) {
            return Err(CommandError::NotBanned { mask, room: room_name });
        }
        let unbanned = EventKind::Unbanned { room: room_name, by: self.name_of(by), mask };
        self.tell_scope(room, unbanned);
        Ok(())
    }

    pub(super) fn bans(&mut self, by: &Actor, scope: Scope) -> Outcome {
        let room = match scope {
            // Who is in a room may know who is not let in.
            Scope::Room => Some(self.room_meant(by)?),
            Scope::Hub => self.scope_of(by, scope)?,
        };
        let (now, with_networks) = (self.now.instant, self.check_server_operator(by).is_ok());
        let bans = self.bans_mut(room).list(with_networks, now);
        self.answer(by, EventKind::Bans { room: room.map(|room| self.state.rooms[room].name.clone()), bans });
        Ok(())
    }

    /// Whether a member may be called `nick`, where it is.
    pub(super) fn check_nick_banned(&self, member: MemberId, nick: &Nick) -> Outcome {
        let (member_state, now, new) = (&self.state.members[member], self.now.instant, Name::Nick(nick.clone()));
        let face = MaskSubject::new(&new, None, Some(&member_state.profile));
        if member_state.operates {
            return Ok(());
        }
        // By its name alone: a ban that knows it by where it comes from has let it stay.
        if self.state.bans.against(&face, now).is_some() {
            return Err(CommandError::NickBanned { nick: nick.clone(), room: None });
        }
        for &room in &member_state.rooms {
            let place = &self.state.rooms[room];
            let is_operator = place.rank(member) == Some(Rank::Operator);
            let is_exempt = || {
                place
                    .unbannable
                    .against(&MaskSubject::new(&new, member_state.address, Some(&member_state.profile)), now)
                    .is_some()
            };
            if !is_operator && place.bans.against(&face, now).is_some() && !is_exempt() {
                return Err(CommandError::NickBanned { nick: nick.clone(), room: Some(place.name.clone()) });
            }
        }
        Ok(())
    }

    /// Where nobody is to learn from where the others come, nobody may find out by banning one network after another.
    pub(super) fn check_may_use_addresses(&self, by: &Actor) -> Outcome {
        if self.state.names == DefaultNames::Address || self.check_server_operator(by).is_ok() {
            return Ok(());
        }
        Err(CommandError::AddressesHidden)
    }

    /// The bans of a room, or of the hub.
    fn bans_mut(&mut self, room: Option<RoomId>) -> &mut Restrictions {
        match room {
            Some(room) => &mut self.state.rooms[room].bans,
            None => &mut self.state.bans,
        }
    }
}
