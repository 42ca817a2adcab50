//! A crowd of well-behaved members, which record every message that they send and every line that they receive.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex, PoisonError};
use std::thread;

use crate::client::{Client, GREETING};
use crate::contract::{ReceivedLine, Record};

/// A marker that only the last message of each talker contains.
const LAST_MESSAGE: &str = "the last text";

/// All names used so far. The checker can't distinguish two members with the same name.
type UsedNames = Mutex<HashSet<String>>;

/// How often a client tries to join before the run panics.
const JOIN_ATTEMPTS: usize = 20;

/// The size and the behaviour of a crowd.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// The address of the server.
    pub server: SocketAddr,
    /// The room where the crowd meets; `None` for the first room. Nobody else may be in this room.
    pub room: Option<String>,
    /// The number of members that stay for the whole run and only receive.
    pub readers: usize,
    /// The number of members that stay for the whole run and send messages.
    pub talkers: usize,
    /// The number of clients that join and leave repeatedly.
    pub churners: usize,
    /// The minimum number of messages that each talker sends.
    pub messages: usize,
    /// The number of times that each churner joins and leaves.
    pub rejoins: usize,
    /// The seed of all random choices.
    pub seed: u64,
}

impl Crowd {
    /// Runs all members until they have left the server. Returns their records.
    ///
    /// # Panics
    ///
    /// If the server does not answer a member.
    #[must_use]
    pub fn run(&self) -> Vec<Record> {
        let start = &Barrier::new(self.readers + self.talkers + self.churners);
        let end = &Barrier::new(self.readers + self.talkers);
        let active_churners = &AtomicUsize::new(self.churners);
        let names = &UsedNames::default();
        thread::scope(|scope| {
            let readers: Vec<_> = (0..self.readers)
                .map(|_| {
                    let client = self.join_room(names).0;
                    scope.spawn(move || self.receive(client, start, end))
                })
                .collect();
            let talkers: Vec<_> = (0..self.talkers)
                .map(|number| {
                    let client = self.join_room(names).0;
                    scope.spawn(move || self.talk(client, number, start, end, active_churners))
                })
                .collect();
            let churners: Vec<_> = (0..self.churners)
                .map(|number| scope.spawn(move || self.churn(number, start, active_churners, names)))
                .collect();
            let churners = churners.into_iter().flat_map(|thread| thread.join().expect("no churner panics"));
            let stayers = readers.into_iter().chain(talkers).map(|thread| thread.join().expect("no member panics"));
            churners.chain(stayers.collect::<Vec<_>>()).collect()
        })
    }

    /// Joins the room with a new client. Returns the client and the lines that it received on joining.
    fn join_room(&self, names: &UsedNames) -> (Client, Vec<ReceivedLine>) {
        // The server may close a new client as too slow while the first room is busy.
        let joined = (0..JOIN_ATTEMPTS).find_map(|_| self.try_join_room(names));
        joined.expect("the server lets one of the attempts join")
    }

    fn try_join_room(&self, names: &UsedNames) -> Option<(Client, Vec<ReceivedLine>)> {
        let mut client = Client::connect(self.server);
        // The system reuses ports, and the port is part of a member's name.
        let is_new = names.lock().unwrap_or_else(PoisonError::into_inner).insert(client.name().to_owned());
        if !is_new {
            return None;
        }
        let mut lines = client.try_barrier()?;
        lines.retain(|line| line != GREETING);
        if let Some(room) = &self.room {
            if !client.try_send(format!("/join {room}\n")) {
                return None;
            }
            lines = client.try_barrier()?;
            // Earlier lines are about the first room.
            let entered = format!("* you are in {room} now");
            let at = lines.iter().position(|line| line.starts_with(&entered)).expect("the server confirms the join");
            lines.drain(..=at);
            if !client.try_send("/part #lobby\n") {
                return None;
            }
            lines.extend(client.try_barrier()?);
        }
        let received = self.parse(lines).collect();
        Some((client, received))
    }

    /// Parses the lines that concern the crowd's room.
    ///
    /// Before a member joins its room, it also receives lines of the first room. The senders of these lines have other
    /// addresses, or nicknames.
    fn parse(&self, lines: Vec<String>) -> impl Iterator<Item = ReceivedLine> {
        let (in_other_room, origin) = (self.room.is_some(), format!("{}:", self.server.ip()));
        let from_first_room = move |line: &ReceivedLine| match line {
            ReceivedLine::Joined(name) | ReceivedLine::Left(name) => !name.starts_with(&origin),
            ReceivedLine::Other(line) => {
                ["#lobby ", "* you left #lobby", "["].iter().any(|start| line.starts_with(start))
            }
            ReceivedLine::Message { .. } | ReceivedLine::History { .. } => false,
        };
        let parsed = lines.into_iter().map(|line| ReceivedLine::parse(&line));
        parsed.filter(move |line| !(in_other_room && from_first_room(line)))
    }

    fn rng(&self, number: usize) -> fastrand::Rng {
        fastrand::Rng::with_seed(self.seed.wrapping_mul(1_000_003) + number as u64)
    }

    /// Sends random messages, with pings in between, until all churners have finished.
    fn talk(
        &self,
        mut client: Client,
        number: usize,
        start: &Barrier,
        end: &Barrier,
        active_churners: &AtomicUsize,
    ) -> Record {
        let mut random = self.rng(number);
        let mut record =
            Record { name: client.name().to_owned(), stayed: true, sent: Vec::new(), received: Vec::new() };
        start.wait();
        while record.sent.len() < self.messages || active_churners.load(Ordering::Relaxed) > 0 {
            let mut bytes = Vec::new();
            for _ in 0..random.usize(1..=20) {
                let padding = "ä".repeat(random.usize(0..100));
                let text = format!("text {} of {number} {padding}|", record.sent.len());
                bytes.extend_from_slice(text.as_bytes());
                bytes.push(b'\n');
                record.sent.push(text);
            }
            send_in_random_writes(&mut client, &bytes, &mut random);
            record.received.extend(self.parse(client.barrier()));
        }
        let last = format!("{LAST_MESSAGE} of {number}");
        client.send(format!("{last}\n"));
        record.sent.push(last);
        // I8: once the server has answered this ping, the send queues of all members hold this talker's messages. The
        // server answers the next ping of every member after them.
        record.received.extend(self.parse(client.barrier()));
        end.wait();
        record.received.extend(self.parse(client.barrier()));
        record
    }

    /// Receives lines until all talkers have sent their last message.
    fn receive(&self, mut client: Client, start: &Barrier, end: &Barrier) -> Record {
        let mut record =
            Record { name: client.name().to_owned(), stayed: true, sent: Vec::new(), received: Vec::new() };
        let mut active_talkers = self.talkers;
        start.wait();
        while active_talkers > 0 {
            let line = client.read_line();
            active_talkers -= usize::from(line.contains(LAST_MESSAGE));
            record.received.extend(self.parse(vec![line]));
        }
        end.wait();
        record.received.extend(self.parse(client.barrier()));
        record
    }

    /// Joins and leaves repeatedly, each time as a new member.
    fn churn(&self, number: usize, start: &Barrier, active_churners: &AtomicUsize, names: &UsedNames) -> Vec<Record> {
        let mut random = self.rng(1000 + number);
        let mut records = Vec::new();
        start.wait();
        for _ in 0..self.rejoins {
            let (mut client, received) = self.join_room(names);
            let name = client.name().to_owned();
            let mut record = Record { name, stayed: false, sent: Vec::new(), received };
            for text in 0..random.usize(0..5) {
                let text = format!("text {text} of churner {number}, {}", record.name);
                client.send(format!("{text}\n"));
                record.sent.push(text);
                record.received.extend(self.parse(client.barrier()));
            }
            match random.usize(0..3) {
                0 => client.reset(),
                1 => drop(client),
                _ => {
                    client.send("/quit\n");
                    let rest = client.read_to_end();
                    record.received.extend(self.parse(rest.lines().map(str::to_owned).collect()));
                }
            }
            records.push(record);
        }
        active_churners.fetch_sub(1, Ordering::Relaxed);
        records
    }
}

/// Sends `bytes` in writes of random sizes, so that TCP segments do not end at line ends.
fn send_in_random_writes(client: &mut Client, bytes: &[u8], random: &mut fastrand::Rng) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(random.usize(1..=rest.len()));
        client.send(piece);
        rest = after;
    }
}
