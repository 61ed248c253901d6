//! Text to spanned tree.
//!
//! A scanner makes tokens ([`scan`]), a recursive descent makes the tree ([`parse`]); [`mod@format`] works on the
//! tokens, [`write`] goes the other way.

pub mod format;
mod json;
mod parse;
mod scan;
#[cfg(test)]
mod testing;
mod tree;
pub mod write;

use crate::diag::{FileId, Result, Span};
use parse::{Parser, Reported};
use scan::Kind;

pub use json::{Property, Reading, parse_json_arguments, parse_json_body};
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

/// Whether brackets, templates or a heredoc are open at the end of a text, so that more lines belong to it.
pub fn is_open(text: &str) -> bool {
    let mut depth = 0i64;
    for token in scan::scan(text) {
        match token.kind {
            Kind::OpenBrace
            | Kind::OpenBracket
            | Kind::OpenParen
            | Kind::OpenHeredoc
            | Kind::OpenInterpolation
            | Kind::OpenDirective => depth += 1,
            Kind::CloseBrace
            | Kind::CloseBracket
            | Kind::CloseParen
            | Kind::CloseHeredoc
            | Kind::CloseTemplate => depth -= 1,
            _ => {}
        }
    }
    depth > 0
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

/// Reads the text of a quoted string as one expression. `span` is where the string stands, quotes included; places
/// inside it are exact as long as the text has no escapes.
pub fn parse_quoted(text: &str, span: Span) -> Result<Expr> {
    let mut parser = Parser::new(span.file, text, span.start as usize + 1, scan::scan(text));
    match parser.lone_expression() {
        Ok(expr) => parser.errors.or(expr),
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

    #[test]
    fn heredocs_lose_the_indent_their_lines_share() {
        check("<<-E\n\n      a\n   \n    b\n  E\n", r#""\n  a\n   \nb\n""#);
        check("<<-E\n    ${c}\n      x\n  E\n", r#"`${c}"\n  x\n"`"#);
        check("<<-E\n    a\n${c}\n    b\nE\n", r#"`"    a\n"${c}"\n    b\n"`"#);
        check("<<-E\n    a ${c\n}  y\n  b\nE\n", r#"`"  a "${c}"  y\nb\n"`"#);
        check(
            "<<-E\n     a\n    %{~ if true ~}\n       b\n    %{~ endif ~}\n   c\nE\n",
            r#"`"     a\n"%if true("       b\n")()"   c\n"`"#,
        );
        check("<<-E\n\ttab\n\t  x\n  E\n", r#""tab\n  x\n""#);
        check("<<E\nE\n", r#""""#);
        check(
            "<<E\n\\n \"q\" $${a} $$ %%{b}\nE",
            r#""\\n \"q\" ${a} $$ %{b}\n""#,
        );
    }

    #[test]
    fn trim_markers_reach_over_one_literal() {
        check(r#""a\n\n  ${~ 1 ~}\n\n  b""#, r#"`"a"${1}"b"`"#);
        check(r#"" ${~ x ~} ""#, "`${x}`");
        check(r#""${~ x ~}""#, "${x}");
        check(
            r#""%{ if true ~}  a  %{~ else ~} b %{~ endif }""#,
            r#"`%if true("a")("b")`"#,
        );
        check("<<E\n  ${~ x ~}\n  y\nE\n", r#"`${x}"  y\n"`"#);
    }

    #[test]
    fn what_terraform_refuses_is_refused() {
        check("x.0.1", "! Invalid legacy index syntax");
        check("[for]", "! Invalid 'for' expression");
        check("[for x in y : z => 1]", "! Invalid 'for' expression");
        check("a.*.b.*.c", "! Nested splat expression not allowed");
        check("f(1 2)", "! Missing argument separator");
        check("[1 2]", "! Missing item separator");
        check("{a = 1 b = 2}", "! Missing attribute separator");
        check("(1", "! Unbalanced parentheses");
        check("b ? c", "! Missing false expression in conditional");
        check("a b", "! Extra characters after expression");
        check(r#""\x""#, "! Invalid escape sequence");
        check(r#""\ud800""#, "! Invalid escape sequence");
        check(r#""%{ if x }""#, "! Unexpected end of template");
        check("'x'", "! Invalid character");
        check("b & c", "! Unsupported operator");
        check_body("a = \"b\nc = 1\n", "! Invalid multi-line string");
        check_body("a", "! Argument or block definition required");
        check_body("a = 1 2\n", "! Missing newline after argument");
        check_body("a {\n b = 1\n", "! Unclosed configuration block");
        check_body(
            "a { b = 1, c = 2 }\n",
            "! Invalid single-argument block definition",
        );
        check_body("a {} b {}\n", "! Missing newline after block definition");
        check_body("a = 1\na = 2\n", "! Attribute redefined");
        check_body("\"a\" = 1\n", "! Invalid argument name");
        check_body("a = <<E\nx\n", "! Unterminated template string");
    }

    #[test]
    fn what_terraform_takes_is_taken() {
        check("{a = 1, a = 2}", r#"{"a"=1 "a"=2}"#);
        check("{a.b = c.d}", "{a.b=c.d}");
        check("123456789012345678901234567890", "123456789012345678901234567890");
        check(
            "1e400 > 0 ? 1 : 2",
            &format!("(? (> 1{} 0) 1 2)", "0".repeat(400)),
        );
        check(
            &format!("{}1{}", "(".repeat(200), ")".repeat(200)),
            &format!("{}1{}", "(".repeat(200), ")".repeat(200)),
        );
        check_body("a = <<E\nE\nb = <<E\nx\nE\n", r#"a="" b="x\n""#);
        check_body("a = 1\r\nb = 2\r\n", "a=1 b=2");
        check_body("/* a */ b = 1 # c", "b=1");
    }

    #[test]
    fn each_mistake_is_reported_and_no_other() {
        check_body(
            "a {\n  b = (\n}\nc = 1\nd = [1 2]\ne {\n  f = \n  g = 'x'\n}\nh = 1\n",
            "! Invalid expression\n! Missing item separator\n! Invalid expression\n! Invalid character",
        );
        check_body("a = 1 +\n2\nb = 3\n", "! Invalid expression");
    }

    /// The texts under the spans of the first attribute of `text`: of its name and of its expression.
    #[track_caller]
    fn check_spans(text: &str, expect: &[&str]) {
        let body = super::parse_body(super::FileId(0), text).expect("is valid");
        let under = |span: super::Span| &text[span.start as usize..span.end as usize];
        let attribute = &body.attributes[0];
        let mut found = vec![under(attribute.name_span), under(attribute.expr.span)];
        let mut expr = &attribute.expr;
        loop {
            expr = match &expr.kind {
                super::ExprKind::Access(access) => &access.base,
                super::ExprKind::Splat(splat) => &splat.source,
                super::ExprKind::Parens(inner)
                | super::ExprKind::Interpolation(inner)
                | super::ExprKind::Unary(_, inner) => inner,
                super::ExprKind::Binary(_, sides) => &sides[0],
                super::ExprKind::Conditional(parts) => &parts[1],
                super::ExprKind::Call(call) => &call.arguments[0],
                super::ExprKind::Tuple(items) => &items[0],
                super::ExprKind::Object(items) => &items[0].key,
                _ => break,
            };
            found.push(under(expr.span));
        }
        assert_eq!(found, expect, "{text:?}");
    }

    #[test]
    fn spans_are_bytes_of_the_original_text() {
        check_spans("\u{feff}a = b.c[0] /* d */\n", &["a", "b.c[0]"]);
        check_spans(
            "é = (b + c) * d # e\n",
            &["é", "(b + c) * d", "(b + c)", "b + c", "b"],
        );
        check_spans("a = x ? f ( y ) : z\n", &["a", "x ? f ( y ) : z", "f ( y )", "y"]);
        check_spans("a = f(x)[ 0 ].b\n", &["a", "f(x)[ 0 ].b", "f(x)", "x"]);
        check_spans("a = b[*].c\n", &["a", "b[*].c", "b"]);
        check_spans("a = b.*.c[0]\n", &["a", "b.*.c[0]", "b.*.c", "b"]);
        check_spans("a = \"${ b }\"\n", &["a", "\"${ b }\"", "b"]);
        check_spans("a = [ {b = 1} ]\n", &["a", "[ {b = 1} ]", "{b = 1}", "b"]);
        check_spans("a = - b\n", &["a", "- b", "b"]);
    }

    #[test]
    fn blocks_know_their_parts() {
        let text = "a \"b\" c { # d\n  e = 1\n}\n";
        let body = super::parse_body(super::FileId(0), text).expect("is valid");
        let under = |span: super::Span| &text[span.start as usize..span.end as usize];
        let block = &body.blocks[0];
        assert_eq!(under(block.header), "a \"b\" c");
        assert_eq!(under(block.span), text.trim_end());
        assert_eq!(under(block.body.span), " # d\n  e = 1\n");
        assert_eq!(under(block.labels[0].span), "\"b\"");
        assert_eq!(under(body.span), text);
    }

    #[test]
    fn hostile_texts_cost_little() {
        let many = 200_000;
        let nest = "a {\n".repeat(200);
        let before = std::time::Instant::now();
        for text in [
            format!("a={}", "(".repeat(many)),
            format!("a={}{}", "[".repeat(many), ")".repeat(many)),
            format!("a={}", "{a=".repeat(many)),
            format!("a={}", "\"${".repeat(many)),
            format!("a={}", "-".repeat(many)),
            format!("a=1{}", "+1".repeat(many)),
            format!("a=b{}", "[*]".repeat(many)),
            format!("a=b{}", ".*[0]".repeat(many)),
            format!("a=\"{}", "%{if a}".repeat(many)),
            "a {\n".repeat(many),
            format!("{nest}{}{}", "b=(\n".repeat(many / 10), "} x\n".repeat(200)),
            "}".repeat(many),
            "\"".repeat(many),
            "a=<<E\n".repeat(many),
        ] {
            super::parse_body(super::FileId(0), &text).expect_err("is refused");
        }
        // Loose enough for a busy machine; anything quadratic takes minutes.
        assert!(before.elapsed().as_secs() < 30);
    }

    #[test]
    fn brackets_count_where_they_are_brackets() {
        for text in [
            "[1,",
            "{",
            "f(\n",
            "<<EOT\na\n",
            "[<<EOT\n]\nEOT\n",
            "\"${f(\"",
            "[ # ]\n",
        ] {
            assert!(super::is_open(text), "{text}");
        }
        for text in [
            "1 # (\n",
            "\"${upper(\"(\")}\"",
            "/* ( */ 3",
            "\"(\"",
            ")",
            "<<EOT\n(\nEOT\n",
            "\"(\n",
        ] {
            assert!(!super::is_open(text), "{text}");
        }
    }

    #[test]
    fn plain_strings_and_paths_are_recognised() {
        let expr = |text: &str| super::parse_expression(super::FileId(0), text).expect("is valid");
        assert_eq!(super::static_string(&expr("\"a\"")), Some("a"));
        assert_eq!(super::static_string(&expr("\"${a}\"")), None);
        assert_eq!(
            super::static_traversal(&expr("aws.west")),
            Some(vec!["aws", "west"])
        );
        assert_eq!(super::static_traversal(&expr("aws[0]")), None);
    }

    #[test]
    fn bare_templates_are_read_without_escapes() {
        let span = super::Span::new(super::FileId(0), 10, 14);
        let expr = super::parse_template(super::FileId(0), "a\\n${b}", span).expect("is valid");
        assert_eq!(super::testing::show(&expr), r#"`"a\\n"${b}`"#);
        let expr = super::parse_template(super::FileId(0), "${b}", span).expect("is valid");
        assert_eq!(super::testing::show(&expr), "${b}");
    }
}
