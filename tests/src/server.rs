//! A chat-server process for a test, on its own port.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Instant;

use crate::counters::Counters;
use crate::programs::{command, program};
use crate::signal::send_signal;
use crate::wait::{TIMEOUT, poll};

/// A running chat-server. Dropping it kills the process.
#[derive(Debug)]
pub struct ChatServer {
    child: Child,
    port: u16,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl ChatServer {
    /// Starts a chat-server on a free port of the IPv4 loopback address, with these additional arguments.
    ///
    /// Unless the arguments set them, the rate limit and the limit of connections per address are off.
    #[must_use]
    pub fn start(args: &[&str]) -> ChatServer {
        ChatServer::start_on("127.0.0.1:0", args)
    }

    /// Starts a chat-server that listens on `address`, like [`start`](Self::start).
    ///
    /// # Panics
    ///
    /// If the server doesn't print that it has started.
    #[must_use]
    pub fn start_on(address: &str, args: &[&str]) -> ChatServer {
        let mut command = command(program("chat-server"));
        command.args(["--listen", address]).args(args);
        for limit in ["--rate", "--max-per-address"].iter().filter(|limit| !args.contains(limit)) {
            command.args([limit, "0"]);
        }
        ChatServer::spawn(command)
    }

    /// Starts a chat-server with this command, for tests that need another environment.
    ///
    /// # Panics
    ///
    /// If the server doesn't print that it has started.
    #[must_use]
    pub fn spawn(mut command: Command) -> ChatServer {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("chat-server can be started");
        let stdout = read_lines(child.stdout.take().expect("standard output is a pipe"));
        let stderr = read_lines(child.stderr.take().expect("standard error is a pipe"));
        let first = stdout.recv_timeout(TIMEOUT).unwrap_or_else(|_| {
            let _ = child.kill();
            panic!("chat-server does not start: {:?}", stderr.iter().collect::<Vec<_>>());
        });
        let port = first.strip_prefix("Chat server started on port ").and_then(|port| port.parse().ok());
        let port = port.unwrap_or_else(|| panic!("chat-server does not print its port first: {first:?}"));
        ChatServer { child, port, stdout, stderr }
    }

    /// Returns the port of the plain line protocol.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Reads the IRC port of a server that was started with `--irc`. Call it once, before you read other output.
    ///
    /// # Panics
    ///
    /// If the server does not print the port.
    #[must_use]
    pub fn read_irc_port(&self) -> u16 {
        let line = self.read_stdout();
        let port = line.strip_prefix("IRC server started on port ").and_then(|port| port.parse().ok());
        port.unwrap_or_else(|| panic!("the line is not the IRC port: {line:?}"))
    }

    /// Returns the address to connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Reads the next line of the server's standard output.
    ///
    /// # Panics
    ///
    /// If none arrives.
    #[must_use]
    pub fn read_stdout(&self) -> String {
        self.stdout.recv_timeout(TIMEOUT).expect("chat-server prints a line")
    }

    /// Waits for a log line that contains `text`, and returns that line.
    ///
    /// # Panics
    ///
    /// If none arrives.
    #[must_use]
    pub fn wait_for_log(&self, text: &str) -> String {
        let deadline = Instant::now() + TIMEOUT;
        let mut others = Vec::new();
        loop {
            match self.stderr.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(text) => return line,
                Ok(line) => others.push(line),
                Err(error) => panic!("{error}: no log line contains {text:?}: {others:#?}"),
            }
        }
    }

    /// Returns the next log line, or `None` if the server has written none yet.
    #[must_use]
    pub fn try_read_log(&self) -> Option<String> {
        self.stderr.try_recv().ok()
    }

    /// Returns a number from `/proc/PID/status`, such as `Threads` or `VmRSS` (in KiB).
    ///
    /// # Panics
    ///
    /// If there is no such number.
    #[must_use]
    pub fn proc_status(&self, field: &str) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).expect("the system has /proc");
        let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.unwrap_or_else(|| panic!("no number {field} in {status}"))
    }

    /// Returns the number of the server's open descriptors.
    ///
    /// # Panics
    ///
    /// If the system doesn't list them.
    #[must_use]
    pub fn open_descriptors(&self) -> usize {
        let directory = format!("/proc/{}/fd", self.child.id());
        std::fs::read_dir(directory).expect("the system has /proc").count()
    }

    /// Returns the server's CPU time, in ticks of 10 ms.
    ///
    /// # Panics
    ///
    /// If the system doesn't report it.
    #[must_use]
    pub fn cpu_ticks(&self) -> u64 {
        let path = format!("/proc/{}/stat", self.child.id());
        let stat = std::fs::read_to_string(path).expect("the system has /proc");
        // Fields 14 and 15 are the user and system time (proc_pid_stat(5)). Field 3 is the first after the name.
        let fields = stat.rsplit_once(')').expect("the name is in parentheses").1.split_whitespace();
        fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("CPU time is a number")).sum()
    }

    /// Sends the server a signal. `name` is the signal's name without `SIG`.
    ///
    /// # Panics
    ///
    /// If the signal can't be sent.
    pub fn send_signal(&self, name: &str) {
        send_signal(self.child.id(), name);
    }

    /// Makes the server print its counters, and returns them.
    ///
    /// # Panics
    ///
    /// If the server does not print them.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.send_signal("USR1");
        Counters::read(|| self.read_stdout())
    }

    /// Waits until the server exits. Returns its exit status and its remaining output.
    ///
    /// # Panics
    ///
    /// If the server doesn't exit.
    #[must_use]
    pub fn wait_for_exit(mut self) -> (ExitStatus, Vec<String>) {
        let status = poll("chat-server exits", || self.child.try_wait().expect("it is a child of this process"));
        (status, self.stdout.iter().collect())
    }

    /// Kills the server at once.
    ///
    /// # Panics
    ///
    /// If the system doesn't kill it.
    pub fn kill(mut self) {
        self.child.kill().expect("the server can be killed");
        self.child.wait().expect("the server exits");
    }
}

impl Drop for ChatServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the lines of `stream`. A thread reads them, so that the program that writes them never blocks.
fn read_lines(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = mpsc::channel();
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        while stream.read_line(&mut line).is_ok_and(|count| count > 0) {
            if send.send(line.trim_end_matches('\n').to_owned()).is_err() {
                // The test no longer needs the lines, but the program may write more.
                let _ = std::io::copy(&mut stream.by_ref(), &mut std::io::sink());
                return;
            }
            line.clear();
        }
    });
    lines
}
