//! The parser of telnet commands (RFC 854): it removes them from the stream and refuses every option.
//!
//! The parser keeps no bytes, so an unfinished or endless sequence costs no memory.

use crate::session::FramingError;

pub(super) const IAC: u8 = 255;
const DONT: u8 = 254;
const DO: u8 = 253;
const WONT: u8 = 252;
const WILL: u8 = 251;
const SB: u8 = 250;
const SE: u8 = 240;
/// The lowest byte with a meaning after IAC: `EOF` (RFC 1184, section 2.4).
const LOWEST: u8 = 236;
/// The longest subnegotiation, in bytes. Without a limit, an unfinished one would silently discard the rest of the
/// stream.
const SUBNEGOTIATION_MAX: usize = 4096;

/// The position of the stream within a telnet sequence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Telnet {
    /// Outside of any sequence.
    #[default]
    Data,
    /// After IAC.
    Command,
    /// After IAC and a verb, before the option's number.
    Option { verb: u8 },
    /// In a subnegotiation, after this many bytes of it; `escaped` after an IAC in it.
    Subnegotiation { bytes: usize, escaped: bool },
}

impl Telnet {
    /// Returns the position after an IAC.
    pub(super) fn open() -> Telnet {
        Telnet::Command
    }

    pub(super) fn is_open(self) -> bool {
        self != Telnet::Data
    }

    /// Consumes one byte from the front of `input`, which must not be empty, and returns the data byte that it stands
    /// for, if any. After IAC, a byte that is no telnet command is not consumed, and IAC counts as data.
    pub(super) fn consume(&mut self, input: &mut &[u8], reply: &mut Vec<u8>) -> Result<Option<u8>, FramingError> {
        let byte = input[0];
        let (next, data) = match *self {
            Telnet::Data => (Telnet::Data, Some(byte)),
            Telnet::Command => match byte {
                IAC => (Telnet::Data, Some(IAC)),
                WILL | WONT | DO | DONT => (Telnet::Option { verb: byte }, None),
                SB => (Telnet::Subnegotiation { bytes: 0, escaped: false }, None),
                LOWEST.. => (Telnet::Data, None),
                _ => {
                    *self = Telnet::Data;
                    return Ok(Some(IAC));
                }
            },
            Telnet::Option { verb } => {
                // A refusal needs no answer (RFC 854, page 2).
                match verb {
                    WILL => reply.extend_from_slice(&[IAC, DONT, byte]),
                    DO => reply.extend_from_slice(&[IAC, WONT, byte]),
                    _ => {}
                }
                (Telnet::Data, None)
            }
            Telnet::Subnegotiation { escaped: true, .. } if byte == SE => (Telnet::Data, None),
            Telnet::Subnegotiation { bytes, .. } if bytes >= SUBNEGOTIATION_MAX => {
                return Err(FramingError::new(format!(
                    "telnet subnegotiation is too long; at most {SUBNEGOTIATION_MAX} bytes are allowed"
                )));
            }
            Telnet::Subnegotiation { bytes, escaped } => {
                (Telnet::Subnegotiation { bytes: bytes + 1, escaped: byte == IAC && !escaped }, None)
            }
        };
        *self = next;
        *input = &input[1..];
        Ok(data)
    }
}
