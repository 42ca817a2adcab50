//! The programs of this workspace, built on demand.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

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
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    executable(FOLDER.get_or_init(|| build(&["-p", "chat-server", "-p", "chat-client"])), name)
}

/// Returns the path of an example of chat-core, such as `bot`. Builds the examples on the first call.
///
/// # Panics
///
/// If Cargo can't build it.
#[must_use]
pub fn example(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    executable(&FOLDER.get_or_init(|| build(&["-p", "chat-core", "--examples"])).join("examples"), name)
}

fn executable(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Builds `what`, and returns the folder that contains the programs.
fn build(what: &[&str]) -> PathBuf {
    // The current program is …/target/PROFILE/deps/NAME, or …/target/PROFILE/NAME for a program of this package.
    let this = std::env::current_exe().expect("a process knows its program");
    let folder = this.parent().expect("a program is in a folder");
    let is_test = folder.file_name().is_some_and(|name| name == "deps");
    let folder = if is_test { folder.parent().expect("PROFILE/deps is in PROFILE") } else { folder };
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet"]).args(what);
    cargo.arg("--target-dir").arg(folder.parent().expect("PROFILE is in a target folder"));
    if folder.file_name().is_some_and(|profile| profile == "release") {
        cargo.arg("--release");
    }
    let status = cargo.current_dir(Path::new(env!("CARGO_MANIFEST_DIR"))).status().expect("cargo starts");
    assert!(status.success(), "cargo could not build {what:?}: {status}");
    folder.to_owned()
}
