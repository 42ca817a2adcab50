//! A pass against the plain way: a list of bytes for each member.

use proptest::prelude::*;

use super::*;
use crate::event::EventKind;
use crate::session::Encode;
use crate::text::Text;

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

fn all<'a>(stream: &'a Stream, share: &'a Share) -> Batch<'a> {
    stream.batch(share, 0..(share.parts.len() + 1))
}

fn heard(batch: Batch<'_>) -> Vec<u8> {
    batch.pieces().collect::<Vec<_>>().concat()
}

#[test]
fn one_who_only_listened_hears_the_shared_bytes_as_one_slice() {
    let mut stream = Stream::new(Encoder::new(Plain));
    let share = stream.share_from_here();
    for text in ["one", "two", "three"] {
        stream.broadcast(&event(text));
    }
    assert_eq!(all(&stream, &share).whole(), Some(&b"onetwothree"[..]));
}

#[test]
fn a_new_part_begins_behind_what_was_said_before() {
    let mut stream = Stream::new(Encoder::new(Plain));
    let mut share = stream.share_from_here();
    stream.broadcast(&event("one "));
    stream.tell_in_new_part(&mut share, &event("PONG ")).expect("it encodes");
    stream.broadcast(&event("two "));
    let own = stream.broadcast(&event("mine"));
    share.skip(own);
    stream.tell_in_new_part(&mut share, &event("PONG ")).expect("it encodes");
    let parts: Vec<_> = (0..=share.parts.len()).map(|part| heard(stream.batch(&share, part..part + 1))).collect();
    assert_eq!(parts, [&b"one "[..], b"PONG two ", b"PONG "]);
    assert_eq!(heard(stream.batch(&share, 1..3)), b"PONG two PONG ");
}

#[test]
fn an_encoder_that_panics_leaves_no_half_event() {
    let mut stream = Stream::new(Encoder::new(Plain));
    let mut share = stream.share_from_here();
    stream.broadcast(&event("one"));
    assert!(!stream.is_broken());
    assert_eq!(stream.broadcast(&event("magic")), 3..3);
    assert!(stream.is_broken());
    assert_eq!(stream.tell(&mut share, &event("magic")), Err(EncoderPanicked));
    assert_eq!(heard(all(&stream, &share)), b"one");
}

#[test]
fn those_who_lag_share_one_copy_of_what_they_all_must_hear() {
    let mut stream = Stream::new(Encoder::new(Plain));
    let share = stream.share_from_here();
    stream.broadcast(&event("0123456789"));
    let [first, second] = [0, 4].map(|sent| all(&stream, &share).rest(sent).expect("there is a rest"));
    assert!(Arc::ptr_eq(&first.bytes, &second.bytes));
    assert_eq!(second.as_slice(), b"456789");

    let little = all(&stream, &share).rest(8).expect("there is a rest");
    assert_eq!(&*little.bytes, b"89", "a short rest does not keep the whole pass alive");
    assert!(all(&stream, &share).rest(10).is_none());
}

/// What happens to one of four members in a pass.
#[derive(Clone, Debug)]
enum Step {
    Say(usize, String),
    Tell(usize, String),
    TellInNewPart(usize, String),
    Join(usize),
    Leave(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let member = 0..4_usize;
    prop_oneof![
        4 => (member.clone(), "[a-z]{0,5}").prop_map(|(member, text)| Step::Say(member, text)),
        2 => (member.clone(), "[A-Z]{0,5}").prop_map(|(member, text)| Step::Tell(member, text)),
        1 => (member.clone(), "[A-Z]{0,5}").prop_map(|(member, text)| Step::TellInNewPart(member, text)),
        1 => member.clone().prop_map(Step::Join),
        1 => member.prop_map(Step::Leave),
    ]
}

proptest! {
    #[test]
    fn everybody_hears_what_a_list_for_each_would_hold(steps in prop::collection::vec(step(), 0..40), sent: prop::sample::Index) {
        let mut stream = Stream::new(Encoder::new(Plain));
        let mut members: Vec<(Option<Share>, Vec<u8>)> = (0..4).map(|_| (None, Vec::new())).collect();
        let mut gone = Vec::new();
        for step in steps {
            match step {
                Step::Say(from, text) => {
                    let at = stream.broadcast(&event(&text));
                    for (member, (share, list)) in members.iter_mut().enumerate() {
                        match share {
                            Some(share) if member == from => share.skip(at.clone()),
                            Some(_) => list.extend_from_slice(text.as_bytes()),
                            None => {}
                        }
                    }
                }
                Step::Tell(to, text) => {
                    if let (Some(share), list) = &mut members[to] {
                        stream.tell(share, &event(&text)).expect("it encodes");
                        list.extend_from_slice(text.as_bytes());
                    }
                }
                Step::TellInNewPart(to, text) => {
                    if let (Some(share), list) = &mut members[to] {
                        stream.tell_in_new_part(share, &event(&text)).expect("it encodes");
                        list.extend_from_slice(text.as_bytes());
                    }
                }
                Step::Join(member) => {
                    members[member].0.get_or_insert_with(|| stream.share_from_here());
                }
                Step::Leave(member) => {
                    let (share, list) = &mut members[member];
                    if let Some(mut share) = share.take() {
                        stream.end_here(&mut share);
                        gone.push((share, std::mem::take(list)));
                    }
                }
            }
        }
        let stayed = members.into_iter().filter_map(|(share, list)| Some((share?, list)));
        for (share, list) in stayed.chain(gone) {
            prop_assert_eq!(heard(all(&stream, &share)), list.clone());
            let parts = (0..=share.parts.len()).map(|part| heard(stream.batch(&share, part..part + 1)));
            prop_assert_eq!(parts.collect::<Vec<_>>().concat(), list.clone());
            let sent = sent.index(list.len() + 1);
            let rest = all(&stream, &share).rest(sent);
            prop_assert_eq!(rest.as_ref().map_or(&[][..], Kept::as_slice), &list[sent..]);
        }
    }
}
