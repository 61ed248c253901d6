//! Logarithm and power of doubles, to the last bit as Go's library has them.
//!
//! Terraform computes `log` and `pow` with that library, which rounds otherwise than the C library now and then. The
//! logarithm is the classic one of FreeBSD's libm (argument reduction to `[sqrt(1/2), sqrt(2))`, then a polynomial in
//! `f / (2 + f)`); the power multiplies by squares for the whole part of the exponent.

#![expect(clippy::float_cmp, reason = "exact values have exact results")]

use std::f64::consts::SQRT_2;

/// The natural logarithm.
pub fn ln(x: f64) -> f64 {
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const EVEN: [f64; 3] = [
        3.999_999_999_940_942e-1,
        2.222_219_843_214_978_4e-1,
        1.531_383_769_920_937_3e-1,
    ];
    const ODD: [f64; 4] = [
        6.666_666_666_666_735e-1,
        2.857_142_874_366_239e-1,
        1.818_357_216_161_805e-1,
        1.479_819_860_511_658_6e-1,
    ];
    if x.is_nan() || x < 0.0 {
        return f64::NAN;
    }
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    if x.is_infinite() {
        return x;
    }
    let (mut fraction, mut exponent) = split(x);
    if fraction < SQRT_2 / 2.0 {
        fraction *= 2.0;
        exponent -= 1;
    }
    let f = fraction - 1.0;
    let k = f64::from(exponent);
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2 * (ODD[0] + s4 * (ODD[1] + s4 * (ODD[2] + s4 * ODD[3])));
    let even = s4 * (EVEN[0] + s4 * (EVEN[1] + s4 * EVEN[2]));
    let rest = odd + even;
    let half_square = 0.5 * f * f;
    k * LN2_HIGH - ((half_square - (s * (half_square + rest) + k * LN2_LOW)) - f)
}

/// `x` to the power of `y`.
pub fn pow(x: f64, y: f64) -> f64 {
    let special = x == 0.0 || x.is_infinite() || y.is_infinite() || x.is_nan() || y.is_nan();
    if special || y == 0.0 || x == 1.0 || y == 1.0 {
        return x.powf(y);
    }
    if y == 0.5 {
        return x.sqrt();
    }
    if y == -0.5 {
        return 1.0 / x.sqrt();
    }
    let (mut whole, mut fraction) = (y.abs().trunc(), y.abs().fract());
    if fraction != 0.0 && x < 0.0 {
        return f64::NAN;
    }
    // Even, and so large that nothing but 1 and -1 stays.
    if whole >= 9_223_372_036_854_775_808.0 {
        return x.powf(y);
    }
    let mut result = 1.0;
    let mut exponent = 0i32;
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole += 1.0;
        }
        result = (fraction * ln(x)).exp();
    }
    let (mut base, mut base_exponent) = split(x);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is whole, not negative, and fits"
    )]
    let mut bits = whole as u64;
    while bits != 0 {
        if base_exponent.abs() > 1 << 12 {
            // Out of the range of doubles, whichever way.
            exponent = exponent.saturating_add(base_exponent);
            break;
        }
        if bits & 1 == 1 {
            result *= base;
            exponent += base_exponent;
        }
        base *= base;
        base_exponent *= 2;
        if base < 0.5 {
            base += base;
            base_exponent -= 1;
        }
        bits >>= 1;
    }
    if y < 0.0 {
        result = 1.0 / result;
        exponent = -exponent;
    }
    join(result, exponent)
}

/// A fraction in `[1/2, 1)` with the sign of `x`, and the power of two that makes `x` of it. Not for zero, infinities
/// and what is no number.
fn split(x: f64) -> (f64, i32) {
    const SUBNORMAL: f64 = 18_014_398_509_481_984.0;
    let (x, scaled) = if x.abs() < f64::MIN_POSITIVE {
        (x * SUBNORMAL, 54)
    } else {
        (x, 0)
    };
    let bits = x.to_bits();
    let exponent = i32::try_from((bits >> 52) & 0x7ff).unwrap_or_default() - 1022 - scaled;
    let fraction = f64::from_bits((bits & !(0x7ff << 52)) | (1022 << 52));
    (fraction, exponent)
}

/// `fraction * 2^exponent`, rounded once.
fn join(fraction: f64, exponent: i32) -> f64 {
    let (fraction, own) = if fraction == 0.0 || !fraction.is_finite() {
        return fraction;
    } else {
        split(fraction)
    };
    let exponent = exponent.saturating_add(own);
    // Two steps reach the smallest and the largest doubles; the second rounds.
    let first = exponent.clamp(-1000, 1000);
    let second = exponent.saturating_sub(first).clamp(-1000, 1000);
    fraction * 2f64.powi(first) * 2f64.powi(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_terraform() {
        assert_eq!(ln(1e3) / ln(3.0), 6.287_709_822_868_154_5);
        assert_eq!(ln(3.0) / ln(1.5), 2.709_511_291_351_454_5);
        assert_eq!(ln(16.0) / ln(2.0), 4.0);
        assert_eq!(ln(8.0) / ln(2.0), 3.0);
        assert_eq!(pow(2.0, 100.0), 2f64.powi(100));
        assert_eq!(pow(-2.0, 3.0), -8.0);
        assert_eq!(pow(4.0, 0.5), 2.0);
        assert_eq!(pow(10.0, -2.0), 0.01);
        assert_eq!(pow(0.0, 0.0), 1.0);
    }

    #[test]
    fn the_ends_of_the_range_hold() {
        assert_eq!(pow(2.0, 1023.0), 2f64.powi(1023));
        assert_eq!(pow(2.0, 1024.0), f64::INFINITY);
        assert_eq!(pow(2.0, -1074.0), 5e-324);
        assert_eq!(pow(2.0, -1080.0), 0.0);
        assert_eq!(pow(10.0, 1e9), f64::INFINITY);
        assert_eq!(pow(-1.0, 1e300), 1.0);
        assert!(pow(-2.0, 0.5).is_nan() && ln(-1.0).is_nan());
        assert_eq!(ln(0.0), f64::NEG_INFINITY);
        assert!((ln(5e-324) - -744.440_071_921_381_2).abs() < 1e-10);
    }
}
