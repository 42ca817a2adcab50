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

mod text;

mod name;

mod mask;
mod password;
mod phrase;
mod profile;
mod span;
mod time;

mod limits;
mod options;
mod policy;

mod deadline;
mod numbers;

mod order;

mod words;

mod command;
mod event;
mod history;

mod stats;

pub mod state;

mod foreign;
mod session;

mod access;

mod irc;
#[cfg(feature = "json")]
mod json;
mod line;

mod gaps;
mod outbox;
mod pass;

mod hub;

mod member;
mod room;

mod listen;
mod server;

#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench;
#[cfg(any(test, feature = "fuzz"))]
#[doc(hidden)]
pub mod fuzz;

#[cfg(test)]
mod raw_length;

pub use command::{Command, CommandError};
pub use event::{CloseReason, Event, EventKind, FormerInfo, MemberInfo, RoomInfo, TopicInfo};
pub use history::{Anchor, Excerpt, History, Part, Recent};
pub use irc::{Irc, IrcOptions};
#[cfg(feature = "json")]
pub use json::Json;
pub use limits::{Limits, Slow};
pub use line::Line;
pub use listen::{listen, listen_on_all};
pub use mask::{Hostmask, Mask, MaskError, Network, Pattern};
pub use member::{ClosedError, Member, SayError};
pub use name::{Name, Nick, NickError, RoomName, RoomNameError, Target};
pub use options::{HubOptions, MakeHistory, Naming};
pub use order::{Mode, Order, Rank, Rule, Sanctioned, Scope, Term};
pub use password::{Password, PasswordError};
pub use policy::{Listeners, Policy, Saying, Visitor};
pub use profile::Profile;
pub use room::{JoinError, OrderError, Room, RoomError};
pub use server::{ConnectionEvent, Server, ShutdownReport};
pub use session::{Encode, Encoder, FramingError, Introduction, Respond, Session, Switch};
pub use stats::Stats;
pub use text::Text;
pub use words::{Manner, Words};
