//! The message history of a room, and the queries that read it.
//!
//! This module must not know which member asks, or how a framing shows the answer.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, SystemTime};

use crate::model::event::{Event, EventKind, RoomEvent};
use crate::model::limits::Limits;

/// The history of one room: its [`Said`](EventKind::Room(RoomEvent::Said)) events whose kind is
/// [for people](crate::message::MessageKind::is_for_people).
///
/// All members wait while the hub calls a method of the history, so no method may block. [`Recent`] is the default. Set
/// your own store as [`HubOptions::history`](crate::hub::HubOptions::history).
///
/// ```
/// use chat_core::{Event, Hub};
/// use chat_core::hub::HubOptions;
/// use chat_core::message::History;
///
/// /// A history of one message.
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
/// let hub = Hub::builder().options(options).home("lobby".parse()?).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait History: fmt::Debug + Send {
    /// Stores a message.
    fn keep(&mut self, event: &Event);

    /// Returns the last `count` messages, or all if there are fewer; the oldest first.
    fn last(&self, count: usize) -> Vec<Event>;

    /// Returns the messages that match a query, the oldest first.
    ///
    /// The default implementation filters all messages.
    fn query(&self, query: &HistoryQuery) -> Vec<Event> {
        match query {
            HistoryQuery { after: None, before: None, part: Page::Last(count) } => self.last(*count),
            query => query.of(self.last(usize::MAX)),
        }
    }
}

/// A query for a part of a room's history.
///
/// ```
/// use chat_core::message::{Anchor, HistoryQuery, Page};
///
/// let all = HistoryQuery::default();
/// assert_eq!(all, HistoryQuery { after: None, before: None, part: Page::Last(usize::MAX) });
/// let missed = HistoryQuery { after: Some(Anchor::Number(17)), ..all };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryQuery {
    /// The lower bound: only messages after this anchor match. `None` for no lower bound.
    pub after: Option<Anchor>,
    /// The upper bound: only messages before this anchor match. `None` for no upper bound.
    pub before: Option<Anchor>,
    /// The part of the messages between the bounds that the query returns.
    pub part: Page,
}

impl HistoryQuery {
    /// Creates a query for the last `count` messages.
    #[must_use]
    pub fn last(count: usize) -> HistoryQuery {
        HistoryQuery { after: None, before: None, part: Page::Last(count) }
    }

    /// Returns the events that match the query. `events` must be in order, the oldest first.
    #[must_use]
    pub fn of(&self, mut events: Vec<Event>) -> Vec<Event> {
        events.retain(|event| {
            let is_after = self.after.as_ref().is_none_or(|anchor| anchor.is_before(event));
            is_after && self.before.as_ref().is_none_or(|anchor| anchor.is_after(event))
        });
        let (skip, count) = match &self.part {
            Page::Last(count) => (events.len().saturating_sub(*count), *count),
            Page::First(count) => (0, *count),
            Page::Around(anchor, count) => {
                let position = events.iter().position(|event| !anchor.is_after(event)).unwrap_or(events.len());
                (position.saturating_sub(count / 2), *count)
            }
        };
        events.into_iter().skip(skip).take(count).collect()
    }
}

impl Default for HistoryQuery {
    fn default() -> HistoryQuery {
        HistoryQuery::last(usize::MAX)
    }
}

/// The part of a range of messages that a query returns. See [`HistoryQuery`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// The last messages, at most this many.
    Last(usize),
    /// The first messages, at most this many.
    First(usize),
    /// The messages around this anchor, at most this many, including the message at the anchor. At most half of them
    /// are before the anchor.
    Around(Anchor, usize),
}

/// A position among messages. See [`HistoryQuery`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The message with this number ([`Event::number`]).
    Number(u64),
    /// This time, compared to the millisecond.
    Time(SystemTime),
}

impl Anchor {
    /// Returns whether the anchor is before an event.
    fn is_before(&self, event: &Event) -> bool {
        match self {
            Anchor::Number(number) => event.number() > *number,
            Anchor::Time(time) => millis(event.time()) > millis(*time),
        }
    }

    /// Returns whether the anchor is after an event.
    fn is_after(&self, event: &Event) -> bool {
        match self {
            Anchor::Number(number) => event.number() < *number,
            Anchor::Time(time) => millis(event.time()) < millis(*time),
        }
    }
}

/// Returns the milliseconds since 1970, the precision that framings show; 0 for an earlier time.
fn millis(time: SystemTime) -> u128 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_millis()
}

/// The default history: the last messages of a room, in memory.
///
/// It keeps at most [`Limits::history`] messages with at most [`Limits::history_bytes`] bytes of text in all.
///
/// ```
/// use chat_core::event::RoomEvent;
/// use chat_core::EventKind;
/// use chat_core::hub::Limits;
/// use chat_core::message::{History, MessageKind, Recent};
/// use chat_core::name::Name;
///
/// let mut limits = Limits::default();
/// limits.history = 1;
/// let mut recent = Recent::new(&limits);
/// for text in ["one", "two"] {
///     let (room, from) = ("lobby".parse()?, Name::address("a:1"));
///     recent.keep(&EventKind::Room(RoomEvent::Said { room, from, text: text.into(), kind: MessageKind::Message }).into());
/// }
/// let last = recent.last(10);
/// assert!(matches!(last[0].kind(), EventKind::Room(RoomEvent::Said { text, .. }) if text.as_str() == "two"));
/// assert_eq!(last.len(), 1);
/// # Ok::<(), chat_core::name::ParseRoomNameError>(())
/// ```
#[derive(Debug)]
pub struct Recent {
    events: VecDeque<Event>,
    /// The total length of the texts of all events, in bytes.
    bytes: usize,
    max_events: usize,
    max_bytes: usize,
}

impl Recent {
    /// Creates an empty history that never exceeds `limits`.
    #[must_use]
    pub fn new(limits: &Limits) -> Recent {
        let (max_events, max_bytes) = (limits.history, limits.history_bytes);
        Recent { events: VecDeque::new(), bytes: 0, max_events, max_bytes }
    }
}

impl History for Recent {
    fn keep(&mut self, event: &Event) {
        if self.max_events == 0 {
            return;
        }
        self.bytes += text_length(event);
        self.events.push_back(event.clone());
        while self.events.len() > self.max_events || self.bytes > self.max_bytes {
            let Some(oldest) = self.events.pop_front() else { return };
            self.bytes -= text_length(&oldest);
        }
    }

    fn last(&self, count: usize) -> Vec<Event> {
        self.events.iter().skip(self.events.len().saturating_sub(count)).cloned().collect()
    }
}

fn text_length(event: &Event) -> usize {
    match event.kind() {
        EventKind::Room(RoomEvent::Said { text, .. }) => text.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::message::MessageKind;
    use crate::model::name::Name;

    #[track_caller]
    fn check(events: usize, bytes: usize, said: &[&str], last: &[&str]) {
        let limits = Limits { history: events, history_bytes: bytes, ..Limits::default() };
        let mut recent = Recent::new(&limits);
        for text in said {
            let (room, from) = ("lobby".parse().expect("a room's name"), Name::address("192.0.2.1:1"));
            recent.keep(
                &EventKind::Room(RoomEvent::Said { room, from, text: (*text).into(), kind: MessageKind::Message })
                    .into(),
            );
        }
        let texts = recent.last(usize::MAX).into_iter().map(|event| match event.kind() {
            EventKind::Room(RoomEvent::Said { text, .. }) => text.to_string(),
            other => panic!("{other:?}"),
        });
        assert_eq!(texts.collect::<Vec<_>>(), last);
    }

    #[test]
    fn recent_drops_oldest_at_count_limit() {
        check(2, 1000, &["a", "b"], &["a", "b"]);
        check(2, 1000, &["a", "b", "c"], &["b", "c"]);
        check(0, 1000, &["a"], &[]);
    }

    #[test]
    fn recent_drops_oldest_at_byte_limit() {
        check(10, 4, &["aa", "bb"], &["aa", "bb"]);
        check(10, 4, &["aa", "bb", "c"], &["bb", "c"]);
        check(10, 4, &["aa", "bbbbb"], &[]);
        check(10, 4, &["aa", "bbbbb", "c"], &["c"]);
    }

    /// Checks the numbers of the messages that a query returns. The history has ten messages, 10 to 19, one second
    /// apart.
    #[track_caller]
    fn query(after: Option<Anchor>, before: Option<Anchor>, part: Page, numbers: &[u64]) {
        let events = (10..20).map(|number| {
            let (room, from) = ("lobby".parse().expect("a room's name"), Name::address("192.0.2.1:1"));
            let said = EventKind::Room(RoomEvent::Said { room, from, text: "x".into(), kind: MessageKind::Message });
            Event::new(number, at(number), said)
        });
        let query = HistoryQuery { after, before, part };
        let found: Vec<_> = query.of(events.collect()).iter().map(Event::number).collect();
        assert_eq!(found, numbers, "{query:?}");
    }

    fn at(second: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(second) + Duration::from_nanos(7)
    }

    #[test]
    fn query_selects_by_number_and_by_time() {
        let (number, time) = (|number| Some(Anchor::Number(number)), |second| Some(Anchor::Time(at(second))));
        query(None, None, Page::Last(3), &[17, 18, 19]);
        query(None, None, Page::First(2), &[10, 11]);
        for anchor in [number, time] {
            query(anchor(16), None, Page::Last(10), &[17, 18, 19]);
            query(anchor(16), None, Page::First(2), &[17, 18]);
            query(None, anchor(12), Page::Last(1), &[11]);
            query(anchor(12), anchor(16), Page::Last(2), &[14, 15]);
            query(anchor(16), anchor(12), Page::Last(2), &[]);
            query(None, None, Page::Around(anchor(14).expect("an anchor"), 3), &[13, 14, 15]);
            query(None, None, Page::Around(anchor(14).expect("an anchor"), 1), &[14]);
            query(None, None, Page::Around(anchor(10).expect("an anchor"), 3), &[10, 11, 12]);
            query(None, None, Page::Around(anchor(99).expect("an anchor"), 4), &[18, 19]);
        }
        query(Some(Anchor::Time(at(16) + Duration::from_micros(900))), None, Page::Last(9), &[17, 18, 19]);
        query(None, Some(Anchor::Time(SystemTime::UNIX_EPOCH - Duration::from_secs(9))), Page::Last(9), &[]);
    }
}
