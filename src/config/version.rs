//! Version constraints: `>= 1.4, < 2.0`, `~> 1.11`.

/// The version of Terraform whose language and formats keyform has; `required_version` is held against it.
pub const COMPATIBLE_VERSION: &str = "1.11.4";

/// Whether a version fulfils every part of a constraint. The error is a sentence without full stop.
pub fn fulfils(version: &str, constraint: &str) -> Result<bool, String> {
    let have = parse(version)?;
    for part in constraint.split(',') {
        if !fulfils_part(&have, part.trim())? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn fulfils_part(have: &[u64], part: &str) -> Result<bool, String> {
    let digits = part
        .find(|c: char| c.is_ascii_digit() || c == 'v')
        .ok_or_else(|| malformed(part))?;
    let (operator, version) = part.split_at(digits);
    if version.contains('-') {
        return Err(format!(
            "\"{part}\" names a pre-release, which no version constraint may do"
        ));
    }
    let want = parse(version.trim().trim_start_matches('v'))?;
    let order = compare(have, &want);
    Ok(match operator.trim() {
        "" | "=" => order.is_eq(),
        "!=" => order.is_ne(),
        ">" => order.is_gt(),
        ">=" => order.is_ge(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        "~>" => order.is_ge() && within_series(have, &want),
        _ => return Err(malformed(part)),
    })
}

/// `~> 1.2.3` allows 1.2.x; `~> 1.2` allows 1.x; `~> 1` allows all that is newer. A series that is more precise
/// than the version has nothing for it.
fn within_series(have: &[u64], want: &[u64]) -> bool {
    let fixed = want.len().saturating_sub(1);
    want.len() <= have.len() && have[..fixed] == want[..fixed]
}

fn compare(left: &[u64], right: &[u64]) -> std::cmp::Ordering {
    let at = |version: &[u64], i: usize| version.get(i).copied().unwrap_or(0);
    (0..left.len().max(right.len()))
        .map(|i| at(left, i).cmp(&at(right, i)))
        .find(|order| order.is_ne())
        .unwrap_or(std::cmp::Ordering::Equal)
}

/// Numbers between dots; what follows a plus sign is left aside.
fn parse(text: &str) -> Result<Vec<u64>, String> {
    let core = text.split('+').next().unwrap_or(text);
    core.split('.')
        .map(|part| part.parse().map_err(|_| malformed(text)))
        .collect()
}

fn malformed(text: &str) -> String {
    format!("\"{text}\" is no version constraint")
}

#[cfg(test)]
mod tests {
    use super::fulfils;

    #[track_caller]
    fn check(constraint: &str, expected: bool) {
        assert_eq!(fulfils("1.11.4", constraint), Ok(expected), "{constraint}");
    }

    #[test]
    fn every_operator_compares() {
        check("1.11.4", true);
        check("= 1.11.3", false);
        check("!= 1.11.3", true);
        check(">= 1.4", true);
        check("> 1.11.4", false);
        check("< 2.0.0", true);
        check("<= 1.11.4", true);
    }

    #[test]
    fn all_parts_must_hold() {
        check(">= 1.4, < 2.0", true);
        check(">= 1.4, < 1.5", false);
    }

    #[test]
    fn pessimistic_constraints_keep_the_series() {
        check("~> 1.2", true);
        check("~> 1.11.0", true);
        check("~> 1.10.0", false);
        check("~> 0.12", false);
        check("~> 1", true);
        check("~> 0", true);
        check("~> 2", false);
        check("~> 1.11.3.9", false);
        check("~> 1.11.4.0", false);
        check("= 1.11.4.0", true);
    }

    #[test]
    fn nonsense_is_an_error() {
        assert!(fulfils("1.11.4", "about 1").is_err());
        assert!(fulfils("1.11.4", ">= x").is_err());
        assert!(fulfils("1.11.4", "").is_err());
        for constraint in [
            ">= 1.11.4-rc1",
            "< 1.12.0-beta1",
            "~> 1.11.4-rc1",
            "1.11.4-",
            "!= 1.0.0-rc.1+b",
        ] {
            assert!(fulfils("1.11.4", constraint).is_err(), "{constraint}");
        }
    }
}
