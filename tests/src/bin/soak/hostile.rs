//! What hostile clients do. Each does it once; nothing that the server does to them is a fault.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// One kind of abuse.
pub(crate) type Abuse = fn(Target, &mut fastrand::Rng, &AtomicBool);

/// Who is abused, and from where: each kind comes from an address of its own, as one hostile machine would.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) server: SocketAddr,
    pub(crate) from: Ipv4Addr,
}

pub(crate) const ALL: &[Abuse] = &[
    talk,
    talk,
    never_read,
    trickle,
    flood,
    flood_with_commands,
    reset_in_mid_line,
    garbage,
    come_and_go,
    endless_line,
];

/// Does it again and again until all is over.
pub(crate) fn repeat(abuse: Abuse, target: Target, seed: u64, over: &AtomicBool) {
    let mut random = fastrand::Rng::with_seed(seed);
    while !over.load(Ordering::Relaxed) {
        abuse(target, &mut random, over);
    }
}

/// Nothing, if the server has no place: that is its right.
fn connect(target: Target) -> Option<TcpStream> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).ok()?;
    socket.bind(&SocketAddr::from((target.from, 0)).into()).ok()?;
    socket.connect(&target.server.into()).ok()?;
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(Duration::from_millis(200))).ok()?;
    stream.set_write_timeout(Some(Duration::from_millis(200))).ok()?;
    Some(stream)
}

/// So many times, or until all is over.
fn rounds(count: usize, over: &AtomicBool) -> impl Iterator<Item = usize> {
    (0..count).take_while(|_| !over.load(Ordering::Relaxed))
}

/// Fills the room where everybody begins, so that those who do not read there have something not to read.
fn talk(target: Target, random: &mut fastrand::Rng, over: &AtomicBool) {
    let Some(mut stream) = connect(target) else { return };
    let mut heard = vec![0; 256 * 1024];
    for _ in rounds(random.usize(1..=500), over) {
        let line = "blah ".repeat(random.usize(1..200)) + "\n";
        if stream.write_all(line.repeat(20).as_bytes()).is_err() {
            return;
        }
        let _ = stream.read(&mut heard);
    }
}

fn never_read(target: Target, random: &mut fastrand::Rng, over: &AtomicBool) {
    let sleepers: Vec<_> = (0..random.usize(1..10)).filter_map(|_| connect(target)).collect();
    for _ in rounds(random.usize(1..=60), over) {
        thread::sleep(Duration::from_millis(50));
    }
    drop(sleepers);
}

fn trickle(target: Target, random: &mut fastrand::Rng, over: &AtomicBool) {
    let Some(mut stream) = connect(target) else { return };
    for _ in rounds(random.usize(1..=100), over) {
        let _ = stream.read(&mut [0]);
        thread::sleep(Duration::from_millis(20));
    }
}

fn flood(target: Target, random: &mut fastrand::Rng, over: &AtomicBool) {
    let Some(mut stream) = connect(target) else { return };
    let lines = "flood\n".repeat(random.usize(1..5000));
    for _ in rounds(random.usize(1..=20), over) {
        if stream.write_all(lines.as_bytes()).is_err() {
            return;
        }
    }
}

fn flood_with_commands(target: Target, random: &mut fastrand::Rng, over: &AtomicBool) {
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
    let mut heard = vec![0; 256 * 1024];
    for _ in rounds(random.usize(1..=100), over) {
        for stream in &mut streams {
            let mut lines = String::new();
            for _ in 0..random.usize(1..30) {
                let command = COMMANDS[random.usize(0..COMMANDS.len())];
                let argument = ARGUMENTS[random.usize(0..ARGUMENTS.len())];
                // Nobody is to be kept out of where everybody begins.
                let _ = write!(lines, "/join #a\n/{command} {argument}\n");
            }
            let _ = stream.write_all(lines.as_bytes());
            if random.bool() {
                let _ = stream.read(&mut heard);
            }
        }
    }
}

fn reset_in_mid_line(target: Target, random: &mut fastrand::Rng, _: &AtomicBool) {
    let Some(mut stream) = connect(target) else { return };
    let whole = "whole\n".repeat(random.usize(0..10));
    let _ = stream.write_all((whole + "half a li").as_bytes());
    let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
}

fn garbage(target: Target, random: &mut fastrand::Rng, _: &AtomicBool) {
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

fn come_and_go(target: Target, random: &mut fastrand::Rng, _: &AtomicBool) {
    let crowd: Vec<_> = (0..random.usize(1..100)).filter_map(|_| connect(target)).collect();
    drop(crowd);
}

fn endless_line(target: Target, random: &mut fastrand::Rng, over: &AtomicBool) {
    let Some(mut stream) = connect(target) else { return };
    let piece = vec![b'x'; random.usize(1..100_000)];
    for _ in rounds(random.usize(1..=100), over) {
        if stream.write_all(&piece).is_err() {
            return;
        }
    }
}
