//! Events as lines.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Bell, Shown, View};
use crate::chat::style::Style;
use crate::net::wire::{Event, printable};

impl View {
    /// What is to be shown of an event, but for what was said before.
    pub(super) fn show(&self, event: &Event) -> Shown {
        match event.kind() {
            // One has typed it.
            "said" | "said_to" | "told" if event.is_own() => Shown::default(),
            "said" | "said_to" | "told" => self.said(event, false),
            "past" => {
                let lines = event.events().iter().flat_map(|event| self.past(event)).collect();
                Shown { lines, rings: false }
            }
            "joined" | "parted" | "left" | "renamed" if self.settings.quiet => Shown::default(),
            "done" | "hello" | "pong" => Shown::default(),
            _ => Shown { lines: self.told(event), rings: event.kind() == "invited" && self.settings.bell != Bell::Off },
        }
    }

    /// What was said before: marked, also where there are no colours.
    pub(crate) fn past(&self, event: &Event) -> Vec<String> {
        self.said(event, true).lines
    }

    /// Something that somebody said.
    fn said(&self, event: &Event, past: bool) -> Shown {
        let colors = self.settings.colors && !past;
        let (from, text) = (event.text("from"), event.text("text"));
        let private = event.kind() == "told";
        let is_mentioned = self.is_mentioned_in(&text);
        let name = Style::of(&from).paint(&from, colors);
        let style = match (private, is_mentioned) {
            (true, _) => Style::Private,
            (false, true) => Style::Mention,
            (false, false) => Style::Plain,
        };
        let text = style.paint(&text, colors);
        let to = match event.kind() {
            "said_to" if event.str("rank") == Some("operator") => format!(" to operators of {}", event.text("room")),
            "said_to" => format!(" to those with a voice in {}", event.text("room")),
            _ => String::new(),
        };
        let said = match (event.str("manner"), private) {
            (Some("action"), false) if to.is_empty() => format!("({name} {text})"),
            (Some("action"), false) => format!("({name}{to}: {text})"),
            (Some("notice"), false) => format!("-{name}{to}- {text}"),
            (Some("action"), true) => format!("{{{name} {text}}}"),
            (Some("notice"), true) => format!("{{-{name}-}} {text}"),
            (Some("query" | "response"), _) => return Shown::default(),
            (_, false) => format!("<{name}{to}> {text}"),
            (_, true) => format!("{{{name}}} {text}"),
        };
        let time = if past { format!("~ {}", self.past_time(event)) } else { self.time(event) };
        let line = format!("{time}{}{said}", self.place(event));
        let line = if past { Style::Dim.paint(&line, self.settings.colors) } else { line };
        let rings = match self.settings.bell {
            Bell::Off => false,
            Bell::Mentions => private || is_mentioned,
            Bell::All => true,
        };
        Shown { lines: vec![line], rings: rings && !past }
    }

    /// Anything else, as the server shows it.
    fn told(&self, event: &Event) -> Vec<String> {
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
        let (time, place) = (self.time(event), self.place(event));
        let line = |line: &String| {
            let place = if line.starts_with('[') { place.as_str() } else { "" };
            format!("{time}{place}{}", style.paint(&printable(line), self.settings.colors))
        };
        lines.iter().map(line).collect()
    }

    /// The room of an event, if that is not the one in which one speaks.
    fn place(&self, event: &Event) -> String {
        let room = event.text("room");
        let is_elsewhere = event.kind() != "said_to" && !room.is_empty() && self.room.as_ref() != Some(&room);
        if is_elsewhere { format!("{room} ") } else { String::new() }
    }

    /// When it happened, by the clock on the wall here.
    fn time(&self, event: &Event) -> String {
        let format = &self.settings.time_format;
        match time_of(event, format) {
            Some(time) if !format.is_empty() => Style::Dim.paint(&time, self.settings.colors) + " ",
            _ => String::new(),
        }
    }

    /// The same of what was said before, perhaps days ago.
    fn past_time(&self, event: &Event) -> String {
        let format = &self.settings.time_format;
        let format = if format.is_empty() { "%Y-%m-%d %H:%M" } else { format };
        time_of(event, format).map_or(String::new(), |time| time + " ")
    }

    /// Whether one's name is a word of the text.
    fn is_mentioned_in(&self, text: &str) -> bool {
        let Some(name) = self.chosen_name() else { return false };
        let is_part = |c: char| c.is_alphanumeric() || "_-[]{}\\|^`".contains(c);
        text.split(|c: char| !is_part(c)).any(|word| word.to_lowercase() == name.to_lowercase())
    }
}

/// When something happened, by the clock on the wall here.
fn time_of(event: &Event, format: &str) -> Option<String> {
    let time = event.str("time")?.parse::<Timestamp>().ok()?;
    jiff::fmt::strtime::format(format, &time.to_zoned(TimeZone::system())).ok()
}
