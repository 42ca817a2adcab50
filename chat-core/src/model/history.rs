//! What was said in a room, for those who come later.
//!
//! It must not know who asks, nor how it is shown.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, SystemTime};

use crate::model::event::{Event, EventKind};
use crate::model::limits::Limits;

/// What one room remembers: its messages, which are what is [`Said`](EventKind::Said) [for people](crate::MessageKind::is_for_people).
///
/// The hub calls it while it works for everybody, so it must not block. [`Recent`] is the default; a store of one's own is
/// set as [`HubOptions::history`](crate::HubOptions::history).
///
/// ```
/// use chat_core::{Event, History, HubOptions, Hub};
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
/// let hub = Hub::builder().options(options).home("lobby".parse()?).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait History: fmt::Debug + Send {
    /// Remembers a message.
    fn keep(&mut self, event: &Event);

    /// The last messages, `count` of them or as many as there are, the oldest first.
    fn last(&self, count: usize) -> Vec<Event>;

    /// A part of the messages, the oldest first. By default it is looked for in all that there are.
    fn query(&self, query: &HistoryQuery) -> Vec<Event> {
        match query {
            HistoryQuery { after: None, before: None, part: Page::Last(count) } => self.last(*count),
            query => query.of(self.last(usize::MAX)),
        }
    }
}

/// A part of what a room remembers.
///
/// ```
/// use chat_core::{Anchor, HistoryQuery, Page};
///
/// let all = HistoryQuery::default();
/// assert_eq!(all, HistoryQuery { after: None, before: None, part: Page::Last(usize::MAX) });
/// let missed = HistoryQuery { after: Some(Anchor::Number(17)), ..all };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Only what came after that, if it is said.
    pub after: Option<Anchor>,
    /// Only what came before that, if it is said.
    pub before: Option<Anchor>,
    /// Which of these.
    pub part: Page,
}

impl HistoryQuery {
    /// The last so many.
    #[must_use]
    pub fn last(count: usize) -> HistoryQuery {
        HistoryQuery { after: None, before: None, part: Page::Last(count) }
    }

    /// What it leaves of these events, the oldest of which come first.
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
                let at = events.iter().position(|event| !anchor.is_after(event)).unwrap_or(events.len());
                (at.saturating_sub(count / 2), *count)
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

/// Which messages of those that there are. See [`HistoryQuery`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// The last so many.
    Last(usize),
    /// The first so many.
    First(usize),
    /// So many around this, itself among them: half of them before it, unless there are fewer.
    Around(Anchor, usize),
}

/// A place among messages. See [`HistoryQuery`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The one with this number.
    Number(u64),
    /// This time, to the millisecond.
    Time(SystemTime),
}

impl Anchor {
    /// Whether an event came after it.
    fn is_before(&self, event: &Event) -> bool {
        match self {
            Anchor::Number(number) => event.number() > *number,
            Anchor::Time(time) => millis(event.time()) > millis(*time),
        }
    }

    /// Whether an event came before it.
    fn is_after(&self, event: &Event) -> bool {
        match self {
            Anchor::Number(number) => event.number() < *number,
            Anchor::Time(time) => millis(event.time()) < millis(*time),
        }
    }
}

/// As times are told. What was before 1970 is as old as that.
fn millis(time: SystemTime) -> u128 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_millis()
}

/// The last messages of a room, in memory: [`Limits::history`] of them, but of no more than [`Limits::history_bytes`]
/// bytes of text.
///
/// ```
/// use chat_core::{EventKind, History, Limits, MessageKind, Name, Recent};
///
/// let mut limits = Limits::default();
/// limits.history = 1;
/// let mut recent = Recent::new(&limits);
/// for text in ["one", "two"] {
///     let (room, from) = ("lobby".parse()?, Name::address("a:1"));
///     recent.keep(&EventKind::Said { room, from, text: text.into(), manner: MessageKind::Message }.into());
/// }
/// let last = recent.last(10);
/// assert!(matches!(last[0].kind(), EventKind::Said { text, .. } if text.as_str() == "two"));
/// assert_eq!(last.len(), 1);
/// # Ok::<(), chat_core::ParseRoomNameError>(())
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
    use crate::model::message::MessageKind;
    use crate::model::name::Name;

    #[track_caller]
    fn check(events: usize, bytes: usize, said: &[&str], last: &[&str]) {
        let limits = Limits { history: events, history_bytes: bytes, ..Limits::default() };
        let mut recent = Recent::new(&limits);
        for text in said {
            let (room, from) = ("lobby".parse().expect("a room's name"), Name::address("192.0.2.1:1"));
            recent.keep(&EventKind::Said { room, from, text: (*text).into(), manner: MessageKind::Message }.into());
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

    /// What an query leaves of ten messages with the numbers 10 to 19, each a second after the one before.
    #[track_caller]
    fn query(after: Option<Anchor>, before: Option<Anchor>, part: Page, numbers: &[u64]) {
        let events = (10..20).map(|number| {
            let (room, from) = ("lobby".parse().expect("a room's name"), Name::address("192.0.2.1:1"));
            let said = EventKind::Said { room, from, text: "x".into(), manner: MessageKind::Message };
            Event::new(number, at(number), said)
        });
        let query = HistoryQuery { after, before, part };
        let left: Vec<_> = query.of(events.collect()).iter().map(Event::number).collect();
        assert_eq!(left, numbers, "{query:?}");
    }

    fn at(second: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(second) + Duration::from_nanos(7)
    }

    #[test]
    fn a_part_can_be_asked_for_by_numbers_and_by_times() {
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
