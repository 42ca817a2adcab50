//! The traits of a framing: bytes to commands, and events to bytes.
//!
//! The traits are sans-IO: an implementation must not know a socket, a thread or the hub. So the same code runs over
//! TCP, a pipe or a test's `Vec`. One connection's reader thread owns the decoder ([`Session`]). All connections with
//! the same framing share the encoder ([`Encode`]).

pub(crate) mod access;

use std::any::TypeId;
use std::fmt;
use std::str::Utf8Error;
use std::sync::Arc;

use crate::model::command::{Command, CommandError};
use crate::model::event::Event;
use crate::model::name::{Name, Nick};
use crate::model::password::Password;
use crate::model::text::Text;

/// The decoder of one connection's framing.
///
/// `chat-core/examples/framing.rs` is a complete framing in a few lines.
///
/// 1. The server calls [`encoder`](Self::encoder) once, when it accepts the connection.
/// 2. The server then calls [`register`](Self::register), and again after each [`decode`](Self::decode), until the hub
///    admits the connection. It reports each answer with [`admitted`](Self::admitted) or [`refused`](Self::refused).
/// 3. The server runs the session on the connection's reader thread, which has a stack of 128 KiB.
/// 4. If the session panics, the server closes only this connection.
pub trait Session: Send {
    /// Decodes the next request: consumes bytes from the front of `input`, and returns the first complete request.
    ///
    /// 1. `Ok(None)` asks for more bytes. The next call gets the bytes that are left in `input`, followed by new ones.
    /// 2. A session appends its own answers, such as a help text or a parse error, to `reply`. The server sends them in
    ///    order: before any answer to the request that the same call returns.
    /// 3. After a call that consumes bytes and answers, the server calls again, even if the call returned `Ok(None)`.
    ///    Return after each answer, so that the server can bound the answers.
    /// 4. Bound the bytes that you leave in `input`: at 64 KiB, the server closes the connection.
    ///
    /// # Errors
    ///
    /// Returns [`FramingError`] if the rest of the stream is unreadable. The server sends the error to the client and
    /// closes the connection.
    fn decode(&mut self, input: &mut &[u8], reply: &mut Vec<u8>) -> Result<Option<Request>, FramingError>;

    /// Decodes an incomplete frame at the end of the stream. The default drops the frame.
    ///
    /// `rest` holds the bytes that [`decode`](Self::decode) left.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`decode`](Self::decode).
    fn finish(&mut self, rest: &[u8], reply: &mut Vec<u8>) -> Result<Option<Request>, FramingError> {
        let _ = (rest, reply);
        Ok(None)
    }

    /// Returns the registration once it is complete. The default returns one at once, without a nick.
    ///
    /// The server drops commands from before the registration, except [`Quit`](Command::Quit), so a framing with a
    /// handshake must answer them itself. The server closes a connection that does not register within
    /// [`Limits::handshake_timeout`](crate::hub::Limits::handshake_timeout).
    fn register(&mut self) -> Option<Registration> {
        Some(Registration::default())
    }

    /// Notes that the hub admitted the connection under this name.
    ///
    /// The [responder](Self::responder) or the [encoder](Self::encoder) greets the client, when it encodes
    /// [`Welcome`](crate::event::OwnEvent::Welcome).
    fn admitted(&mut self, name: &Name) {
        let _ = name;
    }

    /// Notes that the [registration](Self::register) was refused. Returns whether the client may register again.
    ///
    /// After `false`, the server sends the reason as [`Closed`](crate::event::OwnEvent::Closed), and closes the
    /// connection. The default returns `false`.
    fn refused(&mut self, why: &CommandError, reply: &mut Vec<u8>) -> bool {
        let _ = (why, reply);
        false
    }

    /// Returns the responder of the connection. The server calls this at each registration.
    ///
    /// This responder encodes events for this connection alone, such as a private message, unless they answer a request
    /// that has [its own responder](Request::responder). After `None`, the default, the encoder encodes them.
    fn responder(&mut self) -> Option<Box<dyn Respond>> {
        None
    }

    /// Returns the encoder for the connection. The server calls it once, when it accepts the connection.
    fn encoder(&self) -> Encoder;

    /// Returns the framing to upgrade to, if any. The server calls this after each [`decode`](Self::decode).
    ///
    /// The upgrade applies to the answer of the request that this `decode` returned, and to all later events, but not
    /// to the reply of this `decode`. The default returns `None`.
    fn upgrade(&mut self) -> Option<Upgrade> {
        None
    }
}

/// A command, and the responder that encodes the answer to it.
///
/// ```
/// use chat_core::Command;
/// use chat_core::session::Request;
///
/// let request = Request::from(Command::say("hello"));
/// assert!(request.responder.is_none(), "the connection's encoder encodes the answer");
/// ```
pub struct Request {
    /// The command.
    pub command: Command,
    /// Encodes every event that this connection receives because of the command. The responder can carry data for the
    /// answer, such as an id. With `None`, the [responder of the connection](Session::responder) encodes these events,
    /// or else the encoder.
    pub responder: Option<Box<dyn Respond>>,
}

impl From<Command> for Request {
    fn from(command: Command) -> Request {
        Request { command, responder: None }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("command", &self.command).finish_non_exhaustive()
    }
}

/// The encoder and responder that a [`Session`] upgrades to.
///
/// ```
/// use chat_core::{Encoder, Line, Session};
/// use chat_core::session::Upgrade;
///
/// let upgrade = Upgrade::from(Line::default().encoder());
/// assert!(upgrade.responder.is_none() && !upgrade.welcome);
/// ```
pub struct Upgrade {
    /// The new encoder.
    pub encoder: Encoder,
    /// The new [responder of the connection](Session::responder). With `None`, the encoder encodes all events.
    pub responder: Option<Box<dyn Respond>>,
    /// Whether the client receives [`Welcome`](crate::event::OwnEvent::Welcome) in the new framing.
    pub welcome: bool,
}

impl From<Encoder> for Upgrade {
    fn from(encoder: Encoder) -> Upgrade {
        Upgrade { encoder, responder: None, welcome: false }
    }
}

impl fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgrade").field("encoder", &self.encoder).finish_non_exhaustive()
    }
}

/// A connection's request to join the hub.
///
/// By default the member has no nick, begins in the server's home room, and receives the history of each room.
///
/// ```
/// use chat_core::name::Nick;
/// use chat_core::session::Registration;
///
/// let nick: Nick = "alice".parse()?;
/// let mut registration = Registration::from(nick);
/// registration.begins_in_room = false;
/// # Ok::<(), chat_core::name::ParseNickError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Registration {
    /// The nick to use; `None` for an assigned name. Default: `None`.
    pub nick: Option<Nick>,
    /// The server password, if the client gave one ([`Server::set_password`](crate::Server::set_password)). Default:
    /// `None`.
    pub password: Option<Password>,
    /// The user name ([`Profile::user`](crate::name::Profile::user)). Default: `chat`.
    pub user: Text,
    /// The real name ([`Profile::real_name`](crate::name::Profile::real_name)). Default: empty.
    pub real_name: Text,
    /// Whether the member begins in the server's home room; otherwise it begins in no room. Default: true.
    pub begins_in_room: bool,
    /// Whether the hub sends the history of a room when the member enters it. Default: true.
    pub wants_history: bool,
    /// Whether the client keeps member lists. If so, the hub sends the client the members of each room that it enters.
    /// [`Limits::list`](crate::hub::Limits::list) does not shorten lists for such a client. Default: false.
    pub keeps_lists: bool,
}

impl Default for Registration {
    fn default() -> Registration {
        let (user, real_name) = (Text::clean("chat"), Text::clean(""));
        Registration {
            nick: None,
            password: None,
            user,
            real_name,
            begins_in_room: true,
            wants_history: true,
            keeps_lists: false,
        }
    }
}

impl From<Nick> for Registration {
    /// Returns the default registration with this nick.
    fn from(nick: Nick) -> Registration {
        Registration { nick: Some(nick), ..Registration::default() }
    }
}

/// An encoder of events for one connection, whose bytes may depend on the connection's name or requests.
///
/// A responder belongs either to a [`Request`], whose answer it encodes, or [to the connection](Session::responder).
/// The thread that runs the hub calls the responder, as it calls [`Encode`]. A responder may share data with its
/// [`Session`].
pub trait Respond: Send {
    /// Appends the bytes of an event for this connection.
    ///
    /// The responder of a request gets every event that the connection receives because of the request, including
    /// events of rooms. The responder of the connection gets [`Welcome`](crate::event::OwnEvent::Welcome) first, then
    /// the events for this connection alone, unless they answer a request that has its own responder.
    fn reply(&mut self, event: &Event, out: &mut Vec<u8>);

    /// Appends the echo of the message that the request sent. The default appends nothing.
    fn echo(&mut self, event: &Event, out: &mut Vec<u8>) {
        let _ = (event, out);
    }

    /// Ends the answer to the request, after all its events; may append bytes. The default appends nothing.
    fn done(&mut self, out: &mut Vec<u8>) {
        let _ = out;
    }
}

/// An error that makes the rest of a stream unreadable. The server sends its text to the client.
///
/// ```
/// use chat_core::FramingError;
///
/// let error = FramingError::new("frame of 70000 bytes; at most 65535 are allowed");
/// assert_eq!(error.to_string(), "frame of 70000 bytes; at most 65535 are allowed");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct FramingError {
    why: String,
}

impl FramingError {
    /// Creates an error from one line that says what was wrong and what is allowed.
    pub fn new(why: impl Into<String>) -> FramingError {
        FramingError { why: why.into() }
    }
}

impl From<Utf8Error> for FramingError {
    fn from(error: Utf8Error) -> FramingError {
        FramingError::new(format!("frame is not UTF-8 from byte {} on", error.valid_up_to()))
    }
}

/// The encoder of one framing: events to bytes.
///
/// 1. The hub calls the encoder once for each event, for all members with equal encoders. So the bytes must not depend
///    on the recipient.
/// 2. The thread that runs the hub calls the encoder: the hub's own thread, a connection's reader thread (with a stack
///    of 128 KiB) or the thread of a [`Member`](crate::hub::Member). So an encoder must not block.
pub trait Encode: Send + Sync + 'static {
    /// Appends the bytes of `event` to `out`, or nothing if the framing does not show the event.
    fn encode(&self, event: &Event, out: &mut Vec<u8>);

    /// Appends the bytes of `event` for members whose current room is not the event's room.
    ///
    /// The default appends the bytes of [`encode`](Self::encode). If you override this, also override
    /// [`distinguishes_rooms`](Self::distinguishes_rooms).
    fn encode_elsewhere(&self, event: &Event, out: &mut Vec<u8>) {
        self.encode(event, out);
    }

    /// Appends the confirmation of a private message for the member who sent it. The default appends nothing.
    ///
    /// `event` is an [`OwnEvent::PrivateMessage`](crate::event::OwnEvent::PrivateMessage). The hub calls this only for
    /// a connection without a [responder](Session::responder).
    fn encode_own(&self, event: &Event, out: &mut Vec<u8>) {
        let _ = (event, out);
    }

    /// Returns whether [`encode_elsewhere`](Self::encode_elsewhere) differs from [`encode`](Self::encode). If so, the
    /// hub encodes each event of a room with both. The default returns `false`.
    fn distinguishes_rooms(&self) -> bool {
        false
    }

    /// Returns a number that differs between encoders of this type that encode differently. The default returns 0.
    ///
    /// The default is right for a type without fields. Otherwise compute the number from the fields that affect the
    /// bytes.
    fn variant(&self) -> u64 {
        0
    }
}

/// Whether a room is the current room of a member who is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The room is the member's current room.
    Here,
    /// Another room is the member's current room.
    Elsewhere,
}

/// A shared [`Encode`]. Cheap to clone.
///
/// Two encoders are equal if they have the same type and the same [variant](Encode::variant). Equal encoders share
/// bytes.
///
/// ```
/// use chat_core::{Encode, Encoder, Event};
///
/// struct Dots;
/// impl Encode for Dots {
///     fn encode(&self, _: &Event, out: &mut Vec<u8>) {
///         out.push(b'.');
///     }
/// }
/// assert_eq!(Encoder::new(Dots), Encoder::new(Dots));
/// ```
#[derive(Clone)]
pub struct Encoder {
    encode: Arc<dyn Encode>,
    kind: (TypeId, u64),
}

impl Encoder {
    /// Creates a shared encoder.
    pub fn new<E: Encode>(encode: E) -> Encoder {
        let kind = (TypeId::of::<E>(), encode.variant());
        Encoder { encode: Arc::new(encode), kind }
    }

    /// Appends the bytes of `event` to `out`.
    pub fn encode(&self, event: &Event, out: &mut Vec<u8>) {
        self.encode.encode(event, out);
    }

    /// Appends the bytes of `event` for members whose current room is its room ([`Place::Here`]) or another room.
    pub(crate) fn encode_in(&self, place: Place, event: &Event, out: &mut Vec<u8>) {
        match place {
            Place::Here => self.encode.encode(event, out),
            Place::Elsewhere => self.encode.encode_elsewhere(event, out),
        }
    }

    /// Appends the confirmation of a private message for the member who sent it.
    pub(crate) fn encode_own(&self, event: &Event, out: &mut Vec<u8>) {
        self.encode.encode_own(event, out);
    }

    pub(crate) fn distinguishes_rooms(&self) -> bool {
        self.encode.distinguishes_rooms()
    }
}

impl PartialEq for Encoder {
    fn eq(&self, other: &Encoder) -> bool {
        self.kind == other.kind
    }
}

impl Eq for Encoder {}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder").field("kind", &self.kind).finish_non_exhaustive()
    }
}
