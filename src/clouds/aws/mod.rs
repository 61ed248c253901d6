//! AWS: JSON 1.1 and query over HTTPS, signed with signature version 4.

mod credentials;
mod encode;
mod endpoint;
mod errors;
mod metadata;
mod sign;
mod sso;

use std::cell::OnceCell;
use std::pin::Pin;

use axum::body::Bytes;
use jiff::Timestamp;
use reqwest::{Method, Url};

use super::credentials::Credentials;
use super::http::{Http, Reply, Request, is_loopback, wiped};
use super::profile::{Profiles, Properties};
use super::retry::Failure;
use super::session::{Exchange, Session, before_the_call};
use super::settings::{Place, Settings, says_yes};
use super::{Options, classify};
use crate::cloud::{AccountId, Answer, Call, Cloud, Effect};
use crate::diag::{Diagnostic, Diagnostics};
use crate::schema::{ErrorCodes, Permissions, Protocol, Service};
use crate::value::{Text, Value};

/// The variable that says how many times a call is tried.
const MAX_ATTEMPTS: &[&str] = &["AWS_MAX_ATTEMPTS"];

/// A configured AWS provider.
pub struct Aws {
    settings: Settings,
    session: Session,
    /// The security token service, for our own calls.
    sts: Service,
    profiles: OnceCell<Result<Profiles, Failure>>,
    /// The region that the instance tells.
    instance_region: tokio::sync::OnceCell<String>,
    facts: tokio::sync::OnceCell<Value>,
}

/// Who signs a call.
enum Signer {
    Provider,
    Given(Credentials),
    Nobody,
}

impl Aws {
    pub fn new(settings: Settings, options: Options) -> Result<Self, Diagnostics> {
        check(&settings)?;
        let profiles = OnceCell::new();
        let mut policy = options.retry;
        let mut network = settings.network(&user_agent(&settings, &options));
        let mut attempts = settings.text("max_retries", MAX_ATTEMPTS);
        // A sandbox has nothing to do with anybody's profiles.
        if options.sandbox.is_none() && (attempts.is_none() || network.ca_bundle.is_none()) {
            let profile = in_use(&settings, &profiles);
            let text = |name: &str| profile.get(name).filter(|text| !text.is_empty());
            let bundle = text("ca_bundle").map(|path| settings.expand(path).into());
            network.ca_bundle = network.ca_bundle.or(bundle);
            attempts = attempts.or_else(|| text("max_attempts").cloned());
        }
        if let Some(attempts) = attempts {
            policy.attempts = attempts_of(&attempts)?;
        }
        let local = |service: &str| {
            configured_endpoint(&settings, service)
                .and_then(|address| Url::parse(&address).ok())
                .is_some_and(|url| is_loopback(&url))
        };
        let local = options.sandbox.is_some() || settings.schema.services.keys().any(|name| local(name));
        let limits = settings.limits(&options, local);
        let session = Session::new(Http::new(network), policy, options, limits);
        let sts = settings.schema.services.get("sts").cloned().unwrap_or_else(sts);
        Ok(Self {
            settings,
            session,
            sts,
            profiles,
            instance_region: tokio::sync::OnceCell::new(),
            facts: tokio::sync::OnceCell::new(),
        })
    }

    /// The name of the profile in use.
    fn profile_name(&self) -> String {
        profile_name(&self.settings)
    }

    fn profiles(&self) -> Result<&Profiles, Failure> {
        self.profiles
            .get_or_init(|| credentials::profiles(&self.settings))
            .as_ref()
            .map_err(Failure::clone)
    }

    /// The region, as far as somebody wrote one.
    fn written_region(&self) -> Result<Option<String>, Failure> {
        let written = self
            .settings
            .text("region", &["AWS_REGION", "AWS_DEFAULT_REGION"]);
        if written.is_some() {
            return Ok(written);
        }
        let profile = self.profiles()?.profile(&self.profile_name());
        Ok(profile.and_then(|profile| profile.get("region").cloned()))
    }

    async fn region(&self) -> Result<String, Failure> {
        if let Some(region) = self.written_region()? {
            return Ok(region);
        }
        let ask = || metadata::region(self);
        self.instance_region.get_or_try_init(ask).await.cloned()
    }

    fn endpoint(&self, service: &Service, place: &Place<'_>) -> Result<Url, Failure> {
        if let Some(sandbox) = &self.session.options.sandbox {
            return endpoint::parse(&sandbox.base_url);
        }
        if let Some(address) = self.given_endpoint(service)? {
            return Ok(address);
        }
        if let Some(host) = place.endpoint {
            return endpoint::parse(&format!("https://{host}"));
        }
        endpoint::public(service, place.region, self.kind()?)
    }

    /// The endpoint that the block, the environment or the profile gives for a service.
    fn given_endpoint(&self, service: &Service) -> Result<Option<Url>, Failure> {
        let address = match configured_endpoint(&self.settings, &service.name) {
            Some(address) => Some(address),
            None if self.settings.variable_flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") => None,
            None => self.profiles()?.endpoint(&self.profile_name(), &service.name),
        };
        address.as_deref().map(endpoint::parse).transpose()
    }

    /// Which kind of public endpoint the user wants.
    fn kind(&self) -> Result<endpoint::Kind, Failure> {
        Ok(endpoint::Kind {
            fips: self.is_switched_on("use_fips_endpoint", "AWS_USE_FIPS_ENDPOINT")?,
            dual_stack: self.is_switched_on("use_dualstack_endpoint", "AWS_USE_DUALSTACK_ENDPOINT")?,
        })
    }

    /// A switch of the block, the environment or the profile.
    fn is_switched_on(&self, name: &str, variable: &str) -> Result<bool, Failure> {
        if let Some(text) = self.settings.text(name, &[variable]) {
            return Ok(says_yes(&text));
        }
        let profile = self.profiles()?.profile(&self.profile_name());
        let text = profile.and_then(|profile| profile.get(name).cloned());
        Ok(text.is_some_and(|text| says_yes(&text)))
    }

    async fn perform(&self, call: &Call) -> Result<Value, Failure> {
        self.session.admit(call)?;
        let service = self.settings.service(call, &self.sts)?;
        self.check_account().await?;
        let region = match &call.region {
            Some(region) => region.to_string(),
            None => self.region().await?,
        };
        let bucket = self.session.limits.bucket(service, &region, &call.action);
        let place = Place {
            region: &region,
            endpoint: call.endpoint.as_deref(),
        };
        let attempt = Attempt::new(self, service, &place, &call.action, &call.params)?;
        self.session
            .perform((call.effect, call.until), bucket, &attempt)
            .await
    }

    /// A call to the security token service. Boxed, for it may itself be part of finding credentials.
    fn token_call<'a>(
        &'a self,
        action: &'a str,
        params: Value,
        signer: Signer,
    ) -> Pin<Box<dyn Future<Output = Result<Value, Failure>> + 'a>> {
        Box::pin(async move {
            let region = match self.settings.own_text("sts_region") {
                Some(region) => region,
                None => self.region().await?,
            };
            let place = Place {
                region: &region,
                endpoint: None,
            };
            let mut attempt = Attempt::new(self, &self.sts, &place, action, &params)?;
            attempt.signer = signer;
            let bucket = self.session.limits.bucket(&self.sts, place.region, action);
            self.session.perform((Effect::Read, None), bucket, &attempt).await
        })
    }

    async fn known_facts(&self) -> Result<&Value, Failure> {
        self.facts.get_or_try_init(|| self.ask_facts()).await
    }

    async fn ask_facts(&self) -> Result<Value, Failure> {
        let region = self.region().await?;
        let partition = endpoint::partition(&region);
        let mut facts = vec![
            ("region", Value::from(region.as_str())),
            ("dns_suffix", Value::from(partition.dns_suffix)),
        ];
        if self.settings.flag("skip_requesting_account_id", &[]) {
            facts.push(("account_id", Value::from("")));
            facts.push(("partition", Value::from(partition.name)));
            return Ok(Value::object_of(facts));
        }
        let nothing = Value::object_of::<&str>([]);
        let identity = self
            .token_call("GetCallerIdentity", nothing, Signer::Provider)
            .await?;
        let text = |name: &str| identity.get(name).and_then(Value::as_str).unwrap_or_default();
        let of_arn = text("Arn").split(':').nth(1).filter(|name| !name.is_empty());
        facts.push(("account_id", Value::from(text("Account"))));
        facts.push(("arn", Value::from(text("Arn"))));
        facts.push(("user_id", Value::from(text("UserId"))));
        facts.push(("partition", Value::from(of_arn.unwrap_or(partition.name))));
        Ok(Value::object_of(facts))
    }

    /// Refuses accounts that the provider block does not allow.
    async fn check_account(&self) -> Result<(), Failure> {
        let allowed = self.settings.texts("allowed_account_ids");
        let forbidden = self.settings.texts("forbidden_account_ids");
        if allowed.is_empty() && forbidden.is_empty() {
            return Ok(());
        }
        let facts = self.known_facts().await.map_err(|failure| Failure {
            message: format!("GetCallerIdentity: {}", failure.message),
            ..before_the_call(failure)
        })?;
        let account = facts
            .get("account_id")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let listed = |list: &[String]| list.iter().any(|id| id == account);
        if listed(&forbidden) || (!allowed.is_empty() && !listed(&allowed)) {
            return Err(Failure::denied(
                "AccountNotAllowed",
                format!("The provider block does not allow the account {account:?}"),
            ));
        }
        Ok(())
    }
}

impl Cloud for Aws {
    fn call(&self, call: Call) -> Answer<'_> {
        Box::pin(async move {
            let result = self.perform(&call).await;
            result.map_err(|failure| failure.into_error(&call))
        })
    }

    fn elsewhere(&self) -> Vec<(Text, String)> {
        let services = self.settings.schema.services.values();
        self.session
            .elsewhere(services, |service| self.given_endpoint(service))
    }

    fn exposed(&self) -> Vec<String> {
        self.settings.exposed()
    }

    fn account(&self) -> AccountId<'_> {
        super::own_account(self)
    }

    fn facts(&self) -> Answer<'_> {
        Box::pin(async move {
            let result = self.known_facts().await.cloned();
            result.map_err(Failure::into_error_of_facts)
        })
    }
}

/// One call, ready to be signed as often as it is sent.
struct Attempt<'a> {
    aws: &'a Aws,
    service: &'a Service,
    region: String,
    url: Url,
    action: &'a str,
    body: Bytes,
    signer: Signer,
}

impl<'a> Attempt<'a> {
    fn new(
        aws: &'a Aws,
        service: &'a Service,
        place: &Place<'_>,
        action: &'a str,
        params: &Value,
    ) -> Result<Self, Failure> {
        let body = match service.protocol {
            Protocol::AwsQuery => encode::query_body(action, &service.version, params)?,
            Protocol::AwsJson | Protocol::AlicloudRpc | Protocol::Machine => encode::json_body(params)?,
        };
        Ok(Self {
            url: aws.endpoint(service, place)?,
            aws,
            service,
            region: place.region.to_owned(),
            action,
            body: wiped(body),
            signer: Signer::Provider,
        })
    }
}

impl Exchange for Attempt<'_> {
    async fn credentials(&self) -> Result<Option<Credentials>, Failure> {
        match &self.signer {
            Signer::Nobody => Ok(None),
            Signer::Given(credentials) => Ok(Some(credentials.clone())),
            Signer::Provider => {
                let find = async || credentials::find(self.aws).await;
                self.aws.session.credentials(find).await.map(Some)
            }
        }
    }

    fn request(&self, credentials: Option<&Credentials>, now: Timestamp) -> Result<Request, Failure> {
        let mut headers = Vec::new();
        match self.service.protocol {
            Protocol::AwsQuery => {
                let form = "application/x-www-form-urlencoded; charset=utf-8";
                headers.push(("content-type", form.to_owned()));
            }
            Protocol::AwsJson | Protocol::AlicloudRpc | Protocol::Machine => {
                headers.push(("content-type", "application/x-amz-json-1.1".to_owned()));
                headers.push(("x-amz-target", format!("{}.{}", self.service.target, self.action)));
            }
        }
        let mut request = Request {
            method: Method::POST,
            url: self.url.clone(),
            headers,
            body: self.body.clone(),
        };
        if let Some(credentials) = credentials {
            let scope = sign::Scope {
                region: &self.region,
                service: &self.service.signing,
                at: now,
            };
            sign::sign(&mut request, credentials, &scope);
        }
        Ok(request)
    }

    fn name(&self) -> (&str, &str) {
        (&self.service.name, self.action)
    }

    fn protocol(&self) -> Protocol {
        self.service.protocol
    }

    fn answer(&self, reply: &Reply) -> Result<Value, Failure> {
        let codes = &self.aws.settings.schema.errors;
        understand(reply, self.service.protocol, codes, self.aws.session.now())
    }
}

/// What an answer without headers says.
pub fn read_answer(
    status: u16,
    body: &[u8],
    protocol: Protocol,
    codes: &ErrorCodes,
    now: Timestamp,
) -> Result<Value, Failure> {
    understand(&Reply::bare(status, body), protocol, codes, now)
}

fn understand(
    reply: &Reply,
    protocol: Protocol,
    codes: &ErrorCodes,
    now: Timestamp,
) -> Result<Value, Failure> {
    if !(200..300).contains(&reply.status) {
        return Err(errors::failure(reply, protocol, codes, now));
    }
    let value = match protocol {
        Protocol::AwsQuery => encode::xml_value(&reply.body),
        Protocol::AwsJson | Protocol::AlicloudRpc | Protocol::Machine => encode::json_value(&reply.body),
    };
    value.ok_or_else(|| classify::unreadable_success(reply))
}

/// The name of the profile in use.
fn profile_name(settings: &Settings) -> String {
    settings
        .own_text("profile")
        .or_else(|| settings.first_variable(credentials::PROFILE))
        .unwrap_or_else(|| "default".to_owned())
}

/// The profile in use. Where the files cannot be read it is empty: who needs it hears why when it is needed.
fn in_use(settings: &Settings, profiles: &OnceCell<Result<Profiles, Failure>>) -> Properties {
    let profiles = profiles.get_or_init(|| credentials::profiles(settings));
    let profile = profiles.as_ref().ok();
    profile
        .and_then(|profiles| profiles.profile(&profile_name(settings)))
        .unwrap_or_default()
}

/// How many times a call is tried, by what somebody wrote.
fn attempts_of(text: &str) -> Result<u32, Diagnostics> {
    let number = text.trim().parse::<u64>().map_err(|_| {
        Diagnostic::error(
            "Invalid number of attempts",
            format!("A call cannot be tried {text:?} times. Give max_retries, AWS_MAX_ATTEMPTS or max_attempts of the profile a whole number."),
        )
    })?;
    Ok(u32::try_from(number).unwrap_or(u32::MAX).max(1))
}

fn check(settings: &Settings) -> Result<(), Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let region = settings.text("region", &["AWS_REGION", "AWS_DEFAULT_REGION"]);
    if let Some(region) = region.filter(|region| endpoint::known_partition(region).is_none())
        && !settings.flag("skip_region_validation", &[])
    {
        diagnostics.push(
            Diagnostic::error("Invalid AWS region", format!("{region:?} is not an AWS region."))
                .hint("Set skip_region_validation if this region is new."),
        );
    }
    if settings.flag("insecure", &[]) {
        diagnostics.push(
            Diagnostic::error(
                "Unsafe provider argument",
                "The certificates of services are always checked, so insecure cannot be true.",
            )
            .hint("Name the authority that signed the certificate in custom_ca_bundle."),
        );
    }
    let roles = settings.blocks("assume_role");
    if roles.len() > 1 && roles.iter().any(|role| role.text("role_arn").is_none()) {
        diagnostics.push(
            Diagnostic::error(
                "Missing required argument",
                "One of several blocks assume_role has no role_arn, so that the roles after it would be assumed with other credentials than it seems.",
            )
            .hint("Give it a role_arn, or take the block out."),
        );
    }
    let lists = ["allowed_account_ids", "forbidden_account_ids"];
    if lists.iter().all(|name| !settings.texts(name).is_empty()) {
        diagnostics.push(Diagnostic::error(
            "Conflicting provider arguments",
            "Only one of allowed_account_ids and forbidden_account_ids can be set.",
        ));
    }
    diagnostics.or(())
}

/// The endpoint that the block or the environment gives for a service.
fn configured_endpoint(settings: &Settings, service: &str) -> Option<String> {
    settings.endpoint(service).or_else(|| {
        if settings.variable_flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") {
            return None;
        }
        let own = format!("AWS_ENDPOINT_URL_{}", service.to_ascii_uppercase());
        let mut names = vec![own.as_str()];
        if service == "sts" {
            names.extend(["TF_AWS_STS_ENDPOINT", "AWS_STS_ENDPOINT"]);
        }
        names.push("AWS_ENDPOINT_URL");
        settings.first_variable(&names)
    })
}

fn user_agent(settings: &Settings, options: &Options) -> String {
    let mut parts = vec![options.user_agent.clone()];
    parts.extend(settings.texts("user_agent"));
    parts.extend(settings.variable("TF_APPEND_USER_AGENT"));
    parts.join(" ")
}

/// The security token service, where the schema does not describe it.
fn sts() -> Service {
    own_service("sts", "https://sts.${region}.${dns_suffix}")
}

/// A service that only we call.
fn own_service(name: &str, endpoint: &str) -> Service {
    Service {
        name: name.into(),
        protocol: Protocol::AwsQuery,
        signing: name.into(),
        target: "".into(),
        version: "2011-06-15".into(),
        endpoint: endpoint.into(),
        quotas: Vec::new(),
        permissions: Permissions::default(),
    }
}

#[cfg(test)]
mod tests;
