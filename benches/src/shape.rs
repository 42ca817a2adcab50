//! The shape of a load: the number of rooms, their size, and the talkers in each.

use std::fmt;
use std::str::FromStr;

/// The rooms of a measurement, all of one size: `1000`, or `100x10` for 100 rooms of 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rooms {
    /// The number of rooms.
    pub count: usize,
    /// The number of members in each room.
    pub members: usize,
}

impl Rooms {
    /// Returns one room of this size.
    #[must_use]
    pub fn one(members: usize) -> Rooms {
        Rooms { count: 1, members }
    }

    /// Returns the number of connections in all rooms.
    #[must_use]
    pub fn connections(self) -> usize {
        self.count * self.members
    }
}

impl FromStr for Rooms {
    type Err = &'static str;

    fn from_str(rooms: &str) -> Result<Rooms, &'static str> {
        const ALLOWED: &str = "expected the size of the room, or ROOMSxSIZE; a room has at least 2 members";
        let (count, members) = rooms.split_once('x').unwrap_or(("1", rooms));
        match (count.parse(), members.parse()) {
            (Ok(count @ 1..=0xffff), Ok(members @ 2..)) => Ok(Rooms { count, members }),
            _ => Err(ALLOWED),
        }
    }
}

impl fmt::Display for Rooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count {
            1 => write!(f, "{}", self.members),
            count => write!(f, "{count}x{}", self.members),
        }
    }
}

/// The rooms, and the number of talkers in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) rooms: Rooms,
    pub(crate) talkers: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_round_trip_as_text() {
        for (text, rooms) in [("1000", Rooms::one(1000)), ("100x10", Rooms { count: 100, members: 10 })] {
            assert_eq!(text.parse(), Ok(rooms));
            assert_eq!(rooms.to_string(), text);
        }
        for bad in ["", "0", "1", "x", "0x10", "10x", "10x1", "-5", "70000x2"] {
            assert!(bad.parse::<Rooms>().is_err(), "{bad:?}");
        }
    }
}
