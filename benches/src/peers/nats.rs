//! NATS: a room is a subject that all subscribe to and the talkers publish to, without hearing themselves.

use std::fs;
use std::io;
use std::process::Command;

use super::Needs;
use crate::process::{Process, free_port};

pub(super) fn start(command: &mut Command, needs: Needs<'_>) -> io::Result<Process> {
    let folder = tempfile::tempdir()?;
    let port = free_port()?;
    let file = folder.path().join("nats.conf");
    let guards = if needs.guarded { "" } else { "max_pending: 1GB\nwrite_deadline: \"60s\"\n" };
    let connections = needs.connections + 64;
    let text = format!(
        "listen: \"127.0.0.1:{port}\"\n\
         max_connections: {connections}\n\
         ping_interval: \"10m\"\n\
         debug: false\ntrace: false\nlog_file: \"/dev/null\"\n\
         {guards}"
    );
    fs::write(&file, text)?;
    command.arg("--config").arg(file);
    Process::start_on(port, command, folder, needs.stop)
}
