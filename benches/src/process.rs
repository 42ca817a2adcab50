//! A server's process, from its start to its end.
//!
//! It ends when this is dropped: on success, on an error, on a panic, and on Ctrl-C, which is an error too, see
//! [`Stop`](crate::stop::Stop).

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::stop::Stop;
use crate::usage;

const PATIENCE: Duration = Duration::from_secs(20);

/// A running server.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    address: SocketAddr,
    /// Its configuration and what it writes, removed when it has ended.
    _folder: Option<TempDir>,
    /// Kept open, or what it prints would be an error.
    output: Option<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts a server that prints its port, at the end of its first line or, if some are to be skipped, of a later one.
    pub(crate) fn start_telling_port(command: &mut Command, skip: usize) -> io::Result<Process> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn()?;
        let output = child.stdout.take().map(BufReader::new);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        // From here on, dropping it ends the process.
        let mut process = Process { child, address, _folder: None, output };
        let mut line = String::new();
        for _ in 0..=skip {
            line.clear();
            if let Some(output) = &mut process.output {
                output.read_line(&mut line)?;
            }
        }
        let port = line.split_whitespace().last().and_then(|word| word.parse().ok());
        let port = port.ok_or_else(|| io::Error::other(format!("it printed {line:?} instead of its port")))?;
        process.address.set_port(port);
        Ok(process)
    }

    /// Starts a server that listens on `port` of this machine, see [`free_port`]; returns when it does.
    pub(crate) fn start_on(port: u16, command: &mut Command, folder: TempDir, stop: &Stop) -> io::Result<Process> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut process = Process { child, address, _folder: Some(folder), output: None };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = process.child.try_wait()? {
                return Err(io::Error::other(format!("it ended with {status}")));
            }
            if stop.is_set() || began.elapsed() > PATIENCE {
                return Err(io::Error::other(format!("it does not listen on port {port}")));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(process)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// See [`usage::processor_time`].
    pub(crate) fn processor_time(&self) -> io::Result<Duration> {
        usage::processor_time(self.child.id())
    }

    /// See [`usage::memory`].
    pub(crate) fn memory(&self) -> io::Result<u64> {
        usage::memory(self.child.id())
    }

    pub(crate) fn threads(&self) -> io::Result<u64> {
        usage::threads(self.child.id())
    }

    /// See [`usage::descriptors`].
    pub(crate) fn descriptors(&self) -> io::Result<usize> {
        usage::descriptors(self.child.id())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already; there is nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody listens on now.
pub(crate) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Where a program is installed. Servers are often where only the administrator's `PATH` leads.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    folders.map(|folder: PathBuf| folder.join(program)).find(|file| file.is_file())
}

/// The version in what `program --version` prints: the first word of digits and dots.
pub(crate) fn version(program: &Path) -> Option<String> {
    let output = Command::new(program).arg(OsStr::new("--version")).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let words = text.split(|character: char| !character.is_ascii_digit() && character != '.');
    let version = words.map(|word| word.trim_matches('.')).find(|word| word.contains('.'));
    version.map(str::to_owned)
}
