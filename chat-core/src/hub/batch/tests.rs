//! Batches, compared with a simple model: one list of bytes for each member.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::model::event::{EventKind, Reply};
use crate::model::text::Text;
use crate::session::Encode;

struct Plain;

impl Encode for Plain {
    fn encode(&self, event: &Event, out: &mut Vec<u8>) {
        let EventKind::Reply(Reply::Pong { token }) = event.kind() else { panic!("unexpected {event:?}") };
        assert_ne!(token.as_str(), "magic", "the magic word");
        out.extend_from_slice(token.as_str().as_bytes());
    }
}

fn event(text: &str) -> Event {
    Reply::Pong { token: Text::clean(text) }.into()
}

/// Returns a batch with one stream, and a view that reads it from the beginning.
fn batch() -> (Batch, StreamId, RecipientView) {
    let mut batch = Batch::default();
    let stream = batch.open(Encoder::new(Plain), Place::Here);
    let mut view = RecipientView::default();
    view.open(stream, &batch);
    (batch, stream, view)
}

fn broadcast(batch: &mut Batch, stream: StreamId, text: &str) -> Sequence {
    let sequence = batch.next_sequence(1);
    batch.broadcast(stream, sequence, &event(text));
    sequence
}

fn unicast(batch: &mut Batch, view: &mut RecipientView, text: &str) {
    let bytes = batch.encode(&Encoder::new(Plain), &event(text)).expect("it encodes");
    batch.insert(view, bytes);
}

fn unicast_in_new_part(batch: &mut Batch, view: &mut RecipientView, text: &str) {
    let bytes = batch.encode(&Encoder::new(Plain), &event(text)).expect("it encodes");
    batch.insert_in_new_part(view, bytes);
}

fn all<'a>(batch: &'a Batch, view: &RecipientView) -> Payload<'a> {
    view.payload(batch, 0..view.parts())
}

fn received(payload: &Payload<'_>) -> Vec<u8> {
    payload.pieces().collect::<Vec<_>>().concat()
}

#[test]
fn silent_member_gets_one_shared_slice() {
    let (mut batch, stream, view) = batch();
    for text in ["one", "two", "three"] {
        broadcast(&mut batch, stream, text);
    }
    assert_eq!(all(&batch, &view).as_slice(), Some(&b"onetwothree"[..]));
}

#[test]
fn single_active_room_gives_one_slice() {
    let (mut batch, stream, mut view) = batch();
    let silent = batch.open(Encoder::new(Plain), Place::Here);
    view.open(silent, &batch);
    broadcast(&mut batch, stream, "one");
    broadcast(&mut batch, stream, "two");
    assert_eq!(all(&batch, &view).as_slice(), Some(&b"onetwo"[..]));
}

/// Returns the queued runs of a view, and for each run whether it shares the copy of its stream.
fn runs(batch: &Batch, view: &RecipientView) -> Vec<(String, bool)> {
    let shared = |queued: &QueuedBytes| {
        batch.active_streams().iter().any(|stream| Arc::ptr_eq(batch.stream(*stream).shared_copy(), &queued.bytes))
    };
    let text = |queued: &QueuedBytes| String::from_utf8_lossy(queued.as_slice()).into_owned();
    all(batch, view).rest_in_runs(0).iter().map(|(queued, _)| (text(queued), shared(queued))).collect()
}

#[test]
fn view_of_little_keeps_no_whole_stream() {
    let (mut batch, stream, mut view) = batch();
    let mut small = RecipientView::default();
    small.open(stream, &batch);
    for text in ["one", "a much longer text", "two"] {
        let sequence = broadcast(&mut batch, stream, text);
        if text.len() > 3 {
            small.exclude(sequence);
        } else if text == "one" {
            view.exclude(sequence);
        }
    }
    assert_eq!(runs(&batch, &small), [("one".to_owned(), false), ("two".to_owned(), false)]);
    assert_eq!(runs(&batch, &view), [("a much longer texttwo".to_owned(), true)]);
}

#[test]
fn hidden_events_do_not_count_as_messages() {
    let (mut batch, stream, view) = batch();
    for text in ["", "one", "", "two", ""] {
        broadcast(&mut batch, stream, text);
    }
    let runs = all(&batch, &view).rest_in_runs(0);
    let messages: Vec<_> = runs.iter().filter_map(|(_, gap)| gap.as_ref().map(|gap| gap.messages.count)).collect();
    assert_eq!(messages, [2]);
    assert_eq!(received(&all(&batch, &view)), b"onetwo");
}

#[test]
fn broadcasts_of_several_rooms_keep_their_order() {
    let (mut batch, stream, mut view) = batch();
    let other = batch.open(Encoder::new(Plain), Place::Here);
    view.open(other, &batch);
    broadcast(&mut batch, stream, "one ");
    broadcast(&mut batch, other, "two ");
    unicast(&mut batch, &mut view, "alone ");
    broadcast(&mut batch, stream, "three ");
    let mine = broadcast(&mut batch, other, "mine ");
    view.exclude(mine);
    broadcast(&mut batch, other, "four");
    assert_eq!(received(&all(&batch, &view)), b"one two alone three four");
}

#[test]
fn new_part_begins_after_earlier_broadcasts() {
    let (mut batch, stream, mut view) = batch();
    broadcast(&mut batch, stream, "one ");
    unicast_in_new_part(&mut batch, &mut view, "PONG ");
    broadcast(&mut batch, stream, "two ");
    let own = broadcast(&mut batch, stream, "mine");
    view.exclude(own);
    unicast_in_new_part(&mut batch, &mut view, "PONG ");
    let parts: Vec<_> = (0..view.parts()).map(|part| received(&view.payload(&batch, part..part + 1))).collect();
    assert_eq!(parts, [&b"one "[..], b"PONG two ", b"PONG "]);
    assert_eq!(received(&view.payload(&batch, 1..3)), b"PONG two PONG ");
}

#[test]
fn panicking_encoder_leaves_no_partial_event() {
    let (mut batch, stream, view) = batch();
    broadcast(&mut batch, stream, "one");
    assert!(!view.is_broken(&batch));
    broadcast(&mut batch, stream, "magic");
    assert!(view.is_broken(&batch));
    assert_eq!(batch.encode(&Encoder::new(Plain), &event("magic")), Err(EncoderPanicked));
    assert_eq!(received(&all(&batch, &view)), b"one");
}

#[test]
fn slow_recipients_share_one_copy() {
    let (mut batch, stream, view) = batch();
    broadcast(&mut batch, stream, "0123456789");
    let [first, second] = [0, 4].map(|sent| all(&batch, &view).rest(sent).expect("there is a rest"));
    assert!(Arc::ptr_eq(&first.bytes, &second.bytes));
    assert_eq!(second.as_slice(), b"456789");

    let short = all(&batch, &view).rest(8).expect("there is a rest");
    assert_eq!(&*short.bytes, b"89", "a short rest does not keep the whole batch alive");
    assert!(all(&batch, &view).rest(10).is_none());
}

#[test]
fn closed_stream_stays_readable_until_batch_ends() {
    let (mut batch, stream, mut view) = batch();
    broadcast(&mut batch, stream, "one");
    view.close(stream, &batch);
    batch.close(stream);
    assert_eq!(received(&all(&batch, &view)), b"one");
    view.clear();
    batch.clear();
    assert!(all(&batch, &view).is_empty());
    assert_eq!(batch.open(Encoder::new(Plain), Place::Here), stream, "the batch reuses the index");
    assert!(all(&batch, &view).is_empty());
}

const MEMBERS: usize = 4;
const ROOMS: usize = 3;

/// A step of a batch. The numbers are members and rooms.
#[derive(Clone, Debug)]
enum Step {
    Broadcast(usize, usize, String),
    Unicast(usize, String),
    UnicastInNewPart(usize, String),
    Enter(usize, usize),
    Leave(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let (member, room) = (0..MEMBERS, 0..ROOMS);
    prop_oneof![
        5 => (member.clone(), room.clone(), "[a-z]{0,5}")
            .prop_map(|(member, room, text)| Step::Broadcast(member, room, text)),
        2 => (member.clone(), "[A-Z]{0,5}").prop_map(|(member, text)| Step::Unicast(member, text)),
        1 => (member.clone(), "[A-Z]{0,5}").prop_map(|(member, text)| Step::UnicastInNewPart(member, text)),
        3 => (member.clone(), room.clone()).prop_map(|(member, room)| Step::Enter(member, room)),
        1 => (member, room).prop_map(|(member, room)| Step::Leave(member, room)),
    ]
}

/// A member: its view of the batch, and the list of the bytes that it must receive.
#[derive(Default)]
struct Member {
    view: RecipientView,
    rooms: [bool; ROOMS],
    list: Vec<u8>,
}

/// Applies the steps to the batch and to the members' lists.
fn apply(batch: &mut Batch, rooms: &[StreamId], members: &mut [Member], steps: Vec<Step>) {
    for step in steps {
        match step {
            Step::Broadcast(from, room, text) => {
                let sequence = broadcast(batch, rooms[room], &text);
                members[from].view.exclude(sequence);
                let others = members.iter_mut().enumerate().filter(|(number, _)| *number != from);
                for (_, member) in others.filter(|(_, member)| member.rooms[room]) {
                    member.list.extend_from_slice(text.as_bytes());
                }
            }
            Step::Unicast(to, text) => {
                unicast(batch, &mut members[to].view, &text);
                members[to].list.extend_from_slice(text.as_bytes());
            }
            Step::UnicastInNewPart(to, text) => {
                unicast_in_new_part(batch, &mut members[to].view, &text);
                members[to].list.extend_from_slice(text.as_bytes());
            }
            Step::Enter(member, room) => {
                if !std::mem::replace(&mut members[member].rooms[room], true) {
                    members[member].view.open(rooms[room], batch);
                }
            }
            Step::Leave(member, room) => {
                if std::mem::replace(&mut members[member].rooms[room], false) {
                    members[member].view.close(rooms[room], batch);
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn views_equal_a_list_per_member(
        batches in prop::collection::vec(prop::collection::vec(step(), 0..40), 1..4),
        sent: prop::sample::Index,
    ) {
        let mut batch = Batch::default();
        let rooms: Vec<_> = (0..ROOMS).map(|_| batch.open(Encoder::new(Plain), Place::Here)).collect();
        let mut members: Vec<_> = (0..MEMBERS).map(|_| Member::default()).collect();
        for steps in batches {
            apply(&mut batch, &rooms, &mut members, steps);
            for Member { view, list, .. } in &mut members {
                prop_assert_eq!(received(&all(&batch, view)), list.clone());
                let parts = (0..view.parts()).map(|part| received(&view.payload(&batch, part..part + 1)));
                prop_assert_eq!(parts.collect::<Vec<_>>().concat(), list.clone());
                let sent = sent.index(list.len() + 1);
                let rest = all(&batch, view).rest(sent);
                prop_assert_eq!(rest.as_ref().map_or(&[][..], QueuedBytes::as_slice), &list[sent..]);
                view.clear();
                list.clear();
            }
            batch.clear();
        }
    }
}
