//! Clients and a hub without sockets and threads, for tests and for the fuzzer.
//!
//! This module must not know the IRC protocol: it only runs sessions, the state and the encoders.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::shared::Shared;
use super::{Irc, IrcOptions};
use crate::hub::Item;
use crate::model::command::Command;
use crate::model::event::{CloseReason, Event, EventKind, OwnEvent};
use crate::model::limits::Limits;
use crate::model::name::Name;
use crate::model::options::HubOptions;
use crate::model::password::Password;
use crate::model::profile::Profile;
#[cfg(test)]
use crate::protocol::line::Line;
use crate::session::{Encoder, Request, Respond, Session};
use crate::state::{Effect, Input, JoinRequest, MemberId, Moment, RoomId, State};

/// Clients and a hub. The first letter of its nick identifies each client.
pub(crate) struct Scene {
    state: State,
    clients: BTreeMap<char, Client>,
    rooms: BTreeMap<RoomId, Vec<MemberId>>,
    /// The member whose request runs now, and the responder of the request.
    responding: Option<(MemberId, Box<dyn Respond>)>,
}

struct Client {
    member: MemberId,
    session: Box<dyn Session>,
    /// The data of the client's session, if the client speaks IRC.
    shared: Option<Shared>,
    responder: Option<Box<dyn Respond>>,
    encoder: Encoder,
    is_registered: bool,
    /// Whether the scene has stopped reading from the client.
    closed: bool,
    out: Vec<u8>,
}

impl Scene {
    pub(crate) fn new() -> Scene {
        Scene::with(HubOptions::default())
    }

    pub(crate) fn with(options: HubOptions) -> Scene {
        let operator_password = Some(Password::parse("sesame").expect("a password"));
        let options = HubOptions { operator_password, ..options };
        let state = State::new("lobby".parse().expect("a room's name"), options, SystemTime::UNIX_EPOCH);
        Scene { state, clients: BTreeMap::new(), rooms: BTreeMap::new(), responding: None }
    }

    /// Returns a scene with alice and bob over IRC and lena over plain lines, all in `#lobby`.
    #[cfg(test)]
    pub(crate) fn of_three() -> Scene {
        let mut scene = Scene::new();
        for (letter, nick) in [('a', "alice"), ('b', "bob")] {
            scene.connect(letter, IrcOptions { server: "s".into(), ..IrcOptions::default() });
            scene.say(letter, &format!("NICK {nick}\r\nUSER {nick} 0 * :{nick} real\r\nJOIN #lobby\r\n"));
        }
        let session = Box::new(Line::default());
        scene.add('l', session);
        scene.say('l', "/nick lena\n");
        scene.forget();
        scene
    }

    pub(crate) fn connect(&mut self, letter: char, options: IrcOptions) {
        let session = Irc::server(options, &Limits::default())();
        let shared = session.shared.clone();
        self.add(letter, Box::new(session));
        self.client(letter).shared = Some(shared);
    }

    pub(crate) fn add(&mut self, letter: char, session: Box<dyn Session>) {
        let encoder = session.encoder();
        let member = MemberId(u64::from(u32::from(letter)));
        let client = Client {
            member,
            session,
            shared: None,
            responder: None,
            encoder,
            is_registered: false,
            closed: false,
            out: Vec::new(),
        };
        self.clients.insert(letter, client);
        self.register(letter);
    }

    fn client(&mut self, letter: char) -> &mut Client {
        self.clients.get_mut(&letter).expect("the client exists")
    }

    fn register(&mut self, letter: char) {
        let client = self.client(letter);
        let (false, Some(registration)) = (client.is_registered, client.session.register()) else { return };
        let name = registration.nick.map_or(Name::address("192.0.2.9:9"), Name::Nick);
        let request = JoinRequest {
            room: registration.begins_in_room.then(|| "lobby".parse().expect("a room's name")),
            profile: Profile::new(registration.user, "host", registration.real_name),
            keeps_lists: registration.keeps_lists,
            may_be_nowhere: true,
            address: Some([192, 0, 2, 7].into()),
            ..JoinRequest::new(name.clone(), "lobby".parse().expect("a room's name"))
        };
        let member = client.member;
        client.responder = client.session.responder();
        let refused = self.apply(Input::Join { member, request: Box::new(request) });
        let client = self.client(letter);
        match refused {
            None => {
                client.is_registered = true;
                client.session.admitted(&name);
            }
            Some(CloseReason::Refused(why)) => {
                client.responder = None;
                client.session.refused(&why, &mut client.out);
            }
            Some(reason) => panic!("{reason}"),
        }
        self.say(letter, "");
    }

    /// Sends these bytes as a client.
    pub(crate) fn say(&mut self, letter: char, bytes: &str) {
        self.say_bytes(letter, bytes.as_bytes());
    }

    /// Sends these bytes as a client, and runs `pause` after the client's first `after` commands.
    #[cfg(test)]
    pub(crate) fn say_interrupted(&mut self, letter: char, bytes: &str, after: usize, pause: impl FnOnce(&mut Scene)) {
        let (mut items, mut input) = (Vec::new(), bytes.as_bytes());
        let client = self.client(letter);
        while let Some(request) =
            client.session.decode(&mut input, &mut Vec::new()).expect("the session decodes the bytes")
        {
            items.push(Item::Request(request));
        }
        let mut rest = items.split_off(after);
        self.process(letter, &mut items);
        pause(self);
        self.process(letter, &mut rest);
    }

    /// Sends these bytes as a client. As in a server, the session decodes all of them before the hub runs a command,
    /// except for the registration.
    pub(crate) fn say_bytes(&mut self, letter: char, mut input: &[u8]) {
        let mut items = Vec::new();
        loop {
            let client = self.client(letter);
            if client.closed {
                break;
            }
            let before = input.len();
            let mut reply = Vec::new();
            let decoded = client.session.decode(&mut input, &mut reply);
            let (answered, is_registered) = (!reply.is_empty() && input.len() < before, client.is_registered);
            items.push(Item::Reply(reply));
            items.extend(client.session.upgrade().map(|upgrade| Item::Upgrade(Box::new(upgrade))));
            if !is_registered {
                self.process(letter, &mut items);
            }
            match decoded {
                Ok(Some(request)) => {
                    self.client(letter).closed = matches!(request.command, Command::Quit(_));
                    if is_registered {
                        items.push(Item::Request(request));
                    }
                }
                Ok(None) if !is_registered => {
                    self.register(letter);
                    if !answered && input.len() == before {
                        break;
                    }
                }
                Ok(None) if answered => {}
                Ok(None) => break,
                Err(error) => {
                    self.client(letter).closed = true;
                    items.push(Item::Reply(format!("closed: {error}\r\n").into_bytes()));
                }
            }
        }
        self.process(letter, &mut items);
    }

    fn process(&mut self, letter: char, items: &mut Vec<Item>) {
        for item in items.drain(..) {
            let client = self.client(letter);
            match item {
                Item::Reply(bytes) => client.out.extend(bytes),
                Item::Upgrade(upgrade) => {
                    client.encoder = upgrade.encoder;
                    if client.is_registered {
                        client.responder = upgrade.responder;
                    }
                }
                Item::Request(request) => self.run(letter, request),
            }
        }
    }

    fn run(&mut self, letter: char, Request { command, responder }: Request) {
        let member = self.client(letter).member;
        self.responding = responder.map(|responder| (member, responder));
        self.apply(Input::Command { member, command });
        if let Some((_, mut responder)) = self.responding.take() {
            responder.done(&mut self.client(letter).out);
        }
    }

    /// Sends an event to one member, through the member's responder if it has one and the event is for that member
    /// alone.
    fn deliver(&mut self, member: MemberId, event: &Event, is_unicast: bool) {
        let of_request = self.responding.as_mut().filter(|(other, _)| *other == member).map(|(_, responder)| responder);
        let Some(client) = self.clients.values_mut().find(|client| client.member == member) else { return };
        match of_request.or(client.responder.as_mut().filter(|_| is_unicast)) {
            Some(responder) => responder.reply(event, &mut client.out),
            None => client.encoder.encode(event, &mut client.out),
        }
    }

    /// Applies an input and delivers its effects; returns the reason of a refused join.
    fn apply(&mut self, input: Input) -> Option<CloseReason> {
        let now = Moment { date: SystemTime::UNIX_EPOCH + Duration::from_millis(1500), instant: Instant::now() };
        let mut effects = Vec::new();
        self.state.apply(input, now, &mut effects);
        for effect in effects {
            match effect {
                Effect::Admit { member, name, room } => {
                    let (since, motd) = (SystemTime::UNIX_EPOCH, Arc::clone(self.state.motd()));
                    let admitted = Event::from(EventKind::Own(OwnEvent::Welcome { name, room, since, motd }));
                    for client in self.clients.values_mut().filter(|client| client.member == member) {
                        if let Some(responder) = &mut client.responder {
                            responder.reply(&admitted, &mut client.out);
                        }
                    }
                }
                Effect::Refuse { reason, .. } => return Some(reason),
                Effect::Enter { member, room } => self.rooms.entry(room).or_default().push(member),
                Effect::Exit { member, room } => {
                    self.rooms.entry(room).or_default().retain(|other| *other != member);
                }
                Effect::Unicast { to, event } => self.deliver(to, &event, true),
                Effect::Multicast { to, event } => to.into_iter().for_each(|to| self.deliver(to, &event, false)),
                Effect::Broadcast { room, except, ignoring, event } => {
                    let mut recipients = self.rooms.get(&room).cloned().unwrap_or_default();
                    recipients.retain(|member| Some(*member) != except && !ignoring.contains(member));
                    for member in recipients {
                        self.deliver(member, &event, false);
                    }
                }
                Effect::Echo { to, event } => {
                    let of_request = self.responding.as_mut().filter(|(member, _)| *member == to);
                    let client = self.clients.values_mut().find(|client| client.member == to);
                    if let (Some((_, responder)), Some(client)) = (of_request, client) {
                        responder.echo(&event, &mut client.out);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Discards what the clients have received so far.
    #[cfg(test)]
    pub(crate) fn forget(&mut self) {
        self.clients.values_mut().for_each(|client| client.out.clear());
    }

    /// Takes the lines that the clients have received, each after the letter of its client.
    pub(crate) fn received(&mut self) -> Vec<String> {
        let mut received = Vec::new();
        for (letter, client) in &mut self.clients {
            let mut out = std::mem::take(&mut client.out);
            if client.responder.is_none() {
                // Answers to telnet commands are not UTF-8.
                out = String::from_utf8_lossy(&out).into_owned().into_bytes();
            }
            let out = String::from_utf8(out).expect("the output is UTF-8");
            for line in out.split_terminator('\n') {
                assert!(client.responder.is_none() || line.ends_with('\r'), "{line:?} has the wrong end");
                let line = line.trim_end_matches('\r');
                let untagged = line.strip_prefix('@').map_or(line, |line| line.split_once(' ').expect("a line").1);
                assert!(untagged.len() <= 510, "{} bytes: {line}", untagged.len());
                received.push(format!("{letter} {line}"));
            }
        }
        received
    }

    /// Checks that each IRC session knows the same nick and rooms as the hub.
    pub(crate) fn check(&self) {
        for client in self.clients.values() {
            let Some(shared) = client.shared.as_ref().filter(|_| client.is_registered) else { continue };
            let known = shared.lock();
            let Some((_, name)) = self.state.roster().find(|(member, _)| *member == client.member) else { continue };
            assert_eq!(known.nick, name.as_str());
            let mut rooms: Vec<_> = known.rooms.iter().map(|room| room.as_str().to_owned()).collect();
            let is_in = |(_, members): &(_, Vec<MemberId>)| members.contains(&client.member);
            let there =
                self.state.rooms().map(|(_, name, members)| (name.as_str().to_owned(), members.collect::<Vec<_>>()));
            let mut there: Vec<_> = there.filter(is_in).map(|(name, _)| name).collect();
            rooms.sort_unstable();
            there.sort_unstable();
            assert_eq!(rooms, there);
        }
    }
}
