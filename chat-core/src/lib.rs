//! A multi-user chat to embed: the hub sends what each member says to all other members.
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
//! - A [`Hub`] holds all rooms and members, in one order of events. [`Room::new`] starts one with a home room, and a
//!   [`Room`] is the handle to one room; [`Hub::builder`] starts one with other [limits](Limits) and options.
//! - A [`Server`] connects TCP clients to a hub. It runs one reader thread per connection.
//! - A [`Session`] turns the bytes of one connection into [`Command`]s, and its [`Encoder`] turns [`Event`]s into bytes.
//!   [`Line`] is the session for `nc` and `telnet` (`PROTOCOL.md`); your own takes about twenty lines
//!   (`examples/framing.rs`).
//! - A [`Member`] joins a room without a connection, in the process of the host application: a bot, a bridge, a test
//!   (`examples/bot.rs`).
//!
//! # In scope
//!
//! Rooms and their members; framings; delivery over TCP by `std::net`, with a reader thread per connection; limits on
//! everything that clients send and that waits for them ([`Limits`]).
//!
//! # Out of scope
//!
//! Async runtimes, storage, and what the host application decides: command line, configuration, signals, and where log
//! records go (this crate logs through the `log` facade).

mod model;

pub mod state;

mod session;

mod hub;

mod protocol;

mod server;

#[cfg(any(test, feature = "bench", feature = "fuzz"))]
#[doc(hidden)]
pub mod testing;

pub use hub::builder::{HubBuilder, HubError};
pub use hub::handle::Hub;
pub use hub::member::{ClosedError, Member, SayError};
pub use hub::room::{JoinError, ModerationError, Room, RoomError};
pub use model::command::{Command, CommandError};
pub use model::event::{CloseReason, Event, EventKind, FormerInfo, MemberInfo, RoomInfo, TopicInfo};
pub use model::history::{Anchor, History, HistoryQuery, Page, Recent};
pub use model::limits::{Limits, SlowConsumerPolicy};
pub use model::mask::{Hostmask, Mask, Network, ParseMaskError, Pattern};
pub use model::message::{Message, MessageKind};
pub use model::moderation::{ExceptionKind, Mode, Moderation, Rank, Restriction, Scope, Term};
pub use model::name::{Name, Nick, ParseNickError, ParseRoomNameError, RoomName, Target};
pub use model::options::{DefaultNames, HubOptions, MakeHistory};
pub use model::password::{ParsePasswordError, Password};
pub use model::policy::{Identity, MessageTarget, Policy, ProposedMessage};
pub use model::profile::Profile;
pub use model::stats::Stats;
pub use model::text::Text;
#[cfg(feature = "irc")]
pub use protocol::irc::{Irc, IrcOptions};
#[cfg(feature = "json")]
pub use protocol::json::Json;
pub use protocol::line::Line;
pub use server::listen::{listen, listen_on_all};
pub use server::{ConnectionEvent, Server, ShutdownReport};
pub use session::{Encode, Encoder, FramingError, Registration, Respond, Session, Upgrade};
