//! `InspIRCd`: a room is a channel.

use std::fs;
use std::io;
use std::process::Command;

use super::StartOptions;
use crate::process::{Process, free_port};

pub(super) fn start(command: &mut Command, options: StartOptions<'_>) -> io::Result<Process> {
    let folder = tempfile::tempdir()?;
    let port = free_port()?;
    let file = folder.path().join("inspircd.conf");
    let connections = options.connections + 64;
    // The default send queue in InspIRCd's example configuration is 1 MiB.
    let queue = if options.default_limits { 1024 * 1024 } else { 1024 * 1024 * 1024 };
    // InspIRCd treats a member as flooding if its count of commands reaches `threshold`. `commandrate` is the amount by
    // which the count falls each second, in thousandths.
    let text = format!(
        r#"<server name="irc.bench.test" description="bench" network="bench" id="001">
<admin name="bench" nick="bench" email="bench@bench.test">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect name="all" allow="*" timeout="120" pingfreq="3600" hardsendq="{queue}" softsendq="{queue}" recvq="16777216"
    localmax="{connections}" globalmax="{connections}" limit="{connections}" maxconnwarn="no" maxchans="100"
    resolvehostnames="no" useident="no" fakelag="no" threshold="1000000" commandrate="2000000000">
<performance netbuffersize="65534" somaxconn="4096" softlimit="{connections}" quietbursts="yes">
<options splitwhois="no">
<dns server="127.0.0.1" timeout="1">
<log method="file" type="* -*" level="none" target="/dev/null">
"#
    );
    fs::write(&file, text)?;
    command.args(["--nofork", "--nopid", "--nolog", "--runasroot"]).arg("--config").arg(file);
    Process::start_on_port(port, command, folder, options.stop)
}
