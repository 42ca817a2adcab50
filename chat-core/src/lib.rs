//! A multi-user chat to embed: what each member says, all the others hear.
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
//! That is a whole chat server; `nc localhost 5000` is a client of it. A [`Room`] is the hub: one thread that puts
//! everything in one order and hands it to all members. A [`Session`] turns one connection's bytes into [`Command`]s,
//! and its [`Encoder`] turns [`Event`]s into bytes; [`Line`] is the one that people with `nc` and `telnet` speak
//! (`PROTOCOL.md`), and one of your own takes about twenty lines (`examples/framing.rs`). A [`Member`] is somebody in the
//! room without a connection: a bot, a bridge, a test (`examples/bot.rs`).
//!
//! # In scope
//!
//! Rooms and their members; framings; delivery over TCP from `std::net` with a thread for each connection; bounds on
//! everything that comes in or waits ([`Limits`]).
//!
//! # Out of scope
//!
//! Async runtimes, storage, and everything that a program decides for itself: arguments, configuration, where the log
//! goes (this crate logs through the `log` facade), signals.

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
