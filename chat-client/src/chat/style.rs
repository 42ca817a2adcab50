//! The colours of texts. If colours are off, this module adds nothing to a text.
//!
//! This module must not know the meaning of a text.

/// The style of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// The terminal's own colours.
    Plain,
    /// Less important text: joins and leaves, times, history.
    Dim,
    /// A private message.
    Private,
    /// A text that mentions your nickname.
    Mention,
    /// An error.
    Error,
    /// A member's name, in this colour of the 256-colour palette.
    Name(u8),
    /// Your prompt.
    Own,
}

/// The colours of the 256-colour palette for names. They are readable on a dark and on a light background.
const NAME_COLORS: [u8; 12] = [166, 37, 63, 133, 64, 160, 31, 99, 136, 29, 168, 61];

impl Style {
    /// Returns the style of a member's name. A name has the same style in every run.
    pub(crate) fn of_name(name: &str) -> Style {
        // Use FNV-1a, because the standard library's hash may change from one run or version to the next.
        let hash = name
            .to_lowercase()
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let index = usize::try_from(hash % NAME_COLORS.len() as u64).unwrap_or(0);
        Style::Name(NAME_COLORS[index])
    }

    /// Returns the text in this style if `colors` is true (ECMA-48, section 8.3.117), and unchanged otherwise.
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
    fn name_keeps_its_colour() {
        assert_eq!(Style::of_name("alice"), Style::of_name("Alice"));
        assert_eq!(Style::of_name("alice"), Style::Name(61));
        assert_ne!(Style::of_name("alice"), Style::of_name("bob"));
    }

    #[test]
    fn paint_without_colours_returns_the_text() {
        assert_eq!(Style::Error.paint("x", false), "x");
        assert_eq!(Style::Error.paint("x", true), "\x1b[31mx\x1b[0m");
        assert_eq!(Style::Dim.paint("", true), "");
    }
}
