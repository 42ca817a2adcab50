//! A crowd of well-behaved members that record everything they say and receive.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex, PoisonError};
use std::thread;

use crate::client::{Client, GREETING};
use crate::contract::{Heard, Record};

/// A marker that only the last text of each talker contains.
const LAST_TEXT: &str = "the last text";

/// All names used so far. Records of two members with one name could not be told apart.
type Names = Mutex<HashSet<String>>;

/// How often a client tries to join before the test fails.
const JOIN_ATTEMPTS: usize = 20;

/// The size and the behaviour of a crowd.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// The address of the server.
    pub server: SocketAddr,
    /// The room where the crowd meets; `None` for the first room. The crowd must be alone in it.
    pub room: Option<String>,
    /// How many members only listen, from the first text to the last.
    pub listeners: usize,
    /// How many members talk, from the first text to the last.
    pub talkers: usize,
    /// How many clients join and leave repeatedly.
    pub churners: usize,
    /// How many texts each talker says at least.
    pub texts: usize,
    /// How often each churner joins and leaves.
    pub lives: usize,
    /// The seed of all random choices.
    pub seed: u64,
}

impl Crowd {
    /// Lets all members join, talk and leave. Returns their records.
    ///
    /// # Panics
    ///
    /// If the server does not answer a member.
    #[must_use]
    pub fn run(&self) -> Vec<Record> {
        let start = &Barrier::new(self.listeners + self.talkers + self.churners);
        let end = &Barrier::new(self.listeners + self.talkers);
        let churning = &AtomicUsize::new(self.churners);
        let names = &Names::default();
        thread::scope(|scope| {
            let listeners: Vec<_> = (0..self.listeners)
                .map(|_| {
                    let client = self.join_room(names).0;
                    scope.spawn(move || self.listen(client, start, end))
                })
                .collect();
            let talkers: Vec<_> = (0..self.talkers)
                .map(|number| {
                    let client = self.join_room(names).0;
                    scope.spawn(move || self.talk(client, number, start, end, churning))
                })
                .collect();
            let churners: Vec<_> = (0..self.churners)
                .map(|number| scope.spawn(move || self.churn(number, start, churning, names)))
                .collect();
            let churners = churners.into_iter().flat_map(|thread| thread.join().expect("no churner panics"));
            let stayers = listeners.into_iter().chain(talkers).map(|thread| thread.join().expect("no member panics"));
            churners.chain(stayers.collect::<Vec<_>>()).collect()
        })
    }

    /// Joins the room with a new client. Returns it with what it received on joining.
    fn join_room(&self, names: &Names) -> (Client, Vec<Heard>) {
        // The first room may be too busy for a new client; the server closes a client that can't keep up.
        let joined = (0..JOIN_ATTEMPTS).find_map(|_| self.try_join_room(names));
        joined.expect("the server lets one of the attempts join")
    }

    fn try_join_room(&self, names: &Names) -> Option<(Client, Vec<Heard>)> {
        let mut client = Client::connect(self.server);
        // The system reuses ports, and a port is part of the name.
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
            // Lines from before the join are about another room.
            let entered = format!("* you are in {room} now");
            let at = lines.iter().position(|line| line.starts_with(&entered)).expect("the server confirms the join");
            lines.drain(..=at);
            if !client.try_send("/part #lobby\n") {
                return None;
            }
            lines.extend(client.try_barrier()?);
        }
        let heard = self.parse(lines).collect();
        Some((client, heard))
    }

    /// Parses the lines that concern the crowd's room.
    ///
    /// On the way to its room, a member also receives lines of the first room. They come from clients with other
    /// addresses, or with names that are no addresses.
    fn parse(&self, lines: Vec<String>) -> impl Iterator<Item = Heard> {
        let (elsewhere, origin) = (self.room.is_some(), format!("{}:", self.server.ip()));
        let from_first_room = move |heard: &Heard| match heard {
            Heard::Joined(name) | Heard::Left(name) => !name.starts_with(&origin),
            Heard::Other(line) => ["#lobby ", "* you left #lobby", "["].iter().any(|start| line.starts_with(start)),
            Heard::Said { .. } | Heard::Past { .. } => false,
        };
        let parsed = lines.into_iter().map(|line| Heard::parse(&line));
        parsed.filter(move |heard| !(elsewhere && from_first_room(heard)))
    }

    fn random(&self, number: usize) -> fastrand::Rng {
        fastrand::Rng::with_seed(self.seed.wrapping_mul(1_000_003) + number as u64)
    }

    /// Talks at random, with pings between, until all churners have finished.
    fn talk(
        &self,
        mut client: Client,
        number: usize,
        start: &Barrier,
        end: &Barrier,
        churning: &AtomicUsize,
    ) -> Record {
        let mut random = self.random(number);
        let mut record = Record { name: client.name().to_owned(), stayed: true, said: Vec::new(), heard: Vec::new() };
        start.wait();
        while record.said.len() < self.texts || churning.load(Ordering::Relaxed) > 0 {
            let mut bytes = Vec::new();
            for _ in 0..random.usize(1..=20) {
                let padding = "ä".repeat(random.usize(0..100));
                let text = format!("text {} of {number} {padding}|", record.said.len());
                bytes.extend_from_slice(text.as_bytes());
                bytes.push(b'\n');
                record.said.push(text);
            }
            send_in_random_writes(&mut client, &bytes, &mut random);
            record.heard.extend(self.parse(client.barrier()));
        }
        let last = format!("{LAST_TEXT} of {number}");
        client.send(format!("{last}\n"));
        record.said.push(last);
        // I8: the answer means that the send queues of all members hold this talker's texts, so the next ping of every
        // member is answered after them.
        record.heard.extend(self.parse(client.barrier()));
        end.wait();
        record.heard.extend(self.parse(client.barrier()));
        record
    }

    /// Receives everything as fast as it arrives.
    fn listen(&self, mut client: Client, start: &Barrier, end: &Barrier) -> Record {
        let mut record = Record { name: client.name().to_owned(), stayed: true, said: Vec::new(), heard: Vec::new() };
        let mut talking = self.talkers;
        start.wait();
        while talking > 0 {
            let line = client.read_line();
            talking -= usize::from(line.contains(LAST_TEXT));
            record.heard.extend(self.parse(vec![line]));
        }
        end.wait();
        record.heard.extend(self.parse(client.barrier()));
        record
    }

    /// Joins and leaves repeatedly, each time as a new member.
    fn churn(&self, number: usize, start: &Barrier, churning: &AtomicUsize, names: &Names) -> Vec<Record> {
        let mut random = self.random(1000 + number);
        let mut records = Vec::new();
        start.wait();
        for _ in 0..self.lives {
            let (mut client, heard) = self.join_room(names);
            let name = client.name().to_owned();
            let mut record = Record { name, stayed: false, said: Vec::new(), heard };
            for text in 0..random.usize(0..5) {
                let text = format!("text {text} of churner {number}, {}", record.name);
                client.send(format!("{text}\n"));
                record.said.push(text);
                record.heard.extend(self.parse(client.barrier()));
            }
            match random.usize(0..3) {
                0 => client.reset(),
                1 => drop(client),
                _ => {
                    client.send("/quit\n");
                    let rest = client.read_to_end();
                    record.heard.extend(self.parse(rest.lines().map(str::to_owned).collect()));
                }
            }
            records.push(record);
        }
        churning.fetch_sub(1, Ordering::Relaxed);
        records
    }
}

/// Sends whole lines in writes of random sizes, so that segments don't match lines.
fn send_in_random_writes(client: &mut Client, bytes: &[u8], random: &mut fastrand::Rng) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(random.usize(1..=rest.len()));
        client.send(piece);
        rest = after;
    }
}
