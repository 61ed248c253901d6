//! Finds many texts in one at the same time, without holding any of them: by keyed hashes of their first bytes,
//! and of the whole where those agree. Texts come and go one by one, which an automaton would have to be built
//! anew for.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;

use super::{SHORTEST, forms};

/// So many bits say which first bytes there may be.
const BITS: u32 = 18;

/// What is looked for.
#[derive(Default)]
pub(super) struct Index {
    hashes: RandomState,
    /// Texts that have come, those that have gone included.
    known: BTreeSet<u64>,
    /// By the hash of the first bytes.
    heads: BTreeMap<u64, Vec<Tail>>,
    /// Hashes of all beginnings that are shorter than a head.
    starts: BTreeSet<u64>,
    /// A rough mirror of `heads`, in one look; empty as long as nothing is looked for.
    rough: Vec<u64>,
}

/// One form of a text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Tail {
    length: usize,
    hash: u64,
    /// The text that it is a form of.
    of: u64,
}

impl Index {
    /// From now on the text is found, in all its forms.
    pub(super) fn add(&mut self, text: &str) {
        let text = text.trim();
        let of = self.hash(text.as_bytes());
        if text.len() < SHORTEST || !self.known.insert(of) {
            return;
        }
        if self.rough.is_empty() {
            self.rough = vec![0; 1 << (BITS - 6)];
        }
        for form in forms::of(text) {
            let bytes = form.as_bytes();
            for length in 1..SHORTEST {
                let start = self.hash(&bytes[..length]);
                self.starts.insert(start);
            }
            let head = &bytes[..SHORTEST];
            let bit = rough(head);
            self.rough[bit / 64] |= 1 << (bit % 64);
            let tail = Tail {
                length: bytes.len(),
                hash: self.hash(bytes),
                of,
            };
            let head = self.hash(head);
            let tails = self.heads.entry(head).or_default();
            tails.push(tail);
            // The longest first.
            tails.sort_unstable_by(|left, right| right.cmp(left));
        }
    }

    /// The text is not found any more, nor any that it holds in one form or another. They will not come again.
    pub(super) fn remove(&mut self, text: &str) {
        let mut gone: BTreeSet<u64> = BTreeSet::new();
        for at in 0..text.len() {
            gone.extend(self.tails(text.as_bytes(), at).map(|tail| tail.of));
        }
        self.known.insert(self.hash(text.trim().as_bytes()));
        if gone.is_empty() {
            return;
        }
        for tails in self.heads.values_mut() {
            tails.retain(|tail| !gone.contains(&tail.of));
        }
        self.heads.retain(|_, tails| !tails.is_empty());
    }

    /// Whether there is nothing to look for.
    pub(super) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Where the texts stand, in order. What overlaps is one place.
    pub(super) fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        if self.heads.is_empty() {
            return found;
        }
        let bytes = text.as_bytes();
        for at in 0..(bytes.len() + 1).saturating_sub(SHORTEST) {
            let Some(longest) = self.tails(bytes, at).next() else {
                continue;
            };
            let end = at + longest.length;
            match found.last_mut() {
                Some(last) if at < last.end => last.end = last.end.max(end),
                _ => found.push(at..end),
            }
        }
        found
    }

    /// Where the end of the text begins that one of the texts may begin with.
    pub(super) fn open_end(&self, text: &str) -> usize {
        let bytes = text.as_bytes();
        let open = |at: &usize| {
            let rest = &bytes[*at..];
            match rest.get(..SHORTEST) {
                Some(head) => self.at(head).iter().any(|tail| tail.length > rest.len()),
                None => self.starts.contains(&self.hash(rest)),
            }
        };
        if self.heads.is_empty() {
            return text.len();
        }
        (0..text.len()).find(open).unwrap_or(text.len())
    }

    /// The forms that stand at a place, the longest first.
    fn tails<'a>(&'a self, bytes: &'a [u8], at: usize) -> impl Iterator<Item = &'a Tail> {
        let rest = &bytes[at..];
        let tails = rest.get(..SHORTEST).map_or(&[][..], |head| self.at(head));
        let is_there = |tail: &&Tail| {
            let whole = rest.get(..tail.length);
            whole.is_some_and(|whole| self.hash(whole) == tail.hash)
        };
        tails.iter().filter(is_there)
    }

    /// The forms with these first bytes.
    fn at(&self, head: &[u8]) -> &[Tail] {
        let bit = rough(head);
        let may_be = self
            .rough
            .get(bit / 64)
            .is_some_and(|bits| bits >> (bit % 64) & 1 == 1);
        if !may_be {
            return &[];
        }
        self.heads.get(&self.hash(head)).map_or(&[], Vec::as_slice)
    }

    fn hash(&self, bytes: &[u8]) -> u64 {
        self.hashes.hash_one(bytes)
    }
}

/// The number of the bit of these first bytes.
fn rough(head: &[u8]) -> usize {
    let mut word = [0; SHORTEST];
    word.copy_from_slice(&head[..SHORTEST]);
    let mixed = u64::from_le_bytes(word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(mixed >> (u64::BITS - BITS)).unwrap_or_default()
}
