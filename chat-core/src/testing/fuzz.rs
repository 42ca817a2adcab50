//! The bodies of the fuzz targets: checks that must hold for any input bytes.
//!
//! Each function panics if a check fails. A test runs them on the stored corpus, which holds what fuzzing has found so
//! far.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use crate::model::command::Command;
use crate::model::event::{CloseReason, Event};
use crate::model::limits::Limits;
use crate::model::moderation::Moderation;
use crate::model::name::Name;
use crate::model::options::{DefaultNames, HubOptions};
use crate::model::password::Password;
use crate::protocol::irc::IrcOptions;
use crate::protocol::irc::scene::Scene;
#[cfg(feature = "json")]
use crate::protocol::json::Json;
use crate::protocol::line::Line;
use crate::session::{Encoder, Place, Request, Session};
use crate::state::reference::Model;
use crate::state::{Effect, Input, JoinRequest, MemberId, Moment, State};

/// The longest line here, in bytes: short, so that inputs reach the limits soon.
const MAX_LINE: usize = 64;

/// Checks the plain-line framing: a stream decodes to the same commands and replies, however it is cut into pieces.
///
/// The first byte is the number of bytes in each piece.
pub fn line(data: &[u8]) {
    let Some((&size, stream)) = data.split_first() else { return };
    let whole = decode(Line::new(MAX_LINE), [stream]);
    let pieces = decode(Line::new(MAX_LINE), stream.chunks(usize::from(size).max(1)));
    assert_eq!(whole, pieces);
}

/// Checks the JSON framing in the same way, and that each line of its replies is a JSON object.
#[cfg(feature = "json")]
pub fn json(data: &[u8]) {
    let Some((&size, stream)) = data.split_first() else { return };
    let whole = decode(Json::new(MAX_LINE, true), [stream]);
    let pieces = decode(Json::new(MAX_LINE, true), stream.chunks(usize::from(size).max(1)));
    assert_eq!(whole, pieces);
    let replies = str::from_utf8(&whole.1).expect("replies are UTF-8");
    for line in replies.split_terminator('\n') {
        assert!(serde_json::from_str::<serde_json::Map<_, _>>(line).is_ok(), "{line:?}");
    }
}

/// Returns what a stream decodes to: its commands, the replies to it, and the error that ends it.
fn decode<'a>(
    mut session: impl Session,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Command>, Vec<u8>, Option<String>) {
    let (mut commands, mut reply) = (Vec::new(), Vec::new());
    for piece in pieces {
        let mut input = piece;
        loop {
            let (remaining, replied) = (input.len(), reply.len());
            match session.decode(&mut input, &mut reply) {
                Ok(Some(request)) => commands.push(request.command),
                Ok(None) if reply.len() > replied && input.len() < remaining => {}
                Ok(None) => break,
                Err(error) => return (commands, reply, Some(error.to_string())),
            }
        }
        assert!(input.is_empty(), "the session consumes its input");
    }
    let error = match session.finish(&[], &mut reply) {
        Ok(request) => {
            commands.extend(request.map(|request| request.command));
            None
        }
        Err(error) => Some(error.to_string()),
    };
    (commands, reply, error)
}

/// Checks the command parser: it turns any line into a command, or replies with lines that explain the error or the
/// usage.
pub fn command(data: &[u8]) {
    let mut session = Line::new(usize::MAX / 32);
    let line: Vec<u8> = b"/".iter().chain(data.iter().filter(|byte| !matches!(byte, b'\n' | 0xff))).copied().collect();
    let mut reply = Vec::new();
    let mut input = &*[&line[..], b"\n"].concat();
    let request = session.decode(&mut input, &mut reply).expect("one line does not end the session");
    assert!(input.is_empty());
    let is_utf8 = str::from_utf8(&line).is_ok();
    if let Some(Request { command, .. }) = request {
        assert!(reply.is_empty() && is_utf8);
        // All texts in the command are clean.
        check_line(format!("{command:?}\n").as_bytes());
        if let Command::Moderate(moderation) = &command
            && let Moderation::Ban { mask, .. } | Moderation::Unban { mask, .. } | Moderation::AddException { mask, .. } =
                &**moderation
        {
            check_line(format!("{mask}\n").as_bytes());
        }
        return;
    }
    let lines = str::from_utf8(&reply).expect("replies are UTF-8");
    assert!(lines.lines().all(|line| line.starts_with("! ") || line.starts_with("* ")), "{lines:?}");
    check_lines(&reply);
}

/// Checks the state with several members, whose input is cut and interleaved in any way.
///
/// The reference model must agree with the state after each input, and all events must encode to clean lines. The
/// lowest bit of the first byte selects guest names. Each step after it begins with a byte:
///
/// 1. Its lowest three bits select the member.
/// 2. The next two bits select the action: 0 and 1 send bytes, whose number is in the lowest six bits of the next byte;
///    2 joins or leaves the hub; 3 advances the time by the next byte, in seconds.
pub fn session(data: &[u8]) {
    let mut simulation = Simulation::new(data.first().is_some_and(|byte| byte & 1 == 1));
    let mut rest = data.get(1..).unwrap_or_default();
    while let Some((&step, after)) = rest.split_first() {
        rest = after;
        let (client, action) = (usize::from(step & 0x07), (step >> 3) & 0x03);
        match action {
            0 | 1 => {
                let length = rest.first().map_or(0, |length| usize::from(length & 0x3f));
                rest = rest.get(1..).unwrap_or_default();
                let (piece, after) = rest.split_at(length.min(rest.len()));
                rest = after;
                simulation.send(client, piece);
            }
            2 => simulation.join_or_leave(client),
            _ => {
                simulation.seconds += u64::from(rest.first().copied().unwrap_or_default());
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    simulation.finish();
}

/// Checks the IRC framing with two IRC clients and a plain-line client, whose input is cut and interleaved in any way.
///
/// The clients must receive whole lines of text within the length limit, and a complete reply to each request. Each
/// step begins with a byte: its lowest two bits select the client. Its other bits are the number of further bytes in
/// the step, which the client sends.
pub fn irc(data: &[u8]) {
    let mut scene = Scene::new();
    for letter in ['a', 'b'] {
        scene.connect(letter, IrcOptions::default());
    }
    scene.add('l', Box::new(Line::new(MAX_LINE)));
    let mut rest = data;
    while let Some((&step, after)) = rest.split_first() {
        let (piece, after) = after.split_at(usize::from(step >> 2).min(after.len()));
        rest = after;
        scene.say_bytes(['a', 'b', 'l', 'a'][usize::from(step & 3)], piece);
        // Plain lines have their own target above, and may contain replies to telnet commands.
        for line in scene.received() {
            let forbidden: &[char] = if line.starts_with('l') { &['\u{1b}'] } else { &['\0', '\r', '\u{1b}'] };
            assert!(!line.contains(forbidden), "{line:?}");
        }
    }
    scene.check();
}

/// A state with up to eight plain-line clients, its reference model, and a simulated clock.
struct Simulation {
    state: State,
    model: Model,
    /// Each connected client's member number and session.
    connections: [Option<(MemberId, Line)>; 8],
    members: u64,
    /// The simulated time since the start.
    seconds: u64,
    encoder: Encoder,
}

impl Simulation {
    fn new(guests: bool) -> Simulation {
        let limits = Limits {
            text: MAX_LINE,
            topic: 20,
            rooms: 4,
            rooms_per_member: 3,
            members_per_room: 5,
            bans: 3,
            list: 4,
            history: 5,
            ..Limits::default()
        };
        let mut options = HubOptions::from(limits);
        options.default_names = if guests { DefaultNames::Guest } else { DefaultNames::Address };
        options.operator_password = Password::parse("p").ok();
        Simulation {
            state: State::new("lobby".parse().expect("a room's name"), options, SystemTime::UNIX_EPOCH),
            model: Model::default(),
            connections: Default::default(),
            members: 0,
            seconds: 0,
            encoder: Line::default().encoder(),
        }
    }

    fn join_or_leave(&mut self, client: usize) {
        if let Some((member, _)) = self.connections[client].take() {
            self.apply(Input::Leave { member, reason: CloseReason::EndOfStream });
            return;
        }
        self.members += 1;
        let member = MemberId(self.members);
        // Each address has two clients.
        let address = [192, 0, 2, u8::try_from(client / 2).expect("it is small")].into();
        let room = "lobby".parse().expect("a room's name");
        let name = Name::address(&format!("192.0.2.{}:{client}", client / 2));
        let request = JoinRequest { address: Some(address), may_be_nowhere: true, ..JoinRequest::new(name, room) };
        self.apply(Input::Join { member, request: Box::new(request) });
        if self.state.roster().any(|(other, _)| other == member) {
            self.connections[client] = Some((member, Line::new(MAX_LINE)));
        }
    }

    fn send(&mut self, client: usize, piece: &[u8]) {
        let mut input = piece;
        while let Some((member, session)) = &mut self.connections[client] {
            let (member, remaining, mut reply) = (*member, input.len(), Vec::new());
            let decoded = session.decode(&mut input, &mut reply);
            // Replies to telnet commands are not text.
            if !reply.contains(&0xff) {
                check_lines(&reply);
            }
            match decoded {
                Ok(Some(request)) => self.apply(Input::Command { member, command: request.command }),
                Ok(None) if !reply.is_empty() && input.len() < remaining => {}
                Ok(None) => return,
                Err(error) => {
                    let reason = CloseReason::Framing(error.to_string().into());
                    self.apply(Input::Leave { member, reason });
                }
            }
            self.connections[client].take_if(|(member, _)| !self.state.roster().any(|(other, _)| other == *member));
        }
    }

    fn apply(&mut self, input: Input) {
        let mut effects = Vec::new();
        self.state.apply(input, moment(self.seconds), &mut effects);
        for effect in &effects {
            match effect {
                Effect::Unicast { event, .. } | Effect::Multicast { event, .. } | Effect::Broadcast { event, .. } => {
                    self.check_encoded(event);
                }
                _ => {}
            }
        }
        self.model.follow(&effects);
        self.model.check(&self.state);
        let removed = effects.iter().filter_map(|effect| match effect {
            Effect::Remove { member, .. } => Some(*member),
            _ => None,
        });
        for removed in removed {
            for connection in &mut self.connections {
                connection.take_if(|(member, _)| *member == removed);
            }
        }
    }

    fn check_encoded(&self, event: &Event) {
        for place in [Place::Here, Place::Elsewhere] {
            let mut encoded = Vec::new();
            self.encoder.encode_in(place, event, &mut encoded);
            check_lines(&encoded);
        }
    }

    fn finish(&mut self) {
        let members = self.connections.iter().flatten().map(|(member, _)| *member).collect();
        self.apply(Input::LeaveTogether { members, reason: CloseReason::ShuttingDown });
        assert_eq!(self.state.roster().count(), 0);
        assert_eq!(self.state.rooms().count(), 1, "the state removes empty rooms");
    }
}

/// Returns the `Moment` that is `seconds` after the start. Its `date` never changes.
fn moment(seconds: u64) -> Moment {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let first = *FIRST.get_or_init(Instant::now);
    Moment { date: SystemTime::UNIX_EPOCH, instant: first + Duration::from_secs(seconds) }
}

/// Checks that these are whole lines, each with a prefix that no member's text can imitate.
fn check_lines(encoded: &[u8]) {
    assert!(encoded.is_empty() || encoded.ends_with(b"\n"), "{:?}", String::from_utf8_lossy(encoded));
    for line in encoded.split_inclusive(|&byte| byte == b'\n') {
        check_line(line);
        assert!(matches!(line[0], b'<' | b'(' | b'{' | b'[' | b'*' | b'!' | b'~' | b'#'), "{:?}", str::from_utf8(line));
    }
}

/// Checks that this is one line of text, without characters that move the cursor or begin another line.
fn check_line(line: &[u8]) {
    let text = str::from_utf8(line).expect("lines are text").strip_suffix('\n').expect("a line has an end");
    let is_unsafe = |c: char| (c.is_control() && c != '\t') || matches!(c, '\u{2028}' | '\u{2029}');
    assert!(!text.chars().any(is_unsafe), "{text:?}");
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn fuzz_corpus_passes_every_check() {
        for (target, check) in [
            ("line", super::line as fn(&[u8])),
            ("command", super::command),
            ("session", super::session),
            ("irc", super::irc),
            #[cfg(feature = "json")]
            ("json", super::json),
        ] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
            let mut count = 0;
            for entry in fs::read_dir(&folder).expect("there is a corpus") {
                let path = entry.expect("a folder can be listed").path();
                let data = fs::read(&path).expect("it can be read");
                let passed = std::panic::catch_unwind(|| check(&data));
                assert!(passed.is_ok(), "{}", path.display());
                count += 1;
            }
            assert!(count >= 3, "{count} in {}", folder.display());
        }
    }

    #[test]
    fn line_checks_reject_unsafe_lines() {
        for bad in
            [&b"no mark\n"[..], b"<a> no end", b"<a> \x1b[2J\n", b"<a> two\rlines\n", "<a> \u{2028}\n".as_bytes()]
        {
            assert!(std::panic::catch_unwind(|| super::check_lines(bad)).is_err(), "{bad:?}");
        }
        super::check_lines("* fine\ttabs\n~ and more\n".as_bytes());
    }
}
