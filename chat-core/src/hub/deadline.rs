//! Deadlines after times that others choose, however long.

use std::time::{Duration, Instant};

/// When so much time has passed; in a year, if that can't be told.
pub(crate) fn after(time: Duration) -> Instant {
    const LONG: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let now = Instant::now();
    now.checked_add(time).unwrap_or_else(|| now + LONG)
}
