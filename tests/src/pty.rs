//! A program in a pseudo-terminal, to which a test sends keys and whose screen the test compares.
//!
//! The `vt100` crate models the screen, with wrapped lines and the cursor. Every wait ends as soon as its condition
//! holds, and panics with the contents of the screen after [`TIMEOUT`].

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
    /// Starts `program` in a terminal of `rows` × `cols`, in the environment of [`command`](crate::command).
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
        let size = pty_size(rows, cols);
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        for (name, value) in environment() {
            command.env(name, value);
        }
        // The default is the home directory, which does not exist.
        command.cwd("/");
        let child = pair.slave.spawn_command(command).expect("the program starts");
        let capture = Arc::new(Capture::new(rows, cols));
        let output = pair.master.try_clone_reader().expect("a reader of the terminal");
        let reader = Arc::clone(&capture);
        thread::spawn(move || reader.read_all(output));
        Pty {
            capture,
            keyboard: pair.master.take_writer().expect("the keyboard of the terminal"),
            child,
            master: pair.master,
        }
    }

    /// Sends `keys`: text, or the constants of [`keys`](crate::keys).
    ///
    /// # Panics
    ///
    /// If the terminal is closed.
    pub fn send(&mut self, keys: &str) {
        self.send_bytes(keys.as_bytes());
    }

    /// Sends `bytes`, which may be invalid UTF-8.
    ///
    /// # Panics
    ///
    /// If the terminal is closed.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.keyboard.write_all(bytes).and_then(|()| self.keyboard.flush()).expect("the terminal takes keys");
    }

    /// Resizes the terminal.
    ///
    /// # Panics
    ///
    /// If the terminal is closed.
    pub fn resize(&mut self, rows: u16, cols: u16) {
        self.capture.lock().parser.screen_mut().set_size(rows, cols);
        self.master.resize(pty_size(rows, cols)).expect("the terminal takes a size");
    }

    /// Returns the rows of the screen, without trailing white space and without blank rows at the end.
    #[must_use]
    pub fn screen(&self) -> String {
        screen_text(&self.capture.lock())
    }

    /// Renders the screen with its colours and its cursor, as SVG.
    #[must_use]
    pub fn svg(&self) -> String {
        svg::render(self.capture.lock().parser.screen())
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
        let failure = format!("the screen should be:\n{}", draw_border(expected));
        self.capture.wait_until(&failure, |state| screen_text(state) == expected);
    }

    /// Waits until [`Pty::screen`] equals `expected` and [`Pty::cursor`] equals `cursor`.
    ///
    /// # Panics
    ///
    /// If they don't within [`TIMEOUT`].
    #[track_caller]
    pub fn wait_for_cursor(&self, expected: &str, cursor: (u16, u16)) {
        let failure = format!("the cursor should be at {cursor:?} and the screen:\n{}", draw_border(expected));
        self.capture.wait_until(&failure, |state| {
            screen_text(state) == expected && state.parser.screen().cursor_position() == cursor
        });
    }

    /// Waits until [`Pty::screen`] contains `text`.
    ///
    /// # Panics
    ///
    /// If it doesn't within [`TIMEOUT`].
    #[track_caller]
    pub fn wait_for_text(&self, text: &str) {
        self.capture
            .wait_until(&format!("the screen should contain {text:?}"), |state| screen_text(state).contains(text));
    }

    /// Waits until [`Pty::screen`] contains `text` exactly `count` times.
    ///
    /// # Panics
    ///
    /// If it doesn't within [`TIMEOUT`].
    #[track_caller]
    pub fn wait_for_count(&self, text: &str, count: usize) {
        let failure = format!("the screen should contain {text:?} {count} times");
        self.capture.wait_until(&failure, |state| screen_text(state).matches(text).count() == count);
    }

    /// Waits until [`Pty::output`] contains `text`.
    ///
    /// # Panics
    ///
    /// If it doesn't within [`TIMEOUT`].
    #[track_caller]
    pub fn wait_for_output(&self, text: &str) {
        let failure = format!("the output should contain {text:?}");
        self.capture.wait_until(&failure, |state| String::from_utf8_lossy(&state.raw).contains(text));
    }

    /// Waits until `condition` is true for [`Pty::screen`]. The panic message contains `what`.
    ///
    /// # Panics
    ///
    /// If the condition doesn't hold within [`TIMEOUT`].
    #[track_caller]
    pub fn wait_until(&self, what: &str, condition: impl Fn(&str) -> bool) {
        self.capture.wait_until(what, |state| condition(&screen_text(state)));
    }

    /// Returns the process id of the program.
    ///
    /// # Panics
    ///
    /// If the test has already waited for the program to exit.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.child.process_id().expect("the test has not waited for the child")
    }

    /// Waits until the program has exited and the screen shows all its output. Returns the exit code.
    ///
    /// The code is 1 for a program that a signal has killed.
    ///
    /// # Panics
    ///
    /// If the program still runs after [`TIMEOUT`], or leaves a process that keeps the terminal open.
    #[track_caller]
    pub fn exit_code(&mut self) -> u32 {
        self.capture.wait_until("the program should exit", |state| state.closed);
        // The terminal is closed, so `wait` returns at once.
        self.child.wait().expect("a child to wait for").exit_code()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // After the program has exited, the system may give its process id to another program.
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
    /// Whether all processes have closed the terminal.
    closed: bool,
}

impl Capture {
    fn new(rows: u16, cols: u16) -> Capture {
        Capture {
            state: Mutex::new(State { parser: vt100::Parser::new(rows, cols, 0), raw: Vec::new(), closed: false }),
            changed: Condvar::new(),
        }
    }

    fn read_all(&self, mut output: impl Read) {
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
    fn wait_until(&self, what: &str, condition: impl Fn(&State) -> bool) {
        let deadline = Instant::now() + TIMEOUT;
        let mut state = self.lock();
        while !condition(&state) {
            let left = deadline.saturating_duration_since(Instant::now());
            let failed = state.closed || left.is_zero();
            assert!(
                !failed,
                "{what}\nbut {}, the cursor is at {:?} and the screen:\n{}",
                if state.closed { "the program has exited" } else { "the time is up" },
                state.parser.screen().cursor_position(),
                draw_border(&screen_text(&state)),
            );
            drop(self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner));
            // Limits the number of checks during a flood. No test depends on this sleep.
            thread::sleep(Duration::from_millis(2));
            state = self.lock();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pty_size(rows: u16, cols: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn screen_text(state: &State) -> String {
    let screen = state.parser.screen();
    let rows: Vec<String> = screen.rows(0, screen.size().1).map(|row| row.trim_end().to_owned()).collect();
    rows.join("\n").trim_end_matches('\n').to_owned()
}

/// Draws a border around the screen, so that a panic message shows spaces.
fn draw_border(screen: &str) -> String {
    screen.lines().fold(String::new(), |mut all, row| {
        let _ = writeln!(all, "  |{row}|");
        all
    })
}
