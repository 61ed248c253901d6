//! Text to spanned tree.
//!
//! A scanner makes tokens ([`scan`]), a recursive descent makes the tree ([`parse`]); [`mod@format`] works on the
//! tokens, [`write`] goes the other way.

pub mod format;
mod parse;
mod scan;
#[cfg(test)]
mod testing;
mod tree;
pub mod write;

use crate::diag::{FileId, Result, Span};
use parse::{Parser, Reported};

pub use tree::{
    Access, Attribute, BinaryOp, Block, Body, Call, Expr, ExprKind, For, Key, Label, ObjectItem, Splat,
    TemplatePart, Traversal, UnaryOp,
};

/// Reads a file's text. Reports as many errors as it can find.
pub fn parse_body(file: FileId, text: &str) -> Result<Body> {
    let (text, base) = without_mark(text);
    let mut parser = Parser::new(file, text, base, scan::scan(text));
    let body = parser.file();
    parser.errors.or(body)
}

/// Reads one expression that stands alone (console, `-var`, schema tests).
pub fn parse_expression(file: FileId, text: &str) -> Result<Expr> {
    let (text, base) = without_mark(text);
    let mut parser = Parser::new(file, text, base, scan::scan(text));
    match parser.lone_expression() {
        Ok(expr) => parser.errors.or(expr),
        Err(Reported) => Err(parser.errors),
    }
}

/// Reads a text as the inside of a quoted template, its escapes processed already, as in JSON. `span` is where
/// the text stands, quotes excluded; places inside it are exact as long as the text has no escapes.
pub fn parse_template(file: FileId, text: &str, span: Span) -> Result<Expr> {
    let mut parser = Parser::new(file, text, span.start as usize, scan::scan_template(text));
    match parser.whole_template() {
        Ok(kind) => parser.errors.or(Expr { kind, span }),
        Err(Reported) => Err(parser.errors),
    }
}

/// The text of an expression that is a plain string.
pub fn static_string(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(value) => value.as_str(),
        _ => None,
    }
}

/// The names of an expression that is a plain path like `aws.west`: its root, and attribute steps only.
pub fn static_traversal(expr: &Expr) -> Option<Vec<&str>> {
    let ExprKind::Traversal(traversal) = &expr.kind else {
        return None;
    };
    let steps = traversal.steps.iter().map(|step| match step {
        Key::Attribute(name, _) => Some(&**name),
        Key::Index(_) | Key::Legacy(..) => None,
    });
    std::iter::once(Some(&*traversal.root)).chain(steps).collect()
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
        check(
            r#"{ a = 1, "b" : 2, (c) = 3, true = 4 }"#,
            r#"{"a"=1 "b"=2 (c)=3 "true"=4}"#,
        );
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

#[cfg(test)]
mod probe {
    use std::time::Instant;
    #[test]
    fn speed() {
        let block = "resource \"aws_kms_key\" \"k\" {\n  description = \"key ${var.x}\"\n  deletion_window_in_days = 7\n  tags = { a = local.b, c = \"d\" }\n}\n\n";
        let t = block.repeat(10000);
        let i = Instant::now();
        let b = super::parse_body(crate::diag::FileId(0), &t).unwrap();
        eprintln!("10k blocks {:?}", i.elapsed());
        let i = Instant::now(); drop(b); eprintln!("drop {:?}", i.elapsed());
        let i = Instant::now();
        super::format::format(&t).unwrap();
        eprintln!("format {:?}", i.elapsed());
        let n = 1_000_000;
        for (name, t) in [
            ("parens", format!("a={}", "(".repeat(n))),
            ("brackets", format!("a={}", "[".repeat(n))),
            ("braces", format!("a={}", "{a=".repeat(n/3))),
            ("objects", "{".repeat(n)),
            ("templates", format!("a={}", "\"${".repeat(n/3))),
            ("calls", format!("a={}", "f(".repeat(n/2))),
            ("minus", format!("a={}", "-".repeat(n))),
            ("bang", format!("a={}", "!".repeat(n))),
            ("blocks", "a {\n".repeat(n/4)),
            ("index", format!("a=b{}", "[b".repeat(n/2))),
            ("plus", format!("a=1{}", "+1".repeat(n/2))),
            ("dots", format!("a=b{}", ".c".repeat(n/2))),
            ("splats", format!("a=b{}", "[*]".repeat(n/3))),
            ("asplats", format!("a=b{}", ".*[0]".repeat(n/5))),
            ("keys", format!("a={{{}}}", (0..n/8).map(|i| format!("a{i}=1,")).collect::<String>())),
            ("attrs", (0..n/8).map(|i| format!("a{i}=1\n")).collect::<String>()),
            ("ifs", format!("a=\"{}", "%{if a}".repeat(n/7))),
            ("cond", format!("a={}", "a?".repeat(n/2))),
            ("cond2", format!("a={}", "a?b:".repeat(n/4))),
            ("mismatch", format!("a={}{}", "(".repeat(n/2), "]".repeat(n/2))),
            ("quotes", "\"".repeat(n)),
            ("heredocs", "a=<<E\n".repeat(n/6)),
            ("errors", "a=\n".repeat(n/3)),
            ("closers", "}".repeat(n)),
            ("stray", "}\n".repeat(n/2)),
            ("strange", "'".repeat(n)),
            ("spaces", format!("a=<<E\n{}", " ".repeat(n))),
            ("comments", "/*".repeat(n/2)),
            ("nestopen", "a {\nb=(\n".repeat(n/8)),
            ("labels", format!("a {}", "b ".repeat(n/2))),
            ("colons", format!("a=b{}", "::b".repeat(n/3))),
        ] {
            let i = Instant::now();
            let r = super::parse_body(crate::diag::FileId(0), &t);
            let text = match &r { Ok(_) => "ok".to_owned(), Err(e) => format!("{} {}", e.len(), e.iter().next().unwrap().summary) };
            eprintln!("{name} {:?} {text}", i.elapsed());
        }
    }
    #[test]
    fn bad() {
        let mut names: Vec<_> = std::fs::read_dir("/tmp/bad/in").unwrap().map(|e| e.unwrap().path()).collect();
        names.sort();
        let mut out = String::new();
        for path in names {
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let r = match super::parse_body(crate::diag::FileId(0), &text) {
                Ok(_) => "ok".to_owned(),
                Err(e) => e.iter().map(|d| d.summary.clone()).collect::<Vec<_>>().join(" | "),
            };
            out += &format!("{name} {r}\n");
        }
        std::fs::write("/tmp/bad/us", out).unwrap();
    }
    #[test]
    fn probe() {
        let _ = std::fs::remove_dir_all("/tmp/fmtc/us");
        std::fs::create_dir_all("/tmp/fmtc/us").unwrap();
        for entry in std::fs::read_dir("/tmp/fmtc/in").unwrap() {
            let entry = entry.unwrap();
            let text = std::fs::read_to_string(entry.path()).unwrap();
            match super::format::format(&text) {
                Ok(out) => std::fs::write(format!("/tmp/fmtc/us/{}", entry.file_name().to_str().unwrap()), out).unwrap(),
                Err(errors) => std::fs::write(format!("/tmp/fmtc/us/{}.err", entry.file_name().to_str().unwrap()), format!("{errors:?}")).unwrap(),
            }
        }
    }
}
