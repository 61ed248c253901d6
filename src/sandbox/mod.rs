//! The sandbox: local emulations of AWS KMS with STS and of Alibaba Cloud KMS on one loopback port.
//!
//! It knows nothing of the engine, and is judged by clients that we did not write. A request enters as
//! [`Request`], goes to the cloud whose signature it carries, and leaves as [`Response`]. What the clouds
//! remember is the [`store`]'s world; how they misbehave on demand is said in [`faults`].

pub mod alicloud;
pub mod aws;
mod connection;
mod control;
pub mod faults;
mod quotas;
mod route;
mod server;
mod sigv4;
pub mod store;

use std::net::SocketAddr;
use std::path::PathBuf;

pub use alicloud::{
    ACCESS_KEY_ID as ALICLOUD_ACCESS_KEY_ID, ACCESS_KEY_SECRET as ALICLOUD_ACCESS_KEY_SECRET,
    ACCOUNT_ID as ALICLOUD_ACCOUNT,
};
pub use faults::Faults;
pub use server::{Running, run, start};

/// The access key id that the emulated AWS knows.
pub const AWS_ACCESS_KEY_ID: &str = "AKIASANDBOXKEYFORM00";
/// The secret that belongs to [`AWS_ACCESS_KEY_ID`]. It opens nothing but a sandbox.
pub const AWS_SECRET_ACCESS_KEY: &str = "sandbox+secret+access+key+of+keyform/aws";
/// The account of [`AWS_ACCESS_KEY_ID`].
pub const AWS_ACCOUNT: &str = "123456789012";

/// The header by which the server tells the clouds when a request really came in, as RFC 3339.
///
/// The emulated clock can be advanced; signatures are judged by the real one.
pub const RECEIVED: &str = "x-keyform-received";

/// How a sandbox is to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The file that remembers the objects between runs; without it they end with the sandbox.
    pub data: Option<PathBuf>,
    /// How to misbehave.
    pub faults: Faults,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data: None,
            faults: Faults::default(),
        }
    }
}

/// A request, transport aside.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    /// The raw query string, without the question mark.
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// An answer, transport aside.
#[derive(Clone, Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// The first header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// When the request really came in, whatever the emulated clock says; `now` when nobody noted it.
    pub fn received(&self, now: jiff::Timestamp) -> jiff::Timestamp {
        self.header(RECEIVED)
            .and_then(|text| text.parse().ok())
            .unwrap_or(now)
    }
}

impl Response {
    /// An answer of that status with a JSON document.
    pub fn json(status: u16, value: &serde_json::Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: value.to_string().into_bytes(),
        }
    }
}
