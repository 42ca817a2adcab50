//! Compares the speed of chat servers, and checks that each delivers correctly while it is fast.
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
//! In scope: fan-out over sockets, by our server, by other installed servers, and by the [floor](serve_floor). Every
//! run checks the messages that all members receive. A run in which a member misses a message has no result.
//!
//! Out of scope: code without a socket, which the benches of this package measure with criterion; and systems other
//! than Linux, because the figures of a server's process come from `/proc`.

#![cfg(target_os = "linux")]

mod options;
mod peers;
mod process;
mod read_cache;
mod shape;
mod usage;

mod alarm;
mod check;
mod crowd;
mod member;
mod payload;
mod protocol;
mod receiver;
mod window;

mod builds;
mod compare;
mod failure;
mod figures;
mod floor;
mod machine;
mod modes;
mod plot;
mod progress;
mod report;
mod stop;
mod table;
mod verdict;

pub use builds::{BuildReport, Builds, compare_builds};
pub use compare::compare;
pub use floor::serve as serve_floor;
pub use options::{Mode, Options};
pub use peers::{Build, Choice};
pub use report::Report;
pub use shape::Rooms;
pub use stop::Stop;
