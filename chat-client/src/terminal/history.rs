//! The history file, which keeps the lines that you typed from one run to the next.
//!
//! This module must not know which lines the caller keeps. It ignores errors: an unreadable file or a full disk must
//! not end the chat.

use std::fs;
use std::path::PathBuf;

use rustyline::history::FileHistory;
use rustyline::{Editor, Helper};

/// Returns the path of the history file, in the platform's folder for state.
fn path() -> Option<PathBuf> {
    let folder = dirs::state_dir().or_else(dirs::data_local_dir)?;
    Some(folder.join("chat-client").join("history"))
}

/// Loads the history of earlier runs.
pub(super) fn load<H: Helper>(editor: &mut Editor<H, FileHistory>) {
    if let Some(path) = path() {
        let _ = editor.load_history(&path);
    }
}

/// Appends the new lines to the history file.
pub(super) fn save<H: Helper>(editor: &mut Editor<H, FileHistory>) {
    let Some(path) = path() else { return };
    if let Some(folder) = path.parent() {
        let _ = fs::create_dir_all(folder);
    }
    let _ = editor.append_history(&path);
}
