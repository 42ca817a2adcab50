//! Protocol detection: rejects clients that speak HTTP or TLS by the first bytes of a stream.
//!
//! A web page can make a browser send any text after an HTTP request, so the server must not read that text as
//! commands.

use crate::session::FramingError;

/// The first byte of a TLS record that holds a handshake (RFC 8446, section 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// Fails if a stream that begins with this byte is TLS.
pub(crate) fn check_first_byte(first: u8) -> Result<(), FramingError> {
    if first != TLS_HANDSHAKE {
        return Ok(());
    }
    Err(FramingError::new("this is a chat server: it speaks lines of text, not TLS"))
}

/// Fails if this line, the first of a stream, looks like HTTP.
pub(crate) fn check_first_line(line: &[u8]) -> Result<(), FramingError> {
    if is_http(line) { Err(http()) } else { Ok(()) }
}

/// Fails if a stream is HTTP, for a first line that begins with these bytes and is too long to keep.
pub(crate) fn check_first_part(line: &[u8]) -> Result<(), FramingError> {
    if begins_like_http(line) { Err(http()) } else { Ok(()) }
}

fn http() -> FramingError {
    FramingError::new("this is a chat server: it speaks lines of text, not HTTP")
}

/// Returns whether a line is like `GET /path HTTP/1.1`: a method, a target in one of its four forms, a version (RFC
/// 9112, section 3).
fn is_http(line: &[u8]) -> bool {
    let words: Vec<&[u8]> = line.splitn(4, |&byte| byte == b' ').collect();
    let [method, target, version] = words[..] else { return false };
    let is_target = target.starts_with(b"/") || target == b"*" || target.contains(&b':');
    !method.is_empty() && method.iter().all(u8::is_ascii_uppercase) && is_target && version.starts_with(b"HTTP/")
}

/// Returns whether a line begins like `GET /`. For a line that is too long to keep, nothing more is known.
fn begins_like_http(line: &[u8]) -> bool {
    let method = line.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    method > 0 && line[method..].starts_with(b" /")
}
