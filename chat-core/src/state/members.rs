//! Who is in the hub: what they are called, where they are, and whom they don't want to hear.

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

/// So many of those who are gone, or are called otherwise, are remembered.
const FORMER: usize = 1000;

/// All members, by number and by name.
#[derive(Debug, Default)]
pub(super) struct Members {
    all: NumberMap<MemberId, MemberState>,
    /// The folded names in use.
    names: HashMap<Box<str>, MemberId>,
    /// What these look like.
    looks: HashMap<Box<str>, MemberId>,
    /// How many guests there ever were.
    guests: u64,
    /// Those who had a nick and have it no more, the latest last.
    former: VecDeque<FormerInfo>,
}

/// One member.
#[derive(Debug)]
pub(super) struct MemberState {
    pub(super) name: Name,
    /// Where it comes from, unless it is in this process.
    pub(super) address: Option<IpAddr>,
    /// What is told about it.
    pub(super) profile: Profile,
    /// The rooms it is in; the last one is the current one.
    pub(super) rooms: Vec<RoomId>,
    pub(super) away: Option<Text>,
    /// Whether it wants to be told what was said in a room before.
    pub(super) wants_history: bool,
    /// Whether it is told who is in a room that it enters, and all lists whole.
    pub(super) keeps_lists: bool,
    pub(super) ignores: Vec<MemberId>,
    /// In order, so that the same inputs have the same effects; any number may be in it.
    pub(super) ignored_by: BTreeSet<MemberId>,
    /// The rooms that it may enter whatever their modes are.
    pub(super) invites: Vec<RoomId>,
    /// Whether it is a server operator.
    pub(super) operates: bool,
}

impl MemberState {
    /// As masks are compared with it.
    pub(super) fn face(&self) -> MaskSubject<'_> {
        MaskSubject::new(&self.name, self.address, Some(&self.profile))
    }

    /// The room in which it speaks.
    pub(super) fn current(&self) -> Option<RoomId> {
        self.rooms.last().copied()
    }

    /// What others are told of it, with its rank in a room, and whether it is muted there.
    pub(super) fn info(&self, rank: Rank, muted: bool) -> MemberInfo {
        MemberInfo {
            name: self.name.clone(),
            rank,
            muted,
            operates: self.operates,
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

    /// Who has this folded name.
    pub(super) fn find(&self, key: &str) -> Option<MemberId> {
        self.names.get(key).copied()
    }

    /// Who has this name, or one that looks like it.
    pub(super) fn find_alike(&self, name: &Target) -> Option<MemberId> {
        self.find(name.key()).or_else(|| self.looks.get(name.look()).copied())
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (MemberId, &Name)> {
        self.all.iter().map(|(&member, member_state)| (member, &member_state.name))
    }

    /// The member, who must be in the hub.
    pub(super) fn get_mut(&mut self, member: MemberId) -> &mut MemberState {
        self.all.get_mut(&member).expect(IS_IN)
    }

    /// One address can be there twice: from one port to two listeners, or reconnected before the old end is noticed.
    pub(super) fn free_address(&self, address: &Text) -> Name {
        let numbered = (2_u64..).map(|number| Name::address(&format!("{address}/{number}")));
        let mut names = std::iter::once(Name::Address(address.clone())).chain(numbered);
        names.find(|name| self.is_free(name)).expect("there are more numbers than members")
    }

    /// A name for a guest.
    pub(super) fn free_guest(&mut self) -> Name {
        loop {
            self.guests += 1;
            let name = Name::guest(self.guests);
            // Somebody in this process may be called so.
            if self.is_free(&name) {
                return name;
            }
        }
    }

    /// Whether nobody has this name, nor one that looks like it.
    fn is_free(&self, name: &Name) -> bool {
        !self.names.contains_key(name.key()) && !self.looks.contains_key(&*name.look())
    }

    /// Whether nobody but the member has this nick, nor one that looks like it.
    pub(super) fn check_free(&self, nick: &Nick, member: MemberId) -> Result<(), CommandError> {
        let is_another = |owner: &MemberId| *owner != member;
        if self.find(nick.key()).as_ref().is_some_and(is_another) {
            return Err(CommandError::NickTaken { nick: nick.clone() });
        }
        match self.looks.get(nick.look()).copied().filter(is_another) {
            Some(owner) => Err(CommandError::NickAlike { nick: nick.clone(), taken: self[owner].name.clone() }),
            None => Ok(()),
        }
    }

    /// Adds a member, whose name must be free.
    pub(super) fn add(&mut self, member: MemberId, name: Name, request: &JoinRequest) {
        self.names.insert(name.key().into(), member);
        self.looks.insert(name.look().into(), member);
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
            operates: false,
        };
        self.all.insert(member, member_state);
    }

    /// Takes out a member, who must be in the hub.
    pub(super) fn remove(&mut self, member: MemberId) -> MemberState {
        let member_state = self.all.remove(&member).expect(IS_IN);
        self.names.remove(member_state.name.key());
        self.looks.remove(&*member_state.name.look());
        for &other in &member_state.ignores {
            self.get_mut(other).ignored_by.remove(&member);
        }
        for &other in &member_state.ignored_by {
            self.get_mut(other).ignores.retain(|id| *id != member);
        }
        member_state
    }

    /// Remembers who had a name until now. Those who were called by their addresses are not found by these.
    pub(super) fn remember(&mut self, name: Name, profile: Profile, until: SystemTime) {
        if let Name::Nick(_) = name {
            if self.former.len() == FORMER {
                self.former.pop_front();
            }
            self.former.push_back(FormerInfo::new(name, until, profile));
        }
    }

    /// The last `most` of those who had this folded name, the latest first.
    pub(super) fn former(&self, key: &str, most: usize) -> Vec<FormerInfo> {
        self.former.iter().rev().filter(|former| former.name.key() == key).take(most).cloned().collect()
    }

    /// Gives the member another name, which must be free or its own; returns the old one.
    pub(super) fn rename(&mut self, member: MemberId, name: Name) -> Name {
        let (key, look) = (name.key().into(), Box::from(&*name.look()));
        let old = std::mem::replace(&mut self.get_mut(member).name, name);
        self.names.remove(old.key());
        self.looks.remove(&*old.look());
        self.names.insert(key, member);
        self.looks.insert(look, member);
        old
    }

    /// Whether that is new.
    pub(super) fn ignore(&mut self, member: MemberId, other: MemberId) -> bool {
        let member_state = self.get_mut(member);
        if member_state.ignores.contains(&other) {
            return false;
        }
        member_state.ignores.push(other);
        self.get_mut(other).ignored_by.insert(member);
        true
    }

    /// Whether it did.
    pub(super) fn unignore(&mut self, member: MemberId, other: MemberId) -> bool {
        let ignores = &mut self.get_mut(member).ignores;
        let before = ignores.len();
        ignores.retain(|id| *id != other);
        let did = ignores.len() < before;
        self.get_mut(other).ignored_by.remove(&member);
        did
    }
}

impl Index<MemberId> for Members {
    type Output = MemberState;

    fn index(&self, member: MemberId) -> &MemberState {
        self.all.get(&member).expect(IS_IN)
    }
}

const IS_IN: &str = "only those who are in the hub are asked about";
