//! What names cost: counts the bytes that are folded or normalized. For tests.

use std::cell::Cell;

thread_local! {
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

/// Counts a name that is folded or normalized.
pub(super) fn add(name: &str) {
    BYTES.set(BYTES.get() + name.len());
}

/// Returns what `work` returns, and how many bytes it has folded or normalized on this thread.
#[cfg(feature = "irc")]
pub(crate) fn of<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = BYTES.get();
    let done = work();
    (done, BYTES.get() - before)
}
