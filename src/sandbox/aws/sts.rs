//! Who calls: signatures and sessions, and the actions of STS that tell and change it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::sigv4::{self, Refusal};
use super::super::{AWS_ACCESS_KEY_ID, AWS_ACCOUNT, AWS_SECRET_ACCESS_KEY, Request, Response, route};
use super::errors::Error;
use super::world::{Aws, partition};
use super::{iam, policy, random_hex, request_id};

/// The maker of a call.
#[derive(Clone, Debug)]
pub struct Caller {
    pub account: String,
    pub arn: String,
    pub user_id: String,
    /// The role behind an assumed one.
    pub role: Option<String>,
}

/// Temporary credentials. They are secret, so there is no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Session {
    secret: String,
    token: String,
    account: String,
    arn: String,
    user_id: String,
    role: String,
    expires: i64,
}

impl Session {
    /// The role that was assumed.
    pub fn role(&self) -> &String {
        &self.role
    }
}

/// Finds out who signed a request and for which region; the codes of refusals are those of STS.
pub fn authenticate(
    world: &Aws,
    request: &Request,
    now: Timestamp,
    service: &str,
) -> Result<(Caller, String), Error> {
    let Some(header) = request.header("authorization") else {
        let text = if route::parameter(request, "X-Amz-Signature").is_some() {
            "The sandbox takes signatures in the Authorization header, not in the query."
        } else {
            "Request is missing Authentication Token"
        };
        return Err(Error::new("MissingAuthenticationToken", text).status(403));
    };
    let authorization = sigv4::parse(header).map_err(refused)?;
    let unknown = || {
        Error::new(
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        )
        .status(403)
    };
    let token = request.header("x-amz-security-token");
    let session = world.sessions.get(&authorization.access_key_id);
    let secret = match session {
        Some(session) if token == Some(session.token.as_str()) => session.secret.as_str(),
        None if authorization.access_key_id == AWS_ACCESS_KEY_ID && token.is_none() => AWS_SECRET_ACCESS_KEY,
        _ => return Err(unknown()),
    };
    sigv4::verify(request, &authorization, secret, request.received(now)).map_err(refused)?;
    if authorization.service != service {
        let text = format!("Credential should be scoped to correct service: '{service}'.");
        return Err(Error::new("SignatureDoesNotMatch", text).status(403));
    }
    let caller = match session {
        Some(session) if session.expires <= now.as_millisecond() => {
            let text = "The security token included in the request is expired";
            return Err(Error::new("ExpiredToken", text).status(403));
        }
        Some(session) => Caller {
            account: session.account.clone(),
            arn: session.arn.clone(),
            user_id: session.user_id.clone(),
            role: Some(session.role.clone()),
        },
        None => Caller {
            account: AWS_ACCOUNT.to_owned(),
            arn: format!(
                "arn:{}:iam::{AWS_ACCOUNT}:user/sandbox",
                partition(&authorization.region)
            ),
            user_id: "AIDASANDBOXKEYFORM000".to_owned(),
            role: None,
        },
    };
    Ok((caller, authorization.region))
}

fn refused(why: Refusal) -> Error {
    match why {
        Refusal::Incomplete(text) => Error::new("IncompleteSignature", text),
        Refusal::Skewed(text) => Error::new("SignatureDoesNotMatch", text).status(403),
        Refusal::Mismatch => Error::new(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details.",
        )
        .status(403),
    }
}

/// Answers one request for STS.
pub fn handle(world: &mut Aws, request: &Request, now: Timestamp) -> Response {
    match answer(world, request, now) {
        Ok(text) => xml(200, &text),
        Err(why) => refusal(&why),
    }
}

/// A refusal as STS words it.
pub fn refusal(why: &Error) -> Response {
    let text = format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{}</Type><Code>{}</Code><Message>{}</Message></Error>\
         <RequestId>{}</RequestId></ErrorResponse>",
        if why.status < 500 { "Sender" } else { "Receiver" },
        escape(&why.code),
        escape(why.message.as_deref().unwrap_or("")),
        request_id(),
    );
    xml(why.status, &text)
}

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

fn answer(world: &mut Aws, request: &Request, now: Timestamp) -> Result<String, Error> {
    let action = route::action(request);
    let result = match action.as_str() {
        "AssumeRoleWithWebIdentity" => with_web_identity(world, request, now)?,
        "GetCallerIdentity" => {
            let (caller, _) = authenticate(world, request, now, "sts")?;
            elements(&[
                ("Arn", &caller.arn),
                ("UserId", &caller.user_id),
                ("Account", &caller.account),
            ])
        }
        "AssumeRole" => {
            authenticate(world, request, now, "sts")?;
            let (role, credentials) = assume(world, request, now)?;
            format!("{credentials}{role}<PackedPolicySize>0</PackedPolicySize>")
        }
        _ => {
            authenticate(world, request, now, "sts")?;
            let version = route::parameter(request, "Version").unwrap_or_default();
            let text = format!("Could not find operation {action} for version {version}");
            return Err(Error::new("InvalidAction", text));
        }
    };
    Ok(format!(
        "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{result}</{action}Result><ResponseMetadata>\
         <RequestId>{}</RequestId></ResponseMetadata></{action}Response>",
        request_id()
    ))
}

/// The token stands for the signature. Any token is believed: there is nobody to ask.
fn with_web_identity(world: &mut Aws, request: &Request, now: Timestamp) -> Result<String, Error> {
    let token = required(request, "WebIdentityToken", 4, 20_000)?;
    if token.split('.').count() != 3 {
        return Err(Error::new(
            "InvalidIdentityToken",
            "The ID Token provided is not a valid JWT.",
        ));
    }
    let (role, credentials) = assume(world, request, now)?;
    let rest = elements(&[
        ("SubjectFromWebIdentityToken", "sandbox"),
        ("Provider", "sandbox"),
        ("Audience", "sandbox"),
        ("PackedPolicySize", "0"),
    ]);
    Ok(format!("{credentials}{role}{rest}"))
}

/// Makes a session of a role, and tells its user and its credentials in XML.
fn assume(world: &mut Aws, request: &Request, now: Timestamp) -> Result<(String, String), Error> {
    let role = required(request, "RoleArn", 20, 2048)?;
    let name = required(request, "RoleSessionName", 2, 64)?;
    let parts: Vec<&str> = role.splitn(6, ':').collect();
    let (["arn", partition, "iam", "", account, resource], true) =
        (&parts[..], policy::is_principal_arn(&role))
    else {
        return Err(invalid(format!("{role} is invalid")));
    };
    let Some(path) = resource.strip_prefix("role/") else {
        return Err(invalid(format!("{role} is invalid")));
    };
    if !name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
    {
        return Err(invalid(format!(
            "1 validation error detected: Value '{name}' at 'roleSessionName' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: [\\w+=,.@-]*"
        )));
    }
    let seconds = duration(request)?;
    let short = path.rsplit('/').next().unwrap_or(path);
    let role_id = iam::role_id(&role);
    let session = Session {
        secret: random_hex(40)?,
        token: format!("sandbox{}", random_hex(96)?),
        account: (*account).to_owned(),
        arn: format!("arn:{partition}:sts::{account}:assumed-role/{short}/{name}"),
        user_id: format!("{role_id}:{name}"),
        expires: now.as_millisecond().saturating_add(seconds * 1000),
        role: role.clone(),
    };
    let id = format!("ASIA{}", random_hex(16)?.to_ascii_uppercase());
    let expires = Timestamp::from_millisecond(session.expires).unwrap_or(Timestamp::MAX);
    let user = elements(&[("AssumedRoleId", &session.user_id), ("Arn", &session.arn)]);
    let credentials = elements(&[
        ("AccessKeyId", &id),
        ("SecretAccessKey", &session.secret),
        ("SessionToken", &session.token),
        ("Expiration", &expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
    ]);
    // Nobody asks for the sessions that are over.
    world
        .sessions
        .retain(|_, session| session.expires > now.as_millisecond());
    world.sessions.insert(id, session);
    Ok((
        format!("<AssumedRoleUser>{user}</AssumedRoleUser>"),
        format!("<Credentials>{credentials}</Credentials>"),
    ))
}

fn duration(request: &Request) -> Result<i64, Error> {
    let Some(text) = route::parameter(request, "DurationSeconds") else {
        return Ok(3600);
    };
    let seconds = text
        .parse::<i64>()
        .ok()
        .filter(|seconds| (900..=43_200).contains(seconds));
    seconds.ok_or_else(|| {
        invalid(format!(
            "1 validation error detected: Value '{text}' at 'durationSeconds' failed to satisfy constraint: Member must \
             have value between 900 and 43200"
        ))
    })
}

fn required(request: &Request, name: &str, least: usize, most: usize) -> Result<String, Error> {
    let value = route::parameter(request, name).unwrap_or_default();
    if (least..=most).contains(&value.chars().count()) {
        return Ok(value);
    }
    // A token is a secret: only its name is told.
    Err(invalid(format!(
        "1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must have length between \
         {least} and {most}"
    )))
}

fn invalid(message: String) -> Error {
    Error::new("ValidationError", message)
}

/// Elements of texts, in XML.
pub fn elements(pairs: &[(&str, &str)]) -> String {
    let one = |(name, value): &(&str, &str)| format!("<{name}>{}</{name}>", escape(value));
    pairs.iter().map(one).collect::<Vec<_>>().concat()
}

/// A text as it stands in XML.
pub fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

/// An answer in XML.
pub fn xml(status: u16, text: &str) -> Response {
    Response {
        status,
        headers: vec![
            ("content-type".into(), "text/xml".into()),
            ("x-amzn-requestid".into(), request_id()),
        ],
        body: text.as_bytes().to_vec(),
    }
}
