//! Labeled responses (<https://ircv3.net/specs/extensions/labeled-response>).
//!
//! This module must not know what the lines of an answer mean.

use super::line::write;

/// Appends a complete answer with its label. `number` is unique among the answers of the connection.
pub(super) fn answer(server: &str, label: &str, number: u64, lines: &[u8], out: &mut Vec<u8>) {
    match lines.split_inclusive(|byte| *byte == b'\n').count() {
        0 => write(out, format_args!("@label={label} :{server} ACK")),
        1 => tag(lines, &format!("label={label}"), out),
        _ => {
            open_batch(server, label, number, out);
            append_to_batch(number, lines, out);
            close_batch(server, number, out);
        }
    }
}

/// Opens the IRCv3 batch of an answer.
pub(super) fn open_batch(server: &str, label: &str, number: u64, out: &mut Vec<u8>) {
    write(out, format_args!("@label={label} :{server} BATCH +{number} labeled-response"));
}

/// Appends lines of an answer to its IRCv3 batch.
pub(super) fn append_to_batch(number: u64, lines: &[u8], out: &mut Vec<u8>) {
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        // A line of a nested IRCv3 batch keeps the reference of the nested batch.
        if has_batch(line) {
            out.extend_from_slice(line);
        } else {
            tag(line, &format!("batch={number}"), out);
        }
    }
}

/// Closes the IRCv3 batch of an answer.
pub(super) fn close_batch(server: &str, number: u64, out: &mut Vec<u8>) {
    write(out, format_args!(":{server} BATCH -{number}"));
}

/// Appends a line with one more tag.
pub(super) fn tag(line: &[u8], tag: &str, out: &mut Vec<u8>) {
    out.push(b'@');
    out.extend_from_slice(tag.as_bytes());
    if let Some(tagged) = line.strip_prefix(b"@") {
        out.push(b';');
        out.extend_from_slice(tagged);
    } else {
        out.push(b' ');
        out.extend_from_slice(line);
    }
}

fn has_batch(line: &[u8]) -> bool {
    let tags = line.strip_prefix(b"@").and_then(|line| line.split(|byte| *byte == b' ').next());
    tags.is_some_and(|tags| tags.split(|byte| *byte == b';').any(|tag| tag.starts_with(b"batch=")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: &str, expected: &str) {
        let mut out = Vec::new();
        answer("s", "7", 3, lines.as_bytes(), &mut out);
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }

    #[test]
    fn label_acknowledges_tags_or_batches_lines() {
        check("", "@label=7 :s ACK\r\n");
        check(":s PONG s\r\n", "@label=7 :s PONG s\r\n");
        check("@time=x :s PONG s\r\n", "@label=7;time=x :s PONG s\r\n");
        check(
            ":s 1\r\n@time=x :s 2\r\n@batch=h :s 3\r\n",
            "@label=7 :s BATCH +3 labeled-response\r\n@batch=3 :s 1\r\n@batch=3;time=x :s 2\r\n@batch=h :s 3\r\n:s BATCH \
             -3\r\n",
        );
    }
}
