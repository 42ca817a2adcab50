//! A program in a terminal: keys go in, and what the screen shows is compared.
//!
//! The terminal is a real pseudo-terminal of the system; the screen behind it is the model of the `vt100` crate, so a
//! test sees what a person would see, wrapped lines and the cursor included. Nothing here sleeps for synchronisation:
//! every wait ends as soon as what it waits for has come, and panics with the screen's contents after [`PATIENCE`].

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::picture;
use crate::{NO_FOLDER, PATIENCE};

/// A program that runs in a terminal of its own. It is killed when this is dropped.
///
/// ```
/// use chat_tests::Pty;
///
/// let mut pty = Pty::start("sh", ["-c", "read line; echo got $line"], 5, 20);
/// pty.send("hi\r");
/// pty.wait_for("hi\ngot hi");
/// assert_eq!(pty.exit_code(), 0);
/// ```
pub struct Pty {
    seen: Arc<Seen>,
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
    /// Starts `program` in a terminal of `rows` × `cols` with `TERM=xterm-256color`, and with no folder to remember
    /// anything in (`XDG_STATE_HOME` and `XDG_CONFIG_HOME` are [`NO_FOLDER`]).
    ///
    /// # Panics
    ///
    /// When the system has no terminal left, or the program can't be started.
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
        command.env("TERM", "xterm-256color");
        for folder in ["XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
            command.env(folder, NO_FOLDER);
        }
        for unwanted in ["NO_COLOR", "TERM_PROGRAM", "COLUMNS", "LINES"] {
            command.env_remove(unwanted);
        }
        let child = pair.slave.spawn_command(command).expect("the program starts");
        let seen = Arc::new(Seen::new(rows, cols));
        let output = pair.master.try_clone_reader().expect("a reader of the terminal");
        let watching = Arc::clone(&seen);
        thread::spawn(move || watching.watch(output));
        Pty {
            seen,
            keyboard: pair.master.take_writer().expect("the keyboard of the terminal"),
            child,
            master: pair.master,
        }
    }

    /// Presses `keys`: text, `"\r"` for Enter, `"\x04"` for Ctrl-D, `"\x1b[A"` for the arrow up.
    ///
    /// # Panics
    ///
    /// When the terminal is gone.
    pub fn send(&mut self, keys: &str) {
        self.send_bytes(keys.as_bytes());
    }

    /// Sends `bytes`, as a terminal does that is not set to UTF-8.
    ///
    /// # Panics
    ///
    /// When the terminal is gone.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.keyboard.write_all(bytes).and_then(|()| self.keyboard.flush()).expect("the terminal takes keys");
    }

    /// Changes the size of the terminal, as dragging the corner of its window does.
    ///
    /// # Panics
    ///
    /// When the terminal is gone.
    pub fn resize(&mut self, rows: u16, cols: u16) {
        self.seen.lock().parser.screen_mut().set_size(rows, cols);
        self.master.resize(size(rows, cols)).expect("the terminal takes a size");
    }

    /// What the screen shows: its rows, without the white space at the end of each and without blank rows at the end.
    #[must_use]
    pub fn screen(&self) -> String {
        contents(&self.seen.lock())
    }

    /// A picture of the screen with its colours and its cursor, as SVG.
    #[must_use]
    pub fn svg(&self) -> String {
        picture::svg(self.seen.lock().parser.screen())
    }

    /// The cursor's row and column, both from 0.
    #[must_use]
    pub fn cursor(&self) -> (u16, u16) {
        self.seen.lock().parser.screen().cursor_position()
    }

    /// Every byte that the program has sent to the terminal so far.
    #[must_use]
    pub fn raw(&self) -> Vec<u8> {
        self.seen.lock().raw.clone()
    }

    /// Waits until [`Pty::screen`] equals `expected`.
    ///
    /// # Panics
    ///
    /// When it doesn't in [`PATIENCE`].
    #[track_caller]
    pub fn wait_for(&self, expected: &str) {
        let failure = format!("the screen should be:\n{}", boxed(expected));
        self.seen.wait_until(&failure, |state| contents(state) == expected);
    }

    /// Waits until [`Pty::screen`] equals `expected` and the cursor is at `cursor`, as [`Pty::cursor`] tells it.
    ///
    /// # Panics
    ///
    /// When it doesn't in [`PATIENCE`].
    #[track_caller]
    pub fn wait_for_cursor(&self, expected: &str, cursor: (u16, u16)) {
        let failure = format!("the cursor should be at {cursor:?} and the screen:\n{}", boxed(expected));
        self.seen.wait_until(&failure, |state| {
            contents(state) == expected && state.parser.screen().cursor_position() == cursor
        });
    }

    /// Waits until [`Pty::screen`] contains `part`.
    ///
    /// # Panics
    ///
    /// When it doesn't in [`PATIENCE`].
    #[track_caller]
    pub fn wait_for_part(&self, part: &str) {
        self.seen.wait_until(&format!("the screen should contain {part:?}"), |state| contents(state).contains(part));
    }

    /// Waits until [`Pty::screen`] contains `part` so many times.
    ///
    /// # Panics
    ///
    /// When it doesn't in [`PATIENCE`].
    #[track_caller]
    pub fn wait_for_count(&self, part: &str, count: usize) {
        let failure = format!("the screen should contain {part:?} {count} times");
        self.seen.wait_until(&failure, |state| contents(state).matches(part).count() == count);
    }

    /// Waits until [`Pty::raw`] contains `part`.
    ///
    /// # Panics
    ///
    /// When it doesn't in [`PATIENCE`].
    #[track_caller]
    pub fn wait_for_raw(&self, part: &str) {
        let failure = format!("the terminal should have got {part:?}");
        self.seen.wait_until(&failure, |state| String::from_utf8_lossy(&state.raw).contains(part));
    }

    /// Waits until `is_true` of [`Pty::screen`]; `what` says in a failure what was waited for.
    ///
    /// # Panics
    ///
    /// When it is not in [`PATIENCE`].
    #[track_caller]
    pub fn wait_until(&self, what: &str, is_true: impl Fn(&str) -> bool) {
        self.seen.wait_until(what, |state| is_true(&contents(state)));
    }

    /// The process that was started.
    ///
    /// # Panics
    ///
    /// When it was waited for already.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.child.process_id().expect("a child with a number")
    }

    /// Waits until the program has ended and everything it wrote is on the screen. Returns its exit code, which is 1
    /// for a program that a signal has killed.
    ///
    /// # Panics
    ///
    /// When it runs on for [`PATIENCE`], or leaves a process behind that keeps the terminal open.
    #[track_caller]
    pub fn exit_code(&mut self) -> u32 {
        self.seen.wait_until("the program should end", |state| state.is_over);
        // The terminal is closed, so this takes no time.
        self.child.wait().expect("a child to wait for").exit_code()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // Has it ended already? Then there is nothing to kill, and its number may belong to another program.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// What has come out of the terminal.
struct Seen {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    parser: vt100::Parser,
    raw: Vec<u8>,
    /// The last process that had the terminal open is gone.
    is_over: bool,
}

impl Seen {
    fn new(rows: u16, cols: u16) -> Seen {
        Seen {
            state: Mutex::new(State { parser: vt100::Parser::new(rows, cols, 0), raw: Vec::new(), is_over: false }),
            changed: Condvar::new(),
        }
    }

    fn watch(&self, mut output: impl Read) {
        let mut buffer = [0; 4096];
        // Linux says EIO, not end of file, when the last process has closed the terminal.
        while let Ok(count @ 1..) = output.read(&mut buffer) {
            let mut state = self.lock();
            state.parser.process(&buffer[..count]);
            state.raw.extend_from_slice(&buffer[..count]);
            self.changed.notify_all();
        }
        self.lock().is_over = true;
        self.changed.notify_all();
    }

    #[track_caller]
    fn wait_until(&self, what: &str, is_true: impl Fn(&State) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.lock();
        while !is_true(&state) {
            let left = deadline.saturating_duration_since(Instant::now());
            let is_hopeless = state.is_over || left.is_zero();
            assert!(
                !is_hopeless,
                "{what}\nbut {}, the cursor is at {:?} and the screen:\n{}",
                if state.is_over { "the program has ended" } else { "time is up" },
                state.parser.screen().cursor_position(),
                boxed(&contents(&state)),
            );
            drop(self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner));
            // One look takes longer than one piece of output: not after each of thousands. This orders nothing.
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

/// The screen with its edge, so that a failure shows blanks too.
fn boxed(screen: &str) -> String {
    screen.lines().fold(String::new(), |mut all, row| {
        let _ = writeln!(all, "  |{row}|");
        all
    })
}
