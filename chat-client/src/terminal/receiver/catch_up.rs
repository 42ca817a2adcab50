//! Catching up after connecting: the commands that restore your nickname and rooms, and that ask for the missed
//! history.
//!
//! This module must not know how [`CatchUp`] sorts events.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::Receiver;
use super::reconnect::{BACKOFF, Reconnect, Snapshot};
use crate::chat::catch_up::CatchUp;
use crate::net::event::Event;
use crate::net::sanitize::printable;

/// The delay before the client first asks again for a nickname that is in use. It doubles with each attempt.
///
/// The client asks again because the server may not yet have noticed that the old connection is gone.
const NICK_RETRY_DELAY: Duration = Duration::from_secs(2);

impl Receiver {
    /// Sends the commands that set up, or restore, your nickname and rooms, and that ask for the history.
    pub(super) fn start_catch_up(&self, hello: &Event, reconnect: &mut Reconnect) -> CatchUp {
        let is_same_server = self.view.lock().start_connection(hello);
        let default_room = hello.str("room").map(printable);
        let is_first = reconnect.snapshot.is_none();
        if let Some(snapshot) = reconnect.snapshot.as_mut().filter(|_| !is_same_server) {
            snapshot.last_event = 0;
        }
        let snapshot = reconnect.snapshot.clone().unwrap_or_else(|| Snapshot {
            last_event: 0,
            nick: None,
            chosen_nick: self.options.nick.clone(),
            rooms: self.options.rooms.clone(),
        });
        let mut pending = Vec::new();
        let mut nick_request = None;
        if let Some(nick) = &snapshot.chosen_nick {
            let id = self.session.request(json!({"command": "nick", "name": nick}));
            pending.push(id);
            if !is_first {
                nick_request = Some(id);
                self.retry_nick(nick);
            }
        }
        if let Some(room) = default_room.as_ref().filter(|_| is_first) {
            pending.push(self.session.request(json!({"command": "history", "room": room})));
            pending.push(self.session.request(json!({"command": "topic", "room": room})));
        }
        for room in &snapshot.rooms {
            // Join the default room again as well, because the room that is joined last becomes the current room.
            let mut join = json!({"command": "join", "room": room});
            if let Some(key) = self.view.lock().key(room) {
                join["key"] = json!(key);
            }
            pending.push(self.session.request(join));
            if !is_first {
                let history = json!({"command": "history", "room": room, "after": snapshot.last_event});
                pending.push(self.session.request(history));
            }
            pending.push(self.session.request(json!({"command": "who", "room": room})));
        }
        match default_room {
            Some(room) if !is_first && !snapshot.rooms.contains(&room) => {
                pending.push(self.session.request(json!({"command": "part", "room": room})));
            }
            Some(room) if is_first => pending.push(self.session.request(json!({"command": "who", "room": room}))),
            _ => {}
        }
        if is_first {
            pending.push(self.session.request(json!({"command": "line", "line": "/help all"})));
        }
        CatchUp {
            last_event: snapshot.last_event,
            bytes: 0,
            pending,
            nick_request,
            is_first,
            nick: snapshot.nick,
            numbered: BTreeMap::new(),
            others: Vec::new(),
            delivered: Vec::new(),
        }
    }

    /// Shows the collected events, and sends the lines that you typed during the catch-up.
    pub(super) fn finish_catch_up(&self, catch_up: Option<CatchUp>) {
        let Some(catch_up) = catch_up else { return };
        if !catch_up.is_first {
            self.screen.show(&["* reconnected"]);
        }
        let numbered = catch_up.numbered.values().map(|(event, is_past)| (event, *is_past));
        for (event, is_past) in catch_up.others.iter().map(|event| (event, false)).chain(numbered) {
            if is_past {
                let lines = {
                    let mut view = self.view.lock();
                    view.mark_seen(event);
                    view.render_past(event)
                };
                self.screen.show(&lines);
            } else {
                self.show(event);
            }
        }
        let dropped = self.session.resume(catch_up.delivered);
        let dropped = dropped.iter().map(|line| format!("! connection lost; this command may not have run: {line}"));
        self.screen.show(&dropped.collect::<Vec<_>>());
    }

    /// Starts a thread that asks for your nickname again and again, until you have a nickname or this connection ends.
    fn retry_nick(&self, nick: &str) {
        let (session, view, retries, nick) =
            (Arc::clone(&self.session), self.view.clone(), Arc::clone(&self.nick_retries), nick.to_owned());
        let connection = session.connection();
        // If the system refuses the thread, the client makes only the first attempt.
        let _ = thread::Builder::new().name("nick".to_owned()).spawn(move || {
            let mut delay = NICK_RETRY_DELAY;
            loop {
                thread::sleep(delay);
                delay = (delay * 2).min(BACKOFF.1);
                let has_nick = view.lock().chosen_nick().is_some();
                if has_nick || session.connection() != connection {
                    return;
                }
                // Hold the lock while sending, so that `retries` contains the `id` before the reply arrives.
                let mut retries = retries.lock().unwrap_or_else(PoisonError::into_inner);
                retries.insert(session.request(json!({"command": "nick", "name": nick})));
            }
        });
    }
}
