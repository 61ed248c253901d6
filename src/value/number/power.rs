//! Numbers of which only the leading bits are kept, with bounds below and above: enough to round any number whose exponent
//! is far from zero, without the digits that nobody sees.

use dashu_base::BitTest;
use dashu_int::UBig;

use super::decimal::Decimal;

/// The bits kept. Texts and floats of 512 bits that nearly meet differ within twice as many; the rest is room for what is
/// cut off on the way.
const KEPT: usize = 2048;

/// Digits found for a text: half of them decide which is the shortest.
pub(super) const DIGITS: usize = 320;

/// Exponents below this are as soon reckoned with exactly; the digits of all others go on far behind the last one
/// that counts.
pub(super) const FAR: usize = 4096;

/// Between `low * 2^exponent` and `high * 2^exponent`; both are the number where nothing was cut off.
#[derive(Clone)]
pub(super) struct Bounds {
    pub(super) low: UBig,
    pub(super) high: UBig,
    pub(super) exponent: isize,
}

impl Bounds {
    pub(super) fn exactly(number: UBig) -> Self {
        Self {
            low: number.clone(),
            high: number,
            exponent: 0,
        }
    }

    /// `5^power`
    pub(super) fn power_of_five(power: usize) -> Self {
        let five = Self::exactly(UBig::from(5u8));
        let mut product = Self::exactly(UBig::ONE);
        for bit in (0..power.bit_len()).rev() {
            product = product.times(&product);
            if power >> bit & 1 == 1 {
                product = product.times(&five);
            }
        }
        product
    }

    /// The product.
    pub(super) fn times(&self, other: &Self) -> Self {
        let product = Self {
            low: &self.low * &other.low,
            high: &self.high * &other.high,
            exponent: self.exponent + other.exponent,
        };
        product.cut()
    }

    /// The quotient; the divisor is not zero.
    pub(super) fn over(&self, divisor: &Self) -> Self {
        let shift = (KEPT + divisor.high.bit_len()).saturating_sub(self.low.bit_len());
        let quotient = Self {
            low: (&self.low << shift) / &divisor.high,
            high: (&self.high << shift) / &divisor.low + UBig::ONE,
            exponent: self.exponent - divisor.exponent - signed(shift),
        };
        quotient.cut()
    }

    fn cut(self) -> Self {
        let more = self.high.bit_len().saturating_sub(KEPT);
        if more == 0 {
            return self;
        }
        Self {
            low: self.low >> more,
            high: (self.high >> more) + UBig::ONE,
            exponent: self.exponent + signed(more),
        }
    }

    /// The whole part of the number, where both bounds agree on it.
    fn whole(self) -> Option<UBig> {
        let shift = self.exponent.unsigned_abs();
        let (low, high) = if self.exponent < 0 {
            (self.low >> shift, self.high >> shift)
        } else {
            (self.low << shift, self.high << shift)
        };
        (low == high).then_some(low)
    }
}

/// The leading digits of `mantissa * 2^exponent`, an exponent that is far from zero, and behind them one that says that
/// they go on. None where the bits kept do not tell.
pub(super) fn leading(mantissa: &UBig, exponent: isize) -> Option<Decimal> {
    let bits = signed(mantissa.bit_len()) + exponent;
    // The decimal logarithm of two, near enough: some digits more or less do not matter.
    let places = signed(DIGITS) - bits * 30_103 / 100_000;
    let mut number = Bounds::exactly(mantissa.clone());
    let five = Bounds::power_of_five(places.unsigned_abs());
    number = if places < 0 {
        number.over(&five)
    } else {
        number.times(&five)
    };
    number.exponent += exponent + places;
    let mut digits = number.whole()?.to_string().into_bytes();
    let point = i64::try_from(digits.len()).ok()? - i64::try_from(places).ok()?;
    digits.push(b'1');
    Some(Decimal { digits, point })
}

fn signed(count: usize) -> isize {
    isize::try_from(count).expect("counts of bits are small")
}
