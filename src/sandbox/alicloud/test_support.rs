//! A client for the tests of this cloud: signs, calls, and moves the clock.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, Alicloud, Params, handle, params, sign};
use crate::sandbox::{Request, Response};

/// Whose key signs.
#[derive(Clone)]
pub(super) struct Signer {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) token: Option<String>,
}

/// A sandbox with a clock and a signing client.
pub(super) struct Bench {
    pub(super) world: Alicloud,
    pub(super) now: Timestamp,
    pub(super) signer: Signer,
    pub(super) host: String,
    calls: u32,
}

impl Bench {
    pub(super) fn new() -> Self {
        Self {
            world: Alicloud::default(),
            now: "2024-05-06T07:08:09Z".parse().unwrap(),
            signer: Signer {
                id: ACCESS_KEY_ID.to_owned(),
                secret: ACCESS_KEY_SECRET.to_owned(),
                token: None,
            },
            host: "127.0.0.1:9000".to_owned(),
            calls: 0,
        }
    }

    pub(super) fn wait_seconds(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    pub(super) fn wait_days(&mut self, days: i64) {
        self.wait_seconds(days * 86_400);
    }

    /// The reply to a call that must be served.
    #[track_caller]
    pub(super) fn ok(&mut self, action: &str, params: &[(&str, &str)]) -> Value {
        self.try_call(action, params).unwrap()
    }

    /// The reply of another service.
    #[track_caller]
    pub(super) fn ok_of(&mut self, version: &str, action: &str, params: &[(&str, &str)]) -> Value {
        let request = self.request(version, action, params);
        read(&self.send(&request)).unwrap()
    }

    /// Status and code of the refusal of another service.
    #[track_caller]
    pub(super) fn refusal_of(&mut self, version: &str, action: &str, params: &[(&str, &str)]) -> String {
        self.try_call_of(version, action, params).unwrap_err()
    }

    pub(super) fn try_call_of(
        &mut self,
        version: &str,
        action: &str,
        params: &[(&str, &str)],
    ) -> Result<Value, String> {
        let request = self.request(version, action, params);
        read(&self.send(&request))
    }

    /// Makes a call that must be refused with that status and code.
    #[track_caller]
    pub(super) fn fails(&mut self, action: &str, params: &[(&str, &str)], expected: &str) {
        assert_eq!(
            self.try_call(action, params).map(|reply| reply.to_string()),
            Err(expected.to_owned()),
            "{action}"
        );
    }

    pub(super) fn try_call(&mut self, action: &str, params: &[(&str, &str)]) -> Result<Value, String> {
        let request = self.request("2016-01-20", action, params);
        read(&self.send(&request))
    }

    pub(super) fn send(&mut self, request: &Request) -> Response {
        handle(&mut self.world, request, self.now)
    }

    /// The id of a new key.
    pub(super) fn key(&mut self, params: &[(&str, &str)]) -> String {
        self.ok("CreateKey", params)["KeyMetadata"]["KeyId"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// What `DescribeKey` says of a key under that name.
    pub(super) fn field(&mut self, key_id: &str, name: &str) -> String {
        let reply = self.ok("DescribeKey", &[("KeyId", key_id)]);
        reply["KeyMetadata"]
            .get(name)
            .map_or("absent", |value| value.as_str().unwrap())
            .to_owned()
    }

    /// A request signed by the newer protocol.
    pub(super) fn request(&mut self, version: &str, action: &str, params: &[(&str, &str)]) -> Request {
        self.calls += 1;
        let pairs = params
            .iter()
            .map(|(name, value)| format!("{}={}", params::encode(name), params::encode(value)));
        let mut headers = vec![
            ("host".to_owned(), self.host.clone()),
            ("x-acs-action".to_owned(), action.to_owned()),
            ("x-acs-content-sha256".to_owned(), EMPTY.to_owned()),
            (
                "x-acs-date".to_owned(),
                self.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            ),
            (
                "x-acs-signature-nonce".to_owned(),
                format!("nonce-{}", self.calls),
            ),
            ("x-acs-version".to_owned(), version.to_owned()),
        ];
        if let Some(token) = &self.signer.token {
            headers.push(("x-acs-security-token".to_owned(), token.clone()));
        }
        let query = pairs.collect::<Vec<_>>().join("&");
        let mut request = Request {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query,
            headers,
            body: Vec::new(),
        };
        self.sign(&mut request);
        request
    }

    /// A request signed by the older protocol, its own parameters in the body.
    pub(super) fn rpc_request(&mut self, action: &str, own: &[(&str, &str)]) -> Request {
        self.calls += 1;
        let (now, nonce) = (
            self.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            format!("nonce-{}", self.calls),
        );
        let form = |pairs: &[(&str, &str)]| {
            let pairs = pairs
                .iter()
                .map(|(name, value)| format!("{name}={}", params::encode(value)));
            pairs.collect::<Vec<_>>().join("&")
        };
        let query = form(&[
            ("AccessKeyId", &self.signer.id),
            ("Action", action),
            ("Format", "json"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureNonce", &nonce),
            ("SignatureVersion", "1.0"),
            ("Timestamp", &now),
            ("Version", "2016-01-20"),
        ]);
        let mut request = Request {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: query.clone(),
            headers: vec![("host".to_owned(), self.host.clone())],
            body: form(own).into_bytes(),
        };
        let signed = sign::rpc_string_to_sign("POST", &Params::of(&request));
        let signature = form(&[("Signature", &sign::rpc_signature(&self.signer.secret, &signed))]);
        request.query = format!("{query}&{signature}");
        request
    }

    /// Signs all headers that a request has.
    pub(super) fn sign(&self, request: &mut Request) {
        request.headers.retain(|(name, _)| name != "authorization");
        let mut names: Vec<String> = request.headers.iter().map(|(name, _)| name.clone()).collect();
        names.sort();
        let canonical = sign::canonical_request(request, &names).unwrap();
        let signature = sign::acs3_signature(&self.signer.secret, &sign::acs3_string_to_sign(&canonical));
        let (id, names) = (&self.signer.id, names.join(";"));
        let header = format!("ACS3-HMAC-SHA256 Credential={id},SignedHeaders={names},Signature={signature}");
        request.headers.push(("authorization".to_owned(), header));
    }
}

/// The hash of an empty body.
pub(super) const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The reply, or status and code of the refusal.
pub(super) fn read(response: &Response) -> Result<Value, String> {
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    assert!(body["RequestId"].is_string());
    if response.status == 200 {
        Ok(body)
    } else {
        Err(format!("{} {}", response.status, body["Code"].as_str().unwrap()))
    }
}
