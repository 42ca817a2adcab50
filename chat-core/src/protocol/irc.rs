//! The IRC client protocol, for irssi, `WeeChat`, `HexChat` and bots.
//!
//! This module follows "Modern IRC Client Protocol" (<https://modern.ircdocs.horse>). Where that page is silent, this
//! module follows RFC 2812 and RFC 1459. Extensions follow the [IRCv3 specifications](https://ircv3.net/irc/).
//! `PROTOCOL.md` lists the implemented commands and extensions.
//!
//! This module must not know the other members of a room, or the result of a command: only the [`Responder`] receives
//! both.

mod capability;
mod commands;
mod decoder;
mod encode;
mod filter;
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
mod source;
mod whox;

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

use crate::model::command::{Command, CommandError};
use crate::model::limits::Limits;
use crate::model::name::Name;
use crate::protocol::sniff;
use crate::session::{Encoder, FramingError, Registration, Request, Respond, Session, Upgrade};
use capability::Capabilities;
use decoder::{LineDecoder, TooLong};
use encode::IrcEncoder;
use line::ReplyWriter;
use message::ClientMessage;
use options::Config;
pub use options::IrcOptions;
use registration::ClientRegistration;
use respond::Responder;
use shared::{Asked, Kind, Label, Shared};

/// The session of one IRC client.
///
/// ```
/// use chat_core::Session;
/// use chat_core::hub::Limits;
/// use chat_core::protocol::{Irc, IrcOptions};
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
    decoder: LineDecoder,
    /// The parts of its registration that the client has sent so far; `None` after the hub has admitted the client.
    registration: Option<ClientRegistration>,
    /// The capabilities after the last `CAP REQ`.
    capabilities: Capabilities,
    shared: Shared,
    /// The commands of parsed lines that [`Session::decode`] has not returned yet.
    commands: VecDeque<(Command, Asked)>,
    /// The framing to upgrade to, after a change of capabilities.
    upgrade: Option<Upgrade>,
    /// The number of labeled answers that the session itself has written. It makes the references of their IRCv3
    /// batches unique.
    batches: u64,
    /// Whether no byte of the stream has arrived yet.
    at_start: bool,
}

impl Irc {
    /// Returns a factory of sessions for one server.
    pub fn server(options: IrcOptions, limits: &Limits) -> impl Fn() -> Irc + Clone + Send + use<> {
        let config = Config::new(options, limits);
        move || Irc {
            config: Arc::clone(&config),
            decoder: LineDecoder::default(),
            registration: Some(ClientRegistration::default()),
            capabilities: Capabilities::default(),
            shared: Shared::new(),
            commands: VecDeque::new(),
            upgrade: None,
            batches: 0,
            at_start: true,
        }
    }

    /// Queues a command for the hub, with the details that its answer depends on.
    fn ask(&mut self, command: Command, asked: Asked) {
        self.commands.push_back((command, asked));
    }

    /// Runs one complete line.
    fn line(&mut self, line: &str, reply: &mut Vec<u8>) {
        let Some(message) = ClientMessage::parse(line) else { return };
        let labels = self.capabilities.has(capability::Capability::LabeledResponse);
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
        // The responder sends this answer with the label, before the hub's answer.
        let last = self.commands.len() - 1;
        for (number, (_, asked)) in self.commands.iter_mut().enumerate().skip(before) {
            let before = mem::take(&mut answer);
            asked.label = Some(Label { text: label.clone(), before, last: number == last });
        }
    }

    /// Appends an answer of the session itself.
    fn reply(&self, out: &mut Vec<u8>, write: impl FnOnce(ReplyWriter<'_>, &mut Vec<u8>)) {
        write(self.shared.lock().reply(&self.config), out);
    }

    /// Takes the next queued command.
    fn next_request(&mut self) -> Option<Request> {
        let (command, asked) = self.commands.pop_front()?;
        Some(Request { command, responder: Some(self.responder_for(asked)) })
    }

    /// Returns a responder with the capabilities as they are now.
    fn responder_for(&self, asked: Asked) -> Box<dyn Respond> {
        Box::new(Responder::new(Arc::clone(&self.config), self.shared.clone(), self.capabilities, asked))
    }

    /// Sets the capabilities, which apply from the next command on.
    fn set_capabilities(&mut self, capabilities: Capabilities) {
        self.capabilities = capabilities;
        let responder = Some(self.responder_for(Asked::default()));
        self.upgrade = Some(Upgrade { encoder: self.shared_encoder(), responder, welcome: false });
    }

    fn shared_encoder(&self) -> Encoder {
        let capabilities = self.capabilities.shared();
        Encoder::new(IrcEncoder { config: Arc::clone(&self.config), capabilities })
    }
}

impl Session for Irc {
    fn decode(&mut self, input: &mut &[u8], reply: &mut Vec<u8>) -> Result<Option<Request>, FramingError> {
        if self.at_start && !input.is_empty() {
            self.at_start = false;
            sniff::check_first_byte(input[0])?;
        }
        loop {
            if let Some(request) = self.next_request() {
                return Ok(Some(request));
            }
            // Stop here, so that the hub admits the client before the session decodes the next lines: they are a
            // member's.
            if self.registration.as_ref().is_some_and(ClientRegistration::is_complete) {
                return Ok(None);
            }
            match self.decoder.next(input) {
                None => return Ok(None),
                Some(Err(TooLong)) => self.reply(reply, |to, out| {
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
                            ":{} FAIL * INVALID_UTF8 :Message rejected, your software MUST use UTF-8 encoding on this network",
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
        self.reply(reply, |to, out| refusal::write(to, &asked, why, out));
        // A wrong password ends the connection (Modern IRC Client Protocol, "PASS message").
        !matches!(why, CommandError::Banned { .. }) && !why.is_about_password()
    }

    fn responder(&mut self) -> Option<Box<dyn Respond>> {
        Some(self.responder_for(Asked::default()))
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
