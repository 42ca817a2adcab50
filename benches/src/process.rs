//! The process of a server, from its start to its end.
//!
//! Dropping a [`Process`] kills the server: on success, on an error, on a panic, and on Ctrl-C, which ends a run with
//! an error (see [`Stop`]).

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

const START_TIMEOUT: Duration = Duration::from_secs(20);

/// A running server.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    address: SocketAddr,
    /// The folder of the server's configuration and data, which is removed after the process has ended.
    _folder: Option<TempDir>,
    /// The server's standard output. It stays open, because a closed pipe would make the server's writes fail.
    output: Option<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts a server that prints its port as the last word of a line, after `skip` other lines.
    pub(crate) fn start_and_read_port(command: &mut Command, skip: usize) -> io::Result<Process> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn()?;
        let output = child.stdout.take().map(BufReader::new);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        // From here on, an early return kills the process.
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

    /// Starts a server on `port` of the loopback address (see [`free_port`]), and waits until the server listens.
    pub(crate) fn start_on_port(port: u16, command: &mut Command, folder: TempDir, stop: &Stop) -> io::Result<Process> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut process = Process { child, address, _folder: Some(folder), output: None };
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = process.child.try_wait()? {
                return Err(io::Error::other(format!("it ended with {status}")));
            }
            if stop.is_set() || started.elapsed() > START_TIMEOUT {
                return Err(io::Error::other(format!("it does not listen on port {port}")));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(process)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the processor time of the server; see [`usage::processor_time`].
    pub(crate) fn processor_time(&self) -> io::Result<Duration> {
        usage::processor_time(self.child.id())
    }

    /// Returns the memory of the server in kB; see [`usage::memory`].
    pub(crate) fn memory(&self) -> io::Result<u64> {
        usage::memory(self.child.id())
    }

    pub(crate) fn threads(&self) -> io::Result<u64> {
        usage::threads(self.child.id())
    }

    /// Returns the number of the server's open descriptors; see [`usage::descriptors`].
    pub(crate) fn descriptors(&self) -> io::Result<usize> {
        usage::descriptors(self.child.id())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The process may have ended already, so an error does not matter.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns a port on which no process listens at the moment.
pub(crate) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Finds an installed program, even in the folders that only an administrator's `PATH` contains.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    folders.map(|folder: PathBuf| folder.join(program)).find(|file| file.is_file())
}

/// Returns the version that `program --version` prints: the first word of digits and dots.
pub(crate) fn version(program: &Path) -> Option<String> {
    let output = Command::new(program).arg(OsStr::new("--version")).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let words = text.split(|character: char| !character.is_ascii_digit() && character != '.');
    let version = words.map(|word| word.trim_matches('.')).find(|word| word.contains('.'));
    version.map(str::to_owned)
}
