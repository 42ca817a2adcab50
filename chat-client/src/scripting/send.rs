//! Saying something and leaving: `chat-client send`.

use std::io::{self, BufRead};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::args::SendArgs;
use crate::failure::Failure;
use crate::net::wire::{Hearing, Wire};
use crate::secret;

/// So many texts may be on their way before the first is confirmed.
const WINDOW: usize = 64;
/// How long the server may take to close in the end.
const FAREWELL: Duration = Duration::from_secs(1);

/// What happens while something is said.
enum News {
    /// There is something to say, or standard input failed.
    Text(io::Result<String>),
    /// That was all.
    NoMore,
    /// A command is done.
    Done,
    /// It is over: a refusal, or the server has gone.
    Over(Failure),
}

/// Says the text, or each line of standard input; returns when the server has confirmed that the room has them all.
///
/// # Errors
///
/// [`Failure::Refused`] for the first text, name or room that is refused; [`Failure::Usage`], if there is nothing to say;
/// otherwise as [`Wire::open`].
pub(crate) fn run(args: &SendArgs) -> Result<(), Failure> {
    let text = args.text.join(" ");
    if text.trim().is_empty() {
        return Err(Failure::Usage("there is nothing to say: TEXT is blank".to_owned()));
    }
    let password = secret::read(args.server.password.as_ref())?;
    let (mut wire, _) = Wire::open(&args.server.host, args.server.port, password.as_ref())?;
    if let Some(nick) = &args.nick {
        wire.ask(&json!({"command": "nick", "name": nick}), |_| Ok(()))?;
    }
    if let Some(room) = &args.room {
        wire.ask(&json!({"command": "join", "room": room}), |_| Ok(()))?;
    }
    let (news, told) = mpsc::channel();
    let (permits, returned) = mpsc::sync_channel(WINDOW);
    // Heard all the time, also while there is nothing to say: a server closes those who do not read.
    let (hearing, to_news) = (wire.hearing().map_err(Failure::Start)?, news.clone());
    start("hearing", move || hear(hearing, &to_news))?;
    // Never joined: it may wait for standard input for ever.
    let is_input = args.text == ["-"];
    start("texts", move || {
        if is_input {
            read(io::stdin().lock().lines(), &permits, &news);
        } else {
            read(text.lines().map(|line| Ok(line.to_owned())), &permits, &news);
        }
    })?;
    say_all(&mut wire, args, &told, &returned)?;
    wire.leave();
    // What comes of that is no news, unless it takes too long.
    let _ = told.recv_timeout(FAREWELL);
    Ok(())
}

fn start(name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    thread::Builder::new().name(name.to_owned()).spawn(run).map(drop).map_err(Failure::Start)
}

/// Says what there is to say, until all is confirmed.
fn say_all(wire: &mut Wire, args: &SendArgs, told: &Receiver<News>, returned: &Receiver<()>) -> Result<(), Failure> {
    let (mut unconfirmed, mut is_all) = (0, false);
    while !is_all || unconfirmed > 0 {
        match told.recv().unwrap_or(News::Over(Failure::Disconnected)) {
            News::Text(text) => {
                wire.send(&say(args, &text.map_err(Failure::Input)?))?;
                unconfirmed += 1;
            }
            News::NoMore => is_all = true,
            News::Done => {
                unconfirmed -= 1;
                let _ = returned.try_recv();
            }
            News::Over(failure) => return Err(failure),
        }
    }
    Ok(())
}

fn say(args: &SendArgs, text: &str) -> Value {
    match &args.to {
        Some(to) => json!({"command": "tell", "to": to, "text": text}),
        None => json!({"command": "say", "text": text}),
    }
}

/// Hands on what is to be said, each for a permit that comes back when it is confirmed.
fn read(lines: impl Iterator<Item = io::Result<String>>, permits: &SyncSender<()>, news: &Sender<News>) {
    // A blank line says nothing.
    for line in lines.filter(|line| !line.as_ref().is_ok_and(|line| line.trim().is_empty())) {
        let is_over = line.is_err();
        if permits.send(()).is_err() || news.send(News::Text(line)).is_err() || is_over {
            return;
        }
    }
    let _ = news.send(News::NoMore);
}

/// Tells what becomes of what was said.
fn hear(mut hearing: Hearing, news: &Sender<News>) {
    loop {
        let told = match hearing.next() {
            Ok(Some(event)) => match event.kind() {
                "done" => News::Done,
                "refused" if event.number("id").is_some() => News::Over(Failure::Refused(event.text("text"))),
                "closed" => News::Over(Failure::Closed(event.text("text"))),
                _ => continue,
            },
            _ => News::Over(Failure::Disconnected),
        };
        let is_over = matches!(told, News::Over(_));
        if news.send(told).is_err() || is_over {
            return;
        }
    }
}
