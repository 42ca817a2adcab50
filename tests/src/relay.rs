//! A TCP relay whose connections a test can cut and restore.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

/// A TCP relay between clients and a server. It runs until the test process ends.
///
/// ```
/// use std::io::{Read, Write};
/// use std::net::{Ipv4Addr, TcpListener, TcpStream};
///
/// let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
/// let relay = chat_tests::Relay::start(server.local_addr().unwrap().port());
/// let mut client = TcpStream::connect((Ipv4Addr::LOCALHOST, relay.port())).unwrap();
/// let (mut accepted, _) = server.accept().unwrap();
/// accepted.write_all(b"hi\n").unwrap();
/// client.read_exact(&mut [0; 3]).unwrap();
/// relay.cut();
/// assert_eq!(client.read(&mut [0]).unwrap(), 0);
/// ```
#[derive(Debug)]
pub struct Relay {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    is_open: bool,
    /// The relay closes the next connection after a line that contains this text.
    cut_after: Option<&'static str>,
    streams: Vec<TcpStream>,
}

impl Relay {
    /// Starts a relay on a free loopback port. It relays to the loopback port `server`.
    ///
    /// # Panics
    ///
    /// If the system has no free port.
    #[must_use]
    pub fn start(server: u16) -> Relay {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("a listener has an address").port();
        let state = Arc::new(Mutex::new(State { is_open: true, cut_after: None, streams: Vec::new() }));
        let relay = Relay { port, state: Arc::clone(&state) };
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let mut state = lock(&state);
                if !state.is_open {
                    continue;
                }
                let upstream = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).expect("the server listens");
                for (from, to, cut_after) in [(&client, &upstream, None), (&upstream, &client, state.cut_after.take())]
                {
                    let clone = |stream: &TcpStream| stream.try_clone().expect("a descriptor is free");
                    let (from, to) = (clone(from), clone(to));
                    thread::spawn(move || copy_lines(&from, &to, cut_after));
                }
                state.streams.extend([client, upstream]);
            }
        });
        relay
    }

    /// Returns the port to connect to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Closes all connections and refuses new ones.
    pub fn cut(&self) {
        let mut state = lock(&self.state);
        state.is_open = false;
        for stream in state.streams.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Closes the next connection after the server sends a line that contains `text`.
    pub fn cut_after(&self, text: &'static str) {
        lock(&self.state).cut_after = Some(text);
    }

    /// Accepts connections again.
    pub fn restore(&self) {
        lock(&self.state).is_open = true;
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().expect("no thread panics while it holds the lock")
}

/// Copies lines up to and including the first line that contains `cut_after`, then closes both connections.
fn copy_lines(from: &TcpStream, to: &TcpStream, cut_after: Option<&str>) {
    let mut lines = BufReader::new(from);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) && (&mut &*to).write_all(&line).is_ok() {
        if cut_after.is_some_and(|text| String::from_utf8_lossy(&line).contains(text)) {
            break;
        }
        line.clear();
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
