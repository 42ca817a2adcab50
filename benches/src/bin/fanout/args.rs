//! The command line.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chat_benches::{Choice, Mode, Options, Report, Rooms};
use clap::{Parser, Subcommand, ValueEnum};

/// Compare chat servers: start each one, play all its members, and check everything that they receive.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Program>,

    /// Measure these modes only
    #[arg(long, value_name = "MODE", value_delimiter = ',', value_enum)]
    mode: Option<Vec<ModeArg>>,

    /// Measure these servers: chat-server, chat-irc (the same over IRC), floor, redis, nats, irc (inspircd or ngircd),
    /// inspircd, ngircd
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    servers: Option<Vec<Choice>>,

    /// Measure this program as chat-server, instead of building it from this workspace
    #[arg(long, value_name = "PATH")]
    chat_server: Option<PathBuf>,

    /// Set the room sizes for capacity; 100x10 means 100 rooms of 10 at once
    #[arg(long, value_name = "MEMBERS", value_delimiter = ',')]
    rooms: Option<Vec<Rooms>>,

    /// Set the number of talkers in each room [default: 1 and 10 in a single room, 2 in each of several]
    #[arg(long, value_name = "N", value_delimiter = ',')]
    talkers: Option<Vec<usize>>,

    /// Limit how many messages the slowest member may lack
    #[arg(long, value_name = "N")]
    window: Option<usize>,

    /// Send this many messages before reading again
    #[arg(long, value_name = "N")]
    batch: Option<usize>,

    /// Measure each case this many times; the tables show medians
    #[arg(long, value_name = "N")]
    runs: Option<usize>,

    /// Run each capacity and paced measurement for this long
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    seconds: Option<Duration>,

    /// Set the room sizes for paced
    #[arg(long, value_name = "MEMBERS", value_delimiter = ',')]
    paced_rooms: Option<Vec<Rooms>>,

    /// Set the rate for paced, in deliveries per second
    #[arg(long, value_name = "N")]
    paced_rate: Option<usize>,

    /// Set the number of idle connections
    #[arg(long, value_name = "N")]
    idle: Option<usize>,

    /// Set the number of members that join at once
    #[arg(long, value_name = "N", value_delimiter = ',')]
    storm: Option<Vec<usize>>,

    /// Set the rate for stalled, in deliveries per second
    #[arg(long, value_name = "N")]
    stalled_rate: Option<usize>,

    /// Wait at most this long for the server to close members that don't read
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    stalled_seconds: Option<Duration>,

    /// Check correctness only: our server and the floor, small numbers, a few seconds
    #[arg(long)]
    smoke: bool,

    /// Write all runs and medians as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Write a plot of the capacities as SVG
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,

    /// Write the printed tables
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Program {
    /// Run as the floor: relay the bytes of each read to all other peers. The comparison starts it
    #[command(hide = true)]
    Floor,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ModeArg {
    Capacity,
    Paced,
    Idle,
    Storm,
    Stalled,
    Endless,
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Mode {
        match mode {
            ModeArg::Capacity => Mode::Capacity,
            ModeArg::Paced => Mode::Paced,
            ModeArg::Idle => Mode::Idle,
            ModeArg::Storm => Mode::Storm,
            ModeArg::Stalled => Mode::Stalled,
            ModeArg::Endless => Mode::Endless,
        }
    }
}

impl Args {
    pub(crate) fn is_floor(&self) -> bool {
        matches!(self.command, Some(Program::Floor))
    }

    /// Returns the options from the command line, with defaults for the rest.
    pub(crate) fn options(&self) -> Options {
        let mut options = if self.smoke { Options::smoke() } else { Options::default() };
        if let Some(modes) = &self.mode {
            options.modes = modes.iter().copied().map(Mode::from).collect();
        }
        set(&mut options.servers, self.servers.as_ref());
        set(&mut options.rooms, self.rooms.as_ref());
        if self.talkers.is_some() {
            options.talkers.clone_from(&self.talkers);
        }
        set(&mut options.window, self.window.as_ref());
        set(&mut options.batch, self.batch.as_ref());
        set(&mut options.runs, self.runs.as_ref());
        set(&mut options.time, self.seconds.as_ref());
        set(&mut options.paced_rooms, self.paced_rooms.as_ref());
        set(&mut options.paced_rate, self.paced_rate.as_ref());
        set(&mut options.idle, self.idle.as_ref());
        set(&mut options.storms, self.storm.as_ref());
        set(&mut options.stalled_rate, self.stalled_rate.as_ref());
        set(&mut options.stalled_time, self.stalled_seconds.as_ref());
        options.chat_server.clone_from(&self.chat_server);
        options
    }

    /// Writes the requested files.
    pub(crate) fn write(&self, report: &Report, markdown: &str) -> io::Result<()> {
        if let Some(file) = &self.markdown {
            write(file, markdown)?;
        }
        if let Some(file) = &self.json {
            write(file, &report.json())?;
        }
        if let Some(file) = &self.svg {
            match report.svg() {
                Some(svg) => write(file, &svg)?,
                None => eprintln!("no capacity was measured; there is nothing to plot"),
            }
        }
        Ok(())
    }
}

fn set<T: Clone>(option: &mut T, argument: Option<&T>) {
    if let Some(argument) = argument {
        option.clone_from(argument);
    }
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    fs::write(file, text).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", file.display())))
}

fn seconds(argument: &str) -> Result<Duration, String> {
    let seconds = argument.parse::<f64>().map_err(|error| error.to_string())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn parse(args: &[&str]) -> Options {
        Args::try_parse_from([&["fanout"], args].concat()).expect("these are arguments").options()
    }

    #[test]
    fn lists_are_separated_by_commas() {
        let options =
            parse(&["--mode", "capacity,paced", "--rooms", "10,100x10", "--talkers", "1,2", "--seconds", "0.5"]);
        assert_eq!(options.modes, [Mode::Capacity, Mode::Paced]);
        assert_eq!(options.rooms, [Rooms::one(10), Rooms { count: 100, members: 10 }]);
        assert_eq!((options.talkers, options.time), (Some(vec![1, 2]), Duration::from_millis(500)));
    }

    #[test]
    fn chat_server_names_program_of_each_protocol() {
        let options = parse(&["--servers", "chat-server,chat-irc", "--chat-server", "a"]);
        assert_eq!(options.servers, [Choice::Chat, Choice::ChatIrc]);
        assert_eq!(options.chat_server, Some("a".into()));
    }

    #[test]
    fn smoke_measures_chat_server_and_floor() {
        let options = parse(&["--smoke"]);
        assert_eq!(options.servers.len(), 2);
        assert_eq!(options.modes, Mode::ALL);
    }

    #[test]
    fn invalid_arguments_are_refused() {
        for bad in [["--mode", "fast"], ["--servers", "irssi"], ["--seconds", "-1"], ["--rooms", "1"]] {
            assert!(Args::try_parse_from([&["fanout"], &bad[..]].concat()).is_err(), "{bad:?}");
        }
    }
}
