//! A program in a terminal: a test presses keys, and compares the screen.
//!
//! The terminal is a real pseudo-terminal of the system. The `vt100` crate models its screen, so a test sees what a
//! person would see, with wrapped lines and the cursor. Nothing here sleeps to synchronise: every wait ends as soon as
//! its condition holds, and panics with the screen's contents after [`TIMEOUT`].

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::programs::environment;
use crate::svg;
use crate::wait::TIMEOUT;

/// A program that runs in its own terminal. Dropping it kills the program.
///
/// ```
/// use chat_tests::Pty;
///
/// let mut pty = Pty::start("sh", ["-c", "read line; echo got $line"], 5, 20);
/// pty.send("hi\r");
/// pty.wait_for_screen("hi\ngot hi");
/// assert_eq!(pty.exit_code(), 0);
/// ```
pub struct Pty {
    capture: Arc<Capture>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
}

impl std::fmt::Debug for Pty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pty").field("screen", &self.screen()).finish_non_exhaustive()
    }
}

impl Pty {
    /// Starts `program` in a terminal of `rows` × `cols`, in the environment of [`command`](crate::command): with
    /// `TERM=xterm-256color` and without a home.
    ///
    /// # Panics
    ///
    /// If the system has no terminal left, or the program can't be started.
    #[must_use]
    pub fn start(
        program: impl AsRef<OsStr>,
        args: impl IntoIterator<Item = impl AsRef<OsStr>>,
        rows: u16,
        cols: u16,
    ) -> Pty {
        let size = size(rows, cols);
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        for (name, value) in environment() {
            command.env(name, value);
        }
        // Otherwise it would be the home, and there is none.
        command.cwd("/");
        let child = pair.slave.spawn_command(command).expect("the program starts");
        let capture = Arc::new(Capture::new(rows, cols));
        let output = pair.master.try_clone_reader().expect("a reader of the terminal");
        let watching = Arc::clone(&capture);
        thread::spawn(move || watching.watch(output));
        Pty {
            capture,
            keyboard: pair.master.take_writer().expect("the keyboard of the terminal"),
            child,
            master: pair.master,
        }
    }

    /// Presses `keys`: text, `"\r"` for Enter, `"\x04"` for Ctrl-D, `"\x1b[A"` for the up arrow.
    ///
    /// # Panics
    ///
    /// If the terminal is closed.
    pub fn send(&mut self, keys: &str) {
        self.send_bytes(keys.as_bytes());
    }

    /// Sends `bytes`, as a terminal with an encoding other than UTF-8 does.
    ///
    /// # Panics
    ///
    /// If the terminal is closed.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.keyboard.write_all(bytes).and_then(|()| self.keyboard.flush()).expect("the terminal takes keys");
    }

    /// Resizes the terminal, as dragging the corner of its window does.
    ///
    /// # Panics
    ///
    /// If the terminal is closed.
    pub fn resize(&mut self, rows: u16, cols: u16) {
        self.capture.lock().parser.screen_mut().set_size(rows, cols);
        self.master.resize(size(rows, cols)).expect("the terminal takes a size");
    }

    /// Returns the rows of the screen, without trailing white space and without blank rows at the end.
    #[must_use]
    pub fn screen(&self) -> String {
        contents(&self.capture.lock())
    }

    /// Returns a picture of the screen with its colours and its cursor, as SVG.
    #[must_use]
    pub fn svg(&self) -> String {
        svg::svg(self.capture.lock().parser.screen())
    }

    /// Returns the cursor's row and column, both from 0.
    #[must_use]
    pub fn cursor(&self) -> (u16, u16) {
        self.capture.lock().parser.screen().cursor_position()
    }

    /// Returns every byte that the program has sent to the terminal so far.
    #[must_use]
    pub fn output(&self) -> Vec<u8> {
        self.capture.lock().raw.clone()
    }

    /// Waits until [`Pty::screen`] equals `expected`.
    ///
    /// # Panics
    ///
    /// If it doesn't within [`TIMEOUT`].
    #[track_caller]
    pub fn wait_for_screen(&self, expected: &str) {
        let failure = format!("the screen should be:\n{}", boxed(expected));
        self.capture.wait_until(&failure, |state| contents(state) == expected);
    }

    /// Waits until [`Pty::screen`] equals `expected` and [`Pty::cursor`] equals `cursor`.
    ///
    /// # Panics
    ///
    /// If they don't within [`TIMEOUT`].
    #[track_caller]
    pub fn wait_for_cursor(&self, expected: &str, cursor: (u16, u16)) {
        let failure = format!("the cursor should be at {cursor:?} and the screen:\n{}", boxed(expected));
        self.capture.wait_until(&failure, |state| {
            contents(state) == expected && state.parser.screen().cursor_position() == cursor
        });
    }

    /// Waits until [`Pty::screen`] contains `part`.
    ///
    /// # Panics
    ///
    /// If it doesn't within [`TIMEOUT`].
    #[track_caller]
    pub fn wait_for_text(&self, part: &str) {
        self.capture.wait_until(&format!("the screen should contain {part:?}"), |state| contents(state).contains(part));
    }

    /// Waits until [`Pty::screen`] contains `part` exactly `count` times.
    ///
    /// # Panics
    ///
    /// If it doesn't within [`TIMEOUT`].
    #[track_caller]
    pub fn wait_for_count(&self, part: &str, count: usize) {
        let failure = format!("the screen should contain {part:?} {count} times");
        self.capture.wait_until(&failure, |state| contents(state).matches(part).count() == count);
    }

    /// Waits until [`Pty::output`] contains `part`.
    ///
    /// # Panics
    ///
    /// If it doesn't within [`TIMEOUT`].
    #[track_caller]
    pub fn wait_for_output(&self, part: &str) {
        let failure = format!("the terminal should have got {part:?}");
        self.capture.wait_until(&failure, |state| String::from_utf8_lossy(&state.raw).contains(part));
    }

    /// Waits until `is_true` of [`Pty::screen`]. A failure shows `what` as the expectation.
    ///
    /// # Panics
    ///
    /// If the condition doesn't hold within [`TIMEOUT`].
    #[track_caller]
    pub fn wait_until(&self, what: &str, is_true: impl Fn(&str) -> bool) {
        self.capture.wait_until(what, |state| is_true(&contents(state)));
    }

    /// Returns the process id of the program.
    ///
    /// # Panics
    ///
    /// If the test has already waited for the program's end.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.child.process_id().expect("a child with a number")
    }

    /// Waits until the program has ended and the screen shows all its output. Returns the exit code.
    ///
    /// The code is 1 for a program that a signal has killed.
    ///
    /// # Panics
    ///
    /// If the program still runs after [`TIMEOUT`], or leaves a process that keeps the terminal open.
    #[track_caller]
    pub fn exit_code(&mut self) -> u32 {
        self.capture.wait_until("the program should end", |state| state.closed);
        // The terminal is closed, so this returns at once.
        self.child.wait().expect("a child to wait for").exit_code()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // If the program has ended, its process id may belong to another program by now.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// The output of the program, shared with the thread that reads it.
struct Capture {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    parser: vt100::Parser,
    raw: Vec<u8>,
    /// No process has the terminal open any more.
    closed: bool,
}

impl Capture {
    fn new(rows: u16, cols: u16) -> Capture {
        Capture {
            state: Mutex::new(State { parser: vt100::Parser::new(rows, cols, 0), raw: Vec::new(), closed: false }),
            changed: Condvar::new(),
        }
    }

    fn watch(&self, mut output: impl Read) {
        let mut buffer = [0; 4096];
        // Linux reports EIO, not end of file, when the last process has closed the terminal.
        while let Ok(count @ 1..) = output.read(&mut buffer) {
            let mut state = self.lock();
            state.parser.process(&buffer[..count]);
            state.raw.extend_from_slice(&buffer[..count]);
            self.changed.notify_all();
        }
        self.lock().closed = true;
        self.changed.notify_all();
    }

    #[track_caller]
    fn wait_until(&self, what: &str, is_true: impl Fn(&State) -> bool) {
        let deadline = Instant::now() + TIMEOUT;
        let mut state = self.lock();
        while !is_true(&state) {
            let left = deadline.saturating_duration_since(Instant::now());
            let failed = state.closed || left.is_zero();
            assert!(
                !failed,
                "{what}\nbut {}, the cursor is at {:?} and the screen:\n{}",
                if state.closed { "the program has ended" } else { "time is up" },
                state.parser.screen().cursor_position(),
                boxed(&contents(&state)),
            );
            drop(self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner));
            // A check takes longer than a piece of output, so don't check after each of thousands. This orders nothing.
            thread::sleep(Duration::from_millis(2));
            state = self.lock();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn size(rows: u16, cols: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn contents(state: &State) -> String {
    let screen = state.parser.screen();
    let rows: Vec<String> = screen.rows(0, screen.size().1).map(|row| row.trim_end().to_owned()).collect();
    rows.join("\n").trim_end_matches('\n').to_owned()
}

/// Draws a border around the screen, so that a failure shows blanks too.
fn boxed(screen: &str) -> String {
    screen.lines().fold(String::new(), |mut all, row| {
        let _ = writeln!(all, "  |{row}|");
        all
    })
}
