//! One round: all clients connect and disconnect, and the round counts what the server still holds.

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use chat_tests::contract::find_violations;
use chat_tests::{ChatServer, Client, Counters, Crowd};

use crate::hostile::{self, Target};

/// How long the server may take to release all connections. It closes stalled connections only after its own timeout.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(20);
/// The number of rounds that set the memory baseline. The baseline is their maximum, because an allocator keeps a
/// varying reserve.
const WARM_UP_ROUNDS: u64 = 10;
/// The amount by which the memory may exceed the baseline after a later round, in KiB.
const MEMORY_MARGIN: u64 = 16 * 1024;
/// How long a new client may take to chat (I11).
const NEW_CLIENT_TIMEOUT: Duration = Duration::from_secs(1);

/// A server under test, and the findings of the soak so far.
pub(crate) struct Soak {
    server: ChatServer,
    seed: u64,
    rounds: u64,
    /// The usage before the first client connected.
    baseline: Usage,
    /// The memory baseline: the maximum after one of the warm-up rounds, in KiB.
    memory_baseline: u64,
    last: Usage,
    messages: usize,
    members: usize,
}

/// The resources that the server holds. Memory is in KiB.
#[derive(Clone, Copy, Debug)]
struct Usage {
    threads: u64,
    descriptors: usize,
    memory: u64,
}

impl Usage {
    fn of(server: &ChatServer) -> Usage {
        let (threads, memory) = (server.proc_status("Threads"), server.proc_status("VmRSS"));
        Usage { threads, descriptors: server.open_descriptors(), memory }
    }
}

impl Soak {
    pub(crate) fn start(seed: u64, slow_consumer: &str) -> Soak {
        rlimit::increase_nofile_limit(u64::MAX).expect("the limit of descriptors can be raised");
        // The default limits would refuse most of the load or make a round long.
        let limits = ["-q", "--rate", "0", "--max-per-address", "32", "--write-timeout", "2"];
        // The send queue must be large enough that no well-behaved client has a gap: the checker counts it as a fault.
        let send_queue = if slow_consumer == "drop-oldest" { "4M" } else { "512K" };
        let server =
            ChatServer::start(&[&limits[..], &["--slow-consumer", slow_consumer, "--sendq", send_queue]].concat());
        // The server prints that it has started before its last threads run. Once a client has joined, all of them run.
        let first = Client::join(server.address());
        let with_one = Usage::of(&server);
        let baseline = Usage { threads: with_one.threads - 1, descriptors: with_one.descriptors - 1, ..with_one };
        drop(first);
        Soak { server, seed, rounds: 0, baseline, memory_baseline: 0, last: baseline, messages: 0, members: 0 }
    }

    /// Runs all clients once. Returns a description of each fault.
    pub(crate) fn round(&mut self) -> Vec<String> {
        self.rounds += 1;
        let (seed, server) = (self.seed.wrapping_add(self.rounds), self.server.address());
        let crowd = Crowd {
            server,
            room: Some(format!("#soak{}", self.rounds)),
            readers: 8,
            talkers: 4,
            churners: 4,
            messages: 3000,
            rejoins: 30,
            seed,
        };
        let stop = AtomicBool::new(false);
        let records = thread::scope(|threads| {
            for (number, abuse) in hostile::ALL.iter().enumerate() {
                let stop = &stop;
                let from = Ipv4Addr::new(127, 0, 0, 10 + u8::try_from(number).expect("there are few kinds"));
                let target = Target { server, from };
                threads.spawn(move || hostile::repeat(*abuse, target, seed + number as u64, stop));
            }
            let records = crowd.run();
            stop.store(true, Ordering::Relaxed);
            records
        });
        self.members += records.len();
        self.messages += records.iter().map(|record| record.sent.len()).sum::<usize>();
        let mut faults: Vec<String> =
            find_violations(&records).iter().map(|violation| format!("round {}: {violation:?}", self.rounds)).collect();
        drop(records);
        faults.extend(self.check_new_clients());
        faults.extend(self.check_released());
        faults.extend(self.server.try_read_log().map(|line| format!("an error was logged: {line}")));
        faults
    }

    /// Checks I11: new clients join and chat in time.
    fn check_new_clients(&self) -> Option<String> {
        let start = Instant::now();
        let (mut alice, mut bob) = (Client::join(self.server.address()), Client::join(self.server.address()));
        alice.send("fresh\n");
        alice.barrier();
        let received = bob.barrier().contains(&format!("<{}> fresh", alice.name()));
        let took = start.elapsed();
        (!received || took > NEW_CLIENT_TIMEOUT)
            .then(|| format!("new clients took {took:?} to chat; received: {received}"))
    }

    /// Checks I10: threads, descriptors and memory have returned to their baselines.
    fn check_released(&mut self) -> Option<String> {
        let start = Instant::now();
        let is_released = |usage: Usage, baseline: Usage| {
            usage.threads == baseline.threads && usage.descriptors == baseline.descriptors
        };
        loop {
            self.last = Usage::of(&self.server);
            if is_released(self.last, self.baseline) {
                break;
            }
            if start.elapsed() > RELEASE_TIMEOUT {
                return Some(format!("after {RELEASE_TIMEOUT:?} still {:?}, at first {:?}", self.last, self.baseline));
            }
            thread::sleep(Duration::from_millis(50));
        }
        if self.rounds <= WARM_UP_ROUNDS {
            self.memory_baseline = self.memory_baseline.max(self.last.memory);
        }
        let more = self.last.memory.saturating_sub(self.memory_baseline);
        (more > MEMORY_MARGIN)
            .then(|| format!("{more} KiB more memory than after any of the first rounds: {:?}", self.last))
    }

    pub(crate) fn summary(&self) -> String {
        let Usage { threads, descriptors, memory } = self.last;
        let mut line = format!("round {}: {} members, {} messages so far; ", self.rounds, self.members, self.messages);
        let _ = write!(line, "in use: {threads} threads, {descriptors} descriptors, {} MiB", memory / 1024);
        line
    }

    /// Stops the server. Returns its counters, or a fault.
    pub(crate) fn stop(self) -> Result<Counters, String> {
        let counters = self.server.counters();
        let [handed_out, sent, dropped, waiting] =
            ["handed out", "sent", "dropped", "waiting"].map(|what| counters.get(&format!("bytes {what}")));
        if handed_out != sent + dropped + waiting {
            return Err(format!("{handed_out} bytes handed out are not {sent} + {dropped} + {waiting}"));
        }
        if waiting != 0 || counters.get("members") != 0 {
            return Err(format!("members or queued bytes are left:\n{counters}"));
        }
        self.server.send_signal("TERM");
        let (status, _) = self.server.wait_for_exit();
        if status.success() { Ok(counters) } else { Err(format!("the server exited with {status}")) }
    }
}
