//! Delays password attempts from addresses that have failed before.
//!
//! This module must not know what the password grants, or how an attempt arrives. It reads no clock: time is an
//! argument.

use core::net::IpAddr;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::model::mask::Network;

/// The delay after the first wrong password. Each further wrong password doubles it.
const FIRST_DELAY: Duration = Duration::from_secs(1);
/// The longest delay.
const LONGEST_DELAY: Duration = Duration::from_secs(60);
/// How long the throttle remembers an address after the end of its delay.
const MEMORY: Duration = Duration::from_secs(10 * 60);
/// The maximum number of remembered networks.
const CAPACITY: usize = 1024;
/// The prefix lengths of merged networks, in bits.
const MERGED_V4: u8 = 24;
const MERGED_V6: u8 = 48;

/// The origins of wrong passwords: IPv4 addresses and IPv6 /64 networks ([`Network::around`]).
///
/// 1. The throttle refuses an attempt during the delay without looking at the password. The attempt does not extend the
///    delay.
/// 2. A right password does not clear the failures, because other people may share the address.
/// 3. A full table merges the networks within one /24 (IPv6: /48), namely the one with the most networks in the table.
///    The merged network has the longest of their delays. So a flood from many addresses of one network neither grows
///    the table nor frees an address of its delay.
/// 4. If nothing can be merged, the table forgets the network with the fewest failures.
#[derive(Debug, Default)]
pub(crate) struct PasswordThrottle {
    failures: HashMap<Network, Failure>,
}

#[derive(Clone, Copy, Debug)]
struct Failure {
    /// The number of wrong passwords.
    count: u32,
    /// The end of the delay.
    until: Instant,
}

impl Failure {
    fn is_forgotten(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.until) > MEMORY
    }

    fn merge(&mut self, other: Failure) {
        self.count = self.count.max(other.count);
        self.until = self.until.max(other.until);
    }
}

/// The reason why the throttle refused an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The password is wrong. The next attempt must wait this long.
    Wrong(Duration),
    /// The delay is not over, so the password was not compared. The delay still lasts for this time.
    TooEarly(Duration),
}

impl PasswordThrottle {
    /// Attempts a password from `address` at the time `now`; `is_right` compares the password.
    ///
    /// # Errors
    ///
    /// Returns a [`Refusal`], which says why, and how long the next attempt must wait.
    pub(crate) fn attempt(
        &mut self,
        address: IpAddr,
        now: Instant,
        is_right: impl FnOnce() -> bool,
    ) -> Result<(), Refusal> {
        let network = self.network(address);
        if let Some(failure) = self.failures.get(&network) {
            let left = failure.until.saturating_duration_since(now);
            if !left.is_zero() {
                return Err(Refusal::TooEarly(left));
            }
        }
        if is_right() { Ok(()) } else { Err(Refusal::Wrong(self.fail(network, now))) }
    }

    /// Returns the network under which the table holds `address`.
    fn network(&self, address: IpAddr) -> Network {
        let (exact, merged) = (Network::around(address), merged(address));
        if self.failures.contains_key(&merged) { merged } else { exact }
    }

    /// Records a wrong password, and returns the delay.
    fn fail(&mut self, mut network: Network, now: Instant) -> Duration {
        if self.failures.get(&network).is_some_and(|failure| failure.is_forgotten(now)) {
            self.failures.remove(&network);
        }
        if !self.failures.contains_key(&network) && self.failures.len() >= CAPACITY {
            self.make_space(now);
            network = self.network(network.first());
        }
        let failure = self.failures.entry(network).or_insert(Failure { count: 0, until: now });
        failure.count = failure.count.saturating_add(1);
        let doublings = (failure.count - 1).min(LONGEST_DELAY.as_secs().ilog2() + 1);
        let delay = (FIRST_DELAY * 2_u32.pow(doublings)).min(LONGEST_DELAY);
        failure.until = now + delay;
        delay
    }

    /// Frees space for one more network.
    fn make_space(&mut self, now: Instant) {
        self.failures.retain(|_, failure| !failure.is_forgotten(now));
        if self.failures.len() < CAPACITY {
            return;
        }
        let mut groups: HashMap<Network, usize> = HashMap::new();
        for network in self.failures.keys() {
            *groups.entry(merged(network.first())).or_default() += 1;
        }
        // The order of a map is random. The address breaks ties, so that the same attempts have the same outcome.
        if let Some((group, 2..)) = groups.into_iter().max_by_key(|(network, size)| (*size, network.first())) {
            return self.merge(group);
        }
        let failures = self.failures.iter();
        let weakest = failures.min_by_key(|(network, failure)| (failure.count, failure.until, network.first()));
        if let Some(network) = weakest.map(|(network, _)| *network) {
            self.failures.remove(&network);
        }
    }

    /// Replaces the networks within `group` with `group` itself.
    fn merge(&mut self, group: Network) {
        let members = self.failures.extract_if(|network, _| merged(network.first()) == group);
        let failure = members.map(|(_, failure)| failure).reduce(|mut one, other| {
            one.merge(other);
            one
        });
        if let Some(failure) = failure {
            self.failures.insert(group, failure);
        }
    }
}

/// Returns the network that replaces `address` when the table is full.
fn merged(address: IpAddr) -> Network {
    match address.to_canonical() {
        IpAddr::V4(_) => Network::new(address, MERGED_V4),
        IpAddr::V6(_) => Network::new(address, MERGED_V6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v4(number: u32) -> IpAddr {
        core::net::Ipv4Addr::from_bits(number).into()
    }

    #[track_caller]
    fn wrong(throttle: &mut PasswordThrottle, address: IpAddr, now: Instant, delay: u64) {
        let refused = throttle.attempt(address, now, || false);
        assert_eq!(refused, Err(Refusal::Wrong(Duration::from_secs(delay))));
    }

    #[test]
    fn each_wrong_password_doubles_the_delay() {
        let (mut throttle, mut now) = (PasswordThrottle::default(), Instant::now());
        for delay in [1, 2, 4, 8, 16, 32, 60, 60] {
            wrong(&mut throttle, v4(1), now, delay);
            now += Duration::from_secs(delay);
        }
        assert_eq!(throttle.attempt(v4(1), now, || true), Ok(()), "the delay is over");
        wrong(&mut throttle, v4(1), now, 60);
        now += Duration::from_secs(60) + MEMORY + Duration::from_secs(1);
        wrong(&mut throttle, v4(1), now, 1);
    }

    #[test]
    fn early_attempt_is_refused_unseen() {
        let (mut throttle, now) = (PasswordThrottle::default(), Instant::now());
        wrong(&mut throttle, v4(1), now, 1);
        let early = throttle.attempt(v4(1), now + Duration::from_millis(400), || panic!("it is not compared"));
        assert_eq!(early, Err(Refusal::TooEarly(Duration::from_millis(600))));
        assert_eq!(throttle.attempt(v4(2), now, || true), Ok(()), "another address does not wait");
        assert_eq!(throttle.attempt(v4(1), now + Duration::from_secs(1), || true), Ok(()), "early ones don't count");
    }

    #[test]
    fn ipv6_addresses_of_one_64_share_a_delay() {
        let (mut throttle, now) = (PasswordThrottle::default(), Instant::now());
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        wrong(&mut throttle, address("2001:db8::1"), now, 1);
        assert!(throttle.attempt(address("2001:db8::ffff:1"), now, || true).is_err());
        assert!(throttle.attempt(address("2001:db8:0:1::1"), now, || true).is_ok());
        assert!(throttle.attempt(address("::ffff:0.0.0.1"), now, || false).is_err());
        assert!(throttle.attempt(v4(1), now, || true).is_err(), "the IPv6 form of an IPv4 address is that address");
    }

    #[test]
    fn full_table_merges_neighbours() {
        let (mut throttle, now) = (PasswordThrottle::default(), Instant::now());
        let victim = v4(0x0a00_0001);
        wrong(&mut throttle, victim, now, 1);
        wrong(&mut throttle, victim, now + Duration::from_secs(1), 2);
        let now = now + Duration::from_secs(1);
        // Addresses of twenty /24 networks, all within the delay.
        for number in 0..5_000 {
            let _ = throttle.attempt(v4(0xc000_0200 + number), now, || false);
            assert!(throttle.failures.len() <= CAPACITY);
        }
        assert!(throttle.attempt(v4(0xc000_0200), now, || true).is_err(), "its delay is not forgotten");
        assert_eq!(throttle.attempt(v4(0xc000_0200 + 200_000), now, || true), Ok(()), "another /24 does not wait");
        assert!(throttle.attempt(victim, now, || true).is_err());
    }

    #[test]
    fn full_table_of_strangers_forgets_the_weakest() {
        let (mut throttle, mut now) = (PasswordThrottle::default(), Instant::now());
        for delay in [1, 2, 4] {
            wrong(&mut throttle, v4(1), now, delay);
            now += Duration::from_secs(delay);
        }
        wrong(&mut throttle, v4(1), now, 8);
        for number in 1..5_000 {
            let _ = throttle.attempt(v4(number << 8), now, || false);
            assert!(throttle.failures.len() <= CAPACITY);
        }
        assert_eq!(throttle.attempt(v4(1), now, || true), Err(Refusal::TooEarly(Duration::from_secs(8))));
    }
}
