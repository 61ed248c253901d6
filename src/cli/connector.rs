//! Opens providers: the only place that wires clouds to the engine.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::log::Log;
use super::supplied::completed;
use crate::addr::ProviderConfig;
use crate::clouds::{self, SandboxTarget};
use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::plan::live::{Connector, Elsewhere, Opened, Opening};
use crate::sandbox;
use crate::schema::{Catalog, ProviderSchema};
use crate::value::{Text, Value};

/// Connects to the clouds, or to the sandbox in their place.
pub struct CloudConnector {
    pub environment: clouds::Environment,
    /// Where a sandbox listens, if one plays the clouds: `http://127.0.0.1:4567`.
    pub sandbox: Option<String>,
    /// Refuse everything that could change something.
    pub read_only: bool,
    /// What all its providers share.
    pub quotas: clouds::Quotas,
    pub log: Rc<Log>,
}

/// Opens providers only where the plan says that their services are asked: who reads a plan must be able to rely on it.
pub struct AsTold<'c> {
    pub inner: &'c mut CloudConnector,
    pub told: Elsewhere,
    /// The providers as they were while planning.
    pub planned: BTreeMap<ProviderConfig, Value>,
}

impl Connector for AsTold<'_> {
    fn open<'a>(&'a mut self, config: &'a ProviderConfig, arguments: Value) -> Opening<'a> {
        Box::pin(async move {
            let opened = self.inner.connect(config, arguments).await?;
            // What could not be opened while planning could not be told either.
            if let Some(told) = self.told.get(config) {
                let now = opened.elsewhere(config);
                let other: Vec<&str> = now
                    .iter()
                    .filter(|line| !told.contains(line))
                    .map(String::as_str)
                    .collect();
                if !other.is_empty() {
                    return Err(asked_elsewhere(&other));
                }
            }
            let planned = self.planned.get(config).and_then(region);
            match (planned, region(&opened.value)) {
                (Some(planned), Some(now)) if planned != now => Err(other_region(planned, now)),
                _ => Ok(opened),
            }
        })
    }
}

fn region(provider: &Value) -> Option<&str> {
    provider.get("region").and_then(Value::as_str)
}

fn other_region(planned: &str, now: &str) -> Diagnostics {
    let detail = format!(
        "The plan was made for the region {planned}, and the provider would now work in {now}: the environment or a file of profiles has changed since."
    );
    Diagnostic::error("Other region than in the plan", detail)
        .hint("Make a new plan with these settings, or apply this one with those that it was made with.")
        .into()
}

fn asked_elsewhere(lines: &[&str]) -> Diagnostics {
    let detail = format!(
        "Services would now be asked at addresses that the plan does not tell ({}): the environment or a file of profiles has changed since it was made.",
        lines.join(", ")
    );
    Diagnostic::error("Other addresses than in the plan", detail)
        .hint("Make a new plan with these settings, or apply this one with those that it was made with.")
        .into()
}

impl Connector for CloudConnector {
    fn open<'a>(&'a mut self, config: &'a ProviderConfig, arguments: Value) -> Opening<'a> {
        Box::pin(self.connect(config, arguments))
    }
}

impl CloudConnector {
    async fn connect(&self, config: &ProviderConfig, arguments: Value) -> Result<Opened> {
        let name = &config.provider.ty;
        let schema = if let Some(schema) = Catalog::get().provider(name) {
            schema?
        } else {
            let detail = format!("keyform does not know the provider {}.", config.provider);
            return Err(Diagnostic::error("Unknown provider", detail).into());
        };
        if schema.services.is_empty() {
            return Ok(Opened {
                cloud: None,
                schema: Some(schema),
                value: arguments,
            });
        }
        let written = self.in_sandbox(schema, arguments);
        let arguments = completed(schema, &written, &self.environment);
        if !arguments.is_wholly_known() {
            // What the arguments depend on is still to be made: there is nothing to talk to yet.
            return Ok(Opened {
                cloud: None,
                schema: Some(schema),
                value: arguments,
            });
        }
        let options = clouds::Options {
            sandbox: self.target(name),
            read_only: self.read_only,
            quotas: self.quotas.clone(),
            heard: self.log.of_requests(),
            ..clouds::Options::default()
        };
        // What is written weighs more than the environment, so the client must see the one without the other.
        let cloud = clouds::connect(&Arc::new(schema.clone()), &written, &self.environment, options)?;
        let value = with_facts(schema, &arguments, &*cloud).await?;
        Ok(Opened {
            cloud: Some(cloud),
            schema: Some(schema),
            value,
        })
    }

    /// The arguments, with the region of a sandbox where nobody names one.
    fn in_sandbox(&self, schema: &ProviderSchema, arguments: Value) -> Value {
        let completed = completed(schema, &arguments, &self.environment);
        let is_open = completed.get("region").is_some_and(Value::is_null);
        let Some(written) = arguments
            .as_entries()
            .filter(|_| self.sandbox.is_some() && is_open)
        else {
            return arguments;
        };
        let region = match &*schema.name {
            "aws" => "us-east-1",
            _ => "cn-hangzhou",
        };
        let mut all = written.clone();
        all.insert("region".into(), Value::string(region));
        Value::object(all)
    }

    fn target(&self, provider: &str) -> Option<SandboxTarget> {
        let base_url = self.sandbox.clone()?;
        let (access_key, secret_key) = match provider {
            "aws" => (sandbox::AWS_ACCESS_KEY_ID, sandbox::AWS_SECRET_ACCESS_KEY),
            _ => (
                sandbox::ALICLOUD_ACCESS_KEY_ID,
                sandbox::ALICLOUD_ACCESS_KEY_SECRET,
            ),
        };
        Some(SandboxTarget {
            base_url,
            access_key: access_key.into(),
            secret_key: secret_key.into(),
        })
    }
}

/// What schema expressions see: the arguments, and what the cloud knows better. The cloud is asked only when
/// the region is not known otherwise.
async fn with_facts(
    schema: &ProviderSchema,
    arguments: &Value,
    cloud: &dyn crate::cloud::Cloud,
) -> Result<Value> {
    let has_region = arguments.get("region").is_some_and(|region| !region.is_null());
    let mut all = arguments.as_entries().cloned().unwrap_or_default();
    let facts = if has_region {
        Value::object(BTreeMap::new())
    } else {
        let answer = cloud.facts().await;
        answer.map_err(|error| {
            Diagnostic::error(
                "Provider cannot be used",
                format!(
                    "The provider {} does not know its region, and asking the cloud failed: {error}.",
                    schema.name
                ),
            )
            .hint(format!(
                "Set the region: provider \"{}\" {{ region = \"...\" }}",
                schema.name
            ))
        })?
    };
    // No expression of a schema needs a secret, so none gets one.
    for (name, _) in schema.spec.attributes.iter().filter(|(_, spec)| spec.sensitive) {
        all.insert(Text::clone(name), Value::null(crate::value::Type::String));
    }
    for name in &schema.facts {
        let unset = all.get(name).is_none_or(Value::is_null);
        if unset {
            let fact = facts
                .get(name)
                .cloned()
                .unwrap_or_else(|| Value::null(crate::value::Type::String));
            all.insert(Text::clone(name), fact);
        }
    }
    Ok(Value::object(all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Effect;
    use crate::clouds::stub::{Stub, call, environment, say};

    /// Who signs a call when the block of the provider is empty but for its region.
    #[track_caller]
    fn check(variables: &[(&str, &str)], arguments: &[(&str, Value)], key: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let stub = runtime.block_on(Stub::start(vec![say(200, "{}")]));
        let endpoint = ("AWS_ENDPOINT_URL", &*stub.url);
        let mut connector = CloudConnector {
            environment: environment(&[variables, &[endpoint]].concat()),
            sandbox: None,
            read_only: true,
            quotas: clouds::Quotas::default(),
            log: Rc::default(),
        };
        let spec = &Catalog::get().provider("aws").unwrap().unwrap().spec;
        let mut all: BTreeMap<Text, Value> = spec
            .attributes
            .iter()
            .map(|(name, spec)| (Text::clone(name), Value::null(spec.ty.ty.clone())))
            .collect();
        all.extend(
            arguments
                .iter()
                .map(|(name, value)| (Text::from(*name), value.clone())),
        );
        let config = ProviderConfig::parse(r#"provider["registry.terraform.io/hashicorp/aws"]"#).unwrap();
        let opened = runtime
            .block_on(connector.open(&config, Value::object(all)))
            .unwrap();
        let nothing = Value::object_of::<&str>([]);
        let answer = opened.cloud.unwrap();
        let answer = runtime.block_on(answer.call(call("ListKeys", Effect::Read, nothing)));
        assert!(answer.is_ok(), "{answer:?}");
        let head = &stub.asked()[0].head;
        assert!(head.contains(&format!("Credential={key}/")), "{head}");
    }

    #[test]
    fn keys_of_the_environment_beat_its_profile_but_not_the_blocks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials");
        fs_err::write(
            &path,
            "[other]\naws_access_key_id=OTHERKEY\naws_secret_access_key=s\n",
        )
        .unwrap();
        let path = path.to_string_lossy();
        let profile = ("AWS_PROFILE", "other");
        let file = ("AWS_SHARED_CREDENTIALS_FILE", &*path);
        let region = ("AWS_REGION", "us-east-1");
        let keys = [("AWS_ACCESS_KEY_ID", "ENVKEY"), ("AWS_SECRET_ACCESS_KEY", "s")];
        check(&[profile, file, region], &[], "OTHERKEY");
        check(&[profile, file, region, keys[0], keys[1]], &[], "ENVKEY");
        let block = [("profile", Value::from("other"))];
        check(&[file, region, keys[0], keys[1]], &block, "OTHERKEY");
    }

    #[test]
    fn the_region_of_the_instance_is_the_providers_where_nobody_names_one() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let keys = r#"{"Code":"Success","AccessKeyId":"K","SecretAccessKey":"s","Token":"t","Expiration":"2099-01-01T00:00:00Z"}"#;
        let identity =
            "<R><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></R>";
        let script = ["token", "sa-east-1", "token", "role", keys, identity];
        let script = script.map(|answer| say(200, answer)).to_vec();
        let stub = runtime.block_on(Stub::start(script));
        let mut connector = CloudConnector {
            environment: environment(&[
                ("AWS_ENDPOINT_URL", &stub.url),
                ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &stub.url),
            ]),
            sandbox: None,
            read_only: true,
            quotas: clouds::Quotas::default(),
            log: Rc::default(),
        };
        let spec = &Catalog::get().provider("aws").unwrap().unwrap().spec;
        let config = ProviderConfig::parse(r#"provider["registry.terraform.io/hashicorp/aws"]"#).unwrap();
        let opened = connector.open(&config, crate::resource::empty_object(spec));
        let opened = runtime.block_on(opened).unwrap();
        let told = |name: &str| opened.value.get(name).and_then(Value::as_str);
        assert_eq!(told("region"), Some("sa-east-1"));
        assert_eq!(told("account_id"), Some("123456789012"));
    }
}
