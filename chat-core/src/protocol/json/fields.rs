//! The fields of a received object, and the errors in them.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::model::history::Anchor;
use crate::model::mask::{Mask, ParseMaskError, Pattern};
use crate::model::message::{Message, MessageKind};
use crate::model::moderation::{ExceptionKind, Rank, Term};
use crate::model::name::{Nick, ParseNickError, ParseRoomNameError, RoomName, Target};
use crate::model::text::Text;
use crate::model::time;

/// The fields of an object that the command's parser has not taken yet.
pub(super) struct Fields {
    map: Map<String, Value>,
    /// The longest string, in bytes. The length is checked before the string is parsed or cleaned.
    limit: usize,
}

/// The error in an object.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("line is not a JSON object: {why}")]
    Syntax { why: String },
    #[error("line is not valid UTF-8")]
    NotUtf8,
    #[error("line is too long; at most {limit} bytes are allowed")]
    TooLong { limit: usize },
    #[error("field {field} is {bytes} bytes long; at most {limit} are allowed")]
    TooLongField { field: &'static str, bytes: usize, limit: usize },
    #[error("unknown command: {name}; PROTOCOL.md lists all commands")]
    NoCommand { name: Text },
    #[error("field {field} is missing")]
    Missing { field: &'static str },
    #[error("field {field} must be {needed}")]
    Wrong { field: &'static str, needed: &'static str },
    #[error("field {field} can't be combined with {others}")]
    Combined { field: &'static str, others: &'static str },
    #[error("unknown field in this command: {field}")]
    Surplus { field: Text },
    #[error("{why}")]
    Usage { why: String },
    #[error(transparent)]
    Nick(#[from] ParseNickError),
    #[error(transparent)]
    Room(#[from] ParseRoomNameError),
    #[error(transparent)]
    Mask(#[from] ParseMaskError),
}

impl Fault {
    /// Returns the error code, for programs.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Fault::Syntax { .. } => "syntax",
            Fault::NotUtf8 => "not_utf8",
            Fault::TooLong { .. } | Fault::TooLongField { .. } => "too_long",
            Fault::NoCommand { .. } => "no_such_command",
            Fault::Missing { .. } => "missing_field",
            Fault::Wrong { .. } | Fault::Combined { .. } => "wrong_field",
            Fault::Surplus { .. } => "no_such_field",
            Fault::Usage { .. } => "usage",
            Fault::Nick(_) => "bad_nick",
            Fault::Room(_) => "bad_room",
            Fault::Mask(_) => "bad_mask",
        }
    }
}

impl Fields {
    /// Parses a line as an object whose strings have at most `limit` bytes.
    pub(super) fn parse(line: &[u8], limit: usize) -> Result<Fields, Fault> {
        let line = str::from_utf8(line).map_err(|_| Fault::NotUtf8)?;
        let map = serde_json::from_str(line).map_err(|error| Fault::Syntax { why: error.to_string() })?;
        Ok(Fields { map, limit })
    }

    /// Takes the id, a string or a number; anything else counts as no id.
    pub(super) fn id(&mut self) -> Option<Value> {
        let id = self.map.remove("id")?;
        (id.is_number() || id.as_str().is_some_and(|id| id.len() <= ID)).then_some(id)
    }

    /// Returns whether a field is this string, without taking the field.
    pub(super) fn has(&self, field: &str, string: &str) -> bool {
        self.map.get(field).and_then(Value::as_str) == Some(string)
    }

    /// Takes a string, if there is one; `null` counts as a missing field.
    pub(super) fn string(&mut self, field: &'static str) -> Result<Option<String>, Fault> {
        match self.map.remove(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(string)) if string.len() <= self.limit => Ok(Some(string)),
            Some(Value::String(string)) => Err(Fault::TooLongField { field, bytes: string.len(), limit: self.limit }),
            Some(_) => Err(Fault::Wrong { field, needed: "a string" }),
        }
    }

    pub(super) fn needed_string(&mut self, field: &'static str) -> Result<String, Fault> {
        self.string(field)?.ok_or(Fault::Missing { field })
    }

    pub(super) fn text(&mut self, field: &'static str) -> Result<Option<Text>, Fault> {
        Ok(self.string(field)?.map(|text| Text::clean(&text)))
    }

    pub(super) fn needed_text(&mut self, field: &'static str) -> Result<Text, Fault> {
        self.needed_string(field).map(|text| Text::clean(&text))
    }

    pub(super) fn number(&mut self, field: &'static str) -> Result<Option<u64>, Fault> {
        match self.map.remove(field) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_u64().map(Some).ok_or(Fault::Wrong { field, needed: "a whole number, 0 or more" }),
        }
    }

    pub(super) fn flag(&mut self, field: &'static str) -> Result<bool, Fault> {
        match self.map.remove(field) {
            None | Some(Value::Null) => Ok(false),
            Some(value) => value.as_bool().ok_or(Fault::Wrong { field, needed: "true or false" }),
        }
    }

    pub(super) fn room(&mut self) -> Result<Option<RoomName>, Fault> {
        Ok(self.string("room")?.map(|room| RoomName::parse(&room)).transpose()?)
    }

    pub(super) fn nick(&mut self) -> Result<Nick, Fault> {
        Ok(Nick::parse(&self.needed_string("name")?)?)
    }

    pub(super) fn target(&mut self, field: &'static str) -> Result<Target, Fault> {
        self.needed_string(field).map(|name| Target::new(&name))
    }

    pub(super) fn mask(&mut self) -> Result<Mask, Fault> {
        Ok(Mask::parse(&self.needed_string("mask")?)?)
    }

    pub(super) fn pattern(&mut self) -> Result<Pattern, Fault> {
        Ok(Pattern::parse(&self.needed_string("pattern")?)?)
    }

    /// Takes a message: its text and its kind.
    pub(super) fn message(&mut self) -> Result<Message, Fault> {
        let needed = "plain, action, notice, query or response";
        let kind = match self.string("manner")?.as_deref() {
            None | Some("plain") => MessageKind::Message,
            Some("action") => MessageKind::Action,
            Some("notice") => MessageKind::Notice,
            Some("query") => MessageKind::CtcpRequest,
            Some("response") => MessageKind::CtcpReply,
            Some(_) => return Err(Fault::Wrong { field: "manner", needed }),
        };
        Ok(Message { text: self.needed_text("text")?, kind })
    }

    pub(super) fn rank(&mut self) -> Result<Rank, Fault> {
        match self.needed_string("rank")?.as_str() {
            "voiced" => Ok(Rank::Voiced),
            "operator" => Ok(Rank::Operator),
            _ => Err(Fault::Wrong { field: "rank", needed: "voiced or operator" }),
        }
    }

    pub(super) fn rule(&mut self) -> Result<ExceptionKind, Fault> {
        match self.needed_string("from")?.as_str() {
            "bans" => Ok(ExceptionKind::Ban),
            "invitation" => Ok(ExceptionKind::Invite),
            _ => Err(Fault::Wrong { field: "from", needed: "bans or invitation" }),
        }
    }

    /// Takes an optional duration and an optional reason.
    pub(super) fn term(&mut self) -> Result<Term, Fault> {
        let time = self.number("seconds")?.map(Duration::from_secs);
        Ok(Term { time, reason: self.text("reason")? })
    }

    /// Takes the number of an event, or a time.
    pub(super) fn anchor(&mut self, field: &'static str) -> Result<Option<Anchor>, Fault> {
        let wrong =
            Fault::Wrong { field, needed: "the number of an event, or a time such as 2026-11-24T21:04:09.123Z" };
        match self.map.remove(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(time)) if time.len() > TIME => Err(wrong),
            Some(Value::String(time)) => time::parse(&time).map(|time| Some(Anchor::Time(time))).ok_or(wrong),
            Some(value) => value.as_u64().map(|number| Some(Anchor::Number(number))).ok_or(wrong),
        }
    }

    /// Takes a list of objects, each of which `read` parses.
    pub(super) fn list<T>(
        &mut self,
        field: &'static str,
        mut read: impl FnMut(&mut Fields) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let wrong = || Fault::Wrong { field, needed: "a list of objects" };
        let Value::Array(items) = self.map.remove(field).ok_or(Fault::Missing { field })? else { return Err(wrong()) };
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            let Value::Object(item) = item else { return Err(wrong()) };
            let mut fields = Fields { map: item, limit: self.limit };
            list.push(read(&mut fields)?);
            fields.end()?;
        }
        Ok(list)
    }

    /// Checks that no fields are left, because an unknown field may be a misspelled one.
    pub(super) fn end(self) -> Result<(), Fault> {
        match self.map.keys().next() {
            Some(field) => Err(Fault::Surplus { field: Text::excerpt(field) }),
            None => Ok(()),
        }
    }
}

/// The longest id that is a string, in bytes.
const ID: usize = 64;
/// The longest time, in bytes.
const TIME: usize = 64;
