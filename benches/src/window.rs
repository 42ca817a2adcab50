//! How much may be said: what the slowest member has not heard yet is bounded.
//!
//! Costs nothing per delivery, and little per read: it knows how many members have heard how much, not who.

/// The messages of one room that not all have heard.
#[derive(Debug)]
pub(crate) struct Window {
    size: usize,
    said: usize,
    /// What everybody has heard.
    slowest: usize,
    /// How many members have heard so much, and not more; index modulo its length. Nobody is ahead of what was said, so
    /// `size + 1` places are enough.
    members: Vec<usize>,
}

impl Window {
    pub(crate) fn new(size: usize, members: usize) -> Window {
        let mut places = vec![0; size + 1];
        places[0] = members;
        Window { size, said: 0, slowest: 0, members: places }
    }

    /// How many messages may be said now.
    pub(crate) fn free(&self) -> usize {
        self.size - (self.said - self.slowest)
    }

    pub(crate) fn say(&mut self, messages: usize) {
        self.said += messages;
        debug_assert!(self.said - self.slowest <= self.size);
    }

    /// A member had `from` messages, and now has `to`: heard, or said itself.
    pub(crate) fn acknowledge(&mut self, from: usize, to: usize) {
        let places = self.members.len();
        self.members[from % places] -= 1;
        self.members[to % places] += 1;
        while self.slowest < self.said && self.members[self.slowest % places] == 0 {
            self.slowest += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_member_frees_the_window() {
        let mut window = Window::new(4, 3);
        assert_eq!(window.free(), 4);
        window.say(4);
        assert_eq!(window.free(), 0);
        window.acknowledge(0, 4);
        window.acknowledge(0, 3);
        assert_eq!(window.free(), 0);
        window.acknowledge(0, 1);
        assert_eq!(window.free(), 1);
        window.say(1);
        window.acknowledge(1, 5);
        assert_eq!(window.free(), 2);
        window.acknowledge(3, 5);
        window.acknowledge(4, 5);
        assert_eq!(window.free(), 4);
    }
}
