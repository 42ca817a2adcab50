//! Names that compare by their case-folded form.
//!
//! This module must not know the rules of any kind of name.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

#[cfg(test)]
use super::cost;
use super::unicode;

/// A name for display that compares by its case-folded form. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Folded(Arc<Forms>);

struct Forms {
    shown: Box<str>,
    key: Box<str>,
    /// The form that lookalike names share. It is computed on first use, because most names never need it.
    skeleton: OnceLock<Box<str>>,
}

impl Folded {
    /// Creates a name that shows as `shown` and compares as `name`.
    pub(crate) fn new(shown: &str, name: &str) -> Folded {
        Folded(Arc::new(Forms { shown: shown.into(), key: fold(name).into(), skeleton: OnceLock::new() }))
    }

    pub(crate) fn shown(&self) -> &str {
        &self.0.shown
    }

    pub(crate) fn key(&self) -> &str {
        &self.0.key
    }

    pub(super) fn skeleton(&self) -> &str {
        self.0.skeleton.get_or_init(|| unicode::skeleton(self.shown(), self.key()))
    }
}

/// Folds the case of a name.
///
/// This function maps to upper case first, because lower case alone keeps some letters apart (ß and SS, ς and σ). It
/// maps each character separately, because lower-casing a whole string changes a sigma at the end of a word.
pub(crate) fn fold(name: &str) -> String {
    #[cfg(test)]
    cost::add(name);
    name.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// Shows the name alone, so that a nickname is shown as `Nick("alice")`.
impl fmt::Debug for Folded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.shown(), f)
    }
}

impl PartialEq for Folded {
    fn eq(&self, other: &Folded) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Folded {}

impl Hash for Folded {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}
