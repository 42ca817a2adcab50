//! Non-blocking output: a bounded queue of lines and a thread that writes them.
//!
//! Connection threads print, and the hub logs. If they wrote directly, a stopped terminal or an unread pipe would stop
//! the chat. When the queue is full, the [`Printer`] drops the line and counts it. A closed pipe is not an error.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

/// The largest number of lines that a console queues.
const QUEUE_CAPACITY: usize = 4096;
/// The timeout of each of the two steps of [`Console::finish`]: to queue the flush, and to wait for its completion.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(500);

/// An output stream, such as standard output, and the thread that writes to it.
#[derive(Debug)]
pub(crate) struct Console {
    printer: Printer,
}

/// A handle that prints to a [`Console`] from any thread.
#[derive(Clone, Debug)]
pub(crate) struct Printer {
    jobs: Sender<Job>,
    /// The number of lines dropped since the console's thread last reported dropped lines.
    dropped: Arc<AtomicU64>,
}

/// A job for a console's thread.
#[derive(Debug)]
enum Job {
    /// Write these bytes.
    Write(Vec<u8>),
    /// Flush the output, then confirm on this channel.
    Flush(Sender<()>),
}

impl Console {
    /// Starts the thread that writes to `out`. The thread is never joined, because its write may block for ever.
    pub(crate) fn start(name: &str, out: impl Write + Send + 'static) -> io::Result<Console> {
        let (jobs, queue) = bounded(QUEUE_CAPACITY);
        let dropped = Arc::new(AtomicU64::new(0));
        let printer = Printer { jobs, dropped: Arc::clone(&dropped) };
        thread::Builder::new().name(name.to_owned()).spawn(move || write_queue(&queue, &dropped, out))?;
        Ok(Console { printer })
    }

    /// Returns a new handle that prints to this console.
    pub(crate) fn printer(&self) -> Printer {
        self.printer.clone()
    }

    /// Waits until the thread has written all queued lines, or twice [`FLUSH_TIMEOUT`] has passed.
    pub(crate) fn finish(self) {
        let (confirm, confirmed) = bounded(1);
        if self.printer.jobs.send_timeout(Job::Flush(confirm), FLUSH_TIMEOUT).is_ok() {
            let _ = confirmed.recv_timeout(FLUSH_TIMEOUT);
        }
    }
}

/// Runs the console's thread, which ends when all printers are dropped.
fn write_queue(jobs: &Receiver<Job>, dropped: &AtomicU64, mut out: impl Write) {
    for job in jobs {
        // A write fails when the reader is gone. The chat continues without its output.
        match job {
            Job::Write(line) => {
                let _ = out.write_all(&line);
            }
            Job::Flush(confirm) => {
                let _ = out.flush();
                let _ = confirm.send(());
            }
        }
        if jobs.is_empty() {
            let dropped = dropped.swap(0, Ordering::Relaxed);
            if dropped > 0 {
                let _ = writeln!(out, "({dropped} lines dropped: the output is too slow)");
            }
            let _ = out.flush();
        }
    }
}

impl Printer {
    /// Queues a line, or drops and counts it if the queue is full.
    pub(crate) fn line(&self, line: &str) {
        self.enqueue(format!("{line}\n").into_bytes());
    }

    fn enqueue(&self, bytes: Vec<u8>) {
        if let Err(TrySendError::Full(_)) = self.jobs.try_send(Job::Write(bytes)) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Lets the logger print: it passes each record in one call of `write`.
impl Write for Printer {
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        self.enqueue(record.to_vec());
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A writer that sends the written bytes to a channel. It writes only after a token, or after the token channel
    /// closes.
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
    fn blocked_output_drops_lines_without_blocking_printers() {
        let (permit, open) = bounded(0);
        let (written, lines) = crossbeam_channel::unbounded();
        let console = Console::start("test", Gate { open, written }).expect("threads can be started");
        let printer = console.printer();
        for number in 0..QUEUE_CAPACITY + 100 {
            printer.line(&number.to_string());
        }
        // The thread may have taken the first line from the queue already.
        let dropped = printer.dropped.load(Ordering::Relaxed);
        assert!((99..=100).contains(&dropped), "{dropped}");

        drop((printer, permit));
        console.finish();
        let lines: Vec<String> = lines.iter().map(|line| String::from_utf8_lossy(&line).into_owned()).collect();
        assert_eq!(lines[..3], ["0\n", "1\n", "2\n"]);
        let report = format!("({dropped} lines dropped: the output is too slow)\n");
        assert!(lines.concat().ends_with(&report), "{:?}", lines.last());
    }

    #[test]
    fn closed_output_is_no_error() {
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
