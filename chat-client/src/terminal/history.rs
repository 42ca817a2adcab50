//! What was typed, from one run to the next.

use std::fs;
use std::path::PathBuf;

use crate::terminal::interactive::LineEditor;

/// Where it is kept: in the place that the platform has for that.
fn file() -> Option<PathBuf> {
    let folder = dirs::state_dir().or_else(dirs::data_local_dir)?;
    Some(folder.join("chat-client").join("history"))
}

/// Brings back what was typed before. What can't be read is as if it were not there.
pub(crate) fn load(editor: &mut LineEditor) {
    if let Some(file) = file() {
        let _ = editor.load_history(&file);
    }
}

/// Keeps what was typed. To chat is more than to remember: a disk that is full is no failure.
pub(crate) fn save(editor: &mut LineEditor) {
    let Some(file) = file() else { return };
    if let Some(folder) = file.parent() {
        let _ = fs::create_dir_all(folder);
    }
    let _ = editor.append_history(&file);
}
