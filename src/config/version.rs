//! Versions and version constraints: `>= 1.4, < 2.0`, `~> 1.11`.

use std::cmp::Ordering;
use std::sync::LazyLock;

use regex::Regex;

/// The version of Terraform whose language and formats keyform has; `required_version` is held against it.
pub const COMPATIBLE_VERSION: &str = "1.11.4";

/// A version, as far as it decides anything: what follows a plus sign is left aside.
#[derive(Clone, Debug)]
pub struct Version {
    /// As written, at least three.
    segments: Vec<u64>,
    /// How many of them were written.
    written: usize,
    /// What makes it come before the version itself: `rc.1`; empty for most.
    prerelease: String,
}

/// What a version must fulfil: all parts of it.
#[derive(Clone, Debug)]
pub struct Constraint(Vec<Part>);

#[derive(Clone, Debug)]
struct Part {
    operator: Operator,
    version: Version,
}

/// In the order in which constraints with one version are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Operator {
    NotEqual,
    Less,
    Equal,
    Greater,
    Series,
    LessOrEqual,
    GreaterOrEqual,
}

const VERSION: &str = r"v?([0-9]+(?:\.[0-9]+)*)(?:-([0-9]+[0-9A-Za-z\-~]*(?:\.[0-9A-Za-z\-~]+)*)|-?([A-Za-z\-~]+[0-9A-Za-z\-~]*(?:\.[0-9A-Za-z\-~]+)*))?(?:\+[0-9A-Za-z\-~]+(?:\.[0-9A-Za-z\-~]+)*)?\??";

static EXACT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!("^{VERSION}$")).expect("the pattern is correct"));

static PART: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(r"^\s*(=|!=|>=|<=|>|<|~>|)\s*({VERSION})\s*$")).expect("the pattern is correct")
});

/// Whether our version of the language fulfils every part of a constraint. The error is a sentence without full stop.
pub fn fulfils(version: &str, constraint: &str) -> Result<bool, String> {
    let have = Version::parse(version).ok_or_else(|| format!("\"{version}\" is no version"))?;
    let constraint = Constraint::parse(constraint)?;
    if constraint.0.iter().any(|part| part.version.is_prerelease()) {
        return Err("It names a pre-release, which no constraint of the program's own version may do".into());
    }
    Ok(constraint.allows(&have))
}

/// The constraint of a provider in its usual form: `>=5,<7` is `>= 5.0.0, < 7.0.0`. Providers have three numbers and
/// no `v` before them. The error is a sentence without full stop.
pub fn of_provider(text: &str) -> Result<String, String> {
    let mut parts = Constraint::parse(text)?.0;
    if let Some(part) = text
        .split(',')
        .find(|part| part.contains('v') && part.trim_start_matches(SIGNS).starts_with('v'))
    {
        return Err(format!("A \"v\" prefix should not be used: \"{}\"", part.trim()));
    }
    if parts.iter().any(|part| part.version.written > 3) {
        return Err(format!(
            "\"{text}\" has more than three numbers: major, minor and patch are all there is"
        ));
    }
    parts.sort_by(|left, right| {
        let boundary = left.version.cmp(&right.version);
        boundary.then(left.operator.cmp(&right.operator))
    });
    let mut parts: Vec<String> = parts.iter().map(Part::shown).collect();
    parts.dedup();
    Ok(parts.join(", "))
}

/// What may stand before a version.
const SIGNS: [char; 6] = [' ', '=', '!', '<', '>', '~'];

impl Constraint {
    /// Parts between commas. The error is a sentence without full stop.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts: Option<Vec<Part>> = text.split(',').map(Part::parse).collect();
        parts.map(Self).ok_or_else(|| {
            format!("\"{text}\" is no version constraint such as \">= 1.4, < 2.0\" or \"~> 1.11\"")
        })
    }

    pub fn allows(&self, version: &Version) -> bool {
        self.0.iter().all(|part| part.allows(version))
    }

    /// Whether exactly this version is asked for: only so is a pre-release chosen among others.
    pub fn names(&self, version: &Version) -> bool {
        let exact = |part: &Part| part.operator == Operator::Equal && part.version == *version;
        self.0.iter().any(exact) && self.allows(version)
    }
}

impl Part {
    fn parse(text: &str) -> Option<Self> {
        let found = PART.captures(text)?;
        Some(Self {
            operator: match &found[1] {
                "" | "=" => Operator::Equal,
                "!=" => Operator::NotEqual,
                ">" => Operator::Greater,
                ">=" => Operator::GreaterOrEqual,
                "<" => Operator::Less,
                "<=" => Operator::LessOrEqual,
                _ => Operator::Series,
            },
            version: Version::parse(&found[2])?,
        })
    }

    /// The part with all numbers, but for a series as many as say what it is one of.
    fn shown(&self) -> String {
        let operator = match self.operator {
            Operator::NotEqual => "!= ",
            Operator::Less => "< ",
            Operator::Equal => "",
            Operator::Greater => "> ",
            Operator::Series => "~> ",
            Operator::LessOrEqual => "<= ",
            Operator::GreaterOrEqual => ">= ",
        };
        let Version {
            segments,
            written,
            prerelease,
        } = &self.version;
        let count = if self.operator == Operator::Series && *written < 3 {
            2
        } else {
            3
        };
        let numbers: Vec<String> = segments.iter().take(count).map(u64::to_string).collect();
        let dash = if prerelease.is_empty() { "" } else { "-" };
        format!("{operator}{}{dash}{prerelease}", numbers.join("."))
    }

    fn allows(&self, version: &Version) -> bool {
        let order = version.cmp(&self.version);
        let comparable = self.version.is_comparable_with(version);
        match self.operator {
            Operator::Equal => order.is_eq(),
            Operator::NotEqual => order.is_ne(),
            Operator::Greater => comparable && order.is_gt(),
            Operator::GreaterOrEqual => comparable && order.is_ge(),
            Operator::Less => comparable && order.is_lt(),
            Operator::LessOrEqual => comparable && order.is_le(),
            Operator::Series => {
                comparable
                    && self.version.is_prerelease() == version.is_prerelease()
                    && order.is_ge()
                    && self.version.is_series_of(version)
            }
        }
    }
}

impl Version {
    pub fn parse(text: &str) -> Option<Self> {
        let found = EXACT.captures(text)?;
        let segments: Option<Vec<u64>> = found[1].split('.').map(|part| part.parse().ok()).collect();
        let mut segments = segments?;
        let written = segments.len();
        segments.resize(written.max(3), 0);
        let prerelease = found.get(2).or(found.get(3));
        Some(Self {
            segments,
            written,
            prerelease: prerelease.map_or_else(String::new, |text| text.as_str().to_owned()),
        })
    }

    pub fn is_prerelease(&self) -> bool {
        !self.prerelease.is_empty()
    }

    /// Whether a constraint with this version may take the other: a pre-release only if it is one of the same version.
    fn is_comparable_with(&self, other: &Self) -> bool {
        !other.is_prerelease() || (self.is_prerelease() && self.segments == other.segments)
    }

    /// `~> 1.2.3` allows 1.2.x; `~> 1.2` allows 1.x; `~> 1` allows all that is newer. A series that is more precise
    /// than the version has nothing for it.
    fn is_series_of(&self, version: &Self) -> bool {
        let fixed = self.written - 1;
        let last = self.segments.len() - 1;
        self.segments.len() <= version.segments.len()
            && version.segments[..fixed] == self.segments[..fixed]
            && version.segments[last] >= self.segments[last]
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let at = |version: &Self, i: usize| version.segments.get(i).copied().unwrap_or(0);
        (0..self.segments.len().max(other.segments.len()))
            .map(|i| at(self, i).cmp(&at(other, i)))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| compare_prereleases(&self.prerelease, &other.prerelease))
    }
}

/// The version itself comes after all that lead to it.
fn compare_prereleases(left: &str, right: &str) -> Ordering {
    if left.is_empty() || right.is_empty() {
        return right.len().min(1).cmp(&left.len().min(1));
    }
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(left), Some(right)) => compare_words(left, right),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Numbers come before words.
fn compare_words(left: &str, right: &str) -> Ordering {
    match (left.parse::<u64>(), right.parse::<u64>()) {
        (Ok(left), Ok(right)) => left.cmp(&right),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => left.cmp(right),
    }
}

#[cfg(test)]
mod tests {
    use super::{Constraint, Version, fulfils, of_provider};

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

    #[track_caller]
    fn check_of(version: &str, constraint: &str, expected: bool) {
        let version = Version::parse(version).unwrap();
        let constraint = Constraint::parse(constraint).unwrap();
        assert_eq!(constraint.allows(&version), expected, "{constraint:?}");
    }

    #[test]
    fn prereleases_are_taken_only_where_they_are_named() {
        check_of("1.2.0", ">= 1.0.0-beta1", true);
        check_of("1.0.0", "~> 1.0-rc.1", false);
        check_of("1.0.0-rc.2", "~> 1.0-rc.1", true);
        check_of("1.0.0-rc.2", ">= 0.9", false);
        check_of("1.0.0-rc.2", "> 1.0.0-rc.1", true);
        check_of("1.0.0-rc.2", "> 1.0.0-rc.10", false);
        check_of("1.0.0-rc.2", "> 1.0.0-rc", true);
        check_of("1.0.0-rc.2", "> 1.0.0-1", true);
        check_of("1.0.0-rc.2", "<= 1.0.0", false);
        check_of("1.0.0-rc.2", "= 1.0.0-rc.2", true);
        check_of("1.0.0beta3", "= v1.0.0-beta3+b", true);
        check_of("1.0.0+a", "1", true);
        check_of("1.0.0", "!= 1.0.0-rc.1", true);
        check_of("1.0.0", "< 1.0.0-rc.1", false);
        let rc = Version::parse("1.0.0-rc.2").unwrap();
        assert!(Constraint::parse(">= 0.9, 1.0.0-rc.2").is_ok_and(|all| !all.names(&rc)));
        assert!(Constraint::parse("1.0.0-rc.2").is_ok_and(|all| all.names(&rc)));
        assert!(Constraint::parse(">= 1.0.0-rc.1").is_ok_and(|all| !all.names(&rc)));
    }

    #[test]
    fn nonsense_is_an_error() {
        for constraint in [
            "",
            ">= 1,",
            "=> 1",
            "1 2",
            "1..2",
            "~> 2.x",
            "99999999999999999999",
            ">= 1 < 2",
            "1.-",
        ] {
            assert!(Constraint::parse(constraint).is_err(), "{constraint}");
        }
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

    #[track_caller]
    fn check_provider(constraint: &str, shown: &str) {
        assert_eq!(of_provider(constraint).unwrap(), shown, "{constraint}");
    }

    #[test]
    fn constraints_of_providers_have_one_form() {
        check_provider("~> 5", "~> 5.0");
        check_provider("~> 5.0.0", "~> 5.0.0");
        check_provider("=1.0, = 1.0.0", "1.0.0");
        check_provider("> 1,<2", "> 1.0.0, < 2.0.0");
        check_provider("!= 5.2, >= 5", ">= 5.0.0, != 5.2.0");
        check_provider("<=5.0.0, ~> 4.1, > 4.0.0", "> 4.0.0, ~> 4.1, <= 5.0.0");
        check_provider(">=1.0.0-beta1", ">= 1.0.0-beta1");
        check_provider(
            "!= 1, !=0.5, = 3, >=2, <4, ~>3.1, ~>3, <= 9, > 2",
            "!= 0.5.0, != 1.0.0, > 2.0.0, >= 2.0.0, 3.0.0, ~> 3.0, ~> 3.1, < 4.0.0, <= 9.0.0",
        );
        for wrong in ["v1.2", ">= v1", "~> 1.2.3.4", "latest", ""] {
            assert!(of_provider(wrong).is_err(), "{wrong}");
        }
    }
}
