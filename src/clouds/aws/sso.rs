//! Credentials of single sign-on: those of a role, for the token that signing in left in the home folder.

use axum::body::Bytes;
use axum::http;
use sha1::{Digest as _, Sha1};

use super::credentials::machine;
use super::{Aws, configured_endpoint, endpoint, own_service};
use crate::clouds::credentials::{Credentials, read_file};
use crate::clouds::profile::Properties;
use crate::clouds::retry::Failure;

/// Who is signed in where.
struct Login {
    /// What the file of the token is named after: the session, or in older profiles the address.
    key: String,
    region: String,
}

/// Credentials of the role that a profile names. The error completes "the profile gave no credentials:".
pub async fn credentials(aws: &Aws, name: &str, profile: &Properties) -> Result<Credentials, String> {
    let login = login(aws, profile).map_err(|failure| failure.message)?;
    let login = login.ok_or("its sso_session is not in the configuration file, or has no sso_region")?;
    let signed_out = || format!("nobody is signed in, or no longer; run \"aws sso login --profile {name}\"");
    let token = token(aws, &login.key).ok_or_else(signed_out)?;
    let text = |property: &str| profile.get(property).map_or("", |text| text);
    let base = portal(aws, &login.region).map_err(|failure| failure.message)?;
    let query = [
        ("role_name", text("sso_role_name")),
        ("account_id", text("sso_account_id")),
    ];
    let url = format!("{}/federation/credentials", base.trim_end_matches('/'));
    let url = reqwest::Url::parse_with_params(&url, query).map_err(|_| "its endpoint is no address")?;
    let request = http::Request::get(url.as_str())
        .header("x-amz-sso_bearer_token", token)
        .body(Bytes::new())
        .map_err(|_| "its token cannot be sent")?;
    let reply = machine(aws).http_send(request).await;
    let reply = reply.map_err(|error| error.to_string())?;
    if reply.status() == http::StatusCode::UNAUTHORIZED {
        return Err(signed_out());
    }
    given(reply.body()).ok_or_else(|| {
        let status = reply.status().as_u16();
        format!("the portal answered with the status {status} and no credentials of the role")
    })
}

/// Where the portal is.
fn portal(aws: &Aws, region: &str) -> Result<String, Failure> {
    if let Some(address) = configured_endpoint(&aws.settings, "sso") {
        return Ok(address);
    }
    let service = own_service("sso", "https://portal.sso.${region}.${dns_suffix}");
    let url = endpoint::public(&service, region, aws.kind()?)?;
    Ok(url.into())
}

fn login(aws: &Aws, profile: &Properties) -> Result<Option<Login>, Failure> {
    let found = match profile.get("sso_session") {
        Some(session) => {
            let properties = aws.profiles()?.sso_session(session);
            let region = properties.and_then(|session| session.get("sso_region").cloned());
            region.map(|region| (session, region))
        }
        None => profile
            .get("sso_start_url")
            .zip(profile.get("sso_region").cloned()),
    };
    Ok(found.map(|(named, region)| Login {
        key: hex::encode(Sha1::digest(named.as_bytes())),
        region,
    }))
}

/// The token that signing in left, while it lasts.
fn token(aws: &Aws, key: &str) -> Option<String> {
    let path = aws.settings.expand(&format!("~/.aws/sso/cache/{key}.json"));
    let content = read_file(&path).ok()?;
    aws.settings.look_at(&path, &content);
    let file: serde_json::Value = serde_json::from_slice(&content).ok()?;
    let text = |name: &str| file.get(name)?.as_str();
    let end: jiff::Timestamp = text("expiresAt")?.replace("UTC", "Z").parse().ok()?;
    (end > aws.session.now()).then(|| text("accessToken").map(str::to_owned))?
}

/// What the portal gave.
fn given(body: &[u8]) -> Option<Credentials> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
    let role = answer.get("roleCredentials")?;
    let text = |name: &str| role.get(name)?.as_str();
    let end = role.get("expiration")?.as_i64()?;
    let token = text("sessionToken").map(str::to_owned);
    Some(Credentials {
        expires: jiff::Timestamp::from_millisecond(end).ok(),
        ..Credentials::fixed(text("accessKeyId")?, text("secretAccessKey")?, token)
    })
}
