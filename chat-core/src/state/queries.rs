//! What members ask about the hub, its rooms and its members.

use std::collections::BTreeSet;

use super::members::MemberState;
use super::rooms::Room;
use super::{MemberId, Outcome, RoomId, State, Step};
use crate::model::event::{Event, EventKind, MemberInfo};
use crate::model::history::{Anchor, HistoryQuery, Page};
use crate::model::mask::Pattern;
use crate::model::moderation::Rank;
use crate::model::name::{RoomName, Target};

impl Step<'_> {
    pub(super) fn who(&mut self, member: MemberId, name: Option<RoomName>) -> Outcome {
        let room = match name.or_else(|| self.meant.clone()) {
            Some(name) => self.known_room(member, &name)?,
            None => self.room_of(member, None)?,
        };
        self.tell_members(member, room);
        Ok(())
    }

    /// Tells somebody who is in a room.
    pub(super) fn tell_members(&mut self, member: MemberId, room: RoomId) {
        let (room, most) = (&self.state.rooms[room], self.longest_list(member));
        // Of a large room any of them: to sort all would cost too much for one line.
        let info = room.ranks().take(most).map(|(member, rank)| {
            let muted = room.mutes.holding(member, self.now.instant).is_some();
            self.state.members[member].info(rank, muted)
        });
        let mut members: Vec<_> = info.collect();
        members.sort_unstable_by(|one, other| one.name.key().cmp(other.name.key()));
        let more = room.len().saturating_sub(most);
        let (name, secret) = (room.name.clone(), room.modes.secret);
        self.tell(member, EventKind::Members { room: name, secret, members, more });
    }

    pub(super) fn topic(&mut self, member: MemberId) -> Outcome {
        let Room { name, topic, .. } = &self.state.rooms[self.room_of(member, None)?];
        let topic = EventKind::Topic { room: name.clone(), topic: topic.clone() };
        self.tell(member, topic);
        Ok(())
    }

    pub(super) fn modes(&mut self, member: MemberId) -> Outcome {
        let room = &self.state.rooms[self.room_of(member, None)?];
        let modes = EventKind::Modes { room: room.name.clone(), modes: room.modes.list(), made: room.made };
        self.tell(member, modes);
        Ok(())
    }

    pub(super) fn census(&mut self, member: MemberId) {
        let (members, operators) = (self.state.members.iter().len(), self.state.operators.len());
        let member_state = &self.state.members[member];
        let rooms = self.state.rooms.count(member_state.operates, &member_state.rooms);
        self.tell(member, EventKind::Census { members, operators, rooms });
    }

    pub(super) fn whois(&mut self, member: MemberId, name: &Target) -> Outcome {
        let target = self.named(name)?;
        let member_state = &self.state.members[target];
        let may_know = self.state.members[member].operates;
        let about = MemberInfo {
            address: member_state.address.filter(|_| may_know),
            ..member_state.info(Rank::Ordinary, false)
        };
        let own = &self.state.members[member].rooms;
        let shared = member_state.rooms.iter().filter(|room| own.contains(room));
        let shared = shared.map(|room| self.state.rooms[*room].name.clone()).collect();
        self.tell(member, EventKind::About { member: about, shared });
        Ok(())
    }

    /// Tells a member about those of whom it may know whose names fit.
    pub(super) fn find(&mut self, member: MemberId, pattern: &Pattern) {
        let State { members, rooms, .. } = &*self.state;
        let mut found = BTreeSet::from([member]);
        for room in &members[member].rooms {
            found.extend(rooms[*room].members());
        }
        let mut fit =
            found.into_iter().map(|other| &members[other]).filter(|member_state| pattern.fits(&member_state.name));
        let info = |member_state: &MemberState| member_state.info(Rank::Ordinary, false);
        let mut members: Vec<_> = fit.by_ref().take(self.longest_list(member)).map(info).collect();
        let more = fit.count();
        members.sort_unstable_by(|one, other| one.name.key().cmp(other.name.key()));
        self.tell(member, EventKind::Found { members, more });
    }

    pub(super) fn history(&mut self, member: MemberId, query: &HistoryQuery) -> Outcome {
        let room = self.room_of(member, None)?;
        let Room { name, history, .. } = &self.state.rooms[room];
        let events = self.but_of_ignored(member, history.query(query));
        let past = EventKind::Past { room: name.clone(), events };
        self.tell(member, past);
        Ok(())
    }

    pub(super) fn last_said(&mut self, member: MemberId, after: Anchor, before: Anchor) {
        let query = HistoryQuery { after: Some(after), before: Some(before), part: Page::Last(usize::MAX) };
        let mut rooms = Vec::new();
        for room in &self.state.members[member].rooms {
            let Room { name, history, .. } = &self.state.rooms[*room];
            let last = self.but_of_ignored(member, history.query(&query)).pop();
            rooms.extend(last.map(|last| (name.clone(), last)));
        }
        rooms.sort_by_key(|(_, last)| last.number());
        let rooms = rooms.into_iter().map(|(room, last)| (room, last.time())).collect();
        self.tell(member, EventKind::LastSaid { rooms });
    }

    /// Tells one who has entered a room what was said in it before.
    pub(super) fn tell_past(&mut self, member: MemberId, room: RoomId) {
        if !self.state.members[member].wants_history {
            return;
        }
        let Room { name, history, .. } = &self.state.rooms[room];
        let events = self.but_of_ignored(member, history.last(usize::MAX));
        if !events.is_empty() {
            self.tell(member, EventKind::Past { room: name.clone(), events });
        }
    }

    /// What was said, but for what those said whom the member ignores, under the names that they have.
    fn but_of_ignored(&self, member: MemberId, mut events: Vec<Event>) -> Vec<Event> {
        let members = &self.state.members;
        let ignored: Vec<_> = members[member].ignores.iter().map(|ignored| &members[*ignored].name).collect();
        if !ignored.is_empty() {
            events.retain(|event| !matches!(event.kind(), EventKind::Said { from, .. } if ignored.contains(&from)));
        }
        events
    }

    /// How much is listed to somebody in one answer.
    pub(super) fn longest_list(&self, member: MemberId) -> usize {
        if self.state.members[member].keeps_lists { usize::MAX } else { self.state.limits.list }
    }
}
