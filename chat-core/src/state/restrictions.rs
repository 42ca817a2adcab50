//! What was decided against somebody, until its time is over.

use std::time::{Duration, Instant, SystemTime};

use super::{MemberId, Outcome};
use crate::model::command::CommandError;
use crate::model::mask::{Mask, MaskSubject, Network};
use crate::model::moderation::Restriction;
use crate::model::name::{Name, RoomName};
use crate::model::number_map::NumberSet;
use crate::model::text::Text;

/// From so many networks one who is banned again and again is known.
const NETWORKS: usize = 4;

/// A ban or a mute.
#[derive(Debug)]
pub(super) struct ActiveRestriction {
    /// Whom it is meant for.
    pub(super) mask: Mask,
    /// The one who was named by it.
    pub(super) named: Option<MemberId>,
    /// From where that one comes, the latest last.
    pub(super) networks: Vec<Network>,
    pub(super) by: Name,
    /// Since when, by the clock on the wall.
    pub(super) since: SystemTime,
    /// When it is over.
    pub(super) until: Option<Instant>,
    pub(super) reason: Option<Text>,
    /// Those in the room whom it holds, whatever they are called by now. Of mutes alone: who is banned is not there.
    pub(super) held: NumberSet<MemberId>,
}

impl ActiveRestriction {
    /// For how long still, unless for ever.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        self.until.map(|until| until.saturating_duration_since(now))
    }

    /// What one is told who is banned by it, from a room or from the hub.
    pub(super) fn refusal(&self, room: Option<RoomName>, now: Instant) -> CommandError {
        CommandError::Banned { room, left: self.left(now), reason: self.reason.clone() }
    }

    fn is_over(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Whether it is meant for somebody who comes.
    fn fits(&self, face: &MaskSubject<'_>) -> bool {
        let is_from = |network: &Network| face.address.is_some_and(|address| network.contains(address));
        self.mask.fits_subject(face) || self.networks.iter().any(is_from)
    }
}

/// Which restrictions are lifted.
pub(super) struct Lifted<'a> {
    /// Those that are meant for these, or know somebody by this network.
    pub(super) mask: &'a Mask,
    /// Those that named this one; those that hold it otherwise let it go, and hold others still.
    pub(super) member: Option<MemberId>,
    /// Whether whoever lifts them may find out from where somebody comes.
    pub(super) by_networks: bool,
}

/// The bans or mutes of a room, or the bans of the hub. Those that are over are as if they were not there, and go when
/// another is added or lifted.
#[derive(Debug, Default)]
pub(super) struct Restrictions(Vec<ActiveRestriction>);

impl Restrictions {
    /// The one that holds a request, if one does.
    pub(super) fn against(&self, face: &MaskSubject<'_>, now: Instant) -> Option<&ActiveRestriction> {
        self.0.iter().find(|restriction| !restriction.is_over(now) && restriction.fits(face))
    }

    /// The one that holds somebody in the room, if one does.
    pub(super) fn holding(&self, member: MemberId, now: Instant) -> Option<&ActiveRestriction> {
        self.0.iter().find(|restriction| restriction.held.contains(&member) && !restriction.is_over(now))
    }

    /// Adds one, in place of that with the same mask; unless there are too many.
    pub(super) fn add(&mut self, mut restriction: ActiveRestriction, limit: usize, now: Instant) -> Outcome {
        self.0.retain(|other| !other.is_over(now));
        if let Some(at) = self.0.iter().position(|other| other.mask == restriction.mask) {
            let old = self.0.remove(at);
            // Whom it knew, it still knows: who is gone by now, or is called otherwise.
            let known = old.networks.into_iter().filter(|network| !restriction.networks.contains(network));
            restriction.networks = known.chain(restriction.networks.iter().copied()).collect();
            let surplus = restriction.networks.len().saturating_sub(NETWORKS);
            restriction.networks.drain(..surplus);
            restriction.held.extend(old.held);
        }
        if self.0.len() >= limit {
            return Err(CommandError::TooManyBans { limit });
        }
        self.0.push(restriction);
        Ok(())
    }

    /// Whether there was anything to lift.
    pub(super) fn lift(&mut self, lifted: &Lifted<'_>, now: Instant) -> bool {
        self.0.retain(|restriction| !restriction.is_over(now));
        let before = self.0.len();
        self.0.retain(|restriction| {
            let knows = |network: &Network| lifted.by_networks && restriction.networks.contains(network);
            let is_known_by = matches!(lifted.mask, Mask::Network(network) if knows(network));
            let is_named = lifted.member.is_some() && restriction.named == lifted.member;
            restriction.mask != *lifted.mask && !is_known_by && !is_named
        });
        let mut did = self.0.len() < before;
        if let Some(member) = lifted.member {
            for restriction in &mut self.0 {
                did |= restriction.held.remove(&member);
            }
        }
        did
    }

    /// Somebody comes into the room, and is held by those that are meant for it.
    pub(super) fn hold(&mut self, member: MemberId, face: &MaskSubject<'_>, now: Instant) {
        for restriction in self.0.iter_mut().filter(|restriction| !restriction.is_over(now) && restriction.fits(face)) {
            restriction.held.insert(member);
        }
    }

    /// Somebody is not to be held any more: it left the room, or is above that.
    pub(super) fn release(&mut self, member: MemberId) {
        for restriction in &mut self.0 {
            restriction.held.remove(&member);
        }
    }

    /// All whom any of them holds.
    #[cfg(any(test, feature = "fuzz"))]
    pub(super) fn held(&self) -> impl Iterator<Item = &MemberId> {
        self.0.iter().flat_map(|restriction| &restriction.held)
    }

    /// As they are told; where members come from only to those who may know it.
    pub(super) fn list(&self, with_networks: bool, now: Instant) -> Vec<Restriction> {
        let lasting = self.0.iter().filter(|restriction| !restriction.is_over(now));
        let told = |restriction: &ActiveRestriction| Restriction {
            mask: restriction.mask.clone(),
            networks: if with_networks { restriction.networks.clone() } else { Vec::new() },
            by: restriction.by.clone(),
            since: restriction.since,
            left: restriction.left(now),
            reason: restriction.reason.clone(),
        };
        lasting.map(told).collect()
    }
}
