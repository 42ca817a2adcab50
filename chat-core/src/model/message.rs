//! A message and its kind.
//!
//! This module must not know the sender, the recipients or the framing.

use crate::model::text::Text;

/// A message to send: its text and its kind.
///
/// ```
/// use chat_core::message::{Message, MessageKind};
///
/// assert_eq!(Message::from("hi"), Message { text: "hi".into(), kind: MessageKind::Message });
/// assert_eq!(Message::action("waves").kind, MessageKind::Action);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The text.
    pub text: Text,
    /// The kind of the message.
    pub kind: MessageKind,
}

/// The kind of a message.
///
/// A framing shows the kinds that it supports. To people, it must show each kind that is [for
/// people](MessageKind::is_for_people).
///
/// ```
/// use chat_core::message::MessageKind;
///
/// assert!(MessageKind::Action.is_for_people() && !MessageKind::CtcpRequest.is_for_people());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MessageKind {
    /// Plain speech.
    #[default]
    Message,
    /// An action of the sender, shown after its name: "waves" (IRC: CTCP `ACTION`).
    Action,
    /// A message that needs no answer, usually from a program. A program must never answer it, so that two programs
    /// can't answer each other for ever (RFC 2812, section 3.3.2).
    Notice,
    /// A question to the recipient's client, not to people, such as its version (CTCP).
    CtcpRequest,
    /// A client's answer to a [`CtcpRequest`](MessageKind::CtcpRequest).
    CtcpReply,
}

impl Message {
    /// Creates an [action](MessageKind::Action), such as "waves".
    pub fn action(text: impl Into<Text>) -> Message {
        Message { text: text.into(), kind: MessageKind::Action }
    }

    /// Creates a [notice](MessageKind::Notice).
    pub fn notice(text: impl Into<Text>) -> Message {
        Message { text: text.into(), kind: MessageKind::Notice }
    }
}

impl<T: Into<Text>> From<T> for Message {
    fn from(text: T) -> Message {
        Message { text: text.into(), kind: MessageKind::Message }
    }
}

impl MessageKind {
    /// Returns whether people read this kind; a room's history keeps only such messages.
    #[must_use]
    pub fn is_for_people(self) -> bool {
        matches!(self, MessageKind::Message | MessageKind::Action | MessageKind::Notice)
    }
}
