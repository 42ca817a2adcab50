//! Redis: a room is a channel that all members subscribe to and the talkers publish to.

use std::io;
use std::process::Command;

use super::StartOptions;
use crate::process::{Process, free_port};

pub(super) fn start(command: &mut Command, options: StartOptions<'_>) -> io::Result<Process> {
    let folder = tempfile::tempdir()?;
    let port = free_port()?;
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--tcp-backlog", "4096"]);
    command.args(["--save", "", "--appendonly", "no", "--daemonize", "no", "--logfile", "/dev/null"]);
    command.args(["--loglevel", "warning", "--maxclients", &(options.connections + 64).to_string()]);
    command.arg("--dir").arg(folder.path());
    if !options.default_limits {
        command.arg("--client-output-buffer-limit").args("normal 0 0 0 pubsub 0 0 0".split(' '));
    }
    Process::start_on_port(port, command, folder, options.stop)
}
