//! Server operators: how a member becomes one, and the commands that only they may use.
//!
//! This module must not know what the hub counts for [`Stats`](crate::hub::Stats).

use std::time::Duration;

use super::{Actor, Effect, MemberId, Outcome, Step, check};
use crate::model::command::CommandError;
use crate::model::event::{CloseReason, HubEvent};
use crate::model::name::Target;
use crate::model::password::{Password, Refusal};
use crate::model::text::Text;

impl Step<'_> {
    /// Makes a member a server operator if it gives the right password, and releases its mutes.
    ///
    /// The throttle slows down wrong attempts by address.
    pub(super) fn become_server_operator(&mut self, member: MemberId, password: &Password) -> Outcome {
        let member_state = &self.state.members[member];
        if member_state.is_server_operator {
            return Err(CommandError::IsServerOperator);
        }
        let Some(secret) = &self.state.operator_password else { return Err(CommandError::NoPassword) };
        let (name, is_correct) = (member_state.name.clone(), || secret == password);
        let outcome = match member_state.address {
            Some(address) => self.state.throttle.attempt(address, self.now.instant, is_correct),
            // An in-process member has no address; the host application trusts it not to guess.
            None if is_correct() => Ok(()),
            None => Err(Refusal::Wrong(Duration::ZERO)),
        };
        if let Err(refusal) = outcome {
            if let Refusal::Wrong(_) = refusal {
                self.notify_operators(HubEvent::OperatorPasswordRefused { name });
            }
            return Err(refusal.into());
        }
        let member_state = self.state.members.get_mut(member);
        member_state.is_server_operator = true;
        for room in &member_state.rooms {
            self.state.rooms[*room].mutes.release(member);
        }
        self.state.operators.push(member);
        self.notify_operators(HubEvent::OperatorAdded { name });
        Ok(())
    }

    /// Checks that the actor is a server operator or the host application.
    pub(super) fn check_server_operator(&self, by: &Actor) -> Outcome {
        match by {
            Actor::Member(member) if !self.state.members[*member].is_server_operator => {
                Err(CommandError::NotServerOperator)
            }
            _ => Ok(()),
        }
    }

    /// Checks that the actor may moderate the target: only server operators may moderate server operators.
    pub(super) fn check_not_protected(&self, by: &Actor, target: MemberId, name: &Target) -> Outcome {
        if self.state.members[target].is_server_operator && self.check_server_operator(by).is_err() {
            return Err(CommandError::Protected { name: name.clone() });
        }
        Ok(())
    }

    /// Closes a member's connection, and reports it to the server operators.
    pub(super) fn kill(&mut self, by: &Actor, name: &Target, reason: Option<Text>) -> Outcome {
        self.check_server_operator(by)?;
        let target = self.find_other_member(by, name)?;
        self.check_short(reason.as_ref())?;
        let (by, name) = (self.actor_name(by), self.state.members[target].name.clone());
        self.leave(&[target], &CloseReason::Killed { by: by.clone(), reason: reason.clone() });
        self.notify_operators(HubEvent::Killed { by, name, reason });
        Ok(())
    }

    /// Sends an announcement to all members of the hub.
    pub(super) fn announce(&mut self, by: &Actor, text: Text) -> Outcome {
        self.check_server_operator(by)?;
        check(&text, self.state.limits.text)?;
        let mut all_members: Vec<_> = self.state.members.iter().map(|(member, _)| member).collect();
        all_members.sort_unstable();
        let by = self.actor_name(by);
        self.notify_all(all_members, HubEvent::Announced { by, text });
        Ok(())
    }

    /// Requests the hub's counters for the actor.
    pub(super) fn send_stats(&mut self, by: &Actor) -> Outcome {
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
