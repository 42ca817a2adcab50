//! Deadlines after durations that the host application or the operator chooses, of any length.

use std::time::{Duration, Instant};

/// Returns the instant after `time`; one year from now if the system's clock can't represent that instant.
pub(crate) fn after(time: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let now = Instant::now();
    now.checked_add(time).unwrap_or_else(|| now + YEAR)
}
