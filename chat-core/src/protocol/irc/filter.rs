//! Which channels `LIST` is to tell (Modern IRC Client Protocol, "LIST message", and there `ELIST` with `MNU`).

use crate::model::event::RoomInfo;
use crate::model::mask;
use crate::model::name::fold;

/// So many conditions one line may have: each is held against every channel.
pub(super) const CONDITIONS_MAX: usize = 4;

/// What the channels must be like.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    /// One of these fits the name, unless there is none.
    names: Vec<String>,
    /// None of these does.
    not: Vec<String>,
    /// More members than that,
    more: Option<usize>,
    /// and less than that.
    less: Option<usize>,
}

impl Filter {
    /// What is between the commas of the first parameter; what means nothing is no condition. Or the first condition past
    /// those that one line may have.
    pub(super) fn parse(conditions: &str) -> Result<Filter, &str> {
        let mut filter = Filter::default();
        for (number, condition) in conditions.split(',').filter(|condition| !condition.is_empty()).enumerate() {
            if number == CONDITIONS_MAX {
                return Err(condition);
            }
            match condition.split_at_checked(1) {
                Some((">", count)) => filter.more = count.parse().ok(),
                Some(("<", count)) => filter.less = count.parse().ok(),
                Some(("!", name)) => filter.not.push(fold(name)),
                _ => filter.names.push(fold(condition)),
            }
        }
        Ok(filter)
    }

    pub(super) fn fits(&self, room: &RoomInfo) -> bool {
        let name = format!("#{}", room.name.key());
        let is_alike = |pattern: &String| mask::fits(pattern, &name);
        (self.names.is_empty() || self.names.iter().any(is_alike))
            && !self.not.iter().any(is_alike)
            && self.more.is_none_or(|count| room.members > count)
            && self.less.is_none_or(|count| room.members < count)
    }
}
