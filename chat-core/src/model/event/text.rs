//! The default text of an event, as the plain-line protocol shows it to people.
//!
//! The first character of a line shows its source: `<`, `(`, `-` and `{` a member, `[` a notice about a member, `*` the
//! server, `!` an error, `~` history. A line never begins with a member's text, so a member can't forge its source.
//!
//! This module must not know the connection or the current room of the recipient.

mod answers;

use std::io::Write as _;

use super::{CloseReason, Event, EventKind, HubEvent, Reply, RoomEvent};
use crate::model::mask::Mask;
use crate::model::message::MessageKind;
use crate::model::moderation::{Rank, Term};
use crate::model::name::{Name, RoomName};
use crate::model::phrase::{DurationSuffix, ReasonSuffix};
use crate::model::time::Utc;

/// Appends the lines of an event for a member whose current room is the event's room.
pub(super) fn write(event: &Event, out: &mut Vec<u8>) {
    match event.kind() {
        EventKind::Room(event) => write_room_event(event, out),
        EventKind::Hub(event) => write_hub_event(event, out),
        EventKind::Own(event) => answers::write_own_event(event, out),
        EventKind::Reply(Reply::History { room, events }) => write_history(room, events, out),
        EventKind::Reply(reply) => answers::write_reply(reply, out),
    }
}

fn write_room_event(event: &RoomEvent, out: &mut Vec<u8>) {
    match event {
        RoomEvent::Joined { name, .. } => line(out, &["[", name.as_str(), "] entered room"]),
        RoomEvent::Parted { name, why, .. } => {
            line(out, &["[", name.as_str(), "] left room", &ReasonSuffix(why).to_string()]);
        }
        RoomEvent::Said { from, text, kind, .. } => match kind {
            MessageKind::Message => line(out, &["<", from.as_str(), "> ", text.as_str()]),
            MessageKind::Action => line(out, &["(", from.as_str(), " ", text.as_str(), ")"]),
            MessageKind::Notice => line(out, &["-", from.as_str(), "- ", text.as_str()]),
            MessageKind::CtcpRequest | MessageKind::CtcpReply => {}
        },
        RoomEvent::SaidToRank { room, rank, from, text, kind } => {
            let to = if *rank == Rank::Operator { " to operators of " } else { " to voiced members of " };
            match kind {
                MessageKind::Message => line(out, &["<", from.as_str(), to, room.as_str(), "> ", text.as_str()]),
                MessageKind::Action => line(out, &["(", from.as_str(), to, room.as_str(), ": ", text.as_str(), ")"]),
                MessageKind::Notice => line(out, &["-", from.as_str(), to, room.as_str(), "- ", text.as_str()]),
                MessageKind::CtcpRequest | MessageKind::CtcpReply => {}
            }
        }
        RoomEvent::RankSet { by, name, old, rank, .. } => {
            let (did, what) = match (old, rank) {
                (_, Rank::Operator) => ("] made ", " an operator"),
                (_, Rank::Voiced) => ("] gave voice to ", ""),
                (Rank::Operator, Rank::Ordinary) => ("] took operator status from ", ""),
                (_, Rank::Ordinary) => ("] took voice from ", ""),
            };
            line(out, &["[", by.as_str(), did, name.as_str(), what]);
        }
        RoomEvent::Kicked { by, name, reason, .. } => {
            let reason = ReasonSuffix(reason).to_string();
            line(out, &["[", name.as_str(), "] was kicked by ", by.as_str(), &reason]);
        }
        RoomEvent::ModesSet { by, modes, .. } => {
            for mode in modes {
                line(out, &["[", by.as_str(), "] set mode ", &answers::mode(mode)]);
            }
        }
        RoomEvent::ExceptionAdded { by, from, mask, .. } => {
            line(out, &["[", by.as_str(), "] exempted ", &format!("{mask} from {from}")]);
        }
        RoomEvent::ExceptionRemoved { by, from, mask, .. } => {
            line(out, &["[", by.as_str(), "] no longer exempts ", &format!("{mask} from {from}")]);
        }
        RoomEvent::TopicSet { by, topic: Some(topic), .. } => {
            line(out, &["[", by.as_str(), "] set the topic: ", topic.as_str()]);
        }
        RoomEvent::TopicSet { by, topic: None, .. } => line(out, &["[", by.as_str(), "] cleared the topic"]),
        RoomEvent::Banned { room, by, mask, term } => write_ban(by, mask, room.as_str(), term, out),
        RoomEvent::Unbanned { room, by, mask } => {
            line(out, &["[", by.as_str(), "] unbanned ", &format!("{mask} from {room}")]);
        }
        RoomEvent::Muted { by, name, term, .. } => {
            let what = format!("{name}{}{}", DurationSuffix(term.time), ReasonSuffix(&term.reason));
            line(out, &["[", by.as_str(), "] muted ", &what]);
        }
        RoomEvent::Unmuted { by, name, .. } => {
            line(out, &["[", by.as_str(), "] unmuted ", name.as_str()]);
        }
        // Only programs and IRC clients see who else is invited.
        RoomEvent::Invited { .. } => {}
    }
}

fn write_hub_event(event: &HubEvent, out: &mut Vec<u8>) {
    match event {
        HubEvent::Left { name, reason: CloseReason::Quit(Some(why)) } => {
            line(out, &["[", name.as_str(), "] is offline: ", why.as_str()]);
        }
        HubEvent::Left { name, .. } => line(out, &["[", name.as_str(), "] is offline"]),
        HubEvent::Renamed { old, new } => {
            line(out, &["[", old.as_str(), "] is now known as ", new.as_str()]);
        }
        HubEvent::OperatorAdded { name } => line(out, &["[", name.as_str(), "] is now a server operator"]),
        HubEvent::OperatorPasswordRefused { name } => {
            line(out, &["[", name.as_str(), "] gave a wrong operator password"]);
        }
        HubEvent::Killed { by, name, reason } => {
            let reason = ReasonSuffix(reason).to_string();
            line(out, &["[", by.as_str(), "] closed the connection of ", name.as_str(), &reason]);
        }
        HubEvent::Announced { by, text } => line(out, &["* ", by.as_str(), " announces: ", text.as_str()]),
        HubEvent::Banned { by, mask, term } => write_ban(by, mask, "this server", term, out),
        HubEvent::Unbanned { by, mask } => {
            line(out, &["[", by.as_str(), "] unbanned ", &format!("{mask} from this server")]);
        }
        // Plain lines show this information only to members who ask for it.
        HubEvent::AwaySet { .. } | HubEvent::RealNameSet { .. } => {}
    }
}

fn write_ban(by: &Name, mask: &Mask, place: &str, term: &Term, out: &mut Vec<u8>) {
    let what = format!("{mask} from {place}{}{}", DurationSuffix(term.time), ReasonSuffix(&term.reason));
    line(out, &["[", by.as_str(), "] banned ", &what]);
}

/// Appends a room's history, each event with its date.
fn write_history(room: &RoomName, events: &[Event], out: &mut Vec<u8>) {
    if events.is_empty() {
        line(out, &["* ", room.as_str(), " has no history"]);
    }
    for event in events {
        write!(out, "~ {} ", Utc(event.time())).expect("a Vec takes all bytes");
        write(event, out);
    }
}

/// Appends one line. This function copies the pieces instead of formatting them, because it runs for every message.
fn line(out: &mut Vec<u8>, pieces: &[&str]) {
    out.reserve(pieces.iter().map(|piece| piece.len()).sum::<usize>() + 1);
    for piece in pieces {
        out.extend_from_slice(piece.as_bytes());
    }
    out.push(b'\n');
}
