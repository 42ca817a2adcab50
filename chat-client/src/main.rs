//! A chat client for the terminal and for scripts.
//!
//! In a terminal, received lines appear above the half-typed line. Between pipes, the client sends its standard input
//! and prints received lines, without a prompt and without escape codes. It works with chat-server, with `nc -l`, and
//! with small servers that relay raw chunks. With a server that supports JSON lines, it also knows nicknames and rooms,
//! and reconnects.
//!
//! The layers, from the lowest to the highest, are [`net`], [`chat`], and then [`terminal`] and [`scripting`]. Each
//! layer uses only lower layers; [`terminal`] and [`scripting`] do not use each other.

mod args;
mod chat;
mod config;
mod failure;
mod net;
mod output;
mod scripting;
mod secret;
mod terminal;

use std::env;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use crate::args::{Action, Args};
use crate::failure::Failure;
use crate::net::connect::connect;
use crate::scripting::{piped, send, tail};
use crate::terminal::interactive;

fn main() -> ExitCode {
    let args = Args::parse_process_args();
    match run(&args) {
        // A reader that closes standard output, such as `head -1`, is not a failure.
        Ok(()) | Err(Failure::OutputClosed) => ExitCode::SUCCESS,
        Err(failure) => {
            // Ignore the error: if standard error is closed, the client can't print the line.
            let _ = writeln!(io::stderr(), "{failure}");
            ExitCode::from(failure.code())
        }
    }
}

fn run(args: &Args) -> Result<(), Failure> {
    let server = match args.action() {
        Action::Chat(server) => server,
        Action::Send(args) => return send::run(args),
        Action::Tail(args) => return tail::run(args),
        Action::PrintCompletions(shell) => {
            return io::stdout().write_all(&args::completions(shell)).map_err(Failure::output);
        }
        Action::WriteManPages(folder) => {
            return args::write_man_pages(folder)
                .map_err(|error| Failure::Usage(format!("{}: {error}", folder.display())));
        }
    };
    if io::stdin().is_terminal() && io::stdout().is_terminal() && !is_dumb(env::var("TERM").ok().as_deref()) {
        let options = args.chat.clone().or(config::read(args.config.as_deref())?);
        let settings = options.settings()?;
        let password = secret::read(options.password.as_ref())?;
        let stream = connect(&server.host, server.port)?;
        interactive::run(stream, options.connect_options(server, password), settings)
    } else {
        let password = secret::read(args.chat.password.as_ref())?;
        let stream = connect(&server.host, server.port)?;
        piped::run(stream, &args.chat.connect_options(server, password))
    }
}

/// Returns whether the terminal type `term` does not support cursor movements.
fn is_dumb(term: Option<&str>) -> bool {
    match term {
        Some(term) => matches!(term, "" | "dumb" | "cons25" | "emacs"),
        // The Windows console sets no TERM, but supports cursor movements.
        None => cfg!(unix),
    }
}

#[cfg(test)]
mod tests {
    use super::is_dumb;

    #[test]
    fn terminal_without_cursor_movements_is_dumb() {
        assert!(is_dumb(Some("dumb")));
        assert!(is_dumb(Some("")));
        assert!(!is_dumb(Some("xterm-256color")));
        assert_eq!(is_dumb(None), cfg!(unix));
    }
}
