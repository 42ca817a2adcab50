//! One round: everybody comes, everybody goes, and what is left is counted.

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use chat_tests::contract::violations;
use chat_tests::{ChatServer, Client, Crowd};

use crate::hostile::{self, Target};

/// How long everybody may take to be gone. Stalled ones are noticed after the server's own time for that.
const GONE: Duration = Duration::from_secs(20);
/// What an allocator keeps for later is not the same each time: the most that is in use after one of so many rounds,
const WARM_UP: u64 = 10;
/// and so much more, may be in use after any that follows, in KiB.
const MEMORY: u64 = 16 * 1024;
/// How long a fresh client may take to chat (I11).
const FRESH: Duration = Duration::from_secs(1);

/// A server that is soaked, and what was found so far.
pub(crate) struct Soak {
    server: ChatServer,
    seed: u64,
    rounds: u64,
    /// When nobody was there yet.
    base: Usage,
    /// The most memory that was in use when everybody was gone, after one of the first rounds.
    warm: u64,
    last: Usage,
    texts: usize,
    members: usize,
}

/// What the server has in use.
#[derive(Clone, Copy, Debug)]
struct Usage {
    threads: u64,
    descriptors: usize,
    memory: u64,
}

impl Usage {
    fn of(server: &ChatServer) -> Usage {
        let (threads, memory) = (server.status("Threads"), server.status("VmRSS"));
        Usage { threads, descriptors: server.descriptors(), memory }
    }
}

impl Soak {
    pub(crate) fn start(seed: u64, slow: &str) -> Soak {
        rlimit::increase_nofile_limit(u64::MAX).expect("the limit of descriptors can be raised");
        // As by default, but for what would keep the load away, or make the rounds long.
        let limits = ["-q", "--rate", "0", "--max-per-address", "32", "--stall", "2"];
        // What is left out is told, and here a fault: those who behave must not be late by so much on a busy machine.
        let outbox = if slow == "skip" { "4M" } else { "512K" };
        let server = ChatServer::start(&[&limits[..], &["--slow", slow, "--outbox", outbox]].concat());
        let base = Usage::of(&server);
        Soak { server, seed, rounds: 0, base, warm: 0, last: base, texts: 0, members: 0 }
    }

    /// Lets everybody come and go once; returns what went wrong.
    pub(crate) fn round(&mut self) -> Vec<String> {
        self.rounds += 1;
        let (seed, server) = (self.seed.wrapping_add(self.rounds), self.server.address());
        let crowd = Crowd {
            server,
            room: Some(format!("#soak{}", self.rounds)),
            listeners: 8,
            talkers: 4,
            churners: 4,
            texts: 3000,
            lives: 30,
            seed,
        };
        let over = AtomicBool::new(false);
        let records = thread::scope(|threads| {
            for (number, abuse) in hostile::ALL.iter().enumerate() {
                let over = &over;
                let from = Ipv4Addr::new(127, 0, 0, 10 + u8::try_from(number).expect("there are few kinds"));
                let target = Target { server, from };
                threads.spawn(move || hostile::repeat(*abuse, target, seed + number as u64, over));
            }
            let records = crowd.run();
            over.store(true, Ordering::Relaxed);
            records
        });
        self.members += records.len();
        self.texts += records.iter().map(|record| record.said.len()).sum::<usize>();
        let mut faults: Vec<String> =
            violations(&records).iter().map(|violation| format!("round {}: {violation:?}", self.rounds)).collect();
        drop(records);
        faults.extend(self.check_fresh());
        faults.extend(self.check_gone());
        faults.extend(self.server.try_logged().map(|line| format!("an error was logged: {line}")));
        faults
    }

    /// I11: after all that, a fresh client joins and chats within a second.
    fn check_fresh(&self) -> Option<String> {
        let start = Instant::now();
        let (mut alice, mut bob) = (Client::join(self.server.address()), Client::join(self.server.address()));
        alice.send("fresh\n");
        alice.barrier();
        let heard = bob.barrier().contains(&format!("<{}> fresh", alice.name()));
        let took = start.elapsed();
        (!heard || took > FRESH).then(|| format!("a fresh client took {took:?} to chat; heard: {heard}"))
    }

    /// I10: threads and descriptors are back at the base, and memory where it was.
    fn check_gone(&mut self) -> Option<String> {
        let start = Instant::now();
        let is_gone =
            |usage: Usage, base: Usage| usage.threads == base.threads && usage.descriptors == base.descriptors;
        loop {
            self.last = Usage::of(&self.server);
            if is_gone(self.last, self.base) {
                break;
            }
            if start.elapsed() > GONE {
                return Some(format!("after {GONE:?} still {:?}, at first {:?}", self.last, self.base));
            }
            thread::sleep(Duration::from_millis(50));
        }
        if self.rounds <= WARM_UP {
            self.warm = self.warm.max(self.last.memory);
        }
        let more = self.last.memory.saturating_sub(self.warm);
        (more > MEMORY).then(|| format!("{more} KiB more memory than after any of the first rounds: {:?}", self.last))
    }

    pub(crate) fn summary(&self) -> String {
        let Usage { threads, descriptors, memory } = self.last;
        let mut line = format!("round {}: {} members, {} texts so far; ", self.rounds, self.members, self.texts);
        let _ = write!(line, "left: {threads} threads, {descriptors} descriptors, {} MiB", memory / 1024);
        line
    }

    /// Ends the server; what it counted, or what was wrong with that.
    pub(crate) fn end(self) -> Result<String, String> {
        self.server.signal("USR1");
        let mut stats = String::new();
        let count = |stats: &str, what: &str| -> u64 {
            let line = stats.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(": "));
            line.and_then(|count| count.parse().ok()).unwrap_or(0)
        };
        while !stats.contains("bytes waiting: ") {
            let line = self.server.printed();
            let _ = writeln!(stats, "{line}");
        }
        let [handed_out, sent, dropped, waiting] =
            ["handed out", "sent", "dropped", "waiting"].map(|what| count(&stats, &format!("bytes {what}")));
        if handed_out != sent + dropped + waiting {
            return Err(format!("{handed_out} bytes handed out are not {sent} + {dropped} + {waiting}"));
        }
        if waiting != 0 || count(&stats, "members") != 0 {
            return Err(format!("somebody is left:\n{stats}"));
        }
        self.server.signal("TERM");
        let (end, _) = self.server.wait();
        if end.success() { Ok(stats) } else { Err(format!("it ended with {end}")) }
    }
}
