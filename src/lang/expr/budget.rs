//! How much one evaluation may cost.

use std::cell::Cell;

use crate::value::Value;

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

/// What functions and operators may read, in bytes of text: a machine hashes so many in a second, or compares ten thousand
/// values with as many others.
const WORK: u64 = 410_000_000;

/// What looking at a value costs beside what is done with its text, in bytes.
const LOOK: usize = 2;

/// So many bytes of texts are compared in the time that others take for one.
const COMPARED: usize = 32;

/// What is left of an evaluation's allowance.
pub(in crate::lang) struct Budget {
    depth: Cell<u32>,
    steps: Cell<u64>,
    bytes: Cell<u64>,
    work: Cell<u64>,
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
            work: Cell::new(WORK),
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
        self.bytes.get() == 0 || self.steps.get() == 0 || self.work.get() == 0
    }

    #[cfg(test)]
    pub(super) fn work_left(&self) -> u64 {
        self.work.get()
    }

    /// Pays for so many bytes that are read.
    pub(in crate::lang) fn work(&self, bytes: usize) -> Result<(), Exhausted> {
        let left = self.work.get();
        let cost = u64::try_from(bytes).unwrap_or(u64::MAX);
        if cost > left {
            self.work.set(0);
            return Err(Exhausted(
                "it reads too much: the same texts or collections again and again, more than 410 million bytes or half as many elements in all",
            ));
        }
        self.work.set(left - cost);
        Ok(())
    }

    /// Pays for a look at a value and at all that is inside.
    pub(in crate::lang) fn look(&self, value: &Value) -> Result<(), Exhausted> {
        self.looks(value, 1)
    }

    /// Pays for so many looks.
    pub(in crate::lang) fn looks(&self, value: &Value, times: usize) -> Result<(), Exhausted> {
        self.work(LOOK * times)?;
        value.children().try_for_each(|child| self.looks(child, times))
    }

    /// Pays for comparing two values.
    pub(in crate::lang) fn comparison(&self, left: &Value, right: &Value) -> Result<(), Exhausted> {
        self.work(LOOK)?;
        match (left.as_str(), right.as_str()) {
            (Some(left), Some(right)) if left.len() == right.len() => self.work(left.len() / COMPARED),
            (Some(_), _) | (_, Some(_)) => Ok(()),
            _ => {
                let mut pairs = left.children().zip(right.children());
                pairs.try_for_each(|(left, right)| self.comparison(left, right))
            }
        }
    }

    /// Pays for putting the elements of a value in order.
    pub(in crate::lang) fn order(&self, value: &Value) -> Result<(), Exhausted> {
        let comparisons = usize::try_from((value.children().count() + 1).ilog2()).unwrap_or(0);
        for child in value.children() {
            let text = child.as_str().map_or(0, str::len);
            self.work(comparisons.saturating_mul(LOOK + text / COMPARED))?;
            self.look(child)?;
        }
        Ok(())
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
