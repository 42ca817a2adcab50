//! The painter, which rustyline calls at each repaint and at each completion (Tab).
//!
//! This module must not know the threads. [`Screen`] describes how a line gets above the prompt.

use std::borrow::Cow;
use std::sync::Arc;

use rustyline::completion::Completer;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::screen::{Screen, visible};
use crate::chat::style::Style;
use crate::chat::view::SharedView;

/// The helper of the line editor.
#[derive(Debug)]
pub(super) struct Painter {
    pub(super) screen: Arc<Screen>,
    pub(super) view: SharedView,
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
        self.screen.begin_own_repaint();
        // Request a full repaint every time, so that a repaint follows each call of this function.
        true
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, default: bool) -> Cow<'b, str> {
        let (current, colors) = {
            let view = self.view.lock();
            (view.prompt(), view.settings.colors)
        };
        // The prompt of a history search and the prompt of a question stay as they are.
        let shown = if default && prompt.starts_with('<') { fit(&current, prompt.width()) } else { prompt.to_owned() };
        Cow::Owned(self.screen.take_pending(&Style::Own.paint(&shown, colors)))
    }

    fn highlight<'l>(&self, line: &'l str, _pos: usize) -> Cow<'l, str> {
        self.screen.paint_last(line);
        visible(line)
    }
}

/// Pads or cuts the prompt to `columns`, the width that the editor assumes until the line ends.
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
