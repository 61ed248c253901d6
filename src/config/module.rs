//! Module calls.

use std::ops::Deref;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::addr::Text;
use crate::diag::{Diagnostic, Diagnostics, Result, Span};
use crate::lang::syntax::{Block, Body, Expr, ExprKind, Reading};

use super::Module;
use super::early::EarlyText;
use super::provider::{ProviderKey, keyed_reference, provider_reference};
use super::quoted::unquoted;
use super::reader::{Reader, labels};
use super::remote::{Archive, is_registry};
use super::resource::{Expand, dependencies, expand, if_enabled};
use super::version::Constraint;

/// `module "name" {}`, and what it leads to from one place among the calls.
#[derive(Clone, Debug)]
pub struct ModuleCall {
    /// Where the module's files are.
    pub source: EarlyText,
    pub version: Option<EarlyText>,
    /// The module that is called.
    pub module: Arc<Module>,
    block: Arc<CallBlock>,
}

impl Deref for ModuleCall {
    type Target = CallBlock;

    fn deref(&self) -> &CallBlock {
        &self.block
    }
}

/// What is written in the block of a call, wherever its folder is called from.
#[derive(Debug)]
pub struct CallBlock {
    pub name: Text,
    pub expand: Expand,
    pub depends_on: Vec<Expr>,
    /// The module's name for a configuration, and the caller's.
    pub providers: IndexMap<ProviderKey, ProviderKey>,
    /// Which of the configurations that `for_each` makes of the caller's, by the module's name.
    pub provider_instances: IndexMap<ProviderKey, Expr>,
    /// The inputs.
    pub inputs: Body,
    pub span: Span,
}

impl ModuleCall {
    /// A local source as Terraform writes it down: cleaned, and with a dot before it.
    pub fn local_source(&self) -> String {
        let clean = super::load::normal(std::path::Path::new(&*self.source.text));
        let clean = clean.to_string_lossy();
        if clean.starts_with("../") {
            clean.into_owned()
        } else {
            format!("./{clean}")
        }
    }

    /// The versions that are asked for. Only what a registry has comes in versions.
    pub(super) fn constraint(&self) -> Result<Option<Constraint>> {
        let Some(version) = &self.version else {
            return Ok(None);
        };
        let refused = |summary: &str, detail: String| Diagnostic::error(summary, detail).at(version.span);
        let constraint = Constraint::parse(&version.text)
            .map_err(|why| refused("Invalid version constraint", format!("{why}.")))?;
        if is_registry(&self.source.text) {
            return Ok(Some(constraint));
        }
        let (name, source) = (&self.name, &self.source.text);
        let why = if self.is_path() {
            "it has a relative local path".to_owned()
        } else {
            format!(
                "its source \"{source}\" is no address in a module registry; what a git repository has is chosen with ref"
            )
        };
        let detail = format!(
            "Cannot apply a version constraint to module \"{name}\", because {why}. Take the version out."
        );
        Err(refused("Invalid version constraint", detail).into())
    }

    /// Whether the module is a folder that is found from the caller's, and no archive.
    pub fn is_local(&self) -> bool {
        let source = &*self.source.text;
        self.is_path() && !Archive::is_named_by(source)
    }

    /// Whether its source is a path that begins at the caller's folder.
    pub(super) fn is_path(&self) -> bool {
        let source = &*self.source.text;
        ["./", "../"].iter().any(|start| source.starts_with(start)) || matches!(source, "." | "..")
    }
}

/// Reads a call; the module inside is filled in by the loader.
pub(super) fn call(block: Block, problems: &mut Diagnostics) -> Option<ModuleCall> {
    let [name] = labels(&block, ["name"], problems)?;
    let (span, body_span) = (block.header, block.body.span);
    let mut reader = Reader::new(block.body, span, problems);
    let source = reader.require("source").map(EarlyText::of);
    let version = reader.take("version").map(EarlyText::of);
    let expand = expand(&mut reader);
    let depends_on = reader
        .take_names("depends_on")
        .map_or_else(Vec::new, |expr| dependencies(expr, reader.problems));
    let (providers, provider_instances) = reader
        .take_names("providers")
        .map_or_else(Handed::default, |expr| handed(&expr, reader.problems));
    let enabled = reader
        .take_block("lifecycle")
        .and_then(|block| enabled(block, reader.problems));
    let expand = if_enabled(expand, enabled, reader.problems);
    let mut inputs = reader.rest(body_span);
    inputs.decide_arguments(Reading::Templates, problems);
    for block in &inputs.blocks {
        problems.push(
            Diagnostic::error(
                "Unsupported block type",
                format!(
                    "Blocks of type \"{}\" are not expected here: a module's inputs are arguments.",
                    block.kind
                ),
            )
            .at(block.header),
        );
    }
    let block = CallBlock {
        name,
        expand,
        depends_on,
        providers,
        provider_instances,
        inputs,
        span,
    };
    Some(ModuleCall {
        source: source?,
        version,
        module: Arc::default(),
        block: block.into(),
    })
}

/// The `lifecycle` block of a call says no more than whether it is made at all.
fn enabled(block: Block, problems: &mut Diagnostics) -> Option<Expr> {
    let mut reader = Reader::new(block.body, block.header, problems);
    let enabled = reader.take("enabled");
    reader.finish();
    enabled
}

/// The providers that a call hands in, and the keys with which they are named.
type Handed = (IndexMap<ProviderKey, ProviderKey>, IndexMap<ProviderKey, Expr>);

fn handed(expr: &Expr, problems: &mut Diagnostics) -> Handed {
    let ExprKind::Object(items) = &expr.kind else {
        problems.push(
            Diagnostic::error(
                "Invalid providers argument",
                "An object is required that maps the module's provider names to this module's: { aws = aws.west }.",
            )
            .at(expr.span),
        );
        return Handed::default();
    };
    let (mut providers, mut instances) = Handed::default();
    for item in items {
        let inner = provider_reference(&item.key, problems);
        let outer = keyed_reference(unquoted(item.value.clone(), problems), problems);
        if let (Some((inner, _)), Some((outer, _, instance))) = (inner, outer) {
            instances.extend(instance.map(|instance| (inner.clone(), instance)));
            providers.insert(inner, outer);
        }
    }
    (providers, instances)
}
