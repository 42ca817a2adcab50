//! The protocols of the servers: how to join, how to send, and the meaning of each line that contains no message.
//!
//! [`Payload::find`](crate::payload::Payload::find) finds the messages themselves, without this module. A line that the
//! protocol does not expect makes a run invalid, because it may be a message that was damaged or split.

use std::io::Write;

use crate::payload::LENGTH;

/// The protocol of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// The plain lines of our server.
    Lines,
    /// Lines that each contain a message, and nothing else.
    Raw,
    /// RESP3, in which one connection can both subscribe and publish.
    Redis,
    Nats,
    Irc,
}

/// The identity of a connection: its number among all connections, and the number of its room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MemberId {
    pub(crate) number: usize,
    pub(crate) room: usize,
    /// Whether the run has several rooms.
    pub(crate) many_rooms: bool,
}

/// The meaning of a line that contains no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineKind {
    /// The line has no meaning for the load generator, or its answer is already written.
    Ignored,
    /// The server confirmed this member's join: it receives all messages from now on.
    SelfJoined,
    /// Another member joined.
    MemberJoined,
    /// Another member left.
    MemberLeft,
    Unexpected,
}

impl Protocol {
    /// Returns whether talkers receive their own messages.
    pub(crate) fn echoes(self) -> bool {
        self == Protocol::Redis
    }

    /// Returns whether the server guarantees one order of all messages in a room.
    ///
    /// NATS guarantees an order of the messages of one publisher, but no order between publishers
    /// (<https://docs.nats.io/reference/faq>).
    pub(crate) fn guarantees_one_order(self) -> bool {
        self != Protocol::Nats
    }

    /// Returns whether the server sends a notice when a member joins or leaves.
    pub(crate) fn announces_members(self) -> bool {
        matches!(self, Protocol::Lines | Protocol::Irc)
    }

    /// Returns whether the server confirms a join. If not, a member has joined as soon as it is connected.
    pub(crate) fn confirms_join(self) -> bool {
        self != Protocol::Raw
    }

    /// Writes the lines that a client sends to join, as soon as it is connected.
    pub(crate) fn write_handshake(self, id: MemberId, out: &mut Vec<u8>) {
        let MemberId { number, room, many_rooms } = id;
        match self {
            // All members start in one room, and leave it for their own.
            Protocol::Lines if many_rooms => append(out, format_args!("/join #room{room}\n/part #lobby\n/ping in\n")),
            Protocol::Lines => out.extend_from_slice(b"/ping in\n"),
            Protocol::Raw => {}
            Protocol::Redis => append(out, format_args!("HELLO 3\r\nSUBSCRIBE room{room}\r\n")),
            Protocol::Nats => append(
                out,
                format_args!(
                    "CONNECT {{\"verbose\":false,\"pedantic\":false,\"echo\":false}}\r\nSUB room{room} 1\r\nPING\r\n"
                ),
            ),
            Protocol::Irc => append(out, format_args!("NICK m{number}\r\nUSER m 0 * :m\r\n")),
        }
    }

    /// Writes a message to the member's room.
    pub(crate) fn write_message(self, id: MemberId, message: &[u8; LENGTH], out: &mut Vec<u8>) {
        let room = id.room;
        match self {
            Protocol::Lines | Protocol::Raw => {}
            Protocol::Redis => {
                let digits = room.checked_ilog10().map_or(1, |log| log + 1);
                append(out, format_args!("*3\r\n$7\r\nPUBLISH\r\n${}\r\nroom{room}\r\n${LENGTH}\r\n", 4 + digits));
            }
            Protocol::Nats => append(out, format_args!("PUB room{room} {LENGTH}\r\n")),
            Protocol::Irc => append(out, format_args!("PRIVMSG #room{room} :")),
        }
        out.extend_from_slice(message);
        out.extend_from_slice(match self {
            Protocol::Lines | Protocol::Raw => b"\n",
            Protocol::Redis | Protocol::Nats | Protocol::Irc => b"\r\n",
        });
    }

    /// Classifies a line that contains no message. The line must have no line end. Writes an answer to `out` if the
    /// line needs an answer.
    pub(crate) fn classify(self, line: &[u8], id: MemberId, joined: bool, out: &mut Vec<u8>) -> LineKind {
        match self {
            Protocol::Lines => lines(line, id.many_rooms, joined),
            Protocol::Raw => LineKind::Unexpected,
            Protocol::Redis => redis(line, joined),
            Protocol::Nats => nats(line, out),
            Protocol::Irc => irc(line, id, out),
        }
    }
}

fn append(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a Vec takes everything");
}

fn lines(line: &[u8], many_rooms: bool, joined: bool) -> LineKind {
    match line {
        b"* pong in" => LineKind::SelfJoined,
        // The greeting.
        [b'*', ..] if !joined => LineKind::Ignored,
        // The member is still in the first room, on the way to its own.
        [b'[' | b'#', ..] if many_rooms && !joined => LineKind::Ignored,
        [b'[', ..] if line.ends_with(b"] entered room") => LineKind::MemberJoined,
        [b'[', ..] if line.ends_with(b"] is offline") => LineKind::MemberLeft,
        _ => LineKind::Unexpected,
    }
}

fn redis(line: &[u8], joined: bool) -> LineKind {
    match line {
        [b'-', ..] => LineKind::Unexpected,
        b"subscribe" => LineKind::SelfJoined,
        // The answer to HELLO contains information about the server.
        _ if !joined => LineKind::Ignored,
        // These are the parts of a pushed message, and the number of clients that received the messages of this member.
        [b'>' | b'$' | b':', ..] | b"message" => LineKind::Ignored,
        _ if line.starts_with(b"room") => LineKind::Ignored,
        _ => LineKind::Unexpected,
    }
}

fn nats(line: &[u8], out: &mut Vec<u8>) -> LineKind {
    match line {
        b"PONG" => LineKind::SelfJoined,
        b"PING" => {
            out.extend_from_slice(b"PONG\r\n");
            LineKind::Ignored
        }
        _ if line.starts_with(b"MSG ") || line.starts_with(b"INFO ") => LineKind::Ignored,
        _ => LineKind::Unexpected,
    }
}

fn irc(line: &[u8], id: MemberId, out: &mut Vec<u8>) -> LineKind {
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
            LineKind::Ignored
        }
        b"001" => {
            append(out, format_args!("JOIN #room{}\r\n", id.room));
            LineKind::Ignored
        }
        b"366" => LineKind::SelfJoined,
        b"JOIN" if is_number(from.unwrap_or_default(), id.number) => LineKind::Ignored,
        b"JOIN" => LineKind::MemberJoined,
        b"QUIT" | b"PART" | b"KICK" => LineKind::MemberLeft,
        // 4xx and 5xx are errors, except 422: there is no message of the day.
        b"NOTICE" | b"MODE" | b"PONG" | b"422" | [b'0' | b'2' | b'3', _, _] => LineKind::Ignored,
        _ => LineKind::Unexpected,
    }
}

/// Returns whether `nick` is the nickname of the member `number`.
fn is_number(nick: &[u8], number: usize) -> bool {
    let [b'm', digits @ ..] = nick else { return false };
    digits.iter().fold(0, |value: usize, digit| value.wrapping_mul(10).wrapping_add(usize::from(digit & 0xf))) == number
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: MemberId = MemberId { number: 12, room: 3, many_rooms: false };

    #[track_caller]
    fn check(protocol: Protocol, line: &str, kind: LineKind, answer: &str) {
        let mut out = Vec::new();
        assert_eq!(protocol.classify(line.as_bytes(), ID, true, &mut out), kind, "{line}");
        assert_eq!(String::from_utf8(out).unwrap(), answer, "{line}");
    }

    #[test]
    fn line_notices_are_classified() {
        check(Protocol::Lines, "* pong in", LineKind::SelfJoined, "");
        check(Protocol::Lines, "[127.0.0.1:1] entered room", LineKind::MemberJoined, "");
        check(Protocol::Lines, "[127.0.0.1:1] is offline", LineKind::MemberLeft, "");
        check(Protocol::Lines, "<127.0.0.1:1> no message of ours", LineKind::Unexpected, "");
        check(Protocol::Lines, "! an error", LineKind::Unexpected, "");
    }

    #[test]
    fn redis_message_parts_are_ignored() {
        check(Protocol::Redis, "subscribe", LineKind::SelfJoined, "");
        for part in [">3", "$7", "message", "$5", "room3", "$63", ":4"] {
            check(Protocol::Redis, part, LineKind::Ignored, "");
        }
        check(Protocol::Redis, "-ERR no", LineKind::Unexpected, "");
        check(Protocol::Redis, "torn", LineKind::Unexpected, "");
    }

    #[test]
    fn nats_ping_is_answered() {
        check(Protocol::Nats, "INFO {}", LineKind::Ignored, "");
        check(Protocol::Nats, "PONG", LineKind::SelfJoined, "");
        check(Protocol::Nats, "PING", LineKind::Ignored, "PONG\r\n");
        check(Protocol::Nats, "MSG room3 1 63", LineKind::Ignored, "");
        check(Protocol::Nats, "-ERR 'Slow Consumer'", LineKind::Unexpected, "");
    }

    #[test]
    fn irc_join_follows_welcome() {
        check(Protocol::Irc, ":irc.test 001 m12 :Welcome", LineKind::Ignored, "JOIN #room3\r\n");
        check(Protocol::Irc, ":m12!m@host JOIN :#room3", LineKind::Ignored, "");
        check(Protocol::Irc, ":m13!m@host JOIN :#room3", LineKind::MemberJoined, "");
        check(Protocol::Irc, ":irc.test 366 m12 #room3 :End of /NAMES list.", LineKind::SelfJoined, "");
        check(Protocol::Irc, "PING :irc.test", LineKind::Ignored, "PONG :irc.test\r\n");
        check(Protocol::Irc, ":m13!m@host QUIT :gone", LineKind::MemberLeft, "");
        check(Protocol::Irc, ":irc.test 433 * m12 :taken", LineKind::Unexpected, "");
        check(Protocol::Irc, "ERROR :Closing link", LineKind::Unexpected, "");
        check(Protocol::Irc, ":m13!m@host PRIVMSG #room3 :torn", LineKind::Unexpected, "");
    }

    #[test]
    fn message_is_framed_per_protocol() {
        let message = crate::payload::write(3, 0, 0, 0);
        let written = |protocol: Protocol| {
            let mut out = Vec::new();
            protocol.write_message(ID, &message, &mut out);
            String::from_utf8(out).unwrap().replace(std::str::from_utf8(&message).unwrap(), "…")
        };
        assert_eq!(written(Protocol::Lines), "…\n");
        assert_eq!(written(Protocol::Raw), "…\n");
        assert_eq!(written(Protocol::Redis), "*3\r\n$7\r\nPUBLISH\r\n$5\r\nroom3\r\n$63\r\n…\r\n");
        assert_eq!(written(Protocol::Nats), "PUB room3 63\r\n…\r\n");
        assert_eq!(written(Protocol::Irc), "PRIVMSG #room3 :…\r\n");
    }
}
