//! Names that are alike.

use std::fmt;

use super::ParseMaskError;
use crate::model::name::{self, Folded, Name};

/// The longest pattern, in characters.
pub(super) const MOST: usize = 50;

/// Names with something left open: `*` stands for any characters, also none, and `?` for one. In any case. Cheap to
/// clone.
///
/// ```
/// use chat_core::{Name, Pattern};
///
/// let pattern = Pattern::parse("spam*")?;
/// assert!(pattern.fits(&Name::Nick("Spammer".parse()?)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Folded);

impl Pattern {
    /// Parses a pattern: at most 50 of the characters that a name may have, `*` and `?`.
    ///
    /// # Errors
    ///
    /// [`ParseMaskError`] tells what is wrong and what is allowed.
    pub fn parse(pattern: &str) -> Result<Pattern, ParseMaskError> {
        if pattern.is_empty() {
            return Err(ParseMaskError::Empty);
        }
        let characters = pattern.chars().count();
        if characters > MOST {
            return Err(ParseMaskError::TooLong { characters });
        }
        let is_allowed = |c: char| matches!(c, '*' | '?') || name::is_nick_character(c);
        match pattern.chars().find(|&c| !is_allowed(c)) {
            Some(character) => Err(ParseMaskError::Pattern { character }),
            None => Ok(Pattern(Folded::new(pattern, pattern))),
        }
    }

    /// Whether `name` fits.
    #[must_use]
    pub fn fits(&self, name: &Name) -> bool {
        fits(self.0.key(), name.key())
    }
}

/// Each time something does not fit, the last `*` stands for one character more: what is before it need not be looked at
/// again, so that the longest pattern and name take no more steps than one is long times the other.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let (mut pattern, mut name) = (pattern.chars(), name.chars());
    // What follows the last star, and what is left of the name if the star stands for as little as it may.
    let mut star = None;
    loop {
        let left = name.clone();
        match (pattern.next(), name.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                star = Some((pattern.clone(), left.clone()));
                name = left;
            }
            (Some('?'), Some(_)) => {}
            (Some(one), Some(other)) if one == other => {}
            (None | Some(_), _) => {
                let Some((behind, mut skipped)) = star.take() else { return false };
                if skipped.next().is_none() {
                    return false;
                }
                (pattern, name) = (behind.clone(), skipped.clone());
                star = Some((behind, skipped));
            }
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.shown())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As it is defined, however long it takes.
    fn plain(pattern: &[char], name: &[char]) -> bool {
        match (pattern, name) {
            ([], []) => true,
            (['*', rest @ ..], _) => (0..=name.len()).any(|skip| plain(rest, &name[skip..])),
            (['?', rest @ ..], [_, left @ ..]) => plain(rest, left),
            ([one, rest @ ..], [other, left @ ..]) => one == other && plain(rest, left),
            _ => false,
        }
    }

    #[test]
    fn names_fit_in_any_case() {
        let fits = |pattern: &str, name: &str| {
            Pattern::parse(pattern).expect(pattern).fits(&Name::Nick(name.parse().expect(name)))
        };
        assert!(fits("Spam*", "SPAMMER"));
        assert!(fits("*bot", "a_Bot"));
        assert!(fits("b?b", "bob"));
        assert!(!fits("b?b", "bb"));
        assert!(fits("*", "anybody"));
        assert!(!fits("spam*", "nospam"));
        assert!(fits("λογοσ*", "λογοσα") && fits("λογοσ*", "λογος"));
    }

    proptest! {
        #[test]
        fn it_fits_what_the_definition_fits(pattern in "[ab?*]{0,8}", name in "[ab]{0,8}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(fits(&pattern, &name), plain(&chars(&pattern), &chars(&name)));
        }
    }

    #[test]
    fn the_worst_pattern_takes_no_time() {
        assert!(!fits(&("*a".repeat(24) + "*b"), &"a".repeat(10_000)));
    }
}
