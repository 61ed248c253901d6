//! Numbers: 512-bit binary floats as Terraform has them, with whole numbers kept small and fast.

mod decimal;
mod exact;
mod power;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::sync::Arc;

use dashu_base::{Sign, UnsignedAbs as _};
use dashu_float::FBig;
use dashu_float::round::mode::HalfEven;
use dashu_int::IBig;

type Big = FBig<HalfEven, 2>;

/// How many bits of a number count.
const PRECISION: usize = 512;

/// Exponents beyond this are refused when reading: nobody means them, and their digits would fill the memory.
const MAX_EXPONENT: i64 = 100_000;

/// Results with more bits before or after the point than this become an infinity or zero, for the same reason.
const MAX_BITS: isize = 1 << 21;

/// Numbers with more bits before or after the point than this are not recorded. They have fewer than 100,000 digits, and what
/// is written can be read again.
const MOST_BITS: isize = 330_000;

/// A number: an `i64` where it fits, otherwise a 512-bit binary float; or an infinity.
#[derive(Clone)]
pub struct Number(Repr);

/// A whole number that fits in `Int` is never `Big`.
#[derive(Clone)]
enum Repr {
    Int(i64),
    Big(Arc<Big>),
    Infinity,
    MinusInfinity,
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Repr::Int(value))
    }
}

impl From<usize> for Number {
    fn from(value: usize) -> Self {
        i64::try_from(value).map_or_else(|_| Self::whole(IBig::from(value)), Self::from)
    }
}

impl Number {
    pub const ZERO: Self = Self(Repr::Int(0));

    /// Reads decimal text with optional fraction and exponent; no spaces, hex or underscores.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim_start_matches(['+', '-']) {
            // The one word that the language's own number-to-text conversion can produce.
            "Inf" if text.len() == 3 || text == "+Inf" => Some(Self(Repr::Infinity)),
            "Inf" if text == "-Inf" => Some(Self(Repr::MinusInfinity)),
            _ => decimal::parse(text),
        }
    }

    /// A whole number exactly as the double is; otherwise what its shortest decimal text names. "Not a number"
    /// becomes zero.
    pub fn from_f64(value: f64) -> Self {
        if value.is_nan() {
            return Self::ZERO;
        }
        if value.is_infinite() {
            return Self::infinity(value < 0.0);
        }
        if value.fract() == 0.0 {
            return Big::try_from(value).map_or(Self::ZERO, |exact| {
                Self::from_big(exact.with_precision(PRECISION).value())
            });
        }
        decimal::parse(&value.to_string()).unwrap_or(Self::ZERO)
    }

    /// Positive or negative infinity.
    fn infinity(negative: bool) -> Self {
        Self(if negative {
            Repr::MinusInfinity
        } else {
            Repr::Infinity
        })
    }

    fn whole(value: IBig) -> Self {
        Self::from_big(rounded(value, 0))
    }

    /// Brings a result to its one representation.
    fn from_big(value: Big) -> Self {
        let repr = value.repr();
        if repr.significand().is_zero() || repr.exponent() < -MAX_BITS {
            return Self::ZERO;
        }
        if repr.exponent() > MAX_BITS {
            return Self::infinity(repr.sign() == Sign::Negative);
        }
        let small = repr.is_int() && repr.digits() + repr.exponent().unsigned_abs() <= 64;
        match small.then(|| i64::try_from(value.to_int().value())) {
            Some(Ok(int)) => Self::from(int),
            _ => Self(Repr::Big(Arc::new(value))),
        }
    }

    /// The float, unless infinite.
    fn to_big(&self) -> Option<Big> {
        match &self.0 {
            Repr::Int(value) => Some(rounded(IBig::from(*value), 0)),
            Repr::Big(value) => Some(Big::clone(value)),
            Repr::Infinity | Repr::MinusInfinity => None,
        }
    }

    /// The value, if it is whole and fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self.0 {
            Repr::Int(value) => Some(value),
            _ => None,
        }
    }

    /// The nearest double.
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Repr::Int(value) => {
                // Rounds to nearest, ties to even.
                #[allow(clippy::cast_precision_loss)]
                let float = *value as f64;
                float
            }
            Repr::Big(value) => value.to_f64().value(),
            Repr::Infinity => f64::INFINITY,
            Repr::MinusInfinity => f64::NEG_INFINITY,
        }
    }

    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Int(_) => true,
            Repr::Big(value) => value.repr().is_int(),
            Repr::Infinity | Repr::MinusInfinity => false,
        }
    }

    /// Whether its digits can be read again where they are written: those of a state are.
    pub fn is_writable(&self) -> bool {
        match &self.0 {
            Repr::Int(_) => true,
            Repr::Big(value) => {
                let repr = value.repr();
                let bits = isize::try_from(repr.digits()).unwrap_or(isize::MAX);
                repr.exponent().saturating_add(bits).unsigned_abs() <= MOST_BITS.unsigned_abs()
            }
            Repr::Infinity | Repr::MinusInfinity => false,
        }
    }

    /// How many digits it has when it is written, near enough.
    pub fn digits(&self) -> usize {
        match &self.0 {
            Repr::Int(_) | Repr::Infinity | Repr::MinusInfinity => 20,
            Repr::Big(value) => {
                let repr = value.repr();
                // The decimal logarithm of two, rounded up.
                (repr.exponent().unsigned_abs() + repr.digits()) / 3 + 20
            }
        }
    }

    pub fn is_infinite(&self) -> bool {
        matches!(self.0, Repr::Infinity | Repr::MinusInfinity)
    }

    pub fn is_zero(&self) -> bool {
        matches!(self.0, Repr::Int(0))
    }

    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Int(value) => *value < 0,
            Repr::Big(value) => value.repr().sign() == Sign::Negative,
            Repr::Infinity => false,
            Repr::MinusInfinity => true,
        }
    }

    /// The sum; none for infinities of opposite sign.
    pub fn checked_add(&self, other: &Self) -> Option<Self> {
        if let (Repr::Int(a), Repr::Int(b)) = (&self.0, &other.0)
            && let Some(sum) = a.checked_add(*b)
        {
            return Some(Self::from(sum));
        }
        match (self.to_big(), other.to_big()) {
            (Some(a), Some(b)) => Some(Self::from_big(exact::sum(&a, &b))),
            (None, None) if self.is_negative() != other.is_negative() => None,
            (None, _) => Some(self.clone()),
            (Some(_), None) => Some(other.clone()),
        }
    }

    /// The difference; none for infinities of the same sign.
    pub fn checked_sub(&self, other: &Self) -> Option<Self> {
        self.checked_add(&other.neg())
    }

    /// The product; none for zero times infinity.
    pub fn checked_mul(&self, other: &Self) -> Option<Self> {
        if let (Repr::Int(a), Repr::Int(b)) = (&self.0, &other.0)
            && let Some(product) = a.checked_mul(*b)
        {
            return Some(Self::from(product));
        }
        match (self.to_big(), other.to_big()) {
            (Some(a), Some(b)) => Some(Self::from_big(exact::product(&a, &b))),
            _ if self.is_zero() || other.is_zero() => None,
            _ => Some(Self::infinity(self.is_negative() != other.is_negative())),
        }
    }

    /// Division by zero gives an infinity, as in Terraform 1.11; zero by zero has no result, nor has infinity
    /// by infinity.
    pub fn div(&self, other: &Self) -> Option<Self> {
        if let (Repr::Int(a), Repr::Int(b)) = (&self.0, &other.0)
            && a.checked_rem(*b) == Some(0)
        {
            return a.checked_div(*b).map(Self::from);
        }
        match (self.to_big(), other.to_big()) {
            (Some(_), Some(_)) if other.is_zero() => {
                (!self.is_zero()).then(|| Self::infinity(self.is_negative()))
            }
            (Some(a), Some(b)) => Some(Self::from_big(exact::quotient(&a, &b))),
            (None, Some(_)) => Some(Self::infinity(self.is_negative() != other.is_negative())),
            (Some(_), None) => Some(Self::ZERO),
            (None, None) => None,
        }
    }

    /// The remainder with the sign of the dividend. As in Terraform, a zero divisor gives the dividend back;
    /// infinities have no remainder.
    pub fn rem(&self, other: &Self) -> Option<Self> {
        if other.is_zero() {
            return (!self.is_infinite()).then(|| self.clone());
        }
        if let (Repr::Int(a), Repr::Int(b)) = (&self.0, &other.0) {
            return Some(Self::from(a.checked_rem(*b).unwrap_or(0)));
        }
        let quotient = Self::from_big(exact::quotient(&self.to_big()?, &other.to_big()?));
        self.checked_sub(&quotient.trunc().checked_mul(other)?)
    }

    #[must_use]
    pub fn neg(&self) -> Self {
        match &self.0 {
            Repr::Int(value) => value
                .checked_neg()
                .map_or_else(|| Self::whole(-IBig::from(*value)), Self::from),
            Repr::Big(value) => Self::from_big(-Big::clone(value)),
            Repr::Infinity => Self(Repr::MinusInfinity),
            Repr::MinusInfinity => Self(Repr::Infinity),
        }
    }

    /// The whole number next to it towards negative infinity.
    #[must_use]
    pub fn floor(&self) -> Self {
        self.round_with(Big::floor)
    }

    /// The whole number next to it towards positive infinity.
    #[must_use]
    pub fn ceil(&self) -> Self {
        self.round_with(Big::ceil)
    }

    /// The whole number next to it towards zero.
    #[must_use]
    pub fn trunc(&self) -> Self {
        self.round_with(Big::trunc)
    }

    /// Text of at most so many digits, with an exponent where the number is very large or very small: for
    /// messages only.
    pub fn to_rounded_text(&self, digits: usize) -> String {
        match self.to_big() {
            Some(value) if !self.is_zero() => {
                let repr = value.repr();
                let magnitude = repr.significand().clone().unsigned_abs();
                let text = decimal::to_rounded_text(&magnitude, repr.exponent(), digits);
                format!("{}{text}", if self.is_negative() { "-" } else { "" })
            }
            _ => self.to_string(),
        }
    }

    /// With so many decimal places and never an exponent: Go's `%f`.
    pub fn to_fixed_text(&self, places: usize) -> String {
        self.written(|value| decimal::to_fixed_text(value, places))
    }

    /// With an exponent, and so many decimal places before it: Go's `%e`.
    pub fn to_scientific_text(&self, places: usize) -> String {
        self.written(|value| decimal::to_scientific_text(value, places))
    }

    /// The shortest digits, or so many, with an exponent where that is shorter: Go's `%g`.
    pub fn to_general_text(&self, digits: Option<usize>) -> String {
        self.written(|value| decimal::to_general_text(value, digits))
    }

    /// The text of the number's size behind its sign.
    fn written(&self, write: impl Fn(&Big) -> String) -> String {
        match self.to_big() {
            Some(value) => format!("{}{}", if self.is_negative() { "-" } else { "" }, write(&value)),
            None => self.to_string(),
        }
    }

    fn round_with(&self, round: fn(&Big) -> Big) -> Self {
        match &self.0 {
            Repr::Big(value) if !value.repr().is_int() => {
                Self::from_big(round(value).with_precision(PRECISION).value())
            }
            _ => self.clone(),
        }
    }
}

/// `significand * 2^exponent` with the precision that all numbers have.
fn rounded(significand: IBig, exponent: isize) -> Big {
    Big::from_parts(significand, exponent)
        .with_precision(PRECISION)
        .value()
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
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Repr::Int(a), Repr::Int(b)) = (&self.0, &other.0) {
            return a.cmp(b);
        }
        match (self.to_big(), other.to_big()) {
            (Some(a), Some(b)) => a.cmp(&b),
            (None, None) => other.is_negative().cmp(&self.is_negative()),
            (None, Some(_)) if self.is_negative() => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) if other.is_negative() => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
        }
    }
}

/// The shortest decimal text that names exactly this number among 512-bit floats; never an exponent.
impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Repr::Int(value) => value.fmt(f),
            Repr::Big(value) => f.write_str(&decimal::to_text(value)),
            Repr::Infinity => f.write_str("+Inf"),
            Repr::MinusInfinity => f.write_str("-Inf"),
        }
    }
}

impl std::fmt::Debug for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}
