//! The command line.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chat_benches::{Build, Builds, Choice, Mode, Options, Rooms};
use clap::builder::RangedU64ValueParser;
use clap::{ArgGroup, Parser, Subcommand, ValueEnum};

/// Compare chat servers: start each one, play all its members, and check everything that they receive.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, group = ArgGroup::new("builds").multiple(true))]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Program>,

    /// Measure these modes only
    #[arg(long, value_name = "MODE", value_delimiter = ',', value_enum, conflicts_with = "builds")]
    mode: Option<Vec<ModeArg>>,

    /// Measure these servers: chat-server, chat-irc (the same over IRC), floor, redis, nats, irc (inspircd or ngircd),
    /// inspircd, ngircd
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    servers: Option<Vec<Choice>>,

    /// Measure this program as chat-server, instead of building it from this workspace
    #[arg(long, value_name = "PATH")]
    chat_server: Option<PathBuf>,

    /// Compare this build of chat-server with --chat-server, over plain lines and IRC, and fail if a median of paired
    /// ratios is below 0.97 and outside the A/A spread; can be repeated. An OPTION is an argument for this build:
    /// --NAME,VALUE replaces or adds an option, and without=--NAME leaves out one that all builds get
    #[arg(long, value_name = "BINARY[,OPTION]...", group = "builds")]
    against: Vec<Build>,

    /// Like --against, but fail if the median is below 0.95; can be repeated
    #[arg(long, value_name = "BINARY[,OPTION]...", group = "builds")]
    baseline: Vec<Build>,

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

    /// Measure each case this many times; the tables show medians [default: 5, or 9 pairs with --against]
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    runs: Option<usize>,

    /// Run each capacity and paced measurement for this long
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    seconds: Option<Duration>,

    /// Set the room sizes for paced
    #[arg(long, value_name = "MEMBERS", value_delimiter = ',', conflicts_with = "builds")]
    paced_rooms: Option<Vec<Rooms>>,

    /// Set the rate for paced, in deliveries per second
    #[arg(long, value_name = "N", conflicts_with = "builds")]
    paced_rate: Option<usize>,

    /// Set the number of idle connections
    #[arg(long, value_name = "N", conflicts_with = "builds")]
    idle: Option<usize>,

    /// Set the number of members that join at once
    #[arg(long, value_name = "N", value_delimiter = ',', conflicts_with = "builds")]
    storm: Option<Vec<usize>>,

    /// Set the rate for stalled, in deliveries per second
    #[arg(long, value_name = "N", conflicts_with = "builds")]
    stalled_rate: Option<usize>,

    /// Wait at most this long for the server to close members that don't read
    #[arg(long, value_name = "SECONDS", value_parser = seconds, conflicts_with = "builds")]
    stalled_seconds: Option<Duration>,

    /// Check correctness only: our server and the floor, small numbers, a few seconds
    #[arg(long, conflicts_with = "builds")]
    smoke: bool,

    /// Write all runs, medians and verdicts as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,

    /// Write a plot of the capacities as SVG
    #[arg(long, value_name = "FILE", conflicts_with = "builds")]
    svg: Option<PathBuf>,

    /// Write the printed tables
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Program {
    /// Run as the floor: relay the bytes of each read to all other peers. fanout itself starts this command
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

    /// Returns the options from the command line, and the defaults for all other options.
    pub(crate) fn options(&self) -> Options {
        let mut options = match self.smoke {
            true => Options::smoke(),
            false if self.builds().is_empty() => Options::default(),
            false => Options::builds(),
        };
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

    /// Returns the builds with which the build under test is compared.
    pub(crate) fn builds(&self) -> Builds {
        Builds { previous: self.against.clone(), baselines: self.baseline.clone() }
    }

    /// Writes the requested files. `svg` is `None` if there is nothing to plot.
    pub(crate) fn write(&self, markdown: &str, json: &str, svg: Option<&str>) -> io::Result<()> {
        if let Some(file) = &self.markdown {
            write(file, markdown)?;
        }
        if let Some(file) = &self.json {
            write(file, json)?;
        }
        if let Some(file) = &self.svg {
            match svg {
                Some(svg) => write(file, svg)?,
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
    fn builds_are_compared_by_rule() {
        let args = ["fanout", "--chat-server", "new", "--against", "old,--outbox,2M", "--baseline", "base"];
        let args = Args::try_parse_from([&args[..], &["--against", "older"]].concat()).expect("these are arguments");
        let build = |text: &str| text.parse::<Build>().expect("this is a build");
        let previous = vec![build("old,--outbox,2M"), build("older")];
        assert_eq!(args.builds(), Builds { previous, baselines: vec![build("base")] });
        let options = args.options();
        assert_eq!((options.runs, options.modes), (9, vec![Mode::Capacity]));
        assert_eq!(options.servers, [Choice::Chat, Choice::ChatIrc]);
        assert_eq!(options.rooms.len(), 4);
    }

    #[test]
    fn rooms_narrow_comparison_of_builds() {
        let options = parse(&["--against", "old", "--servers", "chat-irc", "--rooms", "100x10", "--runs", "2"]);
        assert_eq!(options.servers, [Choice::ChatIrc]);
        assert_eq!((options.rooms, options.runs), (vec![Rooms { count: 100, members: 10 }], 2));
    }

    #[track_caller]
    fn check_refusal(args: &[&str], reason: &str) {
        let refusal = Args::try_parse_from([&["fanout"], args].concat()).expect_err("these are no arguments");
        assert!(refusal.to_string().contains(reason), "{refusal}");
    }

    #[test]
    fn invalid_comparison_of_builds_is_refused() {
        check_refusal(&["--against", ""], "expected BINARY[,OPTION]...");
        check_refusal(&["--against", ",--rate,0"], "expected BINARY[,OPTION]...");
        check_refusal(&["--against", "old,rate"], "rate is no option");
        check_refusal(&["--baseline", "old,"], "an option is empty");
        check_refusal(&["--baseline", "old,without=rate"], "without=rate names no option");
        check_refusal(&["--against", "old", "--runs", "0"], "0 is not in 1..");
        for conflict in [["--mode", "idle"], ["--svg", "plot"], ["--idle", "5"], ["--stalled-seconds", "1"]] {
            check_refusal(&[&["--against", "old"], &conflict[..]].concat(), "cannot be used with");
        }
        check_refusal(&["--baseline", "old", "--smoke"], "cannot be used with");
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
