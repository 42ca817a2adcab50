//! Restrictions: the bans, mutes and exceptions of a room or of the hub, and their expiry.
//!
//! This module must not know members: it matches masks and networks with a [`MaskSubject`].

use std::time::{Duration, Instant, SystemTime};

use super::{MemberId, Outcome};
use crate::model::command::CommandError;
use crate::model::mask::{Mask, MaskSubject, Network};
use crate::model::moderation::Restriction;
use crate::model::name::{Name, RoomName};
use crate::model::number_map::NumberSet;
use crate::model::text::Text;

/// The maximum number of networks in one restriction. Each time that somebody bans a member again, the restriction gets
/// the member's present network too.
const MAX_NETWORKS: usize = 4;

/// A ban, a mute or an exception.
#[derive(Debug)]
pub(super) struct ActiveRestriction {
    /// The mask that members are compared with.
    pub(super) mask: Mask,
    /// The member that the actor named.
    pub(super) named: Option<MemberId>,
    /// The networks of the named member, the latest last.
    pub(super) networks: Vec<Network>,
    /// The name of the actor.
    pub(super) by: Name,
    /// The creation date, by the wall clock.
    pub(super) since: SystemTime,
    /// The time of expiry, by the monotonic clock; `None` if it never expires.
    pub(super) expires_at: Option<Instant>,
    pub(super) reason: Option<Text>,
    /// The members of the room to whom the restriction applies, regardless of their present nicks. Only mutes use this
    /// set: a banned member is not in the room.
    pub(super) applies_to: NumberSet<MemberId>,
}

impl ActiveRestriction {
    /// Returns the time until the restriction expires; `None` if it never expires.
    pub(super) fn time_left(&self, now: Instant) -> Option<Duration> {
        self.expires_at.map(|time| time.saturating_duration_since(now))
    }

    /// Returns the refusal for a member whom this ban keeps out of a room, or out of the hub.
    pub(super) fn refusal(&self, room: Option<RoomName>, now: Instant) -> CommandError {
        CommandError::Banned { room, left: self.time_left(now), reason: self.reason.clone() }
    }

    fn has_expired(&self, now: Instant) -> bool {
        self.expires_at.is_some_and(|time| time <= now)
    }

    /// Returns whether the mask or one of the networks matches the subject.
    fn matches(&self, subject: &MaskSubject<'_>) -> bool {
        let is_from = |network: &Network| subject.address.is_some_and(|address| network.contains(address));
        self.mask.fits_subject(subject) || self.networks.iter().any(is_from)
    }
}

/// The restrictions to lift.
pub(super) struct LiftFilter<'a> {
    /// The mask: the filter selects the restrictions with this mask. A network also selects the restrictions that
    /// contain it.
    pub(super) mask: &'a Mask,
    /// The member: the filter selects the restrictions that name this member. Other restrictions stop applying to this
    /// member, but remain for other members.
    pub(super) member: Option<MemberId>,
    /// Whether to compare networks, which is only for actors who may learn members' addresses.
    pub(super) match_networks: bool,
}

/// A list of restrictions, such as the bans of a room.
///
/// Expired restrictions have no effect; adding or lifting a restriction removes them.
#[derive(Debug, Default)]
pub(super) struct Restrictions(Vec<ActiveRestriction>);

impl Restrictions {
    /// Returns the first restriction that matches a subject.
    pub(super) fn matching(&self, subject: &MaskSubject<'_>, now: Instant) -> Option<&ActiveRestriction> {
        self.0.iter().find(|restriction| !restriction.has_expired(now) && restriction.matches(subject))
    }

    /// Returns the first restriction that applies to a member of the room.
    pub(super) fn applied_to(&self, member: MemberId, now: Instant) -> Option<&ActiveRestriction> {
        self.0.iter().find(|restriction| restriction.applies_to.contains(&member) && !restriction.has_expired(now))
    }

    /// Adds a restriction, or replaces the one with the same mask.
    ///
    /// # Errors
    ///
    /// Returns [`CommandError::TooManyBans`] if there are already `limit` other restrictions.
    pub(super) fn add(&mut self, mut restriction: ActiveRestriction, limit: usize, now: Instant) -> Outcome {
        self.0.retain(|other| !other.has_expired(now));
        if let Some(at) = self.0.iter().position(|other| other.mask == restriction.mask) {
            let old = self.0.remove(at);
            // Keeps the networks and the members of the old one: the named member may have left, or changed its nick.
            let kept = old.networks.into_iter().filter(|network| !restriction.networks.contains(network));
            restriction.networks = kept.chain(restriction.networks.iter().copied()).collect();
            let surplus = restriction.networks.len().saturating_sub(MAX_NETWORKS);
            restriction.networks.drain(..surplus);
            restriction.applies_to.extend(old.applies_to);
        }
        if self.0.len() >= limit {
            return Err(CommandError::TooManyBans { limit });
        }
        self.0.push(restriction);
        Ok(())
    }

    /// Lifts restrictions, and returns whether there were any to lift.
    pub(super) fn lift(&mut self, filter: &LiftFilter<'_>, now: Instant) -> bool {
        self.0.retain(|restriction| !restriction.has_expired(now));
        let before = self.0.len();
        self.0.retain(|restriction| {
            let has_network = |network: &Network| filter.match_networks && restriction.networks.contains(network);
            let matches_network = matches!(filter.mask, Mask::Network(network) if has_network(network));
            let is_named = filter.member.is_some() && restriction.named == filter.member;
            restriction.mask != *filter.mask && !matches_network && !is_named
        });
        let mut lifted_any = self.0.len() < before;
        if let Some(member) = filter.member {
            for restriction in &mut self.0 {
                lifted_any |= restriction.applies_to.remove(&member);
            }
        }
        lifted_any
    }

    /// Applies all restrictions that match the subject to a member who joins the room.
    pub(super) fn apply_to(&mut self, member: MemberId, subject: &MaskSubject<'_>, now: Instant) {
        for restriction in
            self.0.iter_mut().filter(|restriction| !restriction.has_expired(now) && restriction.matches(subject))
        {
            restriction.applies_to.insert(member);
        }
    }

    /// Stops applying restrictions to a member, who has left the room or has become a server operator.
    pub(super) fn release(&mut self, member: MemberId) {
        for restriction in &mut self.0 {
            restriction.applies_to.remove(&member);
        }
    }

    /// Returns all members to whom a restriction applies.
    #[cfg(any(test, feature = "fuzz"))]
    pub(super) fn applied_members(&self) -> impl Iterator<Item = &MemberId> {
        self.0.iter().flat_map(|restriction| &restriction.applies_to)
    }

    /// Returns the restrictions as entries of a list. Only an actor who may learn the networks receives them.
    pub(super) fn list(&self, with_networks: bool, now: Instant) -> Vec<Restriction> {
        let active = self.0.iter().filter(|restriction| !restriction.has_expired(now));
        let entry = |restriction: &ActiveRestriction| Restriction {
            mask: restriction.mask.clone(),
            networks: if with_networks { restriction.networks.clone() } else { Vec::new() },
            by: restriction.by.clone(),
            since: restriction.since,
            left: restriction.time_left(now),
            reason: restriction.reason.clone(),
        };
        active.map(entry).collect()
    }
}
