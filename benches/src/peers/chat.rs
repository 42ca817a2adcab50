//! Our chat-server.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::StartOptions;
use crate::process::Process;

/// Builds it from this workspace, optimised, in the target folder of this program.
pub(super) fn build() -> io::Result<PathBuf> {
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

/// Starts it, with the port for plain lines or the port for IRC as its address.
pub(super) fn start(command: &mut Command, for_irc: bool, options: StartOptions<'_>) -> io::Result<Process> {
    let connections = (options.connections + 16).to_string();
    command.args(["--quiet", "--listen", "127.0.0.1:0", "--rate", "0", "--max-per-address", "0"]);
    command.args(["--max-connections", &connections]);
    if for_irc {
        command.args(["--irc", "127.0.0.1:0"]);
    }
    Process::start_and_read_port(command, usize::from(for_irc))
}
