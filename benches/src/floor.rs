//! The floor: a relay that does the least work with which a server can send to each member.
//!
//! One thread relays the bytes of each read to all other peers, with one non-blocking send per peer. It has no lines,
//! no names, no limits and no log. It keeps the bytes that a socket does not take, and sends them when the socket is
//! writable again; without that it would be faster by losing data. A server that frames lines and names senders can be
//! faster than this floor only by sending less often.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Token};

const LISTENER: Token = Token(usize::MAX - 1);
/// The size of one read, in bytes. In the measurements, a talker has fewer bytes in flight, so no read splits a line.
const READ_BUFFER: usize = 64 * 1024;
const MAX_EVENTS: usize = 1024;

#[derive(Debug)]
struct Peer {
    stream: TcpStream,
    /// The bytes that the socket has not taken yet.
    unsent: Vec<u8>,
}

/// Prints its port, and relays until it is killed.
///
/// # Errors
///
/// If it can't listen, or the system's poll fails.
pub fn serve() -> io::Result<()> {
    let listener = chat_core::server::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    listener.set_nonblocking(true)?;
    let mut listener = TcpListener::from_std(listener);
    let mut poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("Floor started on port {}", listener.local_addr()?.port());

    let mut events = Events::with_capacity(MAX_EVENTS);
    let mut buffer = vec![0; READ_BUFFER];
    let mut peers: Vec<Option<Peer>> = Vec::new();
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        // Accept first: a client that connected before a message was sent must receive it.
        if events.iter().any(|event| event.token() == LISTENER) {
            accept(&listener, poll.registry(), &mut peers)?;
        }
        for event in events.iter().filter(|event| event.token() != LISTENER) {
            let index = event.token().0;
            if event.is_writable() {
                flush(&mut peers[index]);
            }
            if event.is_readable() {
                relay(index, &mut buffer, &mut peers);
            }
        }
    }
}

fn accept(listener: &TcpListener, registry: &Registry, peers: &mut Vec<Option<Peer>>) -> io::Result<()> {
    loop {
        let mut stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => continue,
            Err(error) => return Err(error),
        };
        stream.set_nodelay(true)?;
        registry.register(&mut stream, Token(peers.len()), Interest::READABLE | Interest::WRITABLE)?;
        peers.push(Some(Peer { stream, unsent: Vec::new() }));
    }
}

/// Reads all available bytes, and sends each read to all other peers.
fn relay(from: usize, buffer: &mut [u8], peers: &mut [Option<Peer>]) {
    while let Some(peer) = &mut peers[from] {
        let read = match peer.stream.read(buffer) {
            Ok(0) => return peers[from] = None,
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => return peers[from] = None,
        };
        let (before, after) = peers.split_at_mut(from);
        for peer in before.iter_mut().chain(&mut after[1..]) {
            send(peer, &buffer[..read]);
        }
        if read < buffer.len() {
            // A short read emptied the socket; the poll reports new data.
            return;
        }
    }
}

fn send(slot: &mut Option<Peer>, bytes: &[u8]) {
    let Some(peer) = slot else { return };
    if !peer.unsent.is_empty() {
        return peer.unsent.extend_from_slice(bytes);
    }
    match peer.stream.write(bytes) {
        Ok(sent) => peer.unsent.extend_from_slice(&bytes[sent..]),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
            peer.unsent.extend_from_slice(bytes);
        }
        Err(_) => *slot = None,
    }
}

fn flush(slot: &mut Option<Peer>) {
    let Some(peer) = slot else { return };
    while !peer.unsent.is_empty() {
        match peer.stream.write(&peer.unsent) {
            Ok(sent) => drop(peer.unsent.drain(..sent)),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            Err(_) => return *slot = None,
        }
    }
}
