//! A hub without sockets, and the checks that run on it, for tests, benchmarks and fuzz targets.
//!
//! This module may use every other module. Code outside tests, benchmarks and fuzz targets must not use it.

#[cfg(feature = "bench")]
pub mod bench;
#[cfg(all(any(test, feature = "fuzz"), feature = "irc"))]
pub mod fuzz;
#[cfg(all(test, feature = "irc"))]
mod raw_length;
