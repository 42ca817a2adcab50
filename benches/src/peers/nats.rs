//! NATS: a room is a subject that all members subscribe to and the talkers publish to, without echo.

use std::fs;
use std::io;
use std::process::Command;

use super::StartOptions;
use crate::process::{Process, free_port};

pub(super) fn start(command: &mut Command, options: StartOptions<'_>) -> io::Result<Process> {
    let folder = tempfile::tempdir()?;
    let port = free_port()?;
    let file = folder.path().join("nats.conf");
    let guards = if options.default_limits { "" } else { "max_pending: 1GB\nwrite_deadline: \"60s\"\n" };
    let connections = options.connections + 64;
    let text = format!(
        "listen: \"127.0.0.1:{port}\"\n\
         max_connections: {connections}\n\
         ping_interval: \"10m\"\n\
         debug: false\ntrace: false\nlog_file: \"/dev/null\"\n\
         {guards}"
    );
    fs::write(&file, text)?;
    command.arg("--config").arg(file);
    Process::start_on_port(port, command, folder, options.stop)
}
