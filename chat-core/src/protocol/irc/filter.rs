//! The conditions of `LIST` (Modern IRC Client Protocol, "LIST message", with `ELIST=MNU`).
//!
//! This module must not know which channels a member may see: the hub has already left out the other channels.

use crate::model::event::RoomInfo;
use crate::model::mask;
use crate::model::name::fold;

/// The maximum number of conditions in one line, because each is matched against every channel.
pub(super) const CONDITIONS_MAX: usize = 4;

/// The conditions that a listed channel must meet.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    /// The name must match one of these patterns, if there are any.
    include: Vec<String>,
    /// The name must match none of these patterns.
    exclude: Vec<String>,
    /// The channel must have more members than this.
    more_than: Option<usize>,
    /// The channel must have fewer members than this.
    fewer_than: Option<usize>,
}

impl Filter {
    /// Parses comma-separated conditions; ignores invalid ones.
    ///
    /// # Errors
    ///
    /// Returns the first condition beyond [`CONDITIONS_MAX`].
    pub(super) fn parse(conditions: &str) -> Result<Filter, &str> {
        let mut filter = Filter::default();
        for (number, condition) in conditions.split(',').filter(|condition| !condition.is_empty()).enumerate() {
            if number == CONDITIONS_MAX {
                return Err(condition);
            }
            match condition.split_at_checked(1) {
                Some((">", count)) => filter.more_than = count.parse().ok(),
                Some(("<", count)) => filter.fewer_than = count.parse().ok(),
                Some(("!", name)) => filter.exclude.push(fold(name)),
                _ => filter.include.push(fold(condition)),
            }
        }
        Ok(filter)
    }

    pub(super) fn matches(&self, room: &RoomInfo) -> bool {
        let name = format!("#{}", room.name.key());
        let is_match = |pattern: &String| mask::fits(pattern, &name);
        (self.include.is_empty() || self.include.iter().any(is_match))
            && !self.exclude.iter().any(is_match)
            && self.more_than.is_none_or(|count| room.members > count)
            && self.fewer_than.is_none_or(|count| room.members < count)
    }
}
