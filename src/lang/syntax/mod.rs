//! Text to spanned tree.
//!
//! hcl-edit reads the text; its tree is turned at once into our own compact one, and nothing outside this
//! folder sees it.

mod convert;
mod errors;
mod template;
#[cfg(test)]
mod testing;
mod tree;

use crate::diag::{FileId, Result, Span};
use convert::Converter;

pub use tree::{
    Access, Attribute, BinaryOp, Block, Body, Call, Expr, ExprKind, For, Key, Label, ObjectItem, Splat,
    TemplatePart, Traversal, UnaryOp,
};

/// Reads a file's text. Reports as many errors as it can find.
pub fn parse_body(file: FileId, text: &str) -> Result<Body> {
    let (text, base) = without_mark(text);
    let body =
        hcl_edit::parser::parse_body(text).map_err(|error| errors::from_parser(&error, file, text, base))?;
    let mut converter = Converter::new(file, text, base);
    let body = converter.body(&body, 0..text.len());
    converter.errors.or(body)
}

/// Reads one expression that stands alone (console, `-var`, schema tests).
pub fn parse_expression(file: FileId, text: &str) -> Result<Expr> {
    let (text, base) = without_mark(text);
    let trimmed = text.trim();
    let base = base + (text.len() - text.trim_start().len());
    let expr = hcl_edit::parser::parse_expr(trimmed)
        .map_err(|error| errors::from_parser(&error, file, trimmed, base))?;
    let mut converter = Converter::new(file, trimmed, base);
    let expr = converter.expr(&expr);
    converter.errors.or(expr)
}

/// Reads a text as the inside of a quoted template (its escapes processed already, as in JSON). `span` is where
/// the text stands, quotes excluded; places inside are exact as long as the text has no escapes.
pub fn parse_template(file: FileId, text: &str, span: Span) -> Result<Expr> {
    let base = span.start as usize;
    let template = hcl_edit::parser::parse_template(text)
        .map_err(|error| errors::from_parser(&error, file, text, base))?;
    let mut converter = Converter::new(file, text, base);
    let kind = template::bare(&mut converter, template.iter());
    converter.errors.or(Expr { kind, span })
}

/// The text without its byte-order mark, and how many bytes that was.
fn without_mark(text: &str) -> (&str, usize) {
    text.strip_prefix('\u{feff}')
        .map_or((text, 0), |rest| (rest, text.len() - rest.len()))
}

#[cfg(test)]
mod tests {
    use super::testing::{show_body, show_expression};

    #[track_caller]
    fn check(text: &str, expect: &str) {
        assert_eq!(show_expression(text), expect, "{text}");
    }

    #[track_caller]
    fn check_body(text: &str, expect: &str) {
        assert_eq!(show_body(text), expect, "{text}");
    }

    #[test]
    fn every_form_of_expression_is_read() {
        check("1", "1");
        check("-1", "(- 1)");
        check("true", "true");
        check("null", "null");
        check(r#""a\n\"\\\u00e9$${x}%%{y}""#, r#""a\n\"\\é${x}%{y}""#);
        check("[1, a.b, ]", "[1 a.b]");
        check(r#"{ a = 1, "b" : 2, (c) = 3, true = 4 }"#, r#"{"a"=1 "b"=2 (c)=3 "true"=4}"#);
        check("a && b || !c", "(|| (&& a b) (! c))");
        check("1 + 2 * 3 - 4 == 5 ? x : y", "(? (== (- (+ 1 (* 2 3)) 4) 5) x y)");
        check("f(a, b...)", "f(a b...)");
        check("provider::aws::f()", "provider::aws::f()");
        check("[for k, v in c : v if k]", "[for k v in c : v if k]");
        check("{for v in c : v => 1...}", "{for v in c : v => 1...}");
        check("[for v in c : v]", "[for v in c : v]");
        check("(a)", "(a)");
    }

    #[test]
    fn steps_are_gathered_around_their_base() {
        check("var.a.b[count.index].c.0", "var.a.b[count.index].c.0");
        check("f().a[0]", "<f()>.a[0]");
        check("(a).b", "<(a)>.b");
        check("a[*].b[0]", "<a [*] .b[0]>");
        check("a.*.b[0]", "<<a [*] .b>>[0]");
        check("a[*].b[*].c", "[for * in <a [*] > : <*.b [*] .c>]");
        check("a.*.b[*].c", "<<a [*] .b> [*] .c>");
    }

    #[test]
    fn templates_keep_their_parts() {
        check(r#""a${b}c""#, r#"`"a"${b}"c"`"#);
        check(r#""${b}""#, "${b}");
        check(r#""%{ if a }b%{ else }c%{ endif }""#, r#"`%if a("b")("c")`"#);
        check(r#""%{ for k, v in a }${v}%{ endfor }""#, "`%for k v in a(${v})`");
        check("<<-E\n    a\n      b ${c}\n\n  E\n", r#"`"a\n  b "${c}"\n\n"`"#);
    }

    #[test]
    fn bodies_hold_attributes_and_blocks() {
        check_body("a = 1\nb \"c\" d {\n  e = f\n}\n", r#"a=1 b "c" "d" {e=f}"#);
        check_body("\u{feff}a { b = 1 }", "a {b=1}");
    }
}
