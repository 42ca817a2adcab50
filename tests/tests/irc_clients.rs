//! Real IRC clients: irssi, `WeeChat`, and ii as a bot. A test is skipped when its client is not installed.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use chat_tests::{ChatServer, Client, Pty, command, eventually, print_skipped};

/// Returns whether a program is installed. If not, prints how to install it.
fn is_installed(program: &str, package: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        print_skipped(format_args!("there is no {program}; apt-get install {package}"));
    }
    found
}

fn start_server() -> (ChatServer, u16) {
    let server = ChatServer::start(&["--irc", "127.0.0.1:0", "--server-name", "irc.test"]);
    let port = server.read_irc_port();
    (server, port)
}

/// Joins a plain-line member, as with `nc`, with this nickname.
fn join_with_nc(server: &ChatServer, nick: &str) -> Client {
    let mut client = Client::join(server.address());
    client.send(format!("/nick {nick}\n"));
    client.barrier();
    client
}

/// Reads lines until one starts with `prefix`, and returns that line.
#[track_caller]
fn read_until_prefix(client: &mut Client, prefix: &str) -> String {
    std::iter::from_fn(|| Some(client.read_line()))
        .find(|line| line.starts_with(prefix))
        .expect("the iterator is infinite")
}

/// Starts irssi and joins `#lobby`.
fn start_irssi(port: u16, home: &Path, nick: &str) -> Pty {
    // By default irssi delays its commands by seconds, as flood protection.
    let config = "settings = { \"irc/core\" = { cmds_max_at_once = \"100\"; cmd_queue_speed = \"10msec\"; }; };";
    fs::write(home.join("config"), config).expect("the directory is writable");
    let args = [
        format!("--home={}", home.display()),
        "--connect=127.0.0.1".to_owned(),
        format!("--port={port}"),
        format!("--nick={nick}"),
    ];
    let mut irssi = Pty::start("irssi", args, 30, 100);
    irssi.wait_for_text("There is no message of the day");
    irssi.send("/join #lobby\r");
    irssi.wait_for_text("Irssi: #lobby: Total of");
    irssi
}

#[test]
fn irssi_and_nc_users_talk() {
    if !is_installed("irssi", "irssi") {
        return;
    }
    let (server, port) = start_server();
    let mut nora = join_with_nc(&server, "nora");
    nora.send("/topic tea and cake\nfrom before\n");
    nora.barrier();
    let home = tempfile::tempdir().expect("a directory");
    let mut iris = start_irssi(port, home.path(), "iris");
    iris.wait_for_text("Topic for #lobby: tea and cake");
    iris.wait_for_text("< nora> from before");
    read_until_prefix(&mut nora, "[iris] entered room");
    iris.send("hello nora\r/me waves\r");
    assert_eq!(nora.read_line(), "<iris> hello nora");
    assert_eq!(nora.read_line(), "(iris waves)");
    nora.send("hello iris\n/me waves back\n/msg iris psst\n");
    iris.wait_for_text("< nora> hello iris");
    iris.wait_for_text("* nora waves back");
    iris.send("/nick eye\r");
    assert_eq!(nora.read_line(), "-> {iris} psst");
    assert_eq!(nora.read_line(), "[iris] is now known as eye");
    iris.wait_for_text("You're now known as eye");
    nora.send("/nick nono\n");
    iris.wait_for_text("nora is now known as nono");
    // The member who creates a room is its operator.
    iris.send("/join #den\r");
    iris.wait_for_text("#den: Total of 1 nicks");
    nora.send("/join #den\n");
    iris.wait_for_text("nono [chat@127.0.0.1] has joined #den");
    iris.send("/kick nono too loud\r");
    assert_eq!(read_until_prefix(&mut nora, "* eye kicked you"), "* eye kicked you from #den: too loud");
    iris.wait_for_text("nono was kicked from #den by eye [too loud]");
    iris.send("/quit good night\r");
    assert_eq!(read_until_prefix(&mut nora, "[eye] is"), "[eye] is offline: good night");
}

#[test]
fn irssi_shows_kick_reason() {
    if !is_installed("irssi", "irssi") {
        return;
    }
    let (server, port) = start_server();
    let mut nora = join_with_nc(&server, "nora");
    nora.send("/join #den\n");
    nora.barrier();
    let home = tempfile::tempdir().expect("a directory");
    let mut iris = start_irssi(port, home.path(), "iris");
    iris.send("/join #den\r");
    read_until_prefix(&mut nora, "[iris] entered room");
    nora.send("/voice iris\n/kick iris too quiet\n");
    iris.wait_for_text("mode/#den [+v iris] by nora");
    iris.wait_for_text("iris was kicked from #den by nora [too quiet]");
    nora.barrier();
}

/// Writes a line to a named pipe.
fn write_to_pipe(pipe: &Path, line: &str) {
    let mut pipe = fs::OpenOptions::new().write(true).open(pipe).expect("there is such a pipe");
    // Use one write, because the program handles the bytes of one read as one line.
    pipe.write_all(format!("{line}\n").as_bytes()).expect("it is read");
}

/// A process in the background. Dropping this value kills it.
struct BackgroundProcess(Child);

impl Drop for BackgroundProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn weechat_and_irssi_users_talk() {
    if !is_installed("weechat-headless", "weechat-headless") || !is_installed("irssi", "irssi") {
        return;
    }
    let (server, port) = start_server();
    let mut nora = join_with_nc(&server, "nora");
    let (directory, home) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let mut iris = start_irssi(port, home.path(), "iris");
    read_until_prefix(&mut nora, "[iris] entered room");
    let mut weechat = command("weechat-headless");
    weechat.arg("-d").arg(directory.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    for command in [
        format!("/server add test 127.0.0.1/{port} -notls"),
        "/set irc.server.test.nicks wes".to_owned(),
        "/set irc.server.test.autojoin \"#lobby\"".to_owned(),
        "/set logger.file.flush_delay 0".to_owned(),
        "/connect test".to_owned(),
    ] {
        weechat.arg("-r").arg(command);
    }
    let weechat = BackgroundProcess(weechat.spawn().expect("weechat starts"));
    assert_eq!(read_until_prefix(&mut nora, "[wes]"), "[wes] entered room");
    iris.wait_for_text("wes [");
    iris.send("hello wes\r");
    assert_eq!(read_until_prefix(&mut nora, "<iris>"), "<iris> hello wes");
    // weechat-headless has no terminal, so the test types through its "fifo" plugin.
    write_to_pipe(&directory.path().join(format!("weechat_fifo_{}", weechat.0.id())), "irc.test.#lobby *hello both");
    assert_eq!(read_until_prefix(&mut nora, "<wes>"), "<wes> hello both");
    iris.wait_for_text("< wes> hello both");
    let log = || {
        let logs = fs::read_dir(directory.path().join("logs")).into_iter().flatten().flatten();
        let lobby = logs.map(|entry| entry.path()).find(|path| path.to_string_lossy().contains("lobby"));
        lobby.and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default()
    };
    eventually("weechat logs the message of iris", || log().contains("hello wes"));
}

#[test]
fn ii_bot_reads_and_writes_files() {
    if !is_installed("ii", "ii") {
        return;
    }
    let (server, port) = start_server();
    let mut nora = join_with_nc(&server, "nora");
    let directory = tempfile::tempdir().expect("a directory");
    let mut ii = command("ii");
    ii.args(["-s", "127.0.0.1", "-p", &port.to_string(), "-n", "bot", "-f", "A bot", "-i"]).arg(directory.path());
    let _ii = BackgroundProcess(
        ii.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("ii starts"),
    );
    let server_directory = directory.path().join("127.0.0.1");
    eventually("ii has registered", || {
        fs::read_to_string(server_directory.join("out")).unwrap_or_default().contains("no message of the day")
    });
    write_to_pipe(&server_directory.join("in"), "/j #lobby");
    assert_eq!(read_until_prefix(&mut nora, "[bot]"), "[bot] entered room");
    let lobby = server_directory.join("#lobby");
    eventually("ii has joined the room", || lobby.join("in").exists());
    write_to_pipe(&lobby.join("in"), "beep");
    assert_eq!(nora.read_line(), "<bot> beep");
    nora.send("hello bot\n");
    let log = || fs::read_to_string(lobby.join("out")).unwrap_or_default();
    eventually("the bot receives the message", || log().contains("<nora> hello bot"));
}
