//! The parser of a line from a client.
//!
//! This module must not know which commands exist.

/// A message from a client (Modern IRC Client Protocol, "Message Format"; RFC 2812, section 2.3.1).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ClientMessage<'a> {
    /// The label that the answer must carry ([labeled-response](https://ircv3.net/specs/extensions/labeled-response)).
    pub(super) label: Option<&'a str>,
    pub(super) command: &'a str,
    pub(super) params: Vec<&'a str>,
}

/// The maximum number of parameters; the last one takes the rest of the line.
const PARAMS_MAX: usize = 15;

impl<'a> ClientMessage<'a> {
    /// Parses a line without its line end; returns `None` if it has no command.
    pub(super) fn parse(line: &'a str) -> Option<ClientMessage<'a>> {
        let mut rest = line.trim_start_matches(' ');
        let mut label = None;
        if let Some(tagged) = rest.strip_prefix('@') {
            let (tags, rest_of_line) = tagged.split_once(' ').unwrap_or((tagged, ""));
            label = tags.split(';').find_map(|tag| tag.strip_prefix("label=")).filter(|label| is_valid_label(label));
            rest = rest_of_line.trim_start_matches(' ');
        }
        if rest.starts_with(':') {
            // A client can't choose its source, so the parser ignores it.
            rest = rest.split_once(' ').map_or("", |(_, rest_of_line)| rest_of_line.trim_start_matches(' '));
        }
        let (command, mut rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let mut params = Vec::new();
        loop {
            rest = rest.trim_start_matches(' ');
            if let Some(last) = rest.strip_prefix(':') {
                params.push(last);
                break;
            }
            if rest.is_empty() {
                break;
            }
            if params.len() + 1 == PARAMS_MAX {
                params.push(rest);
                break;
            }
            let (param, rest_of_line) = rest.split_once(' ').unwrap_or((rest, ""));
            params.push(param);
            rest = rest_of_line;
        }
        (!command.is_empty()).then_some(ClientMessage { label, command, params })
    }

    /// Returns the parameter at this index; `None` if it is missing or empty.
    pub(super) fn param(&self, index: usize) -> Option<&'a str> {
        self.params.get(index).copied().filter(|param| !param.is_empty())
    }
}

/// Returns whether the server can send a label back unchanged.
fn is_valid_label(label: &str) -> bool {
    !label.is_empty() && !label.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, label: Option<&str>, command: &str, params: &[&str]) {
        let message = ClientMessage::parse(line).unwrap_or_else(|| panic!("{line:?} is a message"));
        assert_eq!((message.label, message.command, &message.params[..]), (label, command, params), "{line:?}");
    }

    #[test]
    fn parse_splits_tags_source_command_and_parameters() {
        check("QUIT", None, "QUIT", &[]);
        check("JOIN #a,#b key", None, "JOIN", &["#a,#b", "key"]);
        check("PRIVMSG #a :hi  there :)", None, "PRIVMSG", &["#a", "hi  there :)"]);
        check("PRIVMSG #a :", None, "PRIVMSG", &["#a", ""]);
        check("  PRIVMSG   #a   hi  ", None, "PRIVMSG", &["#a", "hi"]);
        check(":evil!u@h PRIVMSG #a ::x", None, "PRIVMSG", &["#a", ":x"]);
        check("@label=7;+draft/x=\\:y :me  PING a", Some("7"), "PING", &["a"]);
        check("@label=;x PING a", None, "PING", &["a"]);
        let many: Vec<String> = (0..17).map(|number| number.to_string()).collect();
        let mut params: Vec<&str> = many[..14].iter().map(String::as_str).collect();
        params.push("14 15 16");
        check(&format!("X {}", many.join(" ")), None, "X", &params);
        for blank in ["", "   ", "@tag", "@tag ", ":source", ":source  "] {
            assert_eq!(ClientMessage::parse(blank), None, "{blank:?}");
        }
    }
}
