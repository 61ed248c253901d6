//! The loopback server: transport, clock, faults and saving around the two clouds.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot};

use super::connection::{Cut, Loopback};
use super::control::{self, Calls};
use super::faults::{self, Dice, Fault, Verdict};
use super::quotas::{self, Meter};
use super::route::{self, Cloud};
use super::store::{self, World};
use super::{Options, Request, Response, alicloud, aws};

/// How long changes gather before they are saved.
const GATHER: Duration = Duration::from_millis(100);
/// How long open calls may take after the order to stop.
const DRAIN: Duration = Duration::from_secs(2);
/// More than any action takes; larger bodies are refused.
const BODY_LIMIT: usize = 1 << 20;

/// A sandbox at work on its own thread. Dropping it stops it too, but hides why saving failed.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Running {
    /// Ends open calls, saves, and stops.
    pub fn stop(mut self) -> io::Result<()> {
        self.end()
    }

    fn end(&mut self) -> io::Result<()> {
        if let Some(stop) = self.stop.take() {
            // A server that is gone already needs no order.
            let _ = stop.send(());
        }
        let Some(thread) = self.thread.take() else {
            return Ok(());
        };
        thread
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the sandbox stopped unexpectedly")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Whoever wants to know calls `stop`.
        let _ = self.end();
    }
}

/// Starts a sandbox on a thread of its own.
pub fn start(options: Options) -> io::Result<Running> {
    let shared = Arc::new(Shared::open(options.data, options.faults)?);
    let listener = std::net::TcpListener::bind(options.listen)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = std::thread::Builder::new()
        .name("sandbox".into())
        .spawn(move || {
            runtime()?.block_on(serve(listener, shared, async {
                let _ = stopped.await;
            }))
        })?;
    Ok(Running {
        address,
        stop: Some(stop),
        thread: Some(thread),
    })
}

/// Runs a sandbox on this thread until the user interrupts it; `ready` learns where it listens.
pub fn run(options: Options, ready: impl FnOnce(SocketAddr)) -> io::Result<()> {
    let shared = Arc::new(Shared::open(options.data, options.faults)?);
    let listener = std::net::TcpListener::bind(options.listen)?;
    listener.set_nonblocking(true)?;
    ready(listener.local_addr()?);
    runtime()?.block_on(serve(listener, shared, interrupted()))
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

async fn serve(
    listener: std::net::TcpListener,
    shared: Arc<Shared>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let listener = Loopback(TcpListener::from_std(listener)?);
    let service = Router::new()
        .fallback(answer)
        .with_state(Arc::clone(&shared))
        .into_make_service_with_connect_info::<Cut>();
    let draining = Arc::new(Notify::new());
    let drain = Arc::clone(&draining);
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        drain.notify_one();
    });
    let saver = tokio::spawn(keep_saving(Arc::clone(&shared)));
    tokio::select! {
        served = async { serving.await } => served?,
        () = async { draining.notified().await; tokio::time::sleep(DRAIN).await } => {}
    }
    saver.abort();
    shared.save()
}

/// What all connections share.
struct Shared {
    inner: Mutex<Inner>,
    data: Option<PathBuf>,
    /// Nobody else writes that file meanwhile.
    _claim: Option<store::Claim>,
    /// Held while the file is written, so that an older world never replaces a newer one.
    saving: Mutex<()>,
    changed: Notify,
}

/// The world and what surrounds it.
struct Inner {
    world: World,
    unsaved: bool,
    dice: Dice,
    calls: Calls,
    meter: Meter,
    /// The world as it was before recent writes, oldest first; kept only while stale reads are wished.
    past: VecDeque<(Timestamp, World)>,
}

impl Shared {
    fn open(data: Option<PathBuf>, faults: faults::Faults) -> io::Result<Self> {
        faults::check(&faults).map_err(|why| io::Error::new(io::ErrorKind::InvalidInput, why))?;
        let claim = data.as_deref().map(store::claim).transpose()?;
        let world = data
            .as_deref()
            .map_or_else(|| Ok(World::default()), store::load)?;
        let inner = Inner {
            world,
            unsaved: false,
            dice: Dice::new(faults),
            calls: Calls::default(),
            meter: Meter::default(),
            past: VecDeque::new(),
        };
        Ok(Self {
            inner: Mutex::new(inner),
            data,
            _claim: claim,
            saving: Mutex::default(),
            changed: Notify::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mark(&self, inner: &mut Inner) {
        inner.unsaved = true;
        self.changed.notify_one();
    }

    /// Writes the file if something changed since the last time.
    fn save(&self) -> io::Result<()> {
        let Some(path) = &self.data else { return Ok(()) };
        let _saving = self.saving.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = {
            let mut inner = self.lock();
            if !std::mem::take(&mut inner.unsaved) {
                return Ok(());
            }
            store::encode(&inner.world)?
        };
        store::save(path, &bytes).inspect_err(|_| self.lock().unsaved = true)
    }
}

/// Saves some time after each change. What fails here is tried again, and told when the sandbox stops.
#[expect(
    clippy::disallowed_methods,
    reason = "how long saving takes is measured for real"
)]
async fn keep_saving(shared: Arc<Shared>) {
    if shared.data.is_none() {
        return;
    }
    let mut pause = GATHER;
    loop {
        shared.changed.notified().await;
        tokio::time::sleep(pause).await;
        let started = Timestamp::now();
        let saving = Arc::clone(&shared);
        let saved = tokio::task::spawn_blocking(move || saving.save()).await;
        let took = Timestamp::now().duration_since(started).unsigned_abs();
        // A large world must not be written all the time.
        pause = GATHER.max(took * 10);
        if !matches!(saved, Ok(Ok(()))) {
            shared.changed.notify_one();
            pause = Duration::from_secs(1);
        }
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: axum::extract::Request,
) -> axum::response::Response {
    let Some(request) = receive(request).await else {
        return send(Response::json(
            413,
            &serde_json::json!({ "message": "the body is too large" }),
        ));
    };
    if request.path.starts_with("/_keyform/") {
        return send(shared.control(&request));
    }
    let Some(cloud) = route::cloud(&request) else {
        return send(Response::json(
            404,
            &serde_json::json!({ "message": "no cloud is called by this request" }),
        ));
    };
    let action = route::action(&request);
    let verdict = shared.judge(cloud, &request, &action);
    if verdict.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(verdict.delay_ms)).await;
    }
    let response = if let Some(fault) = verdict.before {
        fail(cloud, &request, &fault)
    } else {
        let response = shared.perform(cloud, &request, &action, verdict.stale);
        verdict
            .after
            .map_or(Some(response), |fault| fail(cloud, &request, &fault))
    };
    response.map_or_else(
        || {
            cut.cut();
            axum::response::Response::new(Body::empty())
        },
        send,
    )
}

/// The answer of a failed call in the words of its cloud; nothing when the connection is to close.
fn fail(cloud: Cloud, request: &Request, fault: &Fault) -> Option<Response> {
    match (cloud, fault) {
        (_, Fault::Close) => None,
        (Cloud::Aws, fault) => Some(aws::failure(request, fault)),
        (Cloud::Alicloud, fault) => Some(alicloud_failure(request, fault)),
    }
}

fn alicloud_failure(request: &Request, fault: &Fault) -> Response {
    let (status, code, message) = match fault {
        Fault::Throttle => (429, "Rejected.Throttling", "QPS Limit Exceeded"),
        Fault::Code(code) => (400, code.as_str(), "The sandbox was told to fail this call."),
        Fault::Internal | Fault::Close => (
            500,
            "InternalFailure",
            "The request processing has failed due to some unknown error.",
        ),
    };
    alicloud::refuse(request, status, code, message)
}

impl Shared {
    /// Notes a call, and says what awaits it.
    fn judge(&self, cloud: Cloud, request: &Request, action: &str) -> Verdict {
        let mut inner = self.lock();
        inner.calls.count(cloud, action);
        let mut verdict = inner.dice.roll(action);
        let keeps = inner.dice.faults.quotas;
        if keeps
            && !inner
                .meter
                .admits(cloud, action, &quotas::region(request), Instant::now())
        {
            inner.calls.throttled += 1;
            verdict.before = Some(Fault::Throttle);
        }
        verdict
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the clock of a world runs from the time of day"
    )]
    fn perform(&self, cloud: Cloud, request: &Request, action: &str, stale: bool) -> Response {
        let real = request.received(Timestamp::now());
        let mut inner = self.lock();
        let reads = route::is_read(action);
        let now = inner.world.now(real);
        if stale && reads {
            let stale_ms = inner.dice.faults.stale_ms;
            let Inner { world, past, .. } = &mut *inner;
            if let Some(past) = seen(past, now, stale_ms) {
                // Who was let in since then stays known, and what was said once is not said again.
                let mut past = past.clone();
                past.aws.sessions.clone_from(&world.aws.sessions);
                past.alicloud.take_visitors(&mut world.alicloud);
                let response = dispatch(&mut past, cloud, request, real);
                world.alicloud.take_visitors(&mut past.alicloud);
                // A read that made something (a public key, what was due) belongs to the present.
                if !past.take_changed() {
                    return response;
                }
            }
        }
        let keeps = route::keeps_world(action);
        if !keeps && inner.dice.faults.stale_ms > 0 {
            inner.remember(now);
        }
        let response = dispatch(&mut inner.world, cloud, request, real);
        if inner.world.take_changed() || (!keeps && response.status < 300) {
            self.mark(&mut inner);
        }
        response
    }

    fn control(&self, request: &Request) -> Response {
        let mut inner = self.lock();
        let inner = &mut *inner;
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/_keyform/health") => control::health(),
            ("POST", "/_keyform/reset") => {
                inner.world = World::default();
                inner.past.clear();
                inner.calls = Calls::default();
                self.mark(inner);
                control::done()
            }
            ("POST", "/_keyform/advance") => {
                let response = control::advance(&mut inner.world, request);
                self.mark(inner);
                response
            }
            ("GET", "/_keyform/calls") => Response::json(200, &inner.calls.show()),
            ("DELETE", "/_keyform/calls") => {
                inner.calls = Calls::default();
                control::done()
            }
            ("GET", "/_keyform/faults") => control::show_faults(&inner.dice.faults),
            ("PATCH" | "PUT", "/_keyform/faults") => control::set_faults(&mut inner.dice, request),
            _ => Response::json(
                404,
                &serde_json::json!({ "message": "the sandbox has no such control" }),
            ),
        }
    }
}

impl Inner {
    /// Keeps the present for stale reads, in steps of an eighth of their age so that few copies are held.
    fn remember(&mut self, now: Timestamp) {
        let stale = i64::try_from(self.dice.faults.stale_ms).unwrap_or(i64::MAX / 4);
        let age = |at: Timestamp| now.as_millisecond() - at.as_millisecond();
        while self.past.front().is_some_and(|(at, _)| age(*at) > stale) {
            self.past.pop_front();
        }
        if self.past.back().is_none_or(|(at, _)| age(*at) > stale / 8) {
            self.past.push_back((now, self.world.clone()));
        }
    }
}

/// What a stale read sees: the world before the first write within the last `stale_ms`.
fn seen(past: &VecDeque<(Timestamp, World)>, now: Timestamp, stale_ms: u64) -> Option<&World> {
    let stale = SignedDuration::from_millis(i64::try_from(stale_ms).unwrap_or(i64::MAX));
    past.iter()
        .find(|(at, _)| now.duration_since(*at) <= stale)
        .map(|(_, world)| world)
}

fn dispatch(world: &mut World, cloud: Cloud, request: &Request, real: Timestamp) -> Response {
    let now = world.now(real);
    match cloud {
        Cloud::Aws => aws::handle(&mut world.aws, request, now),
        Cloud::Alicloud => alicloud::handle(&mut world.alicloud, request, now),
    }
}

#[expect(clippy::disallowed_methods, reason = "requests are stamped as they arrive")]
async fn receive(request: axum::extract::Request) -> Option<Request> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, BODY_LIMIT).await.ok()?;
    let mut headers: Vec<(String, String)> = parts
        .headers
        .iter()
        .filter(|(name, _)| name.as_str() != super::RECEIVED)
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    headers.push((super::RECEIVED.to_owned(), Timestamp::now().to_string()));
    Some(Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or("").to_owned(),
        headers,
        body: body.into(),
    })
}

fn send(response: Response) -> axum::response::Response {
    let mut builder = axum::response::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    builder.body(Body::from(response.body)).unwrap_or_else(|_| {
        let mut failed =
            axum::response::Response::new(Body::from("an answer has a header that HTTP does not allow"));
        *failed.status_mut() = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
        failed
    })
}
