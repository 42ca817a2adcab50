//! Reads a text file whose size has a limit.
//!
//! This module must not know what the text is for.

use std::fs::File;
use std::io::{self, Read as _};

/// Reads the text of a file; returns `None` if it has more than `limit` bytes.
pub(crate) fn read_at_most(limit: u64, file: File) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
        return Ok(None);
    }
    String::from_utf8(bytes).map(Some).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}
