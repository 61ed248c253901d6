//! The `encryption` block of the `terraform` block, as OpenTofu has it: where keys come from, how they encrypt, and
//! what is encrypted with them.

use crate::addr::Text;
use crate::diag::{Diagnostic, Diagnostics, Result, Span, nearest};
use crate::lang::syntax::{Block, Body, Expr, ExprKind, Key};

use super::reader::{Reader, labels};

/// What an `encryption` block says, nothing of it evaluated.
#[derive(Clone, Debug, Default)]
pub struct Encryption {
    /// `key_provider "type" "name" {}`
    pub key_providers: Vec<Named>,
    /// `method "type" "name" {}`
    pub methods: Vec<Named>,
    pub state: Option<Target>,
    pub plan: Option<Target>,
}

/// A block with a type and a name.
#[derive(Clone, Debug)]
pub struct Named {
    pub ty: Text,
    pub name: Text,
    /// The key provider that a method names.
    pub keys: Option<(Text, Text)>,
    pub body: Body,
    pub span: Span,
}

/// What is encrypted: `state {}`, `plan {}`, or a `fallback {}` in them.
#[derive(Clone, Debug)]
pub struct Target {
    /// The method's type and name.
    pub method: Option<(Text, Text)>,
    /// Whether it must not be kept in clear.
    pub enforced: bool,
    /// What reads what was written before.
    pub fallback: Option<Box<Self>>,
    pub span: Span,
}

impl Encryption {
    /// Reads the body of an `encryption` block.
    pub fn read(body: Body, span: Span) -> Result<Self> {
        let mut problems = Diagnostics::new();
        let mut reader = Reader::new(body, span, &mut problems);
        let key_providers = reader.take_blocks("key_provider");
        let methods = reader.take_blocks("method");
        let state = reader.take_block("state");
        let plan = reader.take_block("plan");
        // States of other configurations are read by nobody here.
        reader.take_blocks("remote_state_data_sources");
        reader.finish();
        let read = Self {
            key_providers: named(key_providers, &mut problems),
            methods: named(methods, &mut problems),
            state: state.map(|block| target(block, &mut problems)),
            plan: plan.map(|block| target(block, &mut problems)),
        };
        problems.or(read)
    }

    /// This with everything that another one says in its stead.
    #[must_use]
    pub fn overridden(mut self, by: Self) -> Self {
        let others = |mine: Vec<Named>, by: Vec<Named>| {
            let replaced = |one: &Named| {
                by.iter()
                    .any(|other| other.ty == one.ty && other.name == one.name)
            };
            let mut all: Vec<Named> = mine.into_iter().filter(|one| !replaced(one)).collect();
            all.extend(by);
            all
        };
        self.key_providers = others(self.key_providers, by.key_providers);
        self.methods = others(self.methods, by.methods);
        self.state = by.state.or(self.state);
        self.plan = by.plan.or(self.plan);
        self
    }
}

fn named(blocks: Vec<Block>, problems: &mut Diagnostics) -> Vec<Named> {
    let mut all: Vec<Named> = Vec::new();
    for block in blocks {
        let Some([ty, name]) = labels(&block, ["type", "name"], problems) else {
            continue;
        };
        let twice = all.iter().find(|one| one.ty == ty && one.name == name);
        if let Some(first) = twice {
            let detail = format!("There is another {} \"{ty}\" \"{name}\".", block.kind);
            let error = Diagnostic::error("Duplicate encryption configuration", detail);
            problems.push(error.at(block.header).label(first.span, "first one here"));
            continue;
        }
        let span = block.body.span;
        let mut reader = Reader::new(block.body, block.header, problems);
        let keys = reader.take("keys");
        let body = reader.rest(span);
        let keys = keys.map(|expr| reference(&expr, "key_provider").map_err(Diagnostics::from));
        all.push(Named {
            ty,
            name,
            keys: keys.and_then(|keys| problems.take(keys)),
            body,
            span: block.header,
        });
    }
    all
}

fn target(block: Block, problems: &mut Diagnostics) -> Target {
    let span = block.header;
    let mut reader = Reader::new(block.body, span, problems);
    let method = reader.take("method");
    let enforced = reader.take_bool("enforced").unwrap_or_default();
    let fallback = reader.take_block("fallback");
    reader.finish();
    let method = method.and_then(|expr| problems.take(reference(&expr, "method").map_err(Diagnostics::from)));
    Target {
        method,
        enforced,
        fallback: fallback.map(|block| Box::new(target(block, problems))),
        span,
    }
}

/// What a reference such as `method.aes_gcm.a` names: type and name.
fn reference(expr: &Expr, root: &str) -> std::result::Result<(Text, Text), Diagnostic> {
    // In JSON it stands in a template.
    let inside = match &expr.kind {
        ExprKind::Interpolation(inside) => inside,
        _ => expr,
    };
    if let ExprKind::Traversal(traversal) = &inside.kind
        && &*traversal.root == root
        && let [Key::Attribute(ty, _), Key::Attribute(name, _)] = &*traversal.steps
    {
        return Ok((ty.clone(), name.clone()));
    }
    let detail = format!("A reference of the form {root}.TYPE.NAME must stand here.");
    Err(Diagnostic::error("Invalid encryption configuration", detail).at(expr.span))
}

/// What is said of a name that nothing has.
pub fn undeclared(kind: &str, (ty, name): (&str, &str), all: &[Named], span: Span) -> Diagnostic {
    let names: Vec<String> = all.iter().map(|one| format!("{}.{}", one.ty, one.name)).collect();
    let asked = format!("{ty}.{name}");
    let guess = nearest(&asked, names.iter().map(String::as_str))
        .map_or(String::new(), |near| format!(" Did you mean {kind}.{near}?"));
    let detail = format!("There is no {kind} \"{ty}\" \"{name}\".{guess}");
    Diagnostic::error("Invalid encryption configuration", detail).at(span)
}
