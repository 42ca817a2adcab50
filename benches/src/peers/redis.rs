//! Redis: a room is a channel that all subscribe to and the talkers publish to.

use std::io;
use std::process::Command;

use super::Needs;
use crate::process::{Process, free_port};

pub(super) fn start(command: &mut Command, needs: Needs<'_>) -> io::Result<Process> {
    let folder = tempfile::tempdir()?;
    let port = free_port()?;
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--tcp-backlog", "4096"]);
    command.args(["--save", "", "--appendonly", "no", "--daemonize", "no", "--logfile", "/dev/null"]);
    command.args(["--loglevel", "warning", "--maxclients", &(needs.connections + 64).to_string()]);
    command.arg("--dir").arg(folder.path());
    if !needs.guarded {
        command.arg("--client-output-buffer-limit").args("normal 0 0 0 pubsub 0 0 0".split(' '));
    }
    Process::start_on(port, command, folder, needs.stop)
}
