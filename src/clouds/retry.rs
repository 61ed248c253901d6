//! What to do after a failed attempt: send again, after how long, or give up.
//!
//! A call that makes something is never sent again after a failure that leaves open whether it arrived.

use std::cell::Cell;
use std::time::Duration;

use jiff::Timestamp;

use crate::cloud::{ApiError, Call, Class, Effect};
use crate::value::Text;

/// How patient we are.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Attempts in all, the first included.
    pub attempts: u32,
    /// Attempts where nobody listens, or where the answer is no answer of the service.
    pub few: u32,
    /// The longest first pause; doubles with every attempt.
    pub base: Duration,
    /// The same after throttling.
    pub throttled: Duration,
    /// No pause is longer.
    pub cap: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            attempts: 10,
            few: 3,
            base: Duration::from_millis(50),
            throttled: Duration::from_millis(500),
            cap: Duration::from_secs(20),
        }
    }
}

/// A failed attempt.
#[derive(Clone, Debug)]
pub struct Failure {
    pub class: Class,
    pub code: String,
    pub message: String,
    pub status: Option<u16>,
    pub request_id: Option<String>,
    /// The request may have had its effect.
    pub unclear: bool,
    /// An earlier attempt may have had its effect.
    pub after_unclear: bool,
    pub remedy: Remedy,
    /// How long the service wants us to wait.
    pub retry_after: Option<Duration>,
}

/// What may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    None,
    /// Waiting a little.
    Wait,
    /// Waiting, but not often.
    Few,
    /// Waiting longer: we called too often.
    SlowDown,
    /// Signing by the service's clock.
    Clock(Timestamp),
    /// New credentials.
    Credentials,
}

impl Failure {
    /// The request surely had no effect.
    pub fn clear(code: impl Into<String>, message: impl Into<String>, remedy: Remedy) -> Self {
        Self {
            class: Class::Refused,
            code: code.into(),
            message: message.into(),
            status: None,
            request_id: None,
            unclear: false,
            after_unclear: false,
            remedy,
            retry_after: None,
        }
    }

    /// Nothing will help.
    pub fn refused(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::clear(code, message, Remedy::None)
    }

    /// There are no usable credentials.
    pub fn denied(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            class: Class::Denied,
            ..Self::refused(code, message)
        }
    }

    /// The request may have had its effect.
    pub fn unclear(code: impl Into<String>, message: impl Into<String>, remedy: Remedy) -> Self {
        Self {
            class: Class::Transient,
            unclear: true,
            ..Self::clear(code, message, remedy)
        }
    }

    /// The error that the caller of the port sees.
    pub fn into_error(self, call: &Call) -> ApiError {
        let class = match (self.unclear, call.effect) {
            (true, Effect::Repeatable | Effect::Creates) => Class::Unclear,
            _ => self.class,
        };
        self.named(class, call.service.clone(), call.action.clone())
    }

    /// The same where nobody asked for a call, but for facts.
    pub fn into_error_of_facts(self) -> ApiError {
        let class = self.class;
        self.named(class, "sts".into(), "GetCallerIdentity".into())
    }

    fn named(self, class: Class, service: Text, action: Text) -> ApiError {
        ApiError {
            class,
            code: self.code,
            message: self.message,
            service,
            action,
            status: self.status,
            request_id: self.request_id,
            after_unclear: self.after_unclear,
        }
    }
}

/// What was tried for one call.
#[derive(Clone, Copy, Debug, Default)]
pub struct History {
    attempts: u32,
    few: u32,
    clock: bool,
    credentials: bool,
    /// An attempt failed in a way that leaves open whether it had its effect.
    unclear: bool,
}

impl Policy {
    /// The pause before the next attempt; none means to give up. `random` is at least 0 and less than 1.
    pub fn pause(
        &self,
        history: &mut History,
        effect: Effect,
        failure: &Failure,
        random: f64,
    ) -> Option<Duration> {
        history.attempts += 1;
        history.unclear |= failure.unclear;
        if (failure.unclear && effect == Effect::Creates) || history.attempts >= self.attempts {
            return None;
        }
        let base = match failure.remedy {
            Remedy::None => return None,
            Remedy::Clock(_) => return once(&mut history.clock),
            Remedy::Credentials => return once(&mut history.credentials),
            Remedy::Few => {
                history.few += 1;
                if history.few >= self.few {
                    return None;
                }
                self.base
            }
            Remedy::Wait => self.base,
            Remedy::SlowDown => self.throttled,
        };
        let longest = base
            .saturating_mul(1 << (history.attempts - 1).min(20))
            .min(self.cap);
        let asked = failure.retry_after.unwrap_or_default().min(self.cap);
        Some(longest.mul_f64(random).max(asked))
    }
}

fn once(done: &mut bool) -> Option<Duration> {
    (!std::mem::replace(done, true)).then_some(Duration::ZERO)
}

/// Attempts a call until it succeeds or the policy gives up. After each failure that is followed by another
/// attempt, `repair` learns of it first.
pub async fn run<T>(
    policy: &Policy,
    effect: Effect,
    attempt: impl AsyncFn() -> Result<T, Failure>,
    repair: impl Fn(&Failure),
) -> Result<T, Failure> {
    let mut history = History::default();
    loop {
        let mut failure = match attempt().await {
            Ok(value) => return Ok(value),
            Err(failure) => failure,
        };
        repair(&failure);
        let Some(pause) = policy.pause(&mut history, effect, &failure, random()) else {
            // A clear failure after an unclear one does not undo what the unclear one may have done. A refusal stays
            // one, so that its code can still tell that a deletion has succeeded.
            failure.after_unclear = history.unclear;
            failure.unclear |=
                history.unclear && failure.class != Class::Gone && failure.class != Class::Refused;
            return Err(failure);
        };
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
}

/// At least 0, less than 1. Without randomness, half.
fn random() -> f64 {
    thread_local!(static LAST: Cell<u64> = const { Cell::new(0) });
    let bits = getrandom::u64().unwrap_or_else(|_| LAST.get() ^ (1 << 63));
    LAST.set(bits);
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    let fraction = (bits >> 11) as f64 / (1_u64 << 53) as f64;
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCK: Remedy = Remedy::Clock(Timestamp::UNIX_EPOCH);

    /// The pauses in milliseconds with the largest jitter, until the policy gives up.
    fn pauses(effect: Effect, failure: &Failure) -> Vec<u128> {
        let mut history = History::default();
        std::iter::from_fn(|| Policy::default().pause(&mut history, effect, failure, 1.0))
            .map(|pause| pause.as_millis())
            .collect()
    }

    #[track_caller]
    fn check(effect: Effect, failure: &Failure, expected: &[u128]) {
        assert_eq!(pauses(effect, failure), expected);
    }

    #[test]
    fn a_create_is_not_sent_again_after_an_unclear_failure() {
        check(Effect::Creates, &Failure::unclear("", "", Remedy::Wait), &[]);
    }

    #[test]
    fn a_create_is_sent_again_after_a_clear_failure() {
        check(
            Effect::Creates,
            &Failure::clear("", "", Remedy::SlowDown),
            &[500, 1000, 2000, 4000, 8000, 16000, 20000, 20000, 20000],
        );
    }

    #[test]
    fn repeatable_calls_are_sent_again_whatever_failed() {
        let expected = [50, 100, 200, 400, 800, 1600, 3200, 6400, 12800];
        check(Effect::Read, &Failure::unclear("", "", Remedy::Wait), &expected);
        check(
            Effect::Repeatable,
            &Failure::unclear("", "", Remedy::Wait),
            &expected,
        );
    }

    #[test]
    fn a_refusal_is_final() {
        check(Effect::Read, &Failure::refused("", ""), &[]);
    }

    #[test]
    fn nobody_listening_gives_up_soon() {
        check(Effect::Read, &Failure::clear("", "", Remedy::Few), &[50, 100]);
    }

    #[test]
    fn clock_and_credentials_are_repaired_once() {
        check(Effect::Read, &Failure::clear("", "", CLOCK), &[0]);
        check(
            Effect::Creates,
            &Failure::clear("", "", Remedy::Credentials),
            &[0],
        );
    }

    #[test]
    fn the_services_wish_is_honoured_within_bounds() {
        let mut failure = Failure::clear("", "", Remedy::Few);
        failure.retry_after = Some(Duration::from_secs(3));
        check(Effect::Read, &failure, &[3000, 3000]);
        failure.retry_after = Some(Duration::from_mins(50));
        check(Effect::Read, &failure, &[20000, 20000]);
    }
}
