//! The receiving side: reads bytes, splits them into lines, checks the messages and counts them.
//!
//! The load generator spends most of its processor time in this module.

use std::time::Instant;

use memchr::memchr_iter;

use crate::check::{Check, Fault};
use crate::failure::Failure;
use crate::member::{Member, Phase, ReadOutcome};
use crate::payload::Payload;
use crate::protocol::{LineKind, Protocol};
use crate::read_cache::ReadCache;
use crate::window::Window;

/// The size of one read, in bytes.
const READ_BUFFER: usize = 256 * 1024;

/// The events that the crowd has counted so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// The number of members that have joined.
    pub(crate) joined: usize,
    /// The number of join notices about other members that members received.
    pub(crate) join_notices: usize,
    /// The number of leave notices that the last member of each room received. That member only listens.
    pub(crate) leave_notices: usize,
    /// The number of deliveries so far.
    pub(crate) received: usize,
    /// The number of deliveries that all sent messages cause.
    pub(crate) expected: usize,
    /// The number of lines that contained no message.
    pub(crate) other_lines: usize,
}

/// The state that all members share for receiving: one buffer, one clock, one set of counts.
#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) counts: Counts,
    /// The recorded latencies, in microseconds; `None` while the crowd records none.
    pub(crate) latencies: Option<Vec<u32>>,
    protocol: Protocol,
    buffer: Vec<u8>,
    started: Instant,
}

impl Receiver {
    pub(crate) fn new(protocol: Protocol) -> Receiver {
        let (counts, buffer) = (Counts::default(), vec![0; READ_BUFFER]);
        Receiver { counts, latencies: None, protocol, buffer, started: Instant::now() }
    }

    /// Returns the nanoseconds since the start. This is the clock of the message timestamps.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).expect("no load runs for centuries")
    }

    /// Reads all available bytes of a member. `check`, `cache` and `window` belong to the member's room.
    ///
    /// Afterwards, [`Member::out`] contains the answers that the member must send.
    pub(crate) fn read(
        &mut self,
        member: &mut Member,
        check: &mut Check,
        cache: &mut ReadCache,
        mut window: Option<&mut Window>,
    ) -> Result<(), Failure> {
        let number = member.id.number;
        loop {
            let outcome = member.read(&mut self.buffer);
            let (filled, more) = match outcome.map_err(|error| Failure::Connection { member: number, error })? {
                ReadOutcome::WouldBlock => return Ok(()),
                ReadOutcome::End => return Err(Failure::Closed { member: number }),
                ReadOutcome::Bytes { filled, more } => (filled, more),
            };
            let received = self.parse_or_reuse(filled, member, check, cache)?;
            self.counts.received += received;
            if let Some(window) = &mut window {
                window.acknowledge(member.messages, member.messages + received);
            }
            member.messages += received;
            if !more {
                return Ok(());
            }
        }
    }

    /// Does the work of [`parse`](Self::parse), but reuses the result if another member received the same bytes before.
    fn parse_or_reuse(
        &mut self,
        filled: usize,
        member: &mut Member,
        check: &mut Check,
        cache: &mut ReadCache,
    ) -> Result<usize, Failure> {
        let index = member.index;
        let whole = self.latencies.is_none() && self.buffer[..filled].ends_with(b"\n");
        let Some(before) = check.comparable_order(index).filter(|_| whole) else {
            return self.parse(filled, member, check);
        };
        if let Some(received) = cache.reuse(&self.buffer[..filled], index, check) {
            member.keep(&[]);
            return Ok(received);
        }
        let other_lines = self.counts.other_lines;
        let received = self.parse(filled, member, check)?;
        if self.counts.other_lines == other_lines {
            cache.insert(&self.buffer[..filled], received, before, index, check);
        }
        Ok(received)
    }

    /// Returns the number of messages in the first `filled` bytes of the buffer. Keeps a partial last line for later.
    fn parse(&mut self, filled: usize, member: &mut Member, check: &mut Check) -> Result<usize, Failure> {
        // All messages of one read arrived together, so one reading of the clock is enough for all of them.
        let now = if self.latencies.is_some() { self.now() } else { 0 };
        let (mut begin, mut received) = (0, 0);
        for end in memchr_iter(b'\n', &self.buffer[..filled]) {
            let line = &self.buffer[begin..end];
            begin = end + 1;
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let Some(message) = Payload::find(line) else {
                self.counts.other_lines += 1;
                handle_line(self.protocol, line, member, check, &mut self.counts)?;
                continue;
            };
            let (room, talker) = message.source();
            if room != member.id.room || talker >= check.talkers() {
                return Err(Fault::WrongRoom { member: member.id.number, room, talker }.into());
            }
            check.receive(member.index, talker, message.number())?;
            received += 1;
            if let Some(latencies) = &mut self.latencies {
                latencies.push(microseconds(now.saturating_sub(message.due())));
            }
        }
        member.keep(&self.buffer[begin..filled]);
        Ok(received)
    }
}

/// Handles a line that is no message.
#[inline(never)]
fn handle_line(
    protocol: Protocol,
    line: &[u8],
    member: &mut Member,
    check: &Check,
    counts: &mut Counts,
) -> Result<(), Failure> {
    match protocol.classify(line, member.id, member.phase == Phase::Joined, &mut member.out) {
        LineKind::SelfJoined if member.phase != Phase::Joined => {
            member.phase = Phase::Joined;
            counts.joined += 1;
        }
        LineKind::MemberJoined => {
            member.join_notices += 1;
            counts.join_notices += 1;
        }
        LineKind::MemberLeft if member.index + 1 == check.members() => counts.leave_notices += 1,
        LineKind::Ignored | LineKind::SelfJoined | LineKind::MemberLeft => {}
        LineKind::Unexpected => {
            let line = String::from_utf8_lossy(line).into_owned();
            return Err(Failure::Unexpected { member: member.id.number, line });
        }
    }
    Ok(())
}

fn microseconds(nanoseconds: u64) -> u32 {
    u32::try_from(nanoseconds / 1000).unwrap_or(u32::MAX)
}
