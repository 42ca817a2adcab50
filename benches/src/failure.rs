//! The reasons why a measurement has no result.

use std::io;
use std::time::Duration;

use crate::check::Fault;

/// The reason why a run failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("stopped by a signal")]
    Stopped,
    #[error(transparent)]
    Fault(#[from] Fault),
    #[error("member {member} received an unexpected line: {line:?}")]
    Unexpected { member: usize, line: String },
    #[error("the server closed member {member}")]
    Closed { member: usize },
    #[error("member {member}: {error}")]
    Connection { member: usize, error: io::Error },
    #[error("nothing arrived for {} s while {awaited}", .after.as_secs())]
    Timeout { awaited: String, after: Duration },
    #[error("one of {members} members received {notices} join notices where {expected} were expected")]
    JoinNotices { members: usize, notices: usize, expected: usize },
    #[error("{server} did not start: {why}")]
    Start { server: String, why: String },
    #[error(transparent)]
    Io(#[from] io::Error),
}
