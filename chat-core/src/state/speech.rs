//! Messages: to a room, to the members of a room with a rank, and to one member.
//!
//! This module must not know how a message is encoded, or which connections receive it.

use super::mutes::check_may_speak;
use super::policy::check_policy_message;
use super::{Effect, MemberId, Outcome, RoomId, State, Step, check};
use crate::model::command::CommandError;
use crate::model::event::{Event, OwnEvent, Reply, RoomEvent};
use crate::model::message::{Message, MessageKind};
use crate::model::moderation::Rank;
use crate::model::name::Target;
use crate::model::policy::MessageTarget;

impl Step<'_> {
    /// Sends a message to all other members of a room.
    ///
    /// The room's history keeps it if its kind is for people, not for programs.
    pub(super) fn say(&mut self, member: MemberId, message: Message) -> Outcome {
        check(&message.text, self.state.limits.text)?;
        let (room, is_in) = self.message_room(member)?;
        if !is_in {
            // A member whom the policy keeps out of the room may not speak from outside either.
            let name = self.state.rooms[room].name.clone();
            if let Err(denied) = self.check_policy_join(member, &name) {
                return self.refuse_or_close(member, denied);
            }
        }
        // This code runs for every message, so it looks up the member and the room only once.
        let State { limits, members, rooms, events, policy, .. } = &mut *self.state;
        let (member_state, room_state) = (&members[member], &mut rooms[room]);
        check_may_speak(member, member_state, room_state, self.now.instant)?;
        let kind = message.kind;
        let text = match check_policy_message(
            policy,
            member_state,
            MessageTarget::Room(&room_state.name),
            message,
            limits.text,
        ) {
            Ok(text) => text,
            Err(denied) => return self.refuse_or_close(member, denied),
        };
        *events += 1;
        let said = RoomEvent::Said { room: room_state.name.clone(), from: member_state.name.clone(), text, kind };
        let event = Event::by(Some(member_state.profile.clone()), *events, self.now.date, said);
        if kind.is_for_people() {
            room_state.history.keep(&event);
        }
        let ignoring = member_state.ignored_by.iter().copied().collect();
        let except = is_in.then_some(member);
        self.effects.push(Effect::Broadcast { room, except, ignoring, event: event.clone() });
        self.effects.push(Effect::Echo { to: member, event });
        Ok(())
    }

    /// Returns the room for a message, and whether the member is in it.
    ///
    /// A member who is not in a room may speak there if the room is not for members only, and no ban or mute matches
    /// the member.
    fn message_room(&self, member: MemberId) -> Result<(RoomId, bool), CommandError> {
        let error = match self.joined_room(member, None) {
            Ok(room) => return Ok((room, true)),
            Err(error) => error,
        };
        let found = self.named_room.as_ref().and_then(|name| self.visible_room(member, name).ok());
        let room = found.filter(|room| !self.state.rooms[*room].modes.members_only).ok_or(error)?;
        let (room_state, member_state, now) = (&self.state.rooms[room], &self.state.members[member], self.now.instant);
        if member_state.is_server_operator {
            return Ok((room, false));
        }
        if let Some(ban) = room_state.matching_ban(&member_state.subject(), now) {
            return Err(ban.refusal(Some(room_state.name.clone()), now));
        }
        match room_state.mutes.matching(&member_state.subject(), now) {
            Some(mute) => Err(CommandError::Muted { room: room_state.name.clone(), left: mute.time_left(now) }),
            None => Ok((room, false)),
        }
    }

    /// Sends a message to all other members of a room who have at least this rank.
    ///
    /// The history does not keep it, because a later reader may have another rank.
    pub(super) fn say_to_rank(&mut self, member: MemberId, rank: Rank, message: Message) -> Outcome {
        check(&message.text, self.state.limits.text)?;
        let room = self.joined_room(member, None)?;
        let State { limits, members, rooms, policy, .. } = &mut *self.state;
        let (member_state, room_state) = (&members[member], &rooms[room]);
        check_may_speak(member, member_state, room_state, self.now.instant)?;
        let kind = message.kind;
        let text = match check_policy_message(
            policy,
            member_state,
            MessageTarget::Room(&room_state.name),
            message,
            limits.text,
        ) {
            Ok(text) => text,
            Err(denied) => return self.refuse_or_close(member, denied),
        };
        let is_recipient = |other: &MemberId| {
            *other != member && room_state.rank(*other) >= Some(rank) && !member_state.ignored_by.contains(other)
        };
        let mut to: Vec<_> = room_state.members().filter(is_recipient).collect();
        to.sort_unstable();
        let said =
            RoomEvent::SaidToRank { room: room_state.name.clone(), rank, from: member_state.name.clone(), text, kind };
        let event = self.event(said);
        if !to.is_empty() {
            self.effects.push(Effect::Multicast { to, event: event.clone() });
        }
        self.effects.push(Effect::Echo { to: member, event });
        Ok(())
    }

    /// Sends a message to one member, and reports to the speaker if that member is away.
    pub(super) fn say_privately(&mut self, member: MemberId, to: &Target, message: Message) -> Outcome {
        check(&message.text, self.state.limits.text)?;
        let target = self.find_member(to)?;
        let State { limits, members, policy, .. } = &mut *self.state;
        let (speaker, member_state) = (&members[member], &members[target]);
        let (from, kind) = (speaker.name.clone(), message.kind);
        let text = match check_policy_message(
            policy,
            speaker,
            MessageTarget::Member(&member_state.name),
            message,
            limits.text,
        ) {
            Ok(text) => text,
            Err(denied) => return self.refuse_or_close(member, denied),
        };
        // Only messages and actions get the away reply, so that two programs do not answer each other for ever.
        let away = member_state.away.clone().filter(|_| matches!(kind, MessageKind::Message | MessageKind::Action));
        let away = away.map(|why| Reply::RecipientAway { name: member_state.name.clone(), why });
        let (to, is_heard) = (member_state.name.clone(), !member_state.ignores.contains(&member));
        let event = self.event(OwnEvent::PrivateMessage { from, to, text, kind });
        if is_heard {
            self.effects.push(Effect::Unicast { to: target, event: event.clone() });
        }
        self.effects.push(Effect::Echo { to: member, event });
        if let Some(is_away) = away {
            self.notify(member, is_away);
        }
        Ok(())
    }
}
