//! Asking the policy, which is another's code and may panic.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::members::MemberState;
use super::{MemberId, Outcome, State, Step, check};
use crate::model::command::CommandError;
use crate::model::event::CloseReason;
use crate::model::message::Message;
use crate::model::name::{Nick, RoomName};
use crate::model::policy::{Identity, MessageTarget, Policy, ProposedMessage};
use crate::model::text::Text;

/// Why something may not be.
pub(super) enum Denied {
    Refused(CommandError),
    /// The policy panicked. Whoever it was asked about is closed.
    Panicked,
}

impl From<CommandError> for Denied {
    fn from(error: CommandError) -> Denied {
        Denied::Refused(error)
    }
}

impl Step<'_> {
    /// Whether the policy lets somebody into a room.
    pub(super) fn ask_who_may_join(&mut self, member: MemberId, room: &RoomName) -> Result<(), Denied> {
        let State { policy: Some(policy), members, .. } = &mut *self.state else { return Ok(()) };
        let member_state = &members[member];
        let visitor = Identity { name: &member_state.name, address: member_state.address, room };
        ask(policy, |policy| policy.may_join(&visitor))
    }

    /// Whether the policy lets somebody have a nick.
    pub(super) fn ask_whether_it_may_be_called(&mut self, member: MemberId, nick: &Nick) -> Result<(), Denied> {
        let State { policy: Some(policy), members, .. } = &mut *self.state else { return Ok(()) };
        let name = &members[member].name;
        ask(policy, |policy| policy.may_be_called(name, nick))
    }

    /// Refuses what a member in the hub wanted, or closes it.
    pub(super) fn deny(&mut self, member: MemberId, denied: Denied) -> Outcome {
        match denied {
            Denied::Refused(error) => Err(error),
            Denied::Panicked => {
                self.leave(&[member], &CloseReason::Panicked);
                Ok(())
            }
        }
    }
}

/// What the policy lets somebody say, which must be no longer than `limit` either.
pub(super) fn ask_what_may_be_said(
    policy: &mut Option<Box<dyn Policy>>,
    speaker: &MemberState,
    to: MessageTarget<'_>,
    Message { text, manner }: Message,
    limit: usize,
) -> Result<Text, Denied> {
    let Some(policy) = policy else { return Ok(text) };
    let saying = ProposedMessage { from: &speaker.name, address: speaker.address, to, manner };
    let text = ask(policy, |policy| policy.may_say(&saying, text))?;
    check(&text, limit)?;
    Ok(text)
}

fn ask<T>(
    policy: &mut Box<dyn Policy>,
    question: impl FnOnce(&mut dyn Policy) -> Result<T, Text>,
) -> Result<T, Denied> {
    let answer = catch_unwind(AssertUnwindSafe(|| question(policy.as_mut()))).map_err(|_| {
        log::error!("the hub's policy panicked");
        Denied::Panicked
    })?;
    answer.map_err(|why| Denied::Refused(CommandError::Forbidden { why }))
}
