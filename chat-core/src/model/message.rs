//! What somebody says, and how it is meant.

use crate::model::text::Text;

/// Something to be said.
///
/// ```
/// use chat_core::{MessageKind, Message};
///
/// assert_eq!(Message::from("hi"), Message { text: "hi".into(), manner: MessageKind::Message });
/// assert_eq!(Message::action("waves").manner, MessageKind::Action);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What.
    pub text: Text,
    /// How it is meant.
    pub manner: MessageKind,
}

/// How something is meant that is said. A framing shows what it can; for people all that is
/// [for them](MessageKind::is_for_people).
///
/// ```
/// use chat_core::MessageKind;
///
/// assert!(MessageKind::Action.is_for_people() && !MessageKind::CtcpRequest.is_for_people());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MessageKind {
    /// As it is.
    #[default]
    Message,
    /// The speaker does this; it follows the name: "waves".
    Action,
    /// Nothing that would need an answer: what a program tells people. No program answers it, so that no two of them talk
    /// to each other for ever.
    Notice,
    /// For the other's program, not for people, such as which version it is.
    CtcpRequest,
    /// What a program answers to a [`Query`](MessageKind::CtcpRequest).
    CtcpReply,
}

impl Message {
    /// What the speaker does: "waves".
    pub fn action(text: impl Into<Text>) -> Message {
        Message { text: text.into(), manner: MessageKind::Action }
    }

    /// What needs no answer.
    pub fn notice(text: impl Into<Text>) -> Message {
        Message { text: text.into(), manner: MessageKind::Notice }
    }
}

impl<T: Into<Text>> From<T> for Message {
    fn from(text: T) -> Message {
        Message { text: text.into(), manner: MessageKind::Message }
    }
}

impl MessageKind {
    /// Whether people are to read it; a room remembers what is.
    #[must_use]
    pub fn is_for_people(self) -> bool {
        matches!(self, MessageKind::Message | MessageKind::Action | MessageKind::Notice)
    }
}
