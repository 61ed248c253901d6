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
        if !source.secret {
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

fn snippet(diagnostic: &Diagnostic, span: Span, source: &Source) -> Json {
    let text = &*source.text;
    let (start, end) = inside(text, span);
    let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
    // A span that ends with a line break does not reach into the next line.
    let shown_end = if end > start && text[..end].ends_with('\n') {
        end - 1
    } else {
        end
    };
    let to = text[shown_end..]
        .find('\n')
        .map_or(text.len(), |at| shown_end + at);
    let values: Vec<Json> = diagnostic
        .values
        .iter()
        .map(|(name, statement)| json!({"traversal": name, "statement": statement}))
        .collect();
    json!({
        "context": context(text, from),
        "code": &text[from..to],
        "start_line": text[..from].matches('\n').count() + 1,
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
pub(super) fn context(text: &str, line_start: usize) -> Option<&str> {
    let here = text[line_start..].lines().next().unwrap_or_default();
    let above = text[..line_start].lines().rev();
    let inside = here.starts_with([' ', '\t', '}', ']', ')']) || here.trim().is_empty();
    let outermost =
        |line: &&str| !line.trim().is_empty() && !line.starts_with([' ', '\t', '#', '/', ']', ')']);
    let line = if inside {
        above.into_iter().find(outermost)?
    } else {
        here
    };
    let (header, _) = line.split_once('{')?;
    let header = header.trim_end();
    let is_header =
        header.starts_with(|c: char| c.is_alphabetic() || c == '_') && !header.contains(['=', '(', '#']);
    is_header.then_some(header)
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
        let found = |part: &str| {
            context(
                text,
                text[..text.find(part).unwrap()]
                    .rfind('\n')
                    .map_or(0, |at| at + 1),
            )
        };
        assert_eq!(found("y ="), Some("a \"b\""));
        assert_eq!(found("a \""), Some("a \"b\""));
        assert_eq!(found("k ="), None);
        assert_eq!(found("z ="), None);
        assert_eq!(found("c ="), Some("locals"));
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
