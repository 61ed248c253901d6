//! Takes a block's body apart: what is expected is taken out, what is left over is an error.

use crate::addr::Text;
use crate::diag::{Diagnostic, Diagnostics, Span, nearest};
use crate::lang::syntax::{Attribute, Block, Body, Expr, ExprKind, Property, Reading};

/// A body of which attributes and blocks are taken one by one.
pub(super) struct Reader<'d> {
    body: Body,
    /// Where the block stands: what "missing argument" points at.
    header: Span,
    /// Names asked for so far, for "did you mean".
    asked: Vec<&'static str>,
    pub(super) problems: &'d mut Diagnostics,
}

impl<'d> Reader<'d> {
    pub(super) fn new(body: Body, header: Span, problems: &'d mut Diagnostics) -> Self {
        Self {
            body,
            header,
            asked: Vec::new(),
            problems,
        }
    }

    /// The expression of an argument, if it is there.
    pub(super) fn take(&mut self, name: &'static str) -> Option<Expr> {
        self.take_attribute(name).map(|attribute| attribute.expr)
    }

    /// The expression of an argument in which names stand for themselves: references, types.
    pub(super) fn take_names(&mut self, name: &'static str) -> Option<Expr> {
        self.take_as(name, Reading::Names).map(|attribute| attribute.expr)
    }

    pub(super) fn take_attribute(&mut self, name: &'static str) -> Option<Attribute> {
        self.take_as(name, Reading::Templates)
    }

    /// The argument. How it is to be read makes a difference only for what was written in JSON.
    pub(super) fn take_as(&mut self, name: &'static str, reading: Reading) -> Option<Attribute> {
        self.asked.push(name);
        for property in self.body.take_property(name) {
            self.body.decide_argument(property, reading, self.problems);
        }
        let mut attributes = self.body.attributes.iter();
        let at = attributes.position(|attribute| &*attribute.name == name)?;
        Some(self.body.attributes.remove(at))
    }

    /// The expression of an argument that must be there.
    pub(super) fn require(&mut self, name: &'static str) -> Option<Expr> {
        self.require_as(name, Reading::Templates)
    }

    /// The same, and how it is to be read if it was written in JSON.
    pub(super) fn require_as(&mut self, name: &'static str, reading: Reading) -> Option<Expr> {
        let before = self.problems.len();
        let found = self.take_as(name, reading).map(|attribute| attribute.expr);
        if found.is_none() && self.problems.len() == before {
            self.problems.push(
                Diagnostic::error(
                    "Missing required argument",
                    format!("The argument \"{name}\" is required, but no definition was found."),
                )
                .at(self.header),
            );
        }
        found
    }

    /// All nested blocks of a kind.
    pub(super) fn take_blocks(&mut self, kind: &'static str) -> Vec<Block> {
        self.asked.push(kind);
        decide_blocks(&mut self.body, kind, self.problems);
        let (taken, left) = std::mem::take(&mut self.body.blocks)
            .into_iter()
            .partition(|block| &*block.kind == kind);
        self.body.blocks = left;
        taken
    }

    /// The only nested block of a kind; a second one is an error.
    pub(super) fn take_block(&mut self, kind: &'static str) -> Option<Block> {
        let mut found = self.take_blocks(kind).into_iter();
        let first = found.next()?;
        for again in found {
            self.problems.push(
                Diagnostic::error(
                    format!("Duplicate {kind} block"),
                    format!("A {kind} block may appear only once here."),
                )
                .at(again.header)
                .label(first.header, "first one here"),
            );
        }
        Some(first)
    }

    /// A literal string argument.
    pub(super) fn take_string(&mut self, name: &'static str) -> Option<(Text, Span)> {
        let expr = self.take_as(name, Reading::Plain)?.expr;
        let text = self.static_string(&expr, name)?;
        Some((text, expr.span))
    }

    /// A literal bool argument.
    pub(super) fn take_bool(&mut self, name: &'static str) -> Option<bool> {
        let expr = self.take_as(name, Reading::Plain)?.expr;
        let value = static_bool(&expr);
        if value.is_none() {
            self.problems.push(
                Diagnostic::error(
                    "Unsuitable value type",
                    format!("The argument \"{name}\" must be written as true or false: it is needed before anything is evaluated."),
                )
                .at(expr.span),
            );
        }
        value
    }

    /// The text of an expression that must be a plain string.
    pub(super) fn static_string(&mut self, expr: &Expr, name: &str) -> Option<Text> {
        let text = match &expr.kind {
            ExprKind::Literal(value) => value.as_text().cloned(),
            _ => None,
        };
        if text.is_none() {
            self.problems.push(
                Diagnostic::error(
                    "Unsuitable value type",
                    format!("The argument \"{name}\" must be a plain string: it is needed before anything is evaluated."),
                )
                .at(expr.span),
            );
        }
        text
    }

    /// What is left, for blocks whose contents are described elsewhere.
    pub(super) fn rest(self, span: Span) -> Body {
        Body { span, ..self.body }
    }

    /// Reports everything that nobody asked for.
    pub(super) fn finish(self) {
        for attribute in &self.body.attributes {
            let name = &attribute.name;
            let guess = nearest(name, self.asked.iter().copied())
                .map_or(String::new(), |nearest| format!(" Did you mean \"{nearest}\"?"));
            self.problems.push(
                Diagnostic::error(
                    "Unsupported argument",
                    format!("An argument named \"{name}\" is not expected here.{guess}"),
                )
                .at(attribute.name_span),
            );
        }
        for block in &self.body.blocks {
            let kind = &block.kind;
            let guess = nearest(kind, self.asked.iter().copied())
                .map_or(String::new(), |nearest| format!(" Did you mean \"{nearest}\"?"));
            self.problems.push(
                Diagnostic::error(
                    "Unsupported block type",
                    format!("Blocks of type \"{kind}\" are not expected here.{guess}"),
                )
                .at(block.header),
            );
        }
        for property in &self.body.undecided {
            self.problems
                .push(unexpected(property, self.asked.iter().copied()));
        }
    }
}

/// The value of an expression that is true or false, in quotes or not.
pub(super) fn static_bool(expr: &Expr) -> Option<bool> {
    let ExprKind::Literal(value) = &expr.kind else {
        return None;
    };
    value.as_bool().or_else(|| match value.as_str() {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => None,
    })
}

/// A property that is neither argument nor block.
pub(super) fn unexpected<'n>(property: &Property, known: impl IntoIterator<Item = &'n str>) -> Diagnostic {
    let name = property.name();
    let guess = nearest(name, known).map_or(String::new(), |nearest| format!(" Did you mean \"{nearest}\"?"));
    Diagnostic::error(
        "Extraneous JSON object property",
        format!("No argument or block type is named \"{name}\".{guess}"),
    )
    .at(property.name_span())
}

/// Decides that the undecided properties of a name stand for blocks.
pub(super) fn decide_blocks(body: &mut Body, kind: &str, problems: &mut Diagnostics) {
    for property in body.take_property(kind) {
        body.decide_blocks(property, labels_of(kind), problems);
    }
}

/// The labels of the language's own kinds of blocks.
pub(super) fn labels_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "resource" | "data" | "ephemeral" | "key_provider" | "method" => &["type", "name"],
        "provider" | "variable" | "output" | "module" | "check" => &["name"],
        "backend" | "provisioner" | "dynamic" => &["type"],
        "provider_meta" => &["provider"],
        _ => &[],
    }
}

/// Checks that a block has exactly the labels it should, and gives them.
pub(super) fn labels<const N: usize>(
    block: &Block,
    names: [&str; N],
    problems: &mut Diagnostics,
) -> Option<[Text; N]> {
    let kind = &block.kind;
    if let Some(extra) = block.labels.get(N) {
        let expected = match N {
            0 => "No labels are".into(),
            1 => format!("Only 1 label ({}) is", names[0]),
            _ => format!("Only {N} labels ({}) are", names.join(", ")),
        };
        problems.push(
            Diagnostic::error(
                format!("Extraneous label for {kind}"),
                format!("{expected} expected for {kind} blocks."),
            )
            .at(extra.span),
        );
        return None;
    }
    if let Some(missing) = names.get(block.labels.len()) {
        problems.push(
            Diagnostic::error(
                format!("Missing {missing} for {kind}"),
                format!("All {kind} blocks must have {N} labels ({}).", names.join(", ")),
            )
            .at(block.header),
        );
        return None;
    }
    for label in &block.labels {
        if !is_identifier(&label.text) {
            problems.push(
                Diagnostic::error(
                    format!("Invalid {kind} name"),
                    "A name must start with a letter or underscore and may contain only letters, digits, underscores, and dashes.",
                )
                .at(label.span),
            );
            return None;
        }
    }
    Some(std::array::from_fn(|i| block.labels[i].text.clone()))
}

/// Whether a word is an identifier of the language.
pub(super) fn is_identifier(word: &str) -> bool {
    let mut chars = word.chars();
    chars
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}
