//! The engine without a thread. The tests pass it posts, and check the texts that each send queue gets, and their
//! order.

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

/// Everything that the engine sent, in order: the receiving member, and the text.
type Log = Arc<Mutex<Vec<(u64, String)>>>;

/// A send queue that logs the texts that it gets, up to a limit in bytes.
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

/// Returns an engine with [`MEMBERS`] members. `room` gives the bytes that each member's send queue takes.
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
    Post::Packet { member: MemberId(member), items: vec![Item::Request(command.into())] }
}

#[test]
fn silent_member_gets_batch_in_one_send() {
    let (mut engine, log) = hub(|_| 10_000);
    for text in ["one", "two", "three"] {
        engine.take(command(0, Command::say(text)));
    }
    engine.deliver();
    let log = log.lock().expect("no test panics with it");
    let to_1: Vec<_> = log.iter().filter(|(member, _)| *member == 1).collect();
    assert_eq!(to_1, [&(1, "<m0:1> one\n<m0:1> two\n<m0:1> three\n".to_owned())]);
    assert!(log.iter().all(|(member, text)| *member != 0 || text.is_empty()), "the speaker receives nothing: {log:?}");
}

#[test]
fn full_queue_is_aborted_and_announced_next_batch() {
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
fn closed_member_receives_nothing_after_close() {
    let (mut engine, log) = hub(|_| 10_000);
    engine.take(Post::LeaveTogether { members: vec![MemberId(0)], reason: CloseReason::ShuttingDown });
    engine.take(Post::Packet { member: MemberId(0), items: vec![Item::Reply(b"late\n".to_vec())] });
    engine.deliver();
    let log = log.lock().expect("no test panics with it");
    let to_0: Vec<_> = log.iter().filter(|(member, _)| *member == 0).map(|(_, text)| text.as_str()).collect();
    assert_eq!(to_0, ["* Server is shutting down\n", "closed"]);
}

#[test]
fn packet_with_oversized_effects_is_delivered_in_batches() {
    let (mut engine, log) = hub(|member| if member == 0 { 1_000_000 } else { 10_000_000 });
    engine.take(command(1, Command::say("x".repeat(4000))));
    engine.deliver();
    let items = (0..1000).map(|_| Item::Request(Command::History(HistoryQuery::default()).into())).collect();
    engine.take(Post::Packet { member: MemberId(0), items });
    engine.deliver();
    let log = log.lock().expect("no test panics with it");
    let (longest, total) = log
        .iter()
        .filter(|(member, _)| *member == 0)
        .fold((0, 0), |(longest, total), (_, text)| (text.len().max(longest), total + text.len()));
    assert!(longest < BATCH_BYTES + 5000, "a batch of {longest} bytes");
    assert!(total < 1_005_000, "{total} bytes went to a member whose queue takes less");
    assert!(log.contains(&(0, "aborted".to_owned())));
}

#[test]
fn full_batch_takes_no_more_posts() {
    let (mut engine, _) = hub(|_| 10_000_000);
    assert!(!engine.is_full());
    for _ in 0..=BATCH_BYTES / 4000 {
        engine.take(command(0, Command::say("x".repeat(4000))));
    }
    assert!(engine.is_full());
    engine.finish_batch();
    assert!(!engine.is_full());
    // One packet overflows the batch, so the engine delivers it in the middle of the packet.
    let items = (0..100).map(|_| Item::Request(Command::say("x".repeat(4000)).into())).collect();
    engine.take(Post::Packet { member: MemberId(0), items });
    assert!(engine.is_full(), "no other post joins a batch that was delivered in part");
    engine.finish_batch();
    assert!(!engine.is_full());
}

proptest! {
    #[test]
    fn pong_follows_delivery_of_earlier_texts(
        steps in prop::collection::vec((0..MEMBERS, prop::bool::weighted(0.4)), 0..30),
    ) {
        let (mut engine, log) = hub(|_| 100_000);
        // Each ping: the pinging member, the pong's line, and the earlier texts with their speakers.
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
