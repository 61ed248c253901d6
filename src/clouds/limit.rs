//! How often we may call: a token bucket for each quota, and a bound on requests in flight.
//!
//! Quotas belong to a whole account, so all providers of a run draw on the same buckets, and a bucket learns: throttling
//! halves its rate, which then grows by steady steps up to the documented one.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::schema::{Quota, Service};

/// How many requests one provider keeps in flight.
const IN_FLIGHT: usize = 100;
/// Calls a second of an action without a documented quota, once it was throttled.
const UNDOCUMENTED: f64 = 50.0;
/// The share of a second's calls that may go out at once: the rest is for answers and clocks that come late.
const BURST: f64 = 0.95;
/// The share of the full rate that comes back in a second.
const RECOVERY: f64 = 0.1;
/// The least share of the full rate, and the least rate.
const LEAST: (f64, f64) = (1.0 / 32.0, 0.2);
/// Calls that were sent this soon after a cut say nothing new.
const TOGETHER: Duration = Duration::from_millis(500);

/// The buckets of a run, whichever provider asks.
#[derive(Clone, Default)]
pub struct Quotas(Rc<RefCell<BTreeMap<Class, Rc<Bucket>>>>);

/// What shares a bucket.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Class {
    /// The cloud, and the account as far as it is known.
    account: (String, String),
    service: String,
    region: String,
    /// The number of the quota; an action that has none is for itself.
    quota: Result<usize, String>,
    unlimited: bool,
}

/// The limits of one provider.
pub struct Limits {
    quotas: Quotas,
    account: (String, String),
    in_flight: tokio::sync::Semaphore,
    /// Endpoints on this machine have no quota until they say so.
    unlimited: bool,
}

impl Limits {
    /// The limits of a provider of this cloud and account.
    pub fn new(quotas: Quotas, account: (String, String), unlimited: bool) -> Self {
        Self {
            quotas,
            account,
            in_flight: tokio::sync::Semaphore::new(IN_FLIGHT),
            unlimited,
        }
    }

    /// The bucket that an action draws from.
    pub fn bucket(&self, service: &Service, region: &str, action: &str) -> Rc<Bucket> {
        let holds = |quota: &Quota| quota.actions.iter().any(|name| &**name == action);
        let quota = service.quotas.iter().position(holds);
        let class = Class {
            account: self.account.clone(),
            service: service.name.to_string(),
            region: region.to_owned(),
            quota: quota.ok_or_else(|| action.to_owned()),
            unlimited: self.unlimited,
        };
        let bucket = || {
            let documented = quota.map(|quota| f64::from(service.quotas[quota].per_second.max(1)));
            Rc::new(Bucket::new(documented, self.unlimited))
        };
        let mut buckets = self.quotas.0.borrow_mut();
        Rc::clone(buckets.entry(class).or_insert_with(bucket))
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
    /// Calls a second when nobody objects.
    full: f64,
    /// Held by who waits for the next token: first come, first served.
    queue: tokio::sync::Mutex<()>,
}

#[derive(Clone, Copy)]
struct State {
    /// Calls a second now.
    rate: f64,
    tokens: f64,
    at: Option<Instant>,
    /// When the rate was last cut.
    cut: Option<Instant>,
    unlimited: bool,
}

impl Bucket {
    /// Without a documented rate nothing is held back until the service objects.
    fn new(documented: Option<f64>, unlimited: bool) -> Self {
        let full = documented.unwrap_or(UNDOCUMENTED);
        Self {
            state: Cell::new(State {
                rate: full,
                tokens: (full * BURST).max(1.0),
                at: None,
                cut: None,
                unlimited: unlimited || documented.is_none(),
            }),
            full,
            queue: tokio::sync::Mutex::default(),
        }
    }

    /// Waits for this call's turn; gives when it came.
    pub async fn turn(&self) -> Instant {
        let _first = self.queue.lock().await;
        loop {
            let now = Instant::now();
            match self.take(now) {
                Ok(()) => return now,
                Err(pause) => tokio::time::sleep(pause).await,
            }
        }
    }

    /// Takes a token, or says when there may be one.
    fn take(&self, now: Instant) -> Result<(), Duration> {
        let mut state = self.grown(now);
        let missing = 1.0 - state.tokens;
        if state.unlimited {
            return Ok(());
        }
        // A part in a thousand is what rounding to whole nanoseconds may cost.
        let taken = missing < 1e-3;
        if taken {
            state.tokens -= 1.0;
        }
        self.state.set(state);
        if taken {
            Ok(())
        } else {
            Err(Duration::from_secs_f64(missing / state.rate))
        }
    }

    /// The state after the time that has passed: more tokens, and a rate nearer to the full one.
    fn grown(&self, now: Instant) -> State {
        let mut state = self.state.get();
        if let Some(at) = state.at {
            let passed = now.saturating_duration_since(at).as_secs_f64();
            state.rate = (state.rate + passed * RECOVERY * self.full).min(self.full);
            state.tokens = (state.tokens + passed * state.rate).min((state.rate * BURST).max(1.0));
        }
        state.at = Some(now);
        state
    }

    /// The service said that we call too often, of a call whose turn came then.
    pub fn throttled(&self, sent: Instant) {
        self.cut(sent, Instant::now());
    }

    /// Halves the rate, once for all calls that were under way together.
    fn cut(&self, sent: Instant, now: Instant) {
        let mut state = self.grown(now);
        if state.cut.is_some_and(|cut| sent < cut + TOGETHER) {
            return;
        }
        state.cut = Some(now);
        state.unlimited = false;
        state.rate = (state.rate / 2.0).max(self.full * LEAST.0).max(LEAST.1);
        state.tokens = 0.0;
        self.state.set(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(per_second: f64) -> Bucket {
        Bucket::new(Some(per_second), false)
    }

    /// When in milliseconds each of ten calls that wait from one moment on has its turn.
    fn turns(bucket: &Bucket, start: Instant) -> Vec<u128> {
        let mut now = start;
        let mut turn = || {
            while let Err(pause) = bucket.take(now) {
                now += pause;
            }
            now.duration_since(start).as_millis()
        };
        (0..10).map(|_| turn()).collect()
    }

    #[track_caller]
    fn check(bucket: &Bucket, start: Instant, expected: [u128; 10]) {
        let found = turns(bucket, start);
        let near = |(found, expected): (&u128, &u128)| found.abs_diff(*expected) <= 1;
        assert!(found.iter().zip(&expected).all(near), "{found:?} {expected:?}");
    }

    #[test]
    fn nearly_a_second_of_calls_goes_through_and_the_rest_queues() {
        let start = Instant::now();
        check(&limited(5.0), start, [0, 0, 0, 0, 50, 250, 450, 650, 850, 1050]);
    }

    #[test]
    fn throttling_halves_the_rate_once_for_calls_under_way_together() {
        let start = Instant::now();
        let bucket = limited(20.0);
        bucket.cut(start, start);
        bucket.cut(start, start + Duration::from_millis(400));
        bucket.cut(
            start + Duration::from_millis(499),
            start + Duration::from_millis(500),
        );
        let rate = bucket.state.get().rate;
        assert!((10.0..11.0).contains(&rate), "{rate}");
        bucket.cut(
            start + Duration::from_millis(500),
            start + Duration::from_millis(600),
        );
        let rate = bucket.state.get().rate;
        assert!((5.0..6.0).contains(&rate), "{rate}");
    }

    #[test]
    fn who_waits_when_the_rate_is_cut_waits_for_longer() {
        let start = Instant::now();
        let bucket = limited(10.0);
        assert_eq!((0..10).filter(|_| bucket.take(start).is_ok()).count(), 9);
        let before = bucket.take(start).unwrap_err();
        bucket.cut(start, start);
        let after = bucket.take(start).unwrap_err();
        assert_eq!((before.as_millis(), after.as_millis()), (50, 200));
    }

    #[test]
    fn the_rate_comes_back_with_time_and_not_at_once() {
        let start = Instant::now();
        let bucket = limited(20.0);
        let rate = |seconds: u64| bucket.grown(start + Duration::from_secs(seconds)).rate;
        bucket.cut(start, start);
        let found: Vec<String> = [0, 1, 2, 5, 60]
            .iter()
            .map(|s| format!("{:.1}", rate(*s)))
            .collect();
        assert_eq!(found, ["10.0", "12.0", "14.0", "20.0", "20.0"]);
    }

    #[test]
    fn however_often_it_is_throttled_something_goes_through() {
        let mut now = Instant::now();
        let (fast, slow) = (limited(64.0), limited(5.0));
        for _ in 0..100 {
            now += TOGETHER;
            fast.cut(now, now);
            slow.cut(now, now);
        }
        let rate = |bucket: &Bucket| bucket.state.get().rate;
        assert!((2.0..6.0).contains(&rate(&fast)), "{}", rate(&fast));
        assert!((0.2..0.5).contains(&rate(&slow)), "{}", rate(&slow));
    }

    /// A minute of calls against a service that takes ten a second of us: how many it took and refused.
    #[test]
    fn a_quota_that_others_use_too_is_found_and_kept_nearly_full() {
        let start = Instant::now();
        let bucket = limited(20.0);
        let service = limited(10.0);
        let (mut now, mut took, mut refused) = (start, 0, 0);
        while now < start + Duration::from_mins(1) {
            match bucket.take(now) {
                Err(pause) => now += pause,
                Ok(()) if service.take(now).is_ok() => took += 1,
                Ok(()) => {
                    refused += 1;
                    bucket.cut(now, now);
                }
            }
        }
        assert!((480..=610).contains(&took), "{took} went through");
        assert!(refused * 12 < took, "{refused} of {took} were refused");
    }

    #[test]
    fn an_endpoint_without_quota_waits_only_once_it_throttles() {
        let start = Instant::now();
        for bucket in [Bucket::new(Some(5.0), true), Bucket::new(None, false)] {
            assert!((0..1000).all(|_| bucket.take(start).is_ok()));
            bucket.cut(start, start);
            assert!(bucket.take(start).is_err());
        }
    }

    /// Whether calls of two providers draw on the same bucket: account, region, action of each.
    #[track_caller]
    fn check_shared(one: [&str; 3], other: [&str; 3], expected: bool) {
        let quotas = Quotas::default();
        let schema = crate::schema::Catalog::get()
            .provider("alicloud")
            .unwrap()
            .unwrap();
        let service = &schema.services["kms"];
        let bucket = |[account, region, action]: [&str; 3]| {
            let account = ("alicloud".to_owned(), account.to_owned());
            Limits::new(quotas.clone(), account, false).bucket(service, region, action)
        };
        assert_eq!(
            Rc::ptr_eq(&bucket(one), &bucket(other)),
            expected,
            "{one:?} {other:?}"
        );
    }

    #[test]
    fn a_bucket_is_for_an_account_a_region_and_a_quota() {
        let one = ["1", "cn-hangzhou", "DescribeKey"];
        check_shared(one, one, true);
        check_shared(one, ["1", "cn-hangzhou", "ListAliases"], true);
        check_shared(one, ["1", "cn-hangzhou", "CreateKey"], false);
        check_shared(one, ["1", "cn-beijing", "DescribeKey"], false);
        check_shared(one, ["2", "cn-hangzhou", "DescribeKey"], false);
        let undocumented = ["1", "cn-hangzhou", "SetKeyPolicy"];
        check_shared(undocumented, undocumented, true);
        check_shared(undocumented, ["1", "cn-hangzhou", "CreateKeyVersion"], false);
    }

    #[test]
    fn the_rate_that_one_provider_learned_holds_for_all() {
        let quotas = Quotas::default();
        let schema = crate::schema::Catalog::get().provider("aws").unwrap().unwrap();
        let limits = || Limits::new(quotas.clone(), ("aws".to_owned(), String::new()), false);
        let bucket = |limits: Limits| limits.bucket(&schema.services["kms"], "eu-west-1", "CreateKey");
        let start = Instant::now();
        bucket(limits()).cut(start, start);
        let rate = bucket(limits()).state.get().rate;
        assert!((2.5..2.6).contains(&rate), "{rate}");
    }
}
