//! A queue that drops its oldest messages on demand, and keeps a gap in their place.
//!
//! This module must not know what an item is, nor when the queue is full.

use std::collections::VecDeque;

/// The items that wait for one member.
///
/// An item may come with a gap: the mark that replaces the item if the queue drops it. Only such an item is droppable.
/// [`drop_oldest`](Self::drop_oldest) replaces the oldest droppable item by its gap. No operation searches the queue, so the amortized time of each operation does not depend on the queue's length.
#[derive(Debug)]
pub(crate) struct DropOldestQueue<T, G> {
    /// The older entries, which must not be dropped.
    pinned: VecDeque<Entry<T, G>>,
    /// The younger items. A droppable item comes with the gap that it would leave.
    unpinned: VecDeque<(T, Option<G>)>,
}

/// The mark that a dropped item leaves in its place.
pub(crate) trait Gap: Clone {
    /// Merges `next`, the gap that follows this gap, into this gap. Returns false if the two must stay apart.
    fn merge(&mut self, next: &Self) -> bool;
}

/// An entry of the queue.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entry<T, G> {
    /// An item.
    Item(T),
    /// The gap that dropped items left here.
    Gap(G),
}

impl<T, G> Default for DropOldestQueue<T, G> {
    fn default() -> DropOldestQueue<T, G> {
        DropOldestQueue { pinned: VecDeque::new(), unpinned: VecDeque::new() }
    }
}

impl<T, G: Gap> DropOldestQueue<T, G> {
    /// Returns how many entries there are, gaps included.
    pub(crate) fn len(&self) -> usize {
        self.pinned.len() + self.unpinned.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pinned.is_empty() && self.unpinned.is_empty()
    }

    /// Adds an item at the end. It is droppable if it has a `gap`.
    pub(crate) fn push(&mut self, item: T, gap: Option<G>) {
        self.unpinned.push_back((item, gap));
    }

    /// Adds a gap at the end, or merges it into a gap that is already there.
    pub(crate) fn push_gap(&mut self, gap: G) {
        while let Some((item, _)) = self.unpinned.pop_front() {
            self.pinned.push_back(Entry::Item(item));
        }
        self.pin_gap(gap);
    }

    /// Drops the oldest droppable item, leaves a gap in its place, and returns both. Returns `None` if no item is
    /// droppable.
    pub(crate) fn drop_oldest(&mut self) -> Option<(T, G)> {
        loop {
            match self.unpinned.pop_front()? {
                (item, None) => self.pinned.push_back(Entry::Item(item)),
                (dropped, Some(gap)) => {
                    self.pin_gap(gap.clone());
                    return Some((dropped, gap));
                }
            }
        }
    }

    fn pin_gap(&mut self, gap: G) {
        if let Some(Entry::Gap(last)) = self.pinned.back_mut()
            && last.merge(&gap)
        {
            return;
        }
        self.pinned.push_back(Entry::Gap(gap));
    }

    /// Pins the entry at `index` and all older entries, and returns the entry. The oldest entry has the index 0. The
    /// queue does not drop pinned entries.
    pub(crate) fn pin(&mut self, index: usize) -> Option<&mut Entry<T, G>> {
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

    /// Removes and returns the oldest entry, with its gap if it is a droppable item.
    pub(crate) fn pop(&mut self) -> Option<(Entry<T, G>, Option<G>)> {
        let pinned = self.pinned.pop_front().map(|entry| (entry, None));
        pinned.or_else(|| self.unpinned.pop_front().map(|(item, gap)| (Entry::Item(item), gap)))
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
    use crate::hub::batch::MessageRange;

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
