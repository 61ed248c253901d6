//! `include`: pieces of `shared.hcl` spliced in at their place, with what the includer passes put for `with.x`.

use std::collections::BTreeMap;

use super::super::walk;
use crate::diag::{Diagnostic, Diagnostics, Span, nearest};
use crate::lang::syntax::{Access, Attribute, Block, Body, Expr, ExprKind, Key};
use crate::value::Text;

/// The blocks of a type's body with every `include` replaced by what the shared piece holds.
pub(super) fn splice(
    blocks: &[Block],
    shared: &BTreeMap<Text, Body>,
    problems: &mut Diagnostics,
) -> Vec<Block> {
    let mut spliced = Vec::with_capacity(blocks.len());
    for block in blocks {
        if &*block.kind != "include" {
            spliced.push(block.clone());
            continue;
        }
        let Some(label) = block.labels.first() else {
            problems.push(
                Diagnostic::error("Missing label", "An include names the shared piece.").at(block.header),
            );
            continue;
        };
        let Some(piece) = shared.get(&label.text) else {
            let detail = format!("There is no shared piece {:?} in shared.hcl.", label.text);
            let hint = nearest(&label.text, shared.keys().map(|name| &**name));
            let problem = Diagnostic::error("Unknown shared piece", detail).at(label.span);
            problems.push(match hint {
                Some(name) => problem.hint(format!("Did you mean {name:?}?")),
                None => problem,
            });
            continue;
        };
        let mut with = With {
            values: block
                .body
                .attributes
                .iter()
                .map(|a| (a.name.clone(), a))
                .collect(),
            used: Vec::new(),
            problems,
        };
        let mut piece = piece.blocks.clone();
        for inner in &mut piece {
            with.body(&mut inner.body);
        }
        with.report_unused();
        spliced.append(&mut piece);
    }
    spliced
}

/// What an includer passes.
struct With<'a> {
    values: BTreeMap<Text, &'a Attribute>,
    used: Vec<Text>,
    problems: &'a mut Diagnostics,
}

impl With<'_> {
    fn body(&mut self, body: &mut Body) {
        body.attributes
            .iter_mut()
            .for_each(|attribute| self.expr(&mut attribute.expr));
        body.blocks
            .iter_mut()
            .for_each(|block| self.body(&mut block.body));
    }

    fn expr(&mut self, expr: &mut Expr) {
        if let ExprKind::Traversal(traversal) = &expr.kind
            && &*traversal.root == "with"
        {
            let (steps, span) = (traversal.steps.clone(), expr.span);
            if let Some(value) = self.value(&steps, span) {
                *expr = value;
            }
        }
        for child in walk::children_mut(expr) {
            self.expr(child);
        }
    }

    fn value(&mut self, steps: &[Key], span: Span) -> Option<Expr> {
        let Some((Key::Attribute(name, _), rest)) = steps.split_first() else {
            self.problems
                .push(Diagnostic::error("Incomplete name", "with is followed by a name.").at(span));
            return None;
        };
        let Some(attribute) = self.values.get(name) else {
            let detail = format!("The includer passes no {name:?}.");
            self.problems
                .push(Diagnostic::error("Missing value for include", detail).at(span));
            return None;
        };
        self.used.push(name.clone());
        let base = attribute.expr.clone();
        if rest.is_empty() {
            return Some(base);
        }
        let kind = ExprKind::Access(Box::new(Access {
            base,
            steps: rest.to_vec(),
        }));
        Some(Expr { kind, span })
    }

    fn report_unused(self) {
        for (name, attribute) in &self.values {
            if !self.used.contains(name) {
                let detail = format!("The shared piece has no use for {name:?}.");
                self.problems
                    .push(Diagnostic::error("Unused value for include", detail).at(attribute.span));
            }
        }
    }
}
