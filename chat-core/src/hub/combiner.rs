//! Decides which thread runs the engine: the thread that posts, or under load the hub's own thread.
//!
//! This module must not know what a post means.
//!
//! Waking a thread costs more than a batch to a small room. So a thread that posts to an idle hub runs the engine
//! itself, and the other threads only leave their posts in the inbox. This is flat combining (Hendler, Incze, Shavit,
//! Tzafrir: "Flat Combining and the Synchronization-Parallelism Tradeoff", SPAA 2010). The hub's own thread takes over
//! when the work takes longer, and when a deadline passes.
//!
//! The threads follow these rules:
//!
//! 1. A thread takes posts out of the inbox only while it holds the combiner lock. So the order of the inbox is the
//!    order of everything.
//! 2. A thread that has put a post into the inbox tries the lock afterwards.
//! 3. A thread that has released the lock checks the inbox afterwards. If posts wait there, it tries the lock again or
//!    wakes the hub's thread.
//! 4. A sequentially consistent fence separates the two steps, both in rule 2 and in rule 3. Therefore either the
//!    poster gets the lock or the thread that releases it sees the post: no post stays in the inbox unnoticed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{Ordering, fence};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, Thread};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, TryRecvError};

use super::{Engine, Post, Stopped};

/// The maximum number of posts in one batch. This bounds how long the first post waits for the last.
const BATCH_POSTS: usize = 1024;
/// The maximum number of batches that a posting thread runs before it wakes the hub's thread and returns.
const POSTER_BATCHES: usize = 4;
/// How many times in a row a thread yields, under contention, before it ends a batch. Meanwhile other threads can post.
const YIELDS: u32 = 2;
/// Contention ends after this many batches in a row with one post each.
const CONTENDED_BATCHES: u32 = 8;

/// The engine, and the lock that decides which thread runs it.
pub(super) struct Combiner {
    state: Mutex<CombinerState>,
}

struct CombinerState {
    /// `None` once the hub has stopped.
    consumer: Option<Consumer>,
    /// For how many more batches the combiner assumes that several threads post at the same time.
    contended: u32,
    /// When the hub's thread wakes up by itself.
    wake_at: Option<Instant>,
}

/// The engine and the receiving end of its inbox.
struct Consumer {
    engine: Engine,
    posts: Receiver<Post>,
}

/// Whether a run leaves work to the hub's thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Remaining {
    Nothing,
    Something,
}

impl Combiner {
    pub(super) fn new(engine: Engine, posts: Receiver<Post>) -> Combiner {
        let consumer = Some(Consumer { engine, posts });
        Combiner { state: Mutex::new(CombinerState { consumer, contended: 0, wake_at: None }) }
    }

    /// Puts `post` into the inbox, and runs the engine unless another thread is running it. `thread` is the hub's
    /// thread.
    pub(super) fn post(&self, post: Post, inbox: &Sender<Post>, thread: &Thread) -> Result<(), Stopped> {
        inbox.send(post).map_err(|_| Stopped)?;
        let mut batches = POSTER_BATCHES;
        loop {
            // Rule 4: between the post and the attempt to lock.
            fence(Ordering::SeqCst);
            let mut state = match self.state.try_lock() {
                Ok(state) => state,
                Err(TryLockError::WouldBlock) => return Ok(()),
                Err(TryLockError::Poisoned(error)) => error.into_inner(),
            };
            let remaining = state.run(&mut batches);
            drop(state);
            // Rule 4: between the release of the lock and the look into the inbox.
            fence(Ordering::SeqCst);
            match remaining {
                Ok(Remaining::Nothing) if inbox.is_empty() => return Ok(()),
                Ok(Remaining::Nothing) if batches > 0 => {}
                remaining => {
                    thread.unpark();
                    return remaining.map(drop);
                }
            }
        }
    }

    /// Runs the hub's thread. Returns when the engine has panicked, or when no handle can post any more.
    pub(super) fn work(&self) {
        let Some(inbox) = self.lock().consumer.as_ref().map(|consumer| consumer.posts.clone()) else { return };
        loop {
            let mut state = self.lock();
            if state.run(&mut usize::MAX.clone()).is_err() {
                return;
            }
            state.wake_at = state.deadline();
            let wake_at = state.wake_at;
            drop(state);
            // Rule 4: between the release of the lock and the look into the inbox.
            fence(Ordering::SeqCst);
            if inbox.is_empty() {
                match wake_at {
                    Some(wake_at) => thread::park_timeout(wake_at.saturating_duration_since(Instant::now())),
                    None => thread::park(),
                }
            }
        }
    }

    /// Locks the state. A poisoned lock is safe to use: a panic in the engine stops the hub, so no half-done work is
    /// left.
    fn lock(&self) -> MutexGuard<'_, CombinerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CombinerState {
    /// Runs batches until no work is left or `batches` is 0, and counts `batches` down. Stops the hub if the engine
    /// panics.
    fn run(&mut self, batches: &mut usize) -> Result<Remaining, Stopped> {
        let consumer = self.consumer.as_mut().ok_or(Stopped)?;
        let contended = &mut self.contended;
        let ran = catch_unwind(AssertUnwindSafe(|| consumer.run(batches, contended))).unwrap_or_else(|_| {
            log::error!("the hub panicked; all its members are disconnected");
            Err(Stopped)
        });
        if ran.is_err() {
            // Dropping the engine drops the handles of all send queues, which closes the connections.
            self.consumer = None;
            return Err(Stopped);
        }
        let is_earlier = |deadline| self.wake_at.is_none_or(|wake_at| deadline < wake_at);
        let more = consumer.engine.has_failed() || !consumer.posts.is_empty();
        Ok(if more || self.deadline().is_some_and(is_earlier) { Remaining::Something } else { Remaining::Nothing })
    }

    /// Returns when the engine must run even if no thread posts.
    fn deadline(&self) -> Option<Instant> {
        self.consumer.as_ref()?.engine.deadline()
    }
}

impl Consumer {
    /// Runs batches until no work is left or `batches` is 0, and counts `batches` down.
    fn run(&mut self, batches: &mut usize, contended: &mut u32) -> Result<(), Stopped> {
        while *batches > 0 {
            let failed = self.engine.remove_failed();
            let taken = self.take_posts(if *contended > 0 { YIELDS } else { 0 })?;
            if taken == 0 && !failed {
                break;
            }
            self.engine.finish_batch();
            *contended = if taken > 1 { CONTENDED_BATCHES } else { contended.saturating_sub(1) };
            *batches -= 1;
        }
        self.engine.expire();
        Ok(())
    }

    /// Adds the posts in the inbox to the batch, and returns their number.
    ///
    /// When the inbox is empty after the first post, the thread yields, at most `yields` times in a row. Posts that
    /// arrive meanwhile join the batch.
    fn take_posts(&mut self, yields: u32) -> Result<usize, Stopped> {
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
