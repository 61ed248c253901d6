//! Where AWS credentials come from: arguments, environment, profiles, roles, and the machine itself.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::time::Duration;

use jiff::SignedDuration;
use reqsign::aws::{Credential, ECSCredentialProvider, EnvCredentialProvider};
use reqsign::{Context, ProvideCredential};

use super::{Aws, Signer, metadata, sso};
use crate::clouds::Environment;
use crate::clouds::credentials::{Credentials, FILE_SEPARATOR, context, read_file, read_files};
use crate::clouds::profile::{Profiles, Properties};
use crate::clouds::retry::Failure;
use crate::clouds::settings::{Block, Settings};
use crate::clouds::tried::Tried;
use crate::clouds::{modes, process};
use crate::value::Value;

/// The variables that name a profile.
pub const PROFILE: &[&str] = &["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];

/// How long a credential process may take.
const PROCESS_LIMIT: Duration = Duration::from_secs(10);

/// The seconds that a session may last.
const SHORTEST: i64 = 15 * 60;
const LONGEST: i64 = 12 * 60 * 60;

/// A future that may be part of its own making.
type Found<'a> = Pin<Box<dyn Future<Output = Result<Option<Credentials>, Failure>> + 'a>>;

/// The provider's credentials: a source, then the roles of the block, each assumed with the one before.
pub async fn find(aws: &Aws) -> Result<Credentials, Failure> {
    if let Some(sandbox) = &aws.session.options.sandbox {
        return Ok(Credentials::fixed(&sandbox.access_key, &sandbox.secret_key, None));
    }
    let mut held = source(aws).await?;
    for role in aws.settings.blocks("assume_role") {
        if role.text("role_arn").is_some() {
            let params = role_params(&role)?;
            let (name, origin) = (role.text("role_arn").unwrap_or_default(), held.origin.clone());
            let answer = aws.token_call("AssumeRole", params, Signer::Given(held)).await?;
            held = issued(&answer)?.of_role(&name, &origin);
        }
    }
    Ok(held)
}

/// The profiles that the files hold.
pub fn profiles(settings: &Settings) -> Result<Profiles, Failure> {
    let read = |name: &str, variable: &str, default: &str| {
        let paths = paths(settings, name, variable, default);
        let bytes = read_files(&paths, |path, content| settings.look_at(path, content));
        let bytes = bytes.map_err(|error| Failure::denied("UnreadableProfiles", error.to_string()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    Ok(Profiles::parse(
        &read("shared_config_files", "AWS_CONFIG_FILE", "~/.aws/config")?,
        &read(
            "shared_credentials_files",
            "AWS_SHARED_CREDENTIALS_FILE",
            "~/.aws/credentials",
        )?,
    ))
}

/// The files of profiles, whether they are there or not.
fn files(settings: &Settings) -> Vec<String> {
    let all = [
        paths(
            settings,
            "shared_config_files",
            "AWS_CONFIG_FILE",
            "~/.aws/config",
        ),
        paths(
            settings,
            "shared_credentials_files",
            "AWS_SHARED_CREDENTIALS_FILE",
            "~/.aws/credentials",
        ),
    ];
    let all = all.iter().flat_map(|paths| paths.split(FILE_SEPARATOR));
    all.map(str::to_owned).collect()
}

/// The paths of these files in one text.
fn paths(settings: &Settings, name: &str, variable: &str, default: &str) -> String {
    let paths = written_paths(settings, name, variable, default);
    let paths: Vec<String> = paths.iter().map(|path| settings.expand(path)).collect();
    paths.join(&FILE_SEPARATOR.to_string())
}

/// The same as somebody wrote them.
fn written_paths(settings: &Settings, name: &str, variable: &str, default: &str) -> Vec<String> {
    let paths = settings.texts(name);
    if paths.is_empty() {
        vec![settings.variable(variable).unwrap_or_else(|| default.to_owned())]
    } else {
        paths
    }
}

/// Credentials before any role of the block.
async fn source(aws: &Aws) -> Result<Credentials, Failure> {
    let settings = &aws.settings;
    let keys = (settings.own_text("access_key"), settings.own_text("secret_key"));
    match keys {
        (Some(access_key), Some(secret_key)) => {
            let token = settings.own_text("token");
            return Ok(Credentials::fixed(&access_key, &secret_key, token).of("the provider block"));
        }
        (None, None) if settings.own_text("token").is_none() => {}
        _ => {
            return Err(Failure::denied(
                "IncompleteCredentials",
                "The provider block must set both access_key and secret_key, or neither them nor token",
            ));
        }
    }
    if let Some(block) = settings.blocks("assume_role_with_web_identity").first()
        && let Some(found) = web_identity_of_block(aws, block).await?
    {
        return Ok(found);
    }
    if let Some(name) = settings.own_text("profile") {
        return match of_profile(aws, name.clone(), BTreeSet::new()).await? {
            Some(found) => Ok(found.of(format!("the profile {name}, which the provider block names"))),
            None => Err(Failure::denied(
                "NoCredentials",
                format!("The profile {name} holds no credentials"),
            )),
        };
    }
    chain(aws).await
}

/// The usual places in the usual order.
async fn chain(aws: &Aws) -> Result<Credentials, Failure> {
    let context = machine(aws);
    let mut tried = Tried::default();
    tried.add(
        "the provider block",
        "it has neither access_key and secret_key nor a profile",
    );
    let unset = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set";
    let place = EnvCredentialProvider::new();
    if let Some(found) = attempt("the environment", &place, &context, &mut tried, unset).await {
        return Ok(found);
    }
    let name = aws.profile_name();
    let called = format!("the profile {name}");
    let named = aws.settings.first_variable(PROFILE);
    let exists = named.is_some() || aws.profiles()?.profile(&name).is_some();
    if exists && let Some(found) = of_profile(aws, name, BTreeSet::new()).await? {
        return Ok(found.of(tried.found(&called)));
    }
    let why = if exists {
        "it holds no credentials"
    } else {
        "there is none"
    };
    tried.add(
        &called,
        &format!("{why} in {}", places_of_profiles(&aws.settings)),
    );
    let called = "a web identity";
    if let Some(found) = web_identity_of_environment(aws).await? {
        return Ok(found.of(tried.found(called)));
    }
    tried.add(
        called,
        "AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE are not both set",
    );
    let unset = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set";
    let place = ECSCredentialProvider::new();
    if let Some(found) = attempt("the container", &place, &context, &mut tried, unset).await {
        return Ok(found);
    }
    let called = "the metadata service of the instance";
    if metadata::is_skipped(&aws.settings) {
        tried.add(
            called,
            "skip_metadata_api_check or AWS_EC2_METADATA_DISABLED keeps away from it",
        );
        return Err(tried.failure());
    }
    let place = metadata::credentials(&aws.settings);
    let found = attempt(called, &place, &context, &mut tried, "it has none").await;
    found.ok_or_else(|| tried.failure())
}

/// Asks one place of several; what it had not is remembered.
async fn attempt(
    name: &str,
    place: &impl ProvideCredential<Credential = Credential>,
    context: &Context,
    tried: &mut Tried,
    missing: &str,
) -> Option<Credentials> {
    let mut reasons = Vec::new();
    if let Some(found) = ask(place, context, &mut reasons).await {
        return Some(found.of(tried.found(name)));
    }
    tried.add(name, reasons.pop().as_deref().unwrap_or(missing));
    None
}

/// The files that are read for profiles, for messages.
fn places_of_profiles(settings: &Settings) -> String {
    let mut all = written_paths(
        settings,
        "shared_config_files",
        "AWS_CONFIG_FILE",
        "~/.aws/config",
    );
    let variable = "AWS_SHARED_CREDENTIALS_FILE";
    let credentials = written_paths(
        settings,
        "shared_credentials_files",
        variable,
        "~/.aws/credentials",
    );
    all.extend(credentials);
    all.join(", ")
}

/// Credentials of a profile: a role, keys, single sign-on or a process.
fn of_profile(aws: &Aws, name: String, mut visited: BTreeSet<String>) -> Found<'_> {
    Box::pin(async move {
        let Some(profile) = aws.profiles()?.profile(&name) else {
            return Err(Failure::denied(
                "UnknownProfile",
                format!("There is no profile {name} in the configuration and credentials files"),
            ));
        };
        let keys = static_keys(&profile);
        if !profile.contains_key("role_arn") || (visited.contains(&name) && keys.is_some()) {
            return match keys {
                Some(keys) => Ok(Some(keys)),
                None => of_tools(aws, &name, &profile).await,
            };
        }
        if !visited.insert(name.clone()) {
            return Err(Failure::denied(
                "CircularProfile",
                format!("The profile {name} is a source of itself"),
            ));
        }
        role_of_profile(aws, &name, &profile, visited).await.map(Some)
    })
}

fn static_keys(profile: &Properties) -> Option<Credentials> {
    let access_key = profile.get("aws_access_key_id")?;
    let secret_key = profile.get("aws_secret_access_key")?;
    Some(Credentials::fixed(
        access_key,
        secret_key,
        profile.get("aws_session_token").cloned(),
    ))
}

/// Single sign-on and processes.
async fn of_tools(aws: &Aws, name: &str, profile: &Properties) -> Result<Option<Credentials>, Failure> {
    let none = |why: &str| {
        let message = format!("The profile {name} gave no credentials: {why}");
        Failure::denied("NoCredentials", message)
    };
    if profile.contains_key("sso_session") || profile.contains_key("sso_start_url") {
        let found = sso::credentials(aws, name, profile).await;
        return found.map(Some).map_err(|why| none(&why));
    }
    let Some(command) = profile.get("credential_process") else {
        return Ok(None);
    };
    if let Some(path) = modes::open_to_all(&files(&aws.settings)) {
        return Err(none(&process::kept_from("credential_process", &path)));
    }
    let output = process::output(command, &aws.settings.environment, PROCESS_LIMIT).await;
    let output = output.map_err(|why| none(&format!("its credential_process {why}")))?;
    let found = printed(&output)
        .ok_or_else(|| none("its credential_process did not print credentials of version 1 in JSON"))?;
    Ok(Some(found))
}

/// What a credential process printed.
fn printed(output: &[u8]) -> Option<Credentials> {
    let answer: serde_json::Value = serde_json::from_slice(output).ok()?;
    let text = |name: &str| answer.get(name)?.as_str();
    if answer.get("Version")?.as_u64() != Some(1) {
        return None;
    }
    let token = text("SessionToken").map(str::to_owned);
    let expires = match text("Expiration") {
        Some(time) => Some(time.parse().ok()?),
        None => None,
    };
    Some(Credentials {
        expires,
        ..Credentials::fixed(text("AccessKeyId")?, text("SecretAccessKey")?, token)
    })
}

/// The role that a profile names, assumed with its source.
async fn role_of_profile(
    aws: &Aws,
    name: &str,
    profile: &Properties,
    visited: BTreeSet<String>,
) -> Result<Credentials, Failure> {
    let role = |property: &str, default: &str| {
        profile
            .get(property)
            .cloned()
            .unwrap_or_else(|| default.to_owned())
    };
    let mut params = vec![
        ("RoleArn", Value::from(role("role_arn", ""))),
        (
            "RoleSessionName",
            Value::from(role("role_session_name", "keyform")),
        ),
    ];
    if let Some(seconds) = profile.get("duration_seconds") {
        params.push(("DurationSeconds", Value::from(seconds.as_str())));
    }
    if let Some(path) = profile.get("web_identity_token_file") {
        params.push(("WebIdentityToken", Value::from(token_file(aws, path)?)));
        return web_identity(aws, params).await;
    }
    if profile.contains_key("mfa_serial") {
        return Err(Failure::denied(
            "CodeNeeded",
            format!("The profile {name} needs a one-time code (mfa_serial), which cannot be asked for here"),
        ));
    }
    if let Some(id) = profile.get("external_id") {
        params.push(("ExternalId", Value::from(id.as_str())));
    }
    let source = match (profile.get("source_profile"), profile.get("credential_source")) {
        (Some(source), _) => of_profile(aws, source.clone(), visited).await?,
        (None, Some(place)) => of_place(aws, place).await?,
        (None, None) => None,
    };
    let Some(source) = source else {
        return Err(Failure::denied(
            "NoCredentials",
            format!("The profile {name} has no usable source for its role"),
        ));
    };
    let params = Value::object_of(params);
    let answer = aws
        .token_call("AssumeRole", params, Signer::Given(source))
        .await?;
    issued(&answer)
}

/// The source that `credential_source` names.
async fn of_place(aws: &Aws, place: &str) -> Result<Option<Credentials>, Failure> {
    let context = machine(aws);
    let mut reasons = Vec::new();
    let found = match place {
        "Environment" => ask(&EnvCredentialProvider::new(), &context, &mut reasons).await,
        "Ec2InstanceMetadata" => ask(&metadata::credentials(&aws.settings), &context, &mut reasons).await,
        "EcsContainer" => ask(&ECSCredentialProvider::new(), &context, &mut reasons).await,
        other => {
            return Err(Failure::denied(
                "UnknownSource",
                format!("{other} is not a credential_source"),
            ));
        }
    };
    if found.is_none() {
        let mut tried = Tried::default();
        let why = reasons.pop();
        tried.add(
            &format!("credential_source {place}"),
            why.as_deref().unwrap_or("it has none"),
        );
        return Err(tried.failure());
    }
    Ok(found)
}

async fn web_identity_of_block(aws: &Aws, block: &Block) -> Result<Option<Credentials>, Failure> {
    let or = |name: &str, variable: &str| block.text(name).or_else(|| aws.settings.variable(variable));
    let Some(role) = or("role_arn", "AWS_ROLE_ARN") else {
        return Ok(None);
    };
    let token = match (
        or("web_identity_token", "TF_AWS_WEB_IDENTITY_TOKEN"),
        or("web_identity_token_file", "AWS_WEB_IDENTITY_TOKEN_FILE"),
    ) {
        (Some(token), _) => token,
        (None, Some(path)) => token_file(aws, &path)?,
        (None, None) => {
            return Err(Failure::denied(
                "IncompleteCredentials",
                "assume_role_with_web_identity needs web_identity_token or web_identity_token_file",
            ));
        }
    };
    let session = or("session_name", "AWS_ROLE_SESSION_NAME").unwrap_or_else(|| "keyform".to_owned());
    let mut params = vec![
        ("RoleArn", Value::from(role)),
        ("RoleSessionName", Value::from(session)),
        ("WebIdentityToken", Value::from(token)),
    ];
    params.extend(session_params(block)?);
    let found = web_identity(aws, params).await?;
    Ok(Some(found.of("assume_role_with_web_identity")))
}

async fn web_identity_of_environment(aws: &Aws) -> Result<Option<Credentials>, Failure> {
    let variable = |name: &str| aws.settings.variable(name);
    let (Some(role), Some(path)) = (variable("AWS_ROLE_ARN"), variable("AWS_WEB_IDENTITY_TOKEN_FILE")) else {
        return Ok(None);
    };
    let session = variable("AWS_ROLE_SESSION_NAME").unwrap_or_else(|| "keyform".to_owned());
    let params = vec![
        ("RoleArn", Value::from(role)),
        ("RoleSessionName", Value::from(session)),
        ("WebIdentityToken", Value::from(token_file(aws, &path)?)),
    ];
    web_identity(aws, params).await.map(Some)
}

/// Exchanges an identity token for credentials; nobody signs this call.
async fn web_identity(aws: &Aws, params: Vec<(&'static str, Value)>) -> Result<Credentials, Failure> {
    let params = Value::object_of(params);
    let answer = aws
        .token_call("AssumeRoleWithWebIdentity", params, Signer::Nobody)
        .await?;
    issued(&answer)
}

fn token_file(aws: &Aws, path: &str) -> Result<String, Failure> {
    let path = aws.settings.expand(path);
    let bytes = read_file(&path).map_err(|error| Failure::denied("UnreadableToken", error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

/// The parameters of a role in the provider block.
fn role_params(role: &Block) -> Result<Value, Failure> {
    let session = role.text("session_name").unwrap_or_else(|| "keyform".to_owned());
    let mut params = vec![
        ("RoleArn", Value::from(role.text("role_arn").unwrap_or_default())),
        ("RoleSessionName", Value::from(session)),
    ];
    params.extend(session_params(role)?);
    if let Some(id) = role.text("external_id") {
        params.push(("ExternalId", Value::from(id)));
    }
    if let Some(identity) = role.text("source_identity") {
        params.push(("SourceIdentity", Value::from(identity)));
    }
    let tags: Vec<Value> = role
        .entries("tags")
        .into_iter()
        .map(|(key, value)| Value::object_of([("Key", Value::from(key)), ("Value", Value::from(value))]))
        .collect();
    params.push(("Tags", Value::tuple(tags)));
    let keys = role.texts("transitive_tag_keys");
    params.push((
        "TransitiveTagKeys",
        Value::tuple(keys.into_iter().map(Value::from).collect()),
    ));
    Ok(Value::object_of(params))
}

/// The parameters that all ways of assuming a role share.
fn session_params(role: &Block) -> Result<Vec<(&'static str, Value)>, Failure> {
    let mut params = Vec::new();
    if let Some(text) = role.text("duration") {
        let fits = |seconds: &i64| (SHORTEST..=LONGEST).contains(seconds);
        let seconds = seconds(&text).filter(fits).ok_or_else(|| {
            Failure::denied(
                "InvalidDuration",
                format!("{text:?} is not a duration like 1h30m, from 15m to 12h"),
            )
        })?;
        params.push(("DurationSeconds", Value::int(seconds)));
    }
    if let Some(policy) = role.text("policy") {
        params.push(("Policy", Value::from(policy)));
    }
    let arns = role.texts("policy_arns").into_iter();
    let arns = arns.map(|arn| Value::object_of([("arn", Value::from(arn))]));
    params.push(("PolicyArns", Value::tuple(arns.collect())));
    Ok(params)
}

/// The seconds of a duration like `1h30m`.
fn seconds(text: &str) -> Option<i64> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"hms.".contains(&byte));
    let duration: SignedDuration = plain.then(|| text.parse().ok())??;
    Some(duration.as_secs())
}

/// The credentials that the security token service gave.
fn issued(answer: &Value) -> Result<Credentials, Failure> {
    let credentials = answer.get("Credentials");
    let text = |name: &str| credentials?.get(name)?.as_str();
    let (Some(access_key), Some(secret_key)) = (text("AccessKeyId"), text("SecretAccessKey")) else {
        return Err(Failure::denied(
            "UnreadableAnswer",
            "The security token service gave no credentials",
        ));
    };
    let token = text("SessionToken").map(str::to_owned);
    Ok(Credentials {
        expires: text("Expiration").and_then(|time| time.parse().ok()),
        ..Credentials::fixed(access_key, secret_key, token)
    })
}

/// What the chains may touch, with the block's arguments in place of the variables they stand for.
pub(super) fn machine(aws: &Aws) -> Context {
    let settings = &aws.settings;
    let mut environment: Environment = settings.environment.clone();
    let mut set = |name: &str, value: String| {
        environment.variables.insert(name.to_owned(), value);
    };
    set("AWS_PROFILE", aws.profile_name());
    let config = paths(
        settings,
        "shared_config_files",
        "AWS_CONFIG_FILE",
        "~/.aws/config",
    );
    set("AWS_CONFIG_FILE", config);
    if let Ok(Some(region)) = aws.written_region() {
        set("AWS_REGION", region);
    }
    context(&environment, &aws.session.http)
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
                &found.secret_access_key,
                found.session_token,
            )
        }),
        Err(error) => {
            reasons.push(error.to_string());
            None
        }
    }
}
