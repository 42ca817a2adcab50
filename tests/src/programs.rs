//! The paths of the built programs, and the environment in which tests run programs.

use std::collections::HashMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// A path that can't hold files. Programs therefore keep no state from one run to the next.
const NO_DIRECTORY: &str = "/dev/null";

/// Environment variables that programs inherit from the tests.
const INHERITED_VARIABLES: [&str; 5] = ["PATH", "TMPDIR", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE", "RUST_BACKTRACE"];

/// Environment variables with a fixed value. The home is not a directory, so that programs neither read nor write the
/// files of the user who runs the tests.
const FIXED_VARIABLES: [(&str, &str); 6] = [
    ("HOME", NO_DIRECTORY),
    ("XDG_CONFIG_HOME", NO_DIRECTORY),
    ("XDG_STATE_HOME", NO_DIRECTORY),
    ("LC_ALL", "C.UTF-8"),
    ("TERM", "xterm-256color"),
    ("TZ", "UTC"),
];

/// Returns the environment of every program under test.
///
/// The environment is the same for every user and on every machine, because `COLUMNS`, `CLICOLOR_FORCE`, `NO_COLOR` and
/// other variables change the output of programs.
pub(crate) fn environment() -> impl Iterator<Item = (OsString, OsString)> {
    let inherited = INHERITED_VARIABLES.into_iter().filter_map(|name| Some((name.into(), env::var_os(name)?)));
    inherited.chain(FIXED_VARIABLES.into_iter().map(|(name, value)| (name.into(), value.into())))
}

/// Returns a command that starts `program` in an environment that is the same for every user and on every machine.
///
/// The locale is UTF-8, there is no home directory, and the user's own settings have no effect.
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

/// Returns the path of the Cargo that runs these tests, or else of the Cargo that built them.
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

/// The path of each executable, by name.
type Executables = HashMap<String, PathBuf>;

/// Builds the packages that `selection` selects. Returns the paths that Cargo reports.
///
/// The paths depend on the profile, and on a target that the environment or a configuration file may set.
fn build(selection: &[&str]) -> Executables {
    // A test is TARGET/PROFILE/deps/NAME; a program of this package is TARGET/PROFILE/NAME.
    let executable = env::current_exe().expect("the system reports the path of this program");
    let directory = executable.parent().expect("a program is in a directory");
    let is_test = directory.file_name().is_some_and(|name| name == "deps");
    let directory = if is_test { directory.parent().expect("PROFILE/deps is in PROFILE") } else { directory };
    // Cargo puts the programs of the profile "dev" into "debug", and those of other profiles into PROFILE.
    let profile = directory.file_name().filter(|&name| name != "debug").unwrap_or(OsStr::new("dev"));
    let mut cargo = Command::new(cargo());
    cargo.args(["build", "--quiet", "--message-format", "json-render-diagnostics"]).args(selection);
    cargo.arg("--profile").arg(profile);
    cargo.arg("--target-dir").arg(directory.parent().expect("PROFILE is in a target directory"));
    cargo.current_dir(Path::new(env!("CARGO_MANIFEST_DIR"))).stderr(Stdio::inherit());
    let output = cargo.output().expect("cargo starts");
    assert!(output.status.success(), "cargo could not build {selection:?}: {}", output.status);
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
    fn command_inherits_no_user_settings() {
        let output = command("env").output().expect("env starts");
        let printed = String::from_utf8(output.stdout).expect("env prints UTF-8");
        let names: Vec<_> = printed.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
        let is_known =
            |name: &str| INHERITED_VARIABLES.contains(&name) || FIXED_VARIABLES.iter().any(|(fixed, _)| *fixed == name);
        assert!(names.contains(&"HOME") && names.iter().all(|name| is_known(name)), "{names:?}");
    }
}
