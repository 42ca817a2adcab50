//! Patterns for names, and the wildcard matcher.
//!
//! This module must not know which names are in use.

use std::fmt;
use std::str::FromStr;

use super::ParseMaskError;
use crate::model::name::{self, Folded, Name};

/// The longest pattern, in characters.
pub(super) const MAX_CHARACTERS: usize = 50;

/// A pattern for names: `*` matches any number of characters, including none, and `?` matches exactly one. Case is
/// ignored. Cheap to clone.
///
/// ```
/// use chat_core::moderation::Pattern;
/// use chat_core::name::Name;
///
/// let pattern = Pattern::parse("spam*")?;
/// assert!(pattern.fits(&Name::Nick("Spammer".parse()?)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Folded);

impl Pattern {
    /// Parses a pattern: 1 to 50 characters, each a character of a nick, `*` or `?`.
    ///
    /// # Errors
    ///
    /// Returns [`ParseMaskError`], which says what is wrong and what is allowed.
    pub fn parse(pattern: &str) -> Result<Pattern, ParseMaskError> {
        if pattern.is_empty() {
            return Err(ParseMaskError::Empty);
        }
        let characters = pattern.chars().count();
        if characters > MAX_CHARACTERS {
            return Err(ParseMaskError::TooLong { characters });
        }
        let is_allowed = |c: char| matches!(c, '*' | '?') || name::is_nick_character(c);
        match pattern.chars().find(|&c| !is_allowed(c)) {
            Some(character) => Err(ParseMaskError::Pattern { character }),
            None => Ok(Pattern(Folded::new(pattern, pattern))),
        }
    }

    /// Returns whether `name` matches.
    #[must_use]
    pub fn fits(&self, name: &Name) -> bool {
        fits(self.0.key(), name.key())
    }
}

/// Returns whether `name` matches `pattern`, in at most pattern length × name length steps. Both must be case-folded.
///
/// After a mismatch, the last `*` takes one more character. The matcher never returns to an earlier `*`.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let (mut pattern, mut name) = (pattern.chars(), name.chars());
    // The pattern after the last star, and the rest of the name after the characters that the star takes so far.
    let mut star = None;
    loop {
        let unmatched = name.clone();
        match (pattern.next(), name.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                star = Some((pattern.clone(), unmatched.clone()));
                name = unmatched;
            }
            (Some('?'), Some(_)) => {}
            (Some(expected), Some(actual)) if expected == actual => {}
            (None | Some(_), _) => {
                let Some((after_star, mut skipped)) = star.take() else { return false };
                if skipped.next().is_none() {
                    return false;
                }
                (pattern, name) = (after_star.clone(), skipped.clone());
                star = Some((after_star, skipped));
            }
        }
    }
}

impl FromStr for Pattern {
    type Err = ParseMaskError;

    fn from_str(text: &str) -> Result<Pattern, ParseMaskError> {
        Pattern::parse(text)
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

    /// Matches by the definition of a pattern, in exponential time.
    fn fits_by_definition(pattern: &[char], name: &[char]) -> bool {
        match (pattern, name) {
            ([], []) => true,
            (['*', rest @ ..], _) => (0..=name.len()).any(|skip| fits_by_definition(rest, &name[skip..])),
            (['?', rest @ ..], [_, left @ ..]) => fits_by_definition(rest, left),
            ([one, rest @ ..], [other, left @ ..]) => one == other && fits_by_definition(rest, left),
            _ => false,
        }
    }

    #[test]
    fn pattern_ignores_case() {
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
        fn matcher_agrees_with_definition(pattern in "[ab?*]{0,8}", name in "[ab]{0,8}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(fits(&pattern, &name), fits_by_definition(&chars(&pattern), &chars(&name)));
        }
    }

    #[test]
    fn worst_pattern_is_fast() {
        assert!(!fits(&("*a".repeat(24) + "*b"), &"a".repeat(10_000)));
    }
}
