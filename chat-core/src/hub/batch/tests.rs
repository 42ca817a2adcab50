//! A pass against the plain way: a list of bytes for each member.

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

/// A pass with one stream, and somebody who hears it from the beginning.
fn pass() -> (Pass, StreamId, Share) {
    let mut pass = Pass::default();
    let stream = pass.open(Encoder::new(Plain), Place::Here);
    let mut share = Share::default();
    share.open(stream, &pass);
    (pass, stream, share)
}

fn say(pass: &mut Pass, stream: StreamId, text: &str) -> Stamp {
    let stamp = pass.stamp(1);
    pass.broadcast(stream, stamp, &event(text));
    stamp
}

fn tell(pass: &mut Pass, share: &mut Share, text: &str) {
    let own = pass.encode(&Encoder::new(Plain), &event(text)).expect("it encodes");
    pass.tell(share, own);
}

fn tell_in_new_part(pass: &mut Pass, share: &mut Share, text: &str) {
    let own = pass.encode(&Encoder::new(Plain), &event(text)).expect("it encodes");
    pass.tell_in_new_part(share, own);
}

fn all<'a>(pass: &'a Pass, share: &Share) -> Batch<'a> {
    share.batch(pass, 0..share.parts())
}

fn heard(batch: &Batch<'_>) -> Vec<u8> {
    batch.pieces().collect::<Vec<_>>().concat()
}

#[test]
fn one_who_only_listened_hears_the_shared_bytes_as_one_slice() {
    let (mut pass, stream, share) = pass();
    for text in ["one", "two", "three"] {
        say(&mut pass, stream, text);
    }
    assert_eq!(all(&pass, &share).whole(), Some(&b"onetwothree"[..]));
}

#[test]
fn one_who_is_in_several_rooms_hears_a_whole_slice_while_one_speaks() {
    let (mut pass, stream, mut share) = pass();
    let silent = pass.open(Encoder::new(Plain), Place::Here);
    share.open(silent, &pass);
    say(&mut pass, stream, "one");
    say(&mut pass, stream, "two");
    assert_eq!(all(&pass, &share).whole(), Some(&b"onetwo"[..]));
}

/// What is kept of a share for later, in pieces that may be left out; whether each shares the copy of its stream.
fn runs(pass: &Pass, share: &Share) -> Vec<(String, bool)> {
    let shared = |kept: &Kept| pass.loud().iter().any(|stream| Arc::ptr_eq(pass.stream(*stream).kept(), &kept.bytes));
    let shown = |kept: &Kept| String::from_utf8_lossy(kept.as_slice()).into_owned();
    all(pass, share).rest_in_runs(0).iter().map(|(kept, _)| (shown(kept), shared(kept))).collect()
}

#[test]
fn who_hears_little_of_what_is_said_keeps_only_that_alive() {
    let (mut pass, stream, mut share) = pass();
    let mut deaf = Share::default();
    deaf.open(stream, &pass);
    for text in ["one", "a much longer text", "two"] {
        let stamp = say(&mut pass, stream, text);
        if text.len() > 3 {
            deaf.skip(stamp);
        } else if text == "one" {
            share.skip(stamp);
        }
    }
    assert_eq!(runs(&pass, &deaf), [("one".to_owned(), false), ("two".to_owned(), false)]);
    assert_eq!(runs(&pass, &share), [("a much longer texttwo".to_owned(), true)]);
}

#[test]
fn what_a_framing_does_not_show_is_no_message_that_could_be_missed() {
    let (mut pass, stream, share) = pass();
    for text in ["", "one", "", "two", ""] {
        say(&mut pass, stream, text);
    }
    let runs = all(&pass, &share).rest_in_runs(0);
    let messages: Vec<_> = runs.iter().filter_map(|(_, messages)| messages.map(|messages| messages.count)).collect();
    assert_eq!(messages, [2]);
    assert_eq!(heard(&all(&pass, &share)), b"onetwo");
}

#[test]
fn what_is_said_in_several_rooms_keeps_its_order() {
    let (mut pass, stream, mut share) = pass();
    let other = pass.open(Encoder::new(Plain), Place::Here);
    share.open(other, &pass);
    say(&mut pass, stream, "one ");
    say(&mut pass, other, "two ");
    tell(&mut pass, &mut share, "alone ");
    say(&mut pass, stream, "three ");
    let mine = say(&mut pass, other, "mine ");
    share.skip(mine);
    say(&mut pass, other, "four");
    assert_eq!(heard(&all(&pass, &share)), b"one two alone three four");
}

#[test]
fn a_new_part_begins_behind_what_was_said_before() {
    let (mut pass, stream, mut share) = pass();
    say(&mut pass, stream, "one ");
    tell_in_new_part(&mut pass, &mut share, "PONG ");
    say(&mut pass, stream, "two ");
    let own = say(&mut pass, stream, "mine");
    share.skip(own);
    tell_in_new_part(&mut pass, &mut share, "PONG ");
    let parts: Vec<_> = (0..share.parts()).map(|part| heard(&share.batch(&pass, part..part + 1))).collect();
    assert_eq!(parts, [&b"one "[..], b"PONG two ", b"PONG "]);
    assert_eq!(heard(&share.batch(&pass, 1..3)), b"PONG two PONG ");
}

#[test]
fn an_encoder_that_panics_leaves_no_half_event() {
    let (mut pass, stream, share) = pass();
    say(&mut pass, stream, "one");
    assert!(!share.is_broken(&pass));
    say(&mut pass, stream, "magic");
    assert!(share.is_broken(&pass));
    assert_eq!(pass.encode(&Encoder::new(Plain), &event("magic")), Err(EncoderPanicked));
    assert_eq!(heard(&all(&pass, &share)), b"one");
}

#[test]
fn those_who_lag_share_one_copy_of_what_they_all_must_hear() {
    let (mut pass, stream, share) = pass();
    say(&mut pass, stream, "0123456789");
    let [first, second] = [0, 4].map(|sent| all(&pass, &share).rest(sent).expect("there is a rest"));
    assert!(Arc::ptr_eq(&first.bytes, &second.bytes));
    assert_eq!(second.as_slice(), b"456789");

    let little = all(&pass, &share).rest(8).expect("there is a rest");
    assert_eq!(&*little.bytes, b"89", "a short rest does not keep the whole pass alive");
    assert!(all(&pass, &share).rest(10).is_none());
}

#[test]
fn a_stream_that_nobody_reads_any_more_is_heard_to_the_end_of_the_pass() {
    let (mut pass, stream, mut share) = pass();
    say(&mut pass, stream, "one");
    share.close(stream, &pass);
    pass.close(stream);
    assert_eq!(heard(&all(&pass, &share)), b"one");
    share.clear();
    pass.clear();
    assert!(all(&pass, &share).is_empty());
    assert_eq!(pass.open(Encoder::new(Plain), Place::Here), stream, "its number is used again");
    assert!(all(&pass, &share).is_empty());
}

const MEMBERS: usize = 4;
const ROOMS: usize = 3;

/// What happens in a pass to one of the members, or in one of the rooms.
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

/// A member, as the pass has it and as a list.
#[derive(Default)]
struct Member {
    share: Share,
    rooms: [bool; ROOMS],
    list: Vec<u8>,
}

/// One pass: afterwards each member hears what its list holds.
fn follow(pass: &mut Pass, rooms: &[StreamId], members: &mut [Member], steps: Vec<Step>) {
    for step in steps {
        match step {
            Step::Say(from, room, text) => {
                let stamp = say(pass, rooms[room], &text);
                members[from].share.skip(stamp);
                let hearers = members.iter_mut().enumerate().filter(|(number, _)| *number != from);
                for (_, member) in hearers.filter(|(_, member)| member.rooms[room]) {
                    member.list.extend_from_slice(text.as_bytes());
                }
            }
            Step::Tell(to, text) => {
                tell(pass, &mut members[to].share, &text);
                members[to].list.extend_from_slice(text.as_bytes());
            }
            Step::TellInNewPart(to, text) => {
                tell_in_new_part(pass, &mut members[to].share, &text);
                members[to].list.extend_from_slice(text.as_bytes());
            }
            Step::Enter(member, room) => {
                if !std::mem::replace(&mut members[member].rooms[room], true) {
                    members[member].share.open(rooms[room], pass);
                }
            }
            Step::Leave(member, room) => {
                if std::mem::replace(&mut members[member].rooms[room], false) {
                    members[member].share.close(rooms[room], pass);
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn everybody_hears_what_a_list_for_each_would_hold(
        passes in prop::collection::vec(prop::collection::vec(step(), 0..40), 1..4),
        sent: prop::sample::Index,
    ) {
        let mut pass = Pass::default();
        let rooms: Vec<_> = (0..ROOMS).map(|_| pass.open(Encoder::new(Plain), Place::Here)).collect();
        let mut members: Vec<_> = (0..MEMBERS).map(|_| Member::default()).collect();
        for steps in passes {
            follow(&mut pass, &rooms, &mut members, steps);
            for Member { share, list, .. } in &mut members {
                prop_assert_eq!(heard(&all(&pass, share)), list.clone());
                let parts = (0..share.parts()).map(|part| heard(&share.batch(&pass, part..part + 1)));
                prop_assert_eq!(parts.collect::<Vec<_>>().concat(), list.clone());
                let sent = sent.index(list.len() + 1);
                let rest = all(&pass, share).rest(sent);
                prop_assert_eq!(rest.as_ref().map_or(&[][..], Kept::as_slice), &list[sent..]);
                share.clear();
                list.clear();
            }
            pass.clear();
        }
    }
}
