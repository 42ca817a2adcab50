//! The send window: bounds the number of messages that the slowest member has not received yet.
//!
//! The window costs nothing per delivery and little per read: it counts how many members are at each position, not
//! which ones.

/// The messages of one room that not all members have received.
#[derive(Debug)]
pub(crate) struct Window {
    size: usize,
    sent: usize,
    /// The position of the slowest member.
    slowest: usize,
    /// The number of members at each position, indexed modulo the length.
    ///
    /// No member is ahead of the sent messages, so `size + 1` counts are enough.
    members: Vec<usize>,
}

impl Window {
    pub(crate) fn new(size: usize, members: usize) -> Window {
        let mut counts = vec![0; size + 1];
        counts[0] = members;
        Window { size, sent: 0, slowest: 0, members: counts }
    }

    /// Returns how many messages may be sent now.
    pub(crate) fn free(&self) -> usize {
        self.size - (self.sent - self.slowest)
    }

    pub(crate) fn send(&mut self, messages: usize) {
        self.sent += messages;
        debug_assert!(self.sent - self.slowest <= self.size);
    }

    /// Moves a member from position `from` to `to`, because it received or sent the messages between them.
    pub(crate) fn acknowledge(&mut self, from: usize, to: usize) {
        let counts = self.members.len();
        self.members[from % counts] -= 1;
        self.members[to % counts] += 1;
        while self.slowest < self.sent && self.members[self.slowest % counts] == 0 {
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
        window.send(4);
        assert_eq!(window.free(), 0);
        window.acknowledge(0, 4);
        window.acknowledge(0, 3);
        assert_eq!(window.free(), 0);
        window.acknowledge(0, 1);
        assert_eq!(window.free(), 1);
        window.send(1);
        window.acknowledge(1, 5);
        assert_eq!(window.free(), 2);
        window.acknowledge(3, 5);
        window.acknowledge(4, 5);
        assert_eq!(window.free(), 4);
    }
}
