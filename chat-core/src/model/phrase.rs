//! Parts of sentences that errors, notices and the log share.

use std::fmt;
use std::time::Duration;

use crate::model::human_duration::HumanDuration;
use crate::model::name::RoomName;
use crate::model::text::Text;

/// Shows from where somebody is banned.
pub(crate) struct BanScope<'a>(pub(crate) &'a Option<RoomName>);

impl fmt::Display for BanScope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_ref().map_or("this server", RoomName::as_str))
    }
}

/// Shows for how long, behind what lasts so long; nothing, if that is for ever.
pub(crate) struct DurationSuffix(pub(crate) Option<Duration>);

impl fmt::Display for DurationSuffix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |time| write!(f, " for {}", HumanDuration(time)))
    }
}

/// Shows why, behind what that is the reason for; nothing, if no reason was given.
pub(crate) struct ReasonSuffix<'a>(pub(crate) &'a Option<Text>);

impl fmt::Display for ReasonSuffix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |reason| write!(f, ": {reason}"))
    }
}
