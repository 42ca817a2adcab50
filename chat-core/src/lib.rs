//! A multi-user chat to embed in your program: the hub sends each message to all other members of a room.
//!
//! ```no_run
//! use std::error::Error;
//! use std::net::TcpListener;
//!
//! use chat_core::{Line, Room, Server};
//!
//! fn main() -> Result<(), Box<dyn Error>> {
//!     let address = std::env::args().nth(1).unwrap_or("127.0.0.1:5000".into());
//!     let listener = TcpListener::bind(address)?;
//!     println!("listening on {}", listener.local_addr()?);
//!     let server = Server::new(Room::new("lobby")?).serve(listener, |_peer| Line::default())?;
//!     server.join();
//!     Ok(())
//! }
//! ```
//!
//! This is a complete chat server; `nc localhost 5000` is a client of it.
//!
//! # A bot
//!
//! A [`Member`](hub::Member) joins a room without a connection. It is a bot, a bridge or a test, and runs in the
//! process of the host application, which is your program. It sends [`Command`]s, or calls [`say`](hub::Member::say).
//! It receives [`Event`]s, but not its own messages. A bot in the room of the server above:
//!
//! ```no_run
//! use chat_core::event::RoomEvent;
//! use chat_core::{EventKind, Line, Room, Server};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let listener = std::net::TcpListener::bind("127.0.0.1:5000")?;
//! let room = Room::new("lobby")?;
//! let bot = room.join("echo-bot".parse()?)?;
//! let _server = Server::new(room).serve(listener, |_peer| Line::default())?;
//! for event in bot.iter() {
//!     if let EventKind::Room(RoomEvent::Said { text, .. }) = event.kind()
//!         && let Some(rest) = text.as_str().strip_prefix("!echo ")
//!     {
//!         bot.say(rest)?;
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # A framing
//!
//! A [`Session`] turns the bytes of one connection into [`Request`]s. Its [`Encoder`] turns [`Event`]s into bytes.
//! [`Line`] is the framing for `nc` and `telnet` (`PROTOCOL.md`); [`protocol`] also has framings for programs and for
//! IRC clients. You can write your own in about twenty lines. This framing sends the length of each text in two bytes,
//! then the text:
//!
//! ```
//! use chat_core::event::RoomEvent;
//! use chat_core::{Command, Encode, Encoder, Event, EventKind, FramingError, Request, Session};
//!
//! struct LengthPrefixed;
//!
//! impl Session for LengthPrefixed {
//!     fn decode(&mut self, input: &mut &[u8], _reply: &mut Vec<u8>) -> Result<Option<Request>, FramingError> {
//!         let Some((length, rest)) = input.split_first_chunk() else { return Ok(None) };
//!         let length = u16::from_be_bytes(*length).into();
//!         let Some((frame, rest)) = rest.split_at_checked(length) else { return Ok(None) };
//!         *input = rest;
//!         Ok(Some(Command::say(str::from_utf8(frame)?).into()))
//!     }
//!     fn encoder(&self) -> Encoder {
//!         Encoder::new(LengthPrefixed)
//!     }
//! }
//!
//! impl Encode for LengthPrefixed {
//!     fn encode(&self, event: &Event, out: &mut Vec<u8>) {
//!         let EventKind::Room(RoomEvent::Said { from, text, .. }) = event.kind() else { return };
//!         let said = format!("{from}: {text}");
//!         out.extend(u16::try_from(said.len()).expect("texts are short").to_be_bytes());
//!         out.extend(said.bytes());
//!     }
//! }
//! # let mut input = &b"\0\x05hello"[..];
//! # assert!(LengthPrefixed.decode(&mut input, &mut Vec::new()).is_ok_and(|command| command.is_some()));
//! ```
//!
//! Pass it to a server in place of `Line`: `serve(listener, |_peer| LengthPrefixed)`. The rules for your own framing:
//!
//! - [`Session::decode`] returns `Ok(None)` to ask for more bytes, and advances `input` past the bytes that it has
//!   used. If it leaves 64 KiB, the server closes the connection. So bound your frames below that.
//! - `decode` appends the session's own answers, such as a parse error, to `reply`. The server sends them to this
//!   client.
//! - [`Encode::encode`] runs once per event, and all members with equal encoders share the bytes. So the bytes must not
//!   depend on the recipient.
//! - Two encoders of one type are equal by default. If fields change the bytes, implement [`Encode::variant`].
//!
//! # Features
//!
//! No feature is on by default:
//!
//! - `json`: `protocol::Json`, the framing of JSON lines for programs.
//! - `irc`: `protocol::Irc`, the framing for IRC clients.
//! - `unicode`: nicknames by the PRECIS profile (RFC 8266); the hub refuses a lookalike of a nickname in use (UTS 39).
//!
//! ```toml
//! [dependencies]
//! chat-core = { version = "0.1", features = ["json", "irc", "unicode"] }
//! ```
//!
//! # Where to find the rest
//!
//! - A [`Hub`] holds all rooms and members. [`Room::new`] starts a hub with a home room; [`Hub::builder`] starts a hub
//!   with other [limits](hub::Limits) and options.
//! - A [`Server`] connects TCP clients to a hub. It runs one reader thread per connection.
//! - [`Room`] and [`Hub`] have methods to kick, ban, mute and announce. [`moderation`] has the masks and modes.
//! - [`policy`] has the callback that decides who may join, and which messages a member may send.
//!
//! # In scope
//!
//! Rooms and their members; framings; delivery over TCP by `std::net`, with a reader thread per connection; limits on
//! what clients send and on what is queued for them ([`hub::Limits`]).
//!
//! # Out of scope
//!
//! Async runtimes, storage, and the host application's part: command line, configuration, signals, and the destination
//! of log records (this crate logs through the `log` facade).

pub mod hub;
mod model;
pub mod protocol;
pub mod server;
pub mod session;
pub mod state;

#[cfg(any(test, feature = "bench", feature = "fuzz"))]
#[doc(hidden)]
pub mod testing;

/// The events that members receive, and the values in them.
pub mod event {
    pub use crate::model::command::CommandError;
    pub use crate::model::event::{
        CloseReason, Event, EventKind, FormerInfo, HubEvent, MemberInfo, OwnEvent, Reply, RoomEvent, RoomInfo,
        TopicInfo,
    };
}

/// Messages, and the history that a room keeps of them.
pub mod message {
    pub use crate::model::history::{Anchor, History, HistoryQuery, Page, Recent};
    pub use crate::model::message::{Message, MessageKind};
    pub use crate::model::options::MakeHistory;
    pub use crate::model::text::Text;
}

/// Decisions about rooms and members, and the patterns that name members: kicks, bans, mutes, modes, masks.
pub mod moderation {
    pub use crate::model::mask::{Hostmask, Mask, Network, ParseMaskError, Pattern};
    pub use crate::model::moderation::{ExceptionKind, Mode, Moderation, Rank, Restriction, Scope, Term};
}

/// The names of members and rooms.
pub mod name {
    pub use crate::model::name::{Name, Nick, ParseNickError, ParseRoomNameError, RoomName, Target};
    pub use crate::model::profile::Profile;
}

/// The policy of the host application, which decides who may join and speak, and passwords.
pub mod policy {
    pub use crate::model::password::{ParsePasswordError, Password};
    pub use crate::model::policy::{Identity, MessageTarget, Policy, ProposedMessage};
}

#[doc(inline)]
pub use {
    event::{Event, EventKind},
    hub::{Hub, Room},
    model::command::Command,
    protocol::Line,
    server::Server,
    session::{Encode, Encoder, FramingError, Request, Session},
};
