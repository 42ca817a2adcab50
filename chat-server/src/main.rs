//! `chat-server`: serves chat rooms over TCP.
//!
//! The program parses its arguments, prints which clients connect and disconnect, and handles signals. `chat-core` does
//! the rest.

mod args;
mod console;
mod files;
mod password;
mod run;
mod signals;
mod text_file;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use crate::args::Args;

fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = match (&args.completions, &args.man_pages) {
        (Some(shell), _) => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Args::command(), "chat-server", &mut script);
            // Ignore the error, which means that the reader has closed the pipe.
            let _ = std::io::stdout().write_all(&script);
            Ok(())
        }
        (None, Some(folder)) => clap_mangen::generate_to(Args::command(), folder)
            .map_err(|error| run::Error::ManPages { folder: folder.clone(), error }),
        (None, None) => run::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Do not use eprintln!, which panics when standard error is closed.
            let _ = writeln!(std::io::stderr(), "chat-server: {error}");
            ExitCode::FAILURE
        }
    }
}
