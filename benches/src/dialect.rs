//! What each server's protocol wants said, and what it says besides the messages.
//!
//! The messages themselves are found without any of this, see [`Payload::find`](crate::payload::Payload::find). A line
//! that a dialect does not expect makes a run invalid: it may be a message that was damaged or torn.

use std::io::Write;

use crate::payload::LENGTH;

/// The protocol of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// The plain lines of our server.
    Lines,
    /// Lines too, but nothing else is ever said.
    Raw,
    /// RESP3, with which one connection can both subscribe and publish.
    Redis,
    Nats,
    Irc,
}

/// Who a connection plays: its number among all, and that of its room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seat {
    pub(crate) number: usize,
    pub(crate) room: usize,
    /// There are other rooms.
    pub(crate) several: bool,
}

/// What a line means that is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// Nothing for us, or answered.
    Nothing,
    /// This member is in: it hears all that is said from now on.
    In,
    /// Another member came in.
    Entered,
    /// Another member left.
    Left,
    Unexpected,
}

impl Dialect {
    /// Whether talkers hear themselves.
    pub(crate) fn echoes(self) -> bool {
        self == Dialect::Redis
    }

    /// Whether everybody in a room hears everything in one order. NATS promises source-ordered delivery for each
    /// publisher, and nothing about several (<https://docs.nats.io/reference/faq>).
    pub(crate) fn promises_one_order(self) -> bool {
        self != Dialect::Nats
    }

    /// Whether members are told who enters and leaves.
    pub(crate) fn announces(self) -> bool {
        matches!(self, Dialect::Lines | Dialect::Irc)
    }

    /// Whether a member is told that it is in. Where not, it is in as soon as it is connected.
    pub(crate) fn confirms(self) -> bool {
        self != Dialect::Raw
    }

    /// Says what asks to come in, as soon as the connection stands.
    pub(crate) fn greet(self, seat: Seat, out: &mut Vec<u8>) {
        let Seat { number, room, several } = seat;
        match self {
            // Everybody begins in one room, which the others then leave for their own.
            Dialect::Lines if several => append(out, format_args!("/join #room{room}\n/part #lobby\n/ping in\n")),
            Dialect::Lines => out.extend_from_slice(b"/ping in\n"),
            Dialect::Raw => {}
            Dialect::Redis => append(out, format_args!("HELLO 3\r\nSUBSCRIBE room{room}\r\n")),
            Dialect::Nats => append(
                out,
                format_args!(
                    "CONNECT {{\"verbose\":false,\"pedantic\":false,\"echo\":false}}\r\nSUB room{room} 1\r\nPING\r\n"
                ),
            ),
            Dialect::Irc => append(out, format_args!("NICK m{number}\r\nUSER m 0 * :m\r\n")),
        }
    }

    /// Says a message in the member's room.
    pub(crate) fn say(self, seat: Seat, message: &[u8; LENGTH], out: &mut Vec<u8>) {
        let room = seat.room;
        match self {
            Dialect::Lines | Dialect::Raw => {}
            Dialect::Redis => {
                let digits = room.checked_ilog10().map_or(1, |log| log + 1);
                append(out, format_args!("*3\r\n$7\r\nPUBLISH\r\n${}\r\nroom{room}\r\n${LENGTH}\r\n", 4 + digits));
            }
            Dialect::Nats => append(out, format_args!("PUB room{room} {LENGTH}\r\n")),
            Dialect::Irc => append(out, format_args!("PRIVMSG #room{room} :")),
        }
        out.extend_from_slice(message);
        out.extend_from_slice(match self {
            Dialect::Lines | Dialect::Raw => b"\n",
            Dialect::Redis | Dialect::Nats | Dialect::Irc => b"\r\n",
        });
    }

    /// What a line means that is no message; its end is cut off. What must be answered is answered.
    pub(crate) fn hear(self, line: &[u8], seat: Seat, is_in: bool, out: &mut Vec<u8>) -> Note {
        match self {
            Dialect::Lines => lines(line, seat.several, is_in),
            Dialect::Raw => Note::Unexpected,
            Dialect::Redis => redis(line, is_in),
            Dialect::Nats => nats(line, out),
            Dialect::Irc => irc(line, seat, out),
        }
    }
}

fn append(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a Vec takes everything");
}

fn lines(line: &[u8], several: bool, is_in: bool) -> Note {
    match line {
        b"* pong in" => Note::In,
        // The greeting.
        [b'*', ..] if !is_in => Note::Nothing,
        // On the way to one's room: in the first one.
        [b'[' | b'#', ..] if several && !is_in => Note::Nothing,
        [b'[', ..] if line.ends_with(b"] entered room") => Note::Entered,
        [b'[', ..] if line.ends_with(b"] is offline") => Note::Left,
        _ => Note::Unexpected,
    }
}

fn redis(line: &[u8], is_in: bool) -> Note {
    match line {
        [b'-', ..] => Note::Unexpected,
        b"subscribe" => Note::In,
        // The answer to HELLO: whatever it tells about the server.
        _ if !is_in => Note::Nothing,
        // The parts of a pushed message, and how many heard what this member published.
        [b'>' | b'$' | b':', ..] | b"message" => Note::Nothing,
        _ if line.starts_with(b"room") => Note::Nothing,
        _ => Note::Unexpected,
    }
}

fn nats(line: &[u8], out: &mut Vec<u8>) -> Note {
    match line {
        b"PONG" => Note::In,
        b"PING" => {
            out.extend_from_slice(b"PONG\r\n");
            Note::Nothing
        }
        _ if line.starts_with(b"MSG ") || line.starts_with(b"INFO ") => Note::Nothing,
        _ => Note::Unexpected,
    }
}

fn irc(line: &[u8], seat: Seat, out: &mut Vec<u8>) -> Note {
    let mut words = line.split(|&byte| byte == b' ');
    let mut word = words.next().unwrap_or_default();
    let mut from = None;
    if let [b':', source @ ..] = word {
        from = source.split(|&byte| byte == b'!').next();
        word = words.next().unwrap_or_default();
    }
    match word {
        b"PING" => {
            out.extend_from_slice(b"PONG ");
            out.extend_from_slice(words.next().unwrap_or_default());
            out.extend_from_slice(b"\r\n");
            Note::Nothing
        }
        b"001" => {
            append(out, format_args!("JOIN #room{}\r\n", seat.room));
            Note::Nothing
        }
        b"366" => Note::In,
        b"JOIN" if is_number(from.unwrap_or_default(), seat.number) => Note::Nothing,
        b"JOIN" => Note::Entered,
        b"QUIT" | b"PART" | b"KICK" => Note::Left,
        // 4xx and 5xx are errors; but 422 only says that there is no message of the day.
        b"NOTICE" | b"MODE" | b"PONG" | b"422" | [b'0' | b'2' | b'3', _, _] => Note::Nothing,
        _ => Note::Unexpected,
    }
}

/// Whether the nickname is that of the member `number`.
fn is_number(nick: &[u8], number: usize) -> bool {
    let [b'm', digits @ ..] = nick else { return false };
    digits.iter().fold(0, |value: usize, digit| value.wrapping_mul(10).wrapping_add(usize::from(digit & 0xf))) == number
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEAT: Seat = Seat { number: 12, room: 3, several: false };

    #[track_caller]
    fn check(dialect: Dialect, line: &str, note: Note, answer: &str) {
        let mut out = Vec::new();
        assert_eq!(dialect.hear(line.as_bytes(), SEAT, true, &mut out), note, "{line}");
        assert_eq!(String::from_utf8(out).unwrap(), answer, "{line}");
    }

    #[test]
    fn lines_tell_who_comes_and_goes() {
        check(Dialect::Lines, "* pong in", Note::In, "");
        check(Dialect::Lines, "[127.0.0.1:1] entered room", Note::Entered, "");
        check(Dialect::Lines, "[127.0.0.1:1] is offline", Note::Left, "");
        check(Dialect::Lines, "<127.0.0.1:1> no message of ours", Note::Unexpected, "");
        check(Dialect::Lines, "! an error", Note::Unexpected, "");
    }

    #[test]
    fn redis_pushes_messages_in_parts() {
        check(Dialect::Redis, "subscribe", Note::In, "");
        for part in [">3", "$7", "message", "$5", "room3", "$63", ":4"] {
            check(Dialect::Redis, part, Note::Nothing, "");
        }
        check(Dialect::Redis, "-ERR no", Note::Unexpected, "");
        check(Dialect::Redis, "torn", Note::Unexpected, "");
    }

    #[test]
    fn nats_wants_its_pings_answered() {
        check(Dialect::Nats, "INFO {}", Note::Nothing, "");
        check(Dialect::Nats, "PONG", Note::In, "");
        check(Dialect::Nats, "PING", Note::Nothing, "PONG\r\n");
        check(Dialect::Nats, "MSG room3 1 63", Note::Nothing, "");
        check(Dialect::Nats, "-ERR 'SlowConsumerPolicy Consumer'", Note::Unexpected, "");
    }

    #[test]
    fn irc_joins_after_the_welcome() {
        check(Dialect::Irc, ":irc.test 001 m12 :Welcome", Note::Nothing, "JOIN #room3\r\n");
        check(Dialect::Irc, ":m12!m@host JOIN :#room3", Note::Nothing, "");
        check(Dialect::Irc, ":m13!m@host JOIN :#room3", Note::Entered, "");
        check(Dialect::Irc, ":irc.test 366 m12 #room3 :End of /NAMES list.", Note::In, "");
        check(Dialect::Irc, "PING :irc.test", Note::Nothing, "PONG :irc.test\r\n");
        check(Dialect::Irc, ":m13!m@host QUIT :gone", Note::Left, "");
        check(Dialect::Irc, ":irc.test 433 * m12 :taken", Note::Unexpected, "");
        check(Dialect::Irc, "ERROR :Closing link", Note::Unexpected, "");
        check(Dialect::Irc, ":m13!m@host PRIVMSG #room3 :torn", Note::Unexpected, "");
    }

    #[test]
    fn each_says_a_message_in_its_way() {
        let message = crate::payload::write(3, 0, 0, 0);
        let said = |dialect: Dialect| {
            let mut out = Vec::new();
            dialect.say(SEAT, &message, &mut out);
            String::from_utf8(out).unwrap().replace(std::str::from_utf8(&message).unwrap(), "…")
        };
        assert_eq!(said(Dialect::Lines), "…\n");
        assert_eq!(said(Dialect::Raw), "…\n");
        assert_eq!(said(Dialect::Redis), "*3\r\n$7\r\nPUBLISH\r\n$5\r\nroom3\r\n$63\r\n…\r\n");
        assert_eq!(said(Dialect::Nats), "PUB room3 63\r\n…\r\n");
        assert_eq!(said(Dialect::Irc), "PRIVMSG #room3 :…\r\n");
    }
}
