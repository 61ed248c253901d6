//! Provider blocks, and which providers a module needs.

use std::fmt;

use crate::addr::{ProviderName, Text};
use crate::diag::{Diagnostic, Diagnostics, Span};
use crate::lang::syntax::{Attribute, Block, Body, Expr, ExprKind, Key};

use super::reader::{Reader, labels};
use super::version;

/// A provider configuration as a module names it: `aws`, `aws.west`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderKey {
    pub local: Text,
    pub alias: Option<Text>,
}

impl fmt::Display for ProviderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.local)?;
        self.alias.iter().try_for_each(|alias| write!(f, ".{alias}"))
    }
}

/// `provider "name" {}`
#[derive(Clone, Debug)]
pub struct ProviderBlock {
    pub key: ProviderKey,
    /// Makes one configuration for each key.
    pub for_each: Option<Expr>,
    /// Everything that is no meta-argument.
    pub body: Body,
    /// In the usual form.
    pub version: Option<Text>,
    pub span: Span,
}

/// One entry of `required_providers`.
#[derive(Clone, Debug)]
pub struct RequiredProvider {
    pub source: ProviderName,
    /// In the usual form.
    pub version: Option<Text>,
    /// Configurations that the caller must hand in.
    pub aliases: Vec<ProviderKey>,
    pub span: Span,
}

pub(super) fn provider(block: Block, problems: &mut Diagnostics) -> Option<ProviderBlock> {
    let [local] = labels(&block, ["name"], problems)?;
    let (span, body_span) = (block.header, block.body.span);
    let mut reader = Reader::new(block.body, span, problems);
    let alias = reader.take_string("alias").map(|(text, _)| text);
    let version = reader.take_string("version").and_then(|(text, at)| {
        reader.problems.push(version_in_provider(at));
        constraint(&text, at, reader.problems)
    });
    for reserved in ["count", "depends_on", "source"] {
        if let Some(attribute) = reader.take_attribute(reserved) {
            reader.problems.push(
                Diagnostic::error(
                    "Reserved argument name in provider block",
                    format!("The provider argument name \"{reserved}\" is reserved for use by keyform in a future version."),
                )
                .at(attribute.name_span),
            );
        }
    }
    let for_each = reader.take("for_each");
    if let Some(for_each) = for_each.as_ref().filter(|_| alias.is_none()) {
        reader.problems.push(
            Diagnostic::error(
                "Alias required when using \"for_each\"",
                "A provider block with for_each needs an alias: there is no default configuration among many.",
            )
            .at(for_each.span),
        );
    }
    let body = reader.rest(body_span);
    Some(ProviderBlock {
        key: ProviderKey { local, alias },
        for_each,
        body,
        version,
        span,
    })
}

fn version_in_provider(at: Span) -> Diagnostic {
    Diagnostic::warning(
        "Version constraints inside provider configuration blocks are deprecated",
        "Terraform 0.13 and earlier allowed provider version constraints inside the provider configuration block, but that is now deprecated and will be removed in a future version of Terraform. To silence this warning, move the provider version constraint into the required_providers block.",
    )
    .at(at)
}

/// Reads `aws`, `aws.west` or `aws.by_region["west"]`, the key apart.
pub(super) fn keyed_reference(
    mut expr: Expr,
    problems: &mut Diagnostics,
) -> Option<(ProviderKey, Span, Option<Expr>)> {
    let mut key = None;
    if let ExprKind::Traversal(traversal) = &mut expr.kind
        && let [_, Key::Index(_)] = traversal.steps.as_slice()
        && let Some(Key::Index(last)) = traversal.steps.pop()
    {
        key = Some(last);
    }
    let (provider, span) = provider_reference(&expr, problems)?;
    Some((provider, span, key))
}

/// Reads `aws` or `aws.west`.
pub(super) fn provider_reference(expr: &Expr, problems: &mut Diagnostics) -> Option<(ProviderKey, Span)> {
    let key = match &expr.kind {
        ExprKind::Traversal(traversal) => match traversal.steps.as_slice() {
            [] => Some(ProviderKey {
                local: traversal.root.clone(),
                alias: None,
            }),
            [Key::Attribute(alias, _)] => Some(ProviderKey {
                local: traversal.root.clone(),
                alias: Some(alias.clone()),
            }),
            _ => None,
        },
        // The form of Terraform 0.11.
        ExprKind::Literal(value) => value.as_str().and_then(|text| match text.split_once('.') {
            None if !text.is_empty() => Some(ProviderKey {
                local: text.into(),
                alias: None,
            }),
            Some((local, alias)) => Some(ProviderKey {
                local: local.into(),
                alias: Some(alias.into()),
            }),
            None => None,
        }),
        _ => None,
    };
    if key.is_none() {
        problems.push(
            Diagnostic::error(
                "Invalid provider configuration reference",
                "A provider is referred to by its local name, with an alias after a dot if it has one: aws, aws.west.",
            )
            .at(expr.span),
        );
    }
    key.map(|key| (key, expr.span))
}

/// A version constraint in its usual form.
fn constraint(text: &str, span: Span, problems: &mut Diagnostics) -> Option<Text> {
    match version::of_provider(text) {
        Ok(text) => Some(text.into()),
        Err(why) => {
            problems.push(Diagnostic::error("Invalid version constraint", format!("{why}.")).at(span));
            None
        }
    }
}

/// One `name = { source = ..., version = ... }`, or the old `name = "version"`.
pub(super) fn required(attribute: Attribute, problems: &mut Diagnostics) -> Option<(Text, RequiredProvider)> {
    let local = attribute.name;
    let mut required = RequiredProvider {
        source: ProviderName::implied(&local),
        version: None,
        aliases: Vec::new(),
        span: attribute.span,
    };
    let items = match attribute.expr.kind {
        ExprKind::Literal(value) if value.as_str().is_some() => {
            let text = value.as_text().cloned().unwrap_or_default();
            required.version = constraint(&text, attribute.expr.span, problems);
            return Some((local, required));
        }
        ExprKind::Object(items) => items,
        _ => {
            problems.push(
                Diagnostic::error(
                    "Invalid required_providers object",
                    "An object with the arguments source and version is required.",
                )
                .at(attribute.expr.span),
            );
            return None;
        }
    };
    for item in items {
        let name = match &item.key.kind {
            ExprKind::Literal(value) => value.as_text().cloned(),
            _ => None,
        };
        let text = match &item.value.kind {
            ExprKind::Literal(value) => value.as_text().cloned(),
            _ => None,
        };
        match (name.as_deref(), text) {
            (Some("version"), Some(version)) => {
                required.version = constraint(&version, item.value.span, problems);
            }
            (Some("source"), Some(source)) => match ProviderName::parse(&source) {
                Some(source) => required.source = source,
                None => problems.push(
                    Diagnostic::error(
                        "Invalid provider source string",
                        "A provider source has the form TYPE, NAMESPACE/TYPE or HOST/NAMESPACE/TYPE.",
                    )
                    .at(item.value.span),
                ),
            },
            (Some("configuration_aliases"), None) => {
                if let ExprKind::Tuple(aliases) = &item.value.kind {
                    let keys = aliases.iter().filter_map(|alias| provider_reference(alias, problems));
                    required.aliases = keys.map(|(key, _)| key).collect();
                }
            }
            _ => problems.push(
                Diagnostic::error(
                    "Invalid required_providers object",
                    "The object may have the arguments source and version (plain strings) and configuration_aliases (a list of provider references).",
                )
                .at(item.key.span),
            ),
        }
    }
    Some((local, required))
}
