//! Why a measurement has no result.

use std::io;
use std::time::Duration;

use crate::check::Fault;

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("stopped by a signal")]
    Stopped,
    #[error(transparent)]
    Fault(#[from] Fault),
    #[error("member {member} was told {line:?}")]
    Unexpected { member: usize, line: String },
    #[error("the server closed member {member}")]
    Closed { member: usize },
    #[error("member {member}: {error}")]
    Connection { member: usize, error: io::Error },
    #[error("nothing came for {} s while {awaited}", .after.as_secs())]
    Silence { awaited: String, after: Duration },
    #[error("of {members} members, one was told of {told} who came in after it, none or two of {instead}")]
    Entrances { members: usize, told: usize, instead: usize },
    #[error("{server} did not start: {why}")]
    Start { server: String, why: String },
    #[error(transparent)]
    Io(#[from] io::Error),
}
