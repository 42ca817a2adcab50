//! A moderation by the host application, on its way to the hub and back.
//!
//! It must not know which handle moderates.

use crossbeam_channel::{Sender, bounded};

use super::{HubCore, Post};
use crate::model::command::CommandError;
use crate::model::event::Event;
use crate::model::moderation::Moderation;
use crate::model::name::RoomName;

/// A moderation by the host application.
pub(crate) struct Decision {
    /// The room that it moderates; `None` for the whole hub.
    pub(crate) room: Option<RoomName>,
    pub(crate) moderation: Moderation,
    /// Receives the outcome.
    pub(crate) answer: Sender<Answer>,
}

/// The outcome of a moderation: its answer, if it asks for one, or why the hub refused it.
pub(crate) type Answer = Result<Option<Event>, CommandError>;

/// Why a moderation was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModerationError {
    /// The hub refused it.
    #[error(transparent)]
    Refused(#[from] CommandError),
    /// The hub has stopped, which only a defect can cause.
    #[error("the hub has stopped")]
    Stopped,
}

/// Has the hub carry out what the host application decides, and waits for the outcome.
pub(super) fn decide(
    core: &HubCore,
    room: Option<RoomName>,
    moderation: Moderation,
) -> Result<Option<Event>, ModerationError> {
    let (answer, answered) = bounded(1);
    let decision = Decision { room, moderation, answer };
    core.post(Post::Decide(Box::new(decision))).map_err(|_| ModerationError::Stopped)?;
    Ok(answered.recv().map_err(|_| ModerationError::Stopped)??)
}
