//! Server operators: how one becomes one, and what they alone decide.

use super::{By, Effect, MemberId, Outcome, RoomId, Step, check};
use crate::command::CommandError;
use crate::event::{CloseReason, EventKind};
use crate::name::Target;
use crate::password::Password;
use crate::state::sanctions::Sanctions;
use crate::text::Text;

/// How many wrong passwords one may give before one is closed.
const TRIES: u8 = 3;

impl Step<'_> {
    pub(super) fn operate(&mut self, member: MemberId, password: &Password) -> Outcome {
        if self.state.people[member].operates {
            return Err(CommandError::IsServerOperator);
        }
        let Some(secret) = &self.state.operator_password else { return Err(CommandError::NoPassword) };
        let name = self.state.people[member].name.clone();
        if secret == password {
            self.state.people.get_mut(member).operates = true;
            self.state.operators.push(member);
            self.tell_operators(EventKind::Operates { name });
            return Ok(());
        }
        let person = self.state.people.get_mut(member);
        person.wrong_passwords += 1;
        let left = TRIES - person.wrong_passwords;
        self.tell_operators(EventKind::FailedToOperate { name });
        if left == 0 {
            self.leave(&[member], &CloseReason::WrongPasswords);
            return Ok(());
        }
        Err(CommandError::WrongPassword { left })
    }

    pub(super) fn check_server_operator(&self, by: &By) -> Outcome {
        match by {
            By::Member(member) if !self.state.people[*member].operates => Err(CommandError::NotServerOperator),
            _ => Ok(()),
        }
    }

    /// Server operators are beyond the reach of those who are none.
    pub(super) fn check_not_protected(&self, by: &By, target: MemberId, name: &Target) -> Outcome {
        if self.state.people[target].operates && self.check_server_operator(by).is_err() {
            return Err(CommandError::Protected { name: name.clone() });
        }
        Ok(())
    }

    /// Where people come from is for those who keep the server.
    pub(super) fn may_know_addresses(&self, by: &By) -> bool {
        self.check_server_operator(by).is_ok()
    }

    pub(super) fn kill(&mut self, by: &By, name: &Target, reason: Option<Text>) -> Outcome {
        self.check_server_operator(by)?;
        let target = self.named(name)?;
        by.check_another(target, name)?;
        if let Some(reason) = &reason {
            check(reason, self.state.limits.topic)?;
        }
        let (by, name) = (self.name_of(by), self.state.people[target].name.clone());
        self.leave(&[target], &CloseReason::Killed { by: by.clone(), reason: reason.clone() });
        self.tell_operators(EventKind::Killed { by, name, reason });
        Ok(())
    }

    pub(super) fn announce(&mut self, by: &By, text: Text) -> Outcome {
        self.check_server_operator(by)?;
        check(&text, self.state.limits.text)?;
        let mut everybody: Vec<_> = self.state.people.iter().map(|(member, _)| member).collect();
        everybody.sort_unstable();
        let by = self.name_of(by);
        self.tell_all(everybody, EventKind::Announced { by, text });
        Ok(())
    }

    /// Tells the room, or the server operators of what concerns the whole hub.
    pub(super) fn tell_scope(&mut self, room: Option<RoomId>, kind: EventKind) {
        match room {
            Some(room) => self.broadcast(room, None, kind),
            None => self.tell_operators(kind),
        }
    }

    /// Also when there are none: it is an event all the same.
    fn tell_operators(&mut self, kind: EventKind) {
        let event = self.event(kind);
        self.effects.push(Effect::Tell { to: self.state.operators.clone(), event });
    }

    /// The bans of a room, or of the hub.
    pub(super) fn bans_mut(&mut self, room: Option<RoomId>) -> &mut Sanctions {
        match room {
            Some(room) => &mut self.state.rooms[room].bans,
            None => &mut self.state.bans,
        }
    }
}
