//! The bytes that a terminal sends for special keys, and the action of chat-client for each key.

/// Sends the line.
pub const ENTER: &str = "\r";
/// Completes the word.
pub const TAB: &str = "\t";
/// Recalls the previous line.
pub const UP: &str = "\x1b[A";
/// Moves one character to the left.
pub const LEFT: &str = "\x1b[D";
/// Clears the line, or quits if it is empty.
pub const CTRL_C: &str = "\x03";
/// Quits.
pub const CTRL_D: &str = "\x04";
/// Searches the previous lines.
pub const CTRL_R: &str = "\x12";
/// Restores the cleared text.
pub const CTRL_Y: &str = "\x19";
