//! Calls to the host application's [`Policy`], which may panic.
//!
//! This module must not know the rules of the policy.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::members::MemberState;
use super::{MemberId, Outcome, State, Step, check};
use crate::model::command::CommandError;
use crate::model::event::CloseReason;
use crate::model::message::Message;
use crate::model::name::{Nick, RoomName};
use crate::model::policy::{Identity, MessageTarget, Policy, ProposedMessage};
use crate::model::text::Text;

/// The reason why the hub does not carry out a request.
pub(super) enum Denied {
    /// A rule of the hub, or the policy, refuses it.
    Refused(CommandError),
    /// The policy panicked. The hub closes the member about which it asked the policy.
    Panicked,
}

impl From<CommandError> for Denied {
    fn from(error: CommandError) -> Denied {
        Denied::Refused(error)
    }
}

impl Step<'_> {
    /// Asks the policy whether a member may join a room.
    pub(super) fn check_policy_join(&mut self, member: MemberId, room: &RoomName) -> Result<(), Denied> {
        let State { policy: Some(policy), members, .. } = &mut *self.state else { return Ok(()) };
        let member_state = &members[member];
        let identity = Identity { name: &member_state.name, address: member_state.address, room };
        call_policy(policy, |policy| policy.may_join(&identity))
    }

    /// Asks the policy whether a member may have a nick.
    pub(super) fn check_policy_nick(&mut self, member: MemberId, nick: &Nick) -> Result<(), Denied> {
        let State { policy: Some(policy), members, .. } = &mut *self.state else { return Ok(()) };
        let name = &members[member].name;
        call_policy(policy, |policy| policy.may_be_called(name, nick))
    }

    /// Returns the refusal of a member's request, or closes the member if the policy panicked.
    pub(super) fn refuse_or_close(&mut self, member: MemberId, denied: Denied) -> Outcome {
        match denied {
            Denied::Refused(error) => Err(error),
            Denied::Panicked => {
                self.leave(&[member], &CloseReason::Panicked);
                Ok(())
            }
        }
    }
}

/// Asks the policy about a message, and returns the text that it allows.
///
/// # Errors
///
/// Returns the refusal of the policy, or an error if the policy's text is blank or longer than `limit` bytes.
pub(super) fn check_policy_message(
    policy: &mut Option<Box<dyn Policy>>,
    speaker: &MemberState,
    to: MessageTarget<'_>,
    Message { text, kind }: Message,
    limit: usize,
) -> Result<Text, Denied> {
    let Some(policy) = policy else { return Ok(text) };
    let message = ProposedMessage { from: &speaker.name, address: speaker.address, to, kind };
    let text = call_policy(policy, |policy| policy.may_say(&message, text))?;
    check(&text, limit)?;
    Ok(text)
}

/// Calls the policy, and catches its panic.
fn call_policy<T>(
    policy: &mut Box<dyn Policy>,
    question: impl FnOnce(&mut dyn Policy) -> Result<T, Text>,
) -> Result<T, Denied> {
    let decision = catch_unwind(AssertUnwindSafe(|| question(policy.as_mut()))).map_err(|_| {
        log::error!("the hub's policy panicked");
        Denied::Panicked
    })?;
    decision.map_err(|why| Denied::Refused(CommandError::Forbidden { why }))
}
