//! What comes from the server, for somebody in a terminal: over one connection after the other.

mod entry;
mod way;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader, Cursor, Read as _, Write as _};
use std::net::TcpStream;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use chat_core::Text;
use serde_json::json;

use self::way::{BACKOFF, Before, End, Way};
use crate::chat::resuming::Resuming;
use crate::chat::view::SharedView;
use crate::failure::Failure;
use crate::net::connect;
use crate::net::greeting::is_password_request;
use crate::net::incoming::Incoming;
use crate::net::link::Link;
use crate::net::outgoing::Outgoing;
use crate::net::wire::{self, Event};
use crate::secret::Secret;
use crate::terminal::raw_mode::Terminal;
use crate::terminal::screen::{Ending, Screen, print};

/// How soon a name that is taken is asked for again: the server may not have noticed yet that the old connection is gone.
const NAME_AGAIN: Duration = Duration::from_secs(2);

/// Where the server is, and what one wants to be there.
#[derive(Clone, Debug)]
pub(crate) struct Wishes {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) nick: Option<String>,
    pub(crate) rooms: Vec<String>,
    /// The server's password, if it was given with the options.
    pub(crate) password: Option<Secret>,
    pub(crate) reconnect: bool,
}

impl Wishes {
    /// What is wanted to be, as lines for the server.
    pub(crate) fn lines(&self) -> String {
        let nick = self.nick.iter().map(|nick| format!("/nick {nick}\n"));
        nick.chain(self.rooms.iter().map(|room| format!("/join {room}\n"))).collect()
    }
}

/// The reading side of somebody who chats.
pub(crate) struct Reading {
    pub(crate) wishes: Wishes,
    pub(crate) link: Arc<Link>,
    pub(crate) view: SharedView,
    pub(crate) screen: Arc<Screen>,
    pub(crate) terminal: Terminal,
    /// The commands by which a name was asked for again.
    pub(crate) retries: Arc<Mutex<BTreeSet<u64>>>,
}

impl Reading {
    /// Shows what comes, until the user leaves. If the server goes first and does not come again, the process ends here.
    pub(crate) fn run(self, stream: &Arc<TcpStream>) {
        let mut way = Way::default();
        let mut end = self.listen(stream, &mut way);
        loop {
            if !matches!(end, End::Late) {
                self.link.settled();
            }
            let may_come_again = match end {
                End::Late => true,
                End::Lost(_) => self.wishes.reconnect && self.link.speaks_json(),
                End::ForGood(_) => false,
            };
            if !may_come_again || !self.screen.is_open() {
                break;
            }
            self.link.lose();
            if way.before.is_none() && way.is_settled {
                way.before = Some(self.before());
            }
            if matches!(end, End::Late) {
                way.wait = Duration::ZERO;
            } else if !std::mem::replace(&mut way.is_told, true) {
                self.screen.show(&["* the connection is lost; trying to connect again"]);
            }
            let Some(stream) = self.connect_again(&mut way.wait) else { return };
            end = self.listen(&stream, &mut way);
        }
        let failure = match end {
            End::Lost(None) | End::Late => Failure::Disconnected,
            End::Lost(Some(why)) => Failure::Closed(why),
            End::ForGood(failure) => failure,
        };
        match self.screen.end() {
            Ending::UserLeft => return,
            Ending::Painted => self.terminal.restore(),
            Ending::Unanswered(rest) => {
                self.terminal.restore();
                let _ = print(&format!("\n{rest}"));
            }
        }
        let _ = writeln!(io::stderr(), "{failure}");
        process::exit(i32::from(failure.code()));
    }

    /// What is to be had again by the next connection.
    fn before(&self) -> Before {
        let view = self.view.lock();
        Before {
            seen: view.last(),
            name: view.name().map(str::to_owned),
            nick: view.chosen_name().map(str::to_owned),
            rooms: view.rooms().to_vec(),
        }
    }

    /// Another connection; none if the user leaves meanwhile.
    fn connect_again(&self, wait: &mut Duration) -> Option<Arc<TcpStream>> {
        loop {
            // All who were there come again at once, if nothing tells them apart.
            if !self.screen.sleep(wait.mul_f64(0.5 + fastrand::f64() / 2.0)) {
                return None;
            }
            *wait = (*wait * 2).clamp(BACKOFF.0, BACKOFF.1);
            let Ok(stream) = connect::connect(&self.wishes.host, self.wishes.port) else { continue };
            let stream = Arc::new(stream);
            let Ok(outgoing) = Outgoing::start(Arc::clone(&stream)) else { continue };
            self.link.resume(outgoing);
            return Some(stream);
        }
    }

    /// Shows what comes by a connection.
    fn listen(&self, stream: &Arc<TcpStream>, way: &mut Way) -> End {
        let mut incoming = Incoming::new(Arc::clone(stream));
        let mut refusal = None;
        // Closed or broken is the same to somebody who chats: it is over.
        while let Ok(Some(lines)) = incoming.receive() {
            if incoming.is_greeted() {
                self.link.switch();
                let Ok(stream) = stream.try_clone() else { return End::Lost(None) };
                let _ = stream.set_read_timeout(None);
                let requires_password = lines.iter().any(|line| is_password_request(line));
                let rest = BufReader::new(Cursor::new(incoming.into_rest()).chain(stream));
                return self.listen_to_json(rest, requires_password, way).unwrap_or(End::Lost(None));
            }
            self.link.settled();
            // Each try may be refused for the same reason; that need not be told each time.
            if way.is_told {
                refusal = lines.last().map(|line| line.as_str().to_owned());
                if way.refusal == refusal {
                    continue;
                }
                way.refusal.clone_from(&refusal);
            }
            self.screen.show(&lines.iter().map(Text::as_str).collect::<Vec<_>>());
        }
        End::Lost(refusal)
    }

    fn listen_to_json(
        &self,
        mut lines: impl io::BufRead,
        mut requires_password: bool,
        way: &mut Way,
    ) -> io::Result<End> {
        let mut next = || wire::read_line(&mut lines)?.ok_or(io::Error::from(io::ErrorKind::UnexpectedEof));
        // What was said meanwhile, and before, is asked for.
        loop {
            let line = next()?;
            if line == wire::SWITCHED {
                break;
            }
            requires_password |= is_password_request(&line);
        }
        let hello = if requires_password {
            match self.enter(way, &mut next)? {
                Ok(hello) => hello,
                Err(end) => return Ok(end),
            }
        } else {
            Event::parse(&next()?)?
        };
        if way.before.is_none() && !std::mem::replace(&mut way.is_welcomed, true) {
            let motd: Vec<String> = hello.texts("motd").iter().map(|line| format!("* {line}")).collect();
            self.screen.show(&motd);
        }
        let mut resuming = Some(self.resume(&hello, way));
        loop {
            let line = next()?;
            let event = Event::parse(&line)?;
            if wire::is_about_entry(&event) {
                continue;
            }
            if event.kind() == "closed" {
                return Ok(End::closed(&event));
            }
            if let (Some(id), "done") = (event.number("id"), event.kind()) {
                self.link.done(id);
            }
            // That one's own name is still taken was told already; you leave even if the server does not take the message.
            let is_known = |id| self.retries().contains(&id) || self.link.is_farewell(id);
            if event.kind() == "refused" && event.number("id").is_some_and(is_known) {
                continue;
            }
            if let Some(resumed) = resuming.as_mut() {
                resumed.bytes += line.len();
                if resumed.take(&event, &mut self.view.lock()) {
                    self.show(&mut resuming);
                    *way = Way { is_settled: true, ..Way::default() };
                }
                continue;
            }
            self.show_event(&event);
        }
    }

    /// Asks for all that one was, and for what was missed.
    fn resume(&self, hello: &Event, way: &mut Way) -> Resuming {
        let is_same = self.view.lock().begin(hello);
        let home = hello.str("room").map(wire::printable);
        let is_first = way.before.is_none();
        if let Some(before) = way.before.as_mut().filter(|_| !is_same) {
            before.seen = 0;
        }
        let before = way.before.clone().unwrap_or_else(|| Before {
            seen: 0,
            name: None,
            nick: self.wishes.nick.clone(),
            rooms: self.wishes.rooms.clone(),
        });
        let seen = before.seen;
        let mut open = Vec::new();
        let mut naming = None;
        if let Some(nick) = &before.nick {
            let id = self.link.ask(json!({"command": "nick", "name": nick}));
            open.push(id);
            if !is_first {
                naming = Some(id);
                self.ask_for_the_name_again(nick);
            }
        }
        if let Some(home) = home.as_ref().filter(|_| is_first) {
            open.push(self.link.ask(json!({"command": "history", "room": home})));
            open.push(self.link.ask(json!({"command": "topic", "room": home})));
        }
        for room in &before.rooms {
            // Also the first one: the last that is joined is the current one.
            let mut join = json!({"command": "join", "room": room});
            if let Some(key) = self.view.lock().key(room) {
                join["key"] = json!(key);
            }
            open.push(self.link.ask(join));
            if !is_first {
                open.push(self.link.ask(json!({"command": "history", "room": room, "after": seen})));
            }
            open.push(self.link.ask(json!({"command": "who", "room": room})));
        }
        match home {
            Some(home) if !is_first && !before.rooms.contains(&home) => {
                open.push(self.link.ask(json!({"command": "part", "room": home})));
            }
            Some(home) if is_first => open.push(self.link.ask(json!({"command": "who", "room": home}))),
            _ => {}
        }
        if is_first {
            open.push(self.link.ask(json!({"command": "line", "line": "/help all"})));
        }
        Resuming {
            seen,
            bytes: 0,
            open,
            naming,
            is_first,
            name: before.name,
            heard: BTreeMap::new(),
            others: Vec::new(),
            said: Vec::new(),
        }
    }

    /// Shows what was gathered, and lets go what was typed meanwhile.
    fn show(&self, resuming: &mut Option<Resuming>) {
        let Some(resumed) = resuming.take() else { return };
        if !resumed.is_first {
            self.screen.show(&["* connected again"]);
        }
        let past = resumed.heard.values().map(|(event, past)| (event, *past));
        for (event, is_past) in resumed.others.iter().map(|event| (event, false)).chain(past) {
            if is_past {
                let lines = {
                    let mut view = self.view.lock();
                    view.saw(event);
                    view.past(event)
                };
                self.screen.show(&lines);
            } else {
                self.show_event(event);
            }
        }
        let unknown = self.link.go_on(resumed.said);
        let unknown =
            unknown.iter().map(|line| format!("! the connection broke over this; it may be done or not: {line}"));
        self.screen.show(&unknown.collect::<Vec<_>>());
    }

    fn show_event(&self, event: &Event) {
        let shown = self.view.lock().heard(event);
        if shown.rings {
            self.screen.ring();
        }
        self.screen.show(&shown.lines);
    }

    /// Asks for a name now and then, until one has it or the connection is another one.
    fn ask_for_the_name_again(&self, nick: &str) {
        let (link, view, retries, nick) =
            (Arc::clone(&self.link), self.view.clone(), Arc::clone(&self.retries), nick.to_owned());
        let connection = link.connection();
        // Without a thread there is the first try.
        let _ = thread::Builder::new().name("name".to_owned()).spawn(move || {
            let mut wait = NAME_AGAIN;
            loop {
                thread::sleep(wait);
                wait = (wait * 2).min(BACKOFF.1);
                let is_named = view.lock().chosen_name().is_some();
                if is_named || link.connection() != connection {
                    return;
                }
                // Known before it is answered.
                let mut retries = retries.lock().unwrap_or_else(PoisonError::into_inner);
                retries.insert(link.ask(json!({"command": "nick", "name": nick})));
            }
        });
    }

    /// The commands by which a name was asked for again.
    fn retries(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.retries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
