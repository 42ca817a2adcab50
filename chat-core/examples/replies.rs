//! A framing that registers, answers and refuses: lines of `ID COMMAND`, each answered by `ID ok` or `ID error …`.
use std::io::Write as _;

use chat_core::event::{CommandError, Reply};
use chat_core::session::{Registration, Respond};
use chat_core::{Command, Encoder, Event, EventKind, FramingError, Line, Request, Room, Server, Session, name::Nick};

#[derive(Default)]
struct Numbered(Option<Nick>);

impl Session for Numbered {
    fn decode(&mut self, input: &mut &[u8], reply: &mut Vec<u8>) -> Result<Option<Request>, FramingError> {
        let Some(end) = input.iter().position(|byte| *byte == b'\n') else { return Ok(None) };
        let (line, rest) = (str::from_utf8(&input[..end])?, &input[end + 1..]);
        *input = rest;
        let (id, command) = line.split_once(' ').unwrap_or((line, ""));
        let command = match command.split_once(' ') {
            Some(("nick", name)) => match (name.parse(), self.0.is_none()) {
                (Ok(nick), true) => return Ok(self.0.replace(nick).and(None)),
                (Ok(nick), false) => Command::Nick(nick),
                (Err(error), _) => return Ok(writeln!(reply, "{id} error {error}").ok().and(None)),
            },
            Some(("say", text)) => Command::say(text),
            _ => return Ok(writeln!(reply, "{id} error no such command; say TEXT or nick NAME").ok().and(None)),
        };
        Ok(Some(Request { command, responder: Some(Box::new(Answer { id: id.to_owned(), refused: None })) }))
    }
    fn register(&mut self) -> Option<Registration> {
        self.0.clone().map(Registration::from)
    }
    fn refused(&mut self, why: &CommandError, reply: &mut Vec<u8>) -> bool {
        self.0 = None;
        writeln!(reply, "error {why}").is_ok()
    }
    fn encoder(&self) -> Encoder {
        Line::default().encoder()
    }
}
struct Answer {
    id: String,
    refused: Option<CommandError>,
}
impl Respond for Answer {
    fn reply(&mut self, event: &Event, out: &mut Vec<u8>) {
        match event.kind() {
            EventKind::Reply(Reply::Refused { error }) => self.refused = Some(error.clone()),
            _ => event.default_text(out),
        }
    }
    fn done(&mut self, out: &mut Vec<u8>) {
        let result = self.refused.as_ref().map_or("ok".into(), |error| format!("error {error}"));
        out.extend(format!("{} {result}\n", self.id).bytes());
    }
}
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = std::net::TcpListener::bind(std::env::args().nth(1).unwrap_or("127.0.0.1:5000".into()))?;
    println!("listening on {}", listener.local_addr()?);
    Server::new(Room::new("lobby")?).serve(listener, |_peer| Numbered::default())?.join();
    Ok(())
}
