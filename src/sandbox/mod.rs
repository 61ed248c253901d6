//! The sandbox: local emulations of AWS KMS with STS and of Alibaba Cloud KMS on one loopback port.
//!
//! It knows nothing of the engine, and is judged by clients that we did not write. A request enters as
//! [`Request`], goes to the cloud whose signature it carries, and leaves as [`Response`].

pub mod alicloud;

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
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}
