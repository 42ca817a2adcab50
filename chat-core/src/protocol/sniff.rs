//! How clients of other protocols begin, which are turned away before they do harm: a browser can be made to send what it
//! likes, behind a request of HTTP.

use crate::session::FramingError;

/// The first byte of a TLS record that holds a handshake (RFC 8446, section 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// Whether a stream may begin with this byte.
pub(crate) fn check_first_byte(first: u8) -> Result<(), FramingError> {
    if first != TLS_HANDSHAKE {
        return Ok(());
    }
    Err(FramingError::new("this is a chat server: it speaks lines of text, not TLS"))
}

/// Whether a stream may begin with this line.
pub(crate) fn check_first_line(line: &[u8]) -> Result<(), FramingError> {
    if is_http(line) { Err(http()) } else { Ok(()) }
}

/// Whether a stream may begin with a line that begins so, and is too long to be kept.
pub(crate) fn check_first_part(line: &[u8]) -> Result<(), FramingError> {
    if begins_like_http(line) { Err(http()) } else { Ok(()) }
}

fn http() -> FramingError {
    FramingError::new("this is a chat server: it speaks lines of text, not HTTP")
}

/// `GET /path HTTP/1.1` and the like: a method, a target in one of its four forms, a version (RFC 9112, section 3).
fn is_http(line: &[u8]) -> bool {
    let words: Vec<&[u8]> = line.splitn(4, |&byte| byte == b' ').collect();
    let [method, target, version] = words[..] else { return false };
    let is_target = target.starts_with(b"/") || target == b"*" || target.contains(&b':');
    !method.is_empty() && method.iter().all(u8::is_ascii_uppercase) && is_target && version.starts_with(b"HTTP/")
}

/// `GET /` and the like: what can be told of a request line too long to be kept.
fn begins_like_http(line: &[u8]) -> bool {
    let method = line.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    method > 0 && line[method..].starts_with(b" /")
}
