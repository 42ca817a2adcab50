//! Which channels `LIST` is to tell (Modern IRC Client Protocol, "LIST message", and there `ELIST` with `MNU`).

use crate::event::RoomInfo;
use crate::mask;

/// What the channels must be like.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Filter<'a> {
    /// One of these fits the name, unless there is none.
    names: Vec<&'a str>,
    /// None of these does.
    not: Vec<&'a str>,
    /// More members than that,
    more: Option<usize>,
    /// and less than that.
    less: Option<usize>,
}

impl<'a> Filter<'a> {
    /// What is between the commas of the first parameter. What means nothing is no condition.
    pub(super) fn parse(conditions: &'a str) -> Filter<'a> {
        let mut filter = Filter::default();
        for condition in conditions.split(',').filter(|condition| !condition.is_empty()) {
            match condition.split_at_checked(1) {
                Some((">", count)) => filter.more = count.parse().ok(),
                Some(("<", count)) => filter.less = count.parse().ok(),
                Some(("!", name)) => filter.not.push(name),
                _ => filter.names.push(condition),
            }
        }
        filter
    }

    pub(super) fn fits(&self, room: &RoomInfo) -> bool {
        let is_alike = |name: &&str| mask::fits(name, room.name.as_str());
        (self.names.is_empty() || self.names.iter().any(is_alike))
            && !self.not.iter().any(is_alike)
            && self.more.is_none_or(|count| room.members > count)
            && self.less.is_none_or(|count| room.members < count)
    }
}
