//! Deadlines after durations of any length, which the host application or an operator chooses.

use std::time::{Duration, Instant};

/// Returns the instant that is `time` from now, or one year from now if the system's clock can't represent that
/// instant.
pub(crate) fn after(time: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let now = Instant::now();
    now.checked_add(time).unwrap_or_else(|| now + YEAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_time_ends_in_one_year() {
        let before = Instant::now();
        assert!(before.checked_add(Duration::MAX).is_none(), "the clock can't represent this instant");
        let days = after(Duration::MAX).duration_since(before).as_secs() / (24 * 60 * 60);
        assert_eq!(days, 365);
    }
}
