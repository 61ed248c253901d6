//! How much one evaluation may cost.

use std::cell::Cell;

/// Expressions inside expressions.
const DEPTH: u32 = 500;
/// Expressions evaluated.
const STEPS: u64 = 10_000_000;
/// Bytes of text and elements made: what doubles from one name to the next stays below twice as much in all.
const BYTES: u64 = 96 * 1024 * 1024;
/// What one element of a collection is taken to cost.
const ELEMENT: usize = 48;

/// What a text costs beside its bytes.
const TEXT: usize = 32;

/// What a map or object costs beside its elements, in elements: few though they be, it makes room for more.
const MAP: usize = 8;

/// What is left of an evaluation's allowance.
pub(in crate::lang) struct Budget {
    depth: Cell<u32>,
    steps: Cell<u64>,
    bytes: Cell<u64>,
}

/// The allowance is used up; the text is a sentence without full stop.
#[derive(Clone, Copy, Debug)]
pub(in crate::lang) struct Exhausted(pub(in crate::lang) &'static str);

impl Default for Budget {
    fn default() -> Self {
        Self {
            depth: Cell::new(DEPTH),
            steps: Cell::new(STEPS),
            bytes: Cell::new(BYTES),
        }
    }
}

impl Budget {
    /// Goes one expression deeper; every success is followed by one [`Budget::leave`].
    pub(super) fn enter(&self) -> Result<(), Exhausted> {
        let steps = self.steps.get();
        if steps == 0 {
            return Err(Exhausted("it needs more than 10 million steps"));
        }
        let depth = self.depth.get();
        if depth == 0 {
            return Err(Exhausted("it is nested more than 500 levels deep"));
        }
        self.steps.set(steps - 1);
        self.depth.set(depth - 1);
        Ok(())
    }

    pub(super) fn leave(&self) {
        self.depth.set(self.depth.get() + 1);
    }

    /// Pays for text about to be made.
    pub(in crate::lang) fn text(&self, bytes: usize) -> Result<(), Exhausted> {
        self.pay(bytes.saturating_add(TEXT))
    }

    fn pay(&self, bytes: usize) -> Result<(), Exhausted> {
        let left = self.bytes.get();
        let cost = u64::try_from(bytes).unwrap_or(u64::MAX);
        if cost > left {
            self.bytes.set(0);
            return Err(Exhausted("it produces more than 96 MiB of values"));
        }
        self.bytes.set(left - cost);
        Ok(())
    }

    /// Whether nothing more can be paid.
    pub(super) fn is_spent(&self) -> bool {
        self.bytes.get() == 0 || self.steps.get() == 0
    }

    /// Pays for maps and objects about to be made, their elements apart.
    pub(in crate::lang) fn maps(&self, count: usize) -> Result<(), Exhausted> {
        self.elements(count.saturating_mul(MAP))
    }

    /// Pays for elements about to be made.
    pub(in crate::lang) fn elements(&self, count: usize) -> Result<(), Exhausted> {
        self.pay(count.saturating_mul(ELEMENT))
    }
}
