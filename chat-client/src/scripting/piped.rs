//! The client in a script: standard input goes to the server, what comes goes to standard output.
//!
//! No prompt and no escape codes. Input is sent as it comes, byte for byte; at its end the writing side is closed, and
//! what still comes is printed until the server closes. With a password, a server that requires it gets it first.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use chat_core::Text;

use crate::CONNECTED;
use crate::failure::Failure;
use crate::net::greeting::is_password_request;
use crate::net::incoming::Incoming;
use crate::secret::Secret;
use crate::terminal::reading::Wishes;
use crate::terminal::screen;

/// When the server closes: how long standard input may take to end as well. A script that ends with `/quit` is
/// answered by a close before its end of file is seen here.
const GRACE: Duration = Duration::from_millis(250);
/// With a password: how long a server may take to greet before it counts as one that requires none.
const GREETING: Duration = Duration::from_secs(5);
/// What the server is asked, and what it answers once it has taken the password, or if it requires none.
const PING: &str = "/ping chat-client\n";
const PONG: &str = "* pong chat-client";

/// Runs until the server has closed.
///
/// # Errors
///
/// [`Failure::Disconnected`] when the server went before standard input ended or the connection broke,
/// [`Failure::PasswordRequired`] or [`Failure::Refused`] when the server requires another password,
/// [`Failure::OutputClosed`] when nobody reads standard output any more.
pub(crate) fn run(stream: TcpStream, wishes: &Wishes) -> Result<(), Failure> {
    print(&format!("{CONNECTED}\n"))?;
    let password = wishes.password.as_ref();
    let wishes = wishes.lines();
    let stream = Arc::new(stream);
    let mut incoming = Incoming::new(Arc::clone(&stream));
    if let Some(password) = password {
        print_lines(&enter(&stream, &mut incoming, password)?)?;
    }
    let (done, input) = mpsc::channel();
    let sending = Arc::clone(&stream);
    thread::Builder::new()
        .name("input".to_owned())
        .spawn(move || {
            let _ = done.send((&*sending).write_all(wishes.as_bytes()).and_then(|()| send_input(&sending)));
        })
        .map_err(Failure::Start)?;
    let printed = print_incoming(incoming, password.is_some());
    // Never joined: it may wait for standard input for ever.
    let sent = input.recv_timeout(GRACE);
    printed?;
    match sent {
        Ok(Ok(())) => Ok(()),
        _ => Err(Failure::Disconnected),
    }
}

/// Gives the password to a server that requires one; returns what it said besides.
///
/// Only a server that greets as chat-server is asked, by a ping: others would pass the password on to people.
fn enter(mut stream: &TcpStream, incoming: &mut Incoming, password: &Secret) -> Result<Vec<Text>, Failure> {
    let mut said = Vec::new();
    stream.set_read_timeout(Some(GREETING)).map_err(Failure::Start)?;
    let is_silent = stream.peek(&mut [0]).is_err_and(|error| is_timeout(&error));
    stream.set_read_timeout(None).map_err(Failure::Start)?;
    if is_silent {
        return Ok(said);
    }
    let mut send = |text: &str| stream.write_all(text.as_bytes()).map_err(|_| Failure::Disconnected);
    let mut is_given = false;
    let mut is_asked = false;
    while let Some(lines) = incoming.receive().map_err(|_| Failure::Disconnected)? {
        if !incoming.is_greeted() {
            return Ok(lines);
        }
        if !std::mem::replace(&mut is_asked, true) {
            send(PING)?;
        }
        let mut is_over = false;
        for line in lines {
            match line.as_str() {
                PONG => is_over = true,
                text if is_password_request(text) && !is_given => {}
                text if text.starts_with("! password required") && !is_given => {
                    is_given = true;
                    send(&format!("/pass {}\n{PING}", password.as_str()))?;
                }
                text if is_given && !is_over && text.starts_with("! ") => {
                    return Err(Failure::Refused(text[2..].to_owned()));
                }
                _ => said.push(line),
            }
        }
        if is_over {
            break;
        }
    }
    Ok(said)
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

fn print_incoming(mut incoming: Incoming, has_password: bool) -> Result<(), Failure> {
    let mut is_first = !has_password;
    while let Some(lines) = incoming.receive().map_err(|_| Failure::Disconnected)? {
        // What was sent meanwhile, the server has refused.
        let is_after_greeting = is_first && incoming.is_greeted();
        is_first &= lines.is_empty();
        if is_after_greeting && lines.first().is_some_and(|line| is_password_request(line)) {
            return Err(Failure::PasswordRequired);
        }
        print_lines(&lines)?;
    }
    Ok(())
}

fn print_lines(lines: &[Text]) -> Result<(), Failure> {
    print(&lines.iter().fold(String::new(), |all, line| all + line + "\n"))
}

fn print(text: &str) -> Result<(), Failure> {
    screen::print(text).map_err(Failure::output)
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
