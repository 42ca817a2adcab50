//! What people say, to whom, and whom they don't want to hear.

use super::mutes::check_may_speak;
use super::policy::ask_what_may_be_said;
use super::{By, Effect, MemberId, Outcome, State, Step, check};
use crate::command::CommandError;
use crate::event::{Event, EventKind};
use crate::name::{Name, RoomName, Target};
use crate::policy::Listeners;
use crate::text::Text;

impl Step<'_> {
    /// To all others in the current room.
    pub(super) fn speak(
        &mut self,
        member: MemberId,
        text: Text,
        kind: impl FnOnce(RoomName, Name, Text) -> EventKind,
    ) -> Outcome {
        check(&text, self.state.limits.text)?;
        // This is done for every message, so each is looked up but once.
        let State { limits, people, rooms, events, policy, .. } = &mut *self.state;
        let person = &people[member];
        let room = person.current().ok_or(CommandError::NoRoom)?;
        let place = &mut rooms[room];
        check_may_speak(member, person, place, self.now.instant)?;
        let text = match ask_what_may_be_said(policy, person, Listeners::Room(&place.name), text, limits.text) {
            Ok(text) => text,
            Err(denied) => return self.deny(member, denied),
        };
        *events += 1;
        let event = Event::new(*events, self.now.date, kind(place.name.clone(), person.name.clone(), text));
        place.history.keep(&event);
        let ignoring = person.ignored_by.clone();
        self.effects.push(Effect::Broadcast { room, except: Some(member), ignoring, event });
        Ok(())
    }

    pub(super) fn speak_to(&mut self, member: MemberId, to: &Target, text: Text) -> Outcome {
        check(&text, self.state.limits.text)?;
        let target = self.another(&By::Member(member), to)?;
        let State { limits, people, policy, .. } = &mut *self.state;
        let (speaker, person) = (&people[member], &people[target]);
        let from = speaker.name.clone();
        let text = match ask_what_may_be_said(policy, speaker, Listeners::Member(&person.name), text, limits.text) {
            Ok(text) => text,
            Err(denied) => return self.deny(member, denied),
        };
        let away = person.away.clone().map(|why| EventKind::IsAway { name: person.name.clone(), why });
        if !person.ignores.contains(&member) {
            self.tell(target, EventKind::Told { from, text });
        }
        if let Some(is_away) = away {
            self.tell(member, is_away);
        }
        Ok(())
    }

    pub(super) fn away(&mut self, member: MemberId, why: Option<Text>) -> Outcome {
        self.check_short(why.as_ref())?;
        let person = self.state.people.get_mut(member);
        if why.is_none() && person.away.is_none() {
            return Err(CommandError::NotAway);
        }
        person.away.clone_from(&why);
        self.tell(member, EventKind::Away { why });
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
