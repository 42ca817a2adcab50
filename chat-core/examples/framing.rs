//! A framing of one's own: each text, in and out, behind its length in two bytes, the more significant one first.
use chat_core::event::RoomEvent;
use chat_core::{Command, Encode, Encoder, Event, EventKind, FramingError, Request, Room, Server, Session};

struct LengthPrefixed;

impl Session for LengthPrefixed {
    fn decode(&mut self, input: &mut &[u8], _reply: &mut Vec<u8>) -> Result<Option<Request>, FramingError> {
        let Some((length, rest)) = input.split_first_chunk() else { return Ok(None) };
        let Some((frame, rest)) = rest.split_at_checked(u16::from_be_bytes(*length).into()) else { return Ok(None) };
        *input = rest;
        Ok(Some(Command::say(str::from_utf8(frame)?).into()))
    }
    fn encoder(&self) -> Encoder {
        Encoder::new(LengthPrefixed)
    }
}
impl Encode for LengthPrefixed {
    fn encode(&self, event: &Event, out: &mut Vec<u8>) {
        let EventKind::Room(RoomEvent::Said { from, text, .. }) = event.kind() else { return };
        let said = format!("{from}: {text}");
        out.extend([&u16::try_from(said.len()).expect("texts are short").to_be_bytes()[..], said.as_bytes()].concat());
    }
}
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = std::net::TcpListener::bind(std::env::args().nth(1).unwrap_or("127.0.0.1:5000".into()))?;
    println!("listening on {}", listener.local_addr()?);
    Server::new(Room::new("lobby")?).serve(listener, |_peer| LengthPrefixed)?.join();
    Ok(())
}
