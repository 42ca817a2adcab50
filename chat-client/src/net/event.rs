//! The events that the server sends as JSON lines (chat-core's `PROTOCOL.md`, "JSON lines").
//!
//! This module must not know what an event means to the client.

use std::io;

use serde_json::{Map, Value, json};

use super::sanitize::{escape_json, printable};

/// An event as a JSON object. A field that is missing, or has the wrong type, counts as empty.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event(Map<String, Value>);

impl Event {
    /// Parses a line.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidData`] if the line is not a JSON object.
    pub(crate) fn parse(line: &str) -> io::Result<Event> {
        serde_json::from_str(line).map(Event).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// Creates an event that shows `lines`, which the client itself wrote, as an error.
    pub(crate) fn of_lines(lines: &[String]) -> Event {
        let Value::Object(fields) = json!({"kind": "refused", "lines": lines}) else { unreachable!("it is an object") };
        Event(fields)
    }

    pub(crate) fn kind(&self) -> &str {
        self.str("kind").unwrap_or("")
    }

    /// Returns a string field as the server sent it. The string is not safe to print.
    pub(crate) fn str(&self, field: &str) -> Option<&str> {
        self.0.get(field).and_then(Value::as_str)
    }

    /// Returns a string field, safe to print; an empty string if the field is missing.
    pub(crate) fn text(&self, field: &str) -> String {
        printable(self.str(field).unwrap_or(""))
    }

    /// Returns whether this connection itself sent the message.
    pub(crate) fn is_own(&self) -> bool {
        self.0.get("own").and_then(Value::as_bool).unwrap_or(false)
    }

    pub(crate) fn has(&self, field: &str) -> bool {
        self.0.get(field).is_some()
    }

    /// Returns the field `lines`, safe to print: the same event in the form of plain lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.texts("lines")
    }

    /// Returns a field that is a list of strings, safe to print; an empty list if the field is missing.
    pub(crate) fn texts(&self, field: &str) -> Vec<String> {
        let texts = self.0.get(field).and_then(Value::as_array);
        texts.into_iter().flatten().filter_map(|text| text.as_str().map(printable)).collect()
    }

    pub(crate) fn number(&self, field: &str) -> Option<u64> {
        self.0.get(field).and_then(Value::as_u64)
    }

    /// Returns the names in the `members` field, safe to print.
    pub(crate) fn members(&self) -> impl Iterator<Item = String> {
        let members = self.0.get("members").and_then(Value::as_array);
        members.into_iter().flatten().filter_map(|member| member.get("name")?.as_str().map(printable))
    }

    /// Returns the events in the `events` field of a `past` event.
    pub(crate) fn events(&self) -> Vec<Event> {
        let events = self.0.get("events").and_then(Value::as_array);
        let events = events.into_iter().flatten().filter_map(|event| event.as_object().cloned().map(Event));
        events.collect()
    }

    /// Returns the event as a line of JSON, safe to print.
    pub(crate) fn line(&self) -> String {
        escape_json(&Value::Object(self.0.clone()).to_string())
    }
}

#[cfg(test)]
impl From<Value> for Event {
    fn from(value: Value) -> Event {
        Event(value.as_object().expect("an object").clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_line_are_safe_to_print() {
        let event = Event(serde_json::from_str("{\"text\":\"a\u{202e}\u{7f}\\u001b\"}").expect("an object"));
        assert_eq!(event.line(), "{\"text\":\"a\\u202e\\u007f\\u001b\"}");
        assert_eq!(event.text("text"), "a");
    }
}
