//! The servers in the comparison: where they are, their versions, and how to start them.
//!
//! Each run starts its server on a free port, with its log off. The server's limits are very high, except where they
//! are the subject of the measurement: see [`StartOptions::default_limits`].

mod chat;
mod inspircd;
mod nats;
mod ngircd;
mod redis;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use crate::failure::Failure;
use crate::process::{self, Process};
use crate::protocol::Protocol;
use crate::stop::Stop;

pub use chat::Build;

/// The name of our server. The report compares each other server with it.
pub(crate) const OURS: &str = "chat-server";
/// The name of our server over IRC.
pub(crate) const OURS_IRC: &str = "chat-irc";

/// A server that the options can select.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Our chat-server, over plain lines.
    Chat,
    /// Our chat-server, over IRC.
    ChatIrc,
    /// The [floor](crate::serve_floor).
    Floor,
    /// Redis, with its publish and subscribe commands.
    Redis,
    /// NATS.
    Nats,
    /// `InspIRCd` if it is installed, else `ngIRCd`.
    Irc,
    /// `InspIRCd`.
    Inspircd,
    /// `ngIRCd`.
    Ngircd,
}

impl FromStr for Choice {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Choice, &'static str> {
        Ok(match name {
            OURS => Choice::Chat,
            OURS_IRC => Choice::ChatIrc,
            "floor" => Choice::Floor,
            "redis" => Choice::Redis,
            "nats" => Choice::Nats,
            "irc" => Choice::Irc,
            "inspircd" => Choice::Inspircd,
            "ngircd" => Choice::Ngircd,
            _ => return Err("unknown server; use chat-server, chat-irc, floor, redis, nats, irc, inspircd or ngircd"),
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Chat,
    ChatIrc,
    Floor,
    Redis,
    Nats,
    Inspircd,
    Ngircd,
}

/// An installed server.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) version: String,
    kind: Kind,
    program: PathBuf,
    /// The options that only this build of our server gets.
    own_options: Vec<String>,
}

/// A server that is not installed. Its `Display` says how to install it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotInstalled {
    program: &'static str,
    package: &'static str,
}

impl fmt::Display for NotInstalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not installed, and left out; try: apt-get install {}", self.program, self.package)
    }
}

/// The options for starting a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StartOptions<'a> {
    pub(crate) connections: usize,
    /// Whether the server's limits on members that don't read stay at their defaults.
    pub(crate) default_limits: bool,
    pub(crate) stop: &'a Stop,
}

impl Server {
    /// Finds a server. Our server is the program `chat_server`, or built from this workspace.
    ///
    /// # Errors
    ///
    /// If our own server can't be built or does not run. Another server that is not installed is no error.
    pub(crate) fn find(choice: Choice, chat_server: Option<&Path>) -> io::Result<Result<Server, NotInstalled>> {
        let ours = || Build::find(chat_server);
        Ok(match choice {
            Choice::Chat => Ok(Server::of_build(OURS, &ours()?, false)?),
            Choice::ChatIrc => Ok(Server::of_build(OURS_IRC, &ours()?, true)?),
            Choice::Floor => {
                let version = env!("CARGO_PKG_VERSION").to_owned();
                Ok(Server::new("floor", version, Kind::Floor, std::env::current_exe()?))
            }
            Choice::Redis => installed("redis", Kind::Redis, "redis-server", "redis-server"),
            Choice::Nats => installed("nats", Kind::Nats, "nats-server", "nats-server"),
            Choice::Irc => Server::find(Choice::Inspircd, None)?.or(Server::find(Choice::Ngircd, None)?),
            Choice::Inspircd => installed("inspircd", Kind::Inspircd, "inspircd", "inspircd"),
            Choice::Ngircd => installed("ngircd", Kind::Ngircd, "ngircd", "ngircd"),
        })
    }

    /// Returns a build of our server, over IRC or over plain lines.
    ///
    /// # Errors
    ///
    /// If the program does not run.
    pub(crate) fn of_build(name: &str, build: &Build, over_irc: bool) -> io::Result<Server> {
        let Build { program, options } = build;
        let version = process::version(program);
        let version = version.ok_or_else(|| io::Error::other(format!("{} does not run", program.display())))?;
        let kind = if over_irc { Kind::ChatIrc } else { Kind::Chat };
        Ok(Server { own_options: options.clone(), ..Server::new(name, version, kind, program.clone()) })
    }

    /// Returns the build of our server.
    pub(crate) fn build(&self) -> Build {
        Build { program: self.program.clone(), options: self.own_options.clone() }
    }

    fn new(name: &str, version: String, kind: Kind, program: PathBuf) -> Server {
        Server { name: name.to_owned(), version, kind, program, own_options: Vec::new() }
    }

    /// Starts a new process of the server.
    pub(crate) fn start(&self, options: StartOptions<'_>) -> Result<Process, Failure> {
        let mut command = Command::new(&self.program);
        let process = match self.kind {
            Kind::Chat => chat::start(&mut command, false, &self.own_options, options),
            Kind::ChatIrc => chat::start(&mut command, true, &self.own_options, options),
            Kind::Floor => Process::start_and_read_port(command.arg("floor"), 0),
            Kind::Redis => redis::start(&mut command, options),
            Kind::Nats => nats::start(&mut command, options),
            Kind::Inspircd => inspircd::start(&mut command, options),
            Kind::Ngircd => ngircd::start(&mut command, options),
        };
        process.map_err(|error| match options.stop.check() {
            Err(stopped) => stopped,
            Ok(()) => Failure::Start { server: self.name.clone(), why: error.to_string() },
        })
    }

    pub(crate) fn protocol(&self) -> Protocol {
        match self.kind {
            Kind::Chat => Protocol::Lines,
            Kind::Floor => Protocol::Raw,
            Kind::Redis => Protocol::Redis,
            Kind::Nats => Protocol::Nats,
            Kind::ChatIrc | Kind::Inspircd | Kind::Ngircd => Protocol::Irc,
        }
    }

    /// Returns how many members may join at a time in measurements of something other than joins.
    pub(crate) fn burst(&self) -> usize {
        match self.kind {
            // ngIRCd's listener has a queue of 10. A client that finds the queue full retries a second later.
            Kind::Ngircd => 8,
            _ => 256,
        }
    }

    /// Returns whether the server supports several rooms.
    pub(crate) fn has_rooms(&self) -> bool {
        self.kind != Kind::Floor
    }
}

fn installed(name: &str, kind: Kind, program: &'static str, package: &'static str) -> Result<Server, NotInstalled> {
    let file = process::find(program).ok_or(NotInstalled { program, package })?;
    let version = process::version(&file).unwrap_or_else(|| "of unknown version".to_owned());
    Ok(Server::new(name, version, kind, file))
}
