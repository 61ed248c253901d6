//! Decimal text of 512-bit floats, both ways.

use dashu_base::{BitTest, Sign, UnsignedAbs};
use dashu_int::{IBig, UBig};

use super::power::{self, Bounds};
use super::{Big, MAX_EXPONENT, Number, PRECISION, rounded};

/// Bits kept beyond the precision while reading, so that one final rounding gives the right result.
const GUARD: usize = 64;

/// Reads `[+-]DIGITS[.DIGITS][e[+-]DIGITS]`; one of the two groups of digits may be missing. After `p` in place of
/// `e` stands a power of two.
pub(super) fn parse(text: &str) -> Option<Number> {
    if text.len() < 19
        && let Ok(int) = text.parse::<i64>()
    {
        return Some(Number::from(int));
    }
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match unsigned.find(['e', 'E', 'p', 'P']) {
        Some(at) => (&unsigned[..at], read_exponent(&unsigned[at + 1..])?),
        None => (unsigned, 0),
    };
    if unsigned.contains(['p', 'P']) {
        return binary(negative, mantissa, exponent);
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: String = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let fraction_length = i64::try_from(fraction.len()).ok()?;
    let exponent = exponent.checked_sub(fraction_length)?;
    if i64::try_from(digits.len()).ok()? > MAX_EXPONENT || exponent.abs() > MAX_EXPONENT {
        return None;
    }
    let counted = digits.trim_end_matches('0');
    let exponent = exponent.checked_add(i64::try_from(digits.len() - counted.len()).ok()?)?;
    let counted = counted.trim_start_matches('0');
    if counted.is_empty() {
        return Some(Number::ZERO);
    }
    let magnitude = UBig::from_str_radix(counted, 10).ok()?;
    let sign = if negative { Sign::Negative } else { Sign::Positive };
    Some(scale(sign, magnitude, exponent))
}

/// `mantissa * 2^exponent`
fn binary(negative: bool, mantissa: &str, exponent: i64) -> Option<Number> {
    if exponent.abs() > MAX_EXPONENT {
        return None;
    }
    let mantissa = parse(mantissa)?;
    let power = UBig::from(2u8).pow(usize::try_from(exponent.unsigned_abs()).ok()?);
    let power = Number::from_big(rounded(IBig::from(power), 0));
    let number = if exponent < 0 {
        mantissa.div(&power)?
    } else {
        mantissa.checked_mul(&power)?
    };
    Some(if negative { number.neg() } else { number })
}

fn read_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// `magnitude * 10^exponent`, rounded once.
fn scale(sign: Sign, magnitude: UBig, exponent: i64) -> Number {
    let power = usize::try_from(exponent.unsigned_abs()).expect("exponents are bounded");
    let binary = isize::try_from(exponent).expect("exponents are bounded");
    let far = power >= power::FAR;
    let near = far.then(|| scale_far(sign, &magnitude, binary)).flatten();
    near.unwrap_or_else(|| scale_exactly(sign, magnitude, binary))
}

fn scale_exactly(sign: Sign, magnitude: UBig, binary: isize) -> Number {
    let five = UBig::from(5u8).pow(binary.unsigned_abs());
    if binary >= 0 {
        return Number::from_big(rounded(IBig::from_parts(sign, magnitude * five), binary));
    }
    // Enough bits that the quotient has the precision and guard bits; a lost remainder sets the last bit.
    let shift = (PRECISION + GUARD + five.bit_len()).saturating_sub(magnitude.bit_len());
    let dividend = magnitude << shift;
    let quotient = &dividend / &five;
    let exact = &quotient * &five == dividend;
    let sticky = (quotient << 1usize) + UBig::from(u8::from(!exact));
    let shift = isize::try_from(shift + 1).expect("exponents are bounded");
    Number::from_big(rounded(IBig::from_parts(sign, sticky), binary - shift))
}

/// The same with the leading bits of the power alone, where they tell how it is rounded.
fn scale_far(sign: Sign, magnitude: &UBig, exponent: isize) -> Option<Number> {
    let number = Bounds::exactly(magnitude.clone());
    let five = Bounds::power_of_five(exponent.unsigned_abs());
    let scaled = if exponent < 0 {
        number.over(&five)
    } else {
        number.times(&five)
    };
    let near = |bound: UBig| rounded(IBig::from_parts(sign, bound), scaled.exponent + exponent);
    let (low, high) = (near(scaled.low), near(scaled.high));
    (low == high).then(|| Number::from_big(low))
}

/// No shortest text has so many digits.
const SHORTEST: usize = 200;

/// The digits of a positive number without zeros at the end, and where the point stands among them.
pub(super) struct Decimal {
    pub(super) digits: Vec<u8>,
    pub(super) point: i64,
}

impl Decimal {
    /// Exactly `mantissa * 2^exponent`.
    pub(super) fn exact(mantissa: &UBig, exponent: isize) -> Self {
        let power = exponent.unsigned_abs();
        let (scaled, fraction) = if exponent >= 0 {
            (mantissa << power, 0)
        } else {
            (mantissa * UBig::from(5u8).pow(power), power)
        };
        let mut digits = scaled.to_string().into_bytes();
        let point = signed(digits.len()) - signed(fraction);
        let length = digits.iter().rposition(|d| *d != b'0').map_or(0, |last| last + 1);
        digits.truncate(length);
        Self { digits, point }
    }

    /// The same, of which so many digits are looked at beside the one behind them.
    fn of_which(count: usize, mantissa: &UBig, exponent: isize) -> Self {
        let is_far = exponent.unsigned_abs() >= power::FAR && count < power::DIGITS - 1;
        let leading = is_far.then(|| power::leading(mantissa, exponent)).flatten();
        leading.unwrap_or_else(|| Self::exact(mantissa, exponent))
    }

    fn at(&self, index: usize) -> u8 {
        self.digits.get(index).copied().unwrap_or(b'0')
    }

    /// Keeps `count` digits, rounding to the nearest, to even when halfway.
    fn round(&mut self, count: usize) {
        let next = self.at(count);
        let halfway = next == b'5' && count + 1 >= self.digits.len();
        let odd = count > 0 && self.digits[count - 1] % 2 == 1;
        if if halfway { odd } else { next >= b'5' } {
            self.round_up(count);
        } else {
            self.round_down(count);
        }
    }

    fn round_down(&mut self, count: usize) {
        self.digits.truncate(count);
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
    }

    fn round_up(&mut self, count: usize) {
        self.digits.truncate(count);
        while self.digits.last() == Some(&b'9') {
            self.digits.pop();
        }
        if let Some(last) = self.digits.last_mut() {
            *last += 1;
        } else {
            self.digits.push(b'1');
            self.point += 1;
        }
    }

    /// With an exponent: `1.5e+21`.
    fn to_scientific(&self) -> String {
        let exponent = self.point - 1;
        let sign = if exponent < 0 { '-' } else { '+' };
        let (first, rest) = self.digits.split_at(1.min(self.digits.len()));
        let text = |digits: &[u8]| String::from_utf8_lossy(digits).into_owned();
        let point = if rest.is_empty() { "" } else { "." };
        format!("{}{point}{}e{sign}{:02}", text(first), text(rest), exponent.abs())
    }

    fn to_text(&self, negative: bool) -> String {
        let mut text = String::from(if negative { "-" } else { "" });
        if self.point <= 0 {
            text.push_str("0.");
            text.extend(std::iter::repeat_n(
                '0',
                usize::try_from(-self.point).unwrap_or(0),
            ));
        }
        for (index, digit) in self.digits.iter().enumerate() {
            if self.point > 0 && signed(index) == self.point {
                text.push('.');
            }
            text.push(char::from(*digit));
        }
        let missing = usize::try_from(self.point - signed(self.digits.len())).unwrap_or(0);
        text.extend(std::iter::repeat_n('0', missing));
        text
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).expect("digit counts are small")
}

/// The shortest digits that lie nearer to this number than to any other of the precision, as Go finds them.
pub(super) fn to_text(value: &Big) -> String {
    shortest(value).to_text(value.repr().sign() == Sign::Negative)
}

fn shortest(value: &Big) -> Decimal {
    shortest_by(value, |mantissa, exponent| {
        Decimal::of_which(SHORTEST, mantissa, exponent)
    })
}

fn shortest_by(value: &Big, digits: impl Fn(&UBig, isize) -> Decimal) -> Decimal {
    let repr = value.repr();
    let magnitude = repr.significand().clone().unsigned_abs();
    let mut decimal = digits(&magnitude, repr.exponent());
    // One bit more than the precision: the last bit is worth half a step.
    let shift = (PRECISION + 1).saturating_sub(magnitude.bit_len());
    let exponent = repr.exponent() - isize::try_from(shift).expect("shifts are small");
    let mantissa = magnitude << shift;
    let lower = digits(&(&mantissa - UBig::ONE), exponent);
    let upper = digits(&(&mantissa + UBig::ONE), exponent);
    shorten(&mut decimal, &lower, &upper, !mantissa.bit(1));
    decimal
}

/// The digits, of which so many are looked at.
fn looked_at(value: &Big, count: usize) -> Decimal {
    let repr = value.repr();
    let magnitude = repr.significand().clone().unsigned_abs();
    Decimal::of_which(count, &magnitude, repr.exponent())
}

/// With so many decimal places and never an exponent; without sign.
pub(super) fn to_fixed_text(value: &Big, places: usize) -> String {
    let point = looked_at(value, 1).point;
    let kept = point.saturating_add(signed(places));
    let mut decimal = looked_at(value, usize::try_from(kept).unwrap_or(0));
    match usize::try_from(kept) {
        Ok(kept) if kept < decimal.digits.len() => decimal.round(kept),
        Ok(_) => {}
        Err(_) => decimal.digits.clear(),
    }
    let digit = |at: i64| usize::try_from(at).map_or('0', |at| char::from(decimal.at(at)));
    let mut text: String = (0..decimal.point).map(digit).collect();
    if text.is_empty() {
        text.push('0');
    }
    if places > 0 {
        text.push('.');
        text.extend((0..signed(places)).map(|place| digit(decimal.point + place)));
    }
    text
}

/// With an exponent, and so many decimal places before it; without sign.
pub(super) fn to_scientific_text(value: &Big, places: usize) -> String {
    let mut decimal = looked_at(value, places.saturating_add(1));
    if decimal.digits.is_empty() {
        decimal.point = 1;
    }
    if places + 1 < decimal.digits.len() {
        decimal.round(places + 1);
    }
    decimal.digits.resize(places + 1, b'0');
    decimal.to_scientific()
}

/// The shortest digits, or so many of them, with an exponent where that is shorter; without sign.
pub(super) fn to_general_text(value: &Big, digits: Option<usize>) -> String {
    if value.repr().significand().is_zero() {
        return "0".into();
    }
    let (decimal, limit) = match digits.map(|digits| digits.max(1)) {
        None => (shortest(value), 6),
        Some(wanted) => {
            let mut decimal = looked_at(value, wanted);
            if wanted < decimal.digits.len() {
                decimal.round(wanted);
            }
            let length = signed(decimal.digits.len());
            let limit = signed(wanted);
            let limit = if limit > length && length >= decimal.point {
                length
            } else {
                limit
            };
            (decimal, limit)
        }
    };
    if decimal.point - 1 < -4 || decimal.point > limit {
        decimal.to_scientific()
    } else {
        decimal.to_text(false)
    }
}

/// A magnitude rounded to so many digits, with an exponent where it is very large or very small.
pub(super) fn to_rounded_text(magnitude: &UBig, exponent: isize, digits: usize) -> String {
    let mut decimal = Decimal::of_which(digits, magnitude, exponent);
    if decimal.digits.len() > digits {
        decimal.round(digits);
    }
    if decimal.point < -3 || decimal.point > signed(digits) {
        decimal.to_scientific()
    } else {
        decimal.to_text(false)
    }
}

/// Cuts digits as soon as the rest lies between the bounds; `inclusive` if the bounds themselves are good.
fn shorten(decimal: &mut Decimal, lower: &Decimal, upper: &Decimal, inclusive: bool) {
    for index in 0..decimal.digits.len() {
        let (low, digit, up) = (lower.at(index), decimal.at(index), upper.at(index));
        let down_is_good = low != digit || (inclusive && index + 1 == lower.digits.len());
        let up_is_good = digit != up && (inclusive || digit + 1 < up || index + 1 < upper.digits.len());
        match (down_is_good, up_is_good) {
            (true, true) => return decimal.round(index + 1),
            (true, false) => return decimal.round_down(index + 1),
            (false, true) => return decimal.round_up(index + 1),
            (false, false) => {}
        }
    }
}

/// Reckoned with all digits, to hold what is reckoned with few against.
#[cfg(test)]
pub(super) fn parse_exactly(text: &str) -> Option<Number> {
    let unsigned = text.trim_start_matches('-');
    let (mantissa, exponent) = unsigned.split_once('e').unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let magnitude = UBig::from_str_radix(&[whole, fraction].concat(), 10).ok()?;
    let sign = if text.starts_with('-') {
        Sign::Negative
    } else {
        Sign::Positive
    };
    let exponent = exponent.parse::<isize>().ok()? - isize::try_from(fraction.len()).ok()?;
    Some(scale_exactly(sign, magnitude, exponent))
}

#[cfg(test)]
pub(super) fn shortest_exactly(number: &Number) -> String {
    let value = number.to_big().expect("finite");
    shortest_by(&value, Decimal::exact).to_text(number.is_negative())
}
