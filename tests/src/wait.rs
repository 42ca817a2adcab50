//! Waits with a deadline.

use std::thread;
use std::time::{Duration, Instant};

/// How long a test waits for an expected event. It is long, because it matters only when the test fails.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// How long [`poll`] sleeps between two checks.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Polls until `condition` is true, for a condition without an event to wait for.
///
/// # Panics
///
/// If `condition` is not true within [`TIMEOUT`]. The message contains `what`.
#[track_caller]
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    poll(what, || condition().then_some(()));
}

/// Polls until `check` returns a value, and returns the value.
#[track_caller]
pub(crate) fn poll<T>(what: &str, mut check: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        if let Some(value) = check() {
            return value;
        }
        assert!(Instant::now() < deadline, "{what}: not within {TIMEOUT:?}");
        thread::sleep(POLL_INTERVAL);
    }
}
