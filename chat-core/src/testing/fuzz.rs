//! What must hold for any bytes at all: the bodies of the fuzz targets, which a test also runs on all that they have
//! found so far.

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
use crate::session::{Encoder, Place, Session};
use crate::state::reference::Model;
use crate::state::{Effect, Input, JoinRequest, MemberId, Moment, State};

/// The longest line here: short, so that limits are met soon.
const LINE: usize = 64;

/// The line framing: however a stream is exclusion, it decodes alike, and what is answered are whole lines.
///
/// The first byte is how many bytes each piece has.
pub fn line(data: &[u8]) {
    let Some((&size, stream)) = data.split_first() else { return };
    let whole = decode(Line::new(LINE), [stream]);
    let pieces = decode(Line::new(LINE), stream.chunks(usize::from(size).max(1)));
    assert_eq!(whole, pieces);
}

/// JSON lines, in the same way; and what is answered are objects.
#[cfg(feature = "json")]
pub fn json(data: &[u8]) {
    let Some((&size, stream)) = data.split_first() else { return };
    let whole = decode(Json::new(LINE, true), [stream]);
    let pieces = decode(Json::new(LINE, true), stream.chunks(usize::from(size).max(1)));
    assert_eq!(whole, pieces);
    let answers = str::from_utf8(&whole.1).expect("answers are text");
    for line in answers.split_terminator('\n') {
        assert!(serde_json::from_str::<serde_json::Map<_, _>>(line).is_ok(), "{line:?}");
    }
}

/// What a stream decodes to: commands, answers, and why it was given up.
fn decode<'a>(
    mut session: impl Session,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Command>, Vec<u8>, Option<String>) {
    let (mut commands, mut reply) = (Vec::new(), Vec::new());
    for piece in pieces {
        let mut input = piece;
        loop {
            let (length, answered) = (input.len(), reply.len());
            match session.decode(&mut input, &mut reply) {
                Ok(Some(command)) => commands.push(command),
                Ok(None) if reply.len() > answered && input.len() < length => {}
                Ok(None) => break,
                Err(error) => return (commands, reply, Some(error.to_string())),
            }
        }
        assert!(input.is_empty(), "lines leave nothing");
    }
    let error = match session.finish(&[], &mut reply) {
        Ok(command) => {
            commands.extend(command);
            None
        }
        Err(error) => Some(error.to_string()),
    };
    (commands, reply, error)
}

/// The command parser: any line is a command or answered by one line or more, each of which says so.
pub fn command(data: &[u8]) {
    let mut session = Line::new(usize::MAX / 32);
    let line: Vec<u8> = b"/".iter().chain(data.iter().filter(|byte| !matches!(byte, b'\n' | 0xff))).copied().collect();
    let mut reply = Vec::new();
    let mut input = &*[&line[..], b"\n"].concat();
    let command = session.decode(&mut input, &mut reply).expect("one line is no reason to give up");
    assert!(input.is_empty());
    let is_text = str::from_utf8(&line).is_ok();
    if let Some(command) = command {
        assert!(reply.is_empty() && is_text);
        // Whatever is in it, it is clean.
        check_line(format!("{command:?}\n").as_bytes());
        if let Command::Moderate(order) = &command
            && let Moderation::Ban { mask, .. } | Moderation::Unban { mask, .. } | Moderation::AddException { mask, .. } =
                &**order
        {
            check_line(format!("{mask}\n").as_bytes());
        }
        return;
    }
    let lines = str::from_utf8(&reply).expect("answers are text");
    assert!(lines.lines().all(|line| line.starts_with("! ") || line.starts_with("* ")), "{lines:?}");
    check_lines(&reply);
}

/// What several members send, exclusion and interleaved in any way, against the state: who is where follows from the effects,
/// and all that anybody is told are clean lines.
///
/// Each step begins with a byte: its lowest three bits are who, the next two what; see the code for what follows.
pub fn session(data: &[u8]) {
    let mut world = World::new(data.first().is_some_and(|byte| byte & 1 == 1));
    let mut rest = data.get(1..).unwrap_or_default();
    while let Some((&step, after)) = rest.split_first() {
        rest = after;
        let (who, what) = (usize::from(step & 0x07), (step >> 3) & 0x03);
        match what {
            0 | 1 => {
                let length = rest.first().map_or(0, |length| usize::from(length & 0x3f));
                rest = rest.get(1..).unwrap_or_default();
                let (piece, after) = rest.split_at(length.min(rest.len()));
                rest = after;
                world.send(who, piece);
            }
            2 => world.come_or_go(who),
            _ => {
                world.seconds += u64::from(rest.first().copied().unwrap_or_default());
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    world.end();
}

/// What two IRC clients and one with plain lines send, exclusion and interleaved in any way: whatever they are told are whole
/// lines of text, no longer than they may be, and all that was asked is answered to its end.
///
/// Each step begins with a byte: its lowest two bits are who, the others how many bytes follow that it sends.
pub fn irc(data: &[u8]) {
    let mut scene = Scene::new();
    for letter in ['a', 'b'] {
        scene.connect(letter, IrcOptions::default());
    }
    scene.add('l', Box::new(Line::new(LINE)));
    let mut rest = data;
    while let Some((&step, after)) = rest.split_first() {
        let (piece, after) = after.split_at(usize::from(step >> 2).min(after.len()));
        rest = after;
        scene.say_bytes(['a', 'b', 'l', 'a'][usize::from(step & 3)], piece);
        // Plain lines have a check of their own, and answers to telnet commands among them.
        for line in scene.heard() {
            let unsafe_ones: &[char] = if line.starts_with('l') { &['\u{1b}'] } else { &['\0', '\r', '\u{1b}'] };
            assert!(!line.contains(unsafe_ones), "{line:?}");
        }
    }
    scene.check();
}

struct World {
    state: State,
    model: Model,
    /// Everybody who is connected: its number, and its session.
    recipients: [Option<(MemberId, Line)>; 8],
    members: u64,
    seconds: u64,
    encoder: Encoder,
}

impl World {
    fn new(guests: bool) -> World {
        let limits = Limits {
            text: LINE,
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
        World {
            state: State::new("lobby".parse().expect("a room's name"), options, SystemTime::UNIX_EPOCH),
            model: Model::default(),
            recipients: Default::default(),
            members: 0,
            seconds: 0,
            encoder: Line::default().encoder(),
        }
    }

    fn come_or_go(&mut self, who: usize) {
        if let Some((member, _)) = self.recipients[who].take() {
            self.apply(Input::Leave { member, reason: CloseReason::EndOfStream });
            return;
        }
        self.members += 1;
        let member = MemberId(self.members);
        // Two from each address.
        let address = [192, 0, 2, u8::try_from(who / 2).expect("it is small")].into();
        let room = "lobby".parse().expect("a room's name");
        let name = Name::address(&format!("192.0.2.{}:{who}", who / 2));
        let request = JoinRequest { address: Some(address), may_be_nowhere: true, ..JoinRequest::new(name, room) };
        self.apply(Input::Join { member, request: Box::new(request) });
        if self.state.roster().any(|(other, _)| other == member) {
            self.recipients[who] = Some((member, Line::new(LINE)));
        }
    }

    fn send(&mut self, who: usize, piece: &[u8]) {
        let mut input = piece;
        while let Some((member, session)) = &mut self.recipients[who] {
            let (member, length, mut reply) = (*member, input.len(), Vec::new());
            let decoded = session.decode(&mut input, &mut reply);
            // Answers to telnet are no text.
            if !reply.contains(&0xff) {
                check_lines(&reply);
            }
            match decoded {
                Ok(Some(command)) => self.apply(Input::Command { member, command }),
                Ok(None) if !reply.is_empty() && input.len() < length => {}
                Ok(None) => return,
                Err(error) => {
                    let reason = CloseReason::Framing(error.to_string().into());
                    self.apply(Input::Leave { member, reason });
                }
            }
            self.recipients[who].take_if(|(member, _)| !self.state.roster().any(|(other, _)| other == *member));
        }
    }

    fn apply(&mut self, input: Input) {
        let mut effects = Vec::new();
        self.state.apply(input, moment(self.seconds), &mut effects);
        for effect in &effects {
            match effect {
                Effect::Tell { event, .. } | Effect::Broadcast { event, .. } => self.check_shown(event),
                _ => {}
            }
        }
        self.model.follow(&effects);
        self.model.check(&self.state);
        let gone = effects.iter().filter_map(|effect| match effect {
            Effect::Remove { member, .. } => Some(*member),
            _ => None,
        });
        for gone in gone {
            for recipient in &mut self.recipients {
                recipient.take_if(|(member, _)| *member == gone);
            }
        }
    }

    fn check_shown(&self, event: &Event) {
        for place in [Place::Here, Place::Elsewhere] {
            let mut shown = Vec::new();
            self.encoder.encode_in(place, event, &mut shown);
            check_lines(&shown);
        }
    }

    fn end(&mut self) {
        let members = self.recipients.iter().flatten().map(|(member, _)| *member).collect();
        self.apply(Input::LeaveTogether { members, reason: CloseReason::ShuttingDown });
        assert_eq!(self.state.roster().count(), 0);
        assert_eq!(self.state.rooms().count(), 1, "rooms without anybody are gone");
    }
}

/// The clock on the wall stands still.
fn moment(seconds: u64) -> Moment {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let first = *FIRST.get_or_init(Instant::now);
    Moment { date: SystemTime::UNIX_EPOCH, instant: first + Duration::from_secs(seconds) }
}

/// Whole lines, each with a mark in front that no member can say at the beginning of one.
fn check_lines(shown: &[u8]) {
    assert!(shown.is_empty() || shown.ends_with(b"\n"), "{:?}", String::from_utf8_lossy(shown));
    for line in shown.split_inclusive(|&byte| byte == b'\n') {
        check_line(line);
        assert!(matches!(line[0], b'<' | b'(' | b'{' | b'[' | b'*' | b'!' | b'~' | b'#'), "{:?}", str::from_utf8(line));
    }
}

/// Text with nothing in it that moves a cursor or begins another line.
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
    fn all_that_was_found_by_fuzzing_holds() {
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
                let held = std::panic::catch_unwind(|| check(&data));
                assert!(held.is_ok(), "{}", path.display());
                count += 1;
            }
            assert!(count >= 3, "{count} in {}", folder.display());
        }
    }

    #[test]
    fn the_checks_find_faults() {
        for bad in
            [&b"no mark\n"[..], b"<a> no end", b"<a> \x1b[2J\n", b"<a> two\rlines\n", "<a> \u{2028}\n".as_bytes()]
        {
            assert!(std::panic::catch_unwind(|| super::check_lines(bad)).is_err(), "{bad:?}");
        }
        super::check_lines("* fine\ttabs\n~ and more\n".as_bytes());
    }
}
