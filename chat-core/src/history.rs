//! What was said in a room, for those who come later.
//!
//! It must not know who asks, nor how it is shown.

use std::collections::VecDeque;
use std::fmt;

use crate::event::{Event, EventKind};
use crate::limits::Limits;

/// What one room remembers: its messages, which are what is [`Said`](EventKind::Said) [for people](crate::Manner::is_for_people).
///
/// The hub calls it while it works for everybody, so it must not block. [`Recent`] is the default; a store of one's own is
/// set as [`HubOptions::history`](crate::HubOptions::history).
///
/// ```
/// use chat_core::{Event, History, HubOptions, Room};
///
/// /// Remembers the last message alone.
/// #[derive(Debug, Default)]
/// struct Last(Option<Event>);
///
/// impl History for Last {
///     fn keep(&mut self, event: &Event) {
///         self.0 = Some(event.clone());
///     }
///     fn last(&self, count: usize) -> Vec<Event> {
///         self.0.iter().take(count).cloned().collect()
///     }
/// }
///
/// let mut options = HubOptions::default();
/// options.history = Some(Box::new(|_room| Box::new(Last::default())));
/// let room = Room::with_options("lobby", options)?;
/// # Ok::<(), chat_core::RoomError>(())
/// ```
pub trait History: fmt::Debug + Send {
    /// Remembers a message.
    fn keep(&mut self, event: &Event);

    /// The last messages, `count` of them or as many as there are, the oldest first.
    fn last(&self, count: usize) -> Vec<Event>;
}

/// The last messages of a room, in memory: [`Limits::history`] of them, but of no more than [`Limits::history_bytes`]
/// bytes of text.
///
/// ```
/// use chat_core::{EventKind, History, Limits, Manner, Name, Recent};
///
/// let mut limits = Limits::default();
/// limits.history = 1;
/// let mut recent = Recent::new(&limits);
/// for text in ["one", "two"] {
///     let (room, from) = ("lobby".parse()?, Name::address("a:1"));
///     recent.keep(&EventKind::Said { room, from, text: text.into(), manner: Manner::Plain }.into());
/// }
/// let last = recent.last(10);
/// assert!(matches!(last[0].kind(), EventKind::Said { text, .. } if text.as_str() == "two"));
/// assert_eq!(last.len(), 1);
/// # Ok::<(), chat_core::RoomNameError>(())
/// ```
#[derive(Debug)]
pub struct Recent {
    events: VecDeque<Event>,
    /// The bytes of their texts.
    bytes: usize,
    most_events: usize,
    most_bytes: usize,
}

impl Recent {
    /// Remembers nothing yet, and never more than `limits` allow.
    #[must_use]
    pub fn new(limits: &Limits) -> Recent {
        let (most_events, most_bytes) = (limits.history, limits.history_bytes);
        Recent { events: VecDeque::new(), bytes: 0, most_events, most_bytes }
    }
}

impl History for Recent {
    fn keep(&mut self, event: &Event) {
        if self.most_events == 0 {
            return;
        }
        self.bytes += length(event);
        self.events.push_back(event.clone());
        while self.events.len() > self.most_events || self.bytes > self.most_bytes {
            let Some(oldest) = self.events.pop_front() else { return };
            self.bytes -= length(&oldest);
        }
    }

    fn last(&self, count: usize) -> Vec<Event> {
        self.events.iter().skip(self.events.len().saturating_sub(count)).cloned().collect()
    }
}

fn length(event: &Event) -> usize {
    match event.kind() {
        EventKind::Said { text, .. } => text.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::Name;
    use crate::words::Manner;

    #[track_caller]
    fn check(events: usize, bytes: usize, said: &[&str], last: &[&str]) {
        let limits = Limits { history: events, history_bytes: bytes, ..Limits::default() };
        let mut recent = Recent::new(&limits);
        for text in said {
            let (room, from) = ("lobby".parse().expect("a room's name"), Name::address("192.0.2.1:1"));
            recent.keep(&EventKind::Said { room, from, text: (*text).into(), manner: Manner::Plain }.into());
        }
        let texts = recent.last(usize::MAX).into_iter().map(|event| match event.kind() {
            EventKind::Said { text, .. } => text.to_string(),
            other => panic!("{other:?}"),
        });
        assert_eq!(texts.collect::<Vec<_>>(), last);
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        check(2, 1000, &["a", "b"], &["a", "b"]);
        check(2, 1000, &["a", "b", "c"], &["b", "c"]);
        check(0, 1000, &["a"], &[]);
    }

    #[test]
    fn the_oldest_go_when_they_are_too_long() {
        check(10, 4, &["aa", "bb"], &["aa", "bb"]);
        check(10, 4, &["aa", "bb", "c"], &["bb", "c"]);
        check(10, 4, &["aa", "bbbbb"], &[]);
        check(10, 4, &["aa", "bbbbb", "c"], &["c"]);
    }
}
