//! What happens, as all IRC clients with the same capabilities read it.

use std::fmt;
use std::io::Write as _;
use std::sync::Arc;

use super::capability::{Capabilities, Capability};
use super::line::{LONGEST, Middle, pieces, write};
use super::options::Config;
use crate::model::event::{CloseReason, Event, EventKind};
use crate::model::mask::Mask;
use crate::model::message::MessageKind;
use crate::model::moderation::{ExceptionKind, Mode, Rank};
use crate::model::name::{Name, RoomName};
use crate::model::phrase::{DurationSuffix, ReasonSuffix};
use crate::model::profile::Profile;
use crate::model::text::{Text, cut};
use crate::model::time::Utc;
use crate::session::Encode;

/// The encoder of those who have these capabilities.
#[derive(Clone, Debug)]
pub(super) struct IrcEncoder {
    pub(super) config: Arc<Config>,
    /// Those alone that decide what is told to all.
    pub(super) capabilities: Capabilities,
}

/// Who says a line: `nick!user@host`, or the server.
pub(super) struct Source<'a> {
    pub(super) name: &'a Name,
    pub(super) event: &'a Event,
    pub(super) server: &'a str,
}

/// `user@host`, with nothing in it that could be taken for something else.
pub(super) struct UserHost<'a>(pub(super) &'a Profile);

impl fmt::Display for UserHost<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", Word(self.0.user()), Word(self.0.host()))
    }
}

impl fmt::Display for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name, self.event.profile()) {
            (Name::Server, _) => f.write_str(self.server),
            (name, Some(profile)) => write!(f, "{name}!{}", UserHost(profile)),
            (name, None) => write!(f, "{name}"),
        }
    }
}

/// A word in a source or behind one, which nothing may be a part of that means something there.
pub(super) struct Word<'a>(pub(super) &'a str);

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find([' ', '!', '@']) {
            write!(f, "{}_", &rest[..at])?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)
    }
}

impl IrcEncoder {
    fn has(&self, capability: Capability) -> bool {
        self.capabilities.has(capability)
    }

    /// The tags of an event, with the space behind them.
    pub(super) fn tags(&self, event: &Event, out: &mut Vec<u8>) {
        let (timed, tagged) = (self.has(Capability::ServerTime), self.has(Capability::MessageTags));
        // One that no hub told has neither.
        if event.number() == 0 || !(timed || tagged) {
            return;
        }
        out.push(b'@');
        if timed {
            write!(out, "time={:#}", Utc(event.time())).expect(TAKES);
        }
        if tagged {
            let between = if timed { ";" } else { "" };
            write!(out, "{between}msgid={}", self.config.message_id(event.number())).expect(TAKES);
        }
        out.push(b' ');
    }

    /// The time of an event as the only tag, with the space behind it.
    fn time_tag(&self, event: &Event, out: &mut Vec<u8>) {
        if event.number() > 0 && self.has(Capability::ServerTime) {
            write!(out, "@time={:#} ", Utc(event.time())).expect(TAKES);
        }
    }

    /// Who says the line that is going to follow.
    pub(super) fn begin(&self, event: &Event, name: &Name, out: &mut Vec<u8>) {
        self.tags(event, out);
        write!(out, ":{} ", Source { name, event, server: self.config.server() }).expect(TAKES);
    }

    pub(super) fn line(&self, event: &Event, name: &Name, out: &mut Vec<u8>, line: fmt::Arguments<'_>) {
        self.begin(event, name, out);
        write(out, line);
    }

    /// That somebody enters a channel, with the real name for those who want it.
    pub(super) fn join(&self, event: &Event, room: &RoomName) -> String {
        let profile = event.profile().filter(|_| self.has(Capability::ExtendedJoin));
        let real_name = profile.map_or(String::new(), |profile| format!(" * :{}", profile.real_name()));
        format!("JOIN {room}{real_name}")
    }

    /// What the server tells those who are in a room, or else whomever it concerns.
    fn notice(&self, event: &Event, out: &mut Vec<u8>, text: fmt::Arguments<'_>) {
        let to = event.kind().room().map_or("*", |room| room.as_str());
        self.line(event, &Name::Server, out, format_args!("NOTICE {to} :{text}"));
    }

    /// What somebody says to `target`, in as many lines as it takes.
    pub(super) fn words(
        &self,
        event: &Event,
        from: &Name,
        target: &str,
        text: &str,
        manner: MessageKind,
        out: &mut Vec<u8>,
    ) {
        let start = out.len();
        self.tags(event, out);
        let tags = out.len() - start;
        let source = Source { name: from, event, server: self.config.server() };
        let (command, before, behind) = match manner {
            MessageKind::Message => ("PRIVMSG", "", ""),
            MessageKind::Notice => ("NOTICE", "", ""),
            MessageKind::Action => ("PRIVMSG", "\u{1}ACTION ", "\u{1}"),
            MessageKind::CtcpRequest => ("PRIVMSG", "\u{1}", "\u{1}"),
            MessageKind::CtcpReply => ("NOTICE", "\u{1}", "\u{1}"),
        };
        write!(out, ":{source} {command} {} :{before}", Middle(target)).expect(TAKES);
        let head = start + tags..out.len();
        let room = LONGEST.saturating_sub(head.len() + behind.len());
        let mut texts = pieces(text, room);
        let first = texts.next().unwrap_or("");
        out.extend_from_slice(first.as_bytes());
        out.extend_from_slice(behind.as_bytes());
        out.extend_from_slice(b"\r\n");
        for piece in texts {
            // An id is for one message, which the others go on with.
            self.time_tag(event, out);
            out.extend_from_within(head.clone());
            out.extend_from_slice(piece.as_bytes());
            out.extend_from_slice(behind.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
    }
}

impl Encode for IrcEncoder {
    fn encode(&self, event: &Event, out: &mut Vec<u8>) {
        match event.kind() {
            EventKind::Said { room, from, text, manner } => self.words(event, from, room.as_str(), text, *manner, out),
            EventKind::Joined { room, name } => self.line(event, name, out, format_args!("{}", self.join(event, room))),
            EventKind::Parted { room, name, why } => {
                self.line(event, name, out, format_args!("PART {room}{}", QuitMessage(why.as_ref())));
            }
            EventKind::Left { name, reason } => {
                self.line(event, name, out, format_args!("QUIT :{}", LeftBecause(reason)));
            }
            EventKind::Renamed { old, new } => self.line(event, old, out, format_args!("NICK {new}")),
            EventKind::TopicSet { room, by, topic } => {
                let topic = topic.as_ref().map_or("", |topic| topic.as_str());
                self.line(event, by, out, format_args!("TOPIC {room} :{topic}"));
            }
            EventKind::RankSet { room, by, name, old, rank } => {
                if let Some(change) = rank_change(*old, *rank, name) {
                    self.line(event, by, out, format_args!("MODE {room} {change}"));
                }
            }
            EventKind::ModesSet { room, by, modes } => {
                self.line(event, by, out, format_args!("MODE {room} {}", mode_changes(modes)));
            }
            EventKind::ExceptionAdded { room, by, from, mask } => {
                self.line(event, by, out, format_args!("MODE {room} +{} {}", rule_letter(*from), IrcMask(mask)));
            }
            EventKind::ExceptionRemoved { room, by, from, mask } => {
                self.line(event, by, out, format_args!("MODE {room} -{} {}", rule_letter(*from), IrcMask(mask)));
            }
            EventKind::AwaySet { name, why } if self.has(Capability::AwayNotify) => {
                self.line(event, name, out, format_args!("AWAY{}", QuitMessage(why.as_ref())));
            }
            EventKind::RealNameSet { name, real_name } if self.has(Capability::SetName) => {
                self.line(event, name, out, format_args!("SETNAME :{real_name}"));
            }
            EventKind::Inviting { room, by, name } if self.has(Capability::InviteNotify) => {
                self.line(event, by, out, format_args!("INVITE {name} :{room}"));
            }
            EventKind::SaidTo { room, rank, from, text, manner } => {
                self.words(event, from, &format!("{}{room}", prefix(*rank)), text, *manner, out);
            }
            EventKind::KickedOut { room, by, name, reason } => {
                let reason = reason.as_ref().map_or(by.as_str(), |reason| cut(reason, LONGEST / 2));
                self.line(event, by, out, format_args!("KICK {room} {name} :{reason}"));
            }
            EventKind::Banned { room: Some(room), by, mask, .. } => {
                self.line(event, by, out, format_args!("MODE {room} +b {}", IrcMask(mask)));
            }
            EventKind::Unbanned { room: Some(room), by, mask } => {
                self.line(event, by, out, format_args!("MODE {room} -b {}", IrcMask(mask)));
            }
            EventKind::Banned { room: None, by, mask, term } => {
                let (time, why) = (DurationSuffix(term.time), ReasonSuffix(&term.reason));
                self.notice(event, out, format_args!("{by} banned {mask} from this server{time}{why}"));
            }
            EventKind::Unbanned { room: None, by, mask } => {
                self.notice(event, out, format_args!("{by} lifted the ban of {mask} from this server"));
            }
            EventKind::Muted { by, name, term, .. } => {
                let (time, why) = (DurationSuffix(term.time), ReasonSuffix(&term.reason));
                self.notice(event, out, format_args!("{by} muted {name}{time}{why}"));
            }
            EventKind::Unmuted { by, name, .. } => self.notice(event, out, format_args!("{by} let {name} speak again")),
            EventKind::Announced { by, text } => {
                let head = ": NOTICE * : announces: ".len() + self.config.server().len() + by.as_str().len();
                for text in pieces(text, LONGEST.saturating_sub(head)) {
                    self.notice(event, out, format_args!("{by} announces: {text}"));
                }
            }
            EventKind::Operates { name } => self.notice(event, out, format_args!("{name} is a server operator now")),
            EventKind::FailedToOperate { name } => {
                self.notice(event, out, format_args!("{name} gave a wrong operator password"));
            }
            EventKind::Killed { by, name, reason } => {
                self.notice(event, out, format_args!("{by} closed the connection of {name}{}", ReasonSuffix(reason)));
            }
            EventKind::Missed { count, first, last } => {
                self.notice(event, out, format_args!("missed {count} messages ({first} to {last})"));
            }
            EventKind::Closed { reason } => write(out, format_args!("ERROR :Closing Link: {}", ClosedBecause(reason))),
            _ => {}
        }
    }

    fn variant(&self) -> u64 {
        // Where it is tells a server from all others that live; addresses have no more than 48 bits.
        let server = Arc::as_ptr(&self.config) as u64;
        server << 16 | u64::from(self.capabilities.shared().bits())
    }
}

const TAKES: &str = "a Vec takes all bytes";

/// Why somebody left, as the others are told.
struct LeftBecause<'a>(&'a CloseReason);

impl fmt::Display for LeftBecause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            CloseReason::Quit(_) => ClosedBecause(self.0).fmt(f),
            CloseReason::Killed { by, reason } => write!(f, "Killed by {by}{}", ReasonSuffix(reason)),
            // What it is told itself is said to it.
            reason => f.write_str(reason.label()),
        }
    }
}

/// Why somebody is closed, as it is told itself.
struct ClosedBecause<'a>(&'a CloseReason);

impl fmt::Display for ClosedBecause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            CloseReason::Quit(None) => f.write_str("Quit"),
            CloseReason::Quit(Some(why)) => write!(f, "Quit: {why}"),
            reason => reason.fmt(f),
        }
    }
}

/// Why somebody left a room, as the last parameter; nothing, if that was not said.
pub(super) struct QuitMessage<'a>(pub(super) Option<&'a Text>);

impl fmt::Display for QuitMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |why| write!(f, " :{}", cut(why, LONGEST / 2)))
    }
}

/// What a change of rank is as modes. Who is an operator has no need of a voice.
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

/// Whether a mode is set, its letter, and the parameter that goes with it.
fn mode_change(mode: &Mode) -> (bool, char, String) {
    match mode {
        Mode::InviteOnly(on) => (*on, 'i', String::new()),
        Mode::Moderated(on) => (*on, 'm', String::new()),
        Mode::TopicLocked(on) => (*on, 't', String::new()),
        Mode::MembersOnly(on) => (*on, 'n', String::new()),
        Mode::Secret(on) => (*on, 's', String::new()),
        Mode::Key(Some(key)) => (true, 'k', Middle(key).to_string()),
        Mode::Key(None) => (false, 'k', "*".to_owned()),
        Mode::Limit(Some(limit)) => (true, 'l', limit.to_string()),
        Mode::Limit(None) => (false, 'l', String::new()),
    }
}

/// Changes of modes with their parameters.
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

/// The modes of a room with their parameters: `set` are those that are not as in a new one.
pub(super) fn modes(set: &[Mode]) -> String {
    if set.contains(&Mode::MembersOnly(false)) {
        let set: Vec<_> = set.iter().filter(|mode| !matches!(mode, Mode::MembersOnly(_))).cloned().collect();
        return if set.is_empty() { "+".to_owned() } else { mode_changes(&set) };
    }
    let set: Vec<_> = std::iter::once(Mode::MembersOnly(true)).chain(set.iter().cloned()).collect();
    mode_changes(&set)
}

/// The letter of the list of those for whom a rule does not count.
pub(super) fn rule_letter(rule: ExceptionKind) -> char {
    match rule {
        ExceptionKind::Ban => 'e',
        ExceptionKind::Invite => 'I',
    }
}

/// What stands before a member's name for its rank (`PREFIX=(ov)@+`).
pub(super) fn prefix(rank: Rank) -> &'static str {
    match rank {
        Rank::Ordinary => "",
        Rank::Voiced => "+",
        Rank::Operator => "@",
    }
}

/// A mask as IRC writes it: `nick!user@host`.
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
