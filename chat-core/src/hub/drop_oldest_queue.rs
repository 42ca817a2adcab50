//! A queue in which what was left out is remembered where it was.

use std::collections::VecDeque;

use crate::hub::batch::MessageRange;

/// What waits for one member. Of what may be left out, the oldest goes first, and nothing of this is ever searched for:
/// each step takes the same time, however much waits.
#[derive(Debug)]
pub(crate) struct DropOldestQueue<T> {
    /// The older part: nothing of it may be left out.
    settled: VecDeque<Place<T>>,
    /// The younger part, and which messages that are, of what may be left out.
    open: VecDeque<(T, Option<MessageRange>)>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place<T> {
    QueuedBytes(T),
    /// What was left out here.
    Gap(MessageRange),
}

impl<T> Default for DropOldestQueue<T> {
    fn default() -> DropOldestQueue<T> {
        DropOldestQueue { settled: VecDeque::new(), open: VecDeque::new() }
    }
}

impl<T> DropOldestQueue<T> {
    /// How many places there are, those of gaps among them.
    pub(crate) fn len(&self) -> usize {
        self.settled.len() + self.open.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.settled.is_empty() && self.open.is_empty()
    }

    /// Adds something at the end, and which messages it is, if it may be left out.
    pub(crate) fn push(&mut self, kept: T, messages: Option<MessageRange>) {
        self.open.push_back((kept, messages));
    }

    /// Notes at the end that something is left out. Next to another gap, as one.
    pub(crate) fn push_gap(&mut self, messages: MessageRange) {
        while let Some((kept, _)) = self.open.pop_front() {
            self.settled.push_back(Place::QueuedBytes(kept));
        }
        self.settle_gap(messages);
    }

    /// Leaves out the oldest that may be; what that was.
    pub(crate) fn drop_oldest(&mut self) -> Option<(T, MessageRange)> {
        loop {
            match self.open.pop_front()? {
                (kept, None) => self.settled.push_back(Place::QueuedBytes(kept)),
                (dropped, Some(messages)) => {
                    self.settle_gap(messages);
                    return Some((dropped, messages));
                }
            }
        }
    }

    fn settle_gap(&mut self, messages: MessageRange) {
        match self.settled.back_mut() {
            Some(Place::Gap(gap)) => *gap = gap.and(messages),
            _ => self.settled.push_back(Place::Gap(messages)),
        }
    }

    /// The place with this number, counted from the oldest, which is not left out any more from here on.
    pub(crate) fn flush(&mut self, number: usize) -> Option<&mut Place<T>> {
        while self.settled.len() <= number {
            let (kept, _) = self.open.pop_front()?;
            self.settled.push_back(Place::QueuedBytes(kept));
        }
        self.settled.get_mut(number)
    }

    /// Takes out the place with this number, which is settled.
    pub(crate) fn remove(&mut self, number: usize) {
        self.settled.remove(number);
    }

    /// The oldest place, and which messages it is, if it may be left out.
    pub(crate) fn pop(&mut self) -> Option<(Place<T>, Option<MessageRange>)> {
        let settled = self.settled.pop_front().map(|place| (place, None));
        settled.or_else(|| self.open.pop_front().map(|(kept, messages)| (Place::QueuedBytes(kept), messages)))
    }

    /// The oldest thing, unless there is a gap before it.
    pub(crate) fn first(&self) -> Option<&T> {
        match self.settled.front() {
            Some(Place::QueuedBytes(kept)) => Some(kept),
            Some(Place::Gap(_)) => None,
            None => self.open.front().map(|(kept, _)| kept),
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
        /// Whatever is done with it, all that was put comes out in its order, or is in a gap at its place.
        #[test]
        fn nothing_is_lost_but_into_gaps(steps in proptest::collection::vec(0..6_u8, 0..200)) {
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
            for place in out {
                let (first, count) = match place.0 {
                    Place::QueuedBytes(number) => (number, 1),
                    Place::Gap(gap) => (gap.first, gap.count),
                };
                prop_assert_eq!(first, expected);
                expected += count;
            }
            prop_assert_eq!(expected, next);
        }
    }
}
