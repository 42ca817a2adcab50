//! Logs what happens to members: departures with their reasons, refusals, and moderators' decisions.
//!
//! This module must not log the texts of messages, topics, announcements or keys.

use crate::model::command::CommandError;
use crate::model::event::{CloseReason, EventKind, HubEvent, RoomEvent};
use crate::model::moderation::Mode;
use crate::model::name::Name;
use crate::model::phrase::{BanScope, DurationSuffix, ReasonSuffix};

/// Logs that a member left.
pub(super) fn departure(name: &Name, reason: &CloseReason) {
    match reason {
        CloseReason::TooSlow | CloseReason::SendQueueTotal => log::warn!("{name} was disconnected: {reason}"),
        CloseReason::Panicked => log::error!("{name} was disconnected: {reason}"),
        CloseReason::Killed { by, reason } => log::info!("{name} was disconnected by {by}{}", ReasonSuffix(reason)),
        CloseReason::Refused(CommandError::Banned { reason, .. }) => {
            log::info!("{name} was disconnected: banned{}", ReasonSuffix(reason));
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
        EventKind::Room(RoomEvent::RankSet { room, by, name, rank, .. }) => {
            log::info!("{by} made {name} {rank} in {room}");
        }
        EventKind::Room(RoomEvent::Kicked { room, by, name, reason }) => {
            log::info!("{by} kicked {name} from {room}{}", ReasonSuffix(reason));
        }
        EventKind::Room(RoomEvent::Banned { room, by, mask, term }) => {
            log::info!("{by} banned {mask} from {room}{}{}", DurationSuffix(term.time), ReasonSuffix(&term.reason));
        }
        EventKind::Room(RoomEvent::Unbanned { room, by, mask }) => {
            log::info!("{by} lifted the ban of {mask} from {room}");
        }
        EventKind::Hub(HubEvent::Banned { by, mask, term }) => {
            let (time, why) = (DurationSuffix(term.time), ReasonSuffix(&term.reason));
            log::info!("{by} banned {mask} from this server{time}{why}");
        }
        EventKind::Hub(HubEvent::Unbanned { by, mask }) => log::info!("{by} lifted the ban of {mask} from this server"),
        EventKind::Room(RoomEvent::Muted { room, by, name, term }) => {
            log::info!("{by} muted {name} in {room}{}{}", DurationSuffix(term.time), ReasonSuffix(&term.reason));
        }
        EventKind::Room(RoomEvent::Unmuted { room, by, name }) => log::info!("{by} unmuted {name} in {room}"),
        EventKind::Room(RoomEvent::TopicSet { room, by, .. }) => log::info!("{by} set the topic of {room}"),
        EventKind::Hub(HubEvent::Announced { by, .. }) => log::info!("{by} sent an announcement to all members"),
        EventKind::Hub(HubEvent::OperatorAdded { name }) => log::info!("{name} is now a server operator"),
        EventKind::Hub(HubEvent::OperatorPasswordRefused { name }) => {
            log::warn!("{name} gave a wrong operator password");
        }
        EventKind::Room(RoomEvent::ExceptionAdded { room, by, from, mask }) => {
            log::info!("{by} exempted {mask} from {from} in {room}");
        }
        EventKind::Room(RoomEvent::ExceptionRemoved { room, by, from, mask }) => {
            log::info!("{by} no longer exempts {mask} from {from} in {room}");
        }
        EventKind::Room(RoomEvent::ModesSet { room, by, modes }) => {
            for mode in modes {
                log::info!("{by} set mode {} in {room}", mode_change(mode));
            }
        }
        _ => {}
    }
}

/// Returns the change of a mode in IRC's form, such as `+i` or `-l`. A key is a secret, so its text is left out.
fn mode_change(mode: &Mode) -> String {
    let (on, letter) = match mode {
        Mode::InviteOnly(on) => (*on, "i"),
        Mode::Moderated(on) => (*on, "m"),
        Mode::TopicLocked(on) => (*on, "t"),
        Mode::MembersOnly(on) => (*on, "n"),
        Mode::Secret(on) => (*on, "s"),
        Mode::Key(key) => (key.is_some(), "k"),
        Mode::Limit(Some(limit)) => return format!("+l {limit}"),
        Mode::Limit(None) => (false, "l"),
    };
    format!("{}{letter}", if on { '+' } else { '-' })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_shows_modes_but_no_key() {
        let modes = [
            Mode::InviteOnly(false),
            Mode::Secret(true),
            Mode::Key(Some("sesame".into())),
            Mode::Key(None),
            Mode::Limit(Some(10)),
            Mode::Limit(None),
        ];
        let changes: Vec<_> = modes.iter().map(mode_change).collect();
        assert_eq!(changes, ["-i", "+s", "+k", "-k", "+l 10", "-l"]);
    }
}
