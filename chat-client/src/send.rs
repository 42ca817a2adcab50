//! Saying something and leaving: `chat-client send`.

use std::io::{self, BufRead};

use serde_json::json;

use crate::args::SendArgs;
use crate::failure::Failure;
use crate::wire::Wire;

/// So many texts may be on their way before the first is confirmed.
const WINDOW: usize = 64;

/// Says the text, or each line of standard input; returns when the server has confirmed that the room has them all.
///
/// # Errors
///
/// [`Failure::Refused`] for the first text, name or room that is refused; otherwise as [`Wire::open`].
pub(crate) fn run(args: &SendArgs) -> Result<(), Failure> {
    let (mut wire, _) = Wire::open(&args.server.host, args.server.port)?;
    if let Some(nick) = &args.nick {
        wire.ask(&json!({"command": "nick", "name": nick}), |_| Ok(()))?;
    }
    if let Some(room) = &args.room {
        wire.ask(&json!({"command": "join", "room": room}), |_| Ok(()))?;
    }
    if args.text == ["-"] {
        say_all(&mut wire, args, io::stdin().lock().lines())?;
    } else {
        say_all(&mut wire, args, std::iter::once(Ok(args.text.join(" "))))?;
    }
    wire.close();
    Ok(())
}

fn say_all(wire: &mut Wire, args: &SendArgs, lines: impl Iterator<Item = io::Result<String>>) -> Result<(), Failure> {
    let mut unconfirmed = std::collections::VecDeque::new();
    for line in lines {
        let line = line.map_err(Failure::Input)?;
        // A blank line says nothing.
        if line.trim().is_empty() {
            continue;
        }
        let say = match &args.to {
            Some(to) => json!({"command": "tell", "to": to, "text": line}),
            None => json!({"command": "say", "text": line}),
        };
        unconfirmed.push_back(wire.send(&say)?);
        if unconfirmed.len() >= WINDOW
            && let Some(first) = unconfirmed.pop_front()
        {
            wire.wait_for(first, &mut |_| Ok(()))?;
        }
    }
    unconfirmed.into_iter().try_for_each(|id| wire.wait_for(id, &mut |_| Ok(())))
}
