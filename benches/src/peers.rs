//! The servers that are compared: where they are, which version, and how they are started.
//!
//! Each is started afresh for each run, on a free port, with its log off. Its limits don't get in the way, except where
//! they are what is measured: see [`Needs::guarded`].

mod chat;
mod inspircd;
mod nats;
mod ngircd;
mod redis;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::str::FromStr;

use crate::dialect::Dialect;
use crate::failure::Failure;
use crate::process::{self, Process};
use crate::stop::Stop;

/// The name under which ours is compared with the others.
pub(crate) const OURS: &str = "chat-server";
/// The same, over IRC.
pub(crate) const OURS_IRC: &str = "chat-irc";

/// A server that one can ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Our chat-server: built from this workspace, or a program of that name and place.
    Chat {
        /// What it is called in the tables.
        name: String,
        /// The program; `None` for the one of this workspace.
        program: Option<PathBuf>,
    },
    /// The same, over IRC.
    ChatIrc,
    /// The least that a server can do.
    Floor,
    /// Redis, publishing and subscribing.
    Redis,
    /// NATS.
    Nats,
    /// The one of the two that follow that is installed; the first if both are.
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
            OURS => Choice::Chat { name: OURS.to_owned(), program: None },
            OURS_IRC => Choice::ChatIrc,
            "floor" => Choice::Floor,
            "redis" => Choice::Redis,
            "nats" => Choice::Nats,
            "irc" => Choice::Irc,
            "inspircd" => Choice::Inspircd,
            "ngircd" => Choice::Ngircd,
            _ => return Err("there are chat-server, chat-irc, floor, redis, nats, irc, inspircd and ngircd"),
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

/// A server that is there.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) version: String,
    kind: Kind,
    program: PathBuf,
}

/// A server that is not installed; as text, how to install it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Absent {
    program: &'static str,
    package: &'static str,
}

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not installed, and left out; try: apt-get install {}", self.program, self.package)
    }
}

/// What a run needs of a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needs<'a> {
    pub(crate) connections: usize,
    /// Keep what guards the server against members who don't read, at its defaults.
    pub(crate) guarded: bool,
    pub(crate) stop: &'a Stop,
}

impl Server {
    /// Finds what was asked for.
    ///
    /// # Errors
    ///
    /// When our own server can't be built or is not where it was said to be. A peer that is not installed is no error.
    pub(crate) fn find(choice: &Choice) -> io::Result<Result<Server, Absent>> {
        Ok(match choice {
            Choice::Chat { name, program } => {
                let program = program.clone().map_or_else(chat::build, Ok)?;
                let version = process::version(&program);
                let version = version.ok_or_else(|| io::Error::other(format!("{} does not run", program.display())))?;
                Ok(Server { name: name.clone(), version, kind: Kind::Chat, program })
            }
            Choice::ChatIrc => {
                let ours = Server::find(&Choice::Chat { name: OURS_IRC.to_owned(), program: None })?;
                ours.map(|ours| Server { kind: Kind::ChatIrc, ..ours })
            }
            Choice::Floor => {
                let version = env!("CARGO_PKG_VERSION").to_owned();
                Ok(Server { name: "floor".into(), version, kind: Kind::Floor, program: std::env::current_exe()? })
            }
            Choice::Redis => installed("redis", Kind::Redis, "redis-server", "redis-server"),
            Choice::Nats => installed("nats", Kind::Nats, "nats-server", "nats-server"),
            Choice::Irc => Server::find(&Choice::Inspircd)?.or(Server::find(&Choice::Ngircd)?),
            Choice::Inspircd => installed("inspircd", Kind::Inspircd, "inspircd", "inspircd"),
            Choice::Ngircd => installed("ngircd", Kind::Ngircd, "ngircd", "ngircd"),
        })
    }

    /// Starts it afresh.
    pub(crate) fn start(&self, needs: Needs<'_>) -> Result<Process, Failure> {
        let mut command = Command::new(&self.program);
        let process = match self.kind {
            Kind::Chat => chat::start(&mut command, false, needs),
            Kind::ChatIrc => chat::start(&mut command, true, needs),
            Kind::Floor => Process::start_telling_port(command.arg("floor"), 0),
            Kind::Redis => redis::start(&mut command, needs),
            Kind::Nats => nats::start(&mut command, needs),
            Kind::Inspircd => inspircd::start(&mut command, needs),
            Kind::Ngircd => ngircd::start(&mut command, needs),
        };
        process.map_err(|error| match needs.stop.check() {
            Err(stopped) => stopped,
            Ok(()) => Failure::Start { server: self.name.clone(), why: error.to_string() },
        })
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self.kind {
            Kind::Chat => Dialect::Lines,
            Kind::Floor => Dialect::Raw,
            Kind::Redis => Dialect::Redis,
            Kind::Nats => Dialect::Nats,
            Kind::ChatIrc | Kind::Inspircd | Kind::Ngircd => Dialect::Irc,
        }
    }

    /// How many come in at a time where that is not what is measured.
    pub(crate) fn burst(&self) -> usize {
        match self.kind {
            // Its listener has a queue of 10; whoever finds it full tries again a second later.
            Kind::Ngircd => 8,
            _ => 256,
        }
    }

    /// Whether there can be more than one room in it.
    pub(crate) fn has_rooms(&self) -> bool {
        self.kind != Kind::Floor
    }
}

fn installed(name: &str, kind: Kind, program: &'static str, package: &'static str) -> Result<Server, Absent> {
    let file = process::find(program).ok_or(Absent { program, package })?;
    let version = process::version(&file).unwrap_or_else(|| "of unknown version".to_owned());
    Ok(Server { name: name.to_owned(), version, kind, program: file })
}
