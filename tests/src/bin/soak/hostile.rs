//! The hostile clients of a soak. Each function abuses the server once; any reaction of the server is allowed.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// One kind of abuse.
pub(crate) type Abuse = fn(Target, &mut fastrand::Rng, &AtomicBool);

/// The abused server, and the source address. Each kind uses its own address, as one hostile machine would.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) server: SocketAddr,
    pub(crate) from: Ipv4Addr,
}

/// All kinds of abuse, each as a function.
pub(crate) const ALL: &[Abuse] = &[
    flood_room,
    flood_room,
    never_read,
    read_slowly,
    flood_without_reading,
    flood_with_commands,
    reset_within_line,
    send_garbage,
    connect_and_disconnect,
    send_endless_line,
];

/// Repeats the abuse until `stop` is set.
pub(crate) fn repeat(abuse: Abuse, target: Target, seed: u64, stop: &AtomicBool) {
    let mut random = fastrand::Rng::with_seed(seed);
    while !stop.load(Ordering::Relaxed) {
        abuse(target, &mut random, stop);
    }
}

/// Connects, or returns `None` if the server refuses the connection.
fn connect(target: Target) -> Option<TcpStream> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).ok()?;
    socket.bind(&SocketAddr::from((target.from, 0)).into()).ok()?;
    socket.connect(&target.server.into()).ok()?;
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(Duration::from_millis(200))).ok()?;
    stream.set_write_timeout(Some(Duration::from_millis(200))).ok()?;
    Some(stream)
}

/// Iterates `count` times, and stops early when `stop` is set.
fn repetitions(count: usize, stop: &AtomicBool) -> impl Iterator<Item = usize> {
    (0..count).take_while(|_| !stop.load(Ordering::Relaxed))
}

/// Sends messages to the first room, so that the send queues of members that do not read grow.
fn flood_room(target: Target, random: &mut fastrand::Rng, stop: &AtomicBool) {
    let Some(mut stream) = connect(target) else { return };
    let mut received = vec![0; 256 * 1024];
    for _ in repetitions(random.usize(1..=500), stop) {
        let line = "blah ".repeat(random.usize(1..200)) + "\n";
        if stream.write_all(line.repeat(20).as_bytes()).is_err() {
            return;
        }
        let _ = stream.read(&mut received);
    }
}

fn never_read(target: Target, random: &mut fastrand::Rng, stop: &AtomicBool) {
    let clients: Vec<_> = (0..random.usize(1..10)).filter_map(|_| connect(target)).collect();
    for _ in repetitions(random.usize(1..=60), stop) {
        thread::sleep(Duration::from_millis(50));
    }
    drop(clients);
}

fn read_slowly(target: Target, random: &mut fastrand::Rng, stop: &AtomicBool) {
    let Some(mut stream) = connect(target) else { return };
    for _ in repetitions(random.usize(1..=100), stop) {
        let _ = stream.read(&mut [0]);
        thread::sleep(Duration::from_millis(20));
    }
}

fn flood_without_reading(target: Target, random: &mut fastrand::Rng, stop: &AtomicBool) {
    let Some(mut stream) = connect(target) else { return };
    let lines = "flood\n".repeat(random.usize(1..5000));
    for _ in repetitions(random.usize(1..=20), stop) {
        if stream.write_all(lines.as_bytes()).is_err() {
            return;
        }
    }
}

fn flood_with_commands(target: Target, random: &mut fastrand::Rng, stop: &AtomicBool) {
    const COMMANDS: &[&str] = &[
        "help",
        "nick",
        "msg",
        "w",
        "me",
        "who",
        "whois",
        "rooms",
        "join",
        "part",
        "topic",
        "invite",
        "op",
        "deop",
        "voice",
        "devoice",
        "mode",
        "kick",
        "mute",
        "unmute",
        "mutes",
        "ban",
        "unban",
        "bans",
        "oper",
        "kill",
        "serverban",
        "stats",
        "announce",
        "history",
        "away",
        "ignore",
        "unignore",
        "ping",
        "nonsense",
    ];
    const ARGUMENTS: &[&str] = &[
        "",
        "#a",
        "#b",
        "#c",
        "x",
        "y",
        "X",
        "x y",
        "x 1s why",
        "*",
        "127.0.0.1",
        "+m",
        "-m",
        "+i",
        "+k x",
        "+l 1",
        "-i",
    ];
    let mut streams: Vec<_> = (0..random.usize(1..8)).filter_map(|_| connect(target)).collect();
    let mut received = vec![0; 256 * 1024];
    for _ in repetitions(random.usize(1..=100), stop) {
        for stream in &mut streams {
            let mut lines = String::new();
            for _ in 0..random.usize(1..30) {
                let command = COMMANDS[random.usize(0..COMMANDS.len())];
                let argument = ARGUMENTS[random.usize(0..ARGUMENTS.len())];
                // Join `#a` first, so that bans and modes never keep a well-behaved client out of the first room.
                let _ = write!(lines, "/join #a\n/{command} {argument}\n");
            }
            let _ = stream.write_all(lines.as_bytes());
            if random.bool() {
                let _ = stream.read(&mut received);
            }
        }
    }
}

fn reset_within_line(target: Target, random: &mut fastrand::Rng, _: &AtomicBool) {
    let Some(mut stream) = connect(target) else { return };
    let whole = "whole\n".repeat(random.usize(0..10));
    let _ = stream.write_all((whole + "half a li").as_bytes());
    let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
}

fn send_garbage(target: Target, random: &mut fastrand::Rng, _: &AtomicBool) {
    const PIECES: &[&[u8]] = &[
        b"\n",
        b"\r\n",
        b"\0",
        b"\xff",
        b"\xff\xfa",
        b"\xff\xf0",
        b"\xff\xfb\x01",
        b"\x1b[2J",
        b"\x1b]0;x\x07",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"/",
        b"//",
        b"/nick ",
        b"#",
        b"GET / HTTP/1.1\r\n",
        b"\x16\x03\x01",
        b"\xef\xbb\xbf",
        b"\xe2\x80\xae",
    ];
    let Some(mut stream) = connect(target) else { return };
    let mut bytes = Vec::new();
    for _ in 0..random.usize(0..500) {
        match random.usize(0..3) {
            0 => bytes.push(random.u8(..)),
            1 => bytes.extend_from_slice(PIECES[random.usize(0..PIECES.len())]),
            _ => bytes.extend_from_slice(&b"x".repeat(random.usize(0..100))),
        }
    }
    let _ = stream.write_all(&bytes);
    if random.bool() {
        let _ = stream.read(&mut [0; 4096]);
    }
}

fn connect_and_disconnect(target: Target, random: &mut fastrand::Rng, _: &AtomicBool) {
    let crowd: Vec<_> = (0..random.usize(1..100)).filter_map(|_| connect(target)).collect();
    drop(crowd);
}

fn send_endless_line(target: Target, random: &mut fastrand::Rng, stop: &AtomicBool) {
    let Some(mut stream) = connect(target) else { return };
    let chunk = vec![b'x'; random.usize(1..100_000)];
    for _ in repetitions(random.usize(1..=100), stop) {
        if stream.write_all(&chunk).is_err() {
            return;
        }
    }
}
