//! The display settings, and the commands that change them.
//!
//! This module must not know where the settings come from.

/// The settings that control how the client shows events.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Whether the client uses colours.
    pub(crate) colors: bool,
    /// The strftime(3) format of the time of each event. If it is empty, the client shows no times.
    pub(crate) time_format: String,
    /// When the terminal bell rings.
    pub(crate) bell: Bell,
    /// Whether joins, leaves and nickname changes are hidden.
    pub(crate) quiet: bool,
}

/// When the terminal bell rings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Bell {
    /// Never.
    Off,
    /// At a message that contains your nickname, at a private message, and at an invitation.
    #[default]
    Mentions,
    /// At every message, and at an invitation.
    All,
}

const BELL_USAGE: &str = "usage: /bell off|mentions|all";

impl Settings {
    /// Runs a `/bell` or `/quiet` command. Returns the line to show, or `None` if `line` is neither of these commands.
    pub(crate) fn run_command(&mut self, line: &str) -> Option<String> {
        let mut words = line.split_whitespace();
        match (words.next()?, words.next(), words.next()) {
            ("/bell", Some(bell), None) => {
                self.bell = match bell {
                    "off" => Bell::Off,
                    "mentions" => Bell::Mentions,
                    "all" => Bell::All,
                    _ => return Some(format!("! invalid argument; {BELL_USAGE}")),
                };
                Some(format!("* bell: {bell}"))
            }
            ("/bell", None, _) => Some(format!("! missing argument; {BELL_USAGE}")),
            ("/bell", ..) => Some(format!("! too many arguments; {BELL_USAGE}")),
            ("/quiet", None, _) => {
                self.quiet = !self.quiet;
                let state = if self.quiet { "hidden" } else { "shown" };
                Some(format!("* joins, leaves and nickname changes are {state}"))
            }
            ("/quiet", ..) => Some("! too many arguments; usage: /quiet".to_owned()),
            _ => None,
        }
    }
}
