//! Arithmetic that is exact until one final rounding, as Go's big floats do it.
//!
//! The float's own operators keep a guard bit in some results and would round twice.

use dashu_base::{BitTest, Signed as _, UnsignedAbs};
use dashu_int::IBig;

use super::{Big, PRECISION, rounded};

/// Beyond this distance of exponents the smaller number is far less than half of the larger one's last bit.
const NEGLIGIBLE: usize = 4 * PRECISION;

pub(super) fn sum(left: &Big, right: &Big) -> Big {
    let (left, right) = (left.repr(), right.repr());
    if left.significand().is_zero() {
        return rounded(right.significand().clone(), right.exponent());
    }
    if right.significand().is_zero() {
        return rounded(left.significand().clone(), left.exponent());
    }
    let (high, low) = if left.exponent() >= right.exponent() {
        (left, right)
    } else {
        (right, left)
    };
    let shift = high.exponent().abs_diff(low.exponent());
    // A significand has at most `PRECISION` bits, so the one with the high exponent is by far the larger.
    if shift > NEGLIGIBLE {
        return rounded(high.significand().clone(), high.exponent());
    }
    rounded((high.significand() << shift) + low.significand(), low.exponent())
}

pub(super) fn product(left: &Big, right: &Big) -> Big {
    let (left, right) = (left.repr(), right.repr());
    rounded(
        left.significand() * right.significand(),
        left.exponent().saturating_add(right.exponent()),
    )
}

/// The divisor must not be zero.
pub(super) fn quotient(left: &Big, right: &Big) -> Big {
    let (left, right) = (left.repr(), right.repr());
    let divisor = right.significand().clone().unsigned_abs();
    // Both significands have at most `PRECISION` bits: the quotient gets two bits more than count.
    let shift = PRECISION + 2 + divisor.bit_len();
    let dividend = left.significand().clone().unsigned_abs() << shift;
    let whole = &dividend / &divisor;
    let is_exact = &whole * &divisor == dividend;
    // A remainder sets a last bit, so that what lies just beside a half is not taken for one.
    let magnitude = IBig::from((whole << 1usize) + u8::from(!is_exact));
    let negative = left.significand().is_negative() != right.significand().is_negative();
    let shift = isize::try_from(shift + 1).expect("shifts are small");
    let exponent = left
        .exponent()
        .saturating_sub(right.exponent())
        .saturating_sub(shift);
    rounded(if negative { -magnitude } else { magnitude }, exponent)
}
