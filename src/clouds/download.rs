//! What stands at an address that users name: the state of another configuration, or a module. Nothing is told to
//! another host than the one that was named, and answers are bounded.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, Url};

use super::http::{ANSWER_LIMIT, Http, Network, Reply, Request, is_loopback};
use super::{Environment, Options};
use crate::resource::operate::Download;

/// Asks by GET. Gives the status and the bytes of the answer; errors are sentences without full stop.
pub async fn download(download: &Download, environment: &Environment) -> Result<(u16, Vec<u8>), String> {
    let url = Url::parse(&download.address).map_err(|error| format!("the address is not valid: {error}"))?;
    if !["http", "https"].contains(&url.scheme()) || url.host_str().is_none() {
        return Err("the address must start with https:// and name a host".into());
    }
    let mut headers = Vec::new();
    if let Some((name, password)) = &download.user {
        headers.push((
            "authorization",
            format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))),
        ));
    }
    let request = Request {
        method: Method::GET,
        url,
        headers,
        body: Vec::new().into(),
    };
    let reply = Http::new(network(environment)).send(request).await;
    let mut reply = reply.map_err(|failure| failure.message)?;
    Ok((reply.status, std::mem::take(&mut *reply.body)))
}

/// How often an answer may say that what was asked for is elsewhere.
const REDIRECTS: usize = 10;

/// The largest file that is fetched.
const FILE_LIMIT: usize = 64 << 20;

/// Something to fetch.
#[derive(Clone)]
pub struct Question {
    pub address: String,
    /// Told to the host of the address and to no other.
    pub token: Option<String>,
    /// The user wrote an address without encryption.
    pub allow_plain: bool,
}

/// What came back from an address.
pub struct Answer {
    /// Where it came from in the end.
    pub url: Url,
    pub status: u16,
    pub body: Vec<u8>,
    /// Where a module is, if that is what it says.
    pub module: Option<String>,
}

/// Asks by GET and follows redirects; from an encrypted address to no other. Errors are sentences without full stop.
pub async fn fetch(question: Question, environment: &Environment) -> Result<Answer, String> {
    let invalid = |error| format!("the address {} is not valid: {error}", question.address);
    let mut url = Url::parse(&question.address).map_err(invalid)?;
    let host = (url.host_str().map(str::to_owned), url.port_or_known_default());
    let http = Http::new(Network {
        allow_plain: question.allow_plain,
        answer_limit: FILE_LIMIT,
        timeout: Duration::from_mins(5),
        ..network(environment)
    });
    for _ in 0..=REDIRECTS {
        let is_named = host == (url.host_str().map(str::to_owned), url.port_or_known_default());
        let token = question.token.as_ref().filter(|_| is_named);
        let request = Request {
            method: Method::GET,
            url: url.clone(),
            headers: token
                .map(|token| ("authorization", format!("Bearer {token}")))
                .into_iter()
                .collect(),
            body: Vec::new().into(),
        };
        let mut reply = http.ask(request).await.map_err(|failure| failure.message)?;
        match target(&url, &reply)? {
            Some(next) => url = next,
            None => {
                return Ok(Answer {
                    module: reply.header("x-terraform-get").map(str::to_owned),
                    url,
                    status: reply.status,
                    body: std::mem::take(&mut *reply.body),
                });
            }
        }
    }
    Err(format!("{} redirects without end", question.address))
}

/// Where an answer redirects to.
fn target(from: &Url, reply: &Reply) -> Result<Option<Url>, String> {
    let Some(location) = reply
        .header("location")
        .filter(|_| matches!(reply.status, 301 | 302 | 303 | 307 | 308))
    else {
        return Ok(None);
    };
    let to = from
        .join(location)
        .map_err(|error| format!("{from} redirects to no valid address: {error}"))?;
    let is_worse = from.scheme() == "https" && to.scheme() != "https";
    let reaches_in = is_loopback(&to) && !is_loopback(from);
    if is_worse || reaches_in || !["http", "https"].contains(&to.scheme()) {
        return Err(format!(
            "{} redirects to {}://{}, which is not followed",
            super::http::place(from),
            to.scheme(),
            super::http::place(&to)
        ));
    }
    Ok(Some(to))
}

fn network(environment: &Environment) -> Network {
    let first = |names: [&str; 2]| {
        names
            .iter()
            .find_map(|name| environment.variable(name))
            .map(str::to_owned)
    };
    Network {
        user_agent: Options::default().user_agent,
        connect_timeout: Duration::from_secs(10),
        timeout: Duration::from_mins(1),
        http_proxy: first(["HTTP_PROXY", "http_proxy"]),
        https_proxy: first(["HTTPS_PROXY", "https_proxy"]),
        no_proxy: first(["NO_PROXY", "no_proxy"]),
        ca_bundle: None,
        allow_plain: false,
        answer_limit: ANSWER_LIMIT,
    }
}
