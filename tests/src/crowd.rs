//! A crowd of well-behaved members who write down all they say and hear.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex, PoisonError};
use std::thread;

use crate::client::{Client, GREETING};
use crate::contract::{Heard, Record};

/// What only the last text of each talker has in it.
const LAST: &str = "the last text";

/// All names that anybody had: two of one name could not be told apart.
type Names = Mutex<HashSet<String>>;

/// So often somebody tries to come in.
const TRIES: usize = 20;

/// Who comes, and what each does.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// Where the server listens.
    pub server: SocketAddr,
    /// The room in which they meet, if it is not the one where everybody begins. Nobody else must be in it.
    pub room: Option<String>,
    /// How many only listen, from the first text to the last.
    pub listeners: usize,
    /// How many talk, from the first text to the last.
    pub talkers: usize,
    /// How many come and go.
    pub churners: usize,
    /// How many texts each talker says at least.
    pub texts: usize,
    /// How often each churner comes and goes.
    pub lives: usize,
    /// What they do at random depends on this alone.
    pub seed: u64,
}

impl Crowd {
    /// Lets them all come, talk and go; returns what each said and heard.
    ///
    /// # Panics
    ///
    /// When the server does not answer one of them.
    #[must_use]
    pub fn run(&self) -> Vec<Record> {
        let start = &Barrier::new(self.listeners + self.talkers + self.churners);
        let end = &Barrier::new(self.listeners + self.talkers);
        let churning = &AtomicUsize::new(self.churners);
        let names = &Names::default();
        thread::scope(|scope| {
            let listeners: Vec<_> = (0..self.listeners)
                .map(|_| {
                    let client = self.come(names).0;
                    scope.spawn(move || self.listen(client, start, end))
                })
                .collect();
            let talkers: Vec<_> = (0..self.talkers)
                .map(|number| {
                    let client = self.come(names).0;
                    scope.spawn(move || self.talk(client, number, start, end, churning))
                })
                .collect();
            let churners: Vec<_> = (0..self.churners)
                .map(|number| scope.spawn(move || self.churn(number, start, churning, names)))
                .collect();
            let churners = churners.into_iter().flat_map(|thread| thread.join().expect("no churner fails"));
            let stayers = listeners.into_iter().chain(talkers).map(|thread| thread.join().expect("no member fails"));
            churners.chain(stayers.collect::<Vec<_>>()).collect()
        })
    }

    /// Somebody new, and what it hears on coming into the room.
    fn come(&self, names: &Names) -> (Client, Vec<Heard>) {
        // Where everybody begins there may be more said than one can take in, and who can't is closed.
        let came = (0..TRIES).find_map(|_| self.try_to_come(names));
        came.expect("one of so many is let in")
    }

    fn try_to_come(&self, names: &Names) -> Option<(Client, Vec<Heard>)> {
        let mut client = Client::connect(self.server);
        // The system gives a port again that somebody else had before.
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
            // What others do elsewhere is no business of these.
            let entered = format!("* you are in {room} now");
            let at = lines.iter().position(|line| line.starts_with(&entered)).expect("it is let in");
            lines.drain(..=at);
            if !client.try_send("/part #lobby\n") {
                return None;
            }
            lines.extend(client.try_barrier()?);
        }
        let heard = self.heard(lines).collect();
        Some((client, heard))
    }

    /// What is heard of the room. On the way into another one, what happens where everybody begins is heard, too; who is
    /// met there has a name of its own or comes from elsewhere.
    fn heard(&self, lines: Vec<String>) -> impl Iterator<Item = Heard> {
        let (elsewhere, origin) = (self.room.is_some(), format!("{}:", self.server.ip()));
        let on_the_way = move |heard: &Heard| match heard {
            Heard::Joined(name) | Heard::Left(name) => !name.starts_with(&origin),
            Heard::Other(line) => ["#lobby ", "* you left #lobby", "["].iter().any(|start| line.starts_with(start)),
            Heard::Said { .. } | Heard::Past { .. } => false,
        };
        let parsed = lines.into_iter().map(|line| Heard::parse(&line));
        parsed.filter(move |heard| !(elsewhere && on_the_way(heard)))
    }

    fn random(&self, number: usize) -> fastrand::Rng {
        fastrand::Rng::with_seed(self.seed.wrapping_mul(1_000_003) + number as u64)
    }

    /// Talks at random, now and then with a PING between, until all churners are done.
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
            send_in_pieces(&mut client, &bytes, &mut random);
            record.heard.extend(self.heard(client.barrier()));
        }
        let last = format!("{LAST} of {number}");
        client.send(format!("{last}\n"));
        record.said.push(last);
        // I8: once this is answered, everybody's outbox holds what was said here, so everybody's next PING is behind it.
        record.heard.extend(self.heard(client.barrier()));
        end.wait();
        record.heard.extend(self.heard(client.barrier()));
        record
    }

    /// Hears everything, as fast as it comes.
    fn listen(&self, mut client: Client, start: &Barrier, end: &Barrier) -> Record {
        let mut record = Record { name: client.name().to_owned(), stayed: true, said: Vec::new(), heard: Vec::new() };
        let mut talking = self.talkers;
        start.wait();
        while talking > 0 {
            let line = client.line();
            talking -= usize::from(line.contains(LAST));
            record.heard.extend(self.heard(vec![line]));
        }
        end.wait();
        record.heard.extend(self.heard(client.barrier()));
        record
    }

    /// Comes and goes, each time as somebody new.
    fn churn(&self, number: usize, start: &Barrier, churning: &AtomicUsize, names: &Names) -> Vec<Record> {
        let mut random = self.random(1000 + number);
        let mut records = Vec::new();
        start.wait();
        for _ in 0..self.lives {
            let (mut client, heard) = self.come(names);
            let name = client.name().to_owned();
            let mut record = Record { name, stayed: false, said: Vec::new(), heard };
            for text in 0..random.usize(0..5) {
                let text = format!("text {text} of churner {number}, {}", record.name);
                client.send(format!("{text}\n"));
                record.said.push(text);
                record.heard.extend(self.heard(client.barrier()));
            }
            match random.usize(0..3) {
                0 => client.reset(),
                1 => drop(client),
                _ => {
                    client.send("/quit\n");
                    let rest = client.rest();
                    record.heard.extend(self.heard(rest.lines().map(str::to_owned).collect()));
                }
            }
            records.push(record);
        }
        churning.fetch_sub(1, Ordering::Relaxed);
        records
    }
}

/// Whole lines, split anywhere into writes of a random size, so that segments are no lines.
fn send_in_pieces(client: &mut Client, bytes: &[u8], random: &mut fastrand::Rng) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(random.usize(1..=rest.len()));
        client.send(piece);
        rest = after;
    }
}
