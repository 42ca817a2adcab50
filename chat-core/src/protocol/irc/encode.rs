//! The encoder of events, shared by all IRC clients with the same capabilities.
//!
//! This module must not know the client that receives the bytes: the responder writes everything that depends on the
//! client.

use std::fmt;
use std::io::Write as _;
use std::sync::Arc;

use super::capability::{Capabilities, Capability};
use super::line::{LINE_MAX, Middle, pieces, write};
use super::options::Config;
use super::source::Source;
use crate::model::event::{CloseReason, Event, EventKind, HubEvent, OwnEvent, RoomEvent};
use crate::model::mask::Mask;
use crate::model::message::MessageKind;
use crate::model::moderation::{ExceptionKind, Mode, Rank};
use crate::model::name::{Name, RoomName};
use crate::model::phrase::{DurationSuffix, ReasonSuffix};
use crate::model::text::{Text, cut};
use crate::model::time::Utc;
use crate::session::Encode;

/// The encoder for the clients with one set of capabilities.
#[derive(Clone, Debug)]
pub(super) struct IrcEncoder {
    pub(super) config: Arc<Config>,
    /// The capabilities of these clients; in a shared encoder only [the shared ones](Capabilities::shared).
    pub(super) capabilities: Capabilities,
}

impl IrcEncoder {
    fn has(&self, capability: Capability) -> bool {
        self.capabilities.has(capability)
    }

    /// Appends the tags of an event and the space after them.
    pub(super) fn tags(&self, event: &Event, out: &mut Vec<u8>) {
        let (timed, tagged) = (self.has(Capability::ServerTime), self.has(Capability::MessageTags));
        // An event that the hub did not number has neither tag.
        if event.number() == 0 || !(timed || tagged) {
            return;
        }
        out.push(b'@');
        if timed {
            write!(out, "time={:#}", Utc(event.time())).expect(VEC_GROWS);
        }
        if tagged {
            let between = if timed { ";" } else { "" };
            write!(out, "{between}msgid={}", self.config.message_id(event.number())).expect(VEC_GROWS);
        }
        out.push(b' ');
    }

    /// Appends the `time` tag of an event and the space after it.
    fn time_tag(&self, event: &Event, out: &mut Vec<u8>) {
        if event.number() > 0 && self.has(Capability::ServerTime) {
            write!(out, "@time={:#} ", Utc(event.time())).expect(VEC_GROWS);
        }
    }

    /// Appends the tags and the source of a line.
    fn head(&self, event: &Event, name: &Name, out: &mut Vec<u8>) {
        self.tags(event, out);
        write!(out, ":{} ", Source { name, event, server: self.config.server() }).expect(VEC_GROWS);
    }

    /// Appends a line with its tags and its source.
    pub(super) fn line(&self, event: &Event, name: &Name, out: &mut Vec<u8>, line: fmt::Arguments<'_>) {
        self.head(event, name, out);
        write(out, line);
    }

    /// Returns the `JOIN` of a member, with the real name under `extended-join`.
    pub(super) fn join(&self, event: &Event, room: &RoomName) -> String {
        let profile = event.profile().filter(|_| self.has(Capability::ExtendedJoin));
        let real_name = profile.map_or(String::new(), |profile| format!(" * :{}", profile.real_name()));
        format!("JOIN {room}{real_name}")
    }

    /// Appends a `NOTICE` of the server to the event's room, or to `*` if the event has none.
    fn notice(&self, event: &Event, out: &mut Vec<u8>, text: fmt::Arguments<'_>) {
        let to = event.kind().room().map_or("*", |room| room.as_str());
        self.line(event, &Name::Server, out, format_args!("NOTICE {to} :{text}"));
    }

    /// Appends a message to `target`, split over as many lines as it needs.
    pub(super) fn message(
        &self,
        event: &Event,
        from: &Name,
        target: &str,
        text: &str,
        kind: MessageKind,
        out: &mut Vec<u8>,
    ) {
        let start = out.len();
        self.tags(event, out);
        let tags = out.len() - start;
        let source = Source { name: from, event, server: self.config.server() };
        let (command, opening, closing) = match kind {
            MessageKind::Message => ("PRIVMSG", "", ""),
            MessageKind::Notice => ("NOTICE", "", ""),
            MessageKind::Action => ("PRIVMSG", "\u{1}ACTION ", "\u{1}"),
            MessageKind::CtcpRequest => ("PRIVMSG", "\u{1}", "\u{1}"),
            MessageKind::CtcpReply => ("NOTICE", "\u{1}", "\u{1}"),
        };
        write!(out, ":{source} {command} {} :{opening}", Middle(target)).expect(VEC_GROWS);
        let head = start + tags..out.len();
        let max = LINE_MAX.saturating_sub(head.len() + closing.len());
        let mut texts = pieces(text, max);
        let first = texts.next().unwrap_or("");
        out.extend_from_slice(first.as_bytes());
        out.extend_from_slice(closing.as_bytes());
        out.extend_from_slice(b"\r\n");
        for piece in texts {
            // Only the first line has the message id, because an id is unique.
            self.time_tag(event, out);
            out.extend_from_within(head.clone());
            out.extend_from_slice(piece.as_bytes());
            out.extend_from_slice(closing.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
    }

    fn room_event(&self, event: &Event, kind: &RoomEvent, out: &mut Vec<u8>) {
        match kind {
            RoomEvent::Said { room, from, text, kind } => {
                self.message(event, from, room.as_str(), text.as_str(), *kind, out);
            }
            RoomEvent::Joined { room, name } => self.line(event, name, out, format_args!("{}", self.join(event, room))),
            RoomEvent::Parted { room, name, why } => {
                self.line(event, name, out, format_args!("PART {room}{}", TrailingText(why.as_ref())));
            }
            RoomEvent::TopicSet { room, by, topic } => {
                let topic = topic.as_ref().map_or("", |topic| topic.as_str());
                self.line(event, by, out, format_args!("TOPIC {room} :{topic}"));
            }
            RoomEvent::RankSet { room, by, name, old, rank } => {
                if let Some(change) = rank_change(*old, *rank, name) {
                    self.line(event, by, out, format_args!("MODE {room} {change}"));
                }
            }
            RoomEvent::ModesSet { room, by, modes } => {
                self.line(event, by, out, format_args!("MODE {room} {}", mode_changes(modes)));
            }
            RoomEvent::ExceptionAdded { room, by, from, mask } => {
                self.line(event, by, out, format_args!("MODE {room} +{} {}", exception_letter(*from), IrcMask(mask)));
            }
            RoomEvent::ExceptionRemoved { room, by, from, mask } => {
                self.line(event, by, out, format_args!("MODE {room} -{} {}", exception_letter(*from), IrcMask(mask)));
            }
            RoomEvent::Invited { room, by, name } => {
                if self.has(Capability::InviteNotify) {
                    self.line(event, by, out, format_args!("INVITE {name} :{room}"));
                }
            }
            RoomEvent::SaidToRank { room, rank, from, text, kind } => {
                self.message(event, from, &format!("{}{room}", prefix(*rank)), text.as_str(), *kind, out);
            }
            RoomEvent::Kicked { room, by, name, reason } => {
                let reason = reason.as_ref().map_or(by.as_str(), |reason| cut(reason.as_str(), LINE_MAX / 2));
                self.line(event, by, out, format_args!("KICK {room} {name} :{reason}"));
            }
            RoomEvent::Banned { room, by, mask, .. } => {
                self.line(event, by, out, format_args!("MODE {room} +b {}", IrcMask(mask)));
            }
            RoomEvent::Unbanned { room, by, mask } => {
                self.line(event, by, out, format_args!("MODE {room} -b {}", IrcMask(mask)));
            }
            RoomEvent::Muted { by, name, term, .. } => {
                let (time, why) = (DurationSuffix(term.time), ReasonSuffix(&term.reason));
                self.notice(event, out, format_args!("{by} muted {name}{time}{why}"));
            }
            RoomEvent::Unmuted { by, name, .. } => self.notice(event, out, format_args!("{by} unmuted {name}")),
        }
    }

    fn hub_event(&self, event: &Event, kind: &HubEvent, out: &mut Vec<u8>) {
        match kind {
            HubEvent::Left { name, reason } => {
                self.line(event, name, out, format_args!("QUIT :{}", QuitReason(reason)));
            }
            HubEvent::Renamed { old, new } => self.line(event, old, out, format_args!("NICK {new}")),
            HubEvent::AwaySet { name, why } => {
                if self.has(Capability::AwayNotify) {
                    self.line(event, name, out, format_args!("AWAY{}", TrailingText(why.as_ref())));
                }
            }
            HubEvent::RealNameSet { name, real_name } => {
                if self.has(Capability::SetName) {
                    self.line(event, name, out, format_args!("SETNAME :{real_name}"));
                }
            }
            HubEvent::Announced { by, text } => {
                let head = ": NOTICE * : announces: ".len() + self.config.server().len() + by.as_str().len();
                for text in pieces(text.as_str(), LINE_MAX.saturating_sub(head)) {
                    self.notice(event, out, format_args!("{by} announces: {text}"));
                }
            }
            HubEvent::OperatorAdded { name } => {
                self.notice(event, out, format_args!("{name} is now a server operator"));
            }
            HubEvent::OperatorPasswordRefused { name } => {
                self.notice(event, out, format_args!("{name} gave a wrong operator password"));
            }
            HubEvent::Banned { by, mask, term } => {
                let (time, why) = (DurationSuffix(term.time), ReasonSuffix(&term.reason));
                self.notice(event, out, format_args!("{by} banned {mask} from this server{time}{why}"));
            }
            HubEvent::Unbanned { by, mask } => {
                self.notice(event, out, format_args!("{by} unbanned {mask} from this server"));
            }
            HubEvent::Killed { by, name, reason } => {
                self.notice(event, out, format_args!("{by} closed the connection of {name}{}", ReasonSuffix(reason)));
            }
        }
    }

    fn own_event(&self, event: &Event, kind: &OwnEvent, out: &mut Vec<u8>) {
        match kind {
            OwnEvent::Missed { count, first, last } => {
                self.notice(event, out, format_args!("missed {count} messages ({first} to {last})"));
            }
            OwnEvent::Closed { reason } => write(out, format_args!("ERROR :Closing Link: {}", CloseText(reason))),
            // The responder writes these events.
            OwnEvent::Welcome { .. }
            | OwnEvent::Named { .. }
            | OwnEvent::Entered { .. }
            | OwnEvent::Exited { .. }
            | OwnEvent::Kicked { .. }
            | OwnEvent::Invited { .. }
            | OwnEvent::PrivateMessage { .. } => {}
        }
    }
}

impl Encode for IrcEncoder {
    fn encode(&self, event: &Event, out: &mut Vec<u8>) {
        match event.kind() {
            EventKind::Room(kind) => self.room_event(event, kind, out),
            EventKind::Hub(kind) => self.hub_event(event, kind, out),
            EventKind::Own(kind) => self.own_event(event, kind, out),
            // The responder writes all replies.
            EventKind::Reply(_) => {}
        }
    }

    fn variant(&self) -> u64 {
        // The memory address of the configuration identifies the server. Such an address has at most 48 bits.
        let server = Arc::as_ptr(&self.config) as u64;
        server << 16 | u64::from(self.capabilities.shared().bits())
    }
}

const VEC_GROWS: &str = "a Vec accepts all bytes";

/// The text of a `QUIT`, which the other members receive.
struct QuitReason<'a>(&'a CloseReason);

impl fmt::Display for QuitReason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            CloseReason::Quit(_) => CloseText(self.0).fmt(f),
            CloseReason::Killed { by, reason } => write!(f, "Killed by {by}{}", ReasonSuffix(reason)),
            // The full text is for the closed client alone.
            reason => f.write_str(reason.label()),
        }
    }
}

/// The text of an `ERROR`, which the closed client receives.
struct CloseText<'a>(&'a CloseReason);

impl fmt::Display for CloseText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            CloseReason::Quit(None) => f.write_str("Quit"),
            CloseReason::Quit(Some(why)) => write!(f, "Quit: {why}"),
            reason => reason.fmt(f),
        }
    }
}

/// An optional text as the last parameter, such as that of `PART` or `AWAY`.
pub(super) struct TrailingText<'a>(pub(super) Option<&'a Text>);

impl fmt::Display for TrailingText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |why| write!(f, " :{}", cut(why.as_str(), LINE_MAX / 2)))
    }
}

/// Returns a change of rank as mode changes; an operator does not have `v` as well.
fn rank_change(old: Rank, rank: Rank, name: &Name) -> Option<String> {
    let letter = |rank| match rank {
        Rank::Ordinary => None,
        Rank::Voiced => Some('v'),
        Rank::Operator => Some('o'),
    };
    match (letter(old), letter(rank)) {
        (None, None) => None,
        (None, Some(new)) => Some(format!("+{new} {name}")),
        (Some(old), None) => Some(format!("-{old} {name}")),
        (Some(old), Some(new)) => Some(format!("+{new}-{old} {name} {name}")),
    }
}

/// Returns whether a mode is set, its letter and its parameter.
fn mode_change(mode: &Mode) -> (bool, char, String) {
    match mode {
        Mode::InviteOnly(on) => (*on, 'i', String::new()),
        Mode::Moderated(on) => (*on, 'm', String::new()),
        Mode::TopicLocked(on) => (*on, 't', String::new()),
        Mode::MembersOnly(on) => (*on, 'n', String::new()),
        Mode::Secret(on) => (*on, 's', String::new()),
        Mode::Key(Some(key)) => (true, 'k', Middle(key.as_str()).to_string()),
        Mode::Key(None) => (false, 'k', "*".to_owned()),
        Mode::Limit(Some(limit)) => (true, 'l', limit.to_string()),
        Mode::Limit(None) => (false, 'l', String::new()),
    }
}

/// Returns mode changes with their parameters, such as `+kl-i tea 5`.
fn mode_changes(modes: &[Mode]) -> String {
    let (mut letters, mut params, mut last) = (String::new(), String::new(), None);
    for mode in modes {
        let (on, letter, param) = mode_change(mode);
        if last.replace(on) != Some(on) {
            letters.push(if on { '+' } else { '-' });
        }
        letters.push(letter);
        if !param.is_empty() {
            params.push(' ');
            params.push_str(&param);
        }
    }
    letters + &params
}

/// Returns the modes of a room with their parameters; `set` are the modes that differ from the modes of a new room.
pub(super) fn modes(set: &[Mode]) -> String {
    if set.contains(&Mode::MembersOnly(false)) {
        let set: Vec<_> = set.iter().filter(|mode| !matches!(mode, Mode::MembersOnly(_))).cloned().collect();
        return if set.is_empty() { "+".to_owned() } else { mode_changes(&set) };
    }
    let set: Vec<_> = std::iter::once(Mode::MembersOnly(true)).chain(set.iter().cloned()).collect();
    mode_changes(&set)
}

/// Returns the letter of an exception list.
pub(super) fn exception_letter(kind: ExceptionKind) -> char {
    match kind {
        ExceptionKind::Ban => 'e',
        ExceptionKind::Invite => 'I',
    }
}

/// Returns the prefix of a nick for a rank (`PREFIX=(ov)@+`).
pub(super) fn prefix(rank: Rank) -> &'static str {
    match rank {
        Rank::Ordinary => "",
        Rank::Voiced => "+",
        Rank::Operator => "@",
    }
}

/// A mask in IRC's form: `nick!user@host`.
pub(super) struct IrcMask<'a>(pub(super) &'a Mask);

impl fmt::Display for IrcMask<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Mask::Network(network) => write!(f, "*!*@{network}"),
            Mask::Hostmask(hostmask) => hostmask.fmt(f),
            name => write!(f, "{name}!*@*"),
        }
    }
}
