//! The client between pipes: standard input goes to the server, and received lines go to standard output.
//!
//! The client sends the input byte for byte as it arrives. At the end of the input, it closes the sending side and
//! prints received lines until the server closes the connection. If the options contain a password and the server
//! requires one, the client sends the password first. This module must not know JSON lines.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use chat_core::message::Text;

use crate::failure::Failure;
use crate::net::greeting::is_password_request;
use crate::net::line_receiver::LineReceiver;
use crate::net::options::ConnectOptions;
use crate::output::{self, CONNECTED};
use crate::secret::Secret;

/// How long standard input may take to end after the server has closed the connection. After a `/quit` line at the end
/// of a script, the server may close the connection before the client reaches the end of the input.
const INPUT_TIMEOUT: Duration = Duration::from_millis(250);
/// How long a client that has a password waits for the server's first byte. After that, the client continues without
/// sending the password.
const GREETING_TIMEOUT: Duration = Duration::from_secs(5);
/// A command whose reply shows that the server has accepted the password, or requires none.
const PING: &str = "/ping chat-client\n";
/// The reply to [`PING`].
const PONG: &str = "* pong chat-client";

/// Runs until the server has closed the connection.
///
/// # Errors
///
/// [`Failure::Disconnected`] if the server closed before standard input ended, or the connection broke;
/// [`Failure::PasswordRequired`]; [`Failure::Refused`] for a wrong password; [`Failure::OutputClosed`] if the reader of
/// standard output has closed the pipe.
pub(crate) fn run(stream: TcpStream, options: &ConnectOptions) -> Result<(), Failure> {
    print(&format!("{CONNECTED}\n"))?;
    let password = options.password.as_ref();
    let setup = options.setup_lines();
    let stream = Arc::new(stream);
    let mut receiver = LineReceiver::new(Arc::clone(&stream));
    if let Some(password) = password {
        print_lines(&authenticate(&stream, &mut receiver, password)?)?;
    }
    let (done, input) = mpsc::channel();
    let sending = Arc::clone(&stream);
    thread::Builder::new()
        .name("input".to_owned())
        .spawn(move || {
            let _ = done.send((&*sending).write_all(setup.as_bytes()).and_then(|()| send_input(&sending)));
        })
        .map_err(Failure::Start)?;
    let printed = print_received(receiver, password.is_some());
    // The input thread is not joined: it may wait for standard input for ever.
    let sent = input.recv_timeout(INPUT_TIMEOUT);
    printed?;
    match sent {
        Ok(Ok(())) => Ok(()),
        _ => Err(Failure::Disconnected),
    }
}

/// Sends the password if the server requires one. Returns the received lines that do not belong to this exchange.
///
/// Sends [`PING`] to find out whether the server requires a password, but only to a server whose greeting offers JSON
/// lines. Any other server might relay the password to people as a message.
fn authenticate(mut stream: &TcpStream, receiver: &mut LineReceiver, password: &Secret) -> Result<Vec<Text>, Failure> {
    let mut others = Vec::new();
    stream.set_read_timeout(Some(GREETING_TIMEOUT)).map_err(Failure::Start)?;
    let is_silent = stream.peek(&mut [0]).is_err_and(|error| is_timeout(&error));
    stream.set_read_timeout(None).map_err(Failure::Start)?;
    if is_silent {
        return Ok(others);
    }
    let mut send = |text: &str| stream.write_all(text.as_bytes()).map_err(|_| Failure::Disconnected);
    let mut is_password_sent = false;
    let mut is_ping_sent = false;
    while let Some(lines) = receiver.receive().map_err(|_| Failure::Disconnected)? {
        if !receiver.is_greeted() {
            return Ok(lines);
        }
        if !std::mem::replace(&mut is_ping_sent, true) {
            send(PING)?;
        }
        let mut is_done = false;
        for line in lines {
            match line.as_str() {
                PONG => is_done = true,
                text if is_password_request(text) && !is_password_sent => {}
                text if text.starts_with("! password required") && !is_password_sent => {
                    is_password_sent = true;
                    send(&format!("/pass {}\n{PING}", password.as_str()))?;
                }
                text if is_password_sent && !is_done && text.starts_with("! ") => {
                    return Err(Failure::Refused(text[2..].to_owned()));
                }
                _ => others.push(line),
            }
        }
        if is_done {
            break;
        }
    }
    Ok(others)
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// Prints the received lines until the server closes the connection.
fn print_received(mut receiver: LineReceiver, has_password: bool) -> Result<(), Failure> {
    let mut is_first = !has_password;
    while let Some(lines) = receiver.receive().map_err(|_| Failure::Disconnected)? {
        let is_after_greeting = is_first && receiver.is_greeted();
        is_first &= lines.is_empty();
        if is_after_greeting && lines.first().is_some_and(|line| is_password_request(line.as_str())) {
            // Stop here, because the server refuses every line that the input thread has sent.
            return Err(Failure::PasswordRequired);
        }
        print_lines(&lines)?;
    }
    Ok(())
}

fn print_lines(lines: &[Text]) -> Result<(), Failure> {
    print(&lines.iter().fold(String::new(), |all, line| all + line.as_str() + "\n"))
}

fn print(text: &str) -> Result<(), Failure> {
    output::print(text).map_err(Failure::output)
}

/// Copies standard input to the server, then closes the sending side.
fn send_input(mut stream: &TcpStream) -> io::Result<()> {
    let mut stdin = io::stdin().lock();
    let mut buffer = [0; 16 * 1024];
    loop {
        match stdin.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => stream.write_all(&buffer[..count])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // Treat an unreadable input, such as a closed descriptor or a terminal that is gone, as the end of the
            // input.
            Err(_) => break,
        }
    }
    // `shutdown` fails if the server has closed the connection already.
    let _ = stream.shutdown(Shutdown::Write);
    Ok(())
}
