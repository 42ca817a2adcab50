//! The command line: the options of `chat-server`, parsed into values.
//!
//! This module must not know the hub, and must not open files or listeners: other modules do that.

mod limits;

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use chat_core::name::RoomName;
use clap::Parser;
use clap_complete::Shell;
use limits::LimitArgs;
use log::LevelFilter;

/// Serve chat rooms over TCP. Connect with chat-client, nc, telnet or an IRC client.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
#[command(after_help = "BYTES may end in K, M or G (1K is 1,024 bytes). SECONDS may have a fraction, such as 0.5.")]
pub(crate) struct Args {
    /// Listen on this address; can be repeated. HOST:PORT, or PORT alone for all IPv6 and IPv4 addresses. Port 0 takes
    /// any free port
    #[arg(long, value_name = "HOST:PORT", default_value = "5000", help_heading = LISTENERS)]
    pub(crate) listen: Vec<ListenAddress>,

    /// Listen on this address for IRC clients, which join the same rooms; can be repeated. The usual port is 6667
    #[arg(long, value_name = "HOST:PORT", help_heading = LISTENERS)]
    pub(crate) irc: Vec<ListenAddress>,

    /// Set the server name that IRC clients see
    #[arg(long, value_name = "NAME", default_value = "chat.local", help_heading = LISTENERS)]
    #[arg(value_parser = irc_name, requires = "irc")]
    pub(crate) server_name: String,

    /// Set the network name that IRC clients see
    #[arg(long, value_name = "NAME", default_value = "chat", help_heading = LISTENERS)]
    #[arg(value_parser = irc_name, requires = "irc")]
    pub(crate) network: String,

    /// Choose the default nicknames: the client's address, or guest-1, guest-2 and so on, which hide the address from
    /// other members
    #[arg(long, value_enum, value_name = "HOW", default_value_t = DefaultNamesArg::Address, help_heading = ROOMS)]
    pub(crate) names: DefaultNamesArg,

    /// Create a permanent room, which stays when it is empty, as #lobby always does; can be repeated
    #[arg(long, value_name = "NAME", help_heading = ROOMS)]
    pub(crate) room: Vec<RoomName>,

    /// Show the message of the day in this file to every client that joins; at most 16 KiB
    #[arg(long, value_name = "FILE", help_heading = ROOMS)]
    pub(crate) motd: Option<PathBuf>,

    /// Require a password from every connection: PASS from IRC clients, /pass in plain lines, a field of the first
    /// command in JSON lines. Give a file that contains the password, or env:NAME for an environment variable
    #[arg(long, value_name = "FILE|env:NAME", help_heading = PASSWORDS)]
    pub(crate) password: Option<PasswordSource>,

    /// Let members become server operators with /oper and this password, in the form that --password takes. Without
    /// this option, nobody can become one
    #[arg(long, value_name = "FILE|env:NAME", help_heading = PASSWORDS)]
    pub(crate) operator_password: Option<PasswordSource>,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,

    /// At shutdown, wait at most this long for clients to receive the data that is queued for them
    #[arg(long, value_name = "SECONDS", default_value = "5", help_heading = limits::TIMEOUTS)]
    #[arg(value_parser = limits::seconds)]
    pub(crate) drain: Duration,

    /// Log more on standard error: -v for who joins and leaves, -vv for each connection, -vvv for everything
    #[arg(short, long, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    verbose: u8,

    /// Print only errors: no connections on standard output, no warnings
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// Print the completion script for this shell
    #[arg(long, value_name = "SHELL", exclusive = true, hide = true)]
    pub(crate) completions: Option<Shell>,

    /// Write the manual page into this folder
    #[arg(long, value_name = "FOLDER", exclusive = true, hide = true)]
    pub(crate) man_pages: Option<PathBuf>,
}

const LISTENERS: &str = "Listeners";
const ROOMS: &str = "Members and rooms";
const PASSWORDS: &str = "Passwords";

impl Args {
    /// Returns the most detailed level of the records that the server logs.
    pub(crate) fn log_level(&self) -> LevelFilter {
        match self.verbose {
            _ if self.quiet => LevelFilter::Error,
            0 => LevelFilter::Warn,
            1 => LevelFilter::Info,
            2 => LevelFilter::Debug,
            _ => LevelFilter::Trace,
        }
    }
}

/// Parses a server or network name, which must be one word of an IRC line.
fn irc_name(name: &str) -> Result<String, &'static str> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    if !name.is_empty() && name.len() <= 63 && name.chars().all(is_allowed) {
        return Ok(name.to_owned());
    }
    Err("expected 1 to 63 ASCII letters, digits, '-', '.' or '_'")
}

/// The values of `--names`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum DefaultNamesArg {
    Address,
    Guest,
}

/// The place that contains a password. The command line itself must not contain it: every user of the machine can read
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PasswordSource {
    /// The path of a file.
    File(PathBuf),
    /// The name of an environment variable.
    Environment(String),
}

impl FromStr for PasswordSource {
    type Err = Infallible;

    fn from_str(source: &str) -> Result<PasswordSource, Infallible> {
        Ok(match source.strip_prefix("env:") {
            Some(name) => PasswordSource::Environment(name.to_owned()),
            None => PasswordSource::File(source.into()),
        })
    }
}

impl fmt::Display for PasswordSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A path that does not exist may be the password itself, so it is not shown.
            PasswordSource::File(path) if path.exists() => write!(f, "the password file {}", path.display()),
            PasswordSource::File(_) => f.write_str("the password file (name not shown)"),
            PasswordSource::Environment(name) => write!(f, "the password in the environment variable {name}"),
        }
    }
}

/// An address to listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ListenAddress {
    /// This port of all IPv6 and IPv4 addresses.
    AllAddresses(u16),
    /// `HOST:PORT`, with a host name or an address.
    HostPort(String),
}

impl FromStr for ListenAddress {
    type Err = &'static str;

    /// Checks only the syntax, because the system resolves the host when the server starts.
    fn from_str(address: &str) -> Result<ListenAddress, &'static str> {
        const EXPECTED: &str = "expected HOST:PORT, [IPv6]:PORT or PORT, with a port from 0 to 65535";
        if let Ok(port) = address.parse() {
            return Ok(ListenAddress::AllAddresses(port));
        }
        let (host, port) = address.rsplit_once(':').ok_or(EXPECTED)?;
        let is_bare_ipv6 = host.contains(':') && !host.starts_with('[');
        if host.is_empty() || is_bare_ipv6 || port.parse::<u16>().is_err() {
            return Err(EXPECTED);
        }
        Ok(ListenAddress::HostPort(address.to_owned()))
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ListenAddress::AllAddresses(port) => write!(f, "port {port}"),
            ListenAddress::HostPort(address) => f.write_str(address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn parse(args: &[&str]) -> Args {
        Args::try_parse_from([&["chat-server"], args].concat()).expect("valid arguments")
    }

    #[test]
    fn default_listener_is_port_5000_of_all_addresses() {
        let args = parse(&[]);
        assert_eq!((args.listen, args.drain), (vec![ListenAddress::AllAddresses(5000)], Duration::from_secs(5)));
    }

    #[test]
    fn listen_may_be_repeated() {
        let args = parse(&["--listen", "127.0.0.1:6000", "--listen", "[::1]:6000", "--listen", "7000"]);
        let host = |host: &str| ListenAddress::HostPort(host.to_owned());
        assert_eq!(args.listen, [host("127.0.0.1:6000"), host("[::1]:6000"), ListenAddress::AllAddresses(7000)]);
    }

    #[test]
    fn invalid_listen_address_is_refused() {
        for bad in ["", "localhost", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "65536", ":5000", "::1:5000"] {
            assert!(Args::try_parse_from(["chat-server", "--listen", bad]).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn room_may_be_repeated_and_is_validated() {
        let args = parse(&["--room", "help", "--room", "#tea", "--names", "guest"]);
        assert_eq!(args.room.iter().map(RoomName::as_str).collect::<Vec<_>>(), ["#help", "#tea"]);
        assert_eq!(args.names, DefaultNamesArg::Guest);
        for bad in [["--room", "#"], ["--room", "a b"], ["--names", "nobody"]] {
            assert!(Args::try_parse_from([&["chat-server"], &bad[..]].concat()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn password_source_is_file_or_environment_variable() {
        let source = |source: &str| parse(&["--operator-password", source]).operator_password;
        assert_eq!(source("/etc/secret"), Some(PasswordSource::File("/etc/secret".into())));
        assert_eq!(source("env:SECRET"), Some(PasswordSource::Environment("SECRET".to_owned())));
        assert_eq!(parse(&[]).operator_password, None);
    }

    #[test]
    fn irc_options_require_an_irc_listener() {
        for option in [["--server-name", "x"], ["--network", "x"]] {
            assert!(Args::try_parse_from([&["chat-server"], &option[..]].concat()).is_err(), "{option:?}");
            assert!(Args::try_parse_from([&["chat-server", "--irc", "0"], &option[..]].concat()).is_ok());
        }
    }

    #[test]
    fn invalid_numbers_are_refused() {
        for bad in ["0", "-1", "many", ""] {
            assert!(Args::try_parse_from(["chat-server", "--max-connections", bad]).is_err(), "{bad:?}");
        }
        for bad in ["-1", "0.5", "many", ""] {
            assert!(Args::try_parse_from(["chat-server", "--rate", bad]).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn verbose_and_quiet_set_the_log_level() {
        let level = |args: &[&str]| parse(args).log_level();
        assert_eq!(level(&[]), LevelFilter::Warn);
        assert_eq!(level(&["-v"]), LevelFilter::Info);
        assert_eq!(level(&["-vv"]), LevelFilter::Debug);
        assert_eq!(level(&["-vvvv"]), LevelFilter::Trace);
        assert_eq!(level(&["-q"]), LevelFilter::Error);
        assert!(Args::try_parse_from(["chat-server", "-q", "-v"]).is_err());
    }
}
