//! Reads a provider's file.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::provider::{ErrorCodes, Permissions, Poll, Protocol, ProviderSchema, Quota, Service};
use super::argument::read_members;
use super::reader::{Reader, constant};
use super::spec;
use crate::diag::{Diagnostic, Diagnostics};
use crate::lang::syntax::{Block, Expr, ExprKind, TemplatePart};
use crate::value::{Text, Value};

/// How long a new object may seem missing when the file says nothing.
const SETTLE: Duration = Duration::from_secs(10);

/// What a `provider` block of a schema file says; `every` is left to the types.
pub(super) fn provider(name: Text, block: &Block, problems: &mut Diagnostics) -> ProviderSchema {
    let environment = environment(block, problems);
    let mut reader = Reader::new(block, problems);
    let (arguments, blocks) = read_members(&mut reader);
    reader.blocks("every");
    let schema = ProviderSchema {
        about: reader.text("about").unwrap_or_else(|| "".into()),
        spec: spec::body(&arguments, &blocks),
        environment,
        facts: reader.texts("facts"),
        credentials: reader.texts("credentials"),
        services: reader.named("service", service).into_iter().collect(),
        errors: errors(&mut reader),
        settle: reader.duration("settle").unwrap_or(SETTLE),
        poll: poll(&mut reader),
        name,
        arguments,
        blocks,
    };
    reader.finish();
    schema
}

/// Environment variables by argument; those of nested blocks by `block.argument`.
fn environment(block: &Block, problems: &mut Diagnostics) -> BTreeMap<Text, Vec<Text>> {
    let mut found = BTreeMap::new();
    collect_environment(block, "", &mut found, problems);
    found
}

fn collect_environment(
    block: &Block,
    prefix: &str,
    found: &mut BTreeMap<Text, Vec<Text>>,
    problems: &mut Diagnostics,
) {
    for inner in &block.body.blocks {
        let Some(label) = inner.labels.first() else {
            continue;
        };
        let name = format!("{prefix}{}", label.text);
        match &*inner.kind {
            "argument" => {
                let variables = Reader::new(inner, problems).texts("env");
                if !variables.is_empty() {
                    found.insert(name.into(), variables);
                }
            }
            "block" => collect_environment(inner, &format!("{name}."), found, problems),
            _ => {}
        }
    }
}

fn service(name: Text, mut reader: Reader<'_, '_>) -> Service {
    let protocol = match reader.text("protocol").as_deref() {
        Some("aws_json_1_1") => Protocol::AwsJson,
        Some("aws_query") => Protocol::AwsQuery,
        Some("alicloud_rpc") => Protocol::AlicloudRpc,
        Some("machine") => Protocol::Machine,
        other => {
            let detail = format!(
                "There is no protocol {:?}: it is aws_json_1_1, aws_query, alicloud_rpc or machine.",
                other.unwrap_or("")
            );
            let at = reader.span();
            reader
                .problems
                .push(Diagnostic::error("Unknown protocol", detail).at(at));
            Protocol::AwsJson
        }
    };
    let endpoint = match protocol {
        Protocol::Machine => String::new(),
        _ => template_text(&reader.needed("endpoint")),
    };
    let or_empty = |text: Option<Text>| text.unwrap_or_else(|| "".into());
    let service = Service {
        protocol,
        signing: reader.text("signing").unwrap_or_else(|| name.clone()),
        target: or_empty(reader.text("target")),
        version: or_empty(reader.text("version")),
        endpoint: endpoint.into(),
        quotas: quotas(&mut reader),
        permissions: Permissions {
            prefix: reader.text("permissions").unwrap_or_else(|| name.clone()),
            needs: reader.named("permission", needs).into_iter().collect(),
        },
        name,
    };
    reader.finish();
    service
}

/// What calling an action needs.
fn needs(_: Text, mut reader: Reader<'_, '_>) -> Vec<Text> {
    let needs = reader.texts("needs");
    reader.finish();
    needs
}

/// A template as written: `${name}` stays for the adapter to fill in.
fn template_text(expr: &Expr) -> String {
    if let ExprKind::Template(parts) = &expr.kind {
        return parts
            .iter()
            .map(|part| match part {
                TemplatePart::Literal(text) => text.to_string(),
                TemplatePart::Interpolation(Expr {
                    kind: ExprKind::Traversal(traversal),
                    ..
                }) => format!("${{{}}}", traversal.root),
                _ => String::new(),
            })
            .collect();
    }
    let value = constant(expr);
    value
        .as_ref()
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn quotas(reader: &mut Reader<'_, '_>) -> Vec<Quota> {
    let mut quotas = Vec::new();
    for block in reader.blocks("quota") {
        let mut inner = Reader::new(block, reader.problems);
        let per_second = inner
            .whole("per_second")
            .and_then(|count| u32::try_from(count).ok())
            .unwrap_or(1);
        let actions = inner.texts("actions");
        if inner.flag("shared") {
            quotas.push(Quota { per_second, actions });
        } else {
            quotas.extend(actions.into_iter().map(|action| Quota {
                per_second,
                actions: vec![action],
            }));
        }
        inner.finish();
    }
    quotas
}

fn errors(reader: &mut Reader<'_, '_>) -> ErrorCodes {
    let mut codes = ErrorCodes::default();
    for block in reader.blocks("errors") {
        let mut inner = Reader::new(block, reader.problems);
        codes.gone.extend(inner.texts("gone"));
        codes.throttled.extend(inner.texts("throttled"));
        codes.transient.extend(inner.texts("transient"));
        codes.denied.extend(inner.texts("denied"));
        inner.finish();
    }
    codes
}

fn poll(reader: &mut Reader<'_, '_>) -> Poll {
    let mut poll = Poll::default();
    for block in reader.blocks("wait") {
        let mut inner = Reader::new(block, reader.problems);
        poll.every = inner.duration("every").unwrap_or(poll.every);
        poll.limit = inner.duration("limit").unwrap_or(poll.limit);
        inner.finish();
    }
    poll
}
