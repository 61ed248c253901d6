//! Differences as text: one line for what is simple, indented lines for the rest.

use std::fmt::Write as _;

use crate::value::{Data, Text, Value, go_quote};

use super::diff::{BlockDiff, Diff, Group, Hidden, Kind, Pair, Sign};
use super::style::{Paint, RenderOptions, name};
use super::text;

/// How a part and everything in it is written.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    pub(super) options: RenderOptions,
    /// What goes away is not followed by `-> null`.
    pub(super) without_null: bool,
    /// This part says that it forces a replacement, whatever it knows itself.
    pub(super) forces: bool,
    /// What stays is shown too.
    pub(super) everything: bool,
    /// No signs in front of lines, nor room for them.
    pub(super) without_signs: bool,
}

impl Manner {
    pub(super) fn new(options: RenderOptions) -> Self {
        Self {
            options,
            without_null: false,
            forces: false,
            everything: false,
            without_signs: false,
        }
    }

    /// The manner for the parts of what is written in this one.
    pub(super) fn inner(self) -> Self {
        Self {
            forces: false,
            ..self
        }
    }

    fn whole(self) -> Self {
        Self {
            everything: true,
            ..self.inner()
        }
    }

    fn quiet(self) -> Self {
        Self {
            without_null: true,
            ..self
        }
    }

    fn null_suffix(self, sign: Sign) -> String {
        if self.without_null || sign != Sign::Removed {
            return String::new();
        }
        format!(" {}", self.options.paint(Paint::Grey, "-> null"))
    }

    fn forcing(self, replace: bool) -> String {
        if !replace && !self.forces {
            return String::new();
        }
        format!(" {}", self.options.paint(Paint::Red, "# forces replacement"))
    }

    pub(super) fn arrow(self) -> String {
        self.options.paint(Paint::Yellow, "->")
    }

    /// The sign in front of a line, with the blank after it.
    pub(super) fn sign(self, sign: Sign) -> String {
        if self.without_signs {
            return String::new();
        }
        let (paint, symbol) = match sign {
            Sign::Same => return "    ".to_owned(),
            Sign::Added => (Paint::Green, "+"),
            Sign::Changed => (Paint::Yellow, "~"),
            Sign::Removed => (Paint::Red, "-"),
        };
        if !self.options.colour {
            return format!("  {symbol} ");
        }
        format!("  {} ", self.options.paint(paint, symbol))
    }
}

/// White space in front of a line.
pub(super) fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("    ", depth));
}

/// Writes a difference; its first line stands in a line that is begun already.
pub(super) fn write(out: &mut String, diff: &Diff<'_>, depth: usize, manner: Manner) {
    match &diff.kind {
        Kind::Leaf(pair) => write_leaf(out, *pair, diff, depth, manner),
        Kind::Object(parts) => write_object(out, parts, diff, depth, manner),
        Kind::Map(parts) => write_map(out, parts, diff, depth, manner),
        Kind::List(parts) => write_list(out, parts, diff, depth, manner),
        Kind::Set(parts) => write_set(out, parts, diff, depth, manner),
        Kind::Block(block) => write_block(out, block, diff, depth, manner),
        Kind::Sensitive(_) => {
            out.push_str("(sensitive value)");
            out.push_str(&manner.null_suffix(diff.sign));
            out.push_str(&manner.forcing(diff.replace));
        }
        Kind::SensitiveBlock(_) => write_sensitive_block(out, diff, depth, manner),
        Kind::Unknown(before) => {
            if let Some(before) = before {
                write(out, before, depth, manner.quiet());
                out.push_str(" -> ");
            }
            out.push_str("(known after apply)");
            out.push_str(&manner.forcing(diff.replace));
        }
        Kind::Retyped(sides) => {
            write(out, &sides.0, depth, manner.quiet());
            let _ = write!(out, " {} ", manner.arrow());
            write(out, &sides.1, depth, manner.quiet());
        }
        Kind::WriteOnly => {
            out.push_str("(write-only attribute)");
            out.push_str(&manner.forcing(diff.replace));
            out.push_str(&manner.null_suffix(diff.sign));
        }
    }
}

/// A string, number, bool or null as it stands in a line.
pub(super) fn leaf(value: Option<&Value>, options: RenderOptions) -> String {
    match value.map(Value::data) {
        None | Some(Data::Null(_)) => options.paint(Paint::Grey, "null"),
        Some(Data::String(text)) => go_quote(text),
        Some(Data::Bool(value)) => value.to_string(),
        Some(Data::Number(number)) => number.to_string(),
        // Nothing else is a leaf.
        Some(_) => String::new(),
    }
}

fn write_leaf(out: &mut String, pair: Pair<'_>, diff: &Diff<'_>, depth: usize, manner: Manner) {
    let is_text = |value: Option<&Value>| value.and_then(Value::as_str).is_some();
    if is_text(pair.before) || is_text(pair.after) {
        return text::write(out, pair, diff, depth, manner);
    }
    let one = |value| leaf(value, manner.options);
    match diff.sign {
        Sign::Added => out.push_str(&one(pair.after)),
        Sign::Same => out.push_str(&one(pair.before)),
        Sign::Removed => {
            out.push_str(&one(pair.before));
            out.push_str(&manner.null_suffix(diff.sign));
        }
        Sign::Changed => {
            let _ = write!(out, "{} {} {}", one(pair.before), manner.arrow(), one(pair.after));
        }
    }
    out.push_str(&manner.forcing(diff.replace));
}

/// What a leaf adds at its end.
pub(super) fn suffixes(diff: &Diff<'_>, manner: Manner) -> (String, String) {
    (manner.null_suffix(diff.sign), manner.forcing(diff.replace))
}

/// Lines of warning above a part.
fn warn(out: &mut String, diff: &Diff<'_>, depth: usize, manner: Manner) {
    let (hidden, what) = match &diff.kind {
        Kind::Sensitive(hidden) => (hidden, "attribute value"),
        Kind::SensitiveBlock(hidden) => (hidden, "block"),
        _ => return,
    };
    if hidden.before == hidden.after || matches!(hidden.inner, Sign::Added | Sign::Removed) {
        return;
    }
    let warning = manner.options.paint(Paint::Yellow, "Warning");
    let (first, second) = if hidden.before {
        (
            format!("this {what} will no longer be marked as sensitive"),
            "after applying this change.",
        )
    } else {
        (
            format!("this {what} will be marked as sensitive and will not"),
            "display in UI output after applying this change.",
        )
    };
    indent(out, depth);
    let _ = writeln!(out, "  # {warning}: {first}");
    indent(out, depth);
    out.push_str("  # ");
    out.push_str(second);
    if hidden.inner == Sign::Same && matches!(diff.kind, Kind::Sensitive(_)) {
        out.push_str(" The value is unchanged.");
    }
    out.push('\n');
}

/// How many parts are not shown.
fn hidden_count(out: &mut String, (count, what): (usize, &str), depth: usize, manner: Manner) {
    if count == 0 {
        return;
    }
    indent(out, depth);
    out.push_str(&manner.sign(Sign::Same));
    let plural = if count == 1 { "" } else { "s" };
    let text = format!("# ({count} unchanged {what}{plural} hidden)");
    out.push_str(&manner.options.paint(Paint::Grey, &text));
    out.push('\n');
}

/// The closing bracket of something, in a line of its own.
fn close(out: &mut String, bracket: &str, depth: usize, manner: Manner) {
    indent(out, depth);
    out.push_str(&manner.sign(Sign::Same));
    out.push_str(bracket);
}

/// Attributes that tell objects apart are shown even when they stay.
fn is_identifying(name: &str) -> bool {
    matches!(name, "id" | "name" | "tags")
}

/// One `name = value` line, or several.
fn entry(out: &mut String, (name, width): (&str, usize), diff: &Diff<'_>, depth: usize, manner: Manner) {
    warn(out, diff, depth, manner);
    indent(out, depth);
    out.push_str(&manner.sign(diff.sign));
    out.push_str(name);
    out.extend(std::iter::repeat_n(
        ' ',
        width.saturating_sub(name.chars().count()),
    ));
    out.push_str(" = ");
    write(out, diff, depth, manner);
}

/// The lines of an object's or a block's attributes.
fn entries(out: &mut String, parts: &[(&Text, Diff<'_>)], depth: usize, manners: (Manner, Manner)) {
    let (own, inner) = manners;
    let width = parts
        .iter()
        .map(|(key, _)| name(key).len())
        .max()
        .unwrap_or_default();
    let mut unchanged = 0;
    for (key, diff) in parts {
        let inner = if is_identifying(key) { inner.whole() } else { inner };
        if diff.sign == Sign::Same && !inner.everything {
            unchanged += 1;
            continue;
        }
        entry(out, (&name(key), width), diff, depth, inner);
        out.push('\n');
    }
    hidden_count(out, (unchanged, "attribute"), depth, own);
}

fn write_object(
    out: &mut String,
    parts: &[(&Text, Diff<'_>)],
    diff: &Diff<'_>,
    depth: usize,
    manner: Manner,
) {
    if parts.is_empty() {
        let _ = write!(
            out,
            "{{}}{}{}",
            manner.null_suffix(diff.sign),
            manner.forcing(diff.replace)
        );
        return;
    }
    let _ = writeln!(out, "{{{}", manner.forcing(diff.replace));
    entries(out, parts, depth + 1, (manner, manner.inner().quiet()));
    close(out, "}", depth, manner);
    out.push_str(&manner.null_suffix(diff.sign));
}

fn write_map(out: &mut String, parts: &[(&Text, Diff<'_>)], diff: &Diff<'_>, depth: usize, manner: Manner) {
    if parts.is_empty() {
        let _ = write!(
            out,
            "{{}}{}{}",
            manner.null_suffix(diff.sign),
            manner.forcing(diff.replace)
        );
        return;
    }
    let keys: Vec<String> = parts.iter().map(|(key, _)| go_quote(key)).collect();
    let width = keys.iter().map(String::len).max().unwrap_or_default();
    let inner = Manner {
        without_null: diff.sign == Sign::Removed,
        ..manner.inner()
    };
    let _ = writeln!(out, "{{{}", manner.forcing(diff.replace));
    let mut unchanged = 0;
    for (key, (_, part)) in keys.iter().zip(parts) {
        if part.sign == Sign::Same && !manner.everything {
            unchanged += 1;
            continue;
        }
        entry(out, (key, width), part, depth + 1, inner);
        out.push_str(if matches!(part.kind, Kind::Object(_)) {
            ",\n"
        } else {
            "\n"
        });
    }
    hidden_count(out, (unchanged, "element"), depth + 1, manner);
    close(out, "}", depth, manner);
    out.push_str(&manner.null_suffix(diff.sign));
}

/// One element of a list or set.
fn element(out: &mut String, diff: &Diff<'_>, depth: usize, manner: Manner) {
    warn(out, diff, depth, manner);
    indent(out, depth);
    out.push_str(&manner.sign(diff.sign));
    write(out, diff, depth, manner);
    out.push_str(",\n");
}

fn write_list(out: &mut String, parts: &[Diff<'_>], diff: &Diff<'_>, depth: usize, manner: Manner) {
    if parts.is_empty() {
        let _ = write!(
            out,
            "[]{}{}",
            manner.null_suffix(diff.sign),
            manner.forcing(diff.replace)
        );
        return;
    }
    let _ = writeln!(out, "[{}", manner.forcing(diff.replace));
    let inner = manner.inner().quiet();
    // Unchanged elements in front of the one at hand: the last of them is shown with it, as is the next one.
    let mut waiting: Option<(usize, &Diff<'_>)> = None;
    let mut show_next = false;
    for part in parts {
        if part.sign == Sign::Same && !show_next && !manner.everything {
            waiting = Some((waiting.map_or(0, |(count, _)| count + 1), part));
            continue;
        }
        if let Some((count, last)) = waiting.take() {
            hidden_count(out, (count, "element"), depth + 1, inner);
            element(out, last, depth + 1, manner.whole());
        }
        show_next = part.sign != Sign::Same;
        element(
            out,
            part,
            depth + 1,
            if show_next { inner } else { manner.whole() },
        );
    }
    if let Some((count, _)) = waiting {
        hidden_count(out, (count + 1, "element"), depth + 1, manner);
    }
    close(out, "]", depth, manner);
    out.push_str(&manner.null_suffix(diff.sign));
}

fn write_set(out: &mut String, parts: &[Diff<'_>], diff: &Diff<'_>, depth: usize, manner: Manner) {
    if parts.is_empty() {
        let _ = write!(
            out,
            "[]{}{}",
            manner.null_suffix(diff.sign),
            manner.forcing(diff.replace)
        );
        return;
    }
    let _ = writeln!(out, "[{}", manner.forcing(diff.replace));
    let inner = manner.inner().quiet();
    let mut unchanged = 0;
    for part in parts {
        if part.sign == Sign::Same && !manner.everything {
            unchanged += 1;
        } else {
            element(out, part, depth + 1, inner);
        }
    }
    hidden_count(out, (unchanged, "element"), depth + 1, manner);
    close(out, "]", depth, manner);
    out.push_str(&manner.null_suffix(diff.sign));
}

fn write_block(out: &mut String, block: &BlockDiff<'_>, diff: &Diff<'_>, depth: usize, manner: Manner) {
    if block.attributes.is_empty() && block.groups.is_empty() {
        let _ = write!(out, "{{}}{}", manner.forcing(diff.replace));
        return;
    }
    let _ = writeln!(out, "{{{}", manner.forcing(diff.replace));
    entries(out, &block.attributes, depth + 1, (manner, manner.inner()));
    let mut unchanged = 0;
    for group in &block.groups {
        let mut shown = false;
        for (label, diff) in &group.blocks {
            let hidden = hide_by_group(group, diff);
            let diff = hidden.as_ref().unwrap_or(diff);
            if diff.sign == Sign::Same && !manner.everything {
                unchanged += 1;
                continue;
            }
            if !shown && !block.attributes.is_empty() {
                out.push('\n');
            }
            shown = true;
            let forces = group.replace;
            let manner = Manner {
                forces,
                ..manner.inner()
            };
            warn(out, diff, depth + 1, manner);
            indent(out, depth + 1);
            out.push_str(&manner.sign(diff.sign));
            out.push_str(&name(group.name));
            if let Some(label) = label {
                let _ = write!(out, " {}", go_quote(label));
            }
            out.push(' ');
            write(out, diff, depth + 1, manner);
            out.push('\n');
        }
    }
    if unchanged > 0 {
        out.push('\n');
        hidden_count(out, (unchanged, "block"), depth + 1, manner);
    }
    close(out, "}", depth, manner);
}

/// A block whose whole group is sensitive is hidden.
fn hide_by_group<'a>(group: &Group<'a>, diff: &Diff<'a>) -> Option<Diff<'a>> {
    let (before, after) = (group.before_sensitive, group.after_sensitive);
    let is_hidden = match diff.sign {
        Sign::Added => after,
        Sign::Removed => before,
        Sign::Same | Sign::Changed => before || after,
    };
    let sign = if diff.sign == Sign::Same && before != after {
        Sign::Changed
    } else {
        diff.sign
    };
    let hidden = Hidden {
        inner: diff.sign,
        before,
        after,
    };
    is_hidden.then(|| Diff::new(Kind::SensitiveBlock(hidden), sign, diff.replace))
}

fn write_sensitive_block(out: &mut String, diff: &Diff<'_>, depth: usize, manner: Manner) {
    let _ = writeln!(out, "{{{}", manner.forcing(diff.replace));
    for line in [
        "  # At least one attribute in this block is (or was) sensitive,",
        "  # so its contents will not be displayed.",
    ] {
        close(out, line, depth, manner);
        out.push('\n');
    }
    close(out, "}", depth, manner);
}
