//! What tests, benches and fuzz targets view: a hub without sockets, and clients of it. May use everything.

#[cfg(feature = "bench")]
pub mod bench;
#[cfg(all(any(test, feature = "fuzz"), feature = "irc"))]
pub mod fuzz;
#[cfg(all(test, feature = "irc"))]
mod raw_length;
