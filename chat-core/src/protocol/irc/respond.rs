//! The responders of an IRC client: the answers to its requests, and the events that concern it alone.
//!
//! This module must not know how the session parses commands.

use std::fmt;
use std::mem;
use std::sync::Arc;
use std::time::SystemTime;

use super::capability::{Capabilities, Capability};
use super::encode::{IrcEncoder, TrailingText};
use super::label;
use super::line::{LINE_MAX, write};
use super::member_replies;
use super::numeric;
use super::options::Config;
use super::refusal;
use super::registration::welcome;
use super::replies::{end_list, write_answer, write_list, write_lusers, write_motd, write_topic};
use super::shared::{Asked, Kind, Known, Label, Shared};
use super::source::UserHost;
use crate::model::event::{Event, EventKind, HubEvent, MemberInfo, OwnEvent, Reply, RoomEvent};
use crate::model::message::MessageKind;
use crate::model::name::RoomName;
use crate::model::text::cut;
use crate::model::time::Utc;
use crate::session::{Encode as _, Respond};

/// The responder of one request, or of a connection for the events that answer no request.
pub(super) struct Responder {
    config: Arc<Config>,
    shared: Shared,
    /// The capabilities at the time of the request.
    capabilities: Capabilities,
    asked: Asked,
}

impl Responder {
    pub(super) fn new(config: Arc<Config>, shared: Shared, capabilities: Capabilities, asked: Asked) -> Responder {
        Responder { config, shared, capabilities, asked }
    }

    /// Runs `write`, and buffers its output if the request has a label.
    fn answer(&mut self, out: &mut Vec<u8>, write: impl FnOnce(&mut Responder, &mut Known, &mut Vec<u8>)) {
        let shared = self.shared.clone();
        let mut known = shared.lock();
        let Some(label) = &mut self.asked.label else { return write(self, &mut known, out) };
        let mut buffered = mem::take(&mut known.answer.buffered);
        buffered.append(&mut label.before);
        write(self, &mut known, &mut buffered);
        known.answer.buffered = buffered;
    }

    fn kind(&self) -> Kind {
        self.asked.kind
    }

    fn encoder(&self) -> IrcEncoder {
        IrcEncoder { config: Arc::clone(&self.config), capabilities: self.capabilities }
    }

    /// Appends the bytes of an event, and updates the data that the session and the responders share.
    fn encode_event(&mut self, known: &mut Known, event: &Event, out: &mut Vec<u8>) {
        match event.kind() {
            EventKind::Own(kind) => self.own_event(known, event, kind, out),
            EventKind::Reply(reply) => self.reply(known, reply, out),
            EventKind::Hub(HubEvent::OperatorAdded { name }) if name.as_str() == known.nick => {
                known.reply(&self.config).numeric(out, numeric::RPL_YOUREOPER, &[], "You are now an IRC operator");
                write(out, format_args!(":{} MODE {} :+o", self.config.server(), known.nick));
                known.modes.push('o');
            }
            EventKind::Room(_) | EventKind::Hub(_) => self.encoder().encode(event, out),
        }
    }

    fn own_event(&mut self, known: &mut Known, event: &Event, kind: &OwnEvent, out: &mut Vec<u8>) {
        let encoder = self.encoder();
        match kind {
            OwnEvent::Welcome { name, motd, .. } => {
                known.nick = name.to_string();
                known.motd = Arc::clone(motd);
                welcome(&self.config, known.reply(&self.config), out);
            }
            OwnEvent::Named { name } => {
                own_line(&encoder, known, event, out, format_args!("NICK {name}"));
                known.nick = name.to_string();
            }
            OwnEvent::Entered { room, topic, .. } => {
                if known.is_in(room) {
                    return;
                }
                known.rooms.push(room.clone());
                own_line(&encoder, known, event, out, format_args!("{}", encoder.join(event, room)));
                if let Some(topic) = topic {
                    write_topic(known.reply(&self.config), room, topic, out);
                }
            }
            OwnEvent::Exited { room, why, .. } => {
                known.rooms.retain(|other| other != room);
                own_line(&encoder, known, event, out, format_args!("PART {room}{}", TrailingText(why.as_ref())));
            }
            OwnEvent::Kicked { room, by, reason, .. } => {
                known.rooms.retain(|other| other != room);
                let reason = reason.as_ref().map_or(by.as_str(), |reason| cut(reason.as_str(), LINE_MAX / 2));
                encoder.line(event, by, out, format_args!("KICK {room} {} :{reason}", known.nick));
            }
            OwnEvent::PrivateMessage { from, text, kind, .. } => {
                encoder.message(event, from, &known.nick, text.as_str(), *kind, out);
            }
            OwnEvent::Invited { room, by } => {
                encoder.line(event, by, out, format_args!("INVITE {} :{room}", known.nick));
            }
            OwnEvent::Missed { .. } | OwnEvent::Closed { .. } => encoder.encode(event, out),
        }
    }

    fn reply(&mut self, known: &mut Known, reply: &Reply, out: &mut Vec<u8>) {
        let config = Arc::clone(&self.config);
        match reply {
            Reply::LastSaid { rooms } => self.write_history_targets(known, rooms, out),
            Reply::History { room, events } => match self.kind() {
                Kind::History => self.write_history(known, room, events, out),
                // Such a client asks for the history with `CHATHISTORY`.
                _ if self.capabilities.has(Capability::ChatHistory) => {}
                _ => self.write_history(known, room, events, out),
            },
            Reply::Rooms { rooms, .. } => {
                write_list(known.reply(&config), rooms, &self.asked.filter, out);
            }
            // The room has these modes already.
            Reply::Modes { .. } if self.kind() == Kind::Mode => {}
            Reply::Whowas { members, .. } => {
                let Asked { what, how, .. } = &self.asked;
                member_replies::write_whowas(known.reply(&config), what, how, members, out);
            }
            Reply::Found { members, .. } => {
                for member in members {
                    member_replies::write_who(known.reply(&config), &self.asked.how, "*", member, out);
                }
                end_list(known.reply(&config), Kind::Who, &self.asked.what, out);
            }
            Reply::Refused { error } => {
                refusal::write(known.reply(&config), &self.asked, error, out);
                end_list(known.reply(&config), self.asked.kind, &self.asked.what, out);
            }
            Reply::Whois { member, shared } => self.answer_whois(known, member, shared, out),
            Reply::Members { room, members, .. } if self.kind() == Kind::Who => {
                for member in members {
                    member_replies::write_who(known.reply(&config), &self.asked.how, room.as_str(), member, out);
                }
                end_list(known.reply(&config), Kind::Who, &self.asked.what, out);
            }
            Reply::Members { room, secret, members, .. } => {
                let hosts = self.capabilities.has(Capability::UserhostInNames);
                member_replies::write_names(known.reply(&config), room, *secret, hosts, members, out);
            }
            Reply::Census { .. } => {
                write_lusers(known.reply(&config), reply, out);
                if self.kind() == Kind::Welcome {
                    write_motd(&mem::take(&mut known.motd), known.reply(&config), out);
                }
            }
            Reply::Motd { lines } => write_motd(lines, known.reply(&config), out),
            reply => write_answer(known.reply(&config), reply, out),
        }
    }

    /// Appends the history of a room. Without `server-time`, the text contains the time, so that no message looks new.
    fn write_history(&self, known: &mut Known, room: &RoomName, events: &[Event], out: &mut Vec<u8>) {
        let encoder = self.encoder();
        let mut lines = Vec::new();
        for event in events {
            let EventKind::Room(RoomEvent::Said { from, text, kind, .. }) = event.kind() else { continue };
            if self.capabilities.has(Capability::ServerTime) {
                encoder.message(event, from, room.as_str(), text.as_str(), *kind, &mut lines);
            } else {
                let dated = match kind {
                    MessageKind::Action => format!("[{}] {from} {text}", Utc(event.time())),
                    _ => format!("[{}] {text}", Utc(event.time())),
                };
                let kind = if *kind == MessageKind::Action { MessageKind::Message } else { *kind };
                encoder.message(event, from, room.as_str(), &dated, kind, &mut lines);
            }
        }
        if !self.capabilities.has(Capability::Batch) {
            out.extend_from_slice(&lines);
            return;
        }
        // https://ircv3.net/specs/batches/chathistory
        let number = format!("h{}", known.next_batch());
        write(out, format_args!(":{} BATCH +{number} chathistory {room}", self.config.server()));
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            label::tag(line, &format!("batch={number}"), out);
        }
        write(out, format_args!(":{} BATCH -{number}", self.config.server()));
    }

    fn answer_whois(&self, known: &mut Known, member: &MemberInfo, shared: &[RoomName], out: &mut Vec<u8>) {
        let (config, name, profile) = (&self.config, member.name.as_str(), &member.profile);
        match self.kind() {
            Kind::Userhost { .. } => {
                let (star, here) =
                    (if member.operates { "*" } else { "" }, if member.away.is_some() { '-' } else { '+' });
                known.answer.entries.push(format!("{name}{star}={here}{}", UserHost(profile)));
            }
            Kind::Ison { .. } => known.answer.entries.push(name.to_owned()),
            Kind::Who => {
                member_replies::write_who(known.reply(config), &self.asked.how, "*", member, out);
                end_list(known.reply(config), Kind::Who, &self.asked.what, out);
            }
            _ => member_replies::write_whois(known.reply(config), &config.options.network, member, shared, out),
        }
    }

    /// Appends the channels with messages, sorted by the time of their last message.
    fn write_history_targets(&self, known: &mut Known, rooms: &[(RoomName, SystemTime)], out: &mut Vec<u8>) {
        let server = self.config.server();
        let number = format!("t{}", known.next_batch());
        let batch = self.capabilities.has(Capability::Batch);
        if batch {
            write(out, format_args!(":{server} BATCH +{number} draft/chathistory-targets"));
        }
        let tag = if batch { format!("@batch={number} ") } else { String::new() };
        let max = self.asked.how.parse().unwrap_or(usize::MAX);
        for (room, time) in rooms.iter().take(max) {
            write(out, format_args!("{tag}:{server} CHATHISTORY TARGETS {room} {:#}", Utc(*time)));
        }
        if batch {
            write(out, format_args!(":{server} BATCH -{number}"));
        }
    }

    /// Sends the buffered lines of a labeled answer; `is_last` says whether the answer is complete.
    ///
    /// This function does not wait for the rest of the answer, so that later events of other members stay after these
    /// lines.
    fn flush_labeled(&self, is_last: bool, out: &mut Vec<u8>) {
        let Some(Label { text: label, .. }) = &self.asked.label else { return };
        let (server, mut known) = (self.config.server(), self.shared.lock());
        let lines = mem::take(&mut known.answer.buffered);
        if known.answer.open_batch.is_none() && is_last {
            return label::answer(server, label, known.next_batch(), &lines, out);
        }
        if lines.is_empty() && !is_last {
            return;
        }
        let number = known.answer.open_batch.unwrap_or_else(|| {
            let number = known.next_batch();
            label::open_batch(server, label, number, out);
            number
        });
        label::append_to_batch(number, &lines, out);
        if is_last {
            label::close_batch(server, number, out);
        }
        known.answer.open_batch = (!is_last).then_some(number);
    }
}

impl Respond for Responder {
    fn reply(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event.kind() {
            // No further command runs, and the request ends without `done`.
            EventKind::Own(OwnEvent::Closed { .. }) => {
                self.answer(out, |_, _, _| {});
                self.flush_labeled(true, out);
                self.asked.label = None;
            }
            // A message to the client itself is no answer; only its echo is.
            EventKind::Own(OwnEvent::PrivateMessage { from, to, .. }) if from == to => {
                let shared = self.shared.clone();
                self.encode_event(&mut shared.lock(), event, out);
                return;
            }
            _ => {}
        }
        self.answer(out, |responder, known, out| responder.encode_event(known, event, out));
    }

    fn echo(&mut self, event: &Event, out: &mut Vec<u8>) {
        if !self.capabilities.has(Capability::EchoMessage) {
            return;
        }
        self.answer(out, |responder, _, out| {
            let encoder = responder.encoder();
            match event.kind() {
                EventKind::Room(RoomEvent::Said { .. } | RoomEvent::SaidToRank { .. }) => {
                    encoder.encode(event, out);
                }
                EventKind::Own(OwnEvent::PrivateMessage { from, to, text, kind }) => {
                    encoder.message(event, from, to.as_str(), text.as_str(), *kind, out);
                }
                _ => {}
            }
        });
    }

    fn done(&mut self, out: &mut Vec<u8>) {
        // Most requests end without a line. This check avoids a lock for each of them.
        if self.asked.label.is_none()
            && !matches!(self.kind(), Kind::Userhost { last: true } | Kind::Ison { last: true })
        {
            return;
        }
        self.answer(out, |responder, known, out| {
            let number = match responder.kind() {
                Kind::Userhost { last: true } => numeric::RPL_USERHOST,
                Kind::Ison { last: true } => numeric::RPL_ISON,
                _ => return,
            };
            let entries = mem::take(&mut known.answer.entries);
            known.reply(&responder.config).list(out, number, &[], entries.iter());
        });
        if let Some(is_last) = self.asked.label.as_ref().map(|label| label.last) {
            self.flush_labeled(is_last, out);
        }
    }
}

/// Appends a line whose source is the client itself.
fn own_line(encoder: &IrcEncoder, known: &Known, event: &Event, out: &mut Vec<u8>, line: fmt::Arguments<'_>) {
    encoder.tags(event, out);
    let user_host = event.profile().map(|profile| UserHost(profile).to_string()).unwrap_or_default();
    write(out, format_args!(":{}!{user_host} {line}", known.nick));
}
