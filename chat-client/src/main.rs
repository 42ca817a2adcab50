//! A chat client for the terminal and for scripts.
//!
//! In a terminal it has a prompt that nothing tears: what comes in is printed above a half-typed line. With a pipe it
//! sends what it reads and prints what it hears, with no prompt and no escape codes. It knows no protocol but lines, so
//! it works against chat-server, `nc -l` and the many small servers that relay raw chunks.

mod args;
mod chat;
mod config;
mod failure;
mod net;
mod scripting;
mod secret;
mod terminal;

use std::env;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use crate::args::{Action, Args};
use crate::failure::Failure;
use crate::net::connect;
use crate::scripting::{piped, send, tail};
use crate::terminal::interactive;

/// Said on standard output as soon as the connection stands.
const CONNECTED: &str = "Connected to remote host. Start sending messages";

fn main() -> ExitCode {
    let args = Args::of_this_process();
    match run(&args) {
        // A reader that has heard enough, such as `head -1`, is no failure.
        Ok(()) | Err(Failure::OutputClosed) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nobody is left to be told when standard error is closed as well.
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
        Action::Complete(shell) => {
            return io::stdout().write_all(&args::completions(shell)).map_err(Failure::output);
        }
        Action::WriteManPages(folder) => {
            return args::write_man_pages(folder)
                .map_err(|error| Failure::Usage(format!("{}: {error}", folder.display())));
        }
    };
    if io::stdin().is_terminal() && io::stdout().is_terminal() && !is_dumb(env::var("TERM").ok().as_deref()) {
        let person = args.person.clone().or(config::read(args.config.as_deref())?);
        let settings = person.settings()?;
        let password = secret::read(person.password.as_ref())?;
        interactive::run(connect::connect(&server.host, server.port)?, person.wishes(server, password), settings)
    } else {
        let password = secret::read(args.person.password.as_ref())?;
        piped::run(connect::connect(&server.host, server.port)?, &args.person.wishes(server, password))
    }
}

/// Whether the terminal called `term` does not understand cursor movements.
fn is_dumb(term: Option<&str>) -> bool {
    match term {
        Some(term) => matches!(term, "" | "dumb" | "cons25" | "emacs"),
        // The console of Windows has no TERM and understands them.
        None => cfg!(unix),
    }
}

#[cfg(test)]
mod tests {
    use super::is_dumb;

    #[test]
    fn a_terminal_without_cursor_movements_gets_no_prompt() {
        assert!(is_dumb(Some("dumb")));
        assert!(is_dumb(Some("")));
        assert!(!is_dumb(Some("xterm-256color")));
        assert_eq!(is_dumb(None), cfg!(unix));
    }
}
