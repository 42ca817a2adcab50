//! A line of IRC, taken apart.

/// A message as a client sends it (Modern IRC Client Protocol, "Message Format"; RFC 2812, section 2.3.1).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ClientMessage<'a> {
    /// What the client wants to find again in the answer ([labeled-response](https://ircv3.net/specs/extensions/labeled-response)).
    pub(super) label: Option<&'a str>,
    pub(super) command: &'a str,
    pub(super) params: Vec<&'a str>,
}

/// No message has more parameters; the last takes the rest.
const PARAMS: usize = 15;

impl<'a> ClientMessage<'a> {
    /// Takes a line apart, which has no end any more; nothing, if it is blank.
    pub(super) fn parse(line: &'a str) -> Option<ClientMessage<'a>> {
        let mut rest = line.trim_start_matches(' ');
        let mut label = None;
        if let Some(tagged) = rest.strip_prefix('@') {
            let (tags, behind) = tagged.split_once(' ').unwrap_or((tagged, ""));
            label = tags.split(';').find_map(|tag| tag.strip_prefix("label=")).filter(|label| is_plain(label));
            rest = behind.trim_start_matches(' ');
        }
        if rest.starts_with(':') {
            // Whatever a client says that it is, it is who it is.
            rest = rest.split_once(' ').map_or("", |(_, behind)| behind.trim_start_matches(' '));
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
            if params.len() + 1 == PARAMS {
                params.push(rest);
                break;
            }
            let (param, behind) = rest.split_once(' ').unwrap_or((rest, ""));
            params.push(param);
            rest = behind;
        }
        (!command.is_empty()).then_some(ClientMessage { label, command, params })
    }

    /// The parameter with this number, from 0; nothing, if it is missing or empty.
    pub(super) fn param(&self, number: usize) -> Option<&'a str> {
        self.params.get(number).copied().filter(|param| !param.is_empty())
    }
}

/// Whether something can be sent back as it is.
fn is_plain(label: &str) -> bool {
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
    fn a_message_has_tags_a_source_a_command_and_parameters() {
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
