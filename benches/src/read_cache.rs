//! A cache of checked reads: equal bytes after an equal history need no second check.
//!
//! In a large room, nearly all members read the same bytes at a time. To compare a read with an already checked read
//! takes a tenth of the time of a check, so the cache lets the load generator disturb the measured servers less. The
//! comparison covers all bytes of the read, and a hash of all messages that the member received before.

use crate::check::{Check, Progress};

/// The number of reads that the cache keeps per room.
const CACHED_READS: usize = 4;

/// The most recently checked reads of a room.
#[derive(Debug, Default)]
pub(crate) struct ReadCache {
    reads: Vec<CachedRead>,
    /// The index of the entry to replace next.
    oldest: usize,
}

/// A read that began and ended at a line boundary, and contained only messages.
#[derive(Debug)]
struct CachedRead {
    bytes: Vec<u8>,
    messages: usize,
    before: u64,
    after: Progress,
}

impl ReadCache {
    /// Returns the number of messages in `bytes` if another member read the same bytes after the same history.
    ///
    /// If so, the member's progress advances by these messages.
    pub(crate) fn reuse(&self, bytes: &[u8], member: usize, check: &mut Check) -> Option<usize> {
        let before = check.comparable_order(member)?;
        let read = self.reads.iter().find(|read| read.before == before && read.bytes == bytes)?;
        check.load_progress(member, &read.after);
        Some(read.messages)
    }

    /// Stores a read that was checked message by message. `member` had the history `before`, and received `messages`
    /// messages.
    pub(crate) fn insert(&mut self, bytes: &[u8], messages: usize, before: u64, member: usize, check: &Check) {
        if self.reads.len() < CACHED_READS {
            self.reads.push(CachedRead { bytes: Vec::new(), messages: 0, before: 0, after: Progress::default() });
        }
        let read = &mut self.reads[self.oldest];
        self.oldest = (self.oldest + 1) % CACHED_READS;
        read.bytes.clear();
        read.bytes.extend_from_slice(bytes);
        (read.messages, read.before) = (messages, before);
        check.save_progress(member, &mut read.after);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Fault;

    const BYTES: &[u8] = b"what a server sends";

    /// Returns a room with six members and two talkers. Member 1 received one message, and then two more in one read.
    fn room() -> (Check, ReadCache) {
        let mut check = Check::new(6, 2, false);
        let mut cache = ReadCache::default();
        for talker in [0, 0, 1] {
            check.send(talker);
        }
        check.receive(1, 0, 0).expect("the message was sent");
        let before = check.comparable_order(1).expect("it only listens");
        check.receive(1, 1, 0).expect("the message was sent");
        check.receive(1, 0, 1).expect("the message was sent");
        cache.insert(BYTES, 2, before, 1, &check);
        (check, cache)
    }

    #[test]
    fn same_bytes_after_same_history_are_reused() {
        let (mut check, cache) = room();
        check.receive(2, 0, 0).expect("the message was sent");
        assert_eq!(cache.reuse(BYTES, 2, &mut check), Some(2));
        assert_eq!(check.comparable_order(2), check.comparable_order(1));
        assert_eq!(check.receive(2, 0, 1), Err(Fault::Duplicate { member: 2, talker: 0, number: 1, next: 2 }));
    }

    #[test]
    fn different_bytes_are_not_reused() {
        let (mut check, cache) = room();
        check.receive(2, 0, 0).expect("the message was sent");
        for other in [&b"what a server sendt"[..], b"what a server send", b""] {
            assert_eq!(cache.reuse(other, 2, &mut check), None);
        }
    }

    #[test]
    fn same_bytes_after_other_history_are_not_reused() {
        let (mut check, cache) = room();
        assert_eq!(cache.reuse(BYTES, 2, &mut check), None, "it lacks the first message");
        assert_eq!(cache.reuse(BYTES, 1, &mut check), None, "it has these already");
    }

    #[test]
    fn member_with_own_stream_reuses_nothing() {
        let (check, _) = room();
        assert_eq!(check.comparable_order(check.member_of(1)), None, "a talker does not receive its own messages");
        assert_eq!(check.comparable_order(check.members() - 1), None, "the others are compared with the reference");
    }
}
