//! What the settings of encryption mean.

use std::collections::BTreeMap;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::keys::{Hash, Keys, Kind as Source, Pbkdf2, Provider};
use super::kms::{Kind as Cloud, Service};
use super::{Coder, Kind};
use crate::cli::disk::Machine;
use crate::cli::environment::Environment;
use crate::cli::variables::{self, Variables};
use crate::clouds;
use crate::config::encryption::{Named, Target as Written, undeclared};
use crate::config::{Early, Encryption as Block, Module, Need, decode_early};
use crate::diag::{Diagnostic, Diagnostics, Result, Sources, Span};
use crate::eval::{Inputs, inputs};
use crate::lang::spec::{AttributeSpec, BlockSpec};
use crate::lang::syntax::{parse_body, parse_json_body};
use crate::schema::Catalog;
use crate::value::{Constraint, Text, Type, Value};

/// The least length of a passphrase, in characters.
const SHORTEST: usize = 16;
/// The least work that is put into a key, as in OpenTofu.
const LEAST_ITERATIONS: i64 = 200_000;

/// What is encrypted, and how.
#[derive(Clone, Default)]
pub struct Encryption {
    pub state: Option<Arc<Coder>>,
    pub plan: Option<Arc<Coder>>,
}

/// The methods for one thing: what is written uses the first, what is read any of them.
pub struct Target {
    pub methods: Vec<Method>,
    pub enforced: bool,
}

#[derive(Debug, PartialEq)]
pub enum Method {
    Unencrypted,
    AesGcm(AesGcm),
}

/// `method "aes_gcm" "name" {}`
#[derive(Debug, PartialEq)]
pub struct AesGcm {
    /// The address of its key provider.
    pub keys: String,
    /// What is authenticated beside the text.
    pub aad: Vec<u8>,
    /// What is encrypted is tied to the serial and lineage beside it, so that neither can be exchanged.
    pub bound: bool,
}

/// What is known of the world where settings of encryption are evaluated.
pub struct World<'a> {
    pub environment: &'a Environment,
    /// None where the command has no options for them.
    pub given: Option<&'a Variables>,
    pub workspace: &'a str,
    pub host: &'a Machine,
}

impl Encryption {
    /// What the configuration says, and `TF_ENCRYPTION` over it.
    pub fn of(root: Option<&Module>, world: &World<'_>) -> Result<Self> {
        let written = root.and_then(|root| root.settings.encryption.clone());
        let given = world.environment.option("ENCRYPTION").map(from_environment);
        let is_given = given.is_some();
        let block = match (written, given.transpose()?) {
            (None, None) => return Ok(Self::default()),
            (Some(block), None) => block,
            (written, Some(given)) => written.unwrap_or_default().overridden(given),
        };
        let none = Module::default();
        let root = root.unwrap_or(&none);
        let none = Variables::default();
        let given = world.given.unwrap_or(&none);
        let inputs = variables::collect(root, given, world.environment, &mut Sources::new())?;
        let reader = Reader {
            root,
            world,
            inputs,
            block: &block,
        };
        let read = reader.encryption();
        if is_given {
            read.map_err(without_places)
        } else {
            read
        }
    }
}

/// The same problems, without places: part of the settings is in no file.
fn without_places(problems: Diagnostics) -> Diagnostics {
    let told = problems.into_iter().map(|one| Diagnostic {
        span: None,
        labels: Vec::new(),
        detail: format!(
            "{} The settings are those of TF_ENCRYPTION over the configuration's.",
            one.detail
        ),
        ..one
    });
    told.collect()
}

/// The text of `TF_ENCRYPTION`: the inside of an `encryption` block, in either syntax.
fn from_environment(text: &str) -> Result<Block> {
    let mut sources = Sources::new();
    let file = sources.add("TF_ENCRYPTION", text);
    let is_json = text.trim_start().starts_with('{');
    let body = if is_json {
        parse_json_body(file, text)
    } else {
        parse_body(file, text)
    };

    let read = body.and_then(|body| {
        let span = body.span;
        Block::read(body, span)
    });
    read.map_err(|problems| {
        // Nothing of it is shown: it holds passphrases.
        let told = problems.into_iter();
        told.map(|one| {
            Diagnostic::error(
                "Invalid TF_ENCRYPTION",
                format!("{}: {}", one.summary, one.detail),
            )
        })
        .collect()
    })
}

struct Reader<'a> {
    root: &'a Module,
    world: &'a World<'a>,
    inputs: Inputs,
    block: &'a Block,
}

impl Reader<'_> {
    fn encryption(&self) -> Result<Encryption> {
        let mut problems = Diagnostics::new();
        let mut providers = BTreeMap::new();
        for one in &self.block.key_providers {
            if let Some(provider) = problems.take(self.provider(one)) {
                providers.insert(address("key_provider", &one.ty, &one.name), provider);
            }
        }
        let keys = Arc::new(Keys::new(providers));
        let mut coder = |kind: Kind, target: &Option<Written>| {
            let target = problems.take(self.target(target.as_ref()?))?;
            Some(Arc::new(Coder::new(kind, target, keys.clone())))
        };
        let encryption = Encryption {
            state: coder(Kind::State, &self.block.state),
            plan: coder(Kind::Plan, &self.block.plan),
        };
        problems.or(encryption)
    }

    fn target(&self, written: &Written) -> Result<Target> {
        let mut methods = Vec::new();
        let mut at = Some(written);
        while let Some(target) = at {
            let Some((ty, name)) = &target.method else {
                return Err(invalid("The argument \"method\" is required here.")
                    .at(target.span)
                    .into());
            };
            let mut all = self.block.methods.iter();
            let method = all.find(|one| one.ty == *ty && one.name == *name);
            let method =
                method.ok_or_else(|| undeclared("method", (ty, name), &self.block.methods, target.span))?;
            methods.push(self.method(method)?);
            at = target.fallback.as_deref();
        }
        if written.enforced && methods.first() == Some(&Method::Unencrypted) {
            return Err(invalid(
                "It is to be encrypted (enforced = true), and the method leaves it in clear.",
            )
            .at(written.span)
            .into());
        }
        Ok(Target {
            methods,
            enforced: written.enforced,
        })
    }

    fn method(&self, method: &Named) -> Result<Method> {
        match &*method.ty {
            "unencrypted" => Ok(Method::Unencrypted),
            "aes_gcm" => {
                let spec = spec(&[("aad", Type::list(Type::Number)), ("bound", Type::Bool)]);
                let value = self.decoded(method, &spec)?;
                let (ty, name) = method
                    .keys
                    .as_ref()
                    .ok_or_else(|| invalid("The argument \"keys\" is required here.").at(method.span))?;
                let all = &self.block.key_providers;
                if !all.iter().any(|one| one.ty == *ty && one.name == *name) {
                    return Err(undeclared("key_provider", (ty, name), all, method.span).into());
                }
                let aad = value.get("aad").and_then(Value::as_items).unwrap_or_default();
                let byte = |item: &Value| item.as_i64().and_then(|number| u8::try_from(number).ok());
                let aad: Option<Vec<u8>> = aad.iter().map(byte).collect();
                Ok(Method::AesGcm(AesGcm {
                    keys: address("key_provider", ty, name),
                    aad: aad.ok_or_else(|| {
                        invalid("\"aad\" must be a list of numbers from 0 to 255.").at(method.span)
                    })?,
                    bound: value.get("bound").and_then(Value::as_bool).unwrap_or_default(),
                }))
            }
            other => Err(unknown("method", other, "aes_gcm and unencrypted", method.span)),
        }
    }

    fn provider(&self, one: &Named) -> Result<Provider> {
        let alias = ("encrypted_metadata_alias", Type::String);
        let (kind, value) = match &*one.ty {
            "pbkdf2" => {
                let spec = spec(&[
                    ("passphrase", Type::String),
                    ("iterations", Type::Number),
                    ("key_length", Type::Number),
                    ("salt_length", Type::Number),
                    ("hash_function", Type::String),
                    alias,
                ]);
                let value = self.decoded(one, &spec)?;
                let kind = passphrase(&value).map_err(|error| error.at(one.span))?;
                (Source::Pbkdf2(kind), value)
            }
            "aws_kms" => self.service(one, Cloud::Aws, "aws", &alias)?,
            "alicloud_kms" => self.service(one, Cloud::Alicloud, "alicloud", &alias)?,
            other => {
                let known = "pbkdf2, aws_kms and alicloud_kms";
                return Err(unknown("key_provider", other, known, one.span));
            }
        };
        let address = address("key_provider", &one.ty, &one.name);
        Ok(Provider {
            meta_name: text(&value, "encrypted_metadata_alias").unwrap_or(address),
            kind,
        })
    }

    /// A service has the arguments of its cloud's provider, and says which of its keys is used.
    fn service(
        &self,
        one: &Named,
        cloud: Cloud,
        provider: &str,
        alias: &(&str, Type),
    ) -> Result<(Source, Value)> {
        let schema = Catalog::get()
            .provider(provider)
            .expect("a provider of this program")?;
        let own = [
            ("kms_key_id", Type::String),
            ("key_spec", Type::String),
            alias.clone(),
        ];
        let mut spec = spec(&own);
        spec.attributes.extend(schema.spec.attributes.clone());
        spec.blocks.extend(schema.spec.blocks.clone());
        let value = self.decoded(one, &spec)?;
        let key_id = text(&value, "kms_key_id")
            .ok_or_else(|| invalid("The argument \"kms_key_id\" is required here.").at(one.span))?;
        let is_own = |name: &Text| own.iter().any(|(own, _)| **own == **name);
        let arguments = value.as_entries().into_iter().flatten();
        let arguments = arguments.filter(|(name, _)| !is_own(name));
        let service = Service {
            cloud,
            key_id,
            key_spec: text(&value, "key_spec").unwrap_or_else(|| "AES_256".to_owned()),
            arguments: Value::object_of(arguments.map(|(name, value)| (name.clone(), value.clone()))),
            environment: clouds::Environment {
                variables: self.world.environment.all().clone(),
                home: self.world.environment.home(),
            },
        };
        Ok((Source::Kms(service), value))
    }

    fn decoded(&self, one: &Named, spec: &BlockSpec) -> Result<Value> {
        let early = Early {
            host: self.world.host,
            workspace: self.world.workspace,
            given: &|variable| inputs::given(&self.inputs, variable, self.world.host),
            need: Need::Encryption {
                by_option: self.world.given.is_some(),
            },
        };
        Ok(decode_early(&one.body, spec, self.root, early)?.unmark_deep().0)
    }
}

/// A block that may have these arguments.
fn spec(arguments: &[(&str, Type)]) -> BlockSpec {
    let argument = |ty: &Type, sensitive: bool| AttributeSpec {
        ty: Constraint {
            ty: ty.clone(),
            defaults: crate::value::Defaults::default(),
        },
        required: false,
        optional: true,
        computed: false,
        sensitive,
        write_only: false,
        deprecated: None,
        about: "".into(),
    };
    BlockSpec {
        attributes: arguments
            .iter()
            .map(|(name, ty)| (Text::from(*name), argument(ty, *name == "passphrase")))
            .collect(),
        blocks: BTreeMap::new(),
    }
}

fn passphrase(value: &Value) -> std::result::Result<Pbkdf2, Diagnostic> {
    let passphrase = text(value, "passphrase");
    if let Some(passphrase) = &passphrase {
        crate::secret::meet(passphrase);
    }
    let passphrase = passphrase
        .filter(|passphrase| passphrase.chars().count() >= SHORTEST)
        .ok_or_else(|| {
            invalid(&format!(
                "A passphrase of at least {SHORTEST} characters is required."
            ))
        })?;
    let number = |name: &str, default: i64, least: i64, most: i64| {
        let written = value.get(name).filter(|value| !value.is_null());
        let number = written.map_or(Some(default), Value::as_i64);
        number
            .filter(|number| (least..=most).contains(number))
            .and_then(|number| usize::try_from(number).ok())
            .ok_or_else(|| {
                invalid(&format!(
                    "\"{name}\" must be a whole number from {least} to {most}."
                ))
            })
    };
    let key_length = number("key_length", 32, 16, 32)?;
    if ![16, 24, 32].contains(&key_length) {
        return Err(invalid("\"key_length\" must be 16, 24 or 32 bytes."));
    }
    let hash = match text(value, "hash_function").as_deref() {
        None | Some("sha512") => Hash::Sha512,
        Some("sha256") => Hash::Sha256,
        Some(_) => return Err(invalid("\"hash_function\" must be \"sha256\" or \"sha512\".")),
    };
    let iterations = number("iterations", 600_000, LEAST_ITERATIONS, 100_000_000)?;
    Ok(Pbkdf2 {
        passphrase: Zeroizing::new(passphrase),
        iterations: u32::try_from(iterations).expect("checked above"),
        key_length,
        salt_length: number("salt_length", 32, 16, 1024)?,
        hash,
    })
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().map(str::to_owned)
}

fn address(kind: &str, ty: &str, name: &str) -> String {
    format!("{kind}.{ty}.{name}")
}

fn invalid(detail: &str) -> Diagnostic {
    Diagnostic::error("Invalid encryption configuration", detail)
}

fn unknown(kind: &str, ty: &str, known: &str, span: Span) -> Diagnostics {
    invalid(&format!(
        "The {kind} \"{ty}\" is not supported. There are {known}."
    ))
    .at(span)
    .into()
}
