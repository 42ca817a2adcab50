//! A chat-server of the test's own, on a port of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use crate::{PATIENCE, program};

/// A running chat-server. Killed when it is dropped.
#[derive(Debug)]
pub struct ChatServer {
    child: Child,
    port: u16,
    printed: Receiver<String>,
    logged: Receiver<String>,
}

/// Sends a process a signal, such as `TERM`.
///
/// # Panics
///
/// When there is no such process.
pub fn signal(process: u32, name: &str) {
    let status = Command::new("kill").args(["-s", name, &process.to_string()]).status();
    assert!(status.expect("there is a kill command").success());
}

impl ChatServer {
    /// Starts one on a free port of the IPv4 loopback address, with these arguments besides. Unless they say otherwise,
    /// clients may talk as fast as they like, and as many come from one address as there may be.
    #[must_use]
    pub fn start(args: &[&str]) -> ChatServer {
        ChatServer::start_on("127.0.0.1:0", args)
    }

    /// Starts one on this place, as [`start`](Self::start).
    ///
    /// # Panics
    ///
    /// When it doesn't say that it has started.
    #[must_use]
    pub fn start_on(place: &str, args: &[&str]) -> ChatServer {
        let mut command = Command::new(program("chat-server"));
        command.args(["--listen", place]).args(args);
        for limit in ["--rate", "--max-per-address"].iter().filter(|limit| !args.contains(limit)) {
            command.args([limit, "0"]);
        }
        ChatServer::spawn(command)
    }

    /// Starts one with the whole command line given; for those that need another environment.
    ///
    /// # Panics
    ///
    /// When it doesn't say that it has started.
    #[must_use]
    pub fn spawn(mut command: Command) -> ChatServer {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("chat-server can be started");
        let printed = lines(child.stdout.take().expect("its output is a pipe"));
        let logged = lines(child.stderr.take().expect("its log is a pipe"));
        let first = printed.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            let _ = child.kill();
            panic!("chat-server does not start: {:?}", logged.iter().collect::<Vec<_>>());
        });
        let port = first.strip_prefix("Chat server started on port ").and_then(|port| port.parse().ok());
        let port = port.unwrap_or_else(|| panic!("chat-server does not begin as it must: {first:?}"));
        ChatServer { child, port, printed, logged }
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The port on which it speaks IRC; asked once, of one that was started with `--irc`.
    ///
    /// # Panics
    ///
    /// When it does not say so.
    #[must_use]
    pub fn irc_port(&self) -> u16 {
        let line = self.printed();
        let port = line.strip_prefix("IRC server started on port ").and_then(|port| port.parse().ok());
        port.unwrap_or_else(|| panic!("{line:?} is not where it speaks IRC"))
    }

    /// Where to connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The next line that it prints.
    ///
    /// # Panics
    ///
    /// When none comes.
    #[must_use]
    pub fn printed(&self) -> String {
        self.printed.recv_timeout(PATIENCE).expect("chat-server prints a line")
    }

    /// Waits for a line of the log with `part` in it.
    ///
    /// # Panics
    ///
    /// When none comes.
    #[must_use]
    pub fn logged(&self, part: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut others = Vec::new();
        loop {
            match self.logged.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(part) => return line,
                Ok(line) => others.push(line),
                Err(error) => panic!("{error}: nothing with {part:?} is logged, only {others:#?}"),
            }
        }
    }

    /// The next line of the log, if one is there already.
    #[must_use]
    pub fn try_logged(&self) -> Option<String> {
        self.logged.try_recv().ok()
    }

    /// What the system counts of it, from `/proc/PID/status`, such as `Threads` or `VmRSS` (in KiB).
    ///
    /// # Panics
    ///
    /// When it isn't counted.
    #[must_use]
    pub fn status(&self, field: &str) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).expect("the system tells of its processes");
        let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.unwrap_or_else(|| panic!("no number of {field} in {status}"))
    }

    /// How many descriptors it has open.
    ///
    /// # Panics
    ///
    /// When the system doesn't tell.
    #[must_use]
    pub fn descriptors(&self) -> usize {
        let folder = format!("/proc/{}/fd", self.child.id());
        std::fs::read_dir(folder).expect("the system tells of its processes").count()
    }

    /// The processor time it has used, in the system's ticks of 10 ms.
    ///
    /// # Panics
    ///
    /// When the system doesn't tell.
    #[must_use]
    pub fn ticks(&self) -> u64 {
        let path = format!("/proc/{}/stat", self.child.id());
        let stat = std::fs::read_to_string(path).expect("the system tells of its processes");
        // Behind the name in brackets: the third field of all is the first here; user and system time are 14 and 15.
        let fields = stat.rsplit_once(')').expect("the name is in brackets").1.split_whitespace();
        fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("ticks are a number")).sum()
    }

    /// Sends it a signal, by its name without `SIG`.
    ///
    /// # Panics
    ///
    /// When it can't be sent.
    pub fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Waits for its end, and returns how it ended and what it printed last.
    ///
    /// # Panics
    ///
    /// When it doesn't end.
    #[must_use]
    pub fn wait(mut self) -> (ExitStatus, Vec<String>) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("it is a child of this process") {
                return (status, self.printed.iter().collect());
            }
            assert!(Instant::now() < deadline, "chat-server does not end");
            thread::yield_now();
        }
    }

    /// Kills it at once.
    ///
    /// # Panics
    ///
    /// When the system doesn't let it be killed.
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }
}

impl Drop for ChatServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of `stream`, read by a thread so that whoever writes them never waits.
fn lines(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = mpsc::channel();
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        while stream.read_line(&mut line).is_ok_and(|count| count > 0) {
            if send.send(line.trim_end_matches('\n').to_owned()).is_err() {
                // Nobody asks any more, but the program may go on printing.
                let _ = std::io::copy(&mut stream.by_ref(), &mut std::io::sink());
                return;
            }
            line.clear();
        }
    });
    lines
}

/// Checks until `done`, for what is to come about without telling.
///
/// # Panics
///
/// When it does not come about within [`PATIENCE`].
#[track_caller]
pub fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        thread::sleep(Duration::from_millis(5));
    }
}
