//! The command line.
//!
//! It must not resolve names or open anything.

use std::net::Ipv6Addr;

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser};

const AFTER_HELP: &str = "\
In a terminal:
  Enter sends the line, /quit or Ctrl-D on an empty line leaves.
  Ctrl-C clears a half-typed line (Ctrl-Y brings it back); on an empty line it leaves.
  The arrow keys, Ctrl-R and the other Emacs keys edit the line and search what was typed before.

When standard input or standard output is not a terminal, or TERM is \"dumb\": no prompt and no escape codes. Lines are \
sent as they come, then the writing side is closed, and what still comes is printed.

Exit codes: 0 fine, 1 could not connect or was disconnected, 2 wrong usage.";

/// Chats with everybody on a line-based server.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// A name, an IPv4 address, or an IPv6 address with or without brackets
    #[arg(value_parser = parse_host)]
    pub(crate) host: String,
    /// The TCP port of the server
    #[arg(default_value_t = 5000, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: u16,
}

impl Args {
    /// Takes the arguments of this process. Ends it, with exit code 2, when they are wrong, and with 0 after `--help`
    /// and `--version`.
    pub(crate) fn of_this_process() -> Args {
        Args::try_parse().unwrap_or_else(|error| with_usage(error).exit())
    }
}

/// clap leaves the usage out when a value is wrong. It helps then too.
fn with_usage(mut error: clap::Error) -> clap::Error {
    if error.use_stderr() {
        error.insert(ContextKind::Usage, ContextValue::StyledStr(Args::command().render_usage()));
    }
    error
}

/// Takes the brackets off an IPv6 address, and refuses `HOST:PORT` with a hint instead of looking that name up.
fn parse_host(raw: &str) -> Result<String, String> {
    let host = match raw.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inner) if is_ipv6(inner) => inner,
        Some(_) => return Err("only an IPv6 address may stand in brackets".to_owned()),
        None => raw,
    };
    if host.is_empty() {
        return Err("the host is empty".to_owned());
    }
    if host.contains(':') && !is_ipv6(host) {
        return Err("not an IPv6 address; HOST and PORT are two arguments".to_owned());
    }
    Ok(host.to_owned())
}

/// Whether this is an IPv6 address, with or without a zone such as `%eth0` (RFC 4007, section 11).
fn is_ipv6(host: &str) -> bool {
    let (address, _zone) = host.split_once('%').unwrap_or((host, ""));
    address.parse::<Ipv6Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &[&str], parsed: Option<(&str, u16)>) {
        let result = Args::try_parse_from([&["chat-client"], raw].concat());
        let args = result.as_ref().ok().map(|args| (args.host.as_str(), args.port));
        assert_eq!(args, parsed, "from {raw:?}");
        if let Err(error) = result {
            let told = with_usage(error).to_string();
            assert!(told.contains("Usage: chat-client <HOST> [PORT]"), "from {raw:?}: {told}");
        }
    }

    #[test]
    fn hosts_and_ports() {
        check(&["localhost"], Some(("localhost", 5000)));
        check(&["localhost", "6000"], Some(("localhost", 6000)));
        check(&["127.0.0.1"], Some(("127.0.0.1", 5000)));
        check(&["::1", "1"], Some(("::1", 1)));
        check(&["[::1]", "65535"], Some(("::1", 65535)));
        check(&["fe80::1%eth0"], Some(("fe80::1%eth0", 5000)));
    }

    #[test]
    fn wrong_usage() {
        check(&[], None);
        check(&[""], None);
        check(&["localhost", "0"], None);
        check(&["localhost", "65536"], None);
        check(&["localhost", "http"], None);
        check(&["localhost", "5000", "more"], None);
        check(&["localhost:5000"], None);
        check(&["[localhost]"], None);
        check(&["--nonsense", "localhost"], None);
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Args::command().debug_assert();
    }
}
