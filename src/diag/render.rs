//! Diagnostics as text for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Message, Origin, Renderer, Snippet};
use unicode_width::UnicodeWidthStr as _;

use super::json::{context, inside};
use super::{Diagnostic, Diagnostics, FileId, Severity, Source, Sources, Span};

/// More than these help nobody; the rest is counted.
const SHOWN: usize = 100;

/// Columns where nobody says how wide the terminal is.
const WIDTH: u16 = 78;

/// How to print.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Use colour escapes.
    pub colour: bool,
    /// Columns to wrap at; none means 78.
    pub width: Option<u16>,
}

impl Style {
    fn columns(self) -> usize {
        self.width.unwrap_or(WIDTH).max(20).into()
    }
}

/// All diagnostics as text: one after the other, an empty line between.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, style: Style) -> String {
    let merged = merge(diagnostics);
    let mut out = String::new();
    for (diagnostic, more) in merged.iter().take(SHOWN) {
        if !out.is_empty() {
            out.push('\n');
        }
        one(diagnostic, *more, sources, style, &mut out);
    }
    let hidden = merged.get(SHOWN..).unwrap_or_default();
    let [omitted_errors, omitted_warnings] = diagnostics.omitted;
    if hidden.len() + omitted_errors + omitted_warnings > 0 {
        let errors = hidden.iter().filter(|(one, _)| one.is_error()).count();
        let warnings = hidden.len() - errors + omitted_warnings;
        let errors = errors + omitted_errors;
        writeln!(
            out,
            "\n{errors} more errors and {warnings} more warnings are not shown."
        )
        .expect("a String takes all");
    }
    out
}

/// Warnings without their details: what each is about, and where.
pub fn render_summaries(warnings: &Diagnostics, sources: &Sources) -> String {
    let mut out = "Warnings:\n\n".to_owned();
    for (warning, more) in merge(warnings) {
        out.push_str("- ");
        out.push_str(&printable(&warning.summary).replace('\n', " "));
        let source = warning
            .span
            .and_then(|span| Some((span, sources.get(span.file)?)));
        if let Some((span, source)) = source {
            let line = sources.position(span.file, span.start).line;
            let more = if more > 0 {
                format!(" (and {more} more)")
            } else {
                String::new()
            };
            let _ = write!(out, "\n  on {} line {line}{more}", printable(&source.name));
        }
        out.push('\n');
    }
    out.push_str("\nTo see the full warning notes, leave -compact-warnings out.\n");
    out
}

/// How far back an error is looked for that says the same.
const REPEATS: usize = 10;

/// Warnings of one summary become the first of them, with how many more there were.
fn merge(diagnostics: &Diagnostics) -> Vec<(&Diagnostic, usize)> {
    let mut merged: Vec<(&Diagnostic, usize)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for diagnostic in diagnostics {
        if diagnostic.severity == Severity::Warning && !diagnostic.alone {
            if let Some(&place) = places.get(diagnostic.summary.as_str()) {
                merged[place].1 += 1;
                continue;
            }
            places.insert(&diagnostic.summary, merged.len());
        }
        // A loop may meet the same error in every turn.
        let mut before = merged.iter().rev().take(REPEATS);
        if diagnostic.span.is_some() && before.any(|(other, _)| *other == diagnostic) {
            continue;
        }
        merged.push((diagnostic, 0));
    }
    merged
}

fn one(diagnostic: &Diagnostic, more: usize, sources: &Sources, style: Style, out: &mut String) {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR.with_name("Error"),
        Severity::Warning => Level::WARNING.with_name("Warning"),
    };
    let summary = printable(&diagnostic.summary).replace('\n', " ");
    let mut group = Group::with_title(level.primary_title(summary));
    for excerpt in excerpts(diagnostic, sources) {
        group = match excerpt {
            Excerpt::Lines(snippet) => group.element(snippet),
            Excerpt::Place(origin) => group.element(origin),
            Excerpt::Part(origin, snippet) => group.element(origin).element(snippet),
        };
    }
    for note in notes(diagnostic, sources) {
        group = group.element(plain_message(note));
    }
    let renderer = if style.colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let text = renderer.term_width(style.columns()).render(&[group]);
    for line in text.lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    prose(&diagnostic.detail, "", style, out);
    for hint in &diagnostic.hints {
        prose(hint, "hint: ", style, out);
    }
    if more > 0 {
        let warnings = if more == 1 { "warning" } else { "warnings" };
        prose(
            &format!("(and {more} more similar {warnings} elsewhere)"),
            "",
            style,
            out,
        );
    }
}

fn plain_message(text: String) -> Message<'static> {
    Level::NOTE.no_name().message(text)
}

/// What stands below the excerpt, a line each: the block, the instance, and what the names stood for.
fn notes(diagnostic: &Diagnostic, sources: &Sources) -> Vec<String> {
    let mut notes = Vec::new();
    let source = diagnostic
        .span
        .and_then(|span| Some((span, sources.get(span.file)?)));
    if let Some((span, source)) = source.filter(|(_, source)| !source.secret) {
        let (_, line_start) = source.line_at(inside(&source.text, span).0);
        notes.extend(context(source, line_start).map(|block| format!("in {}", printable(short(block)))));
    }
    notes.extend(
        diagnostic
            .address
            .iter()
            .map(|address| format!("with {}", printable(address))),
    );
    for (name, statement) in &diagnostic.values {
        notes.push(format!("{} {}", printable(name), printable(statement)));
    }
    notes
}

/// The start of a block's header: it may have any number of labels.
fn short(header: &str) -> &str {
    &header[..header.floor_char_boundary(200)]
}

/// A piece of a source to show, or only its place when its text is secret.
enum Excerpt<'a> {
    Lines(Snippet<'a, Annotation<'a>>),
    Place(Origin<'a>),
    /// The place, and what stands around it in a line without end.
    Part(Origin<'a>, Snippet<'a, Annotation<'a>>),
}

/// One excerpt for each file concerned, the file of the message itself first.
fn excerpts<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Vec<Excerpt<'a>> {
    let primary = diagnostic.span.map(|span| (span, None));
    let labels = diagnostic
        .labels
        .iter()
        .map(|label| (label.span, Some(label.text.as_str())));
    let mut files: Vec<(FileId, Vec<Marked<'a>>)> = Vec::new();
    for (span, label) in primary.into_iter().chain(labels) {
        match files.iter_mut().find(|(file, _)| *file == span.file) {
            Some((_, spans)) => spans.push((span, label)),
            None => files.push((span.file, vec![(span, label)])),
        }
    }
    files
        .iter()
        .filter_map(|(file, spans)| Some(excerpt(sources.get(*file)?, spans, sources)))
        .collect()
}

/// Of longer lines only a part is shown: to lay them out would take longer than anybody waits.
const LONGEST: usize = 1 << 16;

/// So many bytes on each side of a place.
const AROUND: usize = 200;

/// The longest text of a message: names may be of any length.
const LONGEST_TEXT: usize = 1 << 14;

/// A span, and its label unless it is the one that the message is about.
type Marked<'a> = (Span, Option<&'a str>);

fn excerpt<'a>(source: &'a Source, spans: &[Marked<'a>], sources: &Sources) -> Excerpt<'a> {
    let name = printable(&source.name);
    let text = &*source.text;
    let ends: Vec<(usize, usize)> = spans.iter().map(|(span, _)| inside(text, *span)).collect();
    // Where there are several places, a line or two between them may be shown, too.
    let near = |&(start, end): &(usize, usize)| match spans {
        [_] => (start, end),
        _ => source.widened(start, end),
    };
    if ends
        .iter()
        .map(near)
        .any(|(start, end)| source.is_secret_at(start, end))
    {
        let span = spans[0].0;
        let position = sources.position(span.file, span.start);
        let origin = Origin::path(name).line(position.line as usize);
        return Excerpt::Place(origin.char_column(position.column as usize));
    }
    let from = ends
        .iter()
        .map(|(start, _)| source.line_at(*start).1)
        .min()
        .unwrap_or(0);
    let last = ends.iter().map(|(_, end)| *end).max().unwrap_or(0);
    let to = text[last..].find('\n').map_or(text.len(), |at| last + at);
    if to - from > LONGEST {
        let position = sources.position(spans[0].0.file, spans[0].0.start);
        let line = position.line as usize;
        let origin = Origin::path(name)
            .line(line)
            .char_column(position.column as usize);
        return Excerpt::Part(origin, around(text, ends[0], line));
    }
    let shown = Shown::new(&text[from..to]);
    let annotations: Vec<Annotation<'a>> = ends
        .iter()
        .zip(spans)
        .map(|((start, end), (_, label))| {
            // A span that ends with a line break does not reach into the next line.
            let kept = text[*start..*end].trim_end_matches(['\n', '\r']).len();
            let range = shown.at(start - from)..shown.at(start + kept - from);
            match label {
                None => AnnotationKind::Primary.span(range),
                Some(label) => AnnotationKind::Context.span(range).label(printable(label)),
            }
        })
        .collect();
    let (first_line, _) = source.line_at(from);
    let snippet = Snippet::source(shown.text).path(name).line_start(first_line);
    Excerpt::Lines(snippet.annotations(annotations))
}

/// What stands around the start of a span in lines that are too long to be laid out.
fn around<'a>(text: &str, (start, end): (usize, usize), line: usize) -> Snippet<'a, Annotation<'a>> {
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let from = text
        .floor_char_boundary(start.saturating_sub(AROUND))
        .max(line_start);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let to = text
        .ceil_char_boundary(start.saturating_add(AROUND))
        .min(line_end);
    let shown = Shown::new(&text[from..to]);
    let range = shown.at(start - from)..shown.at(end.min(to) - from);
    let snippet = Snippet::source(shown.text).line_start(line);
    snippet.annotation(AnnotationKind::Primary.span(range))
}

/// A text made printable, and where its parts went.
struct Shown {
    text: String,
    /// Where the original and the printable text differ from here on: offsets in both.
    shifts: Vec<(usize, usize)>,
}

impl Shown {
    fn new(original: &str) -> Self {
        let mut text = String::with_capacity(original.len());
        let mut shifts = vec![(0, 0)];
        let mut rest = original.char_indices().peekable();
        while let Some((at, c)) = rest.next() {
            if c == '\r' && rest.peek().is_none_or(|(_, next)| *next == '\n') {
                shifts.push((at + 1, text.len()));
            } else if c != '\t' && is_treacherous(c) {
                shifts.push((at, text.len()));
                push_escaped(c, &mut text);
                shifts.push((at + c.len_utf8(), text.len()));
            } else {
                text.push(c);
            }
        }
        Self { text, shifts }
    }

    /// The place in the printable text of a place in the original.
    fn at(&self, original: usize) -> usize {
        let index = self.shifts.partition_point(|(from, _)| *from <= original);
        let (from, to) = self.shifts[index.saturating_sub(1)];
        let at = (to + original - from).min(self.text.len());
        self.text.floor_char_boundary(at)
    }
}

/// Text from outside, with everything escaped that could move the cursor, hide or reorder text. Line breaks stay.
/// What is longer than anybody reads is cut.
pub(super) fn printable(text: &str) -> String {
    let shown = &text[..text.floor_char_boundary(LONGEST_TEXT)];
    let mut printable = String::with_capacity(shown.len() + 3);
    for c in shown.chars() {
        if c != '\n' && is_treacherous(c) {
            push_escaped(c, &mut printable);
        } else {
            printable.push(c);
        }
    }
    if shown.len() < text.len() {
        printable.push_str("...");
    }
    printable
}

fn push_escaped(c: char, out: &mut String) {
    if c == '\n' {
        out.push(c);
    } else {
        write!(out, "\\u{{{:x}}}", u32::from(c)).expect("a String takes all");
    }
}

/// Control characters, and those that reorder text or have no width.
pub fn is_treacherous(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A paragraph after an empty line, wrapped. Lines that start with a space stay as they are.
fn prose(text: &str, prefix: &str, style: Style, out: &mut String) {
    let text = printable(text.trim_end());
    if text.is_empty() {
        return;
    }
    out.push('\n');
    let mut column = prefix.width();
    out.push_str(prefix);
    for (i, line) in text.split('\n').enumerate() {
        if i > 0 {
            out.push('\n');
            column = 0;
        }
        if line.starts_with(' ') {
            out.push_str(line.trim_end());
        } else {
            wrap(line, column, style.columns(), out);
        }
    }
    out.push('\n');
}

fn wrap(line: &str, mut column: usize, columns: usize, out: &mut String) {
    for (i, word) in line.split(' ').enumerate() {
        let width = word.width();
        if i > 0 && column + 1 + width > columns {
            out.push('\n');
            column = 0;
        } else if i > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "locals {\n  a = { b = 1 }\n  c = local.a.zz\n}\n";

    #[track_caller]
    fn check(diagnostics: Vec<Diagnostic>, expected: &str) {
        let mut sources = Sources::new();
        sources.add("main.tf", TEXT);
        sources.add_secret("prod.tfvars", "p = \"hunter2\"\n");
        sources.add("odd.tf", "x = \"\u{1b}[2J\u{202e}\" y\r\nz");
        let all: Diagnostics = diagnostics.into_iter().collect();
        let text = render(&all, &sources, Style::default());
        assert_eq!(text, expected, "{text}");
    }

    fn span(file: u32, start: usize, end: usize) -> Span {
        Span::new(FileId(file), start, end)
    }

    #[test]
    fn place_reason_value_and_hint_are_shown() {
        let at = TEXT.find(".zz").unwrap();
        let error = Diagnostic::error(
            "Unsupported attribute",
            "This object has no attribute named \"zz\".",
        )
        .at(span(0, at, at + 3))
        .label(span(0, 11, 12), "declared here")
        .value("local.a", "is object with 1 attribute \"b\"")
        .about("aws_kms_key.x")
        .hint("Did you mean \"b\"?");
        check(
            vec![error],
            "\
Error: Unsupported attribute
 --> main.tf:3:14
  |
2 |   a = { b = 1 }
  |   - declared here
3 |   c = local.a.zz
  |              ^^^
  |
  = in locals
  = with aws_kms_key.x
  = local.a is object with 1 attribute \"b\"

This object has no attribute named \"zz\".

hint: Did you mean \"b\"?
",
        );
    }

    #[test]
    fn secret_texts_are_not_quoted() {
        check(
            vec![Diagnostic::error("Invalid value", "No.").at(span(1, 4, 9))],
            "Error: Invalid value\n--> prod.tfvars:1:5\n\nNo.\n",
        );
    }

    #[track_caller]
    fn check_quoted(text: &str, name: &str, place: &str, quoted: bool) {
        let mut sources = Sources::new();
        let file = sources.add(name, text);
        let at = text.find(place).unwrap();
        let error = Diagnostic::error("S", "D").at(Span::new(file, at, at + place.len()));
        let shown = render(&error.clone().into(), &sources, Style::default());
        assert_eq!(shown.contains(place), quoted, "{shown}");
        let json = crate::diag::to_json(&error, &sources);
        assert_eq!(json.get("snippet").is_some(), quoted, "{json}");
    }

    #[test]
    fn defaults_of_secret_variables_are_not_quoted() {
        let block = "variable \"p\" {\n  type = string\n  default = {\n    a = \"hunter2\n  }\n  WORD = true\n}\nlocals {\n  l = 1\n}\n";
        for word in ["sensitive", "ephemeral"] {
            let text = block.replace("WORD", word);
            check_quoted(&text, "main.tf", "\"hunter2", false);
            check_quoted(&text, "main.tf", "default", false);
            check_quoted(&text, "main.tf", "string\n  default", false);
            check_quoted(&text, "main.tf", "string", true);
            check_quoted(&text, "main.tf", word, true);
            check_quoted(&text, "main.tf", "l = 1", true);
        }
        check_quoted(block, "main.tf", "\"hunter2", true);
        let json = r#"{"variable": {"p": {"sensitive": true,
            "default": "hunter2",
            "type": "string"}}}"#;
        check_quoted(json, "main.tf.json", "hunter2", false);
        check_quoted(json, "main.tf.json", "string", true);
    }

    #[test]
    fn control_characters_are_escaped() {
        check(
            vec![Diagnostic::error("S\u{1b}[1m", "d\u{9b}\u{200b}").at(span(2, 14, 15))],
            "\
Error: S\\u{1b}[1m
 --> odd.tf:1:25
  |
1 | x = \"\\u{1b}[2J\\u{202e}\" y
  |                         ^

d\\u{9b}\\u{200b}
",
        );
    }

    #[test]
    fn similar_warnings_are_merged() {
        let warning = |detail: &str| Diagnostic::warning("Old", detail);
        check(
            vec![
                warning("a"),
                Diagnostic::error("E", ""),
                warning("b"),
                warning("c"),
                warning("d").alone(),
            ],
            "Warning: Old\n\na\n\n(and 2 more similar warnings elsewhere)\n\nError: E\n\nWarning: Old\n\nd\n",
        );
    }

    #[test]
    fn of_compact_warnings_only_the_summaries_are_told() {
        let mut sources = Sources::new();
        let file = sources.add("main.tf", TEXT);
        let warning = |detail: &str| Diagnostic::warning("Old", detail).at(Span::new(file, 12, 13));
        let other = Diagnostic::warning("New", "d");
        let all = [warning("a"), warning("b"), other].into_iter().collect();
        assert_eq!(
            render_summaries(&all, &sources),
            "Warnings:\n\n- Old\n  on main.tf line 2 (and 1 more)\n- New\n\nTo see the full warning notes, leave -compact-warnings out.\n"
        );
    }

    #[test]
    fn long_lines_are_wrapped_unless_indented() {
        let words = "word ".repeat(20);
        check(
            vec![Diagnostic::error("E", format!("{words}\n  {words}"))],
            &format!(
                "Error: E\n\n{}\n{}\n  {}\n",
                "word ".repeat(15).trim_end(),
                "word ".repeat(5),
                words.trim_end()
            ),
        );
    }

    #[test]
    fn beyond_a_hundred_only_the_number_is_told() {
        let many = (0..103).map(|_| Diagnostic::error("E", "")).collect();
        let shown = "Error: E\n".repeat(100).replace("E\nE", "E\n\nE");
        check(
            many,
            &format!("{shown}\n3 more errors and 0 more warnings are not shown.\n"),
        );
    }

    #[test]
    fn spans_at_the_end_and_outside_do_no_harm() {
        let mut sources = Sources::new();
        sources.add("empty.tf", "");
        sources.add("f.tf", "é\n");
        for (file, start, end) in [
            (0, 0, 0),
            (0, 5, 9),
            (1, 0, 1),
            (1, 1, 2),
            (1, 2, 3),
            (1, 3, 3),
            (1, 9, 4),
            (7, 0, 1),
        ] {
            let all = Diagnostics::from(
                Diagnostic::error("E", "")
                    .at(span(file, start, end))
                    .label(span(file, 0, 0), "l"),
            );
            render(
                &all,
                &sources,
                Style {
                    colour: true,
                    width: Some(1),
                },
            );
        }
    }
}
