//! Numbers as text and in arithmetic.

use super::Number;

fn number(text: &str) -> Number {
    Number::parse(text).unwrap_or_else(|| panic!("{text} is a number"))
}

#[track_caller]
fn check(result: Option<Number>, text: &str) {
    assert_eq!(result.map(|number| number.to_string()).as_deref(), Some(text));
}

#[test]
fn quotients_print_the_shortest_digits_of_512_bits() {
    let third = "0.33333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333335";
    check(number("1").div(&number("3")), third);
    let two_thirds = "0.6666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666666667";
    check(number("2").div(&number("3")), two_thirds);
    check(
        number("10")
            .div(&number("3"))
            .and_then(|q| q.checked_mul(&number("3"))),
        "10",
    );
    check(number("7").div(&number("2")), "3.5");
    check(number("6").div(&number("2")), "3");
    check(number("5").div(&number("0")), "+Inf");
    check(number("-5").div(&number("0")), "-Inf");
    check(number("5").div(&number("+Inf")), "0");
    assert!(number("0").div(&number("0")).is_none());
    assert!(number("Inf").div(&number("Inf")).is_none());
}

#[test]
fn decimal_sums_come_out_as_written() {
    check(number("0.1").checked_add(&number("0.2")), "0.3");
    check(number("0.1").checked_mul(&number("3")), "0.3");
    check(number("1.5").checked_sub(&number("1")), "0.5");
    check(
        number("9223372036854775807").checked_add(&number("1")),
        "9223372036854775808",
    );
    check(Some(number("-9223372036854775808").neg()), "9223372036854775808");
    check(
        number("9223372036854775808").checked_sub(&number("1")),
        "9223372036854775807",
    );
    check(
        number("4294967296").checked_mul(&number("4294967296")),
        "18446744073709551616",
    );
    assert!(number("Inf").checked_sub(&number("Inf")).is_none());
    assert!(number("Inf").checked_mul(&number("0")).is_none());
}

#[test]
fn what_is_lost_beyond_512_bits_shows_as_in_terraform() {
    let tenth = format!("0.1{}3", "0".repeat(153));
    check(number("1.1").checked_sub(&number("1")), &tenth);
    let fifth = format!("-0.2{}2", "0".repeat(153));
    check(number("0.1").checked_sub(&number("0.3")), &fifth);
    let rest = format!("0.2{}36", "0".repeat(152));
    check(number("7.1").rem(&number("2.3")), &rest);
    check(number("-7.1").rem(&number("2.3")), &format!("-{rest}"));
    check(number("1e30").rem(&number("7")), "1");
    check(
        number("123456789.123456789").checked_mul(&number("987654321.987654321")),
        "121932631356500531.347203169112635269",
    );
    let wide = format!("1{}.{}1", "0".repeat(30), "0".repeat(29));
    check(number("1e-30").checked_add(&number("1e30")), &wide);
    check(number("1e-400").checked_mul(&number("1e400")), "1");
}

#[test]
fn results_beyond_all_use_end_as_infinity_or_zero() {
    let square = |text: &str, times: usize| {
        (0..times).fold(number(text), |product, _| {
            product.checked_mul(&product).expect("no infinity")
        })
    };
    check(Some(square("-1e9", 1)), "1000000000000000000");
    check(Some(square("1e1000", 12)), "+Inf");
    check(Some(square("1e-1000", 12)), "0");
}

#[test]
fn remainders_keep_the_sign_of_the_dividend() {
    for (left, right, result) in [
        ("5", "3", "2"),
        ("-5", "3", "-2"),
        ("5", "-3", "2"),
        ("5.5", "2", "1.5"),
        ("-5.5", "2", "-1.5"),
        ("5", "0", "5"),
        ("0", "0", "0"),
        ("1e400", "7", "0"),
        ("-9223372036854775808", "-1", "0"),
    ] {
        check(number(left).rem(&number(right)), result);
    }
    assert!(number("5").rem(&number("Inf")).is_none());
}

#[test]
fn text_comes_back_without_an_exponent() {
    let huge = format!("1{}", "0".repeat(400));
    let tiny = format!("0.{}1", "0".repeat(399));
    for (text, printed) in [
        ("1e21", "1000000000000000000000"),
        ("1e400", huge.as_str()),
        ("1e-400", tiny.as_str()),
        ("1.10", "1.1"),
        ("1.5e3", "1500"),
        ("1E5", "100000"),
        ("1e-7", "0.0000001"),
        (".5", "0.5"),
        ("5.", "5"),
        ("+5", "5"),
        ("-0", "0"),
        ("-0.5", "-0.5"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("12345678901234567890.5", "12345678901234567890.5"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("0.99999999999999999999", "0.99999999999999999999"),
        ("Inf", "+Inf"),
        ("-Inf", "-Inf"),
    ] {
        check(Number::parse(text), printed);
    }
}

#[test]
fn what_is_no_decimal_is_refused() {
    for text in [
        "",
        " 1",
        "1 ",
        "0x1",
        "1_000",
        "1e",
        "e1",
        "abc",
        ".",
        "+",
        "-",
        "--1",
        "1.2.3",
        "1e1.5",
        "+-1",
        "nan",
        "++Inf",
        "1e1000000000",
        "1e-1000000000",
        "1e99999999999999999999",
    ] {
        assert!(Number::parse(text).is_none(), "{text}");
    }
}

#[test]
fn rounding_goes_to_the_next_whole_number() {
    for (text, floor, ceil) in [
        ("1.5", "1", "2"),
        ("-1.5", "-2", "-1"),
        ("-0.5", "-1", "0"),
        ("3", "3", "3"),
        (
            "123456789012345678901.5",
            "123456789012345678901",
            "123456789012345678902",
        ),
    ] {
        check(Some(number(text).floor()), floor);
        check(Some(number(text).ceil()), ceil);
    }
}

#[test]
fn doubles_convert_both_ways() {
    check(Some(Number::from_f64(0.1)), "0.1");
    check(Some(Number::from_f64(-2.0)), "-2");
    check(Some(Number::from_f64(f64::INFINITY)), "+Inf");
    let tiny = f64::MIN_POSITIVE;
    check(Some(Number::from_f64(tiny)), &format!("{tiny}"));
    check(Some(Number::from_f64(2.0_f64.powi(64))), "18446744073709551616");
    for value in [0.1, -2.5, 1e300, f64::MAX, 5e-324] {
        assert!(
            (Number::from_f64(value).to_f64() - value).abs() < f64::EPSILON,
            "{value}"
        );
    }
    assert!(number("1e400").to_f64().is_infinite());
}

#[test]
fn numbers_order_by_value() {
    let ordered = [
        "-Inf",
        "-1e30",
        "-1.5",
        "-1",
        "0",
        "0.1",
        "1",
        "1.5",
        "9223372036854775807",
        "1e30",
        "Inf",
    ];
    for (i, left) in ordered.iter().enumerate() {
        for (j, right) in ordered.iter().enumerate() {
            assert_eq!(number(left).cmp(&number(right)), i.cmp(&j), "{left} {right}");
        }
    }
    assert_eq!(number("1.0"), number("1"));
    assert_eq!(number("1e1"), number("10"));
}

#[test]
fn numbers_are_written_as_go_writes_them() {
    for (text, places, fixed) in [
        ("0.5", 0, "0"),
        ("1.5", 0, "2"),
        ("0.25", 1, "0.2"),
        ("2.345", 2, "2.34"),
        ("-5.126", 2, "-5.13"),
        ("0.001", 1, "0.0"),
        ("999.96", 1, "1000.0"),
        ("7", 2, "7.00"),
        ("0", 1, "0.0"),
        ("Inf", 1, "+Inf"),
    ] {
        assert_eq!(number(text).to_fixed_text(places), fixed, "{text}");
    }
    for (text, digits, general) in [
        ("1000000", None, "1e+06"),
        ("999999", None, "999999"),
        ("0.00001", None, "1e-05"),
        ("10000000.25", None, "1.000000025e+07"),
        ("123456", Some(3), "1.23e+05"),
        ("100", Some(5), "100"),
        ("0", None, "0"),
    ] {
        assert_eq!(number(text).to_general_text(digits), general, "{text}");
    }
    assert_eq!(number("123456").to_scientific_text(3), "1.235e+05");
    assert_eq!(number("0").to_scientific_text(1), "0.0e+00");
}

/// What is reckoned with leading bits alone is what all digits tell.
#[test]
fn numbers_far_from_one_have_the_digits_of_exact_reckoning() {
    use super::decimal::{Decimal, parse_exactly, shortest_exactly};
    use super::power;
    use dashu_int::UBig;
    let mut texts = vec![
        "1e-99999".to_owned(),
        "1e99999".into(),
        "9".repeat(5_000),
        "12e99999".into(),
    ];
    for exponent in [4_095_i64, 4_096, 4_300, 5_000, 20_011, 30_000] {
        for digits in [
            "1",
            "3",
            "15",
            "9999999999999999999999999999999",
            "4503599627370497.5",
        ] {
            texts.extend([format!("{digits}e{exponent}"), format!("-{digits}e-{exponent}")]);
        }
        // Half of a float's last bit lies beside these.
        texts.push(format!("{}5e-{exponent}", "7".repeat(400)));
    }
    for text in texts {
        let value = number(&text);
        assert_eq!(Some(&value), parse_exactly(&text).as_ref(), "{text}");
        assert_eq!(value.to_string(), shortest_exactly(&value), "{text}");
        let third = value.div(&number("3")).unwrap();
        assert_eq!(third.to_string(), shortest_exactly(&third), "{text} / 3");
    }
    let odd = (UBig::ONE << 512) - UBig::ONE;
    for exponent in [-9_000, -4_096, 4_096, 9_000] {
        let leading = power::leading(&odd, exponent).unwrap();
        let all = Decimal::exact(&odd, exponent);
        let count = leading.digits.len() - 1;
        assert_eq!(
            (&leading.digits[..count], leading.point),
            (&all.digits[..count], all.point)
        );
    }
}

/// A few bytes that ask for as many digits as a number may have, as often as a file may hold them.
#[test]
fn the_digits_of_far_numbers_are_reckoned_once_and_few() {
    use dashu_base::BitTest as _;
    let bounds = super::power::Bounds::power_of_five(630_000);
    assert!(bounds.high.bit_len() <= 2049 && bounds.low.bit_len() >= 2000);
    assert_eq!(number("1e-99999").to_string().len(), 100_001);
    let third = number("1e99999").div(&number("3e-99999")).unwrap();
    assert_eq!(third.to_rounded_text(5), "3.3333e+199997");
    assert_eq!(third.to_scientific_text(2), "3.33e+199997");
    assert_eq!(number("-1e-99999").to_fixed_text(2), "-0.00");
    assert_eq!(number("1e-99999").to_general_text(None), "1e-99999");
}

#[test]
fn what_may_be_written_can_be_read_again() {
    let far = |text: &str, writable: bool| {
        let value = number(text);
        assert_eq!(value.is_writable(), writable, "{text}");
        if writable {
            assert_eq!(Number::parse(&value.to_string()), Some(value), "{text}");
        }
    };
    far("1e99000", true);
    far("-7e99000", true);
    far("1e99999", false);
    far("12e99999", false);
    far("1.5e-99000", true);
    far("1.5e-99999", false);
    far("123456789012345678901234567890.5", true);
    // As it comes of reckoning, with all the digits that a float has.
    let third = number("1e-99000").div(&number("3")).unwrap();
    assert!(third.is_writable());
    assert_eq!(Number::parse(&third.to_string()), Some(third));
    let huge = number("1e99000").checked_mul(&number("1e99000")).unwrap();
    assert!(!huge.is_writable());
}
