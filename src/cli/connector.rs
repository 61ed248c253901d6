//! Opens providers: the only place that wires clouds to the engine.

use std::sync::Arc;

use crate::addr::ProviderConfig;
use crate::clouds::{self, SandboxTarget};
use crate::diag::{Diagnostic, Result};
use crate::plan::live::{Connector, Opened, Opening};
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
        let arguments = self.completed(schema, &arguments);
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
            ..clouds::Options::default()
        };
        let cloud = clouds::connect(&Arc::new(schema.clone()), &arguments, &self.environment, options)?;
        let value = with_facts(schema, &arguments, &*cloud).await?;
        Ok(Opened {
            cloud: Some(cloud),
            schema: Some(schema),
            value,
        })
    }

    /// The arguments, with what the environment supplies in the place of those that are not written.
    fn completed(&self, schema: &ProviderSchema, arguments: &Value) -> Value {
        let Some(written) = arguments.as_entries() else {
            return arguments.clone();
        };
        let mut all = written.clone();
        for (name, variables) in &schema.environment {
            if all.get(name).is_some_and(Value::is_null)
                && schema
                    .spec
                    .attributes
                    .get(name)
                    .is_some_and(|spec| spec.ty.ty == crate::value::Type::String)
                && let Some(text) = variables
                    .iter()
                    .find_map(|variable| self.environment.variable(variable))
            {
                let sensitive = schema
                    .spec
                    .attributes
                    .get(name)
                    .is_some_and(|spec| spec.sensitive);
                let marks = if sensitive {
                    crate::value::Marks::SENSITIVE
                } else {
                    crate::value::Marks::NONE
                };
                all.insert(name.clone(), Value::string(text).with_marks(marks));
            }
        }
        if self.sandbox.is_some() && all.get("region").is_some_and(Value::is_null) {
            let region = if &*schema.name == "aws" {
                "us-east-1"
            } else {
                "cn-hangzhou"
            };
            all.insert("region".into(), Value::string(region));
        }
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
        Value::object(std::collections::BTreeMap::new())
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

impl crate::plan::live::Runtime for tokio::runtime::Runtime {
    fn block_on(&self, future: std::pin::Pin<Box<dyn Future<Output = ()> + '_>>) {
        Self::block_on(self, future);
    }
}
