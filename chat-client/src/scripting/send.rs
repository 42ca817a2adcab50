//! `chat-client send`: sends texts, and exits when the server has confirmed all of them.
//!
//! This module must not know the messages of other members.

use std::io::{self, BufRead};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::args::SendArgs;
use crate::failure::Failure;
use crate::net::json_connection::{EventReader, JsonConnection};
use crate::secret;

/// The largest number of texts that the client has sent and the server has not confirmed.
const WINDOW: usize = 64;
/// How long the server may take to close the connection at the end.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// A notice from the input thread or the events thread to the thread that sends.
enum Step {
    /// The next text, or a failure of standard input.
    Text(io::Result<String>),
    /// There are no more texts.
    EndOfInput,
    /// The server has confirmed a command.
    Confirmed,
    /// The server has refused a command or closed the connection.
    Failed(Failure),
}

/// Sends the text, or each line of standard input.
///
/// Three threads take part:
///
/// 1. The input thread reads texts. It takes one of the [`WINDOW`] permits for each text.
/// 2. The events thread reads from the server all the time, even while there is nothing to send, because the server
///    disconnects a client that does not read.
/// 3. The calling thread sends each text, and returns a permit when the server has confirmed the text.
///
/// # Errors
///
/// [`Failure::Refused`] for the first text, nickname or room that the server refuses; [`Failure::Usage`] if the text is
/// blank; and the errors of [`JsonConnection::open`].
pub(crate) fn run(args: &SendArgs) -> Result<(), Failure> {
    let text = args.text.join(" ");
    if text.trim().is_empty() {
        return Err(Failure::Usage("TEXT is blank; give at least one character, or - for standard input".to_owned()));
    }
    let password = secret::read(args.server.password.as_ref())?;
    let (mut connection, _) = JsonConnection::open(&args.server.host, args.server.port, password.as_ref())?;
    if let Some(nick) = &args.nick {
        connection.request(&json!({"command": "nick", "name": nick}), |_| Ok(()))?;
    }
    if let Some(room) = &args.room {
        connection.request(&json!({"command": "join", "room": room}), |_| Ok(()))?;
    }
    let (sender, steps) = mpsc::channel();
    let (permits, returned) = mpsc::sync_channel(WINDOW);
    let (events, events_sender) = (connection.take_events().map_err(Failure::Start)?, sender.clone());
    start("events", move || read_events(events, &events_sender))?;
    // The input thread is not joined, because it may wait for standard input for ever.
    let is_input = args.text == ["-"];
    start("input", move || {
        if is_input {
            read_texts(io::stdin().lock().lines(), &permits, &sender);
        } else {
            read_texts(text.lines().map(|line| Ok(line.to_owned())), &permits, &sender);
        }
    })?;
    send_all(&mut connection, args, &steps, &returned)?;
    connection.leave();
    // The next step is the end of the connection. Its reason does not matter.
    let _ = steps.recv_timeout(CLOSE_TIMEOUT);
    Ok(())
}

fn start(name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    thread::Builder::new().name(name.to_owned()).spawn(run).map(drop).map_err(Failure::Start)
}

/// Sends texts until the input has ended and the server has confirmed all of them.
fn send_all(
    connection: &mut JsonConnection,
    args: &SendArgs,
    steps: &Receiver<Step>,
    returned: &Receiver<()>,
) -> Result<(), Failure> {
    let (mut unconfirmed, mut is_end) = (0, false);
    while !is_end || unconfirmed > 0 {
        match steps.recv().unwrap_or(Step::Failed(Failure::Disconnected)) {
            Step::Text(text) => {
                connection.send(&message(args, &text.map_err(Failure::Input)?))?;
                unconfirmed += 1;
            }
            Step::EndOfInput => is_end = true,
            Step::Confirmed => {
                unconfirmed -= 1;
                let _ = returned.try_recv();
            }
            Step::Failed(failure) => return Err(failure),
        }
    }
    Ok(())
}

fn message(args: &SendArgs, text: &str) -> Value {
    match &args.to {
        Some(to) => json!({"command": "tell", "to": to, "text": text}),
        None => json!({"command": "say", "text": text}),
    }
}

/// Passes each text that is not blank to the sending thread, as soon as there is a permit for the text.
fn read_texts(lines: impl Iterator<Item = io::Result<String>>, permits: &SyncSender<()>, steps: &Sender<Step>) {
    for line in lines.filter(|line| !line.as_ref().is_ok_and(|line| line.trim().is_empty())) {
        let is_failure = line.is_err();
        if permits.send(()).is_err() || steps.send(Step::Text(line)).is_err() || is_failure {
            return;
        }
    }
    let _ = steps.send(Step::EndOfInput);
}

/// Passes the server's confirmations to the sending thread, up to the first failure.
fn read_events(mut events: EventReader, steps: &Sender<Step>) {
    loop {
        let step = match events.next() {
            Ok(Some(event)) => match event.kind() {
                "done" => Step::Confirmed,
                "refused" if event.number("id").is_some() => Step::Failed(Failure::Refused(event.text("text"))),
                "closed" => Step::Failed(Failure::Closed(event.text("text"))),
                _ => continue,
            },
            _ => Step::Failed(Failure::Disconnected),
        };
        let is_failure = matches!(step, Step::Failed(_));
        if steps.send(step).is_err() || is_failure {
            return;
        }
    }
}
