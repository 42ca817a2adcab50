//! A queue that drops its oldest messages on demand, and keeps a gap in their place.
//!
//! This module must not know what an item is, nor when the queue is full.

use std::collections::VecDeque;

use crate::hub::batch::MessageRange;

/// The items that wait for one member. Items with a message range are droppable; the oldest of them goes first.
///
/// No operation searches: its amortized time does not depend on the length.
#[derive(Debug)]
pub(crate) struct DropOldestQueue<T> {
    /// The older entries. None of them may be dropped.
    pinned: VecDeque<Entry<T>>,
    /// The younger items, each with its messages if it is droppable.
    unpinned: VecDeque<(T, Option<MessageRange>)>,
}

/// An entry of the queue.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entry<T> {
    /// An item.
    Item(T),
    /// The messages that were dropped here.
    Gap(MessageRange),
}

impl<T> Default for DropOldestQueue<T> {
    fn default() -> DropOldestQueue<T> {
        DropOldestQueue { pinned: VecDeque::new(), unpinned: VecDeque::new() }
    }
}

impl<T> DropOldestQueue<T> {
    /// Returns how many entries there are, gaps included.
    pub(crate) fn len(&self) -> usize {
        self.pinned.len() + self.unpinned.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pinned.is_empty() && self.unpinned.is_empty()
    }

    /// Adds an item at the end. It is droppable if it has `messages`.
    pub(crate) fn push(&mut self, item: T, messages: Option<MessageRange>) {
        self.unpinned.push_back((item, messages));
    }

    /// Adds a gap at the end, or extends the gap that is there.
    pub(crate) fn push_gap(&mut self, messages: MessageRange) {
        while let Some((item, _)) = self.unpinned.pop_front() {
            self.pinned.push_back(Entry::Item(item));
        }
        self.pin_gap(messages);
    }

    /// Drops the oldest droppable item, leaves a gap in its place, and returns both. Returns `None` if no item is
    /// droppable.
    pub(crate) fn drop_oldest(&mut self) -> Option<(T, MessageRange)> {
        loop {
            match self.unpinned.pop_front()? {
                (item, None) => self.pinned.push_back(Entry::Item(item)),
                (dropped, Some(messages)) => {
                    self.pin_gap(messages);
                    return Some((dropped, messages));
                }
            }
        }
    }

    fn pin_gap(&mut self, messages: MessageRange) {
        match self.pinned.back_mut() {
            Some(Entry::Gap(gap)) => *gap = gap.and(messages),
            _ => self.pinned.push_back(Entry::Gap(messages)),
        }
    }

    /// Pins the entry at `index`, counted from the oldest, with all older ones, and returns it. Pinned entries can't be
    /// dropped any more.
    pub(crate) fn pin(&mut self, index: usize) -> Option<&mut Entry<T>> {
        while self.pinned.len() <= index {
            let (item, _) = self.unpinned.pop_front()?;
            self.pinned.push_back(Entry::Item(item));
        }
        self.pinned.get_mut(index)
    }

    /// Removes the pinned entry at `index`.
    pub(crate) fn remove(&mut self, index: usize) {
        self.pinned.remove(index);
    }

    /// Removes and returns the oldest entry, with its messages if it is a droppable item.
    pub(crate) fn pop(&mut self) -> Option<(Entry<T>, Option<MessageRange>)> {
        let pinned = self.pinned.pop_front().map(|entry| (entry, None));
        pinned.or_else(|| self.unpinned.pop_front().map(|(item, messages)| (Entry::Item(item), messages)))
    }

    /// Returns the oldest item, or `None` if the oldest entry is a gap.
    pub(crate) fn first(&self) -> Option<&T> {
        match self.pinned.front() {
            Some(Entry::Item(item)) => Some(item),
            Some(Entry::Gap(_)) => None,
            None => self.unpinned.front().map(|(item, _)| item),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(number: u64) -> MessageRange {
        MessageRange { count: 1, first: number, last: number }
    }

    proptest! {
        /// After any steps, every pushed item comes out in order, or a gap in its place counts it.
        #[test]
        fn dropped_items_become_gaps_in_order(steps in proptest::collection::vec(0..6_u8, 0..200)) {
            let (mut queue, mut out, mut next) = (DropOldestQueue::default(), Vec::new(), 0);
            for step in steps {
                match step {
                    0 => queue.push(next, None),
                    1 | 2 => queue.push(next, Some(message(next))),
                    3 => queue.push_gap(message(next)),
                    4 => {
                        if let Some((dropped, messages)) = queue.drop_oldest() {
                            prop_assert_eq!(message(dropped), messages);
                        }
                    }
                    _ => out.extend(queue.pop()),
                }
                next += u64::from(step < 4);
            }
            out.extend(std::iter::from_fn(|| queue.pop()));
            let mut expected = 0;
            for entry in out {
                let (first, count) = match entry.0 {
                    Entry::Item(number) => (number, 1),
                    Entry::Gap(gap) => (gap.first, gap.count),
                };
                prop_assert_eq!(first, expected);
                expected += count;
            }
            prop_assert_eq!(expected, next);
        }
    }
}
