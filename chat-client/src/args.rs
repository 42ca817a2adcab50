//! The command line: the options and their help, parsed into values.
//!
//! This module must not resolve host names, and must not open files or connections.

use std::io;
use std::net::Ipv6Addr;
use std::path::{Path, PathBuf};

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::chat::settings::{Bell, Settings};
use crate::failure::Failure;
use crate::net::options::ConnectOptions;
use crate::secret::{Secret, SecretPlace};

const AFTER_HELP: &str = "\
In a terminal:
  Enter sends the line. /quit, or Ctrl-D on an empty line, leaves.
  Ctrl-C clears a half-typed line (Ctrl-Y restores it); on an empty line, it leaves.
  The arrow keys, Ctrl-R and the other Emacs keys edit the line and search the history.

If standard input or standard output is not a terminal, or TERM is \"dumb\", there is no prompt and there are no escape \
codes. The client sends --nick and --room as /nick and /join lines, then standard input. At the end of the input it \
closes the sending side, and prints what the server still sends.

Exit codes: 0 success, 1 could not connect or was disconnected, 2 wrong usage, 3 refused by the server, 4 the server \
does not support JSON lines, which send and tail need.";

/// Chat with everyone on a server
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = AFTER_HELP, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Args {
    #[command(flatten)]
    server: Option<Server>,
    #[command(flatten)]
    pub(crate) chat: ChatOptions,
    /// Read this configuration file instead of the default one
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print the completion script for this shell
    #[arg(long, value_name = "SHELL", exclusive = true, hide = true)]
    completions: Option<Shell>,
    /// Write the manual pages into this folder
    #[arg(long, value_name = "FOLDER", exclusive = true, hide = true)]
    man_pages: Option<PathBuf>,
    #[command(subcommand)]
    script: Option<Script>,
}

/// The options for chatting. The configuration file can contain the same options under the same names.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ChatOptions {
    /// Nickname to use
    #[arg(long, value_name = "NICK")]
    nick: Option<String>,
    /// Room to join; can be repeated
    #[arg(long)]
    room: Vec<String>,
    /// File that contains the server's password, or env:NAME for an environment variable
    #[arg(long, value_name = "FILE|env:NAME")]
    pub(crate) password: Option<SecretPlace>,
    #[arg(help = "Use colours: always, never, or auto (unless NO_COLOR is set)")]
    #[arg(long, value_name = "auto|always|never", hide_possible_values = true)]
    color: Option<Color>,
    /// Show times in this strftime(3) format, such as %H:%M
    #[arg(long, value_name = "FORMAT")]
    time_format: Option<String>,
    /// When to ring the terminal bell [default: mentions]; /bell changes it
    #[arg(long, value_name = "off|mentions|all", hide_possible_values = true)]
    bell: Option<Bell>,
    /// Hide joins, leaves and nickname changes; /quiet toggles it
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, hide_possible_values = true)]
    #[arg(default_missing_value = "true")]
    quiet: Option<bool>,
    /// Exit when the connection is lost
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, hide_possible_values = true)]
    #[arg(default_missing_value = "true")]
    no_reconnect: Option<bool>,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Color {
    Auto,
    Always,
    Never,
}

/// The address of the server, as positional arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Server {
    /// Host name, IPv4 address, or IPv6 address with or without brackets
    #[arg(value_parser = parse_host)]
    pub(crate) host: String,
    /// TCP port of the server
    #[arg(default_value_t = PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: u16,
}

/// The subcommands, which are for scripts.
#[derive(Debug, Subcommand)]
enum Script {
    Send(SendArgs),
    Tail(TailArgs),
}

/// Send a message, and exit when the server has confirmed it
#[derive(Debug, clap::Args)]
pub(crate) struct SendArgs {
    /// Nickname to use
    #[arg(long)]
    pub(crate) nick: Option<String>,
    /// Room to join and send to, instead of the default room
    #[arg(long, conflicts_with = "to")]
    pub(crate) room: Option<String>,
    /// Send privately to this member
    #[arg(long, value_name = "NAME")]
    pub(crate) to: Option<String>,
    #[command(flatten)]
    pub(crate) server: NamedServer,
    /// Words of the message, joined by spaces; or - to send each line of standard input as a message
    #[arg(required = true)]
    pub(crate) text: Vec<String>,
}

/// Print recent messages, and with --follow new ones
#[derive(Debug, clap::Args)]
pub(crate) struct TailArgs {
    /// Print events as JSON, one per line, as the server sends them
    #[arg(long)]
    pub(crate) json: bool,
    /// Print only events after the one with this number
    #[arg(long, value_name = "N")]
    pub(crate) since: Option<u64>,
    /// Print the last N messages [default: 10, or all with --since]
    #[arg(long, short = 'n', value_name = "N")]
    pub(crate) count: Option<u64>,
    /// Keep printing new messages until the server closes the connection or a signal arrives
    #[arg(long, short)]
    pub(crate) follow: bool,
    /// Room to join and print, instead of the default room
    #[arg(long)]
    pub(crate) room: Option<String>,
    #[command(flatten)]
    pub(crate) server: NamedServer,
}

/// The server's address and password for a subcommand. The port is an option, because other arguments follow the host.
#[derive(Debug, clap::Args)]
pub(crate) struct NamedServer {
    /// File that contains the server's password, or env:NAME for an environment variable
    #[arg(long, value_name = "FILE|env:NAME")]
    pub(crate) password: Option<SecretPlace>,
    /// TCP port of the server
    #[arg(long, short, default_value_t = PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: u16,
    /// Host name, IPv4 address, or IPv6 address with or without brackets
    #[arg(value_parser = parse_host)]
    pub(crate) host: String,
}

/// The default TCP port, which is also the default port of chat-server.
const PORT: u16 = 5000;

/// The action that the command line requests.
pub(crate) enum Action<'a> {
    /// Chat with a server.
    Chat(&'a Server),
    /// Print the completion script of a shell.
    PrintCompletions(Shell),
    /// Write the manual pages into a folder.
    WriteManPages(&'a Path),
    /// Run `chat-client send`.
    Send(&'a SendArgs),
    /// Run `chat-client tail`.
    Tail(&'a TailArgs),
}

impl ChatOptions {
    /// Returns these options. Takes each option that is missing here from `other`.
    pub(crate) fn or(self, other: ChatOptions) -> ChatOptions {
        ChatOptions {
            nick: self.nick.or(other.nick),
            room: if self.room.is_empty() { other.room } else { self.room },
            password: self.password.or(other.password),
            color: self.color.or(other.color),
            time_format: self.time_format.or(other.time_format),
            bell: self.bell.or(other.bell),
            quiet: self.quiet.or(other.quiet),
            no_reconnect: self.no_reconnect.or(other.no_reconnect),
        }
    }

    /// Returns the options of the connection to `server`.
    pub(crate) fn connect_options(&self, server: &Server, password: Option<Secret>) -> ConnectOptions {
        ConnectOptions {
            host: server.host.clone(),
            port: server.port,
            nick: self.nick.clone(),
            rooms: self.room.clone(),
            password,
            reconnect: !self.no_reconnect.unwrap_or(false),
        }
    }

    /// Returns the display settings. Reads the environment variable `NO_COLOR`.
    ///
    /// # Errors
    ///
    /// [`Failure::Usage`] if the time format is invalid.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        // Any value that is not empty turns colours off (<https://no-color.org>).
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colors = match self.color.unwrap_or(Color::Auto) {
            Color::Auto => !no_color,
            Color::Always => true,
            Color::Never => false,
        };
        let time_format = self.time_format.clone().unwrap_or_default();
        if let Err(error) = strtime::format(&time_format, &Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC)) {
            return Err(Failure::Usage(format!(
                "invalid time-format {time_format:?}: {error}; use strftime(3) directives such as %H:%M"
            )));
        }
        Ok(Settings { colors, time_format, bell: self.bell.unwrap_or_default(), quiet: self.quiet.unwrap_or(false) })
    }
}

impl Args {
    /// Returns the action that the arguments request.
    pub(crate) fn action(&self) -> Action<'_> {
        if let Some(shell) = self.completions {
            return Action::PrintCompletions(shell);
        }
        if let Some(folder) = &self.man_pages {
            return Action::WriteManPages(folder);
        }
        match (&self.script, &self.server) {
            (Some(Script::Send(args)), _) => Action::Send(args),
            (Some(Script::Tail(args)), _) => Action::Tail(args),
            (None, Some(server)) => Action::Chat(server),
            (None, None) => unreachable!("clap requires one of them"),
        }
    }

    /// Parses the arguments of this process. Exits with code 2 if an argument is wrong, and with code 0 after `--help`
    /// or `--version`.
    pub(crate) fn parse_process_args() -> Args {
        Args::try_parse().unwrap_or_else(|error| with_usage(error).exit())
    }
}

/// Returns the completion script of a shell.
pub(crate) fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "chat-client", &mut script);
    script
}

/// Writes the manual pages into a folder.
///
/// # Errors
///
/// When the folder or a file can't be written.
pub(crate) fn write_man_pages(folder: &Path) -> io::Result<()> {
    clap_mangen::generate_to(Args::command(), folder)
}

/// Adds the usage to an error, because clap omits the usage when a value is wrong.
fn with_usage(mut error: clap::Error) -> clap::Error {
    if error.use_stderr() {
        error.insert(ContextKind::Usage, ContextValue::StyledStr(usage(std::env::args().nth(1).as_deref())));
    }
    error
}

/// Returns the usage of a subcommand, or of the program if there is no such subcommand.
fn usage(subcommand: Option<&str>) -> StyledStr {
    let mut command = Args::command();
    command.build();
    match subcommand.and_then(|name| command.find_subcommand_mut(name)) {
        Some(subcommand) => subcommand.render_usage(),
        None => command.render_usage(),
    }
}

/// Parses a host. Removes the brackets of an IPv6 address, and rejects `HOST:PORT`, which would otherwise be looked up
/// as a host name.
fn parse_host(raw: &str) -> Result<String, String> {
    let host = match raw.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inner) if is_ipv6(inner) => inner,
        Some(_) => return Err("only an IPv6 address may be in brackets".to_owned()),
        None => raw,
    };
    if host.is_empty() {
        return Err("the host is empty".to_owned());
    }
    if host.contains(':') && !is_ipv6(host) {
        return Err("not an IPv6 address; give HOST and PORT as two arguments".to_owned());
    }
    Ok(host.to_owned())
}

/// Returns whether `host` is an IPv6 address, with or without a zone such as `%eth0` (RFC 4007, section 11).
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
        let args = result.as_ref().ok().and_then(|args| args.server.as_ref());
        let args = args.map(|server| (server.host.as_str(), server.port));
        assert_eq!(args, parsed, "from {raw:?}");
        if let Err(error) = result {
            let shown = with_usage(error).to_string();
            assert!(shown.contains("Usage: chat-client [OPTIONS] <HOST> [PORT]"), "from {raw:?}: {shown}");
        }
    }

    #[test]
    fn hosts_and_ports_are_parsed() {
        check(&["localhost"], Some(("localhost", 5000)));
        check(&["localhost", "6000"], Some(("localhost", 6000)));
        check(&["127.0.0.1"], Some(("127.0.0.1", 5000)));
        check(&["::1", "1"], Some(("::1", 1)));
        check(&["[::1]", "65535"], Some(("::1", 65535)));
        check(&["fe80::1%eth0"], Some(("fe80::1%eth0", 5000)));
    }

    #[test]
    fn wrong_usage_is_rejected() {
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
    fn command_line_is_well_formed() {
        Args::command().debug_assert();
    }
}
