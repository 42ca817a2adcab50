//! The built programs, wherever these tests were started from, and the environment that programs get.

use std::collections::HashMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// A path that can't hold files. Programs therefore keep no state from one run to the next.
const NO_DIRECTORY: &str = "/dev/null";

/// What programs get from this process's environment, if it is set there.
const INHERITED: [&str; 5] = ["PATH", "TMPDIR", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE", "RUST_BACKTRACE"];

/// What programs get besides. Their home and its folders are no folders, so that nothing is read from those of the person
/// who runs the tests, and nothing written to them.
const FIXED: [(&str, &str); 6] = [
    ("HOME", NO_DIRECTORY),
    ("XDG_CONFIG_HOME", NO_DIRECTORY),
    ("XDG_STATE_HOME", NO_DIRECTORY),
    ("LC_ALL", "C.UTF-8"),
    ("TERM", "xterm-256color"),
    ("TZ", "UTC"),
];

/// Returns the environment of every program under test: the same for every person and on every machine. `COLUMNS`,
/// `CLICOLOR_FORCE`, `NO_COLOR` and others would change what programs print.
pub(crate) fn environment() -> impl Iterator<Item = (OsString, OsString)> {
    let inherited = INHERITED.into_iter().filter_map(|name| Some((name.into(), env::var_os(name)?)));
    inherited.chain(FIXED.into_iter().map(|(name, value)| (name.into(), value.into())))
}

/// Returns a command that starts `program` in an environment that is the same for every person and on every machine:
/// without a home, in UTF-8, without the settings of the person who runs the tests.
///
/// ```
/// let output = chat_tests::command("sh").args(["-c", "echo $HOME $COLUMNS"]).output().unwrap();
/// assert_eq!(output.stdout, b"/dev/null\n");
/// ```
#[must_use]
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(environment());
    command
}

/// Returns the cargo that runs these tests, or else the one that built them.
#[must_use]
pub fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into())
}

/// Returns the path of a program of this workspace, such as `chat-server`.
///
/// Builds the programs on the first call, in the profile of the tests: Cargo does not build the programs of other
/// packages for `cargo test -p chat-tests`.
///
/// # Panics
///
/// If Cargo can't build it.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    static BUILT: OnceLock<Executables> = OnceLock::new();
    BUILT.get_or_init(|| build(&["-p", "chat-server", "-p", "chat-client"]))[name].clone()
}

/// Returns the path of an example of chat-core, such as `bot`. Builds the examples on the first call.
///
/// # Panics
///
/// If Cargo can't build it.
#[must_use]
pub fn example(name: &str) -> PathBuf {
    static BUILT: OnceLock<Executables> = OnceLock::new();
    BUILT.get_or_init(|| build(&["-p", "chat-core", "--examples"]))[name].clone()
}

/// Programs by name, and where each is.
type Executables = HashMap<String, PathBuf>;

/// Builds `what`. Cargo says where the programs are: that depends on the profile, and on a target that may be set in the
/// environment or in a configuration file.
fn build(what: &[&str]) -> Executables {
    // This is TARGET/PROFILE/deps/NAME, or a program of this package: TARGET/PROFILE/NAME.
    let this = env::current_exe().expect("a process knows its program");
    let folder = this.parent().expect("a program is in a folder");
    let is_test = folder.file_name().is_some_and(|name| name == "deps");
    let folder = if is_test { folder.parent().expect("PROFILE/deps is in PROFILE") } else { folder };
    // Cargo keeps what the profile "dev" builds in "debug", and what any other builds in a folder of its name.
    let profile = folder.file_name().filter(|&name| name != "debug").unwrap_or(OsStr::new("dev"));
    let mut cargo = Command::new(cargo());
    cargo.args(["build", "--quiet", "--message-format", "json-render-diagnostics"]).args(what);
    cargo.arg("--profile").arg(profile);
    cargo.arg("--target-dir").arg(folder.parent().expect("PROFILE is in a target folder"));
    cargo.current_dir(Path::new(env!("CARGO_MANIFEST_DIR"))).stderr(Stdio::inherit());
    let output = cargo.output().expect("cargo starts");
    assert!(output.status.success(), "cargo could not build {what:?}: {}", output.status);
    let messages = output.stdout.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    let messages = messages.map(|line| serde_json::from_slice(line).expect("Cargo prints JSON lines"));
    messages
        .filter_map(|message: serde_json::Value| {
            let name = message["target"]["name"].as_str()?;
            Some((name.to_owned(), message["executable"].as_str()?.into()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_passes_on_no_settings_of_the_person() {
        let output = command("env").output().expect("env starts");
        let printed = String::from_utf8(output.stdout).expect("it prints text");
        let names: Vec<_> = printed.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
        let is_known = |name: &str| INHERITED.contains(&name) || FIXED.iter().any(|(fixed, _)| *fixed == name);
        assert!(names.contains(&"HOME") && names.iter().all(|name| is_known(name)), "{names:?}");
    }
}
