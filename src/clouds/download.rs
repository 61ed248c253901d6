//! One text from an address that users name: the state of another configuration. No redirects, no plain text
//! beyond this machine, bounded answers.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, Url};

use super::http::{Http, Network, Request};
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
        body: Vec::new(),
    };
    let reply = Http::new(network(environment)).send(request).await;
    let reply = reply.map_err(|failure| failure.message)?;
    Ok((reply.status, reply.body))
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
    }
}
