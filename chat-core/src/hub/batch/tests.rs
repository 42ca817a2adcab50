//! A batch against the plain way: a list of bytes for each member.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::model::event::EventKind;
use crate::model::text::Text;
use crate::session::Encode;

struct Plain;

impl Encode for Plain {
    fn encode(&self, event: &Event, out: &mut Vec<u8>) {
        let EventKind::Pong { token } = event.kind() else { panic!("no {event:?} here") };
        assert_ne!(token.as_str(), "magic", "the magic word");
        out.extend_from_slice(token.as_bytes());
    }
}

fn event(text: &str) -> Event {
    EventKind::Pong { token: Text::clean(text) }.into()
}

/// A batch with one stream, and somebody who hears it from the beginning.
fn batch() -> (Batch, StreamId, RecipientView) {
    let mut batch = Batch::default();
    let stream = batch.open(Encoder::new(Plain), Place::Here);
    let mut view = RecipientView::default();
    view.open(stream, &batch);
    (batch, stream, view)
}

fn say(batch: &mut Batch, stream: StreamId, text: &str) -> Sequence {
    let sequence = batch.sequence(1);
    batch.broadcast(stream, sequence, &event(text));
    sequence
}

fn tell(batch: &mut Batch, view: &mut RecipientView, text: &str) {
    let own = batch.encode(&Encoder::new(Plain), &event(text)).expect("it encodes");
    batch.tell(view, own);
}

fn tell_in_new_part(batch: &mut Batch, view: &mut RecipientView, text: &str) {
    let own = batch.encode(&Encoder::new(Plain), &event(text)).expect("it encodes");
    batch.tell_in_new_part(view, own);
}

fn all<'a>(batch: &'a Batch, view: &RecipientView) -> Payload<'a> {
    view.payload(batch, 0..view.parts())
}

fn heard(payload: &Payload<'_>) -> Vec<u8> {
    payload.pieces().collect::<Vec<_>>().concat()
}

#[test]
fn one_who_only_listened_hears_the_shared_bytes_as_one_slice() {
    let (mut batch, stream, view) = batch();
    for text in ["one", "two", "three"] {
        say(&mut batch, stream, text);
    }
    assert_eq!(all(&batch, &view).whole(), Some(&b"onetwothree"[..]));
}

#[test]
fn one_who_is_in_several_rooms_hears_a_whole_slice_while_one_speaks() {
    let (mut batch, stream, mut view) = batch();
    let silent = batch.open(Encoder::new(Plain), Place::Here);
    view.open(silent, &batch);
    say(&mut batch, stream, "one");
    say(&mut batch, stream, "two");
    assert_eq!(all(&batch, &view).whole(), Some(&b"onetwo"[..]));
}

/// What is kept of a view for later, in pieces that may be left out; whether each views the copy of its stream.
fn runs(batch: &Batch, view: &RecipientView) -> Vec<(String, bool)> {
    let shared =
        |kept: &QueuedBytes| batch.loud().iter().any(|stream| Arc::ptr_eq(batch.stream(*stream).queued(), &kept.bytes));
    let shown = |kept: &QueuedBytes| String::from_utf8_lossy(kept.as_slice()).into_owned();
    all(batch, view).rest_in_runs(0).iter().map(|(kept, _)| (shown(kept), shared(kept))).collect()
}

#[test]
fn who_hears_little_of_what_is_said_keeps_only_that_alive() {
    let (mut batch, stream, mut view) = batch();
    let mut deaf = RecipientView::default();
    deaf.open(stream, &batch);
    for text in ["one", "a much longer text", "two"] {
        let sequence = say(&mut batch, stream, text);
        if text.len() > 3 {
            deaf.skip(sequence);
        } else if text == "one" {
            view.skip(sequence);
        }
    }
    assert_eq!(runs(&batch, &deaf), [("one".to_owned(), false), ("two".to_owned(), false)]);
    assert_eq!(runs(&batch, &view), [("a much longer texttwo".to_owned(), true)]);
}

#[test]
fn what_a_framing_does_not_show_is_no_message_that_could_be_missed() {
    let (mut batch, stream, view) = batch();
    for text in ["", "one", "", "two", ""] {
        say(&mut batch, stream, text);
    }
    let runs = all(&batch, &view).rest_in_runs(0);
    let messages: Vec<_> = runs.iter().filter_map(|(_, messages)| messages.map(|messages| messages.count)).collect();
    assert_eq!(messages, [2]);
    assert_eq!(heard(&all(&batch, &view)), b"onetwo");
}

#[test]
fn what_is_said_in_several_rooms_keeps_its_order() {
    let (mut batch, stream, mut view) = batch();
    let other = batch.open(Encoder::new(Plain), Place::Here);
    view.open(other, &batch);
    say(&mut batch, stream, "one ");
    say(&mut batch, other, "two ");
    tell(&mut batch, &mut view, "alone ");
    say(&mut batch, stream, "three ");
    let mine = say(&mut batch, other, "mine ");
    view.skip(mine);
    say(&mut batch, other, "four");
    assert_eq!(heard(&all(&batch, &view)), b"one two alone three four");
}

#[test]
fn a_new_part_begins_behind_what_was_said_before() {
    let (mut batch, stream, mut view) = batch();
    say(&mut batch, stream, "one ");
    tell_in_new_part(&mut batch, &mut view, "PONG ");
    say(&mut batch, stream, "two ");
    let own = say(&mut batch, stream, "mine");
    view.skip(own);
    tell_in_new_part(&mut batch, &mut view, "PONG ");
    let parts: Vec<_> = (0..view.parts()).map(|part| heard(&view.payload(&batch, part..part + 1))).collect();
    assert_eq!(parts, [&b"one "[..], b"PONG two ", b"PONG "]);
    assert_eq!(heard(&view.payload(&batch, 1..3)), b"PONG two PONG ");
}

#[test]
fn an_encoder_that_panics_leaves_no_half_event() {
    let (mut batch, stream, view) = batch();
    say(&mut batch, stream, "one");
    assert!(!view.is_broken(&batch));
    say(&mut batch, stream, "magic");
    assert!(view.is_broken(&batch));
    assert_eq!(batch.encode(&Encoder::new(Plain), &event("magic")), Err(EncoderPanicked));
    assert_eq!(heard(&all(&batch, &view)), b"one");
}

#[test]
fn those_who_lag_share_one_copy_of_what_they_all_must_hear() {
    let (mut batch, stream, view) = batch();
    say(&mut batch, stream, "0123456789");
    let [first, second] = [0, 4].map(|sent| all(&batch, &view).rest(sent).expect("there is a rest"));
    assert!(Arc::ptr_eq(&first.bytes, &second.bytes));
    assert_eq!(second.as_slice(), b"456789");

    let little = all(&batch, &view).rest(8).expect("there is a rest");
    assert_eq!(&*little.bytes, b"89", "a short rest does not keep the whole batch alive");
    assert!(all(&batch, &view).rest(10).is_none());
}

#[test]
fn a_stream_that_nobody_reads_any_more_is_heard_to_the_end_of_the_pass() {
    let (mut batch, stream, mut view) = batch();
    say(&mut batch, stream, "one");
    view.close(stream, &batch);
    batch.close(stream);
    assert_eq!(heard(&all(&batch, &view)), b"one");
    view.clear();
    batch.clear();
    assert!(all(&batch, &view).is_empty());
    assert_eq!(batch.open(Encoder::new(Plain), Place::Here), stream, "its number is used again");
    assert!(all(&batch, &view).is_empty());
}

const MEMBERS: usize = 4;
const ROOMS: usize = 3;

/// What happens in a batch to one of the members, or in one of the rooms.
#[derive(Clone, Debug)]
enum Step {
    Say(usize, usize, String),
    Tell(usize, String),
    TellInNewPart(usize, String),
    Enter(usize, usize),
    Leave(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let (member, room) = (0..MEMBERS, 0..ROOMS);
    prop_oneof![
        5 => (member.clone(), room.clone(), "[a-z]{0,5}").prop_map(|(member, room, text)| Step::Say(member, room, text)),
        2 => (member.clone(), "[A-Z]{0,5}").prop_map(|(member, text)| Step::Tell(member, text)),
        1 => (member.clone(), "[A-Z]{0,5}").prop_map(|(member, text)| Step::TellInNewPart(member, text)),
        3 => (member.clone(), room.clone()).prop_map(|(member, room)| Step::Enter(member, room)),
        1 => (member, room).prop_map(|(member, room)| Step::Leave(member, room)),
    ]
}

/// A member, as the batch has it and as a list.
#[derive(Default)]
struct Member {
    view: RecipientView,
    rooms: [bool; ROOMS],
    list: Vec<u8>,
}

/// One batch: afterwards each member hears what its list holds.
fn follow(batch: &mut Batch, rooms: &[StreamId], members: &mut [Member], steps: Vec<Step>) {
    for step in steps {
        match step {
            Step::Say(from, room, text) => {
                let sequence = say(batch, rooms[room], &text);
                members[from].view.skip(sequence);
                let hearers = members.iter_mut().enumerate().filter(|(number, _)| *number != from);
                for (_, member) in hearers.filter(|(_, member)| member.rooms[room]) {
                    member.list.extend_from_slice(text.as_bytes());
                }
            }
            Step::Tell(to, text) => {
                tell(batch, &mut members[to].view, &text);
                members[to].list.extend_from_slice(text.as_bytes());
            }
            Step::TellInNewPart(to, text) => {
                tell_in_new_part(batch, &mut members[to].view, &text);
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
    fn everybody_hears_what_a_list_for_each_would_hold(
        batches in prop::collection::vec(prop::collection::vec(step(), 0..40), 1..4),
        sent: prop::sample::Index,
    ) {
        let mut batch = Batch::default();
        let rooms: Vec<_> = (0..ROOMS).map(|_| batch.open(Encoder::new(Plain), Place::Here)).collect();
        let mut members: Vec<_> = (0..MEMBERS).map(|_| Member::default()).collect();
        for steps in batches {
            follow(&mut batch, &rooms, &mut members, steps);
            for Member { view, list, .. } in &mut members {
                prop_assert_eq!(heard(&all(&batch, view)), list.clone());
                let parts = (0..view.parts()).map(|part| heard(&view.payload(&batch, part..part + 1)));
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
