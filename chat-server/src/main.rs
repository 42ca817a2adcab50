//! `chat-server`: chat rooms over TCP. All it does itself is to read its arguments, to print who comes and goes, and
//! to obey signals; the rest is `chat-core`.

mod args;
mod console;
mod files;
mod run;
mod secret;
mod signals;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use crate::args::Args;

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match (&args.completions, &args.man_pages) {
        (Some(shell), _) => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Args::command(), "chat-server", &mut script);
            // Who closes the pipe has read enough.
            let _ = std::io::stdout().write_all(&script);
            Ok(())
        }
        (None, Some(folder)) => clap_mangen::generate_to(Args::command(), folder)
            .map_err(|error| run::Error::ManPages { folder: folder.clone(), error }),
        (None, None) => run::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not eprintln!, which panics if nobody reads.
            let _ = writeln!(std::io::stderr(), "chat-server: {error}");
            ExitCode::FAILURE
        }
    }
}
