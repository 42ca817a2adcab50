//! What one IRC client is told alone.

use std::fmt;
use std::mem;
use std::sync::Arc;
use std::time::SystemTime;

use super::capability::{Capabilities, Capability};
use super::encode::{IrcEncoder, QuitMessage, UserHost};
use super::label;
use super::line::{LONGEST, write};
use super::member_replies;
use super::numeric;
use super::options::Config;
use super::refusal;
use super::registration::welcome;
use super::replies::{end_list, tell_answer, tell_census, tell_rooms, write_motd, write_topic};
use super::shared::{Asked, Kind, Known, Shared};
use crate::model::event::{Event, EventKind, MemberInfo};
use crate::model::message::MessageKind;
use crate::model::name::RoomName;
use crate::model::text::{Text, cut};
use crate::model::time::Utc;
use crate::session::{Encode as _, Respond};

/// Tells one client what it asked, and what concerns it alone.
pub(super) struct Responder {
    config: Arc<Config>,
    shared: Shared,
    /// What the client was served with when what is told now was asked.
    capabilities: Capabilities,
    /// What is being answered.
    asked: Option<Asked>,
    /// What is gathered of an answer that has a label.
    gathered: Vec<u8>,
    /// The batch in which it was begun, if it was.
    open: Option<u64>,
    /// What is gathered of an answer that is one line.
    words: Vec<String>,
    /// How many batches there were.
    batches: u64,
    /// The message of the day, until the client has it at the end of its registration.
    motd: Arc<[Text]>,
}

impl Responder {
    pub(super) fn new(config: Arc<Config>, shared: Shared) -> Responder {
        let capabilities = shared.lock().capabilities;
        Responder {
            config,
            shared,
            capabilities,
            asked: None,
            gathered: Vec::new(),
            open: None,
            words: Vec::new(),
            batches: 0,
            motd: Arc::default(),
        }
    }

    /// Lets `tell` say something, and keeps it if it belongs to an answer that has a label.
    fn answer(&mut self, out: &mut Vec<u8>, tell: impl FnOnce(&mut Responder, &mut Known, &mut Vec<u8>)) {
        let shared = self.shared.clone();
        let mut known = shared.lock();
        if self.asked.as_ref().is_none_or(|asked| asked.label.is_none()) {
            return tell(self, &mut known, out);
        }
        let mut gathered = mem::take(&mut self.gathered);
        tell(self, &mut known, &mut gathered);
        self.gathered = gathered;
    }

    fn kind(&self) -> Kind {
        self.asked.as_ref().map(|asked| asked.kind).unwrap_or_default()
    }

    /// About what it was asked, as it was written,
    fn asked_what(&self) -> String {
        self.asked.as_ref().map(|asked| asked.what.clone()).unwrap_or_default()
    }

    /// and what else was said of it.
    fn asked_how(&self) -> String {
        self.asked.as_ref().map(|asked| asked.how.clone()).unwrap_or_default()
    }

    fn encoder(&self) -> IrcEncoder {
        IrcEncoder { config: Arc::clone(&self.config), capabilities: self.capabilities }
    }

    fn tell_known(&mut self, known: &mut Known, event: &Event, out: &mut Vec<u8>) {
        let config = Arc::clone(&self.config);
        let encoder = self.encoder();
        match event.kind() {
            EventKind::Welcome { name, motd, .. } => {
                known.nick = name.to_string();
                self.motd = Arc::clone(motd);
                welcome(&config, known.reply(&config), out);
            }
            EventKind::Named { name } => {
                own_line(&encoder, known, event, out, format_args!("NICK {name}"));
                known.nick = name.to_string();
            }
            EventKind::Entered { room, topic, .. } => {
                if known.is_in(room) {
                    return;
                }
                known.rooms.push(room.clone());
                own_line(&encoder, known, event, out, format_args!("{}", encoder.join(event, room)));
                if let Some(topic) = topic {
                    write_topic(known.reply(&config), room, topic, out);
                }
            }
            EventKind::Exited { room, why, .. } => {
                known.rooms.retain(|other| other != room);
                own_line(&encoder, known, event, out, format_args!("PART {room}{}", QuitMessage(why.as_ref())));
            }
            EventKind::Kicked { room, by, reason, .. } => {
                known.rooms.retain(|other| other != room);
                let reason = reason.as_ref().map_or(by.as_str(), |reason| cut(reason, LONGEST / 2));
                encoder.line(event, by, out, format_args!("KICK {room} {} :{reason}", known.nick));
            }
            EventKind::Told { from, text, manner, .. } => {
                encoder.words(event, from, &known.nick, text, *manner, out);
            }
            EventKind::Invited { room, by } => {
                encoder.line(event, by, out, format_args!("INVITE {} :{room}", known.nick));
            }
            EventKind::LastSaid { rooms } => self.tell_targets(known, rooms, out),
            EventKind::Past { room, events } => match self.kind() {
                Kind::History => self.tell_past(room, events, out),
                // Whoever can ask for it is not told by itself.
                _ if self.capabilities.has(Capability::ChatHistory) => {}
                _ => self.tell_past(room, events, out),
            },
            EventKind::Rooms { rooms, .. } => {
                let filter = self.asked.as_ref().map(|asked| &asked.filter);
                tell_rooms(known.reply(&config), rooms, filter, out);
            }
            // It is so already.
            EventKind::Modes { .. } if self.kind() == Kind::Mode => {}
            EventKind::Was { members, .. } => {
                let (name, count) = (self.asked_what(), self.asked_how());
                member_replies::write_whowas(known.reply(&config), &name, &count, members, out);
            }
            EventKind::Found { members, .. } => {
                for member in members {
                    member_replies::write_who(known.reply(&config), &self.asked_how(), "*", member, out);
                }
                end_list(known.reply(&config), Kind::Who, &self.asked_what(), out);
            }
            EventKind::Refused { error } => {
                let asked = mem::take(&mut self.asked).unwrap_or_default();
                refusal::write(known.reply(&config), &asked, error, out);
                end_list(known.reply(&config), asked.kind, &asked.what, out);
                self.asked = Some(asked);
            }
            EventKind::About { member, shared } => self.tell_about(known, member, shared, out),
            EventKind::Members { room, members, .. } if self.kind() == Kind::Who => {
                for member in members {
                    member_replies::write_who(known.reply(&config), &self.asked_how(), room.as_str(), member, out);
                }
                end_list(known.reply(&config), Kind::Who, &self.asked_what(), out);
            }
            EventKind::Members { room, secret, members, .. } => {
                let hosts = self.capabilities.has(Capability::UserhostInNames);
                member_replies::write_names(known.reply(&config), room, *secret, hosts, members, out);
            }
            EventKind::Census { .. } => {
                tell_census(known.reply(&config), event.kind(), out);
                if self.kind() == Kind::Welcome {
                    write_motd(&mem::take(&mut self.motd), known.reply(&config), out);
                }
            }
            EventKind::Motd { lines } => write_motd(lines, known.reply(&config), out),
            EventKind::Operates { name } if name.as_str() == known.nick => {
                known.reply(&config).numeric(out, numeric::RPL_YOUREOPER, &[], "You are now an IRC operator");
                write(out, format_args!(":{} MODE {} :+o", config.server(), known.nick));
                known.modes.push('o');
            }
            kind => {
                if !tell_answer(known.reply(&config), kind, out) {
                    encoder.encode(event, out);
                }
            }
        }
    }

    /// What was said before. Nobody must take it for new, so without times as tags they are in the texts.
    fn tell_past(&mut self, room: &RoomName, events: &[Event], out: &mut Vec<u8>) {
        let encoder = self.encoder();
        let mut lines = Vec::new();
        for event in events {
            let EventKind::Said { from, text, manner, .. } = event.kind() else { continue };
            if self.capabilities.has(Capability::ServerTime) {
                encoder.words(event, from, room.as_str(), text, *manner, &mut lines);
            } else {
                let dated = match manner {
                    MessageKind::Action => format!("[{}] {from} {text}", Utc(event.time())),
                    _ => format!("[{}] {text}", Utc(event.time())),
                };
                let manner = if *manner == MessageKind::Action { MessageKind::Message } else { *manner };
                encoder.words(event, from, room.as_str(), &dated, manner, &mut lines);
            }
        }
        if !self.capabilities.has(Capability::Batch) {
            out.extend_from_slice(&lines);
            return;
        }
        // https://ircv3.net/specs/extensions/batch, type chathistory.
        self.batches += 1;
        let number = format!("h{}", self.batches);
        write(out, format_args!(":{} BATCH +{number} chathistory {room}", self.config.server()));
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            label::tag(line, &format!("batch={number}"), out);
        }
        write(out, format_args!(":{} BATCH -{number}", self.config.server()));
    }

    fn tell_about(&mut self, known: &Known, member: &MemberInfo, shared: &[RoomName], out: &mut Vec<u8>) {
        let config = Arc::clone(&self.config);
        let (reply, name, profile) = (known.reply(&config), member.name.as_str(), &member.profile);
        match self.kind() {
            Kind::Userhost { .. } => {
                let (star, here) =
                    (if member.operates { "*" } else { "" }, if member.away.is_some() { '-' } else { '+' });
                self.words.push(format!("{name}{star}={here}{}", UserHost(profile)));
            }
            Kind::Ison { .. } => self.words.push(name.to_owned()),
            Kind::Who => {
                member_replies::write_who(reply, &self.asked_how(), "*", member, out);
                end_list(reply, Kind::Who, &self.asked_what(), out);
            }
            _ => member_replies::write_whois(reply, &config.options.network, member, shared, out),
        }
    }

    /// The channels in which something was said, the one in which it was said last behind all others.
    fn tell_targets(&mut self, known: &Known, rooms: &[(RoomName, SystemTime)], out: &mut Vec<u8>) {
        let server = known.reply(&self.config).server;
        self.batches += 1;
        let number = format!("t{}", self.batches);
        let batch = self.capabilities.has(Capability::Batch);
        if batch {
            write(out, format_args!(":{server} BATCH +{number} draft/chathistory-targets"));
        }
        let tag = if batch { format!("@batch={number} ") } else { String::new() };
        let most = self.asked_how().parse().unwrap_or(usize::MAX);
        for (room, time) in rooms.iter().take(most) {
            write(out, format_args!("{tag}:{server} CHATHISTORY TARGETS {room} {:#}", Utc(*time)));
        }
        if batch {
            write(out, format_args!(":{server} BATCH -{number}"));
        }
    }

    /// Tells what is gathered of an answer with a label, of which that is all, or not. What others do must not come before
    /// what was done first, so it does not wait for the rest.
    fn tell_gathered(&mut self, is_all: bool, out: &mut Vec<u8>) {
        let Some(label) = self.asked.as_ref().and_then(|asked| asked.label.as_ref()) else { return };
        let (server, lines) = (self.config.server(), mem::take(&mut self.gathered));
        if self.open.is_none() && is_all {
            self.batches += 1;
            return label::answer(server, &label.text, self.batches, &lines, out);
        }
        if lines.is_empty() && !is_all {
            return;
        }
        let number = self.open.unwrap_or_else(|| {
            self.batches += 1;
            label::begin(server, &label.text, self.batches, out);
            self.batches
        });
        label::go_on(number, &lines, out);
        if is_all {
            label::end(server, number, out);
        }
        self.open = (!is_all).then_some(number);
    }
}

impl Respond for Responder {
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event.kind() {
            // Nothing is done any more after that, what is at hand neither.
            EventKind::Closed { .. } => {
                self.tell_gathered(true, out);
                self.asked = None;
            }
            // What is said to oneself is no answer; that is its echo.
            EventKind::Told { from, to, .. } if from == to => {
                let shared = self.shared.clone();
                self.tell_known(&mut shared.lock(), event, out);
                return;
            }
            _ => {}
        }
        self.answer(out, |responder, known, out| responder.tell_known(known, event, out));
    }

    fn echo(&mut self, event: &Event, out: &mut Vec<u8>) {
        self.answer(out, |responder, _, out| {
            if !responder.capabilities.has(Capability::EchoMessage) {
                return;
            }
            let encoder = responder.encoder();
            match event.kind() {
                EventKind::Said { .. } | EventKind::SaidTo { .. } => encoder.encode(event, out),
                EventKind::Told { from, to, text, manner } => {
                    encoder.words(event, from, to.as_str(), text, *manner, out);
                }
                _ => {}
            }
        });
    }

    fn upgrade(&mut self) {
        if let Some(capabilities) = self.shared.lock().switches.pop_front() {
            self.capabilities = capabilities;
        }
    }

    fn begin(&mut self) {
        self.asked = self.shared.lock().asked.pop_front();
        if let Some(label) = self.asked.as_mut().and_then(|asked| asked.label.as_mut()) {
            self.gathered.append(&mut label.before);
        }
    }

    fn done(&mut self, out: &mut Vec<u8>) {
        self.answer(out, |responder, known, out| {
            let number = match responder.kind() {
                Kind::Userhost { last: true } => numeric::RPL_USERHOST,
                Kind::Ison { last: true } => numeric::RPL_ISON,
                _ => return,
            };
            known.reply(&responder.config).list(out, number, &[], mem::take(&mut responder.words).iter());
        });
        let label = self.asked.as_ref().and_then(|asked| asked.label.as_ref());
        if let Some(is_all) = label.map(|label| label.last) {
            self.tell_gathered(is_all, out);
        }
        self.asked = None;
    }
}

/// What the client itself does.
fn own_line(encoder: &IrcEncoder, known: &Known, event: &Event, out: &mut Vec<u8>, line: fmt::Arguments<'_>) {
    encoder.tags(event, out);
    let user_host = event.profile().map(|profile| UserHost(profile).to_string()).unwrap_or_default();
    write(out, format_args!(":{}!{user_host} {line}", known.nick));
}
