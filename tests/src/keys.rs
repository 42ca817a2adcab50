//! What a terminal sends for keys that are no text, and what chat-client does by them.

/// Sends the line.
pub const ENTER: &str = "\r";
/// Completes the word.
pub const TAB: &str = "\t";
/// Brings back what was typed before.
pub const UP: &str = "\x1b[A";
/// One character back.
pub const LEFT: &str = "\x1b[D";
/// Clears the line, or leaves.
pub const CTRL_C: &str = "\x03";
/// Leaves.
pub const CTRL_D: &str = "\x04";
/// Searches what was typed before.
pub const CTRL_R: &str = "\x12";
/// Brings back what was cleared.
pub const CTRL_Y: &str = "\x19";
