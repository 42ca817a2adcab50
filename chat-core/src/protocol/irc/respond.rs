//! What one IRC client is told alone.

use std::fmt;
use std::mem;
use std::sync::Arc;
use std::time::SystemTime;

use super::capability::{Capabilities, Capability};
use super::encode::{IrcEncoder, IrcMask, QuitMessage, UserHost, Word, modes, prefix};
use super::filter::Filter;
use super::label;
use super::line::{LONGEST, Reply, write};
use super::numeric;
use super::options::Config;
use super::refusal;
use super::registration::welcome;
use super::shared::{Asked, Kind, Known, Shared};
use super::whox;
use crate::model::event::{Event, EventKind, FormerInfo, MemberInfo, RoomInfo, TopicInfo};
use crate::model::message::MessageKind;
use crate::model::moderation::{ExceptionKind, Restriction};
use crate::model::name::RoomName;
use crate::model::phrase::{DurationSuffix, ReasonSuffix};
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
            EventKind::Was { members, .. } => self.tell_former(known, members, out),
            EventKind::Found { members, .. } => {
                for member in members {
                    self.tell_who(known.reply(&config), "*", member, out);
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
            EventKind::Members { room, secret, members, .. } => self.tell_members(known, room, *secret, members, out),
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
                self.tell_who(reply, "*", member, out);
                end_list(reply, Kind::Who, &self.asked_what(), out);
            }
            _ => {
                let (user, host) = (Word(profile.user()).to_string(), Word(profile.host()).to_string());
                reply.numeric(out, numeric::RPL_WHOISUSER, &[name, &user, &host, "*"], profile.real_name());
                if !shared.is_empty() {
                    reply.list(out, numeric::RPL_WHOISCHANNELS, &[name], shared.iter());
                }
                reply.numeric(out, numeric::RPL_WHOISSERVER, &[name, config.server()], &config.options.network);
                if member.operates {
                    reply.numeric(out, numeric::RPL_WHOISOPERATOR, &[name], "is an IRC operator");
                }
                if let Some(address) = member.address {
                    reply.numeric(out, numeric::RPL_WHOISHOST, &[name], format_args!("is connecting from {address}"));
                }
                if let Some(why) = &member.away {
                    reply.numeric(out, numeric::RPL_AWAY, &[name], why);
                }
                end_list(reply, Kind::Whois, name, out);
            }
        }
    }

    fn tell_members(&self, known: &Known, room: &RoomName, secret: bool, members: &[MemberInfo], out: &mut Vec<u8>) {
        let reply = known.reply(&self.config);
        if self.kind() == Kind::Who {
            for member in members {
                self.tell_who(reply, room.as_str(), member, out);
            }
            return end_list(reply, Kind::Who, &self.asked_what(), out);
        }
        let hosts = self.capabilities.has(Capability::UserhostInNames);
        let names = members.iter().map(|member| {
            let host = if hosts { format!("!{}", UserHost(&member.profile)) } else { String::new() };
            format!("{}{}{host}", prefix(member.rank), member.name)
        });
        let symbol = if secret { "@" } else { "=" };
        reply.list(out, numeric::RPL_NAMREPLY, &[symbol, room.as_str()], names);
        end_list(reply, Kind::Names, room.as_str(), out);
    }

    fn tell_who(&self, reply: Reply<'_>, room: &str, member: &MemberInfo, out: &mut Vec<u8>) {
        let fields = self.asked.as_ref().map_or("", |asked| asked.how.as_str());
        if !fields.is_empty() {
            return whox::write(reply, fields, room, member, out);
        }
        let MemberInfo { name, profile, .. } = member;
        let (user, host) = (Word(profile.user()).to_string(), Word(profile.host()).to_string());
        let params = [room, &user, &host, reply.server, name.as_str(), &whox::flags(member)];
        reply.numeric(out, numeric::RPL_WHOREPLY, &params, format_args!("0 {}", real_name(member)));
    }

    fn tell_former(&self, known: &Known, members: &[FormerInfo], out: &mut Vec<u8>) {
        let (reply, name) = (known.reply(&self.config), self.asked_what());
        // What is no number from 1 on means all (RFC 2812, section 3.6.3).
        let most = self.asked_how().parse().ok().filter(|most| *most > 0).unwrap_or(usize::MAX);
        if members.is_empty() {
            reply.numeric(out, numeric::ERR_WASNOSUCHNICK, &[&name], "There was no such nickname");
        }
        for FormerInfo { name, until, profile } in members.iter().take(most) {
            let (name, user, host) =
                (name.as_str(), Word(profile.user()).to_string(), Word(profile.host()).to_string());
            reply.numeric(out, numeric::RPL_WHOWASUSER, &[name, &user, &host, "*"], profile.real_name());
            reply.numeric(out, numeric::RPL_WHOISSERVER, &[name, reply.server], Utc(*until));
        }
        reply.numeric(out, numeric::RPL_ENDOFWHOWAS, &[&name], "End of WHOWAS");
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

/// The last line of a list, also of one in which nothing is.
pub(super) fn end_list(reply: Reply<'_>, kind: Kind, what: &str, out: &mut Vec<u8>) {
    match kind {
        Kind::Names => reply.numeric(out, numeric::RPL_ENDOFNAMES, &[what], "End of NAMES list"),
        Kind::Who => reply.numeric(out, numeric::RPL_ENDOFWHO, &[what], "End of WHO list"),
        Kind::Whois => reply.numeric(out, numeric::RPL_ENDOFWHOIS, &[what], "End of WHOIS list"),
        _ => {}
    }
}

/// Tells what is the same for everybody but for the name; whether it is such a thing.
fn tell_answer(reply: Reply<'_>, kind: &EventKind, out: &mut Vec<u8>) -> bool {
    match kind {
        EventKind::InviteSent { room, name } => {
            reply.numeric(out, numeric::RPL_INVITING, &[name.as_str()], room);
        }
        EventKind::Modes { room, modes: set, made } => {
            reply.params(out, numeric::RPL_CHANNELMODEIS, &format!("{room} {}", modes(set)));
            reply.params(out, numeric::RPL_CREATIONTIME, &format!("{room} {}", unix(*made)));
        }
        EventKind::Bans { room: Some(room), bans } => {
            write_masks(reply, [numeric::RPL_BANLIST, numeric::RPL_ENDOFBANLIST], room, bans, out);
        }
        EventKind::Exceptions { room, from: ExceptionKind::Ban, masks } => {
            write_masks(reply, [numeric::RPL_EXCEPTLIST, numeric::RPL_ENDOFEXCEPTLIST], room, masks, out);
        }
        EventKind::Exceptions { room, from: ExceptionKind::Invite, masks } => {
            write_masks(reply, [numeric::RPL_INVEXLIST, numeric::RPL_ENDOFINVEXLIST], room, masks, out);
        }
        EventKind::Bans { room: None, bans: list } | EventKind::Mutes { mutes: list, .. } => {
            for one in list {
                reply.notice(
                    out,
                    format_args!(
                        "{}, by {}{}{}",
                        one.mask,
                        one.by,
                        DurationSuffix(one.left),
                        ReasonSuffix(&one.reason)
                    ),
                );
            }
        }
        EventKind::Topic { room, topic: Some(topic) } => {
            write_topic(reply, room, topic, out);
        }
        EventKind::Topic { room, topic: None } => {
            reply.numeric(out, numeric::RPL_NOTOPIC, &[room.as_str()], "No topic is set");
        }
        EventKind::IsAway { name, why } => reply.numeric(out, numeric::RPL_AWAY, &[name.as_str()], why),
        EventKind::Away { why: Some(_) } => {
            reply.numeric(out, numeric::RPL_NOWAWAY, &[], "You have been marked as being away");
        }
        EventKind::Away { why: None } => {
            reply.numeric(out, numeric::RPL_UNAWAY, &[], "You are no longer marked as being away");
        }
        EventKind::Ignoring { name, ignored } => {
            let what = if *ignored { "you ignore" } else { "you hear again:" };
            reply.notice(out, format_args!("{what} {name}"));
        }
        EventKind::Pong { token } => reply.pong(out, token),
        EventKind::Stats { stats } => {
            for (what, count) in stats.lines() {
                reply.notice(out, format_args!("{what}: {count}"));
            }
        }
        _ => return false,
    }
    true
}

/// Those channels for which was asked.
fn tell_rooms(reply: Reply<'_>, rooms: &[RoomInfo], filter: Option<&Filter>, out: &mut Vec<u8>) {
    reply.numeric(out, numeric::RPL_LISTSTART, &["Channel"], "Users  Name");
    for room in rooms.iter().filter(|room| filter.is_none_or(|filter| filter.fits(room))) {
        let topic = room.topic.as_ref().map_or("", |topic| topic.as_str());
        reply.numeric(out, numeric::RPL_LIST, &[room.name.as_str(), &room.members.to_string()], topic);
    }
    reply.numeric(out, numeric::RPL_LISTEND, &[], "End of LIST");
}

/// What a channel is about, and who says so since when.
fn write_topic(reply: Reply<'_>, room: &RoomName, topic: &TopicInfo, out: &mut Vec<u8>) {
    reply.numeric(out, numeric::RPL_TOPIC, &[room.as_str()], &topic.text);
    let (by, time) = (Word(topic.by.as_str()), unix(topic.time));
    reply.params(out, numeric::RPL_TOPICWHOTIME, &format!("{room} {by} {time}"));
}

/// A list of masks, the second of whose numbers ends it.
fn write_masks(reply: Reply<'_>, [each, end]: [&str; 2], room: &RoomName, masks: &[Restriction], out: &mut Vec<u8>) {
    for mask in masks {
        let (mask, by, time) = (IrcMask(&mask.mask), Word(mask.by.as_str()), unix(mask.since));
        reply.params(out, each, &format!("{room} {mask} {by} {time}"));
    }
    reply.numeric(out, end, &[room.as_str()], "End of list");
}

/// Seconds since 1970.
fn unix(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn tell_census(reply: Reply<'_>, census: &EventKind, out: &mut Vec<u8>) {
    let EventKind::Census { members, operators, rooms } = census else { return };
    let (count, most) = (members.to_string(), members.to_string());
    reply.numeric(
        out,
        numeric::RPL_LUSERCLIENT,
        &[],
        format_args!("There are {members} users and 0 invisible on 1 servers"),
    );
    if *operators > 0 {
        reply.numeric(out, numeric::RPL_LUSEROP, &[&operators.to_string()], "operator(s) online");
    }
    reply.numeric(out, numeric::RPL_LUSERCHANNELS, &[&rooms.to_string()], "channels formed");
    reply.numeric(out, numeric::RPL_LUSERME, &[], format_args!("I have {members} clients and 0 servers"));
    reply.numeric(out, numeric::RPL_LOCALUSERS, &[&count, &most], format_args!("Current local users {members}"));
    reply.numeric(out, numeric::RPL_GLOBALUSERS, &[&count, &most], format_args!("Current global users {members}"));
}

fn write_motd(lines: &[Text], reply: Reply<'_>, out: &mut Vec<u8>) {
    if lines.is_empty() {
        return reply.numeric(out, numeric::ERR_NOMOTD, &[], "There is no message of the day");
    }
    reply.numeric(out, numeric::RPL_MOTDSTART, &[], format_args!("- {} Message of the day -", reply.server));
    for line in lines {
        reply.numeric(out, numeric::RPL_MOTD, &[], format_args!("- {line}"));
    }
    reply.numeric(out, numeric::RPL_ENDOFMOTD, &[], "End of message of the day");
}

/// Who says nothing about itself is called what it is called.
pub(super) fn real_name(member: &MemberInfo) -> &str {
    let real_name = member.profile.real_name();
    if real_name.is_empty() { member.name.as_str() } else { real_name }
}
