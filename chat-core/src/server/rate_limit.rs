//! The rate limit of one connection, and its count of invalid lines.
//!
//! This module must not know a clock or a socket: the caller passes the time.

use std::time::{Duration, Instant};

use crate::model::limits::Limits;

/// The longest line ending, in bytes: CR and LF. The limit of a text does not include it.
const LINE_END: usize = 2;

/// A token bucket. It holds up to [`Limits::burst`] tokens. Each line takes one token, and [`Limits::rate`] tokens
/// return every second.
///
/// The state follows the generic cell rate algorithm (ITU-T I.371, annex A): the bucket stores the time at which it is
/// full again, not the number of its tokens.
#[derive(Debug)]
pub(super) struct RateLimit {
    /// The time in which one token returns; zero if there is no limit.
    interval: Duration,
    burst: u32,
    /// When the bucket is full again; in the past if the bucket is full now.
    full_at: Instant,
    /// For input that is not a line: the number of bytes that count as one line.
    line_bytes: usize,
    /// For input that is not a line: the number of bytes that are not counted yet.
    uncounted: usize,
    /// The tokens taken since the last line with a command for the hub.
    invalid_lines: u32,
}

impl RateLimit {
    pub(super) fn new(limits: &Limits, now: Instant) -> RateLimit {
        let interval = Duration::from_secs(1).checked_div(limits.rate).unwrap_or_default();
        RateLimit {
            interval,
            burst: limits.burst.max(1),
            full_at: now,
            line_bytes: limits.text.saturating_add(LINE_END),
            uncounted: 0,
            invalid_lines: 0,
        }
    }

    /// Returns how many lines the connection may send now.
    ///
    /// # Errors
    ///
    /// If it may send none, the time until it may send the next line.
    pub(super) fn allowance(&self, now: Instant) -> Result<usize, Duration> {
        if self.interval.is_zero() {
            return Ok(usize::MAX);
        }
        let missing = self.full_at.saturating_duration_since(now);
        let whole = self.interval * self.burst;
        let left = whole.saturating_sub(missing).as_nanos() / self.interval.as_nanos();
        match usize::try_from(left) {
            Ok(0) => Err(missing.saturating_sub(whole.saturating_sub(self.interval))),
            left => Ok(left.unwrap_or(usize::MAX)),
        }
    }

    /// Takes the tokens for `lines` lines, and for the bytes that exceed them. The bucket may go below zero: then the
    /// connection waits longer. `was_invalid` says that none of the lines is a command for the hub.
    pub(super) fn take(&mut self, lines: usize, bytes: usize, was_invalid: bool, now: Instant) {
        // Each line covers `line_bytes` bytes; the bytes beyond that add up.
        let more = bytes.saturating_sub(lines.saturating_mul(self.line_bytes)).saturating_add(self.uncounted);
        self.uncounted = if lines > 0 { 0 } else { more % self.line_bytes };
        let tokens = u32::try_from(lines.saturating_add(more / self.line_bytes)).unwrap_or(u32::MAX);
        self.full_at = self.full_at.max(now) + self.interval.saturating_mul(tokens);
        self.invalid_lines = if was_invalid { self.invalid_lines.saturating_add(tokens) } else { 0 };
    }

    /// Returns how many invalid lines in a row the connection has sent. Bytes without a line count by their length.
    pub(super) fn invalid_lines(&self) -> u32 {
        self.invalid_lines
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
    fn burst_is_allowed_then_rate_applies() {
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
    fn silence_saves_at_most_one_burst() {
        let start = Instant::now();
        let mut rate = rate(5, 20, start);
        rate.take(3, 0, false, start);
        assert_eq!(rate.allowance(start + 100 * SECOND), Ok(20));
    }

    #[test]
    fn bytes_without_line_count_by_length() {
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
    fn long_line_counts_once_when_split() {
        let start = Instant::now();
        let mut rate = rate(1, 4, start);
        rate.take(0, 4000, false, start);
        rate.take(1, 97, false, start);
        assert_eq!(rate.allowance(start), Ok(3));
        rate.take(2, 100, false, start);
        assert_eq!(rate.allowance(start), Ok(1));
    }

    #[test]
    fn zero_rate_means_no_limit() {
        let start = Instant::now();
        let mut rate = rate(0, 20, start);
        rate.take(1_000_000, usize::MAX, false, start);
        assert_eq!(rate.allowance(start), Ok(usize::MAX));
    }

    #[test]
    fn extreme_limits_do_not_overflow() {
        let start = Instant::now();
        let mut fast = rate(u32::MAX, 0, start);
        fast.take(usize::MAX, usize::MAX, false, start);
        assert!(fast.allowance(start).is_ok(), "the interval rounds to zero nanoseconds");
        let mut slow = rate(1, u32::MAX, start);
        slow.take(usize::MAX, usize::MAX, false, start);
        assert_eq!(slow.allowance(start), Err(SECOND));
    }

    #[test]
    fn invalid_lines_add_up_until_command() {
        let start = Instant::now();
        let mut rate = rate(0, 20, start);
        rate.take(3, 0, true, start);
        (0..2).for_each(|_| rate.take(0, 4098, true, start));
        assert_eq!(rate.invalid_lines(), 5);
        rate.take(1, 0, false, start);
        assert_eq!(rate.invalid_lines(), 0);
    }
}
