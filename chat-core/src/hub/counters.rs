//! Counts what a hub and its servers do.
//!
//! This module must not decide anything.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::event::CloseReason;
use crate::model::stats::Stats;

/// The counters of [`Stats`]. Counting never waits: every access is a relaxed atomic operation.
///
/// Only one counter affects a decision: the hub compares `bytes_waiting` with
/// [`Limits::send_queue_total`](crate::hub::Limits::send_queue_total).
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) members: Counter,
    pub(crate) rooms: Counter,
    pub(crate) events: Counter,
    pub(crate) commands_refused: Counter,
    pub(crate) connections: Counter,
    refused: [Counter; CloseReason::LABELS.len()],
    closed: [Counter; CloseReason::LABELS.len()],
    pub(crate) lags: Counter,
    pub(crate) messages_skipped: Counter,
    pub(crate) bytes_handed_out: Counter,
    pub(crate) bytes_sent: Counter,
    pub(crate) bytes_dropped: Counter,
    pub(crate) bytes_waiting: Counter,
}

/// One counter or gauge.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, count: usize) {
        self.0.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(crate) fn subtract(&self, count: usize) {
        self.0.fetch_sub(count as u64, Ordering::Relaxed);
    }

    pub(crate) fn set(&self, count: u64) {
        self.0.store(count, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    /// Counts a refused connection or join request by its reason.
    pub(crate) fn count_refused(&self, reason: &CloseReason) {
        self.refused[reason.index()].add(1);
    }

    /// Counts a member that left, by its reason.
    pub(crate) fn count_closed(&self, reason: &CloseReason) {
        self.closed[reason.index()].add(1);
    }

    pub(crate) fn stats(&self) -> Stats {
        let by_reason = |counters: &[Counter]| {
            let counts = CloseReason::LABELS.into_iter().zip(counters.iter().map(Counter::get));
            counts.filter(|(_, count)| *count > 0).collect()
        };
        Stats {
            members: self.members.get(),
            rooms: self.rooms.get(),
            events: self.events.get(),
            commands_refused: self.commands_refused.get(),
            connections: self.connections.get(),
            refused: by_reason(&self.refused),
            closed: by_reason(&self.closed),
            lags: self.lags.get(),
            messages_skipped: self.messages_skipped.get(),
            bytes_handed_out: self.bytes_handed_out.get(),
            bytes_sent: self.bytes_sent.get(),
            bytes_dropped: self.bytes_dropped.get(),
            bytes_waiting: self.bytes_waiting.get(),
        }
    }
}
