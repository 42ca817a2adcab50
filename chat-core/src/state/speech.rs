//! What members say, to whom, and whom they don't want to hear.

use super::mutes::check_may_speak;
use super::policy::ask_what_may_be_said;
use super::{Effect, MemberId, Outcome, RoomId, State, Step, check};
use crate::model::command::CommandError;
use crate::model::event::{Event, EventKind};
use crate::model::message::{Message, MessageKind};
use crate::model::moderation::Rank;
use crate::model::name::Target;
use crate::model::policy::MessageTarget;

impl Step<'_> {
    /// To all others in the room that is meant.
    pub(super) fn speak(&mut self, member: MemberId, words: Message) -> Outcome {
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
        let State { limits, members, rooms, events, policy, .. } = &mut *self.state;
        let (member_state, place) = (&members[member], &mut rooms[room]);
        check_may_speak(member, member_state, place, self.now.instant)?;
        let manner = words.manner;
        let text =
            match ask_what_may_be_said(policy, member_state, MessageTarget::Room(&place.name), words, limits.text) {
                Ok(text) => text,
                Err(denied) => return self.deny(member, denied),
            };
        *events += 1;
        let said = EventKind::Said { room: place.name.clone(), from: member_state.name.clone(), text, manner };
        let event = Event::by(Some(member_state.profile.clone()), *events, self.now.date, said);
        if manner.is_for_people() {
            place.history.keep(&event);
        }
        let ignoring = member_state.ignored_by.iter().copied().collect();
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
        let (place, member_state, now) = (&self.state.rooms[room], &self.state.members[member], self.now.instant);
        if member_state.operates {
            return Ok((room, false));
        }
        if let Some(ban) = place.ban_against(&member_state.face(), now) {
            return Err(ban.refusal(Some(place.name.clone()), now));
        }
        match place.mutes.against(&member_state.face(), now) {
            Some(mute) => Err(CommandError::Muted { room: place.name.clone(), left: mute.left(now) }),
            None => Ok((room, false)),
        }
    }

    /// To all others in the room that is meant who have this rank or a higher one. It is not remembered: who comes later
    /// may have another rank.
    pub(super) fn speak_to_rank(&mut self, member: MemberId, rank: Rank, words: Message) -> Outcome {
        check(&words.text, self.state.limits.text)?;
        let room = self.room_of(member, None)?;
        let State { limits, members, rooms, policy, .. } = &mut *self.state;
        let (member_state, place) = (&members[member], &rooms[room]);
        check_may_speak(member, member_state, place, self.now.instant)?;
        let manner = words.manner;
        let text =
            match ask_what_may_be_said(policy, member_state, MessageTarget::Room(&place.name), words, limits.text) {
                Ok(text) => text,
                Err(denied) => return self.deny(member, denied),
            };
        let hears = |other: &MemberId| {
            *other != member && place.rank(*other) >= Some(rank) && !member_state.ignored_by.contains(other)
        };
        let mut to: Vec<_> = place.members().filter(hears).collect();
        to.sort_unstable();
        let said = EventKind::SaidTo { room: place.name.clone(), rank, from: member_state.name.clone(), text, manner };
        let event = self.event(said);
        if !to.is_empty() {
            self.effects.push(Effect::Tell { to, event: event.clone() });
        }
        self.effects.push(Effect::Echo { to: member, event });
        Ok(())
    }

    pub(super) fn speak_to(&mut self, member: MemberId, to: &Target, words: Message) -> Outcome {
        check(&words.text, self.state.limits.text)?;
        let target = self.named(to)?;
        let State { limits, members, policy, .. } = &mut *self.state;
        let (speaker, member_state) = (&members[member], &members[target]);
        let (from, manner) = (speaker.name.clone(), words.manner);
        let text = match ask_what_may_be_said(
            policy,
            speaker,
            MessageTarget::Member(&member_state.name),
            words,
            limits.text,
        ) {
            Ok(text) => text,
            Err(denied) => return self.deny(member, denied),
        };
        // Nobody is told twice by two programs that tell each other.
        let away = member_state.away.clone().filter(|_| matches!(manner, MessageKind::Message | MessageKind::Action));
        let away = away.map(|why| EventKind::IsAway { name: member_state.name.clone(), why });
        let (to, is_heard) = (member_state.name.clone(), !member_state.ignores.contains(&member));
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
}
