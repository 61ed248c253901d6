//! How often we may call: a token bucket for each quota, and a bound on requests in flight.
//!
//! Quotas belong to the whole account, so a bucket learns: throttling halves its rate, success brings it back.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::schema::{Quota, Service};

/// How many requests one provider keeps in flight.
const IN_FLIGHT: usize = 100;

/// The limits of one provider.
pub struct Limits {
    /// By service, region and the number of the quota group.
    buckets: RefCell<BTreeMap<(String, String, usize), Rc<Bucket>>>,
    in_flight: tokio::sync::Semaphore,
    /// Endpoints on this machine have no quota until they say so.
    unlimited: bool,
}

impl Limits {
    pub fn new(unlimited: bool) -> Self {
        Self {
            buckets: RefCell::default(),
            in_flight: tokio::sync::Semaphore::new(IN_FLIGHT),
            unlimited,
        }
    }

    /// The bucket that an action draws from; none where its quota is not known.
    pub fn bucket(&self, service: &Service, region: &str, action: &str) -> Option<Rc<Bucket>> {
        let holds = |quota: &Quota| quota.actions.iter().any(|name| &**name == action);
        let group = service.quotas.iter().position(holds)?;
        let key = (service.name.to_string(), region.to_owned(), group);
        let mut buckets = self.buckets.borrow_mut();
        let bucket = buckets
            .entry(key)
            .or_insert_with(|| Rc::new(Bucket::new(service.quotas[group].per_second, self.unlimited)));
        Some(Rc::clone(bucket))
    }

    /// Waits until another request may be in flight; it is while the permit lives.
    pub async fn flight(&self) -> tokio::sync::SemaphorePermit<'_> {
        self.in_flight
            .acquire()
            .await
            .expect("the semaphore is never closed")
    }
}

/// A token bucket that learns.
pub struct Bucket {
    state: Cell<State>,
    /// Calls a second by the schema.
    full: f64,
}

#[derive(Clone, Copy)]
struct State {
    /// Calls a second now.
    rate: f64,
    /// Negative: callers are waiting.
    tokens: f64,
    at: Option<Instant>,
    /// When the rate was last cut.
    cut: Option<Instant>,
    unlimited: bool,
}

impl Bucket {
    fn new(per_second: u32, unlimited: bool) -> Self {
        let full = f64::from(per_second.max(1));
        Self {
            state: Cell::new(State {
                rate: full,
                tokens: full,
                at: None,
                cut: None,
                unlimited,
            }),
            full,
        }
    }

    /// Waits for this call's turn.
    pub async fn turn(&self) {
        let pause = self.reserve(Instant::now());
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }

    /// Takes a token, which may exist only later; how long to wait for it.
    fn reserve(&self, now: Instant) -> Duration {
        let mut state = self.state.get();
        if state.unlimited {
            return Duration::ZERO;
        }
        if let Some(at) = state.at {
            let gained = now.saturating_duration_since(at).as_secs_f64() * state.rate;
            state.tokens = (state.tokens + gained).min(state.rate.max(1.0));
        }
        state.at = Some(now);
        state.tokens -= 1.0;
        self.state.set(state);
        Duration::try_from_secs_f64((-state.tokens / state.rate).max(0.0)).unwrap_or_default()
    }

    /// The service said that we call too often.
    pub fn throttled(&self) {
        self.cut(Instant::now());
    }

    /// Halves the rate, once for all calls that were under way together.
    fn cut(&self, now: Instant) {
        let mut state = self.state.get();
        let recent = |cut| now.saturating_duration_since(cut) < Duration::from_millis(500);
        if state.cut.is_some_and(recent) {
            return;
        }
        state.cut = Some(now);
        state.unlimited = false;
        state.rate = (state.rate / 2.0).max(self.full / 32.0).max(0.2);
        state.tokens = state.tokens.min(0.0);
        self.state.set(state);
    }

    /// A call went through.
    pub fn passed(&self) {
        let mut state = self.state.get();
        state.rate = (state.rate + self.full / 50.0).min(self.full);
        self.state.set(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long in milliseconds each of ten calls at one moment waits.
    fn waits(bucket: &Bucket) -> Vec<u128> {
        let now = Instant::now();
        (0..10).map(|_| bucket.reserve(now).as_millis()).collect()
    }

    #[track_caller]
    fn check(bucket: &Bucket, expected: [u128; 10]) {
        assert_eq!(waits(bucket), expected);
    }

    #[test]
    fn a_second_of_calls_goes_through_and_the_rest_queues() {
        check(&Bucket::new(5, false), [0, 0, 0, 0, 0, 200, 400, 600, 800, 1000]);
    }

    #[test]
    fn throttling_halves_the_rate() {
        let bucket = Bucket::new(20, false);
        bucket.throttled();
        check(&bucket, [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
    }

    #[test]
    fn throttling_of_calls_under_way_together_counts_once() {
        let bucket = Bucket::new(20, false);
        let now = Instant::now();
        bucket.cut(now);
        bucket.cut(now);
        check(&bucket, [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
    }

    #[test]
    fn success_brings_the_rate_back() {
        let bucket = Bucket::new(5, false);
        bucket.throttled();
        (0..100).for_each(|_| bucket.passed());
        check(&bucket, [200, 400, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000]);
    }

    #[test]
    fn an_endpoint_without_quota_waits_only_once_it_throttles() {
        let bucket = Bucket::new(5, true);
        check(&bucket, [0; 10]);
        bucket.throttled();
        assert!(bucket.reserve(Instant::now()) > Duration::ZERO);
    }
}
