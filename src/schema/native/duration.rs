//! Lengths of time as text: whole numbers with a unit.

/// The seconds of `604800s`, `10080m`, `168h` or `7d`.
pub(in crate::schema) fn seconds(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn units_are_seconds_minutes_hours_and_days() {
        let table = [("90s", 90), ("2m", 120), ("1h", 3_600), ("7d", 604_800)];
        for (text, expected) in table {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_length() {
        for text in ["", "5", "s", "1w", "-1s", "1.5h", "1 d", "99999999999999999999d"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
