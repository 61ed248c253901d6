//! What the clouds share: the way of one call through limits, credentials, signing, sending and reading.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use reqwest::Url;

use super::Options;
use super::credentials::{Cache, Credentials};
use super::http::{Http, Reply, Request, host, place};
use super::limit::{Bucket, Limits};
use super::origin;
use super::retry::{self, Failure, Policy, Remedy};
use super::sent::Sent;
use crate::cloud::{Call, Class, Effect};
use crate::schema::{Protocol, Service};
use crate::value::{Text, Value};

/// One configured provider's connections.
pub struct Session {
    pub http: Arc<Http>,
    pub limits: Limits,
    pub cache: Cache,
    pub policy: Policy,
    /// For how long a call is tried again, if it is bounded.
    pub patience: Option<Duration>,
    pub options: Options,
    /// The service's clock less ours.
    skew: Cell<SignedDuration>,
}

/// What differs between calls and clouds.
pub trait Exchange {
    /// The credentials to sign with; none for calls that are not signed.
    async fn credentials(&self) -> Result<Option<Credentials>, Failure>;
    /// The signed request.
    fn request(&self, credentials: Option<&Credentials>, now: Timestamp) -> Result<Request, Failure>;
    /// The service and the action.
    fn name(&self) -> (&str, &str);
    /// How the service speaks.
    fn protocol(&self) -> Protocol;
    /// The answer that a reply carries.
    fn answer(&self, reply: &Reply) -> Result<Value, Failure>;
}

impl Session {
    pub fn new(http: Http, policy: Policy, options: Options, limits: Limits) -> Self {
        Self {
            http: Arc::new(http),
            limits,
            cache: Cache::default(),
            policy,
            patience: None,
            options,
            skew: Cell::new(SignedDuration::ZERO),
        }
    }

    /// The services for which users gave an address, unless a sandbox plays them all.
    pub fn elsewhere<'s>(
        &self,
        services: impl Iterator<Item = &'s Service>,
        given: impl Fn(&Service) -> Result<Option<Url>, Failure>,
    ) -> Vec<(Text, String)> {
        if self.options.sandbox.is_some() {
            return Vec::new();
        }
        let named = |service: &Service| {
            let url = given(service).ok()??;
            let address = format!("{}://{}", url.scheme(), host(&url));
            Some((service.name.clone(), address))
        };
        services.filter_map(named).collect()
    }

    /// The time as we believe the services see it.
    pub fn now(&self) -> Timestamp {
        let now = (self.options.clock)();
        now.checked_add(self.skew.get()).unwrap_or(now)
    }

    /// Refuses what this run must not do.
    pub fn admit(&self, call: &Call) -> Result<(), Failure> {
        if self.options.read_only && call.effect != Effect::Read {
            return Err(Failure::refused("ReadOnly", "This run must not change anything"));
        }
        Ok(())
    }

    /// The provider's credentials, from the cache or from `find`.
    pub async fn credentials(
        &self,
        find: impl AsyncFnOnce() -> Result<Credentials, Failure>,
    ) -> Result<Credentials, Failure> {
        let found = self.cache.get(self.now(), find).await;
        found.map_err(before_the_call)
    }

    /// Carries out a call, with all attempts that are safe and sensible.
    pub async fn perform(
        &self,
        (effect, until): (Effect, Option<i64>),
        bucket: Rc<Bucket>,
        exchange: &impl Exchange,
    ) -> Result<Value, Failure> {
        let used = Cell::new(None);
        let sent = Cell::new(None);
        let began = Instant::now();
        let number = Cell::new(0);
        let attempt = async || {
            number.set(number.get() + 1);
            sent.set(Some(bucket.turn().await));
            // Before the permit: finding credentials takes permits itself, and would wait for those that wait for it.
            let credentials = exchange.credentials().await?;
            used.set(credentials.as_ref().map(Credentials::fingerprint));
            let _permit = self.limits.flight().await;
            self.attempt(exchange, credentials.as_ref(), (number.get(), until))
                .await
        };
        let attempt = async || attempt().await.map_err(|failure| self.in_time(began, failure));
        let repair = |failure: &Failure| {
            if let (Class::Throttled, Some(sent)) = (failure.class, sent.take()) {
                bucket.throttled(sent);
            }
            match failure.remedy {
                Remedy::Clock(theirs) => self.skew.set(theirs.duration_since((self.options.clock)())),
                Remedy::Credentials => self.cache.forget(used.take().as_ref()),
                Remedy::None | Remedy::Wait | Remedy::Few | Remedy::SlowDown => {}
            }
        };
        retry::run(&self.policy, effect, attempt, repair).await
    }

    /// A failure, which nothing remedies when we have tried for long enough.
    fn in_time(&self, began: Instant, failure: Failure) -> Failure {
        match self.patience {
            Some(patience) if began.elapsed() >= patience => Failure {
                remedy: Remedy::None,
                ..failure
            },
            _ => failure,
        }
    }

    /// One attempt of a call that is not limited.
    async fn attempt(
        &self,
        exchange: &impl Exchange,
        credentials: Option<&Credentials>,
        (number, until): (u32, Option<i64>),
    ) -> Result<Value, Failure> {
        // The time is taken first: when this run stands still from here on, the signature is as old.
        let now = (self.options.clock)();
        if until.is_some_and(|until| now.as_second() > until) {
            return Err(too_late());
        }
        let request = exchange.request(credentials, now.checked_add(self.skew.get()).unwrap_or(now))?;
        let heard = self.options.heard.as_ref();
        let mut told = heard.map(|_| Sent::of(exchange.name(), &request, number));
        let began = Instant::now();
        let place = place(&request.url);
        let reply = self.http.send(request).await;
        let result = reply.and_then(|reply| {
            if let Some(told) = &mut told {
                told.got(&reply);
            }
            let source = credentials.map_or("", |credentials| &*credentials.origin);
            origin::check(&reply, exchange.protocol(), &place)
                .and_then(|()| exchange.answer(&reply))
                .map_err(|failure| blamed(failure, source))
        });
        if let (Some(heard), Some(mut told)) = (heard, told) {
            told.took = began.elapsed();
            told.ended(&result);
            heard(&told);
        }
        result
    }
}

/// The run stood still, or was put off for so long that others count on its request never arriving.
fn too_late() -> Failure {
    Failure::refused(
        "TooLate",
        "The request was not sent: minutes have passed since it was noted, and another run may believe by now that nothing comes any more. Run apply again",
    )
}

/// Codes of services that do not know a key, a token or a signature, or what they begin with.
const WRONG_CREDENTIALS: [&str; 8] = [
    "ExpiredToken",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSecurityToken",
    "InvalidSignature",
    "SignatureDoesNotMatch",
    "UnrecognizedClient",
];

/// A failure that says where wrong credentials come from.
fn blamed(failure: Failure, origin: &str) -> Failure {
    let is_wrong = WRONG_CREDENTIALS
        .iter()
        .any(|code| failure.code.starts_with(code));
    if !is_wrong || origin.is_empty() {
        return failure;
    }
    let said = failure.message.trim_end_matches('.');
    Failure {
        message: format!("{said}. The credentials are those of {origin}"),
        ..failure
    }
}

/// A failure of what had to be known before the call: the call was never sent, and what could be tried again was
/// tried again already.
pub fn before_the_call(failure: Failure) -> Failure {
    Failure {
        remedy: Remedy::None,
        unclear: false,
        ..failure
    }
}

/// How to read the service's clock, where the difference to ours explains a refusal.
pub fn clock_remedy(reply: &Reply, now: Timestamp) -> Remedy {
    let theirs = reply
        .header("date")
        .and_then(|date| jiff::fmt::rfc2822::parse(date).ok())
        .map(|date| date.timestamp());
    match theirs {
        Some(theirs) if theirs.duration_since(now).abs() > SignedDuration::from_mins(1) => {
            Remedy::Clock(theirs)
        }
        _ => Remedy::None,
    }
}
