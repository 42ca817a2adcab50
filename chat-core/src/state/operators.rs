//! Server operators: how one becomes one, and what they alone decide.

use std::time::Duration;

use super::{Actor, Effect, MemberId, Outcome, Step, check};
use crate::model::command::CommandError;
use crate::model::event::{CloseReason, EventKind};
use crate::model::name::Target;
use crate::model::password::{Password, Refusal};
use crate::model::text::Text;

impl Step<'_> {
    pub(super) fn operate(&mut self, member: MemberId, password: &Password) -> Outcome {
        let member_state = &self.state.members[member];
        if member_state.operates {
            return Err(CommandError::IsServerOperator);
        }
        let Some(secret) = &self.state.operator_password else { return Err(CommandError::NoPassword) };
        let (name, is_right) = (member_state.name.clone(), || secret == password);
        let outcome = match member_state.address {
            Some(address) => self.state.throttle.attempt(address, self.now.instant, is_right),
            // The host application's own members guess nothing.
            None if is_right() => Ok(()),
            None => Err(Refusal::Wrong(Duration::ZERO)),
        };
        match outcome {
            Ok(()) => {}
            Err(Refusal::TooEarly(left)) => return Err(CommandError::TooManyPasswords { left }),
            Err(Refusal::Wrong(left)) => {
                self.tell_operators(EventKind::FailedToOperate { name });
                return Err(CommandError::WrongPassword { left });
            }
        }
        let member_state = self.state.members.get_mut(member);
        member_state.operates = true;
        for room in &member_state.rooms {
            self.state.rooms[*room].mutes.release(member);
        }
        self.state.operators.push(member);
        self.tell_operators(EventKind::Operates { name });
        Ok(())
    }

    pub(super) fn check_server_operator(&self, by: &Actor) -> Outcome {
        match by {
            Actor::Member(member) if !self.state.members[*member].operates => Err(CommandError::NotServerOperator),
            _ => Ok(()),
        }
    }

    /// Server operators are beyond the reach of those who are none.
    pub(super) fn check_not_protected(&self, by: &Actor, target: MemberId, name: &Target) -> Outcome {
        if self.state.members[target].operates && self.check_server_operator(by).is_err() {
            return Err(CommandError::Protected { name: name.clone() });
        }
        Ok(())
    }

    pub(super) fn kill(&mut self, by: &Actor, name: &Target, reason: Option<Text>) -> Outcome {
        self.check_server_operator(by)?;
        let target = self.another(by, name)?;
        self.check_short(reason.as_ref())?;
        let (by, name) = (self.name_of(by), self.state.members[target].name.clone());
        self.leave(&[target], &CloseReason::Killed { by: by.clone(), reason: reason.clone() });
        self.tell_operators(EventKind::Killed { by, name, reason });
        Ok(())
    }

    pub(super) fn announce(&mut self, by: &Actor, text: Text) -> Outcome {
        self.check_server_operator(by)?;
        check(&text, self.state.limits.text)?;
        let mut everybody: Vec<_> = self.state.members.iter().map(|(member, _)| member).collect();
        everybody.sort_unstable();
        let by = self.name_of(by);
        self.tell_all(everybody, EventKind::Announced { by, text });
        Ok(())
    }

    pub(super) fn stats(&mut self, by: &Actor) -> Outcome {
        self.check_server_operator(by)?;
        self.state.events += 1;
        let to = match by {
            Actor::Member(member) => Some(*member),
            Actor::Server(_) => None,
        };
        self.effects.push(Effect::ReplyStats { to, number: self.state.events });
        Ok(())
    }
}
