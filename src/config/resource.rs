//! Resources and data sources with their meta-arguments.

use crate::addr::{Mode, OnDestroy, ResourceName, Subject, Text};
use crate::diag::{Diagnostic, Diagnostics, Span, nearest};
use crate::lang::syntax::{Block, Body, Expr, ExprKind, Key};

use super::provider::{ProviderKey, keyed_reference};
use super::provisioner::{Provisioner, provisioner, refuse_connection};
use super::quoted::unquoted;
use super::reader::{Reader, labels, static_bool};
use super::variable::{Condition, conditions};

/// `resource "type" "name" {}`, `data "type" "name" {}` or `ephemeral "type" "name" {}`
#[derive(Clone, Debug)]
pub struct Resource {
    pub name: ResourceName,
    pub expand: Expand,
    /// Local name and alias; none means the default configuration of the provider that serves the type.
    pub provider: Option<(ProviderKey, Span)>,
    /// Which of the configurations that `for_each` makes of it.
    pub provider_instance: Option<Expr>,
    pub depends_on: Vec<Expr>,
    pub lifecycle: Lifecycle,
    /// In the order in which they run.
    pub provisioners: Vec<Provisioner>,
    /// Everything that is no meta-argument.
    pub body: Body,
    pub span: Span,
    /// The check block around: nothing else may refer to it.
    pub check: Option<Text>,
    /// Nobody wrote the block: it stands for an import whose configuration is to be generated.
    pub generated: bool,
}

impl Resource {
    /// The block that an import's configuration will be.
    pub(super) fn to_generate(name: ResourceName, provider: Option<ProviderKey>, span: Span) -> Self {
        Self {
            name,
            expand: Expand::Single,
            provider: provider.map(|key| (key, span)),
            provider_instance: None,
            depends_on: Vec::new(),
            lifecycle: Lifecycle::default(),
            provisioners: Vec::new(),
            body: Body::empty(span),
            span,
            check: None,
            generated: true,
        }
    }
}

/// How many objects a block declares.
#[derive(Clone, Debug, Default)]
pub enum Expand {
    #[default]
    Single,
    Count(Expr),
    ForEach(Expr),
    /// One or none: `enabled` in its lifecycle block.
    Enabled(Expr),
}

/// The `lifecycle` block.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    /// Becomes part of how the block expands, and is taken out for it.
    enabled: Option<Expr>,
    pub create_before_destroy: Option<bool>,
    /// Whether its objects are protected: an expression of variables and local values.
    pub prevent_destroy: Option<Expr>,
    /// Its objects are not destroyed but forgotten.
    pub keeps_objects: bool,
    /// What becomes of its objects when they go, and where that is written.
    pub on_destroy: Option<(OnDestroy, Span)>,
    pub ignore_changes: IgnoreChanges,
    pub replace_triggered_by: Vec<Expr>,
    pub preconditions: Vec<Condition>,
    pub postconditions: Vec<Condition>,
}

impl Lifecycle {
    pub fn has_conditions(&self) -> bool {
        !self.preconditions.is_empty() || !self.postconditions.is_empty()
    }

    /// What becomes of its objects when they go.
    pub fn on_destroy(&self) -> OnDestroy {
        self.on_destroy.map(|(word, _)| word).unwrap_or_default()
    }
}

/// What `ignore_changes` lists.
#[derive(Clone, Debug)]
pub enum IgnoreChanges {
    All,
    /// Steps into the object; the first is an attribute.
    Paths(Vec<(Vec<Key>, Span)>),
}

impl Default for IgnoreChanges {
    fn default() -> Self {
        Self::Paths(Vec::new())
    }
}

pub(super) fn resource(block: Block, mode: Mode, problems: &mut Diagnostics) -> Option<Resource> {
    let [ty, name] = labels(&block, ["type", "name"], problems)?;
    let (span, body_span) = (block.header, block.body.span);
    let mut reader = Reader::new(block.body, span, problems);
    let expand = expand(&mut reader);
    let provider = reader
        .take_names("provider")
        .map(|expr| unquoted(expr, reader.problems))
        .and_then(|expr| keyed_reference(expr, reader.problems));
    let (provider, provider_instance) = match provider {
        Some((key, span, instance)) => (Some((key, span)), instance),
        None => (None, None),
    };
    let depends_on = reader
        .take_names("depends_on")
        .map_or_else(Vec::new, |expr| dependencies(expr, reader.problems));
    let mut lifecycle = reader
        .take_block("lifecycle")
        .map_or_else(Lifecycle::default, |block| {
            lifecycle(block, mode, reader.problems)
        });
    let expand = if_enabled(expand, lifecycle.enabled.take(), reader.problems);
    let blocks = reader.take_blocks("provisioner");
    let provisioners = match mode {
        Mode::Managed => blocks
            .into_iter()
            .filter_map(|block| provisioner(block, reader.problems))
            .collect(),
        Mode::Data | Mode::Ephemeral => refuse_provisioners(&blocks, reader.problems),
    };
    for connection in reader.take_blocks("connection") {
        refuse_connection(&connection, reader.problems);
    }
    let escaped = reader.take_block("_");
    let mut body = reader.rest(body_span);
    if let Some(escaped) = escaped {
        body.attributes.extend(escaped.body.attributes);
        body.blocks.extend(escaped.body.blocks);
        body.undecided.extend(escaped.body.undecided);
    }
    Some(Resource {
        name: ResourceName { mode, ty, name },
        expand,
        provider,
        provider_instance,
        depends_on,
        lifecycle,
        provisioners,
        body,
        span,
        check: None,
        generated: false,
    })
}

/// A data source inside a check block: there is one of it, and the check says what must hold.
pub(super) fn scoped_data(mut block: Block, check: &Text, problems: &mut Diagnostics) -> Option<Resource> {
    let repeats = |name: &str| name == "count" || name == "for_each";
    for attribute in block
        .body
        .attributes
        .iter()
        .filter(|attribute| repeats(&attribute.name))
    {
        problems.push(
            Diagnostic::error(
                format!("Invalid \"{}\" attribute", attribute.name),
                "The \"count\" and \"for_each\" meta-arguments are not supported within nested data blocks.",
            )
            .at(attribute.name_span),
        );
    }
    for lifecycle in block.body.blocks_of("lifecycle") {
        problems.push(
            Diagnostic::error(
                "Invalid lifecycle block",
                "Nested data blocks do not support \"lifecycle\" blocks as the lifecycle is managed by the containing block.",
            )
            .at(lifecycle.header),
        );
    }
    block
        .body
        .attributes
        .retain(|attribute| !repeats(&attribute.name));
    block.body.blocks.retain(|inner| &*inner.kind != "lifecycle");
    let mut data = resource(block, Mode::Data, problems)?;
    data.check = Some(check.clone());
    Some(data)
}

fn refuse_provisioners(blocks: &[Block], problems: &mut Diagnostics) -> Vec<Provisioner> {
    for block in blocks {
        problems.push(
            Diagnostic::error(
                "Unsupported block type",
                "Blocks of type \"provisioner\" are not expected here: only what is made and destroyed has them.",
            )
            .at(block.header),
        );
    }
    Vec::new()
}

/// Takes `count` and `for_each`; both together are an error.
pub(super) fn expand(reader: &mut Reader<'_>) -> Expand {
    let count = reader.take("count");
    let for_each = reader.take_attribute("for_each");
    match (count, for_each) {
        (None, None) => Expand::Single,
        (Some(count), None) => Expand::Count(count),
        (None, Some(for_each)) => Expand::ForEach(for_each.expr),
        (Some(count), Some(for_each)) => {
            reader.problems.push(
                Diagnostic::error(
                    "Invalid combination of \"count\" and \"for_each\"",
                    "The \"count\" and \"for_each\" meta-arguments are mutually-exclusive, only one should be used to be explicit about the number of resources to be created.",
                )
                .at(for_each.name_span)
                .label(count.span, "count is given here"),
            );
            Expand::Count(count)
        }
    }
}

/// Adds `enabled` to how a block expands: it stands for a count of one or none, so it goes with no other.
pub(super) fn if_enabled(expand: Expand, enabled: Option<Expr>, problems: &mut Diagnostics) -> Expand {
    let Some(enabled) = enabled else {
        return expand;
    };
    let name = match &expand {
        Expand::Single | Expand::Enabled(_) => return Expand::Enabled(enabled),
        Expand::Count(_) => "count",
        Expand::ForEach(_) => "for_each",
    };
    problems.push(
        Diagnostic::error(
            format!("Invalid combination of \"enabled\" and \"{name}\""),
            format!("The \"enabled\" argument decides between one instance without a key and none, so it cannot be used together with \"{name}\". Leave out what \"{name}\" is not to give instead."),
        )
        .at(enabled.span),
    );
    expand
}

fn lifecycle(block: Block, mode: Mode, problems: &mut Diagnostics) -> Lifecycle {
    let mut reader = Reader::new(block.body, block.header, problems);
    let mut lifecycle = Lifecycle {
        enabled: reader.take("enabled"),
        ..Lifecycle::default()
    };
    if mode == Mode::Managed {
        lifecycle.create_before_destroy = reader.take_bool("create_before_destroy");
        lifecycle.prevent_destroy = reader.take("prevent_destroy");
        if let Some(expr) = &lifecycle.prevent_destroy {
            check_protection(expr, reader.problems);
        }
        lifecycle.keeps_objects = reader.take_bool("destroy") == Some(false);
        lifecycle.on_destroy = on_destroy(&mut reader, lifecycle.keeps_objects);
        if let Some(expr) = reader.take_names("ignore_changes") {
            lifecycle.ignore_changes = ignore_changes(expr, reader.problems);
        }
        if let Some(expr) = reader.take_names("replace_triggered_by") {
            lifecycle.replace_triggered_by = reference_list(expr, reader.problems, |item, _| item);
        }
    } else {
        only_for_managed(&mut reader, mode);
    }
    lifecycle.preconditions = conditions(&mut reader, "precondition");
    lifecycle.postconditions = conditions(&mut reader, "postcondition");
    reader.finish();
    lifecycle
}

/// Takes `on_destroy`: one of its words, as it stands.
fn on_destroy(reader: &mut Reader<'_>, keeps_objects: bool) -> Option<(OnDestroy, Span)> {
    let expr = reader.take("on_destroy")?;
    let word = reader.static_string(&expr, "on_destroy")?;
    let Some(found) = OnDestroy::of_word(&word) else {
        let words = OnDestroy::ALL.map(OnDestroy::word);
        let error = Diagnostic::error(
            "Invalid on_destroy argument",
            "What becomes of an object when it goes must be \"schedule\" (it is destroyed), \"disable\" (it is disabled and forgotten) or \"retain\" (it is forgotten and stays as it is).",
        );
        let error = match nearest(&word, words) {
            Some(near) => error.hint(format!("Did you mean \"{near}\"?")),
            None => error,
        };
        reader.problems.push(error.at(expr.span));
        return None;
    };
    if keeps_objects {
        reader.problems.push(
            Diagnostic::error(
                "Invalid combination of \"destroy\" and \"on_destroy\"",
                "With destroy = false the objects are forgotten and stay as they are, so on_destroy has nothing to say. Take one of the two out.",
            )
            .at(expr.span),
        );
    }
    Some((found, expr.span))
}

/// What is read or opened is neither replaced nor destroyed.
fn only_for_managed(reader: &mut Reader<'_>, mode: Mode) {
    let names = [
        "create_before_destroy",
        "prevent_destroy",
        "ignore_changes",
        "replace_triggered_by",
    ];
    let kind = match mode {
        Mode::Ephemeral => "ephemeral",
        Mode::Data | Mode::Managed => "data",
    };
    for name in names {
        if let Some(attribute) = reader.take_attribute(name) {
            reader.problems.push(
                Diagnostic::error(
                    format!("Invalid {kind} resource lifecycle argument"),
                    format!("The lifecycle argument \"{name}\" is defined only for managed resources (\"resource\" blocks), and is not valid for {kind} resources."),
                )
                .at(attribute.name_span),
            );
        }
    }
}

/// A protection must hold whatever becomes of other objects.
fn check_protection(expr: &Expr, problems: &mut Diagnostics) {
    let settled = |subject: &Subject| {
        matches!(
            subject,
            Subject::Variable(_) | Subject::Local(_) | Subject::Path(_) | Subject::Terraform(_)
        )
    };
    let literal = match &expr.kind {
        ExprKind::Literal(_) => static_bool(expr).is_some(),
        _ => true,
    };
    let references = expr.references();
    let unsettled = references
        .iter()
        .find(|(reference, _)| !settled(&reference.subject));
    if !literal || unsettled.is_some() {
        problems.push(
            Diagnostic::error(
                "Unsuitable value type",
                "prevent_destroy must be true or false, and may refer to variables and local values only: whether an object is protected does not depend on others.",
            )
            .at(unsettled.map_or(expr.span, |(_, span)| *span)),
        );
    }
}

fn ignore_changes(expr: Expr, problems: &mut Diagnostics) -> IgnoreChanges {
    if let ExprKind::Traversal(traversal) = &expr.kind
        && &*traversal.root == "all"
        && traversal.steps.is_empty()
    {
        return IgnoreChanges::All;
    }
    if let ExprKind::Literal(value) = &expr.kind
        && value.as_str() == Some("all")
    {
        return IgnoreChanges::All;
    }
    let ExprKind::Tuple(items) = expr.kind else {
        problems.push(
            Diagnostic::error(
                "Invalid ignore_changes argument",
                "The argument must be a list of attribute names such as [tags, description], or the word all.",
            )
            .at(expr.span),
        );
        return IgnoreChanges::default();
    };
    IgnoreChanges::Paths(
        items
            .into_iter()
            .filter_map(|item| attribute_path(item, problems))
            .collect(),
    )
}

fn attribute_path(expr: Expr, problems: &mut Diagnostics) -> Option<(Vec<Key>, Span)> {
    let span = expr.span;
    if let ExprKind::Traversal(traversal) = unquoted(expr, problems).kind {
        let root = Key::Attribute(traversal.root.clone(), traversal.root_span);
        return Some(([root].into_iter().chain(traversal.steps).collect(), span));
    }
    problems.push(
        Diagnostic::error(
            "Invalid expression",
            "Each entry must be the name of an attribute, or a way into one, such as tags[\"Name\"].",
        )
        .at(span),
    );
    None
}

/// The references in `depends_on`.
pub(super) fn dependencies(expr: Expr, problems: &mut Diagnostics) -> Vec<Expr> {
    reference_list(expr, problems, unquoted)
}

/// The items of a list of plain references, each first `read`.
fn reference_list(
    expr: Expr,
    problems: &mut Diagnostics,
    read: fn(Expr, &mut Diagnostics) -> Expr,
) -> Vec<Expr> {
    let span = expr.span;
    let ExprKind::Tuple(items) = expr.kind else {
        problems.push(
            Diagnostic::error(
                "Invalid expression",
                "A static list of references is required here.",
            )
            .at(span),
        );
        return Vec::new();
    };
    items
        .into_iter()
        .filter_map(|item| {
            let item = read(item, problems);
            is_reference(&item, problems).then_some(item)
        })
        .collect()
}

fn is_reference(expr: &Expr, problems: &mut Diagnostics) -> bool {
    let problem = match &expr.kind {
        ExprKind::Traversal(traversal) => match &traversal.reference {
            Ok(_) => return true,
            Err(why) => Diagnostic::error("Invalid reference", why.to_string()),
        },
        _ => Diagnostic::error(
            "Invalid expression",
            "A single static reference is required, such as aws_kms_key.main; no calls, no templates.",
        ),
    };
    problems.push(problem.at(expr.span));
    false
}
