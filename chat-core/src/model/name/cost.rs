//! A counter of the bytes of names that are folded or normalized, for tests of that cost.
//!
//! Each thread has its own counter, so tests that run in parallel don't disturb each other.

use std::cell::Cell;

thread_local! {
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

/// Counts the bytes of a name that is folded or normalized.
pub(super) fn add(name: &str) {
    BYTES.set(BYTES.get() + name.len());
}

/// Runs `work`, and returns its result and the number of bytes that it folded or normalized.
#[cfg(feature = "irc")]
pub(crate) fn of<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = BYTES.get();
    let done = work();
    (done, BYTES.get() - before)
}
