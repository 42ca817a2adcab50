//! Answers to queries about the hub, its rooms, its members and its history.
//!
//! This module must not change the state, except for the number of the latest event.

use std::collections::BTreeSet;

use super::members::MemberState;
use super::rooms::Room;
use super::{MemberId, Outcome, RoomId, State, Step};
use crate::model::event::{Event, EventKind, MemberInfo, Reply, RoomEvent};
use crate::model::history::{Anchor, HistoryQuery, Page};
use crate::model::mask::Pattern;
use crate::model::moderation::Rank;
use crate::model::name::{RoomName, Target};

impl Step<'_> {
    /// Sends the members of the room `name`, if the member may see it. By default, sends the members of the current
    /// room.
    pub(super) fn send_who(&mut self, member: MemberId, name: Option<RoomName>) -> Outcome {
        let room = match name.or_else(|| self.named_room.clone()) {
            Some(name) => self.visible_room(member, &name)?,
            None => self.joined_room(member, None)?,
        };
        self.send_members(member, room);
        Ok(())
    }

    /// Sends the members of a room to a member.
    pub(super) fn send_members(&mut self, member: MemberId, room: RoomId) {
        let (room, limit) = (&self.state.rooms[room], self.list_limit(member));
        // In a large room, lists any members, in no particular order: sorting all would cost too much for one command.
        let info = room.ranks().take(limit).map(|(member, rank)| {
            let muted = room.mutes.applied_to(member, self.now.instant).is_some();
            self.state.members[member].info(rank, muted)
        });
        let mut members: Vec<_> = info.collect();
        members.sort_unstable_by(|one, other| one.name.key().cmp(other.name.key()));
        let more = room.len().saturating_sub(limit);
        let (name, secret) = (room.name.clone(), room.modes.secret);
        self.notify(member, Reply::Members { room: name, secret, members, more });
    }

    /// Sends the topic of the member's room.
    pub(super) fn send_topic(&mut self, member: MemberId) -> Outcome {
        let Room { name, topic, .. } = &self.state.rooms[self.joined_room(member, None)?];
        let topic = Reply::Topic { room: name.clone(), topic: topic.clone() };
        self.notify(member, topic);
        Ok(())
    }

    /// Sends the modes of the member's room.
    pub(super) fn send_modes(&mut self, member: MemberId) -> Outcome {
        let room = &self.state.rooms[self.joined_room(member, None)?];
        let modes = Reply::Modes { room: room.name.clone(), modes: room.modes.list(), created: room.created };
        self.notify(member, modes);
        Ok(())
    }

    /// Sends the number of members, of server operators, and of the rooms that the member may see.
    pub(super) fn send_census(&mut self, member: MemberId) {
        let (members, operators) = (self.state.members.iter().len(), self.state.operators.len());
        let member_state = &self.state.members[member];
        let rooms = self.state.rooms.count(member_state.is_server_operator, &member_state.rooms);
        self.notify(member, Reply::Census { members, operators, rooms });
    }

    /// Sends information about a member. Only a server operator receives the address.
    pub(super) fn send_whois(&mut self, member: MemberId, name: &Target) -> Outcome {
        let target = self.find_member(name)?;
        let member_state = &self.state.members[target];
        let sees_address = self.state.members[member].is_server_operator;
        let about = MemberInfo {
            address: member_state.address.filter(|_| sees_address),
            ..member_state.info(Rank::Ordinary, false)
        };
        let own = &self.state.members[member].rooms;
        let shared = member_state.rooms.iter().filter(|room| own.contains(room));
        let shared = shared.map(|room| self.state.rooms[*room].name.clone()).collect();
        self.notify(member, Reply::Whois { member: about, shared });
        Ok(())
    }

    /// Sends the members whose names match a pattern, among the member itself and the members of its rooms.
    pub(super) fn send_found_members(&mut self, member: MemberId, pattern: &Pattern) {
        let State { members, rooms, .. } = &*self.state;
        let mut candidates = BTreeSet::from([member]);
        for room in &members[member].rooms {
            candidates.extend(rooms[*room].members());
        }
        let mut matching =
            candidates.into_iter().map(|other| &members[other]).filter(|member_state| pattern.fits(&member_state.name));
        let info = |member_state: &MemberState| member_state.info(Rank::Ordinary, false);
        let mut members: Vec<_> = matching.by_ref().take(self.list_limit(member)).map(info).collect();
        let more = matching.count();
        members.sort_unstable_by(|one, other| one.name.key().cmp(other.name.key()));
        self.notify(member, Reply::Found { members, more });
    }

    /// Sends the messages of the member's room that a history query selects.
    pub(super) fn query_history(&mut self, member: MemberId, query: &HistoryQuery) -> Outcome {
        let room = self.joined_room(member, None)?;
        let Room { name, history, .. } = &self.state.rooms[room];
        let events = self.without_ignored(member, history.query(query));
        let past = Reply::History { room: name.clone(), events };
        self.notify(member, past);
        Ok(())
    }

    /// Sends the time of the last message between two anchors in each of the member's rooms, the latest last.
    pub(super) fn send_last_messages(&mut self, member: MemberId, after: Anchor, before: Anchor) {
        let query = HistoryQuery { after: Some(after), before: Some(before), part: Page::Last(usize::MAX) };
        let mut rooms = Vec::new();
        for room in &self.state.members[member].rooms {
            let Room { name, history, .. } = &self.state.rooms[*room];
            let last = self.without_ignored(member, history.query(&query)).pop();
            rooms.extend(last.map(|last| (name.clone(), last)));
        }
        rooms.sort_by_key(|(_, last)| last.number());
        let rooms = rooms.into_iter().map(|(room, last)| (room, last.time())).collect();
        self.notify(member, Reply::LastSaid { rooms });
    }

    /// Sends a room's whole history to a member who has joined it, if the member asked for history.
    pub(super) fn send_history(&mut self, member: MemberId, room: RoomId) {
        if !self.state.members[member].wants_history {
            return;
        }
        let Room { name, history, .. } = &self.state.rooms[room];
        let events = self.without_ignored(member, history.last(usize::MAX));
        if !events.is_empty() {
            self.notify(member, Reply::History { room: name.clone(), events });
        }
    }

    /// Returns the events without the messages of members whom the member ignores. This function compares only their
    /// present names.
    fn without_ignored(&self, member: MemberId, mut events: Vec<Event>) -> Vec<Event> {
        let members = &self.state.members;
        let ignored: Vec<_> = members[member].ignores.iter().map(|ignored| &members[*ignored].name).collect();
        if !ignored.is_empty() {
            events.retain(|event| !matches!(event.kind(), EventKind::Room(RoomEvent::Said { from, .. }) if ignored.contains(&from)));
        }
        events
    }

    /// Returns the maximum number of rooms or members in one answer to the member.
    pub(super) fn list_limit(&self, member: MemberId) -> usize {
        if self.state.members[member].keeps_lists { usize::MAX } else { self.state.limits.list }
    }
}
