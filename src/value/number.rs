//! Numbers: 512-bit binary floats as Terraform has them, with whole numbers kept small and fast.

use std::cmp::Ordering;

/// A number: an `i64` where it fits, otherwise a 512-bit binary float; or an infinity.
#[derive(Clone)]
pub struct Number(Repr);

#[derive(Clone)]
enum Repr {
    Int(i64),
    // helper: Big(Arc<dashu_float::FBig<...>>), infinities
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Repr::Int(value))
    }
}

impl Number {
    /// Reads decimal text with optional fraction and exponent; no spaces, hex or underscores.
    pub fn parse(_text: &str) -> Option<Self> {
        todo!("helper")
    }

    pub fn from_f64(_value: f64) -> Self {
        todo!("helper")
    }

    pub fn as_i64(&self) -> Option<i64> {
        match self.0 {
            Repr::Int(value) => Some(value),
        }
    }

    pub fn to_f64(&self) -> f64 {
        todo!("helper")
    }

    pub fn is_integer(&self) -> bool {
        todo!("helper")
    }

    pub fn add(&self, _other: &Self) -> Self {
        todo!("helper")
    }

    pub fn sub(&self, _other: &Self) -> Self {
        todo!("helper")
    }

    pub fn mul(&self, _other: &Self) -> Self {
        todo!("helper")
    }

    /// Division by zero gives an infinity, as in Terraform 1.11; zero by zero has no result.
    pub fn div(&self, _other: &Self) -> Option<Self> {
        todo!("helper")
    }

    /// The remainder with the sign of the dividend; none for a zero divisor.
    pub fn rem(&self, _other: &Self) -> Option<Self> {
        todo!("helper")
    }

    pub fn neg(&self) -> Self {
        todo!("helper")
    }

    pub fn floor(&self) -> Self {
        todo!("helper")
    }

    pub fn ceil(&self) -> Self {
        todo!("helper")
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, _other: &Self) -> Ordering {
        todo!("helper")
    }
}

/// The shortest decimal text that names exactly this number among 512-bit floats; never an exponent.
impl std::fmt::Display for Number {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        todo!("helper")
    }
}

impl std::fmt::Debug for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}
