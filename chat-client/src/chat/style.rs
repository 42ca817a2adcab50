//! How things look that are told apart by more than words. Without colours nothing of this is printed.
//!
//! It must not know what is said.

/// What may be written in colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// As the terminal writes by itself.
    Plain,
    /// What is of less interest: who comes and goes, when something was said, what was said before.
    Dim,
    /// What is for oneself alone.
    Private,
    /// What has one's own name in it.
    Mention,
    /// What went wrong.
    Error,
    /// A member: a colour of its own.
    Name(u8),
    /// Oneself.
    Own,
}

/// Colours of the 256 that can be read on a dark and on a light ground alike: none of them is near either.
const NAMES: [u8; 12] = [166, 37, 63, 133, 64, 160, 31, 99, 136, 29, 168, 61];

impl Style {
    /// The colour of a member: always the same for the same name.
    pub(crate) fn of(name: &str) -> Style {
        // FNV-1a: what matters is that it stays the same from one run to the next.
        let hash = name
            .to_lowercase()
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let number = usize::try_from(hash % NAMES.len() as u64).unwrap_or(0);
        Style::Name(NAMES[number])
    }

    /// The text in this style, if there are colours (ECMA-48, section 8.3.117).
    pub(crate) fn paint(self, text: &str, colors: bool) -> String {
        let code = match self {
            _ if !colors || text.is_empty() => return text.to_owned(),
            Style::Plain => return text.to_owned(),
            Style::Dim => "2".to_owned(),
            Style::Private => "35".to_owned(),
            Style::Error => "31".to_owned(),
            Style::Name(number) => format!("38;5;{number}"),
            Style::Mention | Style::Own => "1".to_owned(),
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_always_the_same_colour() {
        assert_eq!(Style::of("alice"), Style::of("Alice"));
        assert_eq!(Style::of("alice"), Style::Name(61));
        assert_ne!(Style::of("alice"), Style::of("bob"));
    }

    #[test]
    fn without_colours_nothing_is_written_beside_the_text() {
        assert_eq!(Style::Error.paint("x", false), "x");
        assert_eq!(Style::Error.paint("x", true), "\x1b[31mx\x1b[0m");
        assert_eq!(Style::Dim.paint("", true), "");
    }
}
