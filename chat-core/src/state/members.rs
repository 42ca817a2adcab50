//! The members of a hub: their names, profiles, rooms, invitations and ignore lists.
//!
//! This module must not know the rooms themselves, only their numbers.

use core::net::IpAddr;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::ops::Index;
use std::time::SystemTime;

use super::{JoinRequest, MemberId, RoomId};
use crate::model::command::CommandError;
use crate::model::event::{FormerInfo, MemberInfo};
use crate::model::mask::MaskSubject;
use crate::model::moderation::Rank;
use crate::model::name::{Name, Nick, Target};
use crate::model::number_map::NumberMap;
use crate::model::profile::Profile;
use crate::model::text::Text;

/// The maximum number of former nicks that the hub remembers.
const MAX_FORMER: usize = 1000;

/// All members, by number and by name.
#[derive(Debug, Default)]
pub(super) struct Members {
    all: NumberMap<MemberId, MemberState>,
    /// The folded names in use.
    names: HashMap<Box<str>, MemberId>,
    /// The skeletons of the names in use, so that a new nick can't look like one of them.
    skeletons: HashMap<Box<str>, MemberId>,
    /// The number of the latest guest.
    guests: u64,
    /// The members who have given up a nick, the latest last.
    former: VecDeque<FormerInfo>,
}

/// The state of one member.
#[derive(Debug)]
pub(super) struct MemberState {
    pub(super) name: Name,
    /// The IP address of the member; `None` for an in-process member.
    pub(super) address: Option<IpAddr>,
    /// The details of the member that other members may see.
    pub(super) profile: Profile,
    /// The rooms that the member is in; the last one is its current room.
    pub(super) rooms: Vec<RoomId>,
    /// The away message; `None` if the member is not away.
    pub(super) away: Option<Text>,
    /// Whether the member wants the history of each room that it joins.
    pub(super) wants_history: bool,
    /// Whether the member receives the list of members of each room that it joins, and all lists without a limit.
    pub(super) keeps_lists: bool,
    /// The members that this member ignores.
    pub(super) ignores: Vec<MemberId>,
    /// The members who ignore this member, in any number. The set is sorted, so that the same inputs have the same
    /// effects.
    pub(super) ignored_by: BTreeSet<MemberId>,
    /// The rooms that the member may join regardless of their modes.
    pub(super) invites: Vec<RoomId>,
    /// Whether the member is a server operator.
    pub(super) is_server_operator: bool,
}

impl MemberState {
    /// Returns the member in the form that masks are compared with.
    pub(super) fn subject(&self) -> MaskSubject<'_> {
        MaskSubject::new(&self.name, self.address, Some(&self.profile))
    }

    /// Returns the current room, which the member's commands are about unless they name another.
    pub(super) fn current(&self) -> Option<RoomId> {
        self.rooms.last().copied()
    }

    /// Returns the member's entry for lists, with its rank in a room and whether it is muted there.
    pub(super) fn info(&self, rank: Rank, muted: bool) -> MemberInfo {
        MemberInfo {
            name: self.name.clone(),
            rank,
            muted,
            operates: self.is_server_operator,
            away: self.away.clone(),
            address: None,
            profile: self.profile.clone(),
        }
    }
}

impl Members {
    pub(super) fn contains(&self, member: MemberId) -> bool {
        self.all.contains_key(&member)
    }

    pub(super) fn get(&self, member: MemberId) -> Option<&MemberState> {
        self.all.get(&member)
    }

    /// Returns the member with this folded name.
    pub(super) fn find(&self, key: &str) -> Option<MemberId> {
        self.names.get(key).copied()
    }

    /// Returns the member with this name, or else a member with a name that looks like it.
    pub(super) fn find_similar(&self, name: &Target) -> Option<MemberId> {
        self.find(name.key()).or_else(|| self.skeletons.get(name.skeleton()).copied())
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (MemberId, &Name)> {
        self.all.iter().map(|(&member, member_state)| (member, &member_state.name))
    }

    /// Returns a member, which must be in the hub.
    pub(super) fn get_mut(&mut self, member: MemberId) -> &mut MemberState {
        self.all.get_mut(&member).expect(MEMBER_EXISTS)
    }

    /// Returns a name from an address, with a number appended if the name is taken.
    ///
    /// Two members can have one address and port: connections to two listeners, or a new connection before the server
    /// has noticed the end of the old one.
    pub(super) fn unused_address_name(&self, address: &Text) -> Name {
        let numbered = (2_u64..).map(|number| Name::address(&format!("{address}/{number}")));
        let mut names = std::iter::once(Name::Address(address.clone())).chain(numbered);
        names.find(|name| self.is_available(name)).expect("there are more numbers than members")
    }

    /// Returns the next free name for a guest.
    pub(super) fn next_guest_name(&mut self) -> Name {
        loop {
            self.guests += 1;
            let name = Name::guest(self.guests);
            // An in-process member may have this name already.
            if self.is_available(&name) {
                return name;
            }
        }
    }

    /// Returns whether no member has this name or one that looks like it.
    fn is_available(&self, name: &Name) -> bool {
        !self.names.contains_key(name.key()) && !self.skeletons.contains_key(&*name.skeleton())
    }

    /// Checks that no other member has this nick or a name that looks like it.
    pub(super) fn check_available(&self, nick: &Nick, member: MemberId) -> Result<(), CommandError> {
        let is_another = |owner: &MemberId| *owner != member;
        if self.find(nick.key()).as_ref().is_some_and(is_another) {
            return Err(CommandError::NickTaken { nick: nick.clone() });
        }
        match self.skeletons.get(nick.skeleton()).copied().filter(is_another) {
            Some(owner) => Err(CommandError::NickAlike { nick: nick.clone(), taken: self[owner].name.clone() }),
            None => Ok(()),
        }
    }

    /// Adds a member, whose name must be free.
    pub(super) fn add(&mut self, member: MemberId, name: Name, request: &JoinRequest) {
        self.names.insert(name.key().into(), member);
        self.skeletons.insert(name.skeleton().into(), member);
        let member_state = MemberState {
            name,
            address: request.address,
            profile: request.profile.clone(),
            rooms: Vec::new(),
            away: None,
            wants_history: request.wants_history,
            keeps_lists: request.keeps_lists,
            ignores: Vec::new(),
            ignored_by: BTreeSet::new(),
            invites: Vec::new(),
            is_server_operator: false,
        };
        self.all.insert(member, member_state);
    }

    /// Removes a member, which must be in the hub.
    pub(super) fn remove(&mut self, member: MemberId) -> MemberState {
        let member_state = self.all.remove(&member).expect(MEMBER_EXISTS);
        self.names.remove(member_state.name.key());
        self.skeletons.remove(&*member_state.name.skeleton());
        for &other in &member_state.ignores {
            self.get_mut(other).ignored_by.remove(&member);
        }
        for &other in &member_state.ignored_by {
            self.get_mut(other).ignores.retain(|id| *id != member);
        }
        member_state
    }

    /// Records the member who had a nick until now. Records no other names, so that nobody can look up an address.
    pub(super) fn remember(&mut self, name: Name, profile: Profile, until: SystemTime) {
        if let Name::Nick(_) = name {
            if self.former.len() == MAX_FORMER {
                self.former.pop_front();
            }
            self.former.push_back(FormerInfo::new(name, until, profile));
        }
    }

    /// Returns the last `limit` members who had this folded name, the latest first.
    pub(super) fn former(&self, key: &str, limit: usize) -> Vec<FormerInfo> {
        self.former.iter().rev().filter(|former| former.name.key() == key).take(limit).cloned().collect()
    }

    /// Changes a member's name to one that is free or its own, and returns the old name.
    pub(super) fn rename(&mut self, member: MemberId, name: Name) -> Name {
        let (key, skeleton) = (name.key().into(), Box::from(&*name.skeleton()));
        let old = std::mem::replace(&mut self.get_mut(member).name, name);
        self.names.remove(old.key());
        self.skeletons.remove(&*old.skeleton());
        self.names.insert(key, member);
        self.skeletons.insert(skeleton, member);
        old
    }

    /// Makes a member ignore another one, and returns whether it did not do so before.
    pub(super) fn ignore(&mut self, member: MemberId, other: MemberId) -> bool {
        let member_state = self.get_mut(member);
        if member_state.ignores.contains(&other) {
            return false;
        }
        member_state.ignores.push(other);
        self.get_mut(other).ignored_by.insert(member);
        true
    }

    /// Makes a member stop ignoring another one, and returns whether it ignored it before.
    pub(super) fn unignore(&mut self, member: MemberId, other: MemberId) -> bool {
        let ignores = &mut self.get_mut(member).ignores;
        let before = ignores.len();
        ignores.retain(|id| *id != other);
        let did_ignore = ignores.len() < before;
        self.get_mut(other).ignored_by.remove(&member);
        did_ignore
    }
}

impl Index<MemberId> for Members {
    type Output = MemberState;

    fn index(&self, member: MemberId) -> &MemberState {
        self.all.get(&member).expect(MEMBER_EXISTS)
    }
}

const MEMBER_EXISTS: &str = "the state only skeletons up members that are in the hub";
