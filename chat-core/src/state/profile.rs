//! What members change about themselves.

use super::moderation::Actor;
use super::{MemberId, Outcome, Step, check};
use crate::model::command::CommandError;
use crate::model::event::EventKind;
use crate::model::name::{Name, Nick, Target};
use crate::model::options::DefaultNames;
use crate::model::text::Text;

impl Step<'_> {
    pub(super) fn rename(&mut self, member: MemberId, nick: Nick) -> Outcome {
        if self.state.names == DefaultNames::Guest && nick.is_guest() {
            return Err(CommandError::NickReserved { nick });
        }
        if self.state.members[member].name.as_str() == nick.as_str() {
            return Err(CommandError::NickKept { nick });
        }
        self.state.members.check_free(&nick, member)?;
        self.check_nick_banned(member, &nick)?;
        if let Err(denied) = self.ask_whether_it_may_be_called(member, &nick) {
            return self.deny(member, denied);
        }
        for room in &self.state.members[member].rooms {
            // All in the room would hear it.
            self.check_not_muted(member, *room)?;
        }
        let new = Name::Nick(nick);
        let old = self.state.members.rename(member, new.clone());
        let profile = self.state.members[member].profile.clone();
        self.state.members.remember(old.clone(), profile, self.now.date);
        self.tell(member, EventKind::Named { name: new.clone() });
        let rooms = self.state.members[member].rooms.clone();
        self.tell_those_in(&rooms, Some(member), Vec::new(), EventKind::Renamed { old, new });
        Ok(())
    }

    pub(super) fn away(&mut self, member: MemberId, why: Option<Text>) -> Outcome {
        self.check_short(why.as_ref())?;
        let member_state = self.state.members.get_mut(member);
        if why.is_none() && member_state.away.is_none() {
            return Err(CommandError::NotAway);
        }
        member_state.away.clone_from(&why);
        self.tell(member, EventKind::Away { why: why.clone() });
        let member_state = &self.state.members[member];
        let (name, ignoring) = (member_state.name.clone(), member_state.ignored_by.iter().copied().collect());
        let rooms: Vec<_> = member_state.rooms.iter().copied().filter(|room| self.may_speak(member, *room)).collect();
        self.tell_those_in(&rooms, Some(member), ignoring, EventKind::AwaySet { name, why });
        Ok(())
    }

    /// As with one's being away, those are told who share a room with it in which it may speak.
    pub(super) fn set_real_name(&mut self, member: MemberId, real_name: Text) -> Outcome {
        check(&real_name, self.state.limits.topic)?;
        let rooms = self.state.members[member].rooms.iter().copied();
        let rooms: Vec<_> = rooms.filter(|room| self.may_speak(member, *room)).collect();
        let member_state = self.state.members.get_mut(member);
        member_state.profile = member_state.profile.with_real_name(real_name.clone());
        let ignoring = member_state.ignored_by.iter().copied().collect();
        let set = EventKind::RealNameSet { name: member_state.name.clone(), real_name };
        self.tell(member, set.clone());
        self.tell_those_in(&rooms, Some(member), ignoring, set);
        Ok(())
    }

    pub(super) fn ignore(&mut self, member: MemberId, name: Target) -> Outcome {
        let target = self.another(&Actor::Member(member), &name)?;
        let (limit, ignores) = (self.state.limits.ignores, &self.state.members[member].ignores);
        if ignores.len() >= limit && !ignores.contains(&target) {
            return Err(CommandError::TooManyIgnored { limit });
        }
        if !self.state.members.ignore(member, target) {
            return Err(CommandError::Ignored { name });
        }
        self.tell(member, EventKind::Ignoring { name: self.state.members[target].name.clone(), ignored: true });
        Ok(())
    }

    pub(super) fn unignore(&mut self, member: MemberId, name: Target) -> Outcome {
        let target = self.another(&Actor::Member(member), &name)?;
        if !self.state.members.unignore(member, target) {
            return Err(CommandError::NotIgnored { name });
        }
        self.tell(member, EventKind::Ignoring { name: self.state.members[target].name.clone(), ignored: false });
        Ok(())
    }
}
