//! Rendering events as lines.
//!
//! This module must not change the view.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Rendered, View};
use crate::chat::settings::Bell;
use crate::chat::style::Style;
use crate::net::event::Event;
use crate::net::sanitize::printable;

impl View {
    /// Renders an event.
    pub(super) fn render(&self, event: &Event) -> Rendered {
        match event.kind() {
            // Do not show your own message, because the line that you typed is on the screen.
            "said" | "said_to" | "told" if event.is_own() => Rendered::default(),
            "said" | "said_to" | "told" => self.render_message(event, false),
            "past" => {
                let lines = event.events().iter().flat_map(|event| self.render_past(event)).collect();
                Rendered { lines, rings: false }
            }
            "joined" | "parted" | "left" | "renamed" if self.settings.quiet => Rendered::default(),
            "done" | "hello" | "pong" => Rendered::default(),
            kind => {
                let rings = kind == "invited" && self.settings.bell != Bell::Off;
                Rendered { lines: self.render_lines(event), rings }
            }
        }
    }

    /// Renders a message of the history: dim, and after a `~`, which marks the message even without colours.
    pub(crate) fn render_past(&self, event: &Event) -> Vec<String> {
        self.render_message(event, true).lines
    }

    fn render_message(&self, event: &Event, is_past: bool) -> Rendered {
        let colors = self.settings.colors && !is_past;
        let (from, text) = (event.text("from"), event.text("text"));
        let is_private = event.kind() == "told";
        let is_mention = self.is_mention(&text);
        let name = Style::of_name(&from).paint(&from, colors);
        let style = match (is_private, is_mention) {
            (true, _) => Style::Private,
            (false, true) => Style::Mention,
            (false, false) => Style::Plain,
        };
        let text = style.paint(&text, colors);
        let to = match event.kind() {
            "said_to" if event.str("rank") == Some("operator") => format!(" to operators of {}", event.text("room")),
            "said_to" => format!(" to voiced members of {}", event.text("room")),
            _ => String::new(),
        };
        let message = match (event.str("manner"), is_private) {
            (Some("action"), false) if to.is_empty() => format!("({name} {text})"),
            (Some("action"), false) => format!("({name}{to}: {text})"),
            (Some("notice"), false) => format!("-{name}{to}- {text}"),
            (Some("action"), true) => format!("{{{name} {text}}}"),
            (Some("notice"), true) => format!("{{-{name}-}} {text}"),
            (Some("query" | "response"), _) => return Rendered::default(),
            (_, false) => format!("<{name}{to}> {text}"),
            (_, true) => format!("{{{name}}} {text}"),
        };
        let time = if is_past { format!("~ {}", self.past_time(event)) } else { self.time(event) };
        let line = format!("{time}{}{message}", self.room_prefix(event));
        let line = if is_past { Style::Dim.paint(&line, self.settings.colors) } else { line };
        let rings = match self.settings.bell {
            Bell::Off => false,
            Bell::Mentions => is_private || is_mention,
            Bell::All => true,
        };
        Rendered { lines: vec![line], rings: rings && !is_past }
    }

    /// Renders any other event: styles the lines that the server adds to the event.
    fn render_lines(&self, event: &Event) -> Vec<String> {
        let mut lines = event.lines();
        if lines.is_empty() && event.kind() == "refused" {
            lines.push(format!("! {}", event.text("text")));
        }
        let style = match event.kind() {
            "refused" | "closed" => Style::Error,
            "joined" | "parted" | "left" | "renamed" | "modes_set" | "rank_set" => Style::Dim,
            "invited" | "announced" | "kicked" => Style::Mention,
            _ => Style::Plain,
        };
        let (time, room) = (self.time(event), self.room_prefix(event));
        let line = |line: &String| {
            let room = if line.starts_with('[') { room.as_str() } else { "" };
            format!("{time}{room}{}", style.paint(&printable(line), self.settings.colors))
        };
        lines.iter().map(line).collect()
    }

    /// Returns the room of an event and a space; an empty string if the room is the current room.
    fn room_prefix(&self, event: &Event) -> String {
        let room = event.text("room");
        let is_other = event.kind() != "said_to" && !room.is_empty() && self.room.as_ref() != Some(&room);
        if is_other { format!("{room} ") } else { String::new() }
    }

    /// Returns the time of an event in the format of the settings, and a space; an empty string if there is no format.
    fn time(&self, event: &Event) -> String {
        let format = &self.settings.time_format;
        match local_time(event, format) {
            Some(time) if !format.is_empty() => Style::Dim.paint(&time, self.settings.colors) + " ",
            _ => String::new(),
        }
    }

    /// Returns the time of a message of the history, and a space.
    ///
    /// If the settings have no format, the time includes the date, because the message may be days old.
    fn past_time(&self, event: &Event) -> String {
        let format = &self.settings.time_format;
        let format = if format.is_empty() { "%Y-%m-%d %H:%M" } else { format };
        local_time(event, format).map_or(String::new(), |time| time + " ")
    }

    /// Returns whether your nickname is a word of the text.
    fn is_mention(&self, text: &str) -> bool {
        let Some(nick) = self.chosen_nick() else { return false };
        let is_part = |c: char| c.is_alphanumeric() || "_-[]{}\\|^`".contains(c);
        text.split(|c: char| !is_part(c)).any(|word| word.to_lowercase() == nick.to_lowercase())
    }
}

/// Formats the time of an event in the system's time zone.
fn local_time(event: &Event, format: &str) -> Option<String> {
    let time = event.str("time")?.parse::<Timestamp>().ok()?;
    jiff::fmt::strtime::format(format, &time.to_zoned(TimeZone::system())).ok()
}
