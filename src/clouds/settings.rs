//! A provider block's arguments, with what the environment says where the block is silent.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::Environment;
use super::http::Network;
use super::limit::Limits;
use super::modes::is_exposed;
use super::retry::Failure;
use crate::cloud::Call;
use crate::schema::{ProviderSchema, Service};
use crate::value::Value;

/// The arguments of a provider block, plain.
pub struct Settings {
    pub schema: Arc<ProviderSchema>,
    pub environment: Environment,
    block: Block,
    /// Files with secrets that others may read, of those that were read.
    exposed: RefCell<BTreeSet<String>>,
}

/// Where a call goes.
pub struct Place<'a> {
    pub region: &'a str,
    /// A host to ask instead of the service's public endpoint; what the user configured comes first.
    pub endpoint: Option<&'a str>,
}

/// A block's arguments.
#[derive(Clone)]
pub struct Block(Value);

impl Settings {
    #[expect(clippy::disallowed_methods, reason = "credentials may be arguments")]
    pub fn new(schema: Arc<ProviderSchema>, configuration: &Value, environment: Environment) -> Self {
        Self {
            schema,
            environment,
            block: Block(configuration.reveal()),
            exposed: RefCell::default(),
        }
    }

    /// An argument of the block, else the first environment variable that is set: those which the schema names,
    /// or these where it names none.
    pub fn text(&self, name: &str, variables: &[&str]) -> Option<String> {
        self.block
            .text(name)
            .or_else(|| self.environmental(name, variables))
    }

    /// The same for an argument that only the block holds.
    pub fn own_text(&self, name: &str) -> Option<String> {
        self.block.text(name)
    }

    pub fn flag(&self, name: &str, variables: &[&str]) -> bool {
        self.text(name, variables).is_some_and(|text| says_yes(&text))
    }

    pub fn number(&self, name: &str, variables: &[&str]) -> Option<u64> {
        self.text(name, variables).and_then(|text| text.parse().ok())
    }

    pub fn texts(&self, name: &str) -> Vec<String> {
        self.block.texts(name)
    }

    /// All blocks of a kind, in order.
    pub fn blocks(&self, name: &str) -> Vec<Block> {
        self.block.blocks(name)
    }

    /// An environment variable, unless it is empty.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.environment.variable(name).map(str::to_owned)
    }

    /// Whether an environment variable says yes.
    pub fn variable_flag(&self, name: &str) -> bool {
        self.environment.variable(name).is_some_and(says_yes)
    }

    /// The first of these variables that is set.
    pub fn first_variable(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.variable(name))
    }

    /// The endpoint that the `endpoints` block gives for a service.
    pub fn endpoint(&self, service: &str) -> Option<String> {
        self.blocks("endpoints")
            .iter()
            .find_map(|block| block.text(service))
    }

    /// A path with `~` for the home folder.
    pub fn expand(&self, path: &str) -> String {
        match (path.strip_prefix("~/"), &self.environment.home) {
            (Some(rest), Some(home)) => home.join(rest).to_string_lossy().into_owned(),
            _ => path.to_owned(),
        }
    }

    /// Looks at a file that was read: whether others may read its secrets.
    pub fn look_at(&self, path: &str, content: &[u8]) {
        if is_exposed(path, content) {
            self.exposed.borrow_mut().insert(path.to_owned());
        }
    }

    /// Files with secrets that others may read, of those that were read.
    pub fn exposed(&self) -> Vec<String> {
        self.exposed.borrow().iter().cloned().collect()
    }

    /// The service that a call names; the security token service is there even if the schema is silent.
    pub fn service<'a>(&'a self, call: &Call, sts: &'a Service) -> Result<&'a Service, Failure> {
        self.schema
            .services
            .get(&call.service)
            .or_else(|| Some(sts).filter(|sts| sts.name == call.service))
            .ok_or_else(|| {
                Failure::refused("UnknownService", format!("There is no service {}", call.service))
            })
    }

    /// How to reach the network, before what a cloud adds.
    pub fn network(&self, user_agent: &str) -> Network {
        let proxy = |name: &str, variables: &[&str]| self.text(name, variables);
        let http_proxy = proxy("http_proxy", &["HTTP_PROXY", "http_proxy"]);
        let milliseconds = |name: &str, variable: &str, default: u64| {
            Duration::from_millis(self.number(name, &[variable]).unwrap_or(default).max(1))
        };
        Network {
            user_agent: user_agent.to_owned(),
            connect_timeout: milliseconds("client_connect_timeout", "CLIENT_CONNECT_TIMEOUT", 10_000),
            timeout: milliseconds("client_read_timeout", "CLIENT_READ_TIMEOUT", 60_000),
            https_proxy: proxy("https_proxy", &["HTTPS_PROXY", "https_proxy"])
                .or_else(|| self.own_text("http_proxy")),
            http_proxy,
            no_proxy: proxy("no_proxy", &["NO_PROXY", "no_proxy"]),
            ca_bundle: proxy("custom_ca_bundle", &["AWS_CA_BUNDLE"])
                .map(|path| PathBuf::from(self.expand(&path))),
            allow_plain: false,
            answer_limit: super::http::ANSWER_LIMIT,
        }
    }

    /// The limits of a provider with these arguments. Endpoints on this machine have none until they object, unless
    /// the user wants the clouds' quotas to be kept there too.
    pub fn limits(&self, options: &super::Options, local: bool) -> Limits {
        let kept = self.variable_flag("KEYFORM_KEEP_QUOTAS");
        let account = (self.schema.name.to_string(), self.account());
        Limits::new(options.quotas.clone(), account, local && !kept)
    }

    /// Whose quotas calls draw on, as far as the block tells: the account that it names, else the credentials. Blocks
    /// that say nothing speak for the same account.
    fn account(&self) -> String {
        let roles = [
            "assume_role",
            "assume_role_with_web_identity",
            "assume_role_with_oidc",
        ];
        let roles = roles.iter().flat_map(|name| self.blocks(name));
        let role = roles.filter_map(|block| block.text("role_arn")).last();
        let of_role = role
            .as_deref()
            .and_then(|arn| arn.split(':').rfind(|part| is_account(part)));
        if let Some(account) = of_role {
            return account.to_owned();
        }
        if let [account] = &self.texts("allowed_account_ids")[..] {
            return account.clone();
        }
        let names = ["account_id", "access_key", "profile"];
        let names = names.iter().find_map(|name| self.own_text(name));
        names.unwrap_or_default()
    }

    fn environmental(&self, name: &str, variables: &[&str]) -> Option<String> {
        match self.schema.environment.get(name) {
            Some(names) => names.iter().find_map(|name| self.variable(name)),
            None => self.first_variable(variables),
        }
    }
}

impl Block {
    /// A primitive argument as text; none where it is null, unknown or empty.
    pub fn text(&self, name: &str) -> Option<String> {
        text(self.0.get(name)?)
    }

    /// Whether an argument is written, but as an empty text.
    pub fn is_empty(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_str) == Some("")
    }

    pub fn texts(&self, name: &str) -> Vec<String> {
        let items = self.0.get(name).and_then(Value::as_items);
        items.into_iter().flatten().filter_map(text).collect()
    }

    pub fn entries(&self, name: &str) -> BTreeMap<String, String> {
        let entries = self.0.get(name).and_then(Value::as_entries);
        entries
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.to_string(), text(value)?)))
            .collect()
    }

    pub fn blocks(&self, name: &str) -> Vec<Self> {
        match self.0.get(name) {
            None => Vec::new(),
            Some(value) => match (value.as_items(), value.as_entries()) {
                (Some(items), _) => items.iter().cloned().map(Self).collect(),
                (None, Some(_)) => vec![Self(value.clone())],
                (None, None) => Vec::new(),
            },
        }
    }
}

fn is_account(part: &str) -> bool {
    part.len() >= 12 && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text means true.
pub fn says_yes(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text == "1"
}

fn text(value: &Value) -> Option<String> {
    if let Some(text) = value.as_str() {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    if let Some(flag) = value.as_bool() {
        return Some(flag.to_string());
    }
    value.as_number().map(|number| match number.as_i64() {
        Some(small) => small.to_string(),
        None => number.to_string(),
    })
}
