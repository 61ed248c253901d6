//! The instance's metadata service: credentials, and the region of who has them from there.

use reqsign::aws::IMDSv2CredentialProvider;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use super::Aws;
use crate::clouds::http::Request;
use crate::clouds::retry::Failure;
use crate::clouds::settings::Settings;

/// Where the service is, if nobody says otherwise.
const PLACE: &str = "http://169.254.169.254";
const PLACE_OF_IPV6: &str = "http://[fd00:ec2::254]";

/// How many seconds a token of the service lasts: it is used at once.
const TOKEN_LIFE: &str = "60";

/// The longest name of a region that is believed.
const LONGEST: usize = 64;

/// What a profile may hold that gives credentials from elsewhere.
const ELSEWHERE: [&str; 5] = [
    "aws_access_key_id",
    "role_arn",
    "sso_session",
    "sso_start_url",
    "credential_process",
];

/// Gives the credentials of the instance's role.
pub fn credentials(settings: &Settings) -> IMDSv2CredentialProvider {
    let service = IMDSv2CredentialProvider::new();
    match written_place(settings) {
        Some(place) => service.with_endpoint(place),
        None => service,
    }
}

/// Whether the user keeps away from the service.
pub fn is_skipped(settings: &Settings) -> bool {
    settings.flag("skip_metadata_api_check", &[]) || settings.variable_flag("AWS_EC2_METADATA_DISABLED")
}

/// The region that the instance is in, for who has credentials from there and names no region.
pub async fn region(aws: &Aws) -> Result<String, Failure> {
    let unset = |why: &str| {
        let message = format!("No region is set{why}: give the provider block a region, or set AWS_REGION");
        Failure::denied("MissingRegion", message)
    };
    if aws.session.options.sandbox.is_some() || !gives_credentials(aws)? {
        return Err(unset(""));
    }
    let found = ask(aws).await;
    found.map_err(|why| {
        unset(&format!(
            ", and the metadata service of the instance tells none: {why}"
        ))
    })
}

async fn ask(aws: &Aws) -> Result<String, String> {
    let token = answer(
        aws,
        Method::PUT,
        "latest/api/token",
        ("x-aws-ec2-metadata-token-ttl-seconds", TOKEN_LIFE),
    )
    .await?;
    let with = ("x-aws-ec2-metadata-token", &*token);
    let region = answer(aws, Method::GET, "latest/meta-data/placement/region", with).await?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if region.is_empty() || region.len() > LONGEST || !region.bytes().all(is_name) {
        return Err("what it says is not the name of a region".to_owned());
    }
    Ok(region)
}

/// What the service answers to a request with one header.
async fn answer(
    aws: &Aws,
    method: Method,
    path: &str,
    (name, value): (&'static str, &str),
) -> Result<String, String> {
    let place = written_place(&aws.settings).unwrap_or_else(|| PLACE.to_owned());
    let url = Url::parse(&format!("{}/{path}", place.trim_end_matches('/')))
        .map_err(|_| format!("{place:?} is not an address"))?;
    let mut value = HeaderValue::from_str(value).map_err(|_| "its token cannot be sent".to_owned())?;
    value.set_sensitive(true);
    let headers = HeaderMap::from_iter([(HeaderName::from_static(name), value)]);
    let request = Request {
        method,
        url,
        headers: Vec::new(),
        body: Vec::new().into(),
    };
    let sent = aws.session.http.send_for_credentials(request, headers).await;
    let reply = sent.map_err(|failure| failure.message)?;
    if reply.status != 200 {
        return Err(format!("it answers with the status {}", reply.status));
    }
    let text = std::str::from_utf8(&reply.body).map_err(|_| "its answer is no text".to_owned())?;
    Ok(text.trim().to_owned())
}

fn written_place(settings: &Settings) -> Option<String> {
    let text = |name: &str, variable: &str| settings.text(name, &[variable]);
    let place = text(
        "ec2_metadata_service_endpoint",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    );
    let mode = text(
        "ec2_metadata_service_endpoint_mode",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    );
    let is_ipv6 = mode.is_some_and(|mode| mode.eq_ignore_ascii_case("IPv6"));
    place.or_else(|| is_ipv6.then(|| PLACE_OF_IPV6.to_owned()))
}

/// Whether the credentials, before any role of the block, come from the service: nothing else is there to give some.
fn gives_credentials(aws: &Aws) -> Result<bool, Failure> {
    let settings = &aws.settings;
    let all = |names: [&str; 2]| names.iter().all(|name| settings.variable(name).is_some());
    let any = |names: [&str; 2]| names.iter().any(|name| settings.variable(name).is_some());
    let is_written = |name: &&str| settings.own_text(name).is_some();
    if is_skipped(settings)
        || ["access_key", "secret_key", "token"].iter().any(is_written)
        || !settings.blocks("assume_role_with_web_identity").is_empty()
    {
        return Ok(false);
    }
    let is_named = is_written(&"profile");
    if !is_named && all(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) {
        return Ok(false);
    }
    let profile = aws.profiles()?.profile(&aws.profile_name()).unwrap_or_default();
    if profile
        .get("credential_source")
        .is_some_and(|source| source == "Ec2InstanceMetadata")
    {
        return Ok(true);
    }
    let containers = [
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ];
    Ok(!is_named
        && !ELSEWHERE.iter().any(|name| profile.contains_key(*name))
        && !all(["AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"])
        && !any(containers))
}
