//! Maps and sets whose keys are numbers that the hub assigns.
//!
//! A client can't choose such a key, so the hash needs no defence against chosen keys. One multiplication is enough
//! (Knuth, The Art of Computer Programming, volume 3, section 6.4). A key that a client can choose, such as a name,
//! must use a map with the standard library's hasher.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A map from numbers that the hub assigns.
pub(crate) type NumberMap<K, V> = HashMap<K, V, BuildHasherDefault<NumberHasher>>;

/// A set of numbers that the hub assigns.
pub(crate) type NumberSet<K> = HashSet<K, BuildHasherDefault<NumberHasher>>;

/// A multiplicative hasher for one number.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn write_u64(&mut self, number: u64) {
        // 2^64 divided by the golden ratio: the hashes of neighbouring numbers are far apart, even in the upper bits.
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(byte.into());
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
