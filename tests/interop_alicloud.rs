//! The official Alibaba Cloud SDKs against the sandbox: `tests/interop/alicloud_sandbox.py` on a loopback port.
//!
//! Needs a Python with the packages of `tests/interop/requirements-alicloud.txt`; `KEYFORM_INTEROP_PYTHON` names
//! it. Without, the test says loudly that nothing was proven.

use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::response::Response;
use keyform::sandbox::Request;
use keyform::sandbox::alicloud::{Alicloud, handle};

type World = Arc<Mutex<Alicloud>>;

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment what to do"
)]
fn the_official_sdks_live_whole_lives_in_the_sandbox() {
    let python = std::env::var("KEYFORM_INTEROP_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let modules = "import alibabacloud_kms20160120, aliyunsdkkms, cryptography";
    let found = Command::new(&python).args(["-c", modules]).output();
    if !found.is_ok_and(|output| output.status.success()) {
        println!("SKIPPED: {python} lacks the packages of tests/interop/requirements-alicloud.txt");
        return;
    }
    let endpoint = start();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/alicloud_sandbox.py");
    let output = Command::new(&python).args([script, &endpoint]).output().unwrap();
    let (said, complained) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{said}{complained}");
    println!("{said}");
}

/// Serves an empty world on a free port, as long as the test runs.
fn start() -> String {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(serve).with_state(World::default());
    std::thread::spawn(move || runtime.block_on(async { axum::serve(listener, app).await }));
    endpoint
}

#[expect(
    clippy::disallowed_methods,
    reason = "foreign clients sign with the time of day"
)]
async fn serve(State(world): State<World>, request: axum::extract::Request) -> Response {
    let (parts, body) = request.into_parts();
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let request = Request {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect(),
        body: to_bytes(body, 1 << 20).await.unwrap().to_vec(),
    };
    let answer = handle(&mut world.lock().unwrap(), &request, jiff::Timestamp::now());
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).unwrap()
}
