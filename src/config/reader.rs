//! Takes a block's body apart: what is expected is taken out, what is left over is an error.

use crate::addr::Text;
use crate::diag::{Diagnostic, Diagnostics, Span, nearest};
use crate::lang::syntax::{Attribute, Block, Body, Expr, ExprKind};

/// A body of which attributes and blocks are taken one by one.
pub(super) struct Reader<'d> {
    attributes: Vec<Attribute>,
    blocks: Vec<Block>,
    /// Where the block stands: what "missing argument" points at.
    header: Span,
    /// Names asked for so far, for "did you mean".
    asked: Vec<&'static str>,
    pub(super) problems: &'d mut Diagnostics,
}

impl<'d> Reader<'d> {
    pub(super) fn new(body: Body, header: Span, problems: &'d mut Diagnostics) -> Self {
        Self {
            attributes: body.attributes,
            blocks: body.blocks,
            header,
            asked: Vec::new(),
            problems,
        }
    }

    /// The expression of an argument, if it is there.
    pub(super) fn take(&mut self, name: &'static str) -> Option<Expr> {
        self.take_attribute(name).map(|attribute| attribute.expr)
    }

    pub(super) fn take_attribute(&mut self, name: &'static str) -> Option<Attribute> {
        self.asked.push(name);
        let at = self
            .attributes
            .iter()
            .position(|attribute| &*attribute.name == name)?;
        Some(self.attributes.remove(at))
    }

    /// The expression of an argument that must be there.
    pub(super) fn require(&mut self, name: &'static str) -> Option<Expr> {
        let found = self.take(name);
        if found.is_none() {
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
        let (taken, left) = std::mem::take(&mut self.blocks)
            .into_iter()
            .partition(|block| &*block.kind == kind);
        self.blocks = left;
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
        let expr = self.take(name)?;
        let text = self.static_string(&expr, name)?;
        Some((text, expr.span))
    }

    /// A literal bool argument.
    pub(super) fn take_bool(&mut self, name: &'static str) -> Option<bool> {
        let expr = self.take(name)?;
        let value = match &expr.kind {
            ExprKind::Literal(value) => value.as_bool().or_else(|| match value.as_str() {
                Some("true") => Some(true),
                Some("false") => Some(false),
                _ => None,
            }),
            _ => None,
        };
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
        Body {
            attributes: self.attributes,
            blocks: self.blocks,
            span,
        }
    }

    /// Reports everything that nobody asked for.
    pub(super) fn finish(self) {
        for attribute in &self.attributes {
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
        for block in &self.blocks {
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
