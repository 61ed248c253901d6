//! How the sandbox misbehaves on demand: by chance from a seed, or by rules for single actions.
//!
//! It decides and knows nothing of how a cloud words its errors.

use serde::{Deserialize, Serialize};

/// What goes wrong. All chances are between 0 and 1; the default is a world without faults.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Where the dice start: the same seed and the same calls give the same faults.
    pub seed: u64,
    /// Chance that a call fails (connection closed, or status 500) and has no effect.
    pub error_before: f64,
    /// Chance that a call has its effect and its answer is lost (connection closed, or status 500).
    pub error_after: f64,
    /// Chance that a call is refused because of its rate.
    pub throttle: f64,
    /// Whether calls beyond the request quotas that the clouds document are refused.
    pub quotas: bool,
    /// How long every call takes at least, in milliseconds.
    pub latency_ms: u64,
    /// Up to how much longer it may take, in milliseconds.
    pub latency_jitter_ms: u64,
    /// For how long after a write the reads may still show what was before, in milliseconds.
    pub stale_ms: u64,
    /// Chance that a read within that time shows what was before; nothing means always.
    pub stale_chance: Option<f64>,
    /// What happens to the next calls of single actions.
    pub rules: Vec<Rule>,
}

/// What happens to the next calls of one action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The API action, such as `CreateKey`; `*` is any.
    pub action: String,
    /// `close` drops the connection, `500` is a server error, `throttle` a refused rate; else an error code.
    pub error: String,
    /// Whether the action takes effect before it fails.
    #[serde(default)]
    pub after: bool,
    /// How many calls it concerns.
    #[serde(default = "once")]
    pub times: u32,
    /// How many calls pass untouched before.
    #[serde(default)]
    pub skip: u32,
}

fn once() -> u32 {
    1
}

/// How one call goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// The connection is closed without an answer.
    Close,
    /// The service had a bad moment: status 500.
    Internal,
    /// The call came too often.
    Throttle,
    /// The error code that a rule names.
    Code(String),
}

/// What awaits one call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    pub delay_ms: u64,
    /// Fails without an effect.
    pub before: Option<Fault>,
    /// Fails after its effect.
    pub after: Option<Fault>,
    /// Sees the world as it was `stale_ms` ago.
    pub stale: bool,
}

/// Fails a configuration of faults that makes no sense.
pub fn check(faults: &Faults) -> Result<(), String> {
    let chances = [
        ("error_before", faults.error_before),
        ("error_after", faults.error_after),
        ("throttle", faults.throttle),
        ("stale_chance", faults.stale_chance.unwrap_or(1.0)),
    ];
    for (name, chance) in chances {
        if !(0.0..=1.0).contains(&chance) {
            return Err(format!("{name} must be between 0 and 1, not {chance}"));
        }
    }
    for rule in &faults.rules {
        if rule.error.is_empty() || !rule.error.chars().all(|c| c.is_ascii_graphic()) {
            return Err(format!("{:?} is no error code", rule.error));
        }
    }
    Ok(())
}

/// The faults with the state of their dice and rules.
#[derive(Clone, Debug)]
pub struct Dice {
    pub faults: Faults,
    state: u64,
}

impl Dice {
    /// Dice that start at the seed of these faults.
    pub fn new(faults: Faults) -> Self {
        Self {
            state: faults.seed,
            faults,
        }
    }

    /// What awaits the next call of this action.
    pub fn roll(&mut self, action: &str) -> Verdict {
        let jitter = self.faults.latency_jitter_ms;
        let extra = if jitter == 0 {
            0
        } else {
            self.next() % (jitter + 1)
        };
        let mut verdict = Verdict {
            delay_ms: self.faults.latency_ms.saturating_add(extra),
            ..Verdict::default()
        };
        verdict.stale =
            self.faults.stale_ms > 0 && self.faults.stale_chance.is_none_or(|chance| self.happens(chance));
        if let Some((fault, after)) = self.rule(action) {
            *(if after {
                &mut verdict.after
            } else {
                &mut verdict.before
            }) = Some(fault);
        } else if self.happens(self.faults.throttle) {
            verdict.before = Some(Fault::Throttle);
        } else if self.happens(self.faults.error_before) {
            verdict.before = Some(self.mishap());
        } else if self.happens(self.faults.error_after) {
            verdict.after = Some(self.mishap());
        }
        verdict
    }

    /// Takes the next use of the first rule for this action.
    fn rule(&mut self, action: &str) -> Option<(Fault, bool)> {
        let rule = self
            .faults
            .rules
            .iter_mut()
            .find(|r| r.times > 0 && (r.action == action || r.action == "*"))?;
        if rule.skip > 0 {
            rule.skip -= 1;
            return None;
        }
        rule.times -= 1;
        let fault = match rule.error.as_str() {
            "close" => Fault::Close,
            "500" => Fault::Internal,
            "throttle" => Fault::Throttle,
            code => Fault::Code(code.to_owned()),
        };
        let after = rule.after;
        self.faults.rules.retain(|rule| rule.times > 0);
        Some((fault, after))
    }

    fn mishap(&mut self) -> Fault {
        if self.next() & 1 == 0 {
            Fault::Close
        } else {
            Fault::Internal
        }
    }

    /// Whether something of this chance happens; chance 0 does not move the dice.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double")]
    fn happens(&mut self, chance: f64) -> bool {
        chance > 0.0 && ((self.next() >> 11) as f64 / (1_u64 << 53) as f64) < chance
    }

    /// SplitMix64: small, and good enough for mishaps.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One letter a call: `.` well, `b` fails before, `a` fails after.
    #[track_caller]
    fn check_story(faults: Faults, actions: &[&str], story: &str) {
        let mut dice = Dice::new(faults);
        let told: String = actions
            .iter()
            .map(|action| {
                let verdict = dice.roll(action);
                if verdict.before.is_some() {
                    'b'
                } else if verdict.after.is_some() {
                    'a'
                } else {
                    '.'
                }
            })
            .collect();
        assert_eq!(told, story);
    }

    fn rule(action: &str, after: bool, times: u32, skip: u32) -> Rule {
        Rule {
            action: action.into(),
            error: "close".into(),
            after,
            times,
            skip,
        }
    }

    #[test]
    fn without_faults_all_is_well() {
        check_story(Faults::default(), &["CreateKey"; 5], ".....");
    }

    #[test]
    fn a_rule_concerns_its_action_and_ends() {
        let faults = Faults {
            rules: vec![rule("CreateKey", true, 2, 0)],
            ..Faults::default()
        };
        check_story(
            faults,
            &["ListKeys", "CreateKey", "CreateKey", "CreateKey"],
            ".aa.",
        );
    }

    #[test]
    fn a_rule_can_let_calls_pass_first() {
        let faults = Faults {
            rules: vec![rule("*", false, 1, 2)],
            ..Faults::default()
        };
        check_story(faults, &["A", "B", "C", "D"], "..b.");
    }

    #[test]
    fn the_same_seed_tells_the_same_story() {
        let faults = Faults {
            seed: 7,
            error_before: 0.3,
            error_after: 0.3,
            ..Faults::default()
        };
        let mut one = Dice::new(faults.clone());
        let mut two = Dice::new(faults);
        assert!((0..100).all(|_| one.roll("X") == two.roll("X")));
    }

    #[test]
    fn a_certain_fault_always_comes() {
        check_story(
            Faults {
                throttle: 1.0,
                ..Faults::default()
            },
            &["X"; 3],
            "bbb",
        );
    }

    #[test]
    fn chances_beyond_one_are_refused() {
        assert!(
            check(&Faults {
                throttle: 1.5,
                ..Faults::default()
            })
            .is_err()
        );
    }
}
