//! ngIRCd: a room is a channel.

use std::fs;
use std::io;
use std::process::Command;

use super::StartOptions;
use crate::process::{Process, free_port};

pub(super) fn start(command: &mut Command, options: StartOptions<'_>) -> io::Result<Process> {
    let folder = tempfile::tempdir()?;
    let port = free_port()?;
    let file = folder.path().join("ngircd.conf");
    // Two limits of ngIRCd are fixed: the limit for members that don't read, and the number of commands that ngIRCd
    // takes from a member at once.
    let text = format!(
        "[Global]\n\
         Name = irc.bench.test\nInfo = bench\nListen = 127.0.0.1\nPorts = {port}\nMotdPhrase = bench\n\
         ServerUID = root\nServerGID = root\n\
         [Limits]\n\
         MaxConnections = 0\nMaxConnectionsIP = 0\nMaxJoins = 0\nMaxPenaltyTime = 0\n\
         PingTimeout = 3600\nPongTimeout = 3600\n\
         [Options]\n\
         DNS = no\nIdent = no\nPAM = no\n"
    );
    fs::write(&file, text)?;
    command.arg("--nodaemon").arg("--config").arg(file);
    Process::start_on_port(port, command, folder, options.stop)
}
