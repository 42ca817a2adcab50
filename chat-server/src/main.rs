//! `chat-server`: chat rooms over TCP. All it does itself is to read its arguments, to print who comes and goes, and
//! to stop when it is told to; the rest is `chat-core`.

mod args;
mod console;
mod run;
mod secret;
mod stop;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match run::run(&args::Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not eprintln!, which panics if nobody reads.
            let _ = writeln!(std::io::stderr(), "chat-server: {error}");
            ExitCode::FAILURE
        }
    }
}
