//! Diagnostics as JSON, in the form of `terraform validate -json`.

use serde_json::{Value as Json, json};

use super::{Diagnostic, Position, Severity, Source, Sources, Span};

/// One diagnostic in Terraform's JSON form.
pub fn to_json(diagnostic: &Diagnostic, sources: &Sources) -> Json {
    let mut object = serde_json::Map::new();
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    object.insert("severity".into(), severity.into());
    object.insert("summary".into(), diagnostic.summary.as_str().into());
    object.insert("detail".into(), detail(diagnostic).into());
    if let Some(address) = &diagnostic.address {
        object.insert("address".into(), address.as_str().into());
    }
    if let Some((span, source)) = place(diagnostic, sources) {
        object.insert("range".into(), range(span, source, sources));
        let (start, end) = inside(&source.text, span);
        if !source.is_secret_at(start, end) {
            object.insert("snippet".into(), snippet(diagnostic, span, source));
        }
    }
    Json::Object(object)
}

/// The detail with the hints that follow it.
fn detail(diagnostic: &Diagnostic) -> String {
    let mut detail = diagnostic.detail.clone();
    for hint in &diagnostic.hints {
        if !detail.is_empty() {
            detail.push_str("\n\n");
        }
        detail.push_str(hint);
    }
    detail
}

fn place<'s>(diagnostic: &Diagnostic, sources: &'s Sources) -> Option<(Span, &'s Source)> {
    let span = diagnostic.span?;
    Some((span, sources.get(span.file)?))
}

fn range(span: Span, source: &Source, sources: &Sources) -> Json {
    let position = |byte: u32| {
        let Position { line, column, byte } = sources.position(span.file, byte);
        json!({"line": line, "column": column, "byte": byte})
    };
    json!({"filename": source.name, "start": position(span.start), "end": position(span.end)})
}

/// How much of a line is shown before and after what is wrong: a document may hold thousands of snippets of one
/// long line.
const AROUND: usize = 2048;

fn snippet(diagnostic: &Diagnostic, span: Span, source: &Source) -> Json {
    let text = &*source.text;
    let (start, end) = inside(text, span);
    let (start_line, line_start) = source.line_at(start);
    // A span that ends with a line break does not reach into the next line.
    let shown_end = if end > start && text[..end].ends_with('\n') {
        end - 1
    } else {
        end
    };
    let to = text[shown_end..]
        .find('\n')
        .map_or(text.len(), |at| shown_end + at);
    let from = text.floor_char_boundary(line_start.max(start.saturating_sub(AROUND)));
    let to = text.ceil_char_boundary(to.min(shown_end.min(start + AROUND) + AROUND));
    let values: Vec<Json> = diagnostic
        .values
        .iter()
        .map(|(name, statement)| json!({"traversal": name, "statement": statement}))
        .collect();
    json!({
        "context": context(source, line_start),
        "code": &text[from..to],
        "start_line": start_line,
        "highlight_start_offset": start - from,
        "highlight_end_offset": (end - from).min(to - from),
        "values": values,
    })
}

/// The ends of a span, moved to where the text has characters.
pub(super) fn inside(text: &str, span: Span) -> (usize, usize) {
    let start = text.floor_char_boundary(span.start as usize);
    (start, text.ceil_char_boundary(span.end as usize).max(start))
}

/// The header of the outermost block around a line, judged by indentation: `resource "a" "b"`.
pub(super) fn context(source: &Source, line_start: usize) -> Option<&str> {
    let line = |start: usize| source.text[start..].lines().next().unwrap_or_default();
    let here = line(line_start);
    let inside = here.starts_with([' ', '\t', '}', ']', ')']) || here.trim().is_empty();
    let line = if inside {
        line(source.outermost_above(line_start)?)
    } else {
        here
    };
    let (header, _) = line.split_once('{')?;
    let header = header.trim_end();
    is_header(header).then_some(header)
}

/// Whether a text is a name with labels, each of them a name or between quotes. A line of a document is something else.
fn is_header(text: &str) -> bool {
    let is_name = |word: &str| {
        word.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && word
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
    };
    let mut parts = text.split('"');
    let mut names = parts.next().unwrap_or_default().split_whitespace();
    // What stands between quotes and what stands outside take turns.
    let (inside, outside): (Vec<_>, Vec<_>) = parts.enumerate().partition(|(at, _)| at % 2 == 0);
    inside.len() == outside.len()
        && names.next().is_some_and(is_name)
        && names.all(is_name)
        && outside
            .into_iter()
            .flat_map(|(_, text)| text.split_whitespace())
            .all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::FileId;

    const TEXT: &str = "resource \"a\" \"b\" {\n  x = é.zz\n}\n";

    #[track_caller]
    fn check(diagnostic: &Diagnostic, secret: bool, expected: &Json) {
        let mut sources = Sources::new();
        if secret {
            sources.add_secret("main.tf", TEXT);
        } else {
            sources.add("main.tf", TEXT);
        }
        assert_eq!(&to_json(diagnostic, &sources), expected);
    }

    #[test]
    fn a_place_gives_range_and_snippet() {
        let at = TEXT.find("é.").unwrap();
        check(
            &Diagnostic::error("S", "D.")
                .at(Span::new(FileId(0), at, at + 5))
                .value("é", "is a string")
                .about("a.b"),
            false,
            &json!({"severity": "error", "summary": "S", "detail": "D.", "address": "a.b",
                "range": {"filename": "main.tf",
                    "start": {"line": 2, "column": 7, "byte": 25}, "end": {"line": 2, "column": 11, "byte": 30}},
                "snippet": {"context": "resource \"a\" \"b\"", "code": "  x = é.zz", "start_line": 2,
                    "highlight_start_offset": 6, "highlight_end_offset": 11,
                    "values": [{"traversal": "é", "statement": "is a string"}]}}),
        );
    }

    #[test]
    fn the_block_around_a_line_is_its_context() {
        let text = "a \"b\" {\n  x = {\n    y = 1\n  }\n}\n\nz = {\n  k = 1\n}\nlocals { c = 1 }\n";
        let mut sources = Sources::new();
        let source = sources.add("f", text);
        let source = sources.get(source).unwrap();
        let found = |part: &str| context(source, source.line_at(text.find(part).unwrap()).1);
        assert_eq!(found("y ="), Some("a \"b\""));
        assert_eq!(found("a \""), Some("a \"b\""));
        assert_eq!(found("k ="), None);
        assert_eq!(found("z ="), None);
        assert_eq!(found("c ="), Some("locals"));
        assert!(is_header("a") && is_header("resource \"a\" b") && is_header("dynamic \"a-b c\""));
        for text in ["", "a $", "\"a\" b", "a \"b", "1 \"b\"", "a.b", "correct, horse"] {
            assert!(!is_header(text), "{text}");
        }
    }

    #[test]
    fn secret_texts_give_a_range_only() {
        check(
            &Diagnostic::warning("S", "")
                .hint("Do.")
                .at(Span::new(FileId(0), 0, 8)),
            true,
            &json!({"severity": "warning", "summary": "S", "detail": "Do.",
                "range": {"filename": "main.tf",
                    "start": {"line": 1, "column": 1, "byte": 0}, "end": {"line": 1, "column": 9, "byte": 8}}}),
        );
    }

    #[test]
    fn of_an_endless_line_only_what_is_around_is_shown() {
        let text = format!("a = \"{}x{}\"", "\u{e9}".repeat(9999), "\u{e9}".repeat(9999));
        let mut sources = Sources::new();
        let file = sources.add("f", text.as_str());
        let at = text.find('x').unwrap();
        let json = to_json(
            &Diagnostic::error("S", "").at(Span::new(file, at, at + 1)),
            &sources,
        );
        let snippet = &json["snippet"];
        let code = snippet["code"].as_str().unwrap();
        assert!(code.len() < 5000);
        let start = usize::try_from(snippet["highlight_start_offset"].as_u64().unwrap()).unwrap();
        assert_eq!(&code[start..=start], "x");
    }

    #[test]
    fn spans_outside_the_text_do_no_harm() {
        let mut sources = Sources::new();
        sources.add("f", "é");
        for (start, end) in [(1, 9), (7, 9), (9, 3)] {
            to_json(
                &Diagnostic::error("S", "").at(Span::new(FileId(0), start, end)),
                &sources,
            );
        }
        to_json(
            &Diagnostic::error("S", "").at(Span::new(FileId(7), 0, 1)),
            &sources,
        );
    }
}
