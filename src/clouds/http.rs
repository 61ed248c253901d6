//! One HTTP exchange: no redirects, no plain text beyond this machine, bounded answers.
//!
//! Clients are made when first needed: reading the system's trust store costs more than most runs.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use axum::body::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use zeroize::Zeroizing;

use super::retry::{Failure, Remedy};
use crate::cloud::Class;
use crate::regular;

/// The largest answer of a service that we read.
pub const ANSWER_LIMIT: usize = 16 << 20;

/// Room for answers that do not tell their length.
const ROOM: usize = 16 << 10;
/// The most that is believed of a length before it comes.
const LARGEST_ROOM: usize = 1 << 20;

/// The largest file of certificates that we read.
const BUNDLE_LIMIT: u64 = 8 << 20;

/// How to reach the network. Not to be shown: a proxy's address may hold a password.
#[derive(Clone)]
pub struct Network {
    pub user_agent: String,
    pub connect_timeout: Duration,
    pub timeout: Duration,
    pub http_proxy: Option<String>,
    pub https_proxy: Option<String>,
    /// Hosts that no proxy serves, separated by commas.
    pub no_proxy: Option<String>,
    /// A file of further certificate authorities.
    pub ca_bundle: Option<PathBuf>,
    /// The user asked for plain HTTP.
    pub allow_plain: bool,
    /// The largest answer that is read, in bytes.
    pub answer_limit: usize,
}

/// A request, ready to send.
pub struct Request {
    pub method: Method,
    pub url: Url,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
}

/// A body that is wiped when nobody needs it any more: it may hold secrets.
pub fn wiped(body: Vec<u8>) -> Bytes {
    Bytes::from_owner(Zeroizing::new(body))
}

/// A complete answer. Its body is wiped when it is dropped: it may hold secrets.
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Zeroizing<Vec<u8>>,
}

impl Reply {
    /// An answer without headers.
    pub fn bare(status: u16, body: &[u8]) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: body.to_vec().into(),
        }
    }

    /// A header's text, if it is there and readable.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Sends requests.
pub struct Http {
    network: Network,
    /// For plain HTTP: knows no certificate authority.
    plain: OnceLock<Result<reqwest::Client, String>>,
    secure: OnceLock<Result<reqwest::Client, String>>,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Http")
    }
}

impl Http {
    pub fn new(network: Network) -> Self {
        Self {
            network,
            plain: OnceLock::new(),
            secure: OnceLock::new(),
        }
    }

    /// Sends a request to a service's endpoint.
    pub async fn send(&self, request: Request) -> Result<Reply, Failure> {
        self.check_endpoint(&request.url)?;
        let reply = self.exchange(request, HeaderMap::new(), None).await?;
        if (300..400).contains(&reply.status) {
            return Err(redirected(&reply));
        }
        Ok(reply)
    }

    /// Sends a request and gives whatever comes back: where it redirects to is for the caller to follow or not.
    pub async fn ask(&self, request: Request) -> Result<Reply, Failure> {
        self.check_endpoint(&request.url)?;
        self.exchange(request, HeaderMap::new(), None).await
    }

    /// Sends a request of a credential chain, which may go to the machine's metadata service.
    pub async fn send_for_credentials(&self, request: Request, headers: HeaderMap) -> Result<Reply, Failure> {
        if request.url.scheme() != "https" && !is_loopback(&request.url) && !is_metadata(&request.url) {
            return Err(not_secure(&request.url));
        }
        let limit = is_metadata(&request.url).then(|| Duration::from_secs(2));
        self.exchange(request, headers, limit).await
    }

    /// Refuses endpoints that would carry credentials in clear text or to the machine's metadata service.
    pub fn check_endpoint(&self, url: &Url) -> Result<(), Failure> {
        if is_metadata(url) {
            return Err(Failure::refused(
                "ForbiddenEndpoint",
                format!(
                    "{} is a metadata address, not the endpoint of a service",
                    place(url)
                ),
            ));
        }
        match url.scheme() {
            "https" => Ok(()),
            "http" if self.network.allow_plain || is_loopback(url) => Ok(()),
            _ => Err(not_secure(url)),
        }
    }

    async fn exchange(
        &self,
        request: Request,
        headers: HeaderMap,
        limit: Option<Duration>,
    ) -> Result<Reply, Failure> {
        let place = place(&request.url);
        let client = self.client(&request.url)?;
        let mut builder = client
            .request(request.method, request.url)
            .headers(headers)
            .body(request.body);
        for (name, value) in request.headers {
            let mut value = HeaderValue::from_str(&value).map_err(|_| {
                Failure::refused("InvalidHeader", format!("The header {name} cannot be sent"))
            })?;
            value.set_sensitive(name == "authorization" || name.ends_with("-token"));
            builder = builder.header(HeaderName::from_static(name), value);
        }
        if let Some(limit) = limit {
            builder = builder.timeout(limit);
        }
        let response = builder.send().await.map_err(|error| failed(&place, error))?;
        read(&place, response, self.network.answer_limit).await
    }

    fn client(&self, url: &Url) -> Result<reqwest::Client, Failure> {
        let secure = url.scheme() == "https";
        let cell = if secure { &self.secure } else { &self.plain };
        cell.get_or_init(|| build(&self.network, secure))
            .clone()
            .map_err(|why| Failure::refused("ClientFailed", why))
    }
}

/// Whether the host is this machine.
pub fn is_loopback(url: &Url) -> bool {
    let host = bare_host(url);
    match host.parse::<std::net::IpAddr>() {
        // One of IPv4 that is written as one of IPv6 is none: proxies would be asked for it.
        Ok(address) => address.is_loopback(),
        // Names below it are not: resolvers may ask the network for them.
        Err(_) => host == "localhost",
    }
}

/// Whether the host is a cloud's metadata service, or link-local.
fn is_metadata(url: &Url) -> bool {
    let address = bare_host(url).parse::<std::net::IpAddr>();
    // As one of IPv4, where it is written as one of IPv6: `::ffff:100.100.100.200`.
    match address.map(|address| address.to_canonical()) {
        Ok(std::net::IpAddr::V4(address)) => {
            address.is_link_local() || address.octets() == [100, 100, 100, 200]
        }
        Ok(std::net::IpAddr::V6(address)) => {
            address.is_unicast_link_local() || address.segments()[..2] == [0xfd00, 0x0ec2]
        }
        Err(_) => false,
    }
}

fn bare_host(url: &Url) -> &str {
    url.host_str()
        .unwrap_or_default()
        .trim_start_matches('[')
        .trim_end_matches(']')
}

/// Host and port, for messages.
pub fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or("(no host)");
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// The `Host` header that goes with an address.
pub fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn not_secure(url: &Url) -> Failure {
    Failure::refused(
        "InsecureEndpoint",
        format!("The endpoint {} must be reached by https", place(url)),
    )
}

fn build(network: &Network, secure: bool) -> Result<reqwest::Client, String> {
    // A second installation fails and means that one is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(&network.user_agent)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(network.connect_timeout)
        .timeout(network.timeout)
        .pool_idle_timeout(Duration::from_secs(20))
        .no_proxy();
    for proxy in proxies(network)? {
        builder = builder.proxy(proxy);
    }
    if !secure {
        builder = builder.tls_certs_only([]);
    } else if let Some(path) = &network.ca_bundle {
        let text = regular::read(path, BUNDLE_LIMIT)
            .map_err(|error| format!("Could not read the CA bundle: {error}"))?;
        let none = || format!("{} holds no readable certificates", path.display());
        let certificates = reqwest::Certificate::from_pem_bundle(&text).map_err(|_| none())?;
        if certificates.is_empty() {
            return Err(none());
        }
        builder = builder.tls_certs_merge(certificates);
    }
    builder.build().map_err(|error| causes(&error))
}

fn proxies(network: &Network) -> Result<Vec<reqwest::Proxy>, String> {
    // The library takes a star for all names, but not for addresses.
    let kept_away = network.no_proxy.as_deref().unwrap_or_default();
    if kept_away.split(',').any(|host| host.trim() == "*") {
        return Ok(Vec::new());
    }
    let mut none: Vec<&str> = vec![
        "localhost",
        "127.0.0.0/8",
        "::1",
        "169.254.0.0/16",
        "100.100.100.200",
        "fd00:ec2::254",
    ];
    none.extend(network.no_proxy.as_deref());
    let none = reqwest::NoProxy::from_string(&none.join(","));
    let invalid = |_| "The proxy address is not valid".to_owned();
    let mut all = Vec::new();
    if let Some(address) = &network.http_proxy {
        all.push(
            reqwest::Proxy::http(address)
                .map_err(invalid)?
                .no_proxy(none.clone()),
        );
    }
    if let Some(address) = &network.https_proxy {
        all.push(reqwest::Proxy::https(address).map_err(invalid)?.no_proxy(none));
    }
    Ok(all)
}

async fn read(place: &str, mut response: reqwest::Response, limit: usize) -> Result<Reply, Failure> {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    // In one piece as a rule: what a growing one leaves behind is not wiped.
    let told = response
        .content_length()
        .and_then(|told| usize::try_from(told).ok());
    let room = told.unwrap_or(ROOM).min(LARGEST_ROOM);
    let mut body = Zeroizing::new(Vec::with_capacity(room));
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(place, error))? {
        if body.len() + chunk.len() > limit {
            return Err(Failure {
                status: Some(status),
                ..Failure::unclear(
                    "OversizedAnswer",
                    format!("The answer of {place} exceeds {} MiB", limit >> 20),
                    Remedy::None,
                )
            });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply {
        status,
        headers,
        body,
    })
}

/// What became of a request that got no whole answer.
fn failed(place: &str, error: reqwest::Error) -> Failure {
    let error = error.without_url();
    if error.is_builder() {
        return Failure::refused("InvalidRequest", causes(&error));
    }
    if error.is_connect() {
        return Failure {
            class: Class::Transient,
            ..Failure::clear(
                "ConnectionFailed",
                format!("Could not connect to {place}: {}", causes(&error)),
                Remedy::Few,
            )
        };
    }
    if error.is_timeout() {
        return Failure::unclear("Timeout", format!("{place} did not answer in time"), Remedy::Wait);
    }
    Failure::unclear(
        "ConnectionLost",
        format!("The connection to {place} was lost: {}", causes(&error)),
        Remedy::Wait,
    )
}

fn redirected(reply: &Reply) -> Failure {
    let target = reply
        .header("location")
        .and_then(|location| Url::parse(location).ok())
        .map_or_else(|| "another place".to_owned(), |url| place(&url));
    Failure {
        status: Some(reply.status),
        ..Failure::refused(
            "Redirected",
            format!("The endpoint redirects to {target}; requests with credentials are never redirected"),
        )
    }
}

/// An error with its causes, each once.
fn causes(error: &dyn std::error::Error) -> String {
    let mut texts = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !texts.contains(&text) {
            texts.push(text);
        }
        next = error.source();
    }
    texts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http(ca_bundle: Option<PathBuf>) -> Http {
        Http::new(Network {
            user_agent: String::new(),
            connect_timeout: Duration::from_secs(1),
            timeout: Duration::from_secs(1),
            http_proxy: None,
            https_proxy: None,
            no_proxy: None,
            ca_bundle,
            allow_plain: false,
            answer_limit: ANSWER_LIMIT,
        })
    }

    #[track_caller]
    fn check(url: &str, allowed: bool) {
        let http = http(None);
        let url = Url::parse(url).unwrap();
        assert_eq!(http.check_endpoint(&url).is_ok(), allowed, "{url}");
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        check("http://127.0.0.1:4566", true);
        check("http://[::1]:4566", true);
        check("http://localhost", true);
        check("http://kms.localhost", false);
        check("http://kms.us-east-1.amazonaws.com", false);
        check("https://kms.us-east-1.amazonaws.com", true);
    }

    #[test]
    fn a_peer_without_tls_is_a_failed_connection() {
        crate::clouds::stub::run(async {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 X\r\n\r\n")
            });
            let request = Request {
                method: Method::GET,
                url: Url::parse(&format!("https://{address}")).unwrap(),
                headers: vec![],
                body: vec![].into(),
            };
            let failure = http(None).send(request).await.err().unwrap();
            assert_eq!((&*failure.code, failure.unclear), ("ConnectionFailed", false));
        });
    }

    #[track_caller]
    fn check_bundle(path: &std::path::Path, part: &str) {
        let http = http(Some(path.to_owned()));
        let url = Url::parse("https://127.0.0.1").unwrap();
        let message = http.client(&url).err().unwrap().message;
        assert!(message.contains(&*path.to_string_lossy()), "{message}");
        assert!(message.contains(part), "{message}");
    }

    #[test]
    fn a_ca_bundle_that_is_none_is_named() {
        check_bundle(std::path::Path::new("/nowhere/ca.pem"), "Could not read");
        check_bundle(std::path::Path::new("/dev/zero"), "not a regular file");
        let file = tempfile::NamedTempFile::new().unwrap();
        check_bundle(file.path(), "no readable certificates");
        let torn = "-----BEGIN CERTIFICATE-----\nMIIB!\n-----END CERTIFICATE-----\n";
        fs_err::write(file.path(), torn).unwrap();
        check_bundle(file.path(), "no readable certificates");
    }

    #[test]
    fn metadata_services_are_no_endpoints() {
        check("http://169.254.169.254", false);
        check("https://169.254.169.254", false);
        check("https://100.100.100.200", false);
        check("https://[fd00:ec2::254]", false);
        check("https://[::ffff:169.254.169.254]", false);
        check("https://[::ffff:100.100.100.200]", false);
        check("http://[::ffff:127.0.0.1]:1", false);
    }
}
