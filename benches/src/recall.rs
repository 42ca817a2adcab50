//! What one member heard need not be taken apart again when another hears the very same bytes.
//!
//! In a large room nearly all members read the same bytes at a time. To compare them with what was checked before takes a
//! tenth of the time that checking takes, so that the load is less in the way of the servers that it measures. Nothing
//! is taken on trust: the bytes are the same, all of them, and so is everything that the member heard before.

use crate::check::{Check, Progress};

/// So many reads are remembered for each room.
const READS: usize = 4;

/// The reads of a room that were checked last.
#[derive(Debug, Default)]
pub(crate) struct Recall {
    reads: Vec<Read>,
    /// The one to be replaced next.
    oldest: usize,
}

/// A read that began and ended with a whole line, and held nothing but messages.
#[derive(Debug)]
struct Read {
    bytes: Vec<u8>,
    messages: usize,
    before: u64,
    after: Progress,
}

impl Recall {
    /// If a member who had heard just what `member` has heard read just these bytes before, the same follows for
    /// `member`: how many messages they are.
    pub(crate) fn hear(&self, bytes: &[u8], member: usize, check: &mut Check) -> Option<usize> {
        let before = check.follows(member)?;
        let read = self.reads.iter().find(|read| read.before == before && read.bytes == bytes)?;
        check.advance(member, &read.after);
        Some(read.messages)
    }

    /// Remembers that `bytes`, checked one by one, were `messages` messages to `member`, who had heard what `before`
    /// stands for.
    pub(crate) fn remember(&mut self, bytes: &[u8], messages: usize, before: u64, member: usize, check: &Check) {
        if self.reads.len() < READS {
            self.reads.push(Read { bytes: Vec::new(), messages: 0, before: 0, after: Progress::default() });
        }
        let read = &mut self.reads[self.oldest];
        self.oldest = (self.oldest + 1) % READS;
        read.bytes.clear();
        read.bytes.extend_from_slice(bytes);
        (read.messages, read.before) = (messages, before);
        check.record(member, &mut read.after);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Fault;

    const BYTES: &[u8] = b"what a server sends";

    /// A room of six, of whom two talk, in which member 1 heard a first message and then, in one read, two more.
    fn room() -> (Check, Recall) {
        let mut check = Check::new(6, 2, false);
        let mut recall = Recall::default();
        for talker in [0, 0, 1] {
            check.say(talker);
        }
        check.hear(1, 0, 0).expect("it was said");
        let before = check.follows(1).expect("it only listens");
        check.hear(1, 1, 0).expect("it was said");
        check.hear(1, 0, 1).expect("it was said");
        recall.remember(BYTES, 2, before, 1, &check);
        (check, recall)
    }

    #[test]
    fn the_same_bytes_after_the_same_history_are_the_same_messages() {
        let (mut check, recall) = room();
        check.hear(2, 0, 0).expect("it was said");
        assert_eq!(recall.hear(BYTES, 2, &mut check), Some(2));
        assert_eq!(check.follows(2), check.follows(1));
        assert_eq!(check.hear(2, 0, 1), Err(Fault::Again { member: 2, talker: 0, number: 1, next: 2 }));
    }

    #[test]
    fn other_bytes_are_not_recalled() {
        let (mut check, recall) = room();
        check.hear(2, 0, 0).expect("it was said");
        for other in [&b"what a server sendt"[..], b"what a server send", b""] {
            assert_eq!(recall.hear(other, 2, &mut check), None);
        }
    }

    #[test]
    fn the_same_bytes_after_another_history_are_not_recalled() {
        let (mut check, recall) = room();
        assert_eq!(recall.hear(BYTES, 2, &mut check), None, "it lacks the first message");
        assert_eq!(recall.hear(BYTES, 1, &mut check), None, "it has these already");
    }

    #[test]
    fn one_whose_stream_is_its_own_recalls_nothing() {
        let (check, _) = room();
        assert_eq!(check.follows(check.member_of(1)), None, "a talker does not hear itself");
        assert_eq!(check.follows(check.members() - 1), None, "the others are compared with the reference");
    }
}
