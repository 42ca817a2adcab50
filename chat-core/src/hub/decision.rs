//! Sends a moderation of the host application to the hub, and waits for the outcome.
//!
//! This module must not know whether a `Room` or a `Hub` sends the moderation.

use crossbeam_channel::{Sender, bounded};

use super::{HubCore, Post};
use crate::model::command::CommandError;
use crate::model::event::Event;
use crate::model::moderation::Moderation;
use crate::model::name::RoomName;

/// A moderation by the host application, as it is posted to the hub.
pub(crate) struct Decision {
    /// The room to moderate; `None` for the whole hub.
    pub(crate) room: Option<RoomName>,
    pub(crate) moderation: Moderation,
    /// Receives the outcome of the moderation.
    pub(crate) answer: Sender<Answer>,
}

/// The outcome of a moderation: the answer, if the moderation asks for one, or the reason for a refusal.
pub(crate) type Answer = Result<Option<Event>, CommandError>;

/// Why a moderation was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModerationError {
    /// The hub refused the moderation.
    #[error(transparent)]
    Refused(#[from] CommandError),
    /// The hub has stopped, which only a defect can cause.
    #[error("the hub has stopped")]
    Stopped,
}

/// Sends a moderation of the host application to the hub, and waits for the outcome.
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
