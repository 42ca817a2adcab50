//! The choice of the thread that runs the engine. Most tests have no hub thread, so that it can't have done the work.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use crossbeam_channel::bounded;

use super::*;
use crate::hub::batch::Payload;
use crate::hub::send_queue::{SendQueue, SendQueueFull};
use crate::hub::{Item, Joining};
use crate::model::command::Command;
use crate::model::event::CloseReason;
use crate::model::name::Name;
use crate::model::options::HubOptions;
use crate::protocol::line::Line;
use crate::session::Session as _;
use crate::state::{JoinRequest, MemberId};

/// A send queue that calls a function with each text that the hub sends.
struct CallbackQueue<F>(F);

impl<F: Fn(&str) + Send + Sync> SendQueue for CallbackQueue<F> {
    fn send(&self, payload: &Payload<'_>) -> Result<(), SendQueueFull> {
        if !payload.is_empty() {
            let bytes = payload.pieces().collect::<Vec<_>>().concat();
            (self.0)(str::from_utf8(&bytes).expect("the line protocol is text"));
        }
        Ok(())
    }

    fn is_reset(&self) -> bool {
        false
    }

    fn close(&self) {
        (self.0)("closed");
    }

    fn abort(&self, _: CloseReason) {}
}

/// A combiner and its inbox. The test's thread takes the place of the hub's thread.
struct Hub {
    combiner: Combiner,
    inbox: Sender<Post>,
    /// Keeps the send queues alive, as the connections' threads do.
    send_queues: Mutex<Vec<Arc<dyn SendQueue>>>,
}

impl Hub {
    fn new() -> Arc<Hub> {
        let (inbox, posts) = bounded(64);
        let combiner = Combiner::new(Engine::new("lobby".parse().ok(), HubOptions::default(), Arc::default()), posts);
        Arc::new(Hub { combiner, inbox, send_queues: Mutex::default() })
    }

    fn post(&self, post: Post) -> Result<(), Stopped> {
        self.combiner.post(post, &self.inbox, &thread::current())
    }

    fn join(&self, on_text: impl Fn(&str) + Send + Sync + 'static) -> MemberId {
        let send_queue: Arc<dyn SendQueue> = Arc::new(CallbackQueue(on_text));
        let mut send_queues = self.send_queues.lock().expect("no test panics with it");
        let member = MemberId(send_queues.len() as u64);
        send_queues.push(Arc::clone(&send_queue));
        drop(send_queues);
        let encoder = Line::default().encoder();
        let name = Name::address(&format!("m{}:1", member.0));
        let joining = Joining::by_bytes(member, JoinRequest::in_lobby(name), encoder, send_queue);
        self.post(Post::Join(Box::new(joining))).expect("the hub runs");
        member
    }

    fn say(&self, member: MemberId, text: &str) -> Result<(), Stopped> {
        self.post(Post::Packet { member, items: vec![Item::Request(Command::say(text).into())] })
    }
}

/// Returns whether the combiner has woken the hub's thread (here the test's) since the last call.
fn was_woken() -> bool {
    let began = Instant::now();
    thread::park_timeout(Duration::from_millis(100));
    began.elapsed() < Duration::from_millis(100)
}

#[test]
fn post_to_idle_hub_is_done_at_return() {
    let hub = Hub::new();
    let (sender, received) = mpsc::channel();
    hub.join(move |text| {
        let _ = sender.send(text.to_owned());
    });
    let speaker = hub.join(|_| {});
    hub.say(speaker, "hello").expect("the hub runs");
    assert_eq!(received.try_iter().collect::<String>(), "[m1:1] entered room\n<m1:1> hello\n");
    assert!(!was_woken(), "no work is left for the hub's thread");
}

#[test]
fn running_thread_handles_posts_of_other_threads() {
    let hub = Hub::new();
    let (sender, received) = mpsc::channel();
    let speaker = hub.join(|_| {});
    let same_hub = Arc::clone(&hub);
    hub.join(move |text| {
        let _ = sender.send(text.to_owned());
        if text.contains("first") {
            same_hub.say(speaker, "second").expect("the hub runs");
        }
    });
    hub.say(speaker, "first").expect("the hub runs");
    assert_eq!(received.try_iter().collect::<String>(), "<m0:1> first\n<m0:1> second\n");
}

#[test]
fn poster_hands_over_after_four_batches() {
    let hub = Hub::new();
    let batches = Arc::new(AtomicUsize::new(0));
    let speaker = hub.join(|_| {});
    let (same_hub, counted) = (Arc::clone(&hub), Arc::clone(&batches));
    hub.join(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        // Each batch leads to another post.
        same_hub.say(speaker, "and").expect("the hub runs");
    });
    hub.say(speaker, "well").expect("the hub runs");
    assert_eq!(batches.load(Ordering::Relaxed), POSTER_BATCHES);
    assert!(was_woken(), "the hub's thread must go on");
}

#[test]
fn hub_thread_is_woken_for_new_deadline() {
    let hub = Hub::new();
    let member = hub.join(|_| {});
    assert!(!was_woken());
    let leave = Post::Leave { member, reason: CloseReason::Quit(None), last: Vec::new() };
    hub.post(leave).expect("the hub runs");
    assert!(was_woken(), "the hub's thread must abort a connection that does not close by itself");
}

#[test]
fn engine_panic_stops_hub_and_closes_connections() {
    let hub = Hub::new();
    let (sender, received) = mpsc::channel();
    hub.join(move |text| {
        let _ = sender.send(text.to_owned());
    });
    let speaker = hub.join(|_| {});
    hub.join(|text| assert!(text == "closed", "as if the hub had a defect"));
    assert_eq!(hub.say(speaker, "hello"), Err(Stopped));
    assert_eq!(received.try_iter().last().as_deref(), Some("closed"));
    assert_eq!(hub.say(speaker, "hello"), Err(Stopped));
    assert!(was_woken(), "the hub's thread must end");
}

#[test]
fn no_post_stays_in_inbox_under_contention() {
    const SPEAKERS: u32 = 4;
    const TEXTS: usize = 5000;
    let home: crate::model::name::RoomName = "lobby".parse().expect("a room's name");
    let hub = crate::hub::HubCore::start(Some(&home), HubOptions::default()).expect("a thread can be started");
    let join = |member, on_text: Box<dyn Fn(&str) + Send + Sync>| {
        let (encoder, send_queue) = (Line::default().encoder(), Arc::new(CallbackQueue(on_text)));
        let name = Name::address(&format!("m{member}:1"));
        hub.post(Post::Join(Box::new(Joining::by_bytes(
            MemberId(member),
            JoinRequest::in_lobby(name),
            encoder,
            send_queue,
        ))))
    };
    let (sender, received) = mpsc::channel();
    let count = move |text: &str| {
        let _ = sender.send(text.matches("> text").count());
    };
    join(0, Box::new(count)).expect("the hub runs");
    (1..=SPEAKERS).try_for_each(|member| join(member.into(), Box::new(|_| {}))).expect("the hub runs");
    thread::scope(|scope| {
        for member in (1..=SPEAKERS).map(|member| MemberId(member.into())) {
            let hub = &hub;
            scope.spawn(move || (0..TEXTS).try_for_each(|_| hub.command(member, Command::say("text"))));
        }
    });
    let mut missing = SPEAKERS as usize * TEXTS;
    while missing > 0 {
        missing -= received.recv_timeout(Duration::from_secs(60)).expect("every post is handled without another post");
    }
}
