//! Who runs the engine: whoever posts, and in rush hours the hub's thread.
//!
//! To wake a thread costs more than a batch to a small room. So one who posts to an idle hub makes the batch itself, and
//! those who post meanwhile leave what they have in the inbox: whoever is at it looks there again before it goes. This is
//! flat combining (Hendler, Incze, Shavit, Tzafrir: "Flat Combining and the Synchronization-Parallelism Tradeoff", SPAA
//! 2010), with a thread of its own for when it takes longer, and for what is due at a time.
//!
//! Two rules keep it right. Posts are taken out of the inbox under the lock alone, so the order of the inbox is the order
//! of everything. And who has put something into the inbox then tries the lock, and who has released the lock then looks
//! into the inbox; so nothing is left there that nobody will do. It must not know what a post means.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{Ordering, fence};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, Thread};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, TryRecvError};

use super::{Engine, Post, Stopped};

/// A batch takes no more posts than this, so that what was said first need not wait for all that comes after.
const BATCH_POSTS: usize = 1024;
/// So many batches are made by one who posts before the hub's thread must go on.
const POSTER_BATCHES: usize = 4;
/// While several talk at once: how often others are let run, who may be about to post, before a batch is made.
const YIELDS: u32 = 2;
/// Several talk at once until so many batches in a row were made for one post each.
const CROWDED: u32 = 8;

/// The engine, and whose turn it is to run it.
pub(super) struct Combiner {
    turn: Mutex<CombinerState>,
}

struct CombinerState {
    /// There until the hub stops.
    works: Option<Works>,
    /// For how many more batches it is taken for granted that several talk at once.
    crowded: u32,
    /// Until when the hub's thread sleeps, unless it is woken.
    alarm: Option<Instant>,
}

struct Works {
    engine: Engine,
    posts: Receiver<Post>,
}

/// Whether a turn leaves anything to the hub's thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Remaining {
    Nothing,
    Something,
}

impl Combiner {
    pub(super) fn new(engine: Engine, posts: Receiver<Post>) -> Combiner {
        Combiner { turn: Mutex::new(CombinerState { works: Some(Works { engine, posts }), crowded: 0, alarm: None }) }
    }

    /// Posts, and does what follows unless somebody else is at it. `thread` is the hub's.
    pub(super) fn post(&self, post: Post, inbox: &Sender<Post>, thread: &Thread) -> Result<(), Stopped> {
        inbox.send(post).map_err(|_| Stopped)?;
        let mut batches = POSTER_BATCHES;
        loop {
            // Against the sending above: see the second rule.
            fence(Ordering::SeqCst);
            let mut turn = match self.turn.try_lock() {
                Ok(turn) => turn,
                Err(TryLockError::WouldBlock) => return Ok(()),
                Err(TryLockError::Poisoned(error)) => error.into_inner(),
            };
            let left = turn.run(&mut batches);
            drop(turn);
            fence(Ordering::SeqCst);
            match left {
                Ok(Remaining::Nothing) if inbox.is_empty() => return Ok(()),
                Ok(Remaining::Nothing) if batches > 0 => {}
                left => {
                    thread.unpark();
                    return left.map(drop);
                }
            }
        }
    }

    /// What the hub's thread does until nobody can post any more.
    pub(super) fn work(&self) {
        let Some(inbox) = self.lock().works.as_ref().map(|works| works.posts.clone()) else { return };
        loop {
            let mut turn = self.lock();
            if turn.run(&mut usize::MAX.clone()).is_err() {
                return;
            }
            turn.alarm = turn.deadline();
            let alarm = turn.alarm;
            drop(turn);
            fence(Ordering::SeqCst);
            if inbox.is_empty() {
                match alarm {
                    Some(alarm) => thread::park_timeout(alarm.saturating_duration_since(Instant::now())),
                    None => thread::park(),
                }
            }
        }
    }

    /// A turn that panicked has ended the hub, so there is nothing that could be half done.
    fn lock(&self) -> MutexGuard<'_, CombinerState> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CombinerState {
    /// Makes batches until nothing is left to do, but not more than `batches`, which it counts down.
    fn run(&mut self, batches: &mut usize) -> Result<Remaining, Stopped> {
        let works = self.works.as_mut().ok_or(Stopped)?;
        let crowded = &mut self.crowded;
        let ran = catch_unwind(AssertUnwindSafe(|| works.run(batches, crowded))).unwrap_or_else(|_| {
            log::error!("the hub panicked; all its members are closed");
            Err(Stopped)
        });
        if ran.is_err() {
            // Dropped with the engine, all send queues end their connections.
            self.works = None;
            return Err(Stopped);
        }
        let is_sooner = |deadline| self.alarm.is_none_or(|alarm| deadline < alarm);
        let more = works.engine.has_failed() || !works.posts.is_empty();
        Ok(if more || self.deadline().is_some_and(is_sooner) { Remaining::Something } else { Remaining::Nothing })
    }

    /// When something is due, whoever posts.
    fn deadline(&self) -> Option<Instant> {
        self.works.as_ref()?.engine.deadline()
    }
}

impl Works {
    /// Makes batches until nothing is left to do, but not more than `batches`, which it counts down.
    fn run(&mut self, batches: &mut usize, crowded: &mut u32) -> Result<(), Stopped> {
        while *batches > 0 {
            let failed = self.engine.remove_failed();
            let taken = self.gather(if *crowded > 0 { YIELDS } else { 0 })?;
            if taken == 0 && !failed {
                break;
            }
            self.engine.finish_batch();
            *crowded = if taken > 1 { CROWDED } else { crowded.saturating_sub(1) };
            *batches -= 1;
        }
        self.engine.expire();
        Ok(())
    }

    /// Adds to the batch what waits, and what comes while others are let run; returns how many posts that were.
    fn gather(&mut self, yields: u32) -> Result<usize, Stopped> {
        let (mut taken, mut yielded) = (0, 0);
        while taken < BATCH_POSTS && !self.engine.is_full() {
            match self.posts.try_recv() {
                Ok(post) => {
                    self.engine.take(post);
                    taken += 1;
                    yielded = 0;
                }
                Err(TryRecvError::Disconnected) if taken == 0 => return Err(Stopped),
                Err(_) if taken == 0 || yielded == yields => break,
                Err(_) => {
                    yielded += 1;
                    thread::yield_now();
                }
            }
        }
        Ok(taken)
    }
}

#[cfg(test)]
mod tests;
