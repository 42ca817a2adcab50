//! Parts of sentences that errors, notices and the log share.
//!
//! This module must not know the sentence around a part, nor the framing that shows it.

use std::fmt;
use std::time::Duration;

use crate::model::human_duration::HumanDuration;
use crate::model::name::RoomName;
use crate::model::text::Text;

/// The place where a ban applies, for display: the room, or `this server` for the whole hub.
pub(crate) struct BanScope<'a>(pub(crate) &'a Option<RoomName>);

impl fmt::Display for BanScope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_ref().map_or("this server", RoomName::as_str))
    }
}

/// A duration at the end of a phrase, for display: ` for 10m`. Shows nothing if the duration is unlimited.
pub(crate) struct DurationSuffix(pub(crate) Option<Duration>);

impl fmt::Display for DurationSuffix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |time| write!(f, " for {}", HumanDuration(time)))
    }
}

/// A reason at the end of a phrase, for display: `: too loud`. Shows nothing if there is no reason.
pub(crate) struct ReasonSuffix<'a>(pub(crate) &'a Option<Text>);

impl fmt::Display for ReasonSuffix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |reason| write!(f, ": {reason}"))
    }
}
