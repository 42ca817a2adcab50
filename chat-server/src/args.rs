//! The command line.

mod limits;

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use chat_core::RoomName;
use clap::Parser;
use clap_complete::Shell;
use limits::LimitArgs;
use log::LevelFilter;

/// Chat rooms over TCP: what each client says, all the others in its room hear. Come in with chat-client, nc or telnet.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Args {
    /// Where to listen; may be given several times. HOST:PORT, or PORT alone for all addresses of this machine. Port 0
    /// takes any free port
    #[arg(long, value_name = "ADDR:PORT", default_value = "5000")]
    pub(crate) listen: Vec<Place>,

    /// Where to listen for IRC clients, which come into the same rooms; may be given several times. Usual is port 6667
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) irc: Vec<Place>,

    /// Prints what completes the command line in this shell
    #[arg(long, value_name = "SHELL", exclusive = true, hide = true)]
    pub(crate) completions: Option<Shell>,

    /// Writes the manual page into this folder
    #[arg(long, value_name = "FOLDER", exclusive = true, hide = true)]
    pub(crate) man_pages: Option<PathBuf>,

    /// What those are called who have not chosen a name: their address, or guest-1, guest-2 and so on, which does not
    /// tell the others where they come from
    #[arg(long, value_enum, value_name = "HOW", default_value_t = Names::Address)]
    pub(crate) names: Names,

    /// Require a password of every connection: PASS from IRC clients, /pass in plain lines, a field of the first command
    /// in JSON lines. A file that holds it, or env:NAME for an environment variable
    #[arg(long, value_name = "FILE|env:NAME")]
    pub(crate) password: Option<SecretPlace>,

    /// Allow members to become server operators by /oper with this password, given as for --password. Without it nobody
    /// can
    #[arg(long, value_name = "FILE|env:NAME")]
    pub(crate) operator_password: Option<SecretPlace>,

    /// Show the message of the day in this file to everybody who joins
    #[arg(long, value_name = "FILE")]
    pub(crate) motd: Option<PathBuf>,

    /// A room that stays when nobody is in it, as #lobby always does; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) room: Vec<RoomName>,

    /// How long everybody may take to hear the end, when the server is told to stop
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = limits::seconds)]
    pub(crate) drain: Duration,

    /// Log more on standard error: -v who comes and goes, -vv each connection's life
    #[arg(short, long, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    verbose: u8,

    /// Print neither who comes and goes nor warnings, only errors
    #[arg(short, long)]
    pub(crate) quiet: bool,

    // Last: what follows would stand under their headings.
    #[command(flatten)]
    pub(crate) about: AboutArgs,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// What IRC clients are told about the server.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "For IRC clients")]
pub(crate) struct AboutArgs {
    /// What the server calls itself
    #[arg(long, value_name = "NAME", default_value = "chat.local", value_parser = word, requires = "irc")]
    pub(crate) server_name: String,

    /// What the network is called
    #[arg(long, value_name = "NAME", default_value = "chat", value_parser = word, requires = "irc")]
    pub(crate) network: String,
}

/// A word that stands among others in a line of IRC.
fn word(word: &str) -> Result<String, &'static str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    if !word.is_empty() && word.len() <= 63 && word.chars().all(is_plain) {
        return Ok(word.to_owned());
    }
    Err("1 to 63 of a-z, 0-9 and -._ are needed")
}

impl Args {
    /// What is logged.
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

/// What those are called who have not chosen a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Names {
    Address,
    Guest,
}

/// Where a secret is. Never on the command line itself, which everybody on the machine can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SecretPlace {
    File(PathBuf),
    Environment(String),
}

impl FromStr for SecretPlace {
    type Err = Infallible;

    fn from_str(place: &str) -> Result<SecretPlace, Infallible> {
        Ok(match place.strip_prefix("env:") {
            Some(name) => SecretPlace::Environment(name.to_owned()),
            None => SecretPlace::File(place.into()),
        })
    }
}

impl fmt::Display for SecretPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // What is no path may be the password itself.
            SecretPlace::File(path) if path.exists() => write!(f, "the file {}", path.display()),
            SecretPlace::File(_) => f.write_str("a file that is not there"),
            SecretPlace::Environment(name) => write!(f, "the environment variable {name}"),
        }
    }
}

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A port of all addresses.
    All(u16),
    /// `HOST:PORT`, with a name or an address.
    Host(String),
}

impl FromStr for Place {
    type Err = &'static str;

    /// Whether there is such a host is for the system to say.
    fn from_str(place: &str) -> Result<Place, &'static str> {
        const ALLOWED: &str = "HOST:PORT, [IPv6]:PORT or PORT is needed, with a port from 0 to 65535";
        if let Ok(port) = place.parse() {
            return Ok(Place::All(port));
        }
        let (host, port) = place.rsplit_once(':').ok_or(ALLOWED)?;
        let bare_ipv6 = host.contains(':') && !host.starts_with('[');
        if host.is_empty() || bare_ipv6 || port.parse::<u16>().is_err() {
            return Err(ALLOWED);
        }
        Ok(Place::Host(place.to_owned()))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::All(port) => write!(f, "port {port}"),
            Place::Host(host) => f.write_str(host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn parse(args: &[&str]) -> Args {
        Args::try_parse_from([&["chat-server"], args].concat()).expect("these are arguments")
    }

    #[test]
    fn without_arguments_it_listens_on_port_5000_of_all_addresses() {
        let args = parse(&[]);
        assert_eq!((args.listen, args.drain), (vec![Place::All(5000)], Duration::from_secs(5)));
    }

    #[test]
    fn listen_may_be_repeated() {
        let args = parse(&["--listen", "127.0.0.1:6000", "--listen", "[::1]:6000", "--listen", "7000"]);
        let host = |host: &str| Place::Host(host.to_owned());
        assert_eq!(args.listen, [host("127.0.0.1:6000"), host("[::1]:6000"), Place::All(7000)]);
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for bad in ["", "localhost", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "65536", ":5000", "::1:5000"] {
            assert!(Args::try_parse_from(["chat-server", "--listen", bad]).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn rooms_may_be_repeated_and_are_names() {
        let args = parse(&["--room", "help", "--room", "#tea", "--names", "guest"]);
        assert_eq!(args.room.iter().map(RoomName::as_str).collect::<Vec<_>>(), ["#help", "#tea"]);
        assert_eq!(args.names, Names::Guest);
        for bad in [["--room", "#"], ["--room", "a b"], ["--names", "nobody"]] {
            assert!(Args::try_parse_from([&["chat-server"], &bad[..]].concat()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_password_is_in_a_file_or_in_the_environment() {
        let place = |place: &str| parse(&["--operator-password", place]).operator_password;
        assert_eq!(place("/etc/secret"), Some(SecretPlace::File("/etc/secret".into())));
        assert_eq!(place("env:SECRET"), Some(SecretPlace::Environment("SECRET".to_owned())));
        assert_eq!(parse(&[]).operator_password, None);
    }

    #[test]
    fn options_for_irc_need_an_irc_listener() {
        for option in [["--server-name", "x"], ["--network", "x"]] {
            assert!(Args::try_parse_from([&["chat-server"], &option[..]].concat()).is_err(), "{option:?}");
            assert!(Args::try_parse_from([&["chat-server", "--irc", "0"], &option[..]].concat()).is_ok());
        }
    }

    #[test]
    fn bad_numbers_are_refused() {
        for bad in ["0", "-1", "many", ""] {
            assert!(Args::try_parse_from(["chat-server", "--max-connections", bad]).is_err(), "{bad:?}");
        }
        for bad in ["-1", "0.5", "many", ""] {
            assert!(Args::try_parse_from(["chat-server", "--rate", bad]).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn each_v_logs_more_and_q_logs_errors_alone() {
        let level = |args: &[&str]| parse(args).log_level();
        assert_eq!(level(&[]), LevelFilter::Warn);
        assert_eq!(level(&["-v"]), LevelFilter::Info);
        assert_eq!(level(&["-vv"]), LevelFilter::Debug);
        assert_eq!(level(&["-vvvv"]), LevelFilter::Trace);
        assert_eq!(level(&["-q"]), LevelFilter::Error);
        assert!(Args::try_parse_from(["chat-server", "-q", "-v"]).is_err());
    }
}
