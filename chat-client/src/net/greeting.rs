//! The first lines of a server that supports JSON lines.
//!
//! The first line of such a server begins with `* ` and contains `/json 1` (chat-core's `PROTOCOL.md`, "JSON lines").
//! The client must not send a command to any other server, because another server might relay the command to people as
//! a message.

/// Returns whether `line`, the first line of a server, is the greeting of a server that supports JSON lines.
pub(crate) fn is_greeting(line: &str) -> bool {
    line.starts_with("* ") && line.contains("/json 1")
}

/// The line that a server sends after its greeting if it requires a password.
pub(crate) const PASSWORD_REQUEST: &str = "* password required: /pass PASSWORD";

/// Returns whether a line between the greeting and the first reply says that the server requires a password.
pub(crate) fn is_password_request(line: &str) -> bool {
    line.starts_with("* password required")
}

#[cfg(test)]
mod tests {
    use super::is_greeting;

    #[test]
    fn greeting_starts_with_star_and_names_json() {
        assert!(is_greeting("* chat-server 0.1.0: /help lists the commands, /json 1 switches to JSON lines"));
        assert!(is_greeting("* chat-server 0.1.0: /help tells the commands, /json 1 speaks JSON lines"));
        assert!(!is_greeting("* welcome"));
        assert!(!is_greeting("<bob> * /json 1"));
        assert!(!is_greeting(""));
    }
}
