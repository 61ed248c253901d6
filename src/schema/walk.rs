//! The direct parts of an expression: for looking through a tree, and for replacing parts of it.

use crate::lang::syntax::{Expr, ExprKind, Key, TemplatePart};

/// The expressions directly inside this one.
pub(super) fn children(expr: &Expr) -> Vec<&Expr> {
    let mut found = Vec::new();
    match &expr.kind {
        ExprKind::Literal(_) => {}
        ExprKind::Template(parts) => parts_of(parts, &mut found),
        ExprKind::Interpolation(inner) | ExprKind::Unary(_, inner) | ExprKind::Parens(inner) => {
            found.push(inner);
        }
        ExprKind::Traversal(traversal) => keys_of(&traversal.steps, &mut found),
        ExprKind::Access(access) => {
            found.push(&access.base);
            keys_of(&access.steps, &mut found);
        }
        ExprKind::Splat(splat) => {
            found.push(&splat.source);
            keys_of(&splat.each, &mut found);
        }
        ExprKind::Call(call) => found.extend(&call.arguments),
        ExprKind::Tuple(items) => found.extend(items),
        ExprKind::Object(items) => found.extend(items.iter().flat_map(|item| [&item.key, &item.value])),
        ExprKind::For(each) => {
            found.push(&each.collection);
            found.extend(each.key.iter().chain([&each.value]).chain(&each.condition));
        }
        ExprKind::Conditional(parts) => found.extend(parts.iter()),
        ExprKind::Binary(_, sides) => found.extend(sides.iter()),
    }
    found
}

fn keys_of<'a>(keys: &'a [Key], found: &mut Vec<&'a Expr>) {
    found.extend(keys.iter().filter_map(|key| match key {
        Key::Index(expr) => Some(expr),
        Key::Attribute(..) | Key::Legacy(..) => None,
    }));
}

fn parts_of<'a>(parts: &'a [TemplatePart], found: &mut Vec<&'a Expr>) {
    for part in parts {
        match part {
            TemplatePart::Literal(_) => {}
            TemplatePart::Interpolation(expr) => found.push(expr),
            TemplatePart::If {
                condition,
                then,
                otherwise,
                ..
            } => {
                found.push(condition);
                parts_of(then, found);
                parts_of(otherwise, found);
            }
            TemplatePart::For { collection, body, .. } => {
                found.push(collection);
                parts_of(body, found);
            }
        }
    }
}

/// The expressions directly inside this one, to change them.
pub(super) fn children_mut(expr: &mut Expr) -> Vec<&mut Expr> {
    let mut found = Vec::new();
    match &mut expr.kind {
        ExprKind::Literal(_) => {}
        ExprKind::Template(parts) => parts_of_mut(parts, &mut found),
        ExprKind::Interpolation(inner) | ExprKind::Unary(_, inner) | ExprKind::Parens(inner) => {
            found.push(&mut **inner);
        }
        ExprKind::Traversal(traversal) => keys_of_mut(&mut traversal.steps, &mut found),
        ExprKind::Access(access) => {
            found.push(&mut access.base);
            keys_of_mut(&mut access.steps, &mut found);
        }
        ExprKind::Splat(splat) => {
            found.push(&mut splat.source);
            keys_of_mut(&mut splat.each, &mut found);
        }
        ExprKind::Call(call) => found.extend(&mut call.arguments),
        ExprKind::Tuple(items) => found.extend(items),
        ExprKind::Object(items) => {
            for item in items {
                found.push(&mut item.key);
                found.push(&mut item.value);
            }
        }
        ExprKind::For(each) => {
            found.push(&mut each.collection);
            found.extend(&mut each.key);
            found.push(&mut each.value);
            found.extend(&mut each.condition);
        }
        ExprKind::Conditional(parts) => found.extend(parts.iter_mut()),
        ExprKind::Binary(_, sides) => found.extend(sides.iter_mut()),
    }
    found
}

fn keys_of_mut<'a>(keys: &'a mut [Key], found: &mut Vec<&'a mut Expr>) {
    found.extend(keys.iter_mut().filter_map(|key| match key {
        Key::Index(expr) => Some(expr),
        Key::Attribute(..) | Key::Legacy(..) => None,
    }));
}

fn parts_of_mut<'a>(parts: &'a mut [TemplatePart], found: &mut Vec<&'a mut Expr>) {
    for part in parts {
        match part {
            TemplatePart::Literal(_) => {}
            TemplatePart::Interpolation(expr) => found.push(expr),
            TemplatePart::If {
                condition,
                then,
                otherwise,
                ..
            } => {
                found.push(condition);
                parts_of_mut(then, found);
                parts_of_mut(otherwise, found);
            }
            TemplatePart::For { collection, body, .. } => {
                found.push(collection);
                parts_of_mut(body, found);
            }
        }
    }
}
