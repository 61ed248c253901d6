//! Blocks that rewrite what is believed to exist: `moved`, `removed`, `import`.

use crate::addr::{InstanceKey, ResourceName, Subject, Target, Text, parse_target};
use crate::diag::{Diagnostic, Diagnostics, Span};
use crate::lang::syntax::{Block, Expr, ExprKind, Key, Reading, Traversal};

use super::provider::{ProviderKey, provider_reference};
use super::quoted::unquoted;
use super::reader::Reader;

/// `moved { from, to }`
#[derive(Clone, Debug)]
pub struct Moved {
    pub from: Target,
    pub to: Target,
    pub span: Span,
}

/// `removed { from }`
#[derive(Clone, Debug)]
pub struct Removed {
    pub from: Target,
    /// Whether the objects are destroyed, or only forgotten.
    pub destroy: bool,
    pub span: Span,
}

/// `import { to, id }`
#[derive(Clone, Debug)]
pub struct Import {
    /// The address; its keys may refer to `each`.
    pub to: Expr,
    pub id: Expr,
    pub for_each: Option<Expr>,
    pub provider: Option<ProviderKey>,
    pub span: Span,
}

impl Import {
    /// The block that `to` names: the calls that lead to its module, and the resource.
    pub fn block(&self) -> Option<(Vec<Text>, ResourceName)> {
        let ExprKind::Traversal(traversal) = &self.to.kind else {
            return None;
        };
        let mut names = traversal.steps.iter().filter_map(|step| match step {
            Key::Attribute(name, _) => Some(name),
            Key::Index(_) | Key::Legacy(..) => None,
        });
        let (mut modules, mut first) = (Vec::new(), &traversal.root);
        while &**first == "module" {
            modules.push(names.next()?.clone());
            first = names.next()?;
        }
        Some((
            modules,
            ResourceName::managed(first.clone(), names.next()?.clone()),
        ))
    }

    /// The resource that `to` names, where it is one object of the root module.
    pub(super) fn target_in_root(&self) -> Option<ResourceName> {
        let ExprKind::Traversal(traversal) = &self.to.kind else {
            return None;
        };
        let [Key::Attribute(name, _)] = traversal.steps.as_slice() else {
            return None;
        };
        match &traversal.reference.as_ref().ok()?.subject {
            Subject::Resource(target) if target.is_managed() && target.name == *name => Some(target.clone()),
            _ => None,
        }
    }
}

pub(super) fn moved(block: Block, problems: &mut Diagnostics) -> Option<Moved> {
    let span = block.header;
    let mut reader = Reader::new(block.body, span, problems);
    let from = reader
        .require_as("from", Reading::Names)
        .and_then(|expr| managed(&expr, reader.problems));
    let to = reader
        .require_as("to", Reading::Names)
        .and_then(|expr| managed(&expr, reader.problems));
    reader.finish();
    let (from, to) = (from?, to?);
    let fits = matches!((&from, &to), (Target::Module(_), Target::Module(_)))
        || !matches!((&from, &to), (Target::Module(_), _) | (_, Target::Module(_)));
    if !fits {
        problems.push(
            Diagnostic::error(
                "Invalid \"moved\" addresses",
                "The \"from\" and \"to\" addresses must either both refer to resources or both refer to modules.",
            )
            .at(span),
        );
        return None;
    }
    Some(Moved { from, to, span })
}

pub(super) fn removed(block: Block, problems: &mut Diagnostics) -> Option<Removed> {
    let span = block.header;
    let mut reader = Reader::new(block.body, span, problems);
    let from = reader
        .require_as("from", Reading::Names)
        .and_then(|expr| managed(&expr, reader.problems));
    let destroy = match reader.take_block("lifecycle") {
        None => true,
        Some(block) => {
            let mut lifecycle = Reader::new(block.body, block.header, reader.problems);
            let destroy = lifecycle.take_bool("destroy").unwrap_or(true);
            lifecycle.finish();
            destroy
        }
    };
    reader.finish();
    let from = from?;
    if let Target::Instance(_) = from {
        problems.push(
            Diagnostic::error(
                "Resource instance keys not allowed",
                "A removed block names a whole resource or module; an instance key is not allowed.",
            )
            .at(span),
        );
        return None;
    }
    Some(Removed { from, destroy, span })
}

pub(super) fn import(block: Block, problems: &mut Diagnostics) -> Option<Import> {
    let span = block.header;
    let mut reader = Reader::new(block.body, span, problems);
    let to = reader.require_as("to", Reading::Names);
    if let Some(expr) = to.as_ref().filter(|expr| is_unmanaged(expr)) {
        let detail = "Only managed resources can be imported.";
        reader
            .problems
            .push(Diagnostic::error("Invalid import address", detail).at(expr.span));
        return None;
    }
    let id = reader.require("id");
    let for_each = reader.take("for_each");
    let provider = reader
        .take_names("provider")
        .map(|expr| unquoted(expr, reader.problems))
        .and_then(|expr| provider_reference(&expr, reader.problems));
    reader.finish();
    Some(Import {
        to: to?,
        id: id?,
        for_each,
        provider: provider.map(|(key, _)| key),
        span,
    })
}

/// Whether an expression names data or something ephemeral in the root module.
fn is_unmanaged(expr: &Expr) -> bool {
    let ExprKind::Traversal(traversal) = &expr.kind else {
        return false;
    };
    let reference = traversal.reference.as_ref().map(|reference| &reference.subject);
    matches!(reference, Ok(Subject::Resource(name)) if !name.is_managed())
}

/// The static address of something that is managed.
fn managed(expr: &Expr, problems: &mut Diagnostics) -> Option<Target> {
    let target = address(expr, problems)?;
    let resource = match &target {
        Target::Resource(resource) => &resource.resource,
        Target::Instance(instance) => &instance.resource,
        Target::Module(_) => return Some(target),
    };
    if resource.is_managed() {
        return Some(target);
    }
    let detail =
        "Only managed resources are recorded by their address, so that it can change or be forgotten.";
    problems.push(Diagnostic::error("Invalid address", detail).at(expr.span));
    None
}

/// A static address: a traversal whose keys are literals.
pub(super) fn address(expr: &Expr, problems: &mut Diagnostics) -> Option<Target> {
    let target = match &expr.kind {
        ExprKind::Traversal(traversal) => traversal_text(traversal),
        _ => None,
    };
    match target.map(|text| parse_target(&text)) {
        Some(Ok(target)) => Some(target),
        Some(Err(error)) => {
            problems.push(Diagnostic::error("Invalid address", error.0).at(expr.span));
            None
        }
        None => {
            problems.push(
                Diagnostic::error(
                    "Invalid address",
                    "A plain address is required here, such as aws_kms_key.main or module.keys.aws_kms_key.main[\"eu\"].",
                )
                .at(expr.span),
            );
            None
        }
    }
}

/// The traversal as address text, if every key is a literal.
fn traversal_text(traversal: &Traversal) -> Option<String> {
    let mut text = traversal.root.to_string();
    for step in &traversal.steps {
        match step {
            Key::Attribute(name, _) => {
                text.push('.');
                text.push_str(name);
            }
            Key::Index(expr) => text.push_str(&literal_key(expr)?.to_string()),
            Key::Legacy(..) => return None,
        }
    }
    Some(text)
}

fn literal_key(expr: &Expr) -> Option<InstanceKey> {
    let ExprKind::Literal(value) = &expr.kind else {
        return None;
    };
    match value.as_text() {
        Some(text) => Some(InstanceKey::Text(Text::clone(text))),
        None => value
            .as_i64()
            .and_then(|number| u64::try_from(number).ok())
            .map(InstanceKey::Number),
    }
}
