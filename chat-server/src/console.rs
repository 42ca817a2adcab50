//! Printing that nobody has to wait for.
//!
//! Each connection's thread prints, and the hub's logs. If they wrote for themselves, a terminal that is stopped or a
//! pipe that nobody reads would stop the chat. So a thread does the writing, and what it can't keep up with is counted
//! and left out. A closed pipe is no error either.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

/// How many lines may wait.
const LINES: usize = 4096;
/// How long the last lines may take.
const LAST_LINES: Duration = Duration::from_millis(500);

/// One way out, such as standard output.
#[derive(Debug)]
pub(crate) struct Console {
    printer: Printer,
}

/// Prints to a [`Console`], from any thread.
#[derive(Clone, Debug)]
pub(crate) struct Printer {
    jobs: Sender<Job>,
    /// Lines left out since the last that was printed.
    lost: Arc<AtomicU64>,
}

/// What a console's thread is given to do.
#[derive(Debug)]
enum Job {
    Write(Vec<u8>),
    /// Say when everything before is written.
    Report(Sender<()>),
}

impl Console {
    /// Starts the thread that writes to `out`. Nobody waits for its end, since whoever reads `out` may have stopped.
    pub(crate) fn start(name: &str, out: impl Write + Send + 'static) -> io::Result<Console> {
        let (jobs, waiting) = bounded(LINES);
        let lost = Arc::new(AtomicU64::new(0));
        let printer = Printer { jobs, lost: Arc::clone(&lost) };
        thread::Builder::new().name(name.to_owned()).spawn(move || write_out(&waiting, &lost, out))?;
        Ok(Console { printer })
    }

    pub(crate) fn printer(&self) -> Printer {
        self.printer.clone()
    }

    /// Waits until the last lines are written, but not long: whoever should read them may have stopped.
    pub(crate) fn finish(self) {
        let (done, reported) = bounded(1);
        if self.printer.jobs.send_timeout(Job::Report(done), LAST_LINES).is_ok() {
            let _ = reported.recv_timeout(LAST_LINES);
        }
    }
}

fn write_out(jobs: &Receiver<Job>, lost: &AtomicU64, mut out: impl Write) {
    for job in jobs {
        // When a write fails nobody reads: there is nobody to tell, and the chat goes on.
        match job {
            Job::Write(line) => {
                let _ = out.write_all(&line);
            }
            Job::Report(done) => {
                let _ = out.flush();
                let _ = done.send(());
            }
        }
        if jobs.is_empty() {
            let lost = lost.swap(0, Ordering::Relaxed);
            if lost > 0 {
                let _ = writeln!(out, "({lost} lines were left out: they came faster than they could be written)");
            }
            let _ = out.flush();
        }
    }
}

impl Printer {
    /// Prints a line.
    pub(crate) fn line(&self, line: &str) {
        self.put(format!("{line}\n").into_bytes());
    }

    fn put(&self, bytes: Vec<u8>) {
        if let Err(TrySendError::Full(_)) = self.jobs.try_send(Job::Write(bytes)) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// For the logger, which writes each record at once.
impl Write for Printer {
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        self.put(record.to_vec());
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows what is written, and writes only when it is let.
    struct Gate {
        open: Receiver<()>,
        written: Sender<Vec<u8>>,
    }

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.open.recv();
            self.written.send(bytes.to_vec()).expect("the test reads");
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_blocked_output_blocks_nobody_and_the_gap_is_told() {
        let (let_through, open) = bounded(0);
        let (written, lines) = crossbeam_channel::unbounded();
        let console = Console::start("test", Gate { open, written }).expect("threads can be started");
        let printer = console.printer();
        for number in 0..LINES + 100 {
            printer.line(&number.to_string());
        }
        // The first may have been taken from the queue already.
        let lost = printer.lost.load(Ordering::Relaxed);
        assert!((99..=100).contains(&lost), "{lost}");

        drop((printer, let_through));
        console.finish();
        let lines: Vec<String> = lines.iter().map(|line| String::from_utf8_lossy(&line).into_owned()).collect();
        assert_eq!(lines[..3], ["0\n", "1\n", "2\n"]);
        assert!(
            lines
                .concat()
                .ends_with(&format!("({lost} lines were left out: they came faster than they could be written)\n"))
        );
    }

    #[test]
    fn a_closed_output_is_no_error() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
        }
        let console = Console::start("test", Closed).expect("threads can be started");
        console.printer().line("to nobody");
        console.finish();
    }
}
