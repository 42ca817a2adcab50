//! What people say, to whom, and whom they don't want to hear.

use super::mutes::check_may_speak;
use super::policy::ask_what_may_be_said;
use super::{By, Effect, MemberId, Outcome, RoomId, State, Step, check};
use crate::model::command::CommandError;
use crate::model::event::{Event, EventKind};
use crate::model::message::{Manner, Words};
use crate::model::moderation::Rank;
use crate::model::name::Target;
use crate::model::policy::Listeners;
use crate::model::text::Text;

impl Step<'_> {
    /// To all others in the room that is meant.
    pub(super) fn speak(&mut self, member: MemberId, words: Words) -> Outcome {
        check(&words.text, self.state.limits.text)?;
        let (room, is_in) = self.room_to_speak_in(member)?;
        if !is_in {
            // Who may not come in does not speak from outside either.
            let name = self.state.rooms[room].name.clone();
            if let Err(denied) = self.ask_who_may_join(member, &name) {
                return self.deny(member, denied);
            }
        }
        // This is done for every message, so each is looked up but once.
        let State { limits, people, rooms, events, policy, .. } = &mut *self.state;
        let (person, place) = (&people[member], &mut rooms[room]);
        check_may_speak(member, person, place, self.now.instant)?;
        let manner = words.manner;
        let text = match ask_what_may_be_said(policy, person, Listeners::Room(&place.name), words, limits.text) {
            Ok(text) => text,
            Err(denied) => return self.deny(member, denied),
        };
        *events += 1;
        let said = EventKind::Said { room: place.name.clone(), from: person.name.clone(), text, manner };
        let event = Event::by(Some(person.profile.clone()), *events, self.now.date, said);
        if manner.is_for_people() {
            place.history.keep(&event);
        }
        let ignoring = person.ignored_by.iter().copied().collect();
        let except = is_in.then_some(member);
        self.effects.push(Effect::Broadcast { room, except, ignoring, event: event.clone() });
        self.effects.push(Effect::Echo { to: member, event });
        Ok(())
    }

    /// The room that is meant, and whether the member is in it; if it may speak there from where it is.
    fn room_to_speak_in(&self, member: MemberId) -> Result<(RoomId, bool), CommandError> {
        let error = match self.room_of(member, None) {
            Ok(room) => return Ok((room, true)),
            Err(error) => error,
        };
        let found = self.meant.as_ref().and_then(|name| self.known_room(member, name).ok());
        let room = found.filter(|room| !self.state.rooms[*room].modes.members_only).ok_or(error)?;
        let (place, person, now) = (&self.state.rooms[room], &self.state.people[member], self.now.instant);
        if person.operates {
            return Ok((room, false));
        }
        if let Some(ban) = place.ban_against(&person.face(), now) {
            return Err(ban.refusal(Some(place.name.clone()), now));
        }
        match place.mutes.against(&person.face(), now) {
            Some(mute) => Err(CommandError::Muted { room: place.name.clone(), left: mute.left(now) }),
            None => Ok((room, false)),
        }
    }

    /// To all others in the room that is meant who have this rank or a higher one. It is not remembered: who comes later
    /// may have another rank.
    pub(super) fn speak_to_rank(&mut self, member: MemberId, rank: Rank, words: Words) -> Outcome {
        check(&words.text, self.state.limits.text)?;
        let room = self.room_of(member, None)?;
        let State { limits, people, rooms, policy, .. } = &mut *self.state;
        let (person, place) = (&people[member], &rooms[room]);
        check_may_speak(member, person, place, self.now.instant)?;
        let manner = words.manner;
        let text = match ask_what_may_be_said(policy, person, Listeners::Room(&place.name), words, limits.text) {
            Ok(text) => text,
            Err(denied) => return self.deny(member, denied),
        };
        let hears = |other: &MemberId| {
            *other != member && place.rank(*other) >= Some(rank) && !person.ignored_by.contains(other)
        };
        let mut to: Vec<_> = place.members().filter(hears).collect();
        to.sort_unstable();
        let said = EventKind::SaidTo { room: place.name.clone(), rank, from: person.name.clone(), text, manner };
        let event = self.event(said);
        if !to.is_empty() {
            self.effects.push(Effect::Tell { to, event: event.clone() });
        }
        self.effects.push(Effect::Echo { to: member, event });
        Ok(())
    }

    pub(super) fn speak_to(&mut self, member: MemberId, to: &Target, words: Words) -> Outcome {
        check(&words.text, self.state.limits.text)?;
        let target = self.named(to)?;
        let State { limits, people, policy, .. } = &mut *self.state;
        let (speaker, person) = (&people[member], &people[target]);
        let (from, manner) = (speaker.name.clone(), words.manner);
        let text = match ask_what_may_be_said(policy, speaker, Listeners::Member(&person.name), words, limits.text) {
            Ok(text) => text,
            Err(denied) => return self.deny(member, denied),
        };
        // Nobody is told twice by two programs that tell each other.
        let away = person.away.clone().filter(|_| matches!(manner, Manner::Plain | Manner::Action));
        let away = away.map(|why| EventKind::IsAway { name: person.name.clone(), why });
        let (to, is_heard) = (person.name.clone(), !person.ignores.contains(&member));
        let event = self.event(EventKind::Told { from, to, text, manner });
        if is_heard {
            self.effects.push(Effect::Tell { to: vec![target], event: event.clone() });
        }
        self.effects.push(Effect::Echo { to: member, event });
        if let Some(is_away) = away {
            self.tell(member, is_away);
        }
        Ok(())
    }

    pub(super) fn census(&mut self, member: MemberId) {
        let (members, operators) = (self.state.people.iter().len(), self.state.operators.len());
        let person = &self.state.people[member];
        let rooms = self.state.rooms.count(person.operates, &person.rooms);
        self.tell(member, EventKind::Census { members, operators, rooms });
    }

    pub(super) fn away(&mut self, member: MemberId, why: Option<Text>) -> Outcome {
        self.check_short(why.as_ref())?;
        let person = self.state.people.get_mut(member);
        if why.is_none() && person.away.is_none() {
            return Err(CommandError::NotAway);
        }
        person.away.clone_from(&why);
        self.tell(member, EventKind::Away { why: why.clone() });
        let person = &self.state.people[member];
        let (name, ignoring) = (person.name.clone(), person.ignored_by.iter().copied().collect());
        let rooms: Vec<_> = person.rooms.iter().copied().filter(|room| self.may_speak(member, *room)).collect();
        self.tell_those_in(&rooms, Some(member), ignoring, EventKind::AwaySet { name, why });
        Ok(())
    }

    /// As with one's being away, those are told who share a room with it in which it may speak.
    pub(super) fn set_real_name(&mut self, member: MemberId, real_name: Text) -> Outcome {
        check(&real_name, self.state.limits.topic)?;
        let rooms = self.state.people[member].rooms.iter().copied();
        let rooms: Vec<_> = rooms.filter(|room| self.may_speak(member, *room)).collect();
        let person = self.state.people.get_mut(member);
        person.profile = person.profile.with_real_name(real_name.clone());
        let ignoring = person.ignored_by.iter().copied().collect();
        let set = EventKind::RealNameSet { name: person.name.clone(), real_name };
        self.tell(member, set.clone());
        self.tell_those_in(&rooms, Some(member), ignoring, set);
        Ok(())
    }

    pub(super) fn ignore(&mut self, member: MemberId, name: Target) -> Outcome {
        let target = self.another(&By::Member(member), &name)?;
        let (limit, ignores) = (self.state.limits.ignores, &self.state.people[member].ignores);
        if ignores.len() >= limit && !ignores.contains(&target) {
            return Err(CommandError::TooManyIgnored { limit });
        }
        if !self.state.people.ignore(member, target) {
            return Err(CommandError::Ignored { name });
        }
        self.tell(member, EventKind::Ignoring { name: self.state.people[target].name.clone(), ignored: true });
        Ok(())
    }

    pub(super) fn unignore(&mut self, member: MemberId, name: Target) -> Outcome {
        let target = self.another(&By::Member(member), &name)?;
        if !self.state.people.unignore(member, target) {
            return Err(CommandError::NotIgnored { name });
        }
        self.tell(member, EventKind::Ignoring { name: self.state.people[target].name.clone(), ignored: false });
        Ok(())
    }
}
