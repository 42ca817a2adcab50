//! What the log says of people: who left and why, what an operator decided.

use crate::command::{Because, For, Place};
use crate::event::{CloseReason, EventKind};
use crate::name::Name;
use crate::order::Mode;

/// Writes down that somebody left.
pub(super) fn departure(name: &Name, reason: &CloseReason) {
    match reason {
        CloseReason::TooSlow => log::warn!("{name} was closed: {reason}"),
        CloseReason::Panicked => log::error!("{name} was closed: {reason}"),
        _ => log::info!("{name} left: {reason}"),
    }
}

/// Writes down that somebody could not come in.
pub(super) fn refusal(name: &Name, reason: &CloseReason) {
    match reason {
        CloseReason::Panicked => log::error!("{name} was refused: {reason}"),
        _ => log::info!("{name} was refused: {reason}"),
    }
}

/// Writes down what an operator decided: who, whom, why. What people say to all is not for the log.
pub(super) fn decision(kind: &EventKind) {
    match kind {
        EventKind::RankSet { room, by, name, rank } => log::info!("{by} made {name} {rank} in {room}"),
        EventKind::KickedOut { room, by, name, reason } => {
            log::info!("{by} put {name} out of {room}{}", Because(reason));
        }
        EventKind::Banned { room, by, mask, time, reason } => {
            log::info!("{by} banned {mask} from {}{}{}", Place(room), For(*time), Because(reason));
        }
        EventKind::Unbanned { room, by, mask } => log::info!("{by} lifted the ban of {mask} from {}", Place(room)),
        EventKind::Muted { room, by, name, time, reason } => {
            log::info!("{by} muted {name} in {room}{}{}", For(*time), Because(reason));
        }
        EventKind::Unmuted { room, by, name } => log::info!("{by} let {name} speak again in {room}"),
        EventKind::TopicSet { room, by, .. } => log::info!("{by} set the topic of {room}"),
        EventKind::Killed { by, name, reason } => log::info!("{by} closed {name}{}", Because(reason)),
        EventKind::Announced { by, .. } => log::info!("{by} announced something to all"),
        EventKind::Operates { name } => log::info!("{name} is a server operator now"),
        EventKind::FailedToOperate { name } => log::warn!("{name} gave a wrong operator password"),
        // The key itself is for those who may enter.
        EventKind::ModeSet { room, by, mode: Mode::Key(key) } => {
            log::info!("{by} {} the key of {room}", if key.is_some() { "set" } else { "took away" });
        }
        EventKind::ModeSet { room, by, mode } => log::info!("{by} set a mode of {room}: {mode:?}"),
        _ => {}
    }
}
