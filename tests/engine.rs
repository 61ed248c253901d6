//! The life of objects against the sandbox: made, read, changed, imported, deleted; after each step nothing is
//! left to plan.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use keyform::cloud::Cloud;
use keyform::clouds::{Environment, Options, SandboxTarget, connect};
use keyform::resource::operate::{self, Machine, Outcome, Site};
use keyform::resource::{Action, Change, Wish, empty_object, propose};
use keyform::sandbox;
use keyform::schema::{Catalog, ProviderSchema, ResourceType};
use keyform::value::convert::convert;
use keyform::value::json::read_plain_json;
use keyform::value::{Text, Type, Value};
use serde_json::{Value as Json, json};

/// A machine whose clock jumps.
#[derive(Default)]
struct Jumping(Cell<Duration>);

impl Machine for Jumping {
    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        self.0.set(self.0.get() + time);
        Box::pin(async {})
    }

    fn elapsed(&self) -> Duration {
        self.0.get()
    }

    fn write_secret_file(&self, _path: &str, _content: &str) -> std::io::Result<()> {
        Ok(())
    }

    fn uuid(&self) -> String {
        "00000000-0000-4000-8000-000000000000".into()
    }
}

/// A provider that the sandbox plays.
struct Bench {
    cloud: Rc<dyn Cloud>,
    schema: &'static ProviderSchema,
    provider: Value,
    machine: Jumping,
    runtime: tokio::runtime::Runtime,
    _sandbox: sandbox::Running,
}

impl Bench {
    fn new(provider: &str, arguments: &Json) -> Self {
        let running = sandbox::start(sandbox::Options::default()).expect("a sandbox");
        let (access_key, secret_key) = match provider {
            "aws" => (sandbox::AWS_ACCESS_KEY_ID, sandbox::AWS_SECRET_ACCESS_KEY),
            _ => (
                sandbox::ALICLOUD_ACCESS_KEY_ID,
                sandbox::ALICLOUD_ACCESS_KEY_SECRET,
            ),
        };
        let target = SandboxTarget {
            base_url: format!("http://{}", running.address),
            access_key: access_key.into(),
            secret_key: secret_key.into(),
        };
        let schema = Catalog::get().provider(provider).expect("known").expect("sound");
        let provider = filled(&empty_object(&schema.spec), arguments);
        let options = Options {
            sandbox: Some(target),
            ..Options::default()
        };
        let cloud = connect(
            &Arc::new(schema.clone()),
            &provider,
            &Environment::default(),
            options,
        )
        .expect("a cloud");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        Self {
            cloud,
            schema,
            provider,
            machine: Jumping::default(),
            runtime,
            _sandbox: running,
        }
    }

    /// With what the cloud tells about itself.
    fn with_facts(mut self) -> Self {
        let facts = self.runtime.block_on(self.cloud.facts()).expect("facts");
        let mut provider = self.provider.as_entries().cloned().expect("an object");
        provider.extend(facts.as_entries().cloned().expect("an object"));
        self.provider = Value::object(provider);
        self
    }

    fn site(&self, ty: &'static ResourceType) -> Site<'_> {
        Site {
            ty,
            cloud: Some(&*self.cloud),
            schema: Some(self.schema),
            provider: &self.provider,
            machine: &self.machine,
            shared: None,
            turn: None,
            made: None,
            marker: None,
            account: None,
            again: false,
            until: None,
            former: None,
        }
    }

    fn plan(&self, ty: &'static ResourceType, config: &Json, prior: Option<&Value>) -> (Value, Change) {
        let config = filled(&empty_object(&ty.spec), config);
        let proposal = propose(&Wish {
            ty,
            config: &config,
            prior,
            provider: &self.provider,
            forced: false,
        });
        (
            config,
            proposal
                .unwrap_or_else(|errors| panic!("{}: {errors:?}", ty.name))
                .change,
        )
    }

    #[track_caller]
    fn check_empty(&self, ty: &'static ResourceType, config: &Json, object: &Value, when: &str) {
        let change = self.plan(ty, config, Some(object)).1;
        assert_eq!(
            change.action,
            Action::NoOp,
            "{} {when}: {} becomes {}",
            ty.name,
            change.before,
            change.after
        );
    }

    /// Makes an object and leaves it there.
    #[track_caller]
    fn make(&self, name: &str, config: &Json) -> Value {
        let ty = resource_type(name);
        let (decoded, change) = self.plan(ty, config, None);
        let made = fine(
            self.runtime
                .block_on(operate::create(self.site(ty), &change.after, &decoded)),
            name,
        );
        self.check_empty(ty, config, &made, "after create");
        let read = self.read(ty, &made).unwrap_or_else(|| panic!("{name} is gone"));
        self.check_empty(ty, config, &read, "after a refresh");
        assert_eq!(read, made, "{name} as made and as read");
        made
    }

    fn read(&self, ty: &'static ResourceType, object: &Value) -> Option<Value> {
        let read = self.runtime.block_on(operate::read(self.site(ty), object));
        read.unwrap_or_else(|errors| panic!("{}: {errors:?}", ty.name))
            .object()
    }

    /// A whole life: each configuration follows the one before it in place.
    #[track_caller]
    fn live(&self, name: &str, configs: &[Json], import: Option<&str>) {
        let ty = resource_type(name);
        let mut object = self.make(name, &configs[0]);
        for config in &configs[1..] {
            let (decoded, change) = self.plan(ty, config, Some(&object));
            assert_eq!(
                change.action,
                Action::Update,
                "{name} {config}: {:?}",
                change.replace_paths
            );
            let outcome = operate::update(self.site(ty), &object, &change.after, &decoded);
            object = fine(self.runtime.block_on(outcome), name);
            self.check_empty(ty, config, &object, "after an update");
        }
        if let Some(id) = import {
            let id = if id.is_empty() {
                object
                    .get("id")
                    .and_then(Value::as_str)
                    .expect("an id")
                    .to_owned()
            } else {
                id.to_owned()
            };
            let found = self.runtime.block_on(operate::import(self.site(ty), &id));
            let found = found.unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
            self.check_empty(ty, configs.last().expect("one"), &found, "after an import");
        }
        let deleted = self.runtime.block_on(operate::delete(self.site(ty), &object));
        deleted.unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        if ty.delete.is_some() {
            assert!(self.read(ty, &object).is_none(), "{name} is still there");
        }
    }
}

#[track_caller]
fn fine(outcome: Outcome, name: &str) -> Value {
    assert!(outcome.problems.is_empty(), "{name}: {:?}", outcome.problems);
    outcome.object.expect("an object")
}

fn resource_type(name: &str) -> &'static ResourceType {
    Catalog::get().resource_type(name).expect("known").expect("sound")
}

fn filled(empty: &Value, json: &Json) -> Value {
    let mut parts = empty.as_entries().cloned().expect("an object");
    for (name, part) in read_plain_json(json)
        .expect("readable")
        .as_entries()
        .expect("an object")
    {
        let ty = parts.get(name).unwrap_or_else(|| panic!("{name} is known")).ty();
        parts.insert(Text::clone(name), convert(part, &ty).expect("it fits"));
    }
    Value::object(parts)
}

fn text(object: &Value, name: &str) -> String {
    object.get(name).and_then(Value::as_str).expect("text").to_owned()
}

#[test]
fn aws_objects_live() {
    let bench = Bench::new(
        "aws",
        &json!({"region": "eu-west-1", "default_tags": {"tags": {"team": "a"}}}),
    )
    .with_facts();
    bench.live(
        "aws_kms_key",
        &[
            json!({"is_enabled": false, "enable_key_rotation": true, "tags": {"a": "1"}}),
            json!({"enable_key_rotation": true, "rotation_period_in_days": 100, "description": "d", "tags": {"a": "2", "b": ""}}),
            json!({"description": "d", "deletion_window_in_days": 7}),
            json!({"description": "d"}),
        ],
        Some(""),
    );
    let key = bench.make("aws_kms_key", &json!({}));
    let other = bench.make("aws_kms_key", &json!({}));
    bench.live(
        "aws_kms_alias",
        &[
            json!({"name": "alias/a", "target_key_id": text(&key, "arn")}),
            json!({"name": "alias/a", "target_key_id": text(&other, "key_id")}),
        ],
        Some("alias/a"),
    );
    bench.make(
        "aws_kms_alias",
        &json!({"name_prefix": "alias/p-", "target_key_id": text(&key, "key_id")}),
    );
    bench.live(
        "aws_kms_ciphertext",
        &[json!({"key_id": text(&key, "key_id"), "plaintext": "secret"})],
        None,
    );
    bench.live(
        "aws_kms_grant",
        &[json!({"key_id": text(&key, "key_id"), "grantee_principal": "arn:aws:iam::123456789012:role/r", "operations": ["Encrypt", "Decrypt"]})],
        None,
    );
}

#[test]
fn data_sources_are_read() {
    let bench = Bench::new("aws", &json!({"region": "eu-west-1"})).with_facts();
    let read = |name: &str, config: &dyn Fn(&ResourceType) -> Value| {
        let ty = Catalog::get().data_source(name).expect("known").expect("sound");
        let found = bench.runtime.block_on(operate::read_data(
            bench.site(ty),
            &Value::null(Type::Dynamic),
            &config(ty),
        ));
        let found = found.unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        assert!(found.is_wholly_known(), "{name}: {found}");
        found
    };
    let check = |name: &str, config: Json, member: &str, expected: &str| {
        let found = read(name, &|ty| filled(&empty_object(&ty.spec), &config));
        assert_eq!(text(&found, member), expected, "{name}");
    };
    check(
        "aws_caller_identity",
        json!({}),
        "account_id",
        sandbox::AWS_ACCOUNT,
    );
    check("aws_region", json!({}), "name", "eu-west-1");
    check("aws_region", json!({"name": "us-east-1"}), "id", "us-east-1");
    check("aws_partition", json!({}), "partition", "aws");
    let found = read("aws_iam_policy_document", &|ty| {
        let empty = empty_object(&ty.spec.blocks["statement"].spec);
        let statement = filled(&empty, &json!({"actions": ["kms:*"], "resources": ["*"]}));
        let mut parts = empty_object(&ty.spec).as_entries().cloned().expect("an object");
        parts.insert("statement".into(), Value::list(statement.ty(), vec![statement]));
        Value::object(parts)
    });
    assert!(text(&found, "json").contains("kms:*"));
}

#[test]
fn alicloud_objects_live() {
    let bench = Bench::new(
        "alicloud",
        &json!({"region": "cn-hangzhou", "secret_updates": "in_place"}),
    );
    bench.live(
        "alicloud_kms_key",
        &[
            json!({"status": "Disabled", "automatic_rotation": "Enabled", "rotation_interval": "604800s"}),
            json!({"is_enabled": true, "automatic_rotation": "Enabled", "rotation_interval": "8d", "description": "d", "tags": {"a": "1"}}),
            json!({"description": "d", "automatic_rotation": "Disabled", "pending_window_in_days": 7}),
            json!({"description": "d", "automatic_rotation": "Disabled"}),
        ],
        Some(""),
    );
    let key = bench.make("alicloud_kms_key", &json!({}));
    let other = bench.make("alicloud_kms_key", &json!({}));
    bench.live(
        "alicloud_kms_alias",
        &[
            json!({"alias_name": "alias/a", "key_id": text(&key, "id")}),
            json!({"alias_name": "alias/a", "key_id": text(&other, "id")}),
        ],
        Some("alias/a"),
    );
    bench.live(
        "alicloud_kms_secret",
        &[
            json!({"secret_name": "s", "secret_data": "one", "version_id": "v1", "force_delete_without_recovery": true}),
            json!({"secret_name": "s", "secret_data": "two", "version_id": "v2", "description": "d", "force_delete_without_recovery": true}),
        ],
        None,
    );
    bench.live(
        "alicloud_kms_ciphertext",
        &[json!({"key_id": text(&key, "id"), "plaintext": "c2VjcmV0"})],
        None,
    );
}
