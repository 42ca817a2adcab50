//! The message of the load generator: 63 bytes with fields at fixed offsets, so that a receiver parses them fast.
//!
//! Every protocol carries the message unchanged at the end of a line. This module must not know any protocol.

/// The length of a message in bytes; with a newline it is a line of 64 bytes.
pub(crate) const LENGTH: usize = 63;

const MAGIC: &[u8; 4] = b"FAN:";
const SOURCE: usize = MAGIC.len();
const NUMBER: usize = SOURCE + 8;
const DUE: usize = NUMBER + 8;
const PADDED_FROM: usize = DUE + 16;
/// The padding of a message. The receiver checks the padding too, so it detects an incomplete message.
const PADDING: &[u8; LENGTH - PADDED_FROM] = b"abcdefghijklmnopqrstuvwxyz$";

/// A message at the end of a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payload<'a>(&'a [u8; LENGTH]);

impl<'a> Payload<'a> {
    /// Returns the message at the end of `line`, if there is a complete one.
    pub(crate) fn find(line: &'a [u8]) -> Option<Payload<'a>> {
        let end: &[u8; LENGTH] = line.last_chunk()?;
        (end.starts_with(MAGIC) && end[PADDED_FROM..] == *PADDING).then_some(Payload(end))
    }

    /// Returns the number of the room, and of the talker in it.
    pub(crate) fn source(self) -> (usize, usize) {
        let source = self.hex(SOURCE);
        ((source >> 16) as usize, (source & 0xffff) as usize)
    }

    /// Returns the number of the message, counted per talker from 0.
    pub(crate) fn number(self) -> u32 {
        self.hex(NUMBER)
    }

    /// Returns the time when the message was due, in nanoseconds since the start of the load.
    pub(crate) fn due(self) -> u64 {
        u64::from(self.hex(DUE)) << 32 | u64::from(self.hex(DUE + 8))
    }

    /// Parses all eight digits at once, because this runs for every delivery.
    fn hex(self, at: usize) -> u32 {
        let digits: &[u8; 8] = self.0[at..].first_chunk().expect("the fields lie within the message");
        let digits = u64::from_be_bytes(*digits);
        let values = (digits & 0x0f0f_0f0f_0f0f_0f0f) + 9 * ((digits >> 6) & 0x0101_0101_0101_0101);
        let bytes = (values | values >> 4) & 0x00ff_00ff_00ff_00ff;
        let words = (bytes | bytes >> 8) & 0x0000_ffff_0000_ffff;
        let [_, _, _, _, number @ ..] = (words | words >> 16).to_be_bytes();
        u32::from_be_bytes(number)
    }
}

/// Encodes the message that [`Payload::find`] parses.
pub(crate) fn write(room: usize, talker: usize, number: u32, due: u64) -> [u8; LENGTH] {
    let mut message = [0; LENGTH];
    message[..SOURCE].copy_from_slice(MAGIC);
    write_hex(&mut message[SOURCE..SOURCE + 4], room as u64);
    write_hex(&mut message[SOURCE + 4..NUMBER], talker as u64);
    write_hex(&mut message[NUMBER..DUE], u64::from(number));
    write_hex(&mut message[DUE..PADDED_FROM], due);
    message[PADDED_FROM..].copy_from_slice(PADDING);
    message
}

fn write_hex(digits: &mut [u8], mut number: u64) {
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(number & 0xf) as usize];
        number >>= 4;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(room: usize, talker: usize, number: u32, due: u64) {
        let message = write(room, talker, number, due);
        let line = [b"<127.0.0.1:50194> ", &message[..]].concat();
        let found = Payload::find(&line).expect("the message is there");
        assert_eq!((found.source(), found.number(), found.due()), ((room, talker), number, due));
    }

    #[test]
    fn message_is_found_as_written() {
        check(0, 0, 0, 0);
        check(1, 2, 3, 4);
        check(99, 999, 1_234_567_890, 123_456_789_012_345_678);
        check(0xffff, 0xffff, u32::MAX, u64::MAX);
        check(0x0123, 0x4567, 0x89ab_cdef, 0xfedc_ba98_7654_3210);
    }

    #[test]
    fn incomplete_message_is_not_found() {
        let message = write(0, 1, 2, 3);
        assert!(Payload::find(&message[1..]).is_none());
        assert!(Payload::find(&message[..LENGTH - 1]).is_none());
        assert!(Payload::find(b"").is_none());
        assert!(Payload::find(&[&message[..], b"."].concat()).is_none());
        let mut damaged = message;
        damaged[LENGTH - 5] ^= 1;
        assert!(Payload::find(&damaged).is_none());
    }

    #[test]
    fn message_contains_no_protocol_syntax() {
        let message = write(7, 8, 9, 10);
        assert!(message.iter().all(u8::is_ascii_graphic));
        assert_ne!(message[0], b'/');
    }
}
