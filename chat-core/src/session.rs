//! How one connection's bytes become commands, and how events become bytes.
//!
//! A session is sans-IO: it never sees a socket, a thread or the hub, so the same code runs over TCP, a pipe or a
//! test's `Vec`. What decodes ([`Session`]) belongs to one connection's reader; what encodes ([`Encode`]) is shared by
//! all connections that speak alike.

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

/// One connection's framing, from the side that reads.
///
/// `chat-core/examples/framing.rs` is a whole one in a few lines.
pub trait Session: Send {
    /// Consumes what it can from the front of `input`, and returns the first command that it completes. `Ok(None)`
    /// asks for more bytes; what is then left in `input` comes again, with more behind it.
    ///
    /// What a session answers by itself (a help text, an error that concerns the peer alone) it appends to `reply`; it
    /// is sent in its turn, before anything that follows from the command which the same call returns. After a call that
    /// both consumed and answered, the session is called again, so it need not go on by itself: one that returns after
    /// each answer lets the answers be bounded.
    ///
    /// A session that leaves bytes in `input` must itself bound how many: past 64 KiB the connection is closed. It runs
    /// on a thread with a stack of 128 KiB. If it panics, its connection is closed, and that alone.
    ///
    /// # Errors
    ///
    /// [`FramingError`] if nothing that comes after can be read any more. The peer is told, and the connection closed.
    fn decode(&mut self, input: &mut &[u8], reply: &mut Vec<u8>) -> Result<Option<Command>, FramingError>;

    /// Says what an unfinished frame means when the stream comes to its end; `rest` is what [`decode`](Self::decode)
    /// left. By default nothing: it is dropped.
    ///
    /// # Errors
    ///
    /// As for [`decode`](Self::decode).
    fn finish(&mut self, rest: &[u8], reply: &mut Vec<u8>) -> Result<Option<Command>, FramingError> {
        let _ = (rest, reply);
        Ok(None)
    }

    /// Who wants to come in, as soon as that is known: asked when the connection is accepted, and as long as it is not
    /// in, behind each call of [`decode`](Self::decode). What is decoded before is not passed on, but for
    /// [`Quit`](Command::Quit); so a framing whose peers must say first who they are, answers them by itself. One who
    /// does not in [`Limits::handshake_timeout`](crate::Limits::handshake_timeout) is closed.
    ///
    /// By default somebody without a name of its own, at once.
    fn register(&mut self) -> Option<Registration> {
        Some(Registration::default())
    }

    /// It is in, under this name. What its peer is told of that, its [responder](Self::responder) or its
    /// [encoder](Self::encoder) makes of [`Welcome`](crate::EventKind::Welcome).
    fn admitted(&mut self, name: &Name) {
        let _ = name;
    }

    /// It can't come in as it was [registered](Self::register), and this is why. Whether it may be registered otherwise;
    /// if not, its encoder tells it so as [`Closed`](crate::EventKind::Closed), and the connection is closed. By default
    /// it may not.
    fn refused(&mut self, why: &CommandError, reply: &mut Vec<u8>) -> bool {
        let _ = (why, reply);
        false
    }

    /// What tells its peer about itself; asked each time that it is going to come in. By default its encoder does.
    fn responder(&mut self) -> Option<Box<dyn Respond>> {
        None
    }

    /// The encoder that its peer reads. Asked once, when the connection is accepted.
    fn encoder(&self) -> Encoder;

    /// What its peer reads from here on, if that is something else: for what follows from what is decoded next, and from
    /// what others do after that. Asked behind each call of [`decode`](Self::decode). By default nothing.
    fn upgrade(&mut self) -> Option<Upgrade> {
        None
    }
}

/// What the peer of a [`Session`] reads from here on.
///
/// ```
/// use chat_core::{Encoder, Line, Session, Upgrade};
///
/// let upgrade = Upgrade::from(Line::default().encoder());
/// assert!(upgrade.responder.is_none(), "the one that it has, if it has one, stays");
/// ```
pub struct Upgrade {
    /// What all are told that its peer is told.
    pub encoder: Encoder,
    /// What tells its peer about itself, if that is another from here on; the first thing that it tells is
    /// [`Welcome`](crate::EventKind::Welcome).
    pub responder: Option<Box<dyn Respond>>,
}

impl From<Encoder> for Upgrade {
    fn from(encoder: Encoder) -> Upgrade {
        Upgrade { encoder, responder: None }
    }
}

impl fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgrade").field("encoder", &self.encoder).finish_non_exhaustive()
    }
}

/// Who wants to come in by a connection. By default somebody who has not chosen a name, begins in the room that the
/// server is for, and wants to be told what was said there before.
///
/// ```
/// use chat_core::Registration;
///
/// let mut registration = Registration::default();
/// registration.nick = Some("alice".parse()?);
/// registration.begins_in_room = false;
/// # Ok::<(), chat_core::ParseNickError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Registration {
    /// What it wants to be called.
    pub nick: Option<Nick>,
    /// The server's password, if its peer gave one ([`Server::set_password`](crate::Server::set_password)). Default:
    /// none.
    pub password: Option<Password>,
    /// See [`Profile::user`](crate::Profile::user). Default: `chat`.
    pub user: Text,
    /// See [`Profile::real_name`](crate::Profile::real_name). Default: empty.
    pub real_name: Text,
    /// Whether it begins in the room that the server is for; else in none.
    pub begins_in_room: bool,
    /// Whether it wants to be told what was said in a room before, when it enters it.
    pub wants_history: bool,
    /// Whether it keeps lists, as programs do: then it is told who is in a room when it enters it, and whatever it is
    /// listed, is listed whole, however much that is ([`Limits::list`](crate::Limits::list)).
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

/// Turns into bytes what concerns one connection alone, where these depend on it: on its name, on what it has asked for.
///
/// It is called as [`Encode`] is. What it shares with its [`Session`] is its own business.
pub trait Respond: Send {
    /// Appends what its peer reads of `event`, which it is told alone: an answer, or something about itself or in private.
    /// The first is [`Welcome`](crate::EventKind::Welcome).
    /// It may also be something that others are told in the same way, such as that somebody left.
    fn tell(&mut self, event: &Event, out: &mut Vec<u8>);

    /// Appends what its peer reads of what it said itself, as the others are told. By default nothing.
    fn echo(&mut self, event: &Event, out: &mut Vec<u8>) {
        let _ = (event, out);
    }

    /// What its peer reads from here on is what the [`Session`] has [upgrade](Session::upgrade) to. Called once for each
    /// time that it did so as a member, in their order among the commands. By default nothing.
    fn upgrade(&mut self) {}

    /// Its next command is at hand: what it is told before [`done`](Self::done) follows from that. That is all that the peer
    /// is told of it, also what everybody else in a room is told. Called once for each, in their order.
    fn begin(&mut self) {}

    /// All that the command at hand leads to is told. By default nothing.
    fn done(&mut self, out: &mut Vec<u8>) {
        let _ = out;
    }
}

/// What makes a stream unreadable from here on. Its text is shown to the peer.
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
    /// What was wrong, and what is allowed: one line.
    pub fn new(why: impl Into<String>) -> FramingError {
        FramingError { why: why.into() }
    }
}

impl From<Utf8Error> for FramingError {
    fn from(error: Utf8Error) -> FramingError {
        FramingError::new(format!("frame is not UTF-8 from byte {} on", error.valid_up_to()))
    }
}

/// Turns events into the bytes of one framing.
///
/// Called once for each event, for all members whose encoders are equal, by whichever thread runs the hub at the moment:
/// its own, a connection's (with a stack of 128 KiB) or a [`Member`](crate::Member)'s. So it must not block. The bytes of
/// one event must not depend on who hears it.
pub trait Encode: Send + Sync + 'static {
    /// Appends the bytes of `event` to `out`; nothing, for what this framing does not show.
    fn encode(&self, event: &Event, out: &mut Vec<u8>);

    /// As [`encode`](Self::encode), for those whose current room is another than the event's. By default the same; one
    /// that is not must say so in [`tells_rooms_apart`](Self::tells_rooms_apart).
    fn encode_elsewhere(&self, event: &Event, out: &mut Vec<u8>) {
        self.encode(event, out);
    }

    /// Whether [`encode_elsewhere`](Self::encode_elsewhere) differs from [`encode`](Self::encode), so that what is said in
    /// a room must be encoded for both. By default not.
    fn tells_rooms_apart(&self) -> bool {
        false
    }

    /// Tells encoders of one type apart: those with different numbers encode differently. By default all are alike, as
    /// is right for a type without fields; an encoder with fields that matter must make a number of them.
    fn variant(&self) -> u64 {
        0
    }
}

/// What a room is to a member who is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The one it speaks in.
    Here,
    /// Another one.
    Elsewhere,
}

/// A shared [`Encode`]. Two are equal if they have the same type and the same variant, so that they share bytes.
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
    /// Shares `encode`.
    pub fn new<E: Encode>(encode: E) -> Encoder {
        let kind = (TypeId::of::<E>(), encode.variant());
        Encoder { encode: Arc::new(encode), kind }
    }

    /// Appends the bytes of `event` to `out`.
    pub fn encode(&self, event: &Event, out: &mut Vec<u8>) {
        self.encode.encode(event, out);
    }

    /// Appends the bytes of `event`, as those see it for whom its room is this place.
    pub(crate) fn encode_in(&self, place: Place, event: &Event, out: &mut Vec<u8>) {
        match place {
            Place::Here => self.encode.encode(event, out),
            Place::Elsewhere => self.encode.encode_elsewhere(event, out),
        }
    }

    pub(crate) fn tells_rooms_apart(&self) -> bool {
        self.encode.tells_rooms_apart()
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
