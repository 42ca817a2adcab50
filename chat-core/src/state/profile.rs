//! The details that members change about themselves: nick, real name, away message, and ignore list.
//!
//! This module must not know rooms, except to find the members to notify.

use super::actor::Actor;
use super::{MemberId, Outcome, Step, check};
use crate::model::command::CommandError;
use crate::model::event::{HubEvent, OwnEvent, Reply};
use crate::model::name::{Name, Nick, Target};
use crate::model::options::DefaultNames;
use crate::model::text::Text;

impl Step<'_> {
    /// Changes a member's nick, and announces it to its rooms.
    pub(super) fn rename(&mut self, member: MemberId, nick: Nick) -> Outcome {
        if self.state.default_names == DefaultNames::Guest && nick.is_guest() {
            return Err(CommandError::NickReserved { nick });
        }
        if self.state.members[member].name.as_str() == nick.as_str() {
            return Err(CommandError::NickKept { nick });
        }
        self.state.members.check_available(&nick, member)?;
        self.check_nick_banned(member, &nick)?;
        if let Err(denied) = self.check_policy_nick(member, &nick) {
            return self.refuse_or_close(member, denied);
        }
        for room in &self.state.members[member].rooms {
            // All members of the room receive the new nick, so a muted member could send a text as its nick.
            self.check_not_muted(member, *room)?;
        }
        let new = Name::Nick(nick);
        let old = self.state.members.rename(member, new.clone());
        let profile = self.state.members[member].profile.clone();
        self.state.members.remember(old.clone(), profile, self.now.date);
        self.notify(member, OwnEvent::Named { name: new.clone() });
        let rooms = self.state.members[member].rooms.clone();
        self.notify_rooms(&rooms, Some(member), Vec::new(), HubEvent::Renamed { old, new });
        Ok(())
    }

    /// Sets or clears a member's away message, and announces it to the rooms in which the member may speak.
    pub(super) fn away(&mut self, member: MemberId, why: Option<Text>) -> Outcome {
        self.check_short(why.as_ref())?;
        let member_state = self.state.members.get_mut(member);
        if why.is_none() && member_state.away.is_none() {
            return Err(CommandError::NotAway);
        }
        member_state.away.clone_from(&why);
        self.notify(member, Reply::Away { why: why.clone() });
        let member_state = &self.state.members[member];
        let (name, ignoring) = (member_state.name.clone(), member_state.ignored_by.iter().copied().collect());
        let rooms: Vec<_> = member_state.rooms.iter().copied().filter(|room| self.may_speak(member, *room)).collect();
        self.notify_rooms(&rooms, Some(member), ignoring, HubEvent::AwaySet { name, why });
        Ok(())
    }

    /// Changes a member's real name, and announces it to the rooms in which the member may speak.
    pub(super) fn set_real_name(&mut self, member: MemberId, real_name: Text) -> Outcome {
        check(&real_name, self.state.limits.topic)?;
        let rooms = self.state.members[member].rooms.iter().copied();
        let rooms: Vec<_> = rooms.filter(|room| self.may_speak(member, *room)).collect();
        let member_state = self.state.members.get_mut(member);
        member_state.profile = member_state.profile.with_real_name(real_name.clone());
        let ignoring = member_state.ignored_by.iter().copied().collect();
        let set = HubEvent::RealNameSet { name: member_state.name.clone(), real_name };
        self.notify(member, set.clone());
        self.notify_rooms(&rooms, Some(member), ignoring, set);
        Ok(())
    }

    /// Adds a member to the ignore list of `member`.
    pub(super) fn ignore(&mut self, member: MemberId, name: Target) -> Outcome {
        let target = self.find_other_member(&Actor::Member(member), &name)?;
        let (limit, ignores) = (self.state.limits.ignores, &self.state.members[member].ignores);
        if ignores.len() >= limit && !ignores.contains(&target) {
            return Err(CommandError::TooManyIgnored { limit });
        }
        if !self.state.members.ignore(member, target) {
            return Err(CommandError::Ignored { name });
        }
        self.notify(member, Reply::Ignoring { name: self.state.members[target].name.clone(), ignored: true });
        Ok(())
    }

    /// Removes a member from the ignore list of `member`.
    pub(super) fn unignore(&mut self, member: MemberId, name: Target) -> Outcome {
        let target = self.find_other_member(&Actor::Member(member), &name)?;
        if !self.state.members.unignore(member, target) {
            return Err(CommandError::NotIgnored { name });
        }
        self.notify(member, Reply::Ignoring { name: self.state.members[target].name.clone(), ignored: false });
        Ok(())
    }
}
