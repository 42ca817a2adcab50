//! The client in a script: standard input goes to the server, what comes goes to standard output.
//!
//! No prompt and no escape codes. Input is sent as it comes, byte for byte; at its end the writing side is closed, and
//! what still comes is printed until the server closes.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use crate::CONNECTED;
use crate::failure::Failure;
use crate::incoming::Incoming;
use crate::reading::Wishes;

/// When the server closes: how long standard input may take to end as well. A script that ends with `/quit` is
/// answered by a close before its end of file is seen here.
const GRACE: Duration = Duration::from_millis(250);

/// Runs until the server has closed.
///
/// # Errors
///
/// [`Failure::Disconnected`] when the server went before standard input ended or the connection broke,
/// [`Failure::OutputClosed`] when nobody reads standard output any more.
pub(crate) fn run(stream: TcpStream, wishes: &Wishes) -> Result<(), Failure> {
    let wishes = wishes.lines();
    let stream = Arc::new(stream);
    let (done, input) = mpsc::channel();
    let sending = Arc::clone(&stream);
    thread::Builder::new()
        .name("input".to_owned())
        .spawn(move || {
            let _ = done.send((&*sending).write_all(wishes.as_bytes()).and_then(|()| send_input(&sending)));
        })
        .map_err(Failure::Start)?;
    let printed = print_incoming(stream);
    // Never joined: it may wait for standard input for ever.
    let sent = input.recv_timeout(GRACE);
    printed?;
    match sent {
        Ok(Ok(())) => Ok(()),
        _ => Err(Failure::Disconnected),
    }
}

fn print_incoming(stream: Arc<TcpStream>) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let mut print =
        |text: &str| stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Failure::output);
    print(&format!("{CONNECTED}\n"))?;
    let mut incoming = Incoming::new(stream);
    while let Some(lines) = incoming.receive().map_err(|_| Failure::Disconnected)? {
        print(&lines.iter().fold(String::new(), |all, line| all + line + "\n"))?;
    }
    Ok(())
}

/// Copies standard input to the server, then closes the writing side.
fn send_input(mut stream: &TcpStream) -> io::Result<()> {
    let mut stdin = io::stdin().lock();
    let mut buffer = [0; 16 * 1024];
    loop {
        match stdin.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => stream.write_all(&buffer[..count])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // An input that can't be read has ended: a closed descriptor, a terminal that went away.
            Err(_) => break,
        }
    }
    // The server may have closed already: then there is nothing to shut down.
    let _ = stream.shutdown(Shutdown::Write);
    Ok(())
}
