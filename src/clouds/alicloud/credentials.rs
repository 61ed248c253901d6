//! Where Alibaba Cloud credentials come from: arguments, environment, profiles, roles, and the machine itself.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::time::Duration;

use reqsign::aliyun::{Credential, CredentialsUriCredentialProvider, EcsRamRoleCredentialProvider};
use reqsign::{Context, ProvideCredential};
use serde_json::Value as Json;

use super::profiles::{self, Profile};
use super::{Alicloud, Signer, endpoint};
use crate::clouds::credentials::{Credentials, context, read_file};
use crate::clouds::retry::Failure;
use crate::clouds::settings::{Block, Settings};
use crate::clouds::tried::Tried;
use crate::clouds::{modes, process};
use crate::value::Value;

const ACCESS_KEY: &[&str] = &[
    "ALICLOUD_ACCESS_KEY",
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "ALIBABACLOUD_ACCESS_KEY_ID",
];
const SECRET_KEY: &[&str] = &[
    "ALICLOUD_SECRET_KEY",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "ALIBABACLOUD_ACCESS_KEY_SECRET",
];
const TOKEN: &[&str] = &[
    "ALICLOUD_SECURITY_TOKEN",
    "ALIBABA_CLOUD_SECURITY_TOKEN",
    "ALIBABACLOUD_SECURITY_TOKEN",
];
/// How long the command of a profile may take: a plan waits for it.
const PROCESS_LIMIT: Duration = Duration::from_secs(10);

const PROFILE: &[&str] = &["ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE"];
/// A role to assume, wherever it was named.
struct Role {
    arn: String,
    session: String,
    seconds: String,
    policy: Option<String>,
    external_id: Option<String>,
    /// Where the security token service is asked, when not in its usual place.
    host: Option<String>,
}

/// A future that may be part of its own making.
type Found<'a> = Pin<Box<dyn Future<Output = Result<Option<Credentials>, Failure>> + 'a>>;

/// The provider's credentials: a source, then the role of the block.
pub async fn find(cloud: &Alicloud) -> Result<Credentials, Failure> {
    if let Some(sandbox) = &cloud.session.options.sandbox {
        return Ok(Credentials::fixed(&sandbox.access_key, &sandbox.secret_key, None));
    }
    let held = source(cloud).await?;
    match role(&cloud.settings) {
        Some(role) => assume(cloud, held, role).await,
        None => Ok(held),
    }
}

/// The region of the profile in use, if one is named.
pub fn profile_region(settings: &Settings) -> Result<Option<String>, Failure> {
    let Some(name) = settings.text("profile", PROFILE) else {
        return Ok(None);
    };
    let profile = profiles::named(settings, &name)?;
    Ok(profile.and_then(|profile| profile.text("region_id")))
}

/// Credentials before the role of the block.
async fn source(cloud: &Alicloud) -> Result<Credentials, Failure> {
    let settings = &cloud.settings;
    let keys = (
        settings.text("access_key", ACCESS_KEY),
        settings.text("secret_key", SECRET_KEY),
    );
    if let (Some(access_key), Some(secret_key)) = keys {
        let token = settings.text("security_token", TOKEN);
        let written = ["access_key", "secret_key"].map(|name| settings.own_text(name).is_some());
        let origin = match written {
            [true, true] => "the provider block",
            [false, false] => "the environment",
            _ => "the provider block and the environment, in parts",
        };
        return Ok(Credentials::fixed(&access_key, &secret_key, token).of(origin));
    }
    if let Some(name) = settings.text("profile", PROFILE) {
        let profile = known(settings, &name)?;
        return match of_profile(cloud, profile, BTreeSet::new()).await? {
            Some(found) => Ok(found.of(format!("the profile {name}"))),
            None => Err(Failure::denied(
                "NoCredentials",
                format!("The profile {name} holds no credentials that can be used here"),
            )),
        };
    }
    if let Some(found) = named(cloud).await {
        return found;
    }
    if let Some(found) = identity(cloud).await? {
        return Ok(found);
    }
    machine(cloud).await
}

/// The place that the block or the environment names, if one is: then no other is asked, for it may give somebody
/// else's credentials.
async fn named(cloud: &Alicloud) -> Option<Result<Credentials, Failure>> {
    let settings = &cloud.settings;
    let context = context(&settings.environment, &cloud.session.http);
    let mut reasons = Vec::new();
    let uri = settings.text(
        "credentials_uri",
        &["ALICLOUD_CREDENTIALS_URI", "ALIBABA_CLOUD_CREDENTIALS_URI"],
    );
    let role = settings.text(
        "ecs_role_name",
        &["ALICLOUD_ECS_ROLE_NAME", "ALIBABA_CLOUD_ECS_METADATA"],
    );
    let (place, found) = match (uri, role) {
        (Some(uri), _) => {
            let place = CredentialsUriCredentialProvider::new().with_uri(uri);
            ("the credentials_uri", ask(&place, &context, &mut reasons).await)
        }
        (None, Some(role)) => {
            let found = of_instance(&context, Some(role), &mut reasons).await;
            ("the instance's role of ecs_role_name", found)
        }
        (None, None) => return None,
    };
    let why = || {
        let message = format!("No credentials came from {place}: {}", reasons.join("; "));
        Failure::denied("NoCredentials", message)
    };
    Some(found.map(|found| found.of(place)).ok_or_else(why))
}

/// The places where nobody named anything.
async fn machine(cloud: &Alicloud) -> Result<Credentials, Failure> {
    let settings = &cloud.settings;
    let context = context(&settings.environment, &cloud.session.http);
    let mut tried = Tried::default();
    let unset =
        "access_key and secret_key are not both set, and no profile, credentials_uri or ecs_role_name is";
    tried.add("the provider block and the environment", unset);
    tried.add(
        "an identity token",
        "assume_role_with_oidc is not set, nor what the environment has for it",
    );
    let called = format!("the current profile of {}", profiles::file(settings));
    if settings.variable_flag("ALIBABA_CLOUD_CLI_PROFILE_DISABLED") {
        tried.add(&called, "ALIBABA_CLOUD_CLI_PROFILE_DISABLED keeps away from it");
    } else if let Some(found) = offered(cloud, profiles::current(settings)?, &called, &mut tried).await? {
        return Ok(found);
    }
    let called = format!("the section default of {}", profiles::files_of_sections(settings));
    if let Some(found) = offered(
        cloud,
        profiles::section(settings, "default")?,
        &called,
        &mut tried,
    )
    .await?
    {
        return Ok(found);
    }
    let mut reasons = Vec::new();
    let called = "the metadata service of the instance";
    if settings.variable_flag("ALIBABA_CLOUD_ECS_METADATA_DISABLED") {
        tried.add(called, "ALIBABA_CLOUD_ECS_METADATA_DISABLED keeps away from it");
        return Err(tried.failure());
    }
    if let Some(found) = of_instance(&context, None, &mut reasons).await {
        return Ok(found.of(tried.found(called)));
    }
    tried.add(called, reasons.pop().as_deref().unwrap_or("it has none"));
    Err(tried.failure())
}

async fn of_instance(
    context: &Context,
    role: Option<String>,
    reasons: &mut Vec<String>,
) -> Option<Credentials> {
    let mut place = EcsRamRoleCredentialProvider::new();
    if let Some(role) = role {
        place = place.with_role_name(role);
    }
    ask(&place, context, reasons).await
}

/// What a profile that nobody named gives, if there is one.
async fn offered(
    cloud: &Alicloud,
    profile: Option<Profile>,
    called: &str,
    tried: &mut Tried,
) -> Result<Option<Credentials>, Failure> {
    let why = if profile.is_some() {
        "it holds no credentials"
    } else {
        "there is none"
    };
    if let Some(profile) = profile
        && let Some(found) = of_profile(cloud, profile, BTreeSet::new()).await?
    {
        return Ok(Some(found.of(tried.found(called))));
    }
    tried.add(called, why);
    Ok(None)
}

/// A profile that must be there.
fn known(settings: &Settings, name: &str) -> Result<Profile, Failure> {
    profiles::named(settings, name)?.ok_or_else(|| {
        let message = format!(
            "There is no profile {name} in {}, nor a section of that name in a credentials file",
            profiles::file(settings)
        );
        Failure::denied("UnknownProfile", message)
    })
}

/// Credentials of a profile, by its mode.
fn of_profile(cloud: &Alicloud, profile: Profile, mut visited: BTreeSet<String>) -> Found<'_> {
    Box::pin(async move {
        let name = profile.name.clone();
        let text = |property: &str| profile.text(property);
        let keys = || {
            let access_key = text("access_key_id")?;
            let secret_key = text("access_key_secret")?;
            Some(Credentials::fixed(&access_key, &secret_key, text("sts_token")))
        };
        let mode = text("mode").unwrap_or_else(|| "AK".to_owned());
        let source = match mode.as_str() {
            "AK" | "StsToken" => return Ok(keys()),
            "EcsRamRole" => {
                let context = context(&cloud.settings.environment, &cloud.session.http);
                return Ok(of_instance(&context, text("ram_role_name"), &mut Vec::new()).await);
            }
            "OIDC" => {
                let token = token_file(&cloud.settings, &text("oidc_token_file").unwrap_or_default())?;
                let provider = text("oidc_provider_arn").unwrap_or_default();
                let role = role_of_profile(&profile)?;
                return assume_with_token(cloud, &provider, token, role).await.map(Some);
            }
            "RamRoleArn" => keys(),
            "External" => {
                return printed(cloud, &name, &text("process_command").unwrap_or_default())
                    .await
                    .map(Some);
            }
            "CloudSSO" | "OAuth" => return signed_in(cloud, &name, &profile, keys()).map(Some),
            "ChainableRamRoleArn" => {
                let next = text("source_profile").unwrap_or_default();
                if !visited.insert(name.clone()) || visited.contains(&next) {
                    return Err(Failure::denied(
                        "CircularProfile",
                        format!("The profile {name} is a source of itself"),
                    ));
                }
                of_profile(cloud, known(&cloud.settings, &next)?, visited).await?
            }
            other => {
                return Err(Failure::denied(
                    "UnknownMode",
                    format!("The profile {name} has the mode {other}, which is not supported"),
                ));
            }
        };
        match source {
            Some(source) => assume(cloud, source, role_of_profile(&profile)?).await.map(Some),
            None => Ok(None),
        }
    })
}

/// What the command of a profile prints: a profile with keys.
async fn printed(cloud: &Alicloud, name: &str, command: &str) -> Result<Credentials, Failure> {
    let none = |why: &str| {
        let message = format!("The profile {name} gave no credentials: its process_command {why}");
        Failure::denied("NoCredentials", message)
    };
    if let Some(path) = modes::open_to_all(&profiles::files(&cloud.settings)) {
        return Err(none(&process::kept_from("process_command", &path)));
    }
    let output = process::output(command, &cloud.settings.environment, PROCESS_LIMIT).await;
    let output = output.map_err(|why| none(&why))?;
    let profile: Json = serde_json::from_slice(&output).unwrap_or_default();
    let text = |property: &str| profiles::text(&profile, property);
    let keys = text("access_key_id").zip(text("access_key_secret"));
    let (access_key, secret_key) =
        keys.ok_or_else(|| none("did not print access_key_id and access_key_secret in JSON"))?;
    Ok(Credentials::fixed(&access_key, &secret_key, text("sts_token")))
}

/// What somebody who signed in with the command line of the cloud left in the profile, while it lasts.
fn signed_in(
    cloud: &Alicloud,
    name: &str,
    profile: &Profile,
    keys: Option<Credentials>,
) -> Result<Credentials, Failure> {
    let ends = profile.number("sts_expiration");
    let expires = ends.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    let lasts = expires.is_none_or(|end| end > cloud.session.now());
    let held = keys.filter(|keys| lasts && keys.token.is_some());
    let held = held.ok_or_else(|| {
        let message = format!("Nobody is signed in to the profile {name}, or no longer: run \"aliyun configure --profile {name}\"");
        Failure::denied("NoCredentials", message)
    })?;
    Ok(Credentials { expires, ..held })
}

fn role_of_profile(profile: &Profile) -> Result<Role, Failure> {
    let text = |name: &str| profile.text(name);
    let is_private = profile.flag("enable_vpc");
    let host = text("sts_region").map(|region| endpoint::sts_host(&region, is_private));
    Ok(Role {
        arn: text("ram_role_arn").unwrap_or_default(),
        session: text("ram_session_name").unwrap_or_else(|| "keyform".to_owned()),
        seconds: text("expired_seconds").unwrap_or_else(|| "3600".to_owned()),
        policy: text("policy"),
        external_id: text("external_id"),
        host: host.transpose()?,
    })
}

/// The role that the block or the environment names.
fn role(settings: &Settings) -> Option<Role> {
    let block = settings.blocks("assume_role").into_iter().next();
    if block.as_ref().is_some_and(|block| block.is_empty("role_arn")) {
        return None;
    }
    let text = |name: &str, variables: &[&str]| {
        let own = block.as_ref().and_then(|block| block.text(name));
        own.or_else(|| settings.first_variable(variables))
    };
    // With an identity token in the environment, the role there belongs to the token.
    let variables: &[&str] =
        if block.is_some() || settings.variable("ALIBABA_CLOUD_OIDC_PROVIDER_ARN").is_none() {
            &["ALICLOUD_ASSUME_ROLE_ARN", "ALIBABA_CLOUD_ROLE_ARN"]
        } else {
            &["ALICLOUD_ASSUME_ROLE_ARN"]
        };
    Some(Role {
        arn: text("role_arn", variables)?,
        session: text(
            "session_name",
            &[
                "ALICLOUD_ASSUME_ROLE_SESSION_NAME",
                "ALIBABA_CLOUD_ROLE_SESSION_NAME",
            ],
        )
        .unwrap_or_else(|| "terraform".to_owned()),
        seconds: text("session_expiration", &["ALICLOUD_ASSUME_ROLE_SESSION_EXPIRATION"])
            .unwrap_or_else(|| "3600".to_owned()),
        policy: text("policy", &[]),
        external_id: text("external_id", &[]),
        host: None,
    })
}

async fn assume(cloud: &Alicloud, source: Credentials, role: Role) -> Result<Credentials, Failure> {
    let mut params = params_of(&role);
    if let Some(id) = &role.external_id {
        params.push(("ExternalId", Value::from(id.as_str())));
    }
    let params = Value::object_of(params);
    let origin = source.origin.clone();
    let answer = cloud
        .token_call("AssumeRole", params, Signer::Given(source), role.host.as_deref())
        .await?;
    Ok(issued(&answer)?.of_role(&role.arn, &origin))
}

/// Credentials for an identity token, by the block or the environment.
async fn identity(cloud: &Alicloud) -> Result<Option<Credentials>, Failure> {
    let settings = &cloud.settings;
    let block: Option<Block> = settings.blocks("assume_role_with_oidc").into_iter().next();
    let text = |name: &str, variable: &str| {
        let own = block.as_ref().and_then(|block| block.text(name));
        own.or_else(|| settings.variable(variable))
    };
    let (Some(provider), Some(arn)) = (
        text("oidc_provider_arn", "ALIBABA_CLOUD_OIDC_PROVIDER_ARN"),
        text("role_arn", "ALIBABA_CLOUD_ROLE_ARN"),
    ) else {
        return Ok(None);
    };
    let token = match (
        text("oidc_token", "ALIBABA_CLOUD_OIDC_TOKEN"),
        text("oidc_token_file", "ALIBABA_CLOUD_OIDC_TOKEN_FILE"),
    ) {
        (Some(token), _) => token,
        (None, Some(path)) => token_file(settings, &path)?,
        (None, None) => return Ok(None),
    };
    let role = Role {
        arn,
        session: text("role_session_name", "ALIBABA_CLOUD_ROLE_SESSION_NAME")
            .unwrap_or_else(|| "terraform".to_owned()),
        seconds: text("session_expiration", "").unwrap_or_else(|| "3600".to_owned()),
        policy: text("policy", ""),
        external_id: None,
        host: None,
    };
    let found = assume_with_token(cloud, &provider, token, role).await?;
    Ok(Some(found.of("assume_role_with_oidc")))
}

/// Exchanges an identity token for credentials; nobody signs this call.
async fn assume_with_token(
    cloud: &Alicloud,
    provider: &str,
    token: String,
    role: Role,
) -> Result<Credentials, Failure> {
    let mut params = params_of(&role);
    params.push(("OIDCProviderArn", Value::from(provider)));
    params.push(("OIDCToken", Value::from(token)));
    let params = Value::object_of(params);
    let answer = cloud
        .token_call("AssumeRoleWithOIDC", params, Signer::Nobody, role.host.as_deref())
        .await?;
    issued(&answer)
}

fn params_of(role: &Role) -> Vec<(&'static str, Value)> {
    let mut params = vec![
        ("RoleArn", Value::from(role.arn.as_str())),
        ("RoleSessionName", Value::from(role.session.as_str())),
        ("DurationSeconds", Value::from(role.seconds.as_str())),
    ];
    if let Some(policy) = &role.policy {
        params.push(("Policy", Value::from(policy.as_str())));
    }
    params
}

fn token_file(settings: &Settings, path: &str) -> Result<String, Failure> {
    let path = settings.expand(path);
    let bytes = read_file(&path).map_err(|error| Failure::denied("UnreadableToken", error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

/// The credentials that the security token service gave.
fn issued(answer: &Value) -> Result<Credentials, Failure> {
    let credentials = answer.get("Credentials");
    let text = |name: &str| credentials?.get(name)?.as_str();
    let (Some(access_key), Some(secret_key)) = (text("AccessKeyId"), text("AccessKeySecret")) else {
        return Err(Failure::denied(
            "UnreadableAnswer",
            "The security token service gave no credentials",
        ));
    };
    let token = text("SecurityToken").map(str::to_owned);
    Ok(Credentials {
        expires: text("Expiration").and_then(|time| time.parse().ok()),
        ..Credentials::fixed(access_key, secret_key, token)
    })
}

/// Asks one place; why it gave nothing goes to the reasons.
async fn ask(
    place: &impl ProvideCredential<Credential = Credential>,
    context: &Context,
    reasons: &mut Vec<String>,
) -> Option<Credentials> {
    match place.provide_credential(context).await {
        Ok(found) => found.map(|found| Credentials {
            expires: found
                .expires_in
                .and_then(|time| jiff::Timestamp::from_second(time.as_second()).ok()),
            ..Credentials::fixed(
                &found.access_key_id,
                &found.access_key_secret,
                found.security_token,
            )
        }),
        Err(error) => {
            reasons.push(error.to_string());
            None
        }
    }
}
