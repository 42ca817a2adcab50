//! The IRC client protocol: what irssi, `WeeChat`, `HexChat` and bots speak.
//!
//! After "Modern IRC Client Protocol" (<https://modern.ircdocs.horse>); where that is silent, RFC 2812 and 1459; for the
//! extensions, the [specifications of IRC version 3](https://ircv3.net/irc/). `PROTOCOL.md` tells what of it there is.
//!
//! It must not know who else is in a room, nor what became of a command: that comes back to the [`Responder`].

mod capability;
mod commands;
mod encode;
mod filter;
mod incoming;
mod label;
mod line;
mod member_replies;
mod message;
mod numeric;
mod options;
mod refusal;
mod registration;
mod replies;
mod respond;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod scene;
mod shared;
mod whox;

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

use crate::model::command::{Command, CommandError};
use crate::model::limits::Limits;
use crate::model::name::Name;
use crate::protocol::sniff;
use crate::session::{Encoder, FramingError, Registration, Respond, Session, Upgrade};
use capability::Capabilities;
use encode::IrcEncoder;
use incoming::{Incoming, TooLong};
use line::Reply;
use message::ClientMessage;
use options::Config;
pub use options::IrcOptions;
use registration::ClientRegistration;
use respond::Responder;
use shared::{Asked, Kind, Label, Shared};

/// The session of one IRC client.
///
/// ```
/// use chat_core::{Irc, IrcOptions, Limits, Session};
///
/// let mut session = Irc::server(IrcOptions::default(), &Limits::default())();
/// let (mut input, mut reply) = (&b"NICK alice\r\nUSER al 0 * :Alice\r\n"[..], Vec::new());
/// session.decode(&mut input, &mut reply)?;
/// assert!(session.register().is_some_and(|registration| registration.nick.is_some()));
/// # Ok::<(), chat_core::FramingError>(())
/// ```
#[derive(Debug)]
pub struct Irc {
    config: Arc<Config>,
    incoming: Incoming,
    /// What the client has told of itself, until it is in.
    registration: Option<ClientRegistration>,
    shared: Shared,
    /// What the lines so far lead to and was not returned yet.
    commands: VecDeque<(Command, Asked)>,
    /// Its peer reads something else from here on.
    upgrade: Option<Upgrade>,
    /// How many batches of answers there were.
    batches: u64,
    /// Nothing of the stream has come yet.
    untouched: bool,
}

impl Irc {
    /// Makes the sessions of one server, which all say the same of it.
    pub fn server(options: IrcOptions, limits: &Limits) -> impl Fn() -> Irc + Clone + Send + use<> {
        let config = Config::new(options, limits);
        move || Irc {
            config: Arc::clone(&config),
            incoming: Incoming::default(),
            registration: Some(ClientRegistration::default()),
            shared: Shared::new(),
            commands: VecDeque::new(),
            upgrade: None,
            batches: 0,
            untouched: true,
        }
    }

    /// Has the hub do something, which is told as what was asked.
    fn ask(&mut self, command: Command, asked: Asked) {
        self.commands.push_back((command, asked));
    }

    /// A line that is whole and text.
    fn line(&mut self, line: &str, reply: &mut Vec<u8>) {
        let Some(message) = ClientMessage::parse(line) else { return };
        let labels = self.shared.lock().capabilities.has(capability::Capability::LabeledResponse);
        let Some(label) = message.label.filter(|_| labels) else {
            return commands::run(self, &message, reply);
        };
        let mut answer = Vec::new();
        let before = self.commands.len();
        commands::run(self, &message, &mut answer);
        let label = label.to_owned();
        if self.commands.len() == before {
            self.batches += 1;
            label::answer(self.config.server(), &label, self.batches, &answer, reply);
            return;
        }
        // What the hub answers comes later, and the responder tells it behind this, with the label.
        let last = self.commands.len() - 1;
        for (number, (_, asked)) in self.commands.iter_mut().enumerate().skip(before) {
            let before = mem::take(&mut answer);
            asked.label = Some(Label { text: label.clone(), before, last: number == last });
        }
    }

    /// Tells the client something by itself.
    fn tell(&self, out: &mut Vec<u8>, tell: impl FnOnce(Reply<'_>, &mut Vec<u8>)) {
        tell(self.shared.lock().reply(&self.config), out);
    }

    /// The next command of those that wait.
    fn next_command(&mut self) -> Option<Command> {
        let (command, asked) = self.commands.pop_front()?;
        self.shared.lock().asked.push_back(asked);
        Some(command)
    }

    /// From here on the client is served so.
    fn choose(&mut self, capabilities: Capabilities) {
        let mut known = self.shared.lock();
        known.capabilities = capabilities;
        if self.registration.is_none() {
            known.switches.push_back(capabilities);
        }
        drop(known);
        self.upgrade = Some(self.shared_encoder().into());
    }

    fn shared_encoder(&self) -> Encoder {
        let capabilities = self.shared.lock().capabilities.shared();
        Encoder::new(IrcEncoder { config: Arc::clone(&self.config), capabilities })
    }
}

impl Session for Irc {
    fn decode(&mut self, input: &mut &[u8], reply: &mut Vec<u8>) -> Result<Option<Command>, FramingError> {
        if self.untouched && !input.is_empty() {
            self.untouched = false;
            sniff::check_first_byte(input[0])?;
        }
        loop {
            if let Some(command) = self.next_command() {
                return Ok(Some(command));
            }
            // Who is about to come in is asked first: what it sends behind that, it sends as a member.
            if self.registration.as_ref().is_some_and(ClientRegistration::is_ready) {
                return Ok(None);
            }
            match self.incoming.next(input) {
                None => return Ok(None),
                Some(Err(TooLong)) => self.tell(reply, |to, out| {
                    to.numeric(out, numeric::ERR_INPUTTOOLONG, &[], "Input line was too long");
                }),
                Some(Ok(line)) => match str::from_utf8(&line) {
                    Ok(line) => {
                        if self.registration.is_some() {
                            sniff::check_first_line(line.as_bytes())?;
                        }
                        self.line(line, reply);
                    }
                    // https://ircv3.net/specs/extensions/utf8-only
                    Err(_) => line::write(
                        reply,
                        format_args!(
                            ":{} FAIL * INVALID_UTF8 :ClientMessage is not UTF-8, and nothing of it was done",
                            self.config.server()
                        ),
                    ),
                },
            }
            if !reply.is_empty() && self.commands.is_empty() {
                return Ok(None);
            }
        }
    }

    fn register(&mut self) -> Option<Registration> {
        self.registration.as_mut()?.register()
    }

    fn admitted(&mut self, _: &Name) {
        self.registration = None;
        self.ask(Command::Census, Asked { kind: Kind::Welcome, ..Asked::default() });
    }

    fn refused(&mut self, why: &CommandError, reply: &mut Vec<u8>) -> bool {
        let asked = Asked { kind: Kind::Nick, ..Asked::default() };
        self.tell(reply, |to, out| refusal::write(to, &asked, why, out));
        // A wrong password ends the connection (Modern IRC Client Protocol, "PASS message").
        !matches!(why, CommandError::Banned { .. }) && !why.is_about_password()
    }

    fn responder(&mut self) -> Option<Box<dyn Respond>> {
        Some(Box::new(Responder::new(Arc::clone(&self.config), self.shared.clone())))
    }

    fn encoder(&self) -> Encoder {
        self.shared_encoder()
    }

    fn upgrade(&mut self) -> Option<Upgrade> {
        mem::take(&mut self.upgrade)
    }
}

#[cfg(test)]
mod tests;
