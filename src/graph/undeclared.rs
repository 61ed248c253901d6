//! Names that nothing declares, and what their writer may have meant.

use crate::addr::{ResourceName, Subject, Text};
use crate::config::{Expand, Module};
use crate::diag::{CANDIDATES, Diagnostic, nearest};
use crate::lang::syntax::{Block, ExprKind};

/// Which names a place has beside the module's objects.
#[derive(Clone, Debug, Default)]
pub(super) struct Context {
    pub(super) each: bool,
    pub(super) count: bool,
    pub(super) itself: bool,
    /// The check block that the place belongs to.
    pub(super) check: Option<Text>,
    /// Iterators of the dynamic blocks around.
    iterators: Vec<Text>,
}

impl Context {
    pub(super) const PLAIN: Self = Self {
        each: false,
        count: false,
        itself: false,
        check: None,
        iterators: Vec::new(),
    };

    pub(super) fn of(expand: &Expand) -> Self {
        Self {
            each: matches!(expand, Expand::ForEach(_)),
            count: matches!(expand, Expand::Count(_)),
            ..Self::default()
        }
    }

    pub(super) fn of_check(name: &Text) -> Self {
        Self {
            check: Some(name.clone()),
            ..Self::default()
        }
    }

    pub(super) fn with_self(&self) -> Self {
        Self {
            itself: true,
            ..self.clone()
        }
    }

    /// Inside a `dynamic` block its iterator has a name: what `iterator` says, or the label.
    pub(super) fn with_iterator(&self, block: &Block) -> Self {
        let named = block
            .body
            .attribute("iterator")
            .and_then(|attribute| match &attribute.expr.kind {
                ExprKind::Traversal(traversal) => Some(traversal.root.clone()),
                _ => None,
            });
        let mut inner = self.clone();
        inner
            .iterators
            .extend(named.or_else(|| block.labels.first().map(|label| label.text.clone())));
        inner
    }

    pub(super) fn binds(&self, root: &str) -> bool {
        self.iterators.iter().any(|iterator| &**iterator == root)
    }
}

/// The error for a name that nothing declares.
pub(super) fn undeclared(subject: &Subject, module: &Module, context: &Context) -> Diagnostic {
    let whole = module.describe();
    match subject {
        Subject::Variable(name) => {
            let guess = guess(name, module.variables.keys().map(|key| &**key));
            Diagnostic::error(
                "Reference to undeclared input variable",
                format!("An input variable with the name \"{name}\" has not been declared.{guess}"),
            )
            .hint(format!("Declare it: variable \"{name}\" {{}}"))
        }
        Subject::Local(name) => {
            let guess = guess(name, module.locals.keys().map(|key| &**key));
            Diagnostic::error(
                "Reference to undeclared local value",
                format!("A local value with the name \"{name}\" has not been declared.{guess}"),
            )
        }
        Subject::Module(name) => {
            let guess = guess(name, module.calls.keys().map(|key| &**key));
            Diagnostic::error(
                "Reference to undeclared module",
                format!("No module call named \"{name}\" is declared in {whole}.{guess}"),
            )
        }
        Subject::Resource(name) => {
            let names = module.resources.keys().take(CANDIDATES);
            let names: Vec<String> = names.map(ToString::to_string).collect();
            let guess = guess(&name.to_string(), names.iter().map(String::as_str));
            let article = if name.is_ephemeral() { "An" } else { "A" };
            let kind = name.mode.word();
            Diagnostic::error(
                "Reference to undeclared resource",
                format!(
                    "{article} {kind} resource \"{}\" \"{}\" has not been declared in {whole}.{guess}",
                    name.ty, name.name
                ),
            )
        }
        Subject::Each(_) => Diagnostic::error(
            "Reference to \"each\" in context without for_each",
            "The \"each\" object can be used only in \"module\" or \"resource\" blocks, and only when the \"for_each\" argument is set.",
        ),
        Subject::Count(_) if context.count => Diagnostic::error(
            "Invalid \"count\" attribute",
            "The \"count\" object has only the attribute \"index\".",
        ),
        Subject::Count(_) => Diagnostic::error(
            "Reference to \"count\" in non-counted context",
            "The \"count\" object can only be used in \"module\", \"resource\", and \"data\" blocks, and only when the \"count\" argument is set.",
        ),
        Subject::Path(name) => Diagnostic::error(
            "Invalid \"path\" attribute",
            format!(
                "The \"path\" object does not have an attribute named \"{name}\": it has module, root and cwd."
            ),
        ),
        Subject::Terraform(name) => Diagnostic::error(
            "Invalid \"terraform\" attribute",
            format!(
                "The \"terraform\" object does not have an attribute named \"{name}\": it has workspace and applying."
            ),
        ),
        Subject::Itself => Diagnostic::error(
            "Invalid \"self\" reference",
            "The \"self\" object is not available in this context: it stands for the resource in its own postconditions.",
        ),
        Subject::Bare(name) => bare(name, module),
    }
}

/// The error for a data source that only its check may refer to.
pub(super) fn out_of_scope(name: &ResourceName, check: &str) -> Diagnostic {
    Diagnostic::error(
        "Reference to scoped resource",
        format!(
            "The referenced data resource \"{}\" \"{}\" is not available from this context: it belongs to the check block \"{check}\", and only the assertions there may refer to it.",
            name.ty, name.name
        ),
    )
}

/// A single word: most often a missing prefix or missing quotes.
fn bare(name: &str, module: &Module) -> Diagnostic {
    let mut found = Diagnostic::error(
        "Invalid reference",
        "A reference to a resource type must be followed by at least one attribute access, specifying the resource name.",
    );
    if module.variables.contains_key(name) {
        found = found.hint(format!("There is a variable of this name: var.{name}"));
    }
    if module.locals.contains_key(name) {
        found = found.hint(format!("There is a local value of this name: local.{name}"));
    }
    if found.hints.is_empty() {
        found = found.hint(format!("If a text is meant, quote it: \"{name}\""));
    }
    found
}

fn guess<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> String {
    nearest(name, candidates).map_or(String::new(), |nearest| format!(" Did you mean \"{nearest}\"?"))
}
