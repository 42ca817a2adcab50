//! What the log says of people: who left and why, what an operator decided.

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

/// Writes down what an operator decided: who, whom, why.
pub(super) fn decision(kind: &EventKind) {
    match kind {
        EventKind::RankSet { room, by, name, rank } => log::info!("{by} made {name} {rank} in {room}"),
        EventKind::KickedOut { room, by, name, reason: Some(reason) } => {
            log::info!("{by} put {name} out of {room}: {reason}");
        }
        EventKind::KickedOut { room, by, name, reason: None } => log::info!("{by} put {name} out of {room}"),
        // The key itself is for those who may enter.
        EventKind::ModeSet { room, by, mode: Mode::Key(key) } => {
            log::info!("{by} {} the key of {room}", if key.is_some() { "set" } else { "took away" });
        }
        EventKind::ModeSet { room, by, mode } => log::info!("{by} set a mode of {room}: {mode:?}"),
        _ => {}
    }
}
