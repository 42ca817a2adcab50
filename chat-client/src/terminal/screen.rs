//! The screen: a half-typed line at the bottom, and every received line above it.
//!
//! This module must not know the network.
//!
//! # How a line gets above the prompt
//!
//! rustyline's external printer alone is not enough. Between two calls of `readline`, it prints a text at once although
//! earlier texts are still in its queue, so the texts change places. It may also write into a prompt that the editor is
//! painting. So the client prints only empty texts through the external printer:
//!
//! 1. The receiver thread appends lines to [`Screen`], and the wake-up thread wakes the editor up: it calls the
//!    external printer with an empty text.
//! 2. The external printer writes a newline and makes the editor repaint.
//! 3. The repaint prints the pending lines as a part of the prompt ([`Painter`](super::painter::Painter)): it moves the
//!    cursor up again, and prints all pending lines and the prompt in one write, in order.
//! 4. The editor's own repaints, such as after a key, also print the pending lines, but do not move the cursor up.
//!    rustyline calls `highlight_char` only before the editor's own repaints, and that call sets
//!    [`State::is_own_repaint`].
//! 5. A wake-up of the editor between two calls of `readline` is lost. That does no harm, because the next call begins
//!    with a repaint.

use std::borrow::Cow;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustyline::ExternalPrinter;

use crate::failure::Failure;
use crate::output::print;

/// How many bytes of lines may wait for a repaint. Above this limit, the client stops reading, and TCP slows the server
/// down.
const MAX_PENDING: usize = 256 * 1024;
/// The escape sequence that moves the cursor up by one row. It undoes the newline that the external printer writes.
const UP: &str = "\x1b[A";
/// The time between two wake-ups of an editor that must end. The wake-ups are repeated because a wake-up between two
/// calls of `readline` is lost.
const WAKE_INTERVAL: Duration = Duration::from_millis(50);
/// How long the editor may take to end. There is a limit because the editor ignores wake-ups while it searches the
/// history.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// The screen, which the editor thread, the receiver thread and the wake-up thread share.
#[derive(Debug, Default)]
pub(super) struct Screen {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The lines that are not on the screen yet, each with its newline.
    pending: String,
    /// Whether the wake-up thread must wake the editor up, because it has not done so since lines were added.
    needs_wake: bool,
    /// Whether the next repaint is one of the editor's own, and not the result of a wake-up.
    is_own_repaint: bool,
    /// Whether the connection has ended and the client does not reconnect.
    is_server_gone: bool,
    phase: Phase,
    /// The prompt as it was painted last.
    prompt: String,
}

impl State {
    fn is_open(&self) -> bool {
        !matches!(self.phase, Phase::Closed | Phase::Left)
    }
}

/// The phase of the line editor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// The editor edits lines.
    #[default]
    Editing,
    /// The editor is about to paint the half-typed line for the last time.
    LastPaint,
    /// The editor has painted for the last time, or did not react in time.
    Closed,
    /// You left. [`Screen::print_rest`] prints the pending lines.
    Left,
}

/// How the editor ended after [`Screen::close`].
#[derive(Debug)]
pub(super) enum ScreenEnd {
    /// Every line is on the screen, and the cursor is at the beginning of a line.
    Painted,
    /// The editor did not react in time. The caller must print these lines, after a newline.
    TimedOut(String),
    /// You left before the connection ended.
    UserLeft,
}

impl Screen {
    /// Adds `lines` above the half-typed line. Waits first while more than [`MAX_PENDING`] bytes are pending.
    pub(super) fn show(&self, lines: &[impl AsRef<str>]) {
        let mut state = self.lock();
        while state.pending.len() > MAX_PENDING && state.is_open() {
            state = self.wait(state);
        }
        drop(state);
        self.show_now(lines);
    }

    /// Adds `lines` above the half-typed line, without waiting.
    ///
    /// The editor thread must use this function, because in [`Screen::show`] it would wait for its own repaint.
    pub(super) fn show_now(&self, lines: &[impl AsRef<str>]) {
        if lines.is_empty() {
            return;
        }
        let mut state = self.lock();
        for line in lines {
            state.pending.push_str(line.as_ref());
            state.pending.push('\n');
        }
        state.needs_wake = true;
        self.changed.notify_all();
    }

    /// Rings the terminal bell with the next lines.
    pub(super) fn ring(&self) {
        self.lock().pending.push('\x07');
    }

    /// Waits for `time`, or until the line editor ends. Returns whether the line editor still runs.
    pub(super) fn sleep(&self, time: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), time, |state| state.is_open());
        waited.unwrap_or_else(PoisonError::into_inner).0.is_open()
    }

    /// Returns whether the line editor still runs.
    pub(super) fn is_open(&self) -> bool {
        self.lock().is_open()
    }

    /// Ends the editor once every line is on the screen, because the connection has ended and the client does not
    /// reconnect.
    pub(super) fn close(&self) -> ScreenEnd {
        let mut state = self.lock();
        state.is_server_gone = true;
        self.changed.notify_all();
        let deadline = Instant::now() + CLOSE_TIMEOUT;
        loop {
            match state.phase {
                Phase::Left => return ScreenEnd::UserLeft,
                Phase::Closed => return ScreenEnd::Painted,
                Phase::Editing | Phase::LastPaint => {}
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                state.phase = Phase::Closed;
                return ScreenEnd::TimedOut(std::mem::take(&mut state.pending));
            }
            state = self.wait_timeout(state, left);
        }
    }

    /// Starts the wake-up thread, which wakes the editor up through `printer`.
    ///
    /// The receiver thread must not do this, because a wake-up blocks while the editor searches the history.
    pub(super) fn start_wake_ups(
        self: &Arc<Self>,
        mut printer: impl ExternalPrinter + Send + 'static,
    ) -> Result<(), Failure> {
        let screen = Arc::clone(self);
        let run = move || while screen.wait_for_wake() && printer.print(String::new()).is_ok() {};
        thread::Builder::new().name("wake-up".to_owned()).spawn(run).map(drop).map_err(Failure::Start)
    }

    /// Waits until the wake-up thread must wake the editor up. Returns false if the editor has ended.
    fn wait_for_wake(&self) -> bool {
        let mut state = self.lock();
        loop {
            if !state.is_open() {
                return false;
            }
            if state.needs_wake {
                state.needs_wake = false;
                return true;
            }
            if state.is_server_gone {
                state.needs_wake = true;
                state = self.wait_timeout(state, WAKE_INTERVAL);
            } else {
                state = self.wait(state);
            }
        }
    }

    /// Stops painting, because you leave.
    pub(super) fn leave(&self) {
        let mut state = self.lock();
        if state.phase == Phase::Closed {
            drop(state);
            wait_for_exit();
        }
        state.phase = Phase::Left;
        self.changed.notify_all();
    }

    /// Prints the lines that arrive after [`Screen::leave`], until the server has closed the connection or `timeout` has
    /// passed.
    ///
    /// # Errors
    ///
    /// When standard output fails.
    pub(super) fn print_rest(&self, timeout: Duration) -> io::Result<()> {
        let deadline = Instant::now() + timeout;
        let mut state = self.lock();
        loop {
            let rest = std::mem::take(&mut state.pending);
            let is_last = state.is_server_gone || Instant::now() >= deadline;
            if !rest.is_empty() {
                drop(state);
                self.changed.notify_all();
                print(&rest)?;
                state = self.lock();
            }
            if is_last {
                return Ok(());
            }
            if state.pending.is_empty() && !state.is_server_gone {
                let left = deadline.saturating_duration_since(Instant::now());
                state = self.wait_timeout(state, left);
            }
        }
    }

    /// Records that the next repaint is one of the editor's own.
    pub(super) fn begin_own_repaint(&self) {
        self.lock().is_own_repaint = true;
    }

    /// Returns the text to paint in place of `prompt`: the pending lines, then the prompt.
    pub(super) fn take_pending(&self, prompt: &str) -> String {
        let mut state = self.lock();
        prompt.clone_into(&mut state.prompt);
        if state.phase == Phase::Closed {
            drop(state);
            wait_for_exit();
        }
        let is_own = std::mem::take(&mut state.is_own_repaint);
        if state.is_server_gone && !is_own {
            // rustyline has cleared the old rows. `paint_last` prints the pending lines and the prompt, because it also
            // receives the half-typed line.
            state.phase = Phase::LastPaint;
            return String::new();
        }
        let up = if is_own { "" } else { UP };
        let pending = std::mem::take(&mut state.pending);
        state.needs_wake = false;
        self.changed.notify_all();
        format!("{up}{pending}{prompt}")
    }

    /// Paints the half-typed `line` for the last time if [`Screen::close`] waits for that, and leaves the cursor below
    /// it.
    ///
    /// In that case, this function never returns: the thread that waits in [`Screen::close`] exits the process.
    /// Otherwise, this function does nothing.
    pub(super) fn paint_last(&self, line: &str) {
        let mut state = self.lock();
        if state.phase != Phase::LastPaint {
            return;
        }
        let mut text = format!("{UP}{}", std::mem::take(&mut state.pending));
        if !line.is_empty() {
            text.extend([&state.prompt, &*visible(line), "\n"]);
        }
        // If the terminal is gone too, nobody reads this.
        let _ = print(&text);
        state.phase = Phase::Closed;
        self.changed.notify_all();
        drop(state);
        wait_for_exit()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every update under this lock leaves the state consistent, so a panic elsewhere does not matter.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_timeout<'a>(&self, state: MutexGuard<'a, State>, timeout: Duration) -> MutexGuard<'a, State> {
        let (state, _) = self.changed.wait_timeout(state, timeout).unwrap_or_else(PoisonError::into_inner);
        state
    }
}

/// Returns `line` without the control characters that a paste may contain, because rustyline assumes that they take no
/// columns.
pub(super) fn visible(line: &str) -> Cow<'_, str> {
    let is_hidden = |c: char| c.is_control() && !matches!(c, '\t' | '\n');
    if line.contains(is_hidden) { Cow::Owned(line.replace(is_hidden, "")) } else { Cow::Borrowed(line) }
}

/// Waits for another thread to exit the process.
fn wait_for_exit() -> ! {
    loop {
        thread::park();
    }
}
