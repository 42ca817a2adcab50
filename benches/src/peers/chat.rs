//! Our chat-server.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use super::StartOptions;
use crate::process::Process;

/// The prefix of an option in [`Build::options`] that leaves out an argument.
const WITHOUT: &str = "without=";

/// A build of chat-server, and the options that only this build gets.
///
/// ```
/// use chat_benches::Build;
///
/// let build = "/tmp/old/chat-server,--rate,1000,without=--quiet".parse::<Build>()?;
/// assert_eq!(build.options, ["--rate", "1000", "without=--quiet"]);
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The path of the program.
    pub program: PathBuf,
    /// The additional arguments for the program.
    ///
    /// An option replaces the option of the same name that every build gets. `without=--NAME` leaves that option out.
    pub options: Vec<String>,
}

impl Build {
    /// Returns a build of the given program, or builds the program of this workspace.
    pub(crate) fn find(program: Option<&Path>) -> io::Result<Build> {
        let program = program.map(Path::to_owned).map_or_else(build, Ok)?;
        Ok(Build { program, options: Vec::new() })
    }
}

impl FromStr for Build {
    type Err = String;

    fn from_str(text: &str) -> Result<Build, String> {
        let mut parts = text.split(',');
        let program = parts.next().filter(|program| !program.is_empty());
        let program = program.ok_or("expected BINARY[,OPTION]..., such as /tmp/old/chat-server,--rate,0")?;
        let options = parts.map(str::to_owned).collect::<Vec<_>>();
        if options.iter().any(String::is_empty) {
            return Err("an option is empty; remove the comma that is too much".to_owned());
        }
        if let Some(name) = options.iter().filter_map(|option| option.strip_prefix(WITHOUT)).find(|name| !is_name(name))
        {
            return Err(format!("{WITHOUT}{name} names no option; expected {WITHOUT}--NAME"));
        }
        match options.first() {
            Some(first) if !first.starts_with('-') && !first.starts_with(WITHOUT) => {
                Err(format!("{first} is no option; expected --NAME or {WITHOUT}--NAME after the binary"))
            }
            _ => Ok(Build { program: program.into(), options }),
        }
    }
}

fn is_name(text: &str) -> bool {
    text.len() > 2 && text.starts_with("--") && !text.contains('=')
}

/// Builds chat-server from this workspace, optimised, in the target folder of this program.
fn build() -> io::Result<PathBuf> {
    // This program is TARGET/PROFILE/fanout.
    let this = std::env::current_exe()?;
    let target = this.ancestors().nth(2).ok_or_else(|| io::Error::other("this program is in no target folder"))?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--release", "-p", "chat-server", "--target-dir"]).arg(target);
    let status = cargo.current_dir(Path::new(env!("CARGO_MANIFEST_DIR"))).status()?;
    if !status.success() {
        return Err(io::Error::other(format!("cargo could not build chat-server: {status}")));
    }
    Ok(target.join("release").join(format!("chat-server{}", std::env::consts::EXE_SUFFIX)))
}

/// Starts our server. Its address is the port for plain lines, or the port for IRC.
pub(super) fn start(
    command: &mut Command,
    for_irc: bool,
    own: &[String],
    options: StartOptions<'_>,
) -> io::Result<Process> {
    command.args(arguments(for_irc, own, options.connections));
    Process::start_and_read_port(command, usize::from(for_irc))
}

/// Returns the arguments that every build gets, changed by the build's own options.
fn arguments(for_irc: bool, own: &[String], connections: usize) -> Vec<String> {
    let connections = (connections + 16).to_string();
    let mut all: Vec<&[&str]> =
        vec![&["--quiet"], &["--listen", "127.0.0.1:0"], &["--rate", "0"], &["--max-per-address", "0"]];
    let most = ["--max-connections", &connections];
    all.push(&most);
    if for_irc {
        all.push(&["--irc", "127.0.0.1:0"]);
    }
    all.retain(|argument| !own.iter().any(|option| changes(option, argument[0])));
    let own = own.iter().filter(|option| !option.starts_with(WITHOUT)).cloned();
    all.concat().into_iter().map(str::to_owned).chain(own).collect()
}

/// Returns whether a build's own option replaces or leaves out the option `name`.
fn changes(option: &str, name: &str) -> bool {
    let option = option.strip_prefix(WITHOUT).unwrap_or(option);
    option.split('=').next() == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(options: &str, for_irc: bool, expected: &str) {
        let build = format!("chat-server{options}").parse::<Build>().expect("this is a build");
        assert_eq!(arguments(for_irc, &build.options, 100).join(" "), expected, "{options}");
    }

    #[test]
    fn own_options_replace_and_leave_out() {
        check("", false, "--quiet --listen 127.0.0.1:0 --rate 0 --max-per-address 0 --max-connections 116");
        check(
            ",--rate,7,--outbox,2M",
            true,
            "--quiet --listen 127.0.0.1:0 --max-per-address 0 --max-connections 116 --irc 127.0.0.1:0 --rate 7 --outbox 2M",
        );
        check(
            ",--rate=7,without=--quiet,without=--irc,--irc-listen,127.0.0.1:0",
            true,
            "--listen 127.0.0.1:0 --max-per-address 0 --max-connections 116 --rate=7 --irc-listen 127.0.0.1:0",
        );
    }

    #[test]
    fn invalid_builds_are_refused() {
        for (bad, reason) in [
            ("", "expected BINARY[,OPTION]"),
            (",--rate,0", "expected BINARY[,OPTION]"),
            ("old,", "an option is empty"),
            ("old,--rate,,0", "an option is empty"),
            ("old,rate=0", "rate=0 is no option"),
            ("old,without=rate", "without=rate names no option"),
        ] {
            let refusal = bad.parse::<Build>().expect_err(bad);
            assert!(refusal.starts_with(reason), "{bad:?}: {refusal}");
        }
    }
}
