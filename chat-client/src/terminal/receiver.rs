//! The receiver thread, which receives from the server and reconnects.
//!
//! This module must not know the line editor, except through the [`Screen`].

mod catch_up;
mod password;
mod reconnect;

use std::collections::BTreeSet;
use std::io::{self, BufReader, Cursor, Read as _, Write as _};
use std::net::TcpStream;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chat_core::message::Text;

use self::reconnect::{BACKOFF, Disconnect, Reconnect, Snapshot};
use super::raw_mode::RawMode;
use super::screen::{Screen, ScreenEnd};
use crate::chat::view::SharedView;
use crate::failure::Failure;
use crate::net::connect;
use crate::net::event::Event;
use crate::net::greeting::is_password_request;
use crate::net::json_connection::{UPGRADED, is_password_reply, read_line};
use crate::net::line_receiver::LineReceiver;
use crate::net::line_sender::LineSender;
use crate::net::options::ConnectOptions;
use crate::net::session::Session;
use crate::output::print;

/// The receiving side of an interactive session.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) options: ConnectOptions,
    pub(super) session: Arc<Session>,
    pub(super) view: SharedView,
    pub(super) screen: Arc<Screen>,
    pub(super) raw_mode: RawMode,
    /// The `id`s of the commands that ask for your nickname again. The client does not show their refusals.
    pub(super) nick_retries: Arc<Mutex<BTreeSet<u64>>>,
}

impl Receiver {
    /// Receives from the server until you leave.
    ///
    /// If the server closes first and the client does not reconnect, this function prints the reason and exits the
    /// process: rustyline has no way to stop the line editor from outside.
    pub(super) fn run(self, stream: &Arc<TcpStream>) {
        let mut reconnect = Reconnect::default();
        let mut disconnect = self.receive(stream, &mut reconnect);
        loop {
            if !matches!(disconnect, Disconnect::PasswordLate) {
                self.session.set_ready();
            }
            let may_reconnect = match disconnect {
                Disconnect::PasswordLate => true,
                Disconnect::Lost(_) => self.options.reconnect && self.session.speaks_json(),
                Disconnect::Final(_) => false,
            };
            if !may_reconnect || !self.screen.is_open() {
                break;
            }
            self.session.detach();
            if reconnect.snapshot.is_none() && reconnect.is_established {
                reconnect.snapshot = Some(self.snapshot());
            }
            if matches!(disconnect, Disconnect::PasswordLate) {
                reconnect.delay = Duration::ZERO;
            } else if !std::mem::replace(&mut reconnect.is_loss_shown, true) {
                self.screen.show(&["* connection lost; reconnecting"]);
            }
            let Some(stream) = self.connect_again(&mut reconnect.delay) else { return };
            disconnect = self.receive(&stream, &mut reconnect);
        }
        let failure = match disconnect {
            Disconnect::Lost(None) | Disconnect::PasswordLate => Failure::Disconnected,
            Disconnect::Lost(Some(reason)) => Failure::Closed(reason),
            Disconnect::Final(failure) => failure,
        };
        match self.screen.close() {
            ScreenEnd::UserLeft => return,
            ScreenEnd::Painted => self.raw_mode.restore(),
            ScreenEnd::TimedOut(rest) => {
                self.raw_mode.restore();
                let _ = print(&format!("\n{rest}"));
            }
        }
        let _ = writeln!(io::stderr(), "{failure}");
        process::exit(i32::from(failure.code()));
    }

    /// Returns the part of the view that the next connection restores.
    fn snapshot(&self) -> Snapshot {
        let view = self.view.lock();
        Snapshot {
            last_event: view.last_event(),
            nick: view.nick().map(str::to_owned),
            chosen_nick: view.chosen_nick().map(str::to_owned),
            rooms: view.rooms().to_vec(),
        }
    }

    /// Tries to connect until an attempt succeeds. Returns `None` if you leave first.
    fn connect_again(&self, delay: &mut Duration) -> Option<Arc<TcpStream>> {
        loop {
            // The random part of the delay keeps the clients of a restarted server from connecting all at once.
            if !self.screen.sleep(delay.mul_f64(0.5 + fastrand::f64() / 2.0)) {
                return None;
            }
            *delay = (*delay * 2).clamp(BACKOFF.0, BACKOFF.1);
            let Ok(stream) = connect::connect(&self.options.host, self.options.port) else { continue };
            let stream = Arc::new(stream);
            let Ok(sender) = LineSender::start(Arc::clone(&stream)) else { continue };
            self.session.attach(sender);
            return Some(stream);
        }
    }

    /// Receives from one connection until the connection ends. Upgrades it to JSON lines if the server's greeting
    /// offers them.
    fn receive(&self, stream: &Arc<TcpStream>, reconnect: &mut Reconnect) -> Disconnect {
        let mut receiver = LineReceiver::new(Arc::clone(stream));
        let mut refusal = None;
        // The client treats a closed connection and a broken connection alike.
        while let Ok(Some(lines)) = receiver.receive() {
            if receiver.is_greeted() {
                self.session.upgrade();
                let Ok(stream) = stream.try_clone() else { return Disconnect::Lost(None) };
                let _ = stream.set_read_timeout(None);
                let requires_password = lines.iter().any(|line| is_password_request(line.as_str()));
                let reader = BufReader::new(Cursor::new(receiver.into_partial_line()).chain(stream));
                return self.receive_json(reader, requires_password, reconnect).unwrap_or(Disconnect::Lost(None));
            }
            self.session.set_ready();
            // A server may refuse every attempt for the same reason. The client shows that reason once.
            if reconnect.is_loss_shown {
                refusal = lines.last().map(|line| line.as_str().to_owned());
                if reconnect.refusal == refusal {
                    continue;
                }
                reconnect.refusal.clone_from(&refusal);
            }
            self.screen.show(&lines.iter().map(Text::as_str).collect::<Vec<_>>());
        }
        Disconnect::Lost(refusal)
    }

    /// Receives JSON lines from a connection that is being upgraded, until it ends.
    fn receive_json(
        &self,
        mut reader: impl io::BufRead,
        mut requires_password: bool,
        reconnect: &mut Reconnect,
    ) -> io::Result<Disconnect> {
        let mut next = || read_line(&mut reader)?.ok_or(io::Error::from(io::ErrorKind::UnexpectedEof));
        // The client ignores messages that arrive as plain lines before the upgrade: the catch-up asks for the history.
        loop {
            let line = next()?;
            if line == UPGRADED {
                break;
            }
            requires_password |= is_password_request(&line);
        }
        let hello = if requires_password {
            match self.authenticate(reconnect, &mut next)? {
                Ok(hello) => hello,
                Err(disconnect) => return Ok(disconnect),
            }
        } else {
            Event::parse(&next()?)?
        };
        if reconnect.snapshot.is_none() && !std::mem::replace(&mut reconnect.is_motd_shown, true) {
            let motd: Vec<String> = hello.texts("motd").iter().map(|line| format!("* {line}")).collect();
            self.screen.show(&motd);
        }
        let mut catch_up = Some(self.start_catch_up(&hello, reconnect));
        loop {
            let line = next()?;
            let event = Event::parse(&line)?;
            if is_password_reply(&event) {
                continue;
            }
            if event.kind() == "closed" {
                return Ok(Disconnect::from_closed(&event));
            }
            if let (Some(id), "done") = (event.number("id"), event.kind()) {
                self.session.confirm(id);
            }
            // Only the first refusal of your nickname is shown. You leave even if the server refuses the quit message.
            let is_hidden = |id| self.nick_retries().contains(&id) || self.session.is_quit(id);
            if event.kind() == "refused" && event.number("id").is_some_and(is_hidden) {
                continue;
            }
            if let Some(collecting) = catch_up.as_mut() {
                collecting.bytes += line.len();
                if collecting.collect(&event, &mut self.view.lock()) {
                    self.finish_catch_up(catch_up.take());
                    *reconnect = Reconnect { is_established: true, ..Reconnect::default() };
                }
                continue;
            }
            self.show(&event);
        }
    }

    fn show(&self, event: &Event) {
        let rendered = self.view.lock().receive(event);
        if rendered.rings {
            self.screen.ring();
        }
        self.screen.show(&rendered.lines);
    }

    fn nick_retries(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.nick_retries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
