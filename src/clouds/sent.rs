//! What a log may learn of an attempt: named fields, none of which can hold a body, a header or a query.

use std::time::Duration;

use super::http::{Reply, Request, place};
use super::retry::Failure;
use crate::value::Value;

/// One attempt of a call.
#[derive(Debug, Default)]
pub struct Sent {
    pub service: String,
    pub action: String,
    pub method: String,
    /// With the port.
    pub host: String,
    /// From 1.
    pub attempt: u32,
    /// Bytes of the body.
    pub sent: usize,
    pub received: Option<usize>,
    pub status: Option<u16>,
    pub request_id: Option<String>,
    /// The service's word for what is wrong, or ours where there was no answer.
    pub error: Option<String>,
    pub took: Duration,
}

/// The headers in which services name a request.
pub const REQUEST_ID: [&str; 3] = ["x-amzn-requestid", "x-amz-request-id", "x-acs-request-id"];

impl Sent {
    /// A request that is about to be sent.
    pub fn of((service, action): (&str, &str), request: &Request, attempt: u32) -> Self {
        Self {
            service: service.to_owned(),
            action: action.to_owned(),
            method: request.method.to_string(),
            host: place(&request.url),
            attempt,
            sent: request.body.len(),
            ..Self::default()
        }
    }

    /// What came back.
    pub fn got(&mut self, reply: &Reply) {
        self.received = Some(reply.body.len());
        self.status = Some(reply.status);
        let id = REQUEST_ID.iter().find_map(|name| reply.header(name));
        self.request_id = id.map(str::to_owned);
    }

    /// What it comes to.
    pub fn ended(&mut self, result: &Result<Value, Failure>) {
        if let Err(failure) = result {
            self.error = Some(failure.code.clone());
            self.status = self.status.or(failure.status);
            self.request_id = self.request_id.take().or_else(|| failure.request_id.clone());
        }
    }
}
