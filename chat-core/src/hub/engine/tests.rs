//! Passes without a thread: posts in, and in which order which send queue gets what.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::*;
use crate::hub::batch::Payload;
use crate::hub::send_queue::{SendQueue, SendQueueFull};
use crate::model::command::Command;
use crate::model::history::HistoryQuery;
use crate::model::name::Name;
use crate::model::text::Text;
use crate::protocol::line::Line;
use crate::session::Session as _;
use crate::state::JoinRequest;

const MEMBERS: u64 = 4;

/// What all send queues were given, in order: to whom, and what.
type Log = Arc<Mutex<Vec<(u64, String)>>>;

/// Writes down what it is given, up to a limit.
struct Recorder {
    member: u64,
    log: Log,
    room: AtomicUsize,
    ended: AtomicBool,
}

impl Recorder {
    fn end(&self, how: &str) {
        if !self.ended.swap(true, Ordering::Relaxed) {
            self.log.lock().expect("no test panics with it").push((self.member, how.to_owned()));
        }
    }
}

impl SendQueue for Recorder {
    fn send(&self, payload: &Payload<'_>) -> Result<(), SendQueueFull> {
        let bytes = payload.pieces().collect::<Vec<_>>().concat();
        let room = self.room.load(Ordering::Relaxed).checked_sub(bytes.len()).ok_or(SendQueueFull)?;
        self.room.store(room, Ordering::Relaxed);
        let text = String::from_utf8(bytes).expect("the line protocol is text");
        self.log.lock().expect("no test panics with it").push((self.member, text));
        Ok(())
    }

    fn is_reset(&self) -> bool {
        false
    }

    fn close(&self) {
        self.end("closed");
    }

    fn abort(&self, _: CloseReason) {
        self.end("aborted");
    }
}

/// A hub of [`MEMBERS`] members, each of whose send queues takes so many bytes.
fn hub(room: impl Fn(u64) -> usize) -> (Engine, Log) {
    let log = Log::default();
    let mut engine = Engine::new("lobby".parse().ok(), HubOptions::default(), Arc::default());
    for member in 0..MEMBERS {
        let send_queue =
            Arc::new(Recorder { member, log: Arc::clone(&log), room: room(member).into(), ended: false.into() });
        let encoder = Line::default().encoder();
        let name = Name::address(&format!("m{member}:1"));
        engine.take(Post::Join(Box::new(Joining::by_bytes(
            MemberId(member),
            JoinRequest::in_lobby(name),
            encoder,
            send_queue,
        ))));
    }
    engine.deliver();
    log.lock().expect("no test panics with it").clear();
    (engine, log)
}

fn command(member: u64, command: Command) -> Post {
    Post::Packet { member: MemberId(member), items: vec![Item::Command(command)] }
}

#[test]
fn one_who_only_listens_gets_a_whole_pass_at_once() {
    let (mut engine, log) = hub(|_| 10_000);
    for text in ["one", "two", "three"] {
        engine.take(command(0, Command::say(text)));
    }
    engine.deliver();
    let log = log.lock().expect("no test panics with it");
    let to_1: Vec<_> = log.iter().filter(|(member, _)| *member == 1).collect();
    assert_eq!(to_1, [&(1, "<m0:1> one\n<m0:1> two\n<m0:1> three\n".to_owned())]);
    assert!(log.iter().all(|(member, text)| *member != 0 || text.is_empty()), "the speaker hears nothing: {log:?}");
}

#[test]
fn one_who_can_not_take_a_pass_is_aborted_and_the_others_hear_of_it_in_the_next() {
    let (mut engine, log) = hub(|member| if member == 2 { 200 } else { 10_000 });
    engine.take(command(0, Command::say("x".repeat(300))));
    engine.deliver();
    assert!(engine.remove_failed());
    engine.deliver();
    let log = log.lock().expect("no test panics with it");
    assert_eq!(log.iter().filter(|(member, _)| *member == 2).collect::<Vec<_>>(), [&(2, "aborted".to_owned())]);
    for member in [0, 1, 3] {
        assert!(log.contains(&(member, "[m2:1] is offline\n".to_owned())), "{log:?}");
    }
}

#[test]
fn nothing_is_sent_behind_the_end() {
    let (mut engine, log) = hub(|_| 10_000);
    engine.take(Post::LeaveTogether { members: vec![MemberId(0)], reason: CloseReason::ShuttingDown });
    engine.take(Post::Packet { member: MemberId(0), items: vec![Item::Reply(b"late\n".to_vec())] });
    engine.deliver();
    let log = log.lock().expect("no test panics with it");
    let to_0: Vec<_> = log.iter().filter(|(member, _)| *member == 0).map(|(_, text)| text.as_str()).collect();
    assert_eq!(to_0, ["* Server is shutting down\n", "closed"]);
}

#[test]
fn a_packet_that_leads_to_more_than_a_pass_holds_is_delivered_in_between() {
    let (mut engine, log) = hub(|member| if member == 0 { 1_000_000 } else { 10_000_000 });
    engine.take(command(1, Command::say("x".repeat(4000))));
    engine.deliver();
    let items = (0..1000).map(|_| Item::Command(Command::History(HistoryQuery::default()))).collect();
    engine.take(Post::Packet { member: MemberId(0), items });
    engine.deliver();
    let log = log.lock().expect("no test panics with it");
    let (most, all) = log
        .iter()
        .filter(|(member, _)| *member == 0)
        .fold((0, 0), |(most, all), (_, text)| (text.len().max(most), all + text.len()));
    assert!(most < BATCH_BYTES + 5000, "a batch of {most} bytes");
    assert!(all < 1_005_000, "{all} bytes went to one who could not take so much");
    assert!(log.contains(&(0, "aborted".to_owned())));
}

proptest! {
    #[test]
    fn a_pong_is_sent_when_everybody_has_what_was_said_before_its_ping(
        steps in prop::collection::vec((0..MEMBERS, prop::bool::weighted(0.4)), 0..30),
    ) {
        let (mut engine, log) = hub(|_| 100_000);
        // Each ping, with who asked and which texts were said before it, by whom.
        let mut said: Vec<(u64, String)> = Vec::new();
        let mut pings = Vec::new();
        for (number, (member, is_ping)) in steps.iter().enumerate() {
            if *is_ping {
                let token = format!("ping{number}.");
                engine.take(command(*member, Command::Ping(Text::clean(&token))));
                pings.push((*member, format!("* pong {token}\n"), said.clone()));
            } else {
                let text = format!("text{number}.");
                engine.take(command(*member, Command::say(text.as_str())));
                said.push((*member, text));
            }
        }
        engine.deliver();
        let log = log.lock().expect("no test panics with it");
        for (pinger, pong, before) in pings {
            let at = log.iter().position(|(member, text)| *member == pinger && text.contains(&pong));
            let at = at.expect("a ping is answered");
            for (speaker, text) in before {
                for member in (0..MEMBERS).filter(|member| *member != speaker) {
                    let has = log[..=at].iter().any(|(to, sent)| *to == member && sent.contains(&text));
                    prop_assert!(has, "{} before {} had {}: {:?}", pong, member, text, log);
                }
            }
        }
    }
}
