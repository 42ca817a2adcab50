//! Requirements of single tests. A test whose requirement the machine does not meet is skipped.

use std::fmt::Display;
use std::io::Write as _;

/// Prints that a test is skipped, and why.
///
/// Writes to the standard error of the process, because the test harness shows captured output only of failed tests.
pub fn print_skipped(why: impl Display) {
    // A closed standard error must not fail the test.
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// Raises this process's limit of open descriptors to the maximum. Returns whether the limit is at least `count`, and
/// prints that the test is skipped if it is not.
///
/// # Panics
///
/// If the system does not let this process raise the limit.
#[must_use]
pub fn raise_descriptor_limit(count: u64) -> bool {
    let limit = rlimit::increase_nofile_limit(u64::MAX).expect("the limit can be raised");
    if limit < count {
        print_skipped(format_args!("only {limit} descriptors are allowed (ulimit -Hn {count})"));
    }
    limit >= count
}
