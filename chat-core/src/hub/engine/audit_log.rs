//! Logs what happens to members: departures with their reasons, refusals, and moderators' decisions.
//!
//! This module must not log the texts of messages, topics, announcements or keys.

use crate::model::command::CommandError;
use crate::model::event::{CloseReason, EventKind};
use crate::model::moderation::Mode;
use crate::model::name::Name;
use crate::model::phrase::{BanScope, DurationSuffix, ReasonSuffix};

/// Logs that a member left.
pub(super) fn departure(name: &Name, reason: &CloseReason) {
    match reason {
        CloseReason::TooSlow | CloseReason::SendQueueTotal => log::warn!("{name} was closed: {reason}"),
        CloseReason::Panicked => log::error!("{name} was closed: {reason}"),
        CloseReason::Killed { by, reason } => log::info!("{name} was closed by {by}{}", ReasonSuffix(reason)),
        CloseReason::Refused(CommandError::Banned { reason, .. }) => {
            log::info!("{name} was closed: banned{}", ReasonSuffix(reason));
        }
        _ => log::info!("{name} left: {reason}"),
    }
}

/// Logs that the hub refused a join request.
pub(super) fn refusal(name: &Name, reason: &CloseReason) {
    match reason {
        CloseReason::Panicked => log::error!("{name} was refused: {reason}"),
        CloseReason::Refused(CommandError::Banned { room, left, reason }) => {
            log::info!(
                "{name} was refused: banned from {}{}{}",
                BanScope(room),
                DurationSuffix(*left),
                ReasonSuffix(reason)
            );
        }
        _ => log::info!("{name} was refused: {reason}"),
    }
}

/// Logs a moderator's decision: who decided, about whom, and why. Does nothing for other events.
pub(super) fn decision(kind: &EventKind) {
    match kind {
        EventKind::RankSet { room, by, name, rank, .. } => log::info!("{by} made {name} {rank} in {room}"),
        EventKind::KickedOut { room, by, name, reason } => {
            log::info!("{by} kicked {name} from {room}{}", ReasonSuffix(reason));
        }
        EventKind::Banned { room, by, mask, term } => {
            log::info!(
                "{by} banned {mask} from {}{}{}",
                BanScope(room),
                DurationSuffix(term.time),
                ReasonSuffix(&term.reason)
            );
        }
        EventKind::Unbanned { room, by, mask } => log::info!("{by} lifted the ban of {mask} from {}", BanScope(room)),
        EventKind::Muted { room, by, name, term } => {
            log::info!("{by} muted {name} in {room}{}{}", DurationSuffix(term.time), ReasonSuffix(&term.reason));
        }
        EventKind::Unmuted { room, by, name } => log::info!("{by} unmuted {name} in {room}"),
        EventKind::TopicSet { room, by, .. } => log::info!("{by} set the topic of {room}"),
        EventKind::Announced { by, .. } => log::info!("{by} sent an announcement to all members"),
        EventKind::Operates { name } => log::info!("{name} is now a server operator"),
        EventKind::FailedToOperate { name } => log::warn!("{name} gave a wrong operator password"),
        EventKind::ExceptionAdded { room, by, from, mask } => {
            log::info!("{by} added the exception {mask} from {from} in {room}");
        }
        EventKind::ExceptionRemoved { room, by, from, mask } => {
            log::info!("{by} removed the exception {mask} from {from} in {room}");
        }
        EventKind::ModesSet { room, by, modes } => {
            for mode in modes {
                match mode {
                    // A key is a secret: the log never shows it.
                    Mode::Key(Some(_)) => log::info!("{by} set the key of {room}"),
                    Mode::Key(None) => log::info!("{by} cleared the key of {room}"),
                    mode => log::info!("{by} set a mode of {room}: {mode:?}"),
                }
            }
        }
        _ => {}
    }
}
