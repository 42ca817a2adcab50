//! Server operators: how one becomes one, and what they alone decide.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::{By, Effect, MemberId, Outcome, Step, check};
use crate::command::CommandError;
use crate::event::{CloseReason, EventKind};
use crate::mask::Network;
use crate::name::Target;
use crate::password::Password;
use crate::text::Text;

/// How many wrong passwords one may give before one is closed.
const TRIES: u8 = 3;

impl Step<'_> {
    pub(super) fn operate(&mut self, member: MemberId, password: &Password) -> Outcome {
        let person = &self.state.people[member];
        if person.operates {
            return Err(CommandError::IsServerOperator);
        }
        let Some(secret) = &self.state.operator_password else { return Err(CommandError::NoPassword) };
        let (name, network, now) = (person.name.clone(), person.address.map(Network::around), self.now.instant);
        if let Some(left) = network.and_then(|network| self.state.failures.lock(network, now)) {
            return Err(CommandError::TooManyPasswords { left });
        }
        if secret == password {
            let person = self.state.people.get_mut(member);
            person.operates = true;
            for room in &person.rooms {
                self.state.rooms[*room].mutes.release(member);
            }
            self.state.operators.push(member);
            self.tell_operators(EventKind::Operates { name });
            return Ok(());
        }
        if let Some(network) = network {
            self.state.failures.add(network, now);
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

    pub(super) fn kill(&mut self, by: &By, name: &Target, reason: Option<Text>) -> Outcome {
        self.check_server_operator(by)?;
        let target = self.another(by, name)?;
        self.check_short(reason.as_ref())?;
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

    pub(super) fn stats(&mut self, by: &By) -> Outcome {
        self.check_server_operator(by)?;
        self.state.events += 1;
        let to = match by {
            By::Member(member) => Some(*member),
            By::Server(_) => None,
        };
        self.effects.push(Effect::TellStats { to, number: self.state.events });
        Ok(())
    }

    /// Also when there are none: it is an event all the same.
    pub(super) fn tell_operators(&mut self, kind: EventKind) {
        let event = self.event(kind);
        self.effects.push(Effect::Tell { to: self.state.operators.clone(), event });
    }
}

/// From where wrong passwords came lately, so that to connect again gives nobody more tries.
#[derive(Debug, Default)]
pub(super) struct Failures(HashMap<Network, Failure>);

#[derive(Debug)]
struct Failure {
    count: u8,
    /// When they are forgotten.
    until: Instant,
}

impl Failures {
    /// How many wrong passwords may come from one network,
    const ALLOWED: u8 = 9;
    /// before it must wait so long.
    const WAIT: Duration = Duration::from_secs(10 * 60);
    /// How many networks are remembered.
    const MOST: usize = 1024;

    /// For how long no password is taken from a network, if none is.
    fn lock(&self, network: Network, now: Instant) -> Option<Duration> {
        let failure = self.0.get(&network).filter(|failure| failure.count >= Self::ALLOWED)?;
        failure.until.checked_duration_since(now).filter(|left| !left.is_zero())
    }

    fn add(&mut self, network: Network, now: Instant) {
        self.0.retain(|_, failure| failure.until > now);
        if self.0.len() >= Self::MOST
            && let Some(soonest) = self.0.iter().min_by_key(|(_, failure)| failure.until).map(|(network, _)| *network)
        {
            self.0.remove(&soonest);
        }
        let failure = self.0.entry(network).or_insert(Failure { count: 0, until: now });
        failure.count = failure.count.saturating_add(1);
        failure.until = now + Self::WAIT;
    }
}
