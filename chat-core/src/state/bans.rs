//! Bans from a room and from the hub.
//!
//! This module must not know how a restriction matches a member: see [`restrictions`](super::restrictions).

use super::restrictions::{ActiveRestriction, LiftFilter, Restrictions};
use super::{Actor, MemberId, Outcome, RoomId, Step};
use crate::model::command::CommandError;
use crate::model::event::{CloseReason, HubEvent, Reply, RoomEvent};
use crate::model::mask::{Mask, MaskSubject, Network};
use crate::model::moderation::{Rank, Scope, Term};
use crate::model::name::{Name, Nick, Target};
use crate::model::number_map::NumberSet;
use crate::model::options::DefaultNames;

impl Step<'_> {
    /// Adds a ban, and removes the members that it matches from the room or the hub.
    pub(super) fn ban(&mut self, by: &Actor, scope: Scope, mask: &Mask, term: Term) -> Outcome {
        let term = self.representable_term(term);
        let room = self.resolve_scope(by, scope)?;
        if mask.network().is_some() {
            self.check_may_see_addresses(by)?;
        }
        let named = match mask {
            Mask::Name(name) => self.ban_target(by, name)?,
            _ => None,
        };
        let restriction = self.new_restriction(by, mask.clone(), named, &term)?;
        let (limit, now) = (self.state.limits.bans, self.now.instant);
        self.bans_mut(room).add(restriction, limit, now)?;
        let (who, banned, time) = (self.actor_name(by), mask.clone(), term.clone());
        match room {
            Some(room) => {
                let name = self.state.rooms[room].name.clone();
                self.broadcast(room, None, RoomEvent::Banned { room: name, by: who, mask: banned, term: time });
            }
            None => self.notify_operators(HubEvent::Banned { by: who, mask: banned, term: time }),
        }
        let members = self.members_to_ban(by, mask, named, room);
        if let Some(room) = room {
            self.kick_members(by, &members, room, term.reason.as_ref());
            self.state.rooms.remove_empty(&[room]);
        } else {
            let error = CommandError::Banned { room: None, left: term.time, reason: term.reason };
            self.leave(&members, &CloseReason::Refused(error));
        }
        Ok(())
    }

    /// Returns the term; without its duration, and so for ever, if its end is beyond the range of
    /// [`Instant`](std::time::Instant).
    pub(super) fn representable_term(&self, term: Term) -> Term {
        Term { time: term.time.filter(|time| self.now.instant.checked_add(*time).is_some()), ..term }
    }

    /// Returns a new ban, mute or exception, which also matches the network of the member `named`.
    pub(super) fn new_restriction(
        &self,
        by: &Actor,
        mask: Mask,
        named: Option<MemberId>,
        term: &Term,
    ) -> Result<ActiveRestriction, CommandError> {
        self.check_short(term.reason.as_ref())?;
        let network = named.and_then(|member| self.state.members[member].address).map(Network::around);
        let expires_at = term.time.and_then(|time| self.now.instant.checked_add(time));
        let (networks, by, reason) = (network.into_iter().collect(), self.actor_name(by), term.reason.clone());
        Ok(ActiveRestriction {
            mask,
            named,
            networks,
            by,
            since: self.now.date,
            expires_at,
            reason,
            applies_to: NumberSet::default(),
        })
    }

    /// Returns the member with the banned name, if it is in the hub and the actor may ban it.
    fn ban_target(&self, by: &Actor, name: &Target) -> Result<Option<MemberId>, CommandError> {
        let Some(member) = self.state.members.find_similar(name) else {
            return self.check_possible_name(name).map(|()| None);
        };
        by.check_not_self(member, name)?;
        self.check_not_protected(by, member, name)?;
        Ok(Some(member))
    }

    /// Checks that a member has this name, or that a new member could choose it as its nick.
    pub(super) fn check_possible_name(&self, name: &Target) -> Outcome {
        let is_possible = self.state.members.find_similar(name).is_some() || Nick::parse(name.as_str()).is_ok();
        if is_possible { Ok(()) } else { Err(CommandError::NoSuchMember { name: name.clone() }) }
    }

    /// Returns the members whom a new ban removes: the named member, or all members that the mask matches, except
    /// operators.
    fn members_to_ban(&self, by: &Actor, mask: &Mask, named: Option<MemberId>, room: Option<RoomId>) -> Vec<MemberId> {
        let is_excepted = |member: MemberId| {
            let room_state = room.map(|room| &self.state.rooms[room]);
            let subject = self.state.members[member].subject();
            room_state.is_some_and(|room| room.ban_exceptions.matching(&subject, self.now.instant).is_some())
        };
        if let Mask::Name(_) = mask {
            let is_present = |member: &MemberId| room.is_none_or(|room| self.state.rooms[room].contains(*member));
            return named.filter(is_present).filter(|member| !is_excepted(*member)).into_iter().collect();
        }
        let is_affected = |member: &MemberId| {
            let member_state = &self.state.members[*member];
            let rank = room.and_then(|room| self.state.rooms[room].rank(*member));
            let is_protected = member_state.is_server_operator || rank == Some(Rank::Operator) || by.is(*member);
            !is_protected && mask.fits_subject(&member_state.subject()) && !is_excepted(*member)
        };
        let mut members: Vec<_> = match room {
            Some(room) => self.state.rooms[room].members().filter(is_affected).collect(),
            None => self.state.members.iter().map(|(member, _)| member).filter(is_affected).collect(),
        };
        members.sort_unstable();
        members
    }

    /// Lifts the bans with this mask, or all bans that cover a member at this network.
    pub(super) fn unban(&mut self, by: &Actor, scope: Scope, mask: Mask) -> Outcome {
        let room = self.resolve_scope(by, scope)?;
        let (now, match_networks) = (self.now.instant, self.check_may_see_addresses(by).is_ok());
        let room_name = room.map(|room| self.state.rooms[room].name.clone());
        if !self.bans_mut(room).lift(&LiftFilter { mask: &mask, member: None, match_networks }, now) {
            return Err(CommandError::NotBanned { mask, room: room_name });
        }
        let by = self.actor_name(by);
        match room.zip(room_name) {
            Some((room, name)) => self.broadcast(room, None, RoomEvent::Unbanned { room: name, by, mask }),
            None => self.notify_operators(HubEvent::Unbanned { by, mask }),
        }
        Ok(())
    }

    /// Sends the list of bans to the actor.
    pub(super) fn list_bans(&mut self, by: &Actor, scope: Scope) -> Outcome {
        let room = match scope {
            // Any member of a room may list its bans.
            Scope::Room => Some(self.actor_room(by)?),
            Scope::Hub => self.resolve_scope(by, scope)?,
        };
        let (now, with_networks) = (self.now.instant, self.check_server_operator(by).is_ok());
        let bans = self.bans_mut(room).list(with_networks, now);
        self.answer(by, Reply::Bans { room: room.map(|room| self.state.rooms[room].name.clone()), bans });
        Ok(())
    }

    /// Checks that no ban from the hub or from the member's rooms matches `nick`.
    pub(super) fn check_nick_banned(&self, member: MemberId, nick: &Nick) -> Outcome {
        let (member_state, now, new) = (&self.state.members[member], self.now.instant, Name::Nick(nick.clone()));
        let subject = MaskSubject::new(&new, None, Some(&member_state.profile));
        if member_state.is_server_operator {
            return Ok(());
        }
        // The subject has no address: a ban by address that let the member stay does not forbid a new nick either.
        if self.state.bans.matching(&subject, now).is_some() {
            return Err(CommandError::NickBanned { nick: nick.clone(), room: None });
        }
        for &room in &member_state.rooms {
            let room_state = &self.state.rooms[room];
            let is_operator = room_state.rank(member) == Some(Rank::Operator);
            let is_excepted = || {
                room_state
                    .ban_exceptions
                    .matching(&MaskSubject::new(&new, member_state.address, Some(&member_state.profile)), now)
                    .is_some()
            };
            if !is_operator && room_state.bans.matching(&subject, now).is_some() && !is_excepted() {
                return Err(CommandError::NickBanned { nick: nick.clone(), room: Some(room_state.name.clone()) });
            }
        }
        Ok(())
    }

    /// Checks that the actor may put addresses into masks.
    ///
    /// If the hub hides addresses, only server operators may put them into masks: bans on one network after another
    /// would reveal the addresses.
    pub(super) fn check_may_see_addresses(&self, by: &Actor) -> Outcome {
        if self.state.default_names == DefaultNames::Address || self.check_server_operator(by).is_ok() {
            return Ok(());
        }
        Err(CommandError::AddressesHidden)
    }

    /// Returns the bans of a room, or of the hub.
    fn bans_mut(&mut self, room: Option<RoomId>) -> &mut Restrictions {
        match room {
            Some(room) => &mut self.state.rooms[room].bans,
            None => &mut self.state.bans,
        }
    }
}
