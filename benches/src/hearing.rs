//! What members hear: read, cut into lines, checked and counted. The one place where the load's own time goes.

use std::time::Instant;

use memchr::memchr_iter;

use crate::check::{Check, Fault};
use crate::dialect::{Dialect, Note};
use crate::failure::Failure;
use crate::member::{Intake, Member, Phase};
use crate::payload::Payload;
use crate::recall::Recall;
use crate::window::Window;

/// As much as is read at once.
const BUFFER: usize = 256 * 1024;

/// What happened so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Members who are in.
    pub(crate) joined: usize,
    /// How often a member was told that another came in.
    pub(crate) entered: usize,
    /// How often the last member of a room, who only listens, was told that another left.
    pub(crate) left: usize,
    /// Deliveries.
    pub(crate) heard: usize,
    /// Deliveries of all that was said.
    pub(crate) owed: usize,
    /// Lines that are no messages.
    pub(crate) notes: usize,
}

/// What all members share who hear: one buffer, one clock, one count.
#[derive(Debug)]
pub(crate) struct Hearing {
    pub(crate) tally: Tally,
    /// In microseconds; only while they are wanted.
    pub(crate) latencies: Option<Vec<u32>>,
    dialect: Dialect,
    buffer: Vec<u8>,
    began: Instant,
}

impl Hearing {
    pub(crate) fn new(dialect: Dialect) -> Hearing {
        let (tally, buffer) = (Tally::default(), vec![0; BUFFER]);
        Hearing { tally, latencies: None, dialect, buffer, began: Instant::now() }
    }

    /// Nanoseconds since the beginning: the time that messages carry.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).expect("no load runs for centuries")
    }

    /// Reads all that has come for a member of the room that `check`, `recall` and `window` are about. What it must answer
    /// is in [`Member::out`] then.
    pub(crate) fn read(
        &mut self,
        member: &mut Member,
        check: &mut Check,
        recall: &mut Recall,
        mut window: Option<&mut Window>,
    ) -> Result<(), Failure> {
        let number = member.seat.number;
        loop {
            let intake = member.read(&mut self.buffer);
            let (filled, more) = match intake.map_err(|error| Failure::Connection { member: number, error })? {
                Intake::Nothing => return Ok(()),
                Intake::End => return Err(Failure::Closed { member: number }),
                Intake::Bytes { filled, more } => (filled, more),
            };
            let heard = self.hear_or_recall(filled, member, check, recall)?;
            self.tally.heard += heard;
            if let Some(window) = &mut window {
                window.acknowledge(member.has, member.has + heard);
            }
            member.has += heard;
            if !more {
                return Ok(());
            }
        }
    }

    /// As [`hear`](Self::hear), but faster if others heard the same before.
    fn hear_or_recall(
        &mut self,
        filled: usize,
        member: &mut Member,
        check: &mut Check,
        recall: &mut Recall,
    ) -> Result<usize, Failure> {
        let place = member.place;
        let whole = self.latencies.is_none() && self.buffer[..filled].ends_with(b"\n");
        let Some(before) = check.follows(place).filter(|_| whole) else {
            return self.hear(filled, member, check);
        };
        if let Some(heard) = recall.hear(&self.buffer[..filled], place, check) {
            member.keep(&[]);
            return Ok(heard);
        }
        let notes = self.tally.notes;
        let heard = self.hear(filled, member, check)?;
        if self.tally.notes == notes {
            recall.remember(&self.buffer[..filled], heard, before, place, check);
        }
        Ok(heard)
    }

    /// How many messages are in the first `filled` bytes of the buffer. Keeps the rest of the last line for later.
    fn hear(&mut self, filled: usize, member: &mut Member, check: &mut Check) -> Result<usize, Failure> {
        // Once for all that came together: that is when it came.
        let now = if self.latencies.is_some() { self.now() } else { 0 };
        let (mut begin, mut heard) = (0, 0);
        for end in memchr_iter(b'\n', &self.buffer[..filled]) {
            let line = &self.buffer[begin..end];
            begin = end + 1;
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let Some(message) = Payload::find(line) else {
                self.tally.notes += 1;
                note(self.dialect, line, member, check, &mut self.tally)?;
                continue;
            };
            let (room, talker) = message.place();
            if room != member.seat.room || talker >= check.talkers() {
                return Err(Fault::Stranger { member: member.seat.number, room, talker }.into());
            }
            check.hear(member.place, talker, message.number())?;
            heard += 1;
            if let Some(latencies) = &mut self.latencies {
                latencies.push(microseconds(now.saturating_sub(message.due())));
            }
        }
        member.keep(&self.buffer[begin..filled]);
        Ok(heard)
    }
}

/// A line that is no message.
#[inline(never)]
fn note(dialect: Dialect, line: &[u8], member: &mut Member, check: &Check, tally: &mut Tally) -> Result<(), Failure> {
    match dialect.hear(line, member.seat, member.phase == Phase::In, &mut member.out) {
        Note::In if member.phase != Phase::In => {
            member.phase = Phase::In;
            tally.joined += 1;
        }
        Note::Entered => {
            member.entered += 1;
            tally.entered += 1;
        }
        Note::Left if member.place + 1 == check.members() => tally.left += 1,
        Note::Nothing | Note::In | Note::Left => {}
        Note::Unexpected => {
            let line = String::from_utf8_lossy(line).into_owned();
            return Err(Failure::Unexpected { member: member.seat.number, line });
        }
    }
    Ok(())
}

fn microseconds(nanoseconds: u64) -> u32 {
    u32::try_from(nanoseconds / 1000).unwrap_or(u32::MAX)
}
