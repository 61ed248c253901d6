//! Alibaba Cloud: RPC over HTTPS, signed with ACS3-HMAC-SHA256.

mod credentials;
mod encode;
mod endpoint;
mod endpoint_file;
mod errors;
mod profiles;
mod sign;

use std::cell::OnceCell;
use std::pin::Pin;
use std::time::Duration;

use axum::body::Bytes;
use jiff::Timestamp;
use reqwest::{Method, Url};
use zeroize::Zeroize as _;

use self::endpoint_file::EndpointFile;
use super::credentials::Credentials;
use super::http::{Http, Reply, Request, is_loopback, wiped};
use super::retry::Failure;
use super::session::{Exchange, Session};
use super::settings::{Place, Settings};
use super::{Options, classify};
use crate::cloud::{AccountId, Answer, Call, Cloud, Effect};
use crate::diag::{Diagnostic, Diagnostics};
use crate::schema::{ErrorCodes, Permissions, Protocol, Service};
use crate::value::{Text, Value};

/// The region where none is given.
const DEFAULT_REGION: &str = "cn-beijing";

const REGION: &[&str] = &["ALICLOUD_REGION", "ALIBABA_CLOUD_REGION"];

const SOURCE: &[&str] = &["ALICLOUD_SOURCE_IP", "ALIBABA_CLOUD_SOURCE_IP"];

const SECURE: &[&str] = &["ALICLOUD_SECURE_TRANSPORT", "ALIBABA_CLOUD_SECURE_TRANSPORT"];

/// The same by its older name.
const SECURITY: &[&str] = &["ALICLOUD_SECURITY_TRANSPORT", "ALIBABA_CLOUD_SECURITY_TRANSPORT"];

/// A configured Alibaba Cloud provider.
pub struct Alicloud {
    settings: Settings,
    session: Session,
    /// The security token service, for our own calls.
    sts: Service,
    region: OnceCell<Result<String, Failure>>,
    /// What `endpoints.xml` says.
    endpoints: OnceCell<Result<EndpointFile, Failure>>,
    facts: tokio::sync::OnceCell<Value>,
}

/// Who signs a call.
enum Signer {
    Provider,
    Given(Credentials),
    Nobody,
}

impl Alicloud {
    pub fn new(settings: Settings, options: Options) -> Result<Self, Diagnostics> {
        check(&settings)?;
        let mut user_agent = options.user_agent.clone();
        if let Some(source) = settings.text("configuration_source", &["TF_APPEND_USER_AGENT"]) {
            user_agent = format!("{user_agent} {source}");
        }
        let network = settings.network(&user_agent);
        let local = |service: &str| {
            endpoint::configured(&settings, service)
                .and_then(|address| endpoint::parse(&settings, &address).ok())
                .is_some_and(|url| is_loopback(&url))
        };
        let local = options.sandbox.is_some() || settings.schema.services.keys().any(|name| local(name));
        let limits = settings.limits(&options, local);
        let mut session = Session::new(Http::new(network), options.retry, options, limits);
        session.patience = settings
            .number("max_retry_timeout", &["MAX_RETRY_TIMEOUT"])
            .filter(|seconds| *seconds > 0)
            .map(Duration::from_secs);
        let sts = settings.schema.services.get("sts").cloned().unwrap_or_else(sts);
        Ok(Self {
            settings,
            session,
            sts,
            region: OnceCell::new(),
            endpoints: OnceCell::new(),
            facts: tokio::sync::OnceCell::new(),
        })
    }

    fn region(&self) -> Result<String, Failure> {
        let region = self.region.get_or_init(|| {
            let region = match self.settings.text("region", REGION) {
                Some(region) => Some(region),
                None => credentials::profile_region(&self.settings)?,
            };
            Ok(region.unwrap_or_else(|| DEFAULT_REGION.to_owned()))
        });
        region.clone()
    }

    fn endpoint(&self, service: &Service, place: &Place<'_>) -> Result<Url, Failure> {
        match &self.session.options.sandbox {
            Some(sandbox) => endpoint::parse(&self.settings, &sandbox.base_url),
            None => self.configured_endpoint(service, place),
        }
    }

    /// The endpoint that a file, the block or the environment gives for a service; the file's word comes first.
    fn given_endpoint(&self, service: &Service, region: &str) -> Result<Option<Url>, Failure> {
        let file = self
            .endpoints
            .get_or_init(|| EndpointFile::find(&self.settings.environment));
        let host = file.as_ref().map_err(Clone::clone)?.host(region, &service.name);
        let address = host
            .map(str::to_owned)
            .or_else(|| endpoint::configured(&self.settings, &service.name));
        address
            .map(|address| endpoint::parse(&self.settings, &address))
            .transpose()
    }

    /// What the user configured comes first, then what the call asks for.
    fn configured_endpoint(&self, service: &Service, place: &Place<'_>) -> Result<Url, Failure> {
        if let Some(address) = self.given_endpoint(service, place.region)? {
            return Ok(address);
        }
        let usual = match &*service.name {
            "sts" => endpoint::usual_sts(&self.settings, place.region)?,
            _ => None,
        };
        let place = Place {
            region: place.region,
            endpoint: place.endpoint.or(usual.as_deref()),
        };
        endpoint::find(&self.settings, service, &place)
    }

    async fn perform(&self, call: &Call) -> Result<Value, Failure> {
        self.session.admit(call)?;
        let service = self.settings.service(call, &self.sts)?;
        let region = match &call.region {
            Some(region) => region.to_string(),
            None => self.region()?,
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
        host: Option<&'a str>,
    ) -> Pin<Box<dyn Future<Output = Result<Value, Failure>> + 'a>> {
        Box::pin(async move {
            let place = Place {
                region: &self.region()?,
                endpoint: host,
            };
            let mut attempt = Attempt::new(self, &self.sts, &place, action, &params)?;
            attempt.signer = signer;
            let bucket = self.session.limits.bucket(&self.sts, place.region, action);
            self.session.perform((Effect::Read, None), bucket, &attempt).await
        })
    }

    async fn ask_facts(&self) -> Result<Value, Failure> {
        let mut facts = vec![
            ("region", Value::from(self.region()?)),
            ("dns_suffix", Value::from("aliyuncs.com")),
            ("partition", Value::from("acs")),
        ];
        let account = self
            .settings
            .text("account_id", &["ALICLOUD_ACCOUNT_ID", "ALIBABA_CLOUD_ACCOUNT_ID"]);
        if let Some(account) = account {
            facts.push(("account_id", Value::from(account)));
            return Ok(Value::object_of(facts));
        }
        let nothing = Value::object_of::<&str>([]);
        let identity = self
            .token_call("GetCallerIdentity", nothing, Signer::Provider, None)
            .await?;
        let text = |name: &str| identity.get(name).and_then(Value::as_str).unwrap_or_default();
        facts.push(("account_id", Value::from(text("AccountId"))));
        facts.push(("arn", Value::from(text("Arn"))));
        facts.push(("user_id", Value::from(text("UserId"))));
        Ok(Value::object_of(facts))
    }
}

impl Cloud for Alicloud {
    fn call(&self, call: Call) -> Answer<'_> {
        Box::pin(async move {
            let result = self.perform(&call).await;
            result.map_err(|failure| failure.into_error(&call))
        })
    }

    fn elsewhere(&self) -> Vec<(Text, String)> {
        let services = self.settings.schema.services.values();
        let given = |service: &Service| self.given_endpoint(service, &self.region()?);
        self.session.elsewhere(services, given)
    }

    fn exposed(&self) -> Vec<String> {
        self.settings.exposed()
    }

    fn account(&self) -> AccountId<'_> {
        super::own_account(self)
    }

    fn facts(&self) -> Answer<'_> {
        Box::pin(async move {
            let result = self.facts.get_or_try_init(|| self.ask_facts()).await.cloned();
            result.map_err(Failure::into_error_of_facts)
        })
    }
}

/// One call, ready to be signed as often as it is sent.
struct Attempt<'a> {
    cloud: &'a Alicloud,
    service: &'a Service,
    region: String,
    /// With the query.
    url: Url,
    action: &'a str,
    body: Bytes,
    signer: Signer,
}

impl<'a> Attempt<'a> {
    fn new(
        cloud: &'a Alicloud,
        service: &'a Service,
        place: &Place<'_>,
        action: &'a str,
        params: &Value,
    ) -> Result<Self, Failure> {
        if service.protocol != Protocol::AlicloudRpc {
            return Err(Failure::refused(
                "UnknownProtocol",
                format!(
                    "The service {} does not speak this cloud's protocol",
                    service.name
                ),
            ));
        }
        let mut params = encode::split(params)?;
        let settings = &cloud.settings;
        let secure = settings
            .text("secure_transport", SECURE)
            .or_else(|| settings.text("security_transport", SECURITY));
        let source = [
            ("SourceIp", settings.text("source_ip", SOURCE)),
            ("SecureTransport", secure),
        ];
        for (name, value) in source {
            params.query.extend(value.map(|value| (name.to_owned(), value)));
        }
        params.query.sort();
        let mut url = cloud.endpoint(service, place)?;
        url.set_query(
            (!params.query.is_empty())
                .then(|| encode::form(&params.query))
                .as_deref(),
        );
        let body = wiped(encode::form(&params.body).into_bytes());
        for (_, value) in &mut params.body {
            value.zeroize();
        }
        Ok(Self {
            cloud,
            service,
            region: place.region.to_owned(),
            url,
            action,
            body,
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
                let find = async || credentials::find(self.cloud).await;
                self.cloud.session.credentials(find).await.map(Some)
            }
        }
    }

    fn request(&self, credentials: Option<&Credentials>, now: Timestamp) -> Result<Request, Failure> {
        let mut request = Request {
            method: Method::POST,
            url: self.url.clone(),
            headers: vec![("accept", "application/json".to_owned())],
            body: self.body.clone(),
        };
        if !self.body.is_empty() {
            let form = "application/x-www-form-urlencoded";
            request.headers.push(("content-type", form.to_owned()));
        }
        // The cloud's hosts name the region; a machine of one's own is the same for all.
        if is_loopback(&self.url) {
            request.headers.push(("x-acs-region-id", self.region.clone()));
        }
        let scope = sign::Scope {
            action: self.action,
            version: &self.service.version,
            at: now,
            nonce: &uuid::Uuid::new_v4().simple().to_string(),
        };
        sign::sign(&mut request, credentials, &scope);
        Ok(request)
    }

    fn name(&self) -> (&str, &str) {
        (&self.service.name, self.action)
    }

    fn protocol(&self) -> Protocol {
        self.service.protocol
    }

    fn answer(&self, reply: &Reply) -> Result<Value, Failure> {
        let codes = &self.cloud.settings.schema.errors;
        understand(reply, codes, self.cloud.session.now())
    }
}

/// What an answer without headers says.
pub fn read_answer(status: u16, body: &[u8], codes: &ErrorCodes, now: Timestamp) -> Result<Value, Failure> {
    understand(&Reply::bare(status, body), codes, now)
}

fn understand(reply: &Reply, codes: &ErrorCodes, now: Timestamp) -> Result<Value, Failure> {
    if !(200..300).contains(&reply.status) || errors::hides_failure(reply) {
        return Err(errors::failure(reply, codes, now));
    }
    encode::value(&reply.body).ok_or_else(|| classify::unreadable_success(reply))
}

fn check(settings: &Settings) -> Result<(), Diagnostics> {
    let Some(region) = settings.text("region", REGION) else {
        return Ok(());
    };
    if endpoint::REGIONS.contains(&&*region)
        || settings.flag("skip_region_validation", &["ALICLOUD_SKIP_REGION_VALIDATION"])
    {
        return Ok(());
    }
    Err(Diagnostic::error(
        "Invalid Alibaba Cloud region",
        format!("{region:?} is not a region of Alibaba Cloud."),
    )
    .hint("Set skip_region_validation if this region is new.")
    .into())
}

/// The security token service, where the schema does not describe it.
fn sts() -> Service {
    Service {
        name: "sts".into(),
        protocol: Protocol::AlicloudRpc,
        signing: "sts".into(),
        target: "".into(),
        version: "2015-04-01".into(),
        endpoint: "https://sts.${region}.aliyuncs.com".into(),
        quotas: Vec::new(),
        permissions: Permissions::default(),
    }
}

#[cfg(test)]
mod tests;
