//! How a server says that it speaks JSON lines.
//!
//! The first line that such a one sends begins with `* ` and has `/json 1` in it (chat-core's `PROTOCOL.md`, "JSON
//! lines"). Others know nothing of that, and must not be sent a command that they would pass on to people.

/// Whether the first line of a server is such a greeting.
pub(crate) fn is_greeting(line: &str) -> bool {
    line.starts_with("* ") && line.contains("/json 1")
}

/// The line that follows the greeting of a server that requires a password.
pub(crate) const PASSWORD_REQUEST: &str = "* password required: /pass PASSWORD";

/// Whether a line between the greeting and the first answer says that the server requires a password.
pub(crate) fn is_password_request(line: &str) -> bool {
    line.starts_with("* password required")
}

#[cfg(test)]
mod tests {
    use super::is_greeting;

    #[test]
    fn only_a_server_that_says_so_is_one() {
        assert!(is_greeting("* chat-server 0.1.0: /help tells the commands, /json 1 speaks JSON lines"));
        assert!(!is_greeting("* welcome"));
        assert!(!is_greeting("<bob> * /json 1"));
        assert!(!is_greeting(""));
    }
}
