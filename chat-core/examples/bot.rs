//! A bot in the same room as clients over TCP: say `!echo hello` with `nc localhost 5000`.

use std::error::Error;
use std::net::TcpListener;

use chat_core::event::RoomEvent;
use chat_core::{EventKind, Line, Room, Server};

fn main() -> Result<(), Box<dyn Error>> {
    let room = Room::new("lobby")?;
    let bot = room.join("echo-bot".parse()?)?;

    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:5000".into());
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    let _server = Server::new(room).serve(listener, |_peer| Line::default())?;

    for event in bot.iter() {
        if let EventKind::Room(RoomEvent::Said { text, .. }) = event.kind()
            && let Some(rest) = text.as_str().strip_prefix("!echo ")
        {
            bot.say(rest)?;
        }
    }
    Ok(())
}
