//! What somebody says, and how it is meant.

use crate::model::text::Text;

/// Something to be said.
///
/// ```
/// use chat_core::{Manner, Words};
///
/// assert_eq!(Words::from("hi"), Words { text: "hi".into(), manner: Manner::Plain });
/// assert_eq!(Words::action("waves").manner, Manner::Action);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What.
    pub text: Text,
    /// How it is meant.
    pub manner: Manner,
}

/// How something is meant that is said. A framing shows what it can; for people all that is
/// [for them](Manner::is_for_people).
///
/// ```
/// use chat_core::Manner;
///
/// assert!(Manner::Action.is_for_people() && !Manner::Query.is_for_people());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Manner {
    /// As it is.
    #[default]
    Plain,
    /// The speaker does this; it follows the name: "waves".
    Action,
    /// Nothing that would need an answer: what a program tells people. No program answers it, so that no two of them talk
    /// to each other for ever.
    Notice,
    /// For the other's program, not for people, such as which version it is.
    Query,
    /// What a program answers to a [`Query`](Manner::Query).
    Response,
}

impl Words {
    /// What the speaker does: "waves".
    pub fn action(text: impl Into<Text>) -> Words {
        Words { text: text.into(), manner: Manner::Action }
    }

    /// What needs no answer.
    pub fn notice(text: impl Into<Text>) -> Words {
        Words { text: text.into(), manner: Manner::Notice }
    }
}

impl<T: Into<Text>> From<T> for Words {
    fn from(text: T) -> Words {
        Words { text: text.into(), manner: Manner::Plain }
    }
}

impl Manner {
    /// Whether people are to read it; a room remembers what is.
    #[must_use]
    pub fn is_for_people(self) -> bool {
        matches!(self, Manner::Plain | Manner::Action | Manner::Notice)
    }
}
