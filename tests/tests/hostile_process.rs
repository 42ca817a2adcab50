//! Faults of the process's environment: no free descriptors, no threads, slow readers, signals under load.

use std::collections::HashSet;
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, io, iter, thread};

use chat_tests::{ChatServer, Client, command, eventually, print_skipped, program};
use tempfile::TempDir;

/// Returns the command that runs the server through `wrapper`: programs of util-linux that set limits or the user.
fn wrapped_command(wrapper: &[&str], server: &Path) -> Command {
    let mut command = command(wrapper[0]);
    command.args(&wrapper[1..]).arg(server);
    command
}

/// Checks that `server` starts under `wrapper`. Returns the reason if it does not.
fn check_starts(wrapper: &[&str], server: &Path) -> Result<(), String> {
    match wrapped_command(wrapper, server).arg("--version").output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => Err(format!("{}: {error} (apt-get install util-linux)", wrapper[0])),
    }
}

fn start_under(wrapper: &[&str], server: &Path) -> ChatServer {
    let mut command = wrapped_command(wrapper, server);
    command.args(["--listen", "127.0.0.1:0", "--rate", "0", "--max-per-address", "0"]);
    ChatServer::spawn(command)
}

/// Copies the server to a directory from which another user can execute it.
///
/// Only the owner may have access to the checkout, and to the directory for temporary files.
fn copy_for(wrapper: &[&str]) -> Result<(TempDir, PathBuf), String> {
    let server = program("chat-server");
    // A later failure is then a fault of the wrapper or the directory.
    let version = command(&server).arg("--version").output().expect("the server starts");
    assert!(version.status.success(), "{version:?}");
    let copy = |parent: &Path| {
        let directory = tempfile::tempdir_in(parent)?;
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o755))?;
        let copy = directory.path().join("chat-server");
        // Another program copies the file. If this process did, a child that another test starts at the same time could
        // inherit it open for writing, and the system would not execute it (ETXTBSY, execve(2)).
        let installed = Command::new("install").args(["-m", "755"]).args([&server, &copy]).output()?;
        let stderr = String::from_utf8_lossy(&installed.stderr).trim().to_owned();
        if installed.status.success() { Ok((directory, copy)) } else { Err(io::Error::other(stderr)) }
    };
    let mut obstacles = Vec::new();
    for parent in [env::temp_dir(), "/tmp".into(), "/var/tmp".into()] {
        let copied = copy(&parent).map_err(|error: io::Error| error.to_string());
        match copied.and_then(|copied| check_starts(wrapper, &copied.1).map(|()| copied)) {
            Ok(copied) => return Ok(copied),
            Err(obstacle) => obstacles.push(format!("{}: {obstacle}", parent.display())),
        }
    }
    Err(obstacles.join("; "))
}

/// Returns a random user id that has no process.
///
/// The thread limit counts all threads of a user, even those in other containers, which this process can't see. A
/// random id makes it unlikely that two runs of this test use the same id.
fn user_without_processes() -> String {
    let user = |status: &str| {
        status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().next()?.parse().ok())
    };
    let processes = fs::read_dir("/proc").expect("there is /proc").flatten();
    let statuses = processes.filter_map(|process| fs::read_to_string(process.path().join("status")).ok());
    let users: HashSet<u32> = statuses.filter_map(|status| user(&status)).collect();
    // Containers often have only ids below 65,536.
    let mut random = iter::repeat_with(|| fastrand::u32(20_000..60_000));
    random.find(|user| !users.contains(user)).expect("the iterator is infinite").to_string()
}

#[test]
fn server_without_free_descriptors_waits_and_recovers() {
    let (wrapper, program) = (["prlimit", "--nofile=40:40"], program("chat-server"));
    if Command::new(wrapper[0]).arg("--version").output().is_err() {
        print_skipped("prlimit is not installed; apt-get install util-linux");
        return;
    }
    let server = start_under(&wrapper, &program);
    let mut alice = Client::join(server.address());
    let mut others: Vec<_> = (0..60).map(|_| Client::connect(server.address())).collect();
    assert!(server.wait_for_log("can't accept connections").contains("open files"));
    let (ticks, start) = (server.cpu_ticks(), Instant::now());
    let mut warnings = 0;
    while start.elapsed() < Duration::from_secs(2) {
        alice.barrier();
        thread::sleep(Duration::from_millis(50));
    }
    while server.try_read_log().is_some() {
        warnings += 1;
    }
    assert!(warnings <= 4, "{warnings} warnings in two seconds");
    assert!(server.cpu_ticks() - ticks < 50, "it spins: {} ticks of 10 ms in two seconds", server.cpu_ticks() - ticks);
    // The server accepts waiting connections as soon as others close.
    let waiting = others.split_off(40);
    drop(others);
    for mut client in waiting {
        client.barrier();
    }
    alice.send("still here\n");
    alice.barrier();
}

/// The system sets no thread limit for root, so the server runs as a user with no other process.
#[test]
fn connection_is_refused_when_no_thread_starts() {
    if fs::metadata("/proc/self").expect("there is /proc").uid() != 0 {
        print_skipped("only root can start a server as a user of its own");
        return;
    }
    let user = user_without_processes();
    let wrapper = ["setpriv", "--reuid", &user, "--clear-groups", "prlimit", "--nproc=20"];
    let (_directory, program) = match copy_for(&wrapper) {
        Ok(copy) => copy,
        Err(obstacles) => {
            print_skipped(format_args!("another user can't run a copy of the server in {obstacles}"));
            return;
        }
    };
    let server = start_under(&wrapper, &program);
    let mut alice = Client::join(server.address());
    let mut others = Vec::new();
    let why = loop {
        let mut client = Client::connect(server.address());
        client.try_send("/ping in\n");
        match client.next_line() {
            Some(line) if line.starts_with('!') => break line,
            Some(_) => others.push(client),
            None => panic!("the server closed the connection without an error"),
        }
        assert!(others.len() < 30, "the thread limit has no effect");
    };
    assert_eq!(why, "! the server can't accept another connection at the moment; try again later");
    let _ = server.wait_for_log("can't start a thread");
    alice.send("still here\n");
    alice.barrier();
    others.truncate(5);
    eventually("there is room again", || {
        let mut client = Client::connect(server.address());
        client.try_send("/ping in\n");
        let mut lines = std::iter::from_fn(|| client.next_line()).take_while(|line| !line.starts_with('!'));
        lines.any(|line| line == "* pong in")
    });
}

#[test]
fn trickling_reader_is_closed_as_too_slow() {
    // The write timeout expires long before the send queue is full.
    let server = ChatServer::start(&["--sendq", "1G", "--sendq-total", "4G", "--write-timeout", "1"]);
    let mut alice = Client::join(server.address());
    let slow_reader = Client::join(server.address());
    let leave_notice = format!("[{}] is offline", slow_reader.name());
    let text = "x".repeat(4000) + "\n";
    eventually("the slow reader is closed", || {
        alice.send(&text);
        let received = alice.barrier();
        let _ = slow_reader.stream().read(&mut [0]);
        received.contains(&leave_notice)
    });
    let _ = server.wait_for_log("too slow");
}

#[test]
fn shutdown_under_load_notifies_every_member() {
    for signal in ["TERM", "INT"] {
        // The queues are large, so that the server closes no member as too slow on a busy machine.
        let server = ChatServer::start(&["-v", "--sendq", "256M", "--sendq-total", "4G", "--drain", "60"]);
        let address = server.address();
        let readers: Vec<_> = (0..10)
            .map(|_| {
                let mut client = Client::join(address);
                thread::spawn(move || client.read_to_end())
            })
            .collect();
        let talkers: Vec<_> = (0..2)
            .map(|_| {
                let mut client = Client::join(address);
                // A blocked write may report the closed connection only much later, so it has a timeout.
                client.stream().set_write_timeout(Some(Duration::from_secs(5))).expect("the timeout is valid");
                let mut stream = client.stream().try_clone().expect("a descriptor is free");
                thread::spawn(move || std::io::copy(&mut stream, &mut std::io::sink()));
                thread::spawn(move || while client.try_send("blah\n".repeat(100)) {})
            })
            .collect();
        let mut watcher = Client::join(address);
        let _ = watcher.read_line();
        drop(watcher);
        server.send_signal(signal);
        for reader in readers {
            let received = reader.join().expect("no panic");
            assert!(
                received.ends_with("* Server is shutting down\n"),
                "{:?}",
                &received[received.len().saturating_sub(200)..]
            );
        }
        let (status, _) = server.wait_for_exit();
        assert!(status.success(), "{status}");
        for talker in talkers {
            talker.join().expect("no panic");
        }
    }
}
