//! The line editor: rustyline with the keys, the history and the painter of this client.
//!
//! This module must not know what the client does with a line.

use std::io;
use std::sync::Arc;

use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{
    Cmd, ColorMode, CompletionType, ConditionalEventHandler, Config, Editor, Event, EventContext, EventHandler,
    KeyEvent, Movement, RepeatCount,
};

use super::history;
use super::painter::Painter;
use super::raw_mode::RawMode;
use super::screen::Screen;
use crate::chat::view::SharedView;
use crate::failure::Failure;

/// How many lines the history keeps.
const MAX_HISTORY: usize = 1000;
/// The time in milliseconds that the editor waits after Escape for the rest of an escape sequence. Nothing is shown
/// during that time.
const ESCAPE_TIMEOUT: u16 = 500;

/// An editor of lines at the bottom of a [`Screen`].
pub(super) struct LineEditor(Editor<Painter, FileHistory>);

impl LineEditor {
    /// Creates the editor, with the history of earlier runs, and starts the wake-up thread of `screen`.
    ///
    /// # Errors
    ///
    /// [`Failure::Terminal`] and [`Failure::Start`].
    pub(super) fn start(screen: &Arc<Screen>, view: &SharedView, raw_mode: &RawMode) -> Result<LineEditor, Failure> {
        let config = Config::builder()
            .auto_add_history(false)
            .max_history_size(MAX_HISTORY)?
            // The view decides whether colours are used. In any other colour mode, rustyline would obey NO_COLOR and
            // omit repaints that the painter depends on.
            .color_mode(ColorMode::Forced)
            .completion_type(CompletionType::List)
            .keyseq_timeout(Some(ESCAPE_TIMEOUT))
            .build();
        let history = FileHistory::with_config(&config);
        let mut editor = Editor::with_history(config, history)?;
        editor.set_helper(Some(Painter { screen: Arc::clone(screen), view: view.clone() }));
        history::load(&mut editor);
        editor.bind_sequence(KeyEvent::ctrl('c'), EventHandler::Conditional(Box::new(ClearOrLeave)));
        if cfg!(unix) {
            let suspend = Box::new(Suspend(raw_mode.clone()));
            editor.bind_sequence(KeyEvent::ctrl('z'), EventHandler::Conditional(suspend));
        }
        // These keys would put control characters into the line, which the client does not send.
        for key in ['q', 'v'] {
            editor.bind_sequence(KeyEvent::ctrl(key), Cmd::Noop);
        }
        screen.start_wake_ups(editor.create_external_printer()?)?;
        Ok(LineEditor(editor))
    }

    /// Reads a line; `None` when you leave by Ctrl-C or Ctrl-D.
    ///
    /// # Errors
    ///
    /// [`Failure::Terminal`].
    pub(super) fn read_line(&mut self, prompt: &str) -> Result<Option<String>, Failure> {
        loop {
            match self.0.readline(prompt) {
                Ok(line) => return Ok(Some(line)),
                Err(ReadlineError::Eof | ReadlineError::Interrupted) => return Ok(None),
                // Bytes that are not UTF-8 arrive only if the system has no pseudoterminal for the keyboard filter.
                Err(ReadlineError::Io(error)) if error.kind() == io::ErrorKind::InvalidData => {}
                // The terminal window has a new size.
                Err(ReadlineError::Signal(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Adds a line to the history, and saves the history at once, because a signal may end the process at any time.
    ///
    /// # Errors
    ///
    /// [`Failure::Terminal`].
    pub(super) fn add_to_history(&mut self, line: &str) -> Result<(), Failure> {
        self.0.add_history_entry(line)?;
        history::save(&mut self.0);
        Ok(())
    }
}

/// The handler of Ctrl-C: clears the half-typed line, or leaves if the line is empty.
struct ClearOrLeave;

impl ConditionalEventHandler for ClearOrLeave {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext<'_>) -> Option<Cmd> {
        Some(if context.line().is_empty() { Cmd::Interrupt } else { Cmd::Kill(Movement::WholeBuffer) })
    }
}

/// The handler of Ctrl-Z: suspends the client.
///
/// rustyline's own handler would leave the terminal in raw mode, because raw mode is set before rustyline starts.
struct Suspend(RawMode);

impl ConditionalEventHandler for Suspend {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, _: &EventContext<'_>) -> Option<Cmd> {
        self.0.suspend();
        Some(Cmd::Repaint)
    }
}
