//! What was decided against somebody, until its time is over.

use core::net::IpAddr;
use std::time::{Duration, Instant};

use super::MemberId;
use crate::mask::{Mask, Network};
use crate::name::Name;
use crate::order::Ban;
use crate::text::Text;

/// A ban or a mute.
#[derive(Debug)]
pub(super) struct Sanction {
    /// Whom it is meant for.
    pub(super) mask: Mask,
    /// From where the one who was named comes.
    pub(super) network: Option<Network>,
    pub(super) by: Name,
    /// When it is over.
    pub(super) until: Option<Instant>,
    pub(super) reason: Option<Text>,
    /// Those in the room whom it holds, whatever they are called by now. Of mutes alone: who is banned is not there.
    pub(super) held: Vec<MemberId>,
}

impl Sanction {
    /// For how long still, unless for ever.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        self.until.map(|until| until.saturating_duration_since(now))
    }

    fn is_over(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Whether it is meant for somebody who comes.
    fn fits(&self, name: &Name, address: Option<IpAddr>) -> bool {
        let is_from_there = |network: Network| address.is_some_and(|address| network.contains(address));
        self.mask.fits(name, address) || self.network.is_some_and(is_from_there)
    }
}

/// The bans or mutes of a room, or the bans of the hub. Those that are over are as if they were not there, and go when
/// another is added.
#[derive(Debug, Default)]
pub(super) struct Sanctions(Vec<Sanction>);

impl Sanctions {
    /// The one that holds a newcomer, if one does.
    pub(super) fn against(&self, name: &Name, address: Option<IpAddr>, now: Instant) -> Option<&Sanction> {
        self.0.iter().find(|sanction| !sanction.is_over(now) && sanction.fits(name, address))
    }

    /// The one that holds somebody in the room, if one does.
    pub(super) fn holding(&self, member: MemberId, now: Instant) -> Option<&Sanction> {
        self.0.iter().find(|sanction| sanction.held.contains(&member) && !sanction.is_over(now))
    }

    /// Adds one, in place of that with the same mask; unless there are too many.
    pub(super) fn add(&mut self, mut sanction: Sanction, limit: usize, now: Instant) -> bool {
        self.0.retain(|other| !other.is_over(now));
        if let Some(at) = self.0.iter().position(|other| other.mask == sanction.mask) {
            let old = self.0.remove(at);
            // Who is gone by now is still known by where it came from.
            sanction.network = sanction.network.or(old.network);
            let more = old.held.into_iter().filter(|member| !sanction.held.contains(member)).collect::<Vec<_>>();
            sanction.held.extend(more);
        }
        let has_room = self.0.len() < limit;
        if has_room {
            self.0.push(sanction);
        }
        has_room
    }

    /// Takes away those that are meant for these, or hold the member; whether there were any.
    pub(super) fn lift(&mut self, mask: &Mask, member: Option<MemberId>, now: Instant) -> bool {
        self.0.retain(|other| !other.is_over(now));
        let before = self.0.len();
        self.0.retain(|sanction| {
            let is_known_by = matches!(mask, Mask::Network(network) if sanction.network == Some(*network));
            let holds = member.is_some_and(|member| sanction.held.contains(&member));
            sanction.mask != *mask && !is_known_by && !holds
        });
        self.0.len() < before
    }

    /// Somebody comes into the room, and is held by those that are meant for it.
    pub(super) fn hold(&mut self, member: MemberId, name: &Name, address: Option<IpAddr>, now: Instant) {
        for sanction in self.0.iter_mut().filter(|sanction| !sanction.is_over(now)) {
            if sanction.fits(name, address) {
                sanction.held.push(member);
            }
        }
    }

    /// Somebody left the room.
    pub(super) fn release(&mut self, member: MemberId) {
        for sanction in &mut self.0 {
            sanction.held.retain(|other| *other != member);
        }
    }

    /// All whom any of them holds.
    #[cfg(test)]
    pub(super) fn held(&self) -> impl Iterator<Item = &MemberId> {
        self.0.iter().flat_map(|sanction| &sanction.held)
    }

    /// As they are told; where people come from only to those who may know it.
    pub(super) fn list(&self, with_networks: bool, now: Instant) -> Vec<Ban> {
        let lasting = self.0.iter().filter(|sanction| !sanction.is_over(now));
        let ban = |sanction: &Sanction| Ban {
            mask: sanction.mask.clone(),
            network: sanction.network.filter(|_| with_networks),
            by: sanction.by.clone(),
            left: sanction.left(now),
            reason: sanction.reason.clone(),
        };
        lasting.map(ban).collect()
    }
}
