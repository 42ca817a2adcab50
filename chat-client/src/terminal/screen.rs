//! The screen in a terminal: a half-typed line at the bottom, and above it everything that came in.
//!
//! It must not know the network.
//!
//! # How a line gets above the prompt
//!
//! rustyline's external printer alone is not enough: between two calls of `readline` it writes past the messages that
//! it has queued, so they change places, and it may write behind a prompt that is being painted. Here it carries no
//! text. It only wakes the editor up, and the text is taken from [`Screen`] by the editor's own repaint, as a part of
//! the prompt ([`Highlighter::highlight_prompt`]): whatever the reason of a repaint is, all that waits is printed
//! above the prompt, in order, in the same write. A wake-up between two calls of `readline` does nothing at all, and
//! need not: the next call begins with a repaint.
//!
//! A wake-up costs one newline, which rustyline adds behind the empty text; the repaint that follows it, and only that
//! one, goes up again. It is told apart by `highlight_char`: rustyline asks that before every other repaint.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustyline::completion::Completer;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, ExternalPrinter, Helper};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::chat::style::Style;
use crate::chat::view::SharedView;

/// How many bytes may wait for a repaint. Beyond, the server is not read, and TCP slows it down.
const MAX_WAITING: usize = 256 * 1024;
/// Up from the line that a wake-up's newline leads to.
const UP: &str = "\x1b[A";
/// How often an editor that should end is woken up: one wake-up can fall between two calls of `readline`.
const INSIST: Duration = Duration::from_millis(50);
/// How long an editor may take to end. It doesn't hear wake-ups while it searches the history.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the editor, the reading thread and the waking thread share.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Lines that are not on the screen yet, each with its newline.
    waiting: String,
    /// Something waits, and the editor was not woken up for it.
    wants_wake: bool,
    /// The repaint that comes next is one of the editor's own, not the answer to a wake-up.
    is_own_repaint: bool,
    /// Nothing more will come.
    server_gone: bool,
    editor: Phase,
    /// What was painted before the half-typed line.
    prompt: String,
}

impl State {
    fn is_open(&self) -> bool {
        !matches!(self.editor, Phase::Over | Phase::Left)
    }
}

/// What has become of the line editor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// It edits lines.
    #[default]
    Editing,
    /// It is about to paint the half-typed line for the last time.
    Last,
    /// It has done so, or another thread has taken the screen over.
    Over,
    /// The user left it. What waits is printed by [`Screen::print_rest`].
    Left,
}

/// How the editor came to its end after the server had gone.
pub(crate) enum Ending {
    /// Everything is on the screen, and the cursor is at the beginning of a line.
    Painted,
    /// The editor did not answer. This is still to be printed, on a new line.
    Unanswered(String),
    /// The user left first.
    UserLeft,
}

impl Screen {
    /// Prints `lines` above the half-typed line, soon. Waits while too much is waiting already.
    pub(crate) fn show(&self, lines: &[impl AsRef<str>]) {
        let mut state = self.lock();
        while state.waiting.len() > MAX_WAITING && state.is_open() {
            state = self.wait(state);
        }
        drop(state);
        self.show_own(lines);
    }

    /// As [`show`](Self::show), but without waiting: for the thread that edits, which alone could make room.
    pub(crate) fn show_own(&self, lines: &[impl AsRef<str>]) {
        if lines.is_empty() {
            return;
        }
        let mut state = self.lock();
        for line in lines {
            state.waiting.push_str(line.as_ref());
            state.waiting.push('\n');
        }
        state.wants_wake = true;
        self.changed.notify_all();
    }

    /// Rings the bell with what is shown next.
    pub(crate) fn ring(&self) {
        self.lock().waiting.push('\x07');
    }

    /// Waits for so long, unless the user leaves; whether the user stays.
    pub(crate) fn sleep(&self, time: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), time, |state| state.is_open());
        waited.unwrap_or_else(PoisonError::into_inner).0.is_open()
    }

    /// Whether the user is there, and the editor too.
    pub(crate) fn is_open(&self) -> bool {
        self.lock().is_open()
    }

    /// The server has gone: ends the editor as soon as everything is on the screen.
    pub(crate) fn end(&self) -> Ending {
        let mut state = self.lock();
        state.server_gone = true;
        self.changed.notify_all();
        let deadline = Instant::now() + PATIENCE;
        loop {
            match state.editor {
                Phase::Left => return Ending::UserLeft,
                Phase::Over => return Ending::Painted,
                Phase::Editing | Phase::Last => {}
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                state.editor = Phase::Over;
                return Ending::Unanswered(std::mem::take(&mut state.waiting));
            }
            state = self.wait_for(state, left);
        }
    }

    /// Wakes the editor up whenever something waits, until the editor is gone. For a thread of its own, because waking
    /// blocks while the editor searches the history.
    pub(crate) fn keep_waking(&self, mut printer: impl ExternalPrinter) {
        while self.wants_wake() {
            if printer.print(String::new()).is_err() {
                return;
            }
        }
    }

    fn wants_wake(&self) -> bool {
        let mut state = self.lock();
        loop {
            if !state.is_open() {
                return false;
            }
            if state.wants_wake {
                state.wants_wake = false;
                return true;
            }
            if state.server_gone {
                state.wants_wake = true;
                state = self.wait_for(state, INSIST);
            } else {
                state = self.wait(state);
            }
        }
    }

    /// The user leaves: from now on nothing is painted.
    pub(crate) fn leave(&self) {
        let mut state = self.lock();
        if state.editor == Phase::Over {
            drop(state);
            wait_for_exit();
        }
        state.editor = Phase::Left;
        self.changed.notify_all();
    }

    /// Prints what still comes after [`Screen::leave`], until the server has gone or `patience` is over.
    ///
    /// # Errors
    ///
    /// When standard output fails.
    pub(crate) fn print_rest(&self, patience: Duration) -> io::Result<()> {
        let deadline = Instant::now() + patience;
        let mut state = self.lock();
        loop {
            let rest = std::mem::take(&mut state.waiting);
            let is_last = state.server_gone || Instant::now() >= deadline;
            if !rest.is_empty() {
                drop(state);
                self.changed.notify_all();
                print(&rest)?;
                state = self.lock();
            }
            if is_last {
                return Ok(());
            }
            if state.waiting.is_empty() && !state.server_gone {
                let left = deadline.saturating_duration_since(Instant::now());
                state = self.wait_for(state, left);
            }
        }
    }

    /// What to paint instead of `prompt`, so that all that waits is printed above it.
    fn above(&self, prompt: &str) -> String {
        let mut state = self.lock();
        prompt.clone_into(&mut state.prompt);
        if state.editor == Phase::Over {
            drop(state);
            wait_for_exit();
        }
        let is_own = std::mem::take(&mut state.is_own_repaint);
        if state.server_gone && !is_own {
            // The old rows are cleared now. The rest is up to `paint_last`, which knows the half-typed line as well.
            state.editor = Phase::Last;
            return String::new();
        }
        let up = if is_own { "" } else { UP };
        let waiting = std::mem::take(&mut state.waiting);
        state.wants_wake = false;
        self.changed.notify_all();
        format!("{up}{waiting}{prompt}")
    }

    /// Leaves the half-typed `line` where it is, complete, and the cursor below it. Does not return: the thread that
    /// waits in [`Screen::end`] ends the process.
    fn paint_last(&self, line: &str) -> ! {
        let mut state = self.lock();
        let mut text = format!("{UP}{}", std::mem::take(&mut state.waiting));
        if !line.is_empty() {
            text.extend([&state.prompt, &*visible(line), "\n"]);
        }
        // Nothing can be done about a terminal that is gone too.
        let _ = print(&text);
        state.editor = Phase::Over;
        self.changed.notify_all();
        drop(state);
        wait_for_exit()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole at every moment: a thread that panicked has left nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_for<'a>(&self, state: MutexGuard<'a, State>, time: Duration) -> MutexGuard<'a, State> {
        let (state, _) = self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner);
        state
    }
}

/// Writes to standard output at once.
///
/// # Errors
///
/// When it is closed or fails.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// The screen as rustyline's helper: what it is asked at each repaint.
#[derive(Debug)]
pub(crate) struct Painter {
    pub(crate) screen: Arc<Screen>,
    pub(crate) view: SharedView,
}

impl Helper for Painter {}

impl Completer for Painter {
    type Candidate = String;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.view.lock().complete(&line[..pos]))
    }
}

impl Hinter for Painter {
    type Hint = String;
}

impl Validator for Painter {}

impl Highlighter for Painter {
    fn highlight_char(&self, _line: &str, _pos: usize, _kind: CmdKind) -> bool {
        self.screen.lock().is_own_repaint = true;
        // Always a full repaint, so that each answer here is followed by one.
        true
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, default: bool) -> Cow<'b, str> {
        // Where the editor searches or asks, the prompt is its own.
        let (now, colors) = {
            let view = self.view.lock();
            (view.prompt(), view.settings.colors)
        };
        let shown = if default && prompt.starts_with('<') { fit(&now, prompt.width()) } else { prompt.to_owned() };
        Cow::Owned(self.screen.above(&Style::Own.paint(&shown, colors)))
    }

    fn highlight<'l>(&self, line: &'l str, _pos: usize) -> Cow<'l, str> {
        if self.screen.lock().editor == Phase::Last {
            self.screen.paint_last(line);
        }
        visible(line)
    }
}

/// The prompt in as many columns as the editor counts with: it hears of another one with the next line.
fn fit(prompt: &str, columns: usize) -> String {
    if prompt.width() <= columns {
        return format!("{prompt}{}", " ".repeat(columns - prompt.width()));
    }
    let mut fitted = String::new();
    for c in prompt.chars() {
        if fitted.width() + c.width().unwrap_or(0) + 2 > columns {
            break;
        }
        fitted.push(c);
    }
    let rest = columns.saturating_sub(fitted.width());
    fitted + &">      ".chars().take(rest.min(2)).collect::<String>() + &" ".repeat(rest.saturating_sub(2))
}

/// The line without its control characters, which rustyline takes for characters of no width: a paste may hold some.
fn visible(line: &str) -> Cow<'_, str> {
    let is_hidden = |c: char| c.is_control() && !matches!(c, '\t' | '\n');
    if line.contains(is_hidden) { Cow::Owned(line.replace(is_hidden, "")) } else { Cow::Borrowed(line) }
}

/// Another thread is about to end the process.
fn wait_for_exit() -> ! {
    loop {
        thread::park();
    }
}
