//! Keyed sums of texts, of which those of all parts follow from one pass over the whole: comparing a part costs the same
//! however long it is.

use std::hash::{BuildHasher, Hasher as _};

/// A prime: sums are reckoned modulo it.
const MODULUS: u64 = (1 << 61) - 1;

/// Sums of all beginnings of a piece of a text.
pub(super) struct Sums {
    from: usize,
    sums: Vec<u64>,
}

/// By what the sums of one run are made, so that nobody can choose texts whose sums agree.
#[derive(Clone, Copy)]
pub(super) struct Base(u64);

impl Base {
    pub(super) fn by_chance(hashes: &impl BuildHasher) -> Self {
        let number = hashes.build_hasher().finish() % (MODULUS - 1_000);
        Self(number + 500)
    }

    /// The sum of a text.
    pub(super) fn sum(self, text: &[u8]) -> u64 {
        text.iter().fold(0, |sum, byte| self.with(sum, *byte))
    }

    /// What the sum of what stands before so many bytes is multiplied with.
    pub(super) fn power(self, mut length: usize) -> u64 {
        let (mut power, mut square) = (1, self.0);
        while length > 0 {
            if length & 1 == 1 {
                power = product(power, square);
            }
            square = product(square, square);
            length >>= 1;
        }
        power
    }

    /// The sums of a text from a place on, for parts that end before another place.
    pub(super) fn of(self, text: &[u8], from: usize, to: usize) -> Sums {
        let piece = &text[from..to.min(text.len())];
        let mut sums = Vec::with_capacity(piece.len() + 1);
        sums.push(0);
        let mut sum = 0;
        for byte in piece {
            sum = self.with(sum, *byte);
            sums.push(sum);
        }
        Sums { from, sums }
    }

    fn with(self, sum: u64, byte: u8) -> u64 {
        reduced(product(sum, self.0) + u64::from(byte) + 1)
    }
}

impl Sums {
    /// The sum of so many bytes at a place, if there are as many; `power` is that of their number.
    pub(super) fn part(&self, at: usize, length: usize, power: u64) -> Option<u64> {
        let start = at - self.from;
        let whole = *self.sums.get(start.checked_add(length)?)?;
        let before = product(self.sums[start], power);
        Some(reduced(whole + MODULUS - before))
    }
}

fn product(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    let low = u64::try_from(product & u128::from(MODULUS)).unwrap_or_default();
    let high = u64::try_from(product >> 61).unwrap_or_default();
    reduced(low + high)
}

/// The same number below the modulus, of one below twice that.
fn reduced(sum: u64) -> u64 {
    if sum >= MODULUS { sum - MODULUS } else { sum }
}
