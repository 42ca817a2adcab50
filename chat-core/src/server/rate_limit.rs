//! How fast one connection may talk, and for how long it may say nothing by it.

use std::time::{Duration, Instant};

use crate::model::limits::Limits;

/// The longest end of a line, which its limit does not count: CR and LF.
const LINE_END: usize = 2;

/// A token bucket: it holds at most a burst of tokens, each line takes one, and so many a second come back.
///
/// Kept as the generic cell rate algorithm does (ITU-T I.371, annex A): not a number of tokens, but when the bucket will
/// be full again. It knows no clock; whoever asks says what time it is.
#[derive(Debug)]
pub(super) struct RateLimit {
    /// How long one token takes to come back; zero if lines are not counted.
    interval: Duration,
    burst: u32,
    /// When the bucket will be full; in the past, if it is.
    full: Instant,
    /// So many bytes count as a line at least, whatever stands in them,
    line: usize,
    /// and so many are not counted yet.
    uncounted: usize,
    /// So many tokens were taken since the last line that the hub was told of.
    noise: u32,
}

impl RateLimit {
    pub(super) fn new(limits: &Limits, now: Instant) -> RateLimit {
        let interval = Duration::from_secs(1).checked_div(limits.rate).unwrap_or_default();
        RateLimit {
            interval,
            burst: limits.burst.max(1),
            full: now,
            line: limits.text.saturating_add(LINE_END),
            uncounted: 0,
            noise: 0,
        }
    }

    /// How many lines may be read now; or how long it is until the next one may.
    pub(super) fn allowance(&self, now: Instant) -> Result<usize, Duration> {
        if self.interval.is_zero() {
            return Ok(usize::MAX);
        }
        let missing = self.full.saturating_duration_since(now);
        let whole = self.interval * self.burst;
        let left = whole.saturating_sub(missing).as_nanos() / self.interval.as_nanos();
        match usize::try_from(left) {
            Ok(0) => Err(missing.saturating_sub(whole.saturating_sub(self.interval))),
            left => Ok(left.unwrap_or(usize::MAX)),
        }
    }

    /// Takes the tokens for so many lines, and for what else there was in these bytes. They may be more than there are;
    /// it takes the longer then until one may read on. Unless it was all noise, the hub is told of some of it.
    pub(super) fn take(&mut self, lines: usize, bytes: usize, was_invalid: bool, now: Instant) {
        // Each line has had its bytes; what is more than that adds up.
        let more = bytes.saturating_sub(lines.saturating_mul(self.line)).saturating_add(self.uncounted);
        self.uncounted = if lines > 0 { 0 } else { more % self.line };
        let tokens = u32::try_from(lines.saturating_add(more / self.line)).unwrap_or(u32::MAX);
        self.full = self.full.max(now) + self.interval.saturating_mul(tokens);
        self.noise = if was_invalid { self.noise.saturating_add(tokens) } else { 0 };
    }

    /// For how many lines' worth nothing but noise has come.
    pub(super) fn invalid_lines(&self) -> u32 {
        self.noise
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn rate(rate: u32, burst: u32, now: Instant) -> RateLimit {
        RateLimit::new(&Limits { rate, burst, ..Limits::default() }, now)
    }

    #[test]
    fn a_burst_may_be_read_at_once_and_then_so_many_a_second() {
        let start = Instant::now();
        let mut rate = rate(5, 20, start);
        assert_eq!(rate.allowance(start), Ok(20));
        rate.take(20, 0, false, start);
        assert_eq!(rate.allowance(start), Err(SECOND / 5));
        assert_eq!(rate.allowance(start + SECOND / 10), Err(SECOND / 10));
        assert_eq!(rate.allowance(start + SECOND), Ok(5));
        rate.take(5, 0, false, start + SECOND);
        assert_eq!(rate.allowance(start + SECOND), Err(SECOND / 5));
    }

    #[test]
    fn who_is_silent_saves_no_more_than_a_burst() {
        let start = Instant::now();
        let mut rate = rate(5, 20, start);
        rate.take(3, 0, false, start);
        assert_eq!(rate.allowance(start + 100 * SECOND), Ok(20));
    }

    #[test]
    fn what_holds_no_line_counts_by_its_length() {
        let start = Instant::now();
        let mut rate = rate(1, 4, start);
        for _ in 0..4097 {
            rate.take(0, 1, false, start);
        }
        assert_eq!(rate.allowance(start), Ok(4));
        rate.take(0, 1, false, start);
        assert_eq!(rate.allowance(start), Ok(3));
        rate.take(0, 6 * 4098, false, start);
        assert_eq!(rate.allowance(start), Err(4 * SECOND));
    }

    #[test]
    fn a_long_line_counts_once_however_it_comes() {
        let start = Instant::now();
        let mut rate = rate(1, 4, start);
        rate.take(0, 4000, false, start);
        rate.take(1, 97, false, start);
        assert_eq!(rate.allowance(start), Ok(3));
        rate.take(2, 100, false, start);
        assert_eq!(rate.allowance(start), Ok(1));
    }

    #[test]
    fn a_rate_of_zero_does_not_count() {
        let start = Instant::now();
        let mut rate = rate(0, 20, start);
        rate.take(1_000_000, usize::MAX, false, start);
        assert_eq!(rate.allowance(start), Ok(usize::MAX));
    }

    #[test]
    fn odd_numbers_are_no_trouble() {
        let start = Instant::now();
        let mut fast = rate(u32::MAX, 0, start);
        fast.take(usize::MAX, usize::MAX, false, start);
        assert!(fast.allowance(start).is_ok(), "so many a second take no time that a clock could tell");
        let mut slow = rate(1, u32::MAX, start);
        slow.take(usize::MAX, usize::MAX, false, start);
        assert_eq!(slow.allowance(start), Err(SECOND));
    }

    #[test]
    fn noise_adds_up_until_something_is_said() {
        let start = Instant::now();
        let mut rate = rate(0, 20, start);
        rate.take(3, 0, true, start);
        (0..2).for_each(|_| rate.take(0, 4098, true, start));
        assert_eq!(rate.invalid_lines(), 5);
        rate.take(1, 0, false, start);
        assert_eq!(rate.invalid_lines(), 0);
    }
}
