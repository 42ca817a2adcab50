//! How fast a chat server is, beside others, and whether it is right while it is fast.
//!
//! ```no_run
//! use chat_benches::{Options, Stop, compare};
//!
//! if let Some(report) = compare(&Options::smoke(), &Stop::on_signals()?)? {
//!     print!("{}", report.markdown());
//! }
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! In scope: fan-out over sockets, of our server, of others that are installed, and of the [floor](serve_floor): what
//! all members hear is checked in every run, and a run in which somebody misses something has no speed.
//!
//! Out of scope: what has no socket, which the benches of this package measure with criterion; and other systems than
//! Linux, whose `/proc` tells what a server uses.

#![cfg(target_os = "linux")]

mod options;
mod peers;
mod process;
mod recall;
mod shape;
mod usage;

mod alarm;
mod check;
mod crowd;
mod dialect;
mod hearing;
mod member;
mod payload;
mod window;

mod compare;
mod failure;
mod figures;
mod floor;
mod machine;
mod modes;
mod plot;
mod report;
mod stop;
mod table;

pub use compare::compare;
pub use floor::serve as serve_floor;
pub use options::{Mode, Options};
pub use peers::Choice;
pub use report::Report;
pub use shape::Rooms;
pub use stop::Stop;
