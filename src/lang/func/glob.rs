//! Finding files by patterns: `*`, `?`, `[a-z]` and `{a,b}` within a name, `**` alone for any folders.
//!
//! A folder is listed only where the pattern cannot say what is wanted in it.

use regex::{Regex, RegexBuilder};

use super::{Args, FuncError};
use crate::lang::expr::{EntryKind, FolderId};

/// The longest pattern.
const PATTERN: usize = 4096;

/// What listing a folder costs beside its entries, in bytes read.
const LISTED: usize = 10_000;

/// One step of the way to a file.
enum Segment {
    /// Exactly this name.
    Name(String),
    Pattern(Regex),
    /// `**`: any number of folders, or as the last segment all that is in them.
    AnyDepth,
}

impl Segment {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "**" {
            return Ok(Self::AnyDepth);
        }
        if !text.contains(['*', '?', '[', '{', '\\']) {
            return Ok(Self::Name(text.to_owned()));
        }
        let translated = translate(text).ok_or("syntax error in pattern")?;
        RegexBuilder::new(&translated)
            .size_limit(1024 * 1024)
            .dot_matches_new_line(true)
            .build()
            .map(Self::Pattern)
            .map_err(|_| "syntax error in pattern".to_owned())
    }

    fn fits(&self, name: &str) -> bool {
        match self {
            Self::Name(wanted) => name == wanted,
            Self::Pattern(pattern) => pattern.is_match(name),
            Self::AnyDepth => true,
        }
    }
}

/// The paths of the files that match a pattern in a folder, relative to it.
pub(super) fn find(args: &Args<'_>, folder: &str, pattern: &str) -> Result<Vec<String>, FuncError> {
    let failed = |why: String| FuncError::new(format!("failed to glob pattern ({pattern}): {why}"));
    if pattern.len() > PATTERN {
        return Err(failed(format!("the pattern is longer than {PATTERN} bytes")));
    }
    let segments = segments(folder, pattern).map_err(failed)?;
    let mut search = Search {
        args,
        failed: &failed,
        found: Vec::new(),
    };
    let start = if folder.starts_with('/') { "/" } else { "" };
    search.descend(start, &segments, &mut Vec::new())?;
    let root: Vec<&str> = parts(folder).collect();
    Ok(search
        .found
        .iter()
        .map(|path| relative(&root, path.trim_start_matches('/')))
        .collect())
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !matches!(*part, "" | "."))
}

/// The whole way to what is looked for: the folder as it is written, then the pattern. `..` takes a step back.
fn segments(folder: &str, pattern: &str) -> Result<Vec<Segment>, String> {
    let named = parts(folder).map(|part| Ok(Segment::Name(part.to_owned())));
    let mut way: Vec<Segment> = Vec::new();
    for segment in named.chain(parts(pattern).map(Segment::parse)) {
        let segment = segment?;
        let is_back = matches!(&segment, Segment::Name(name) if name == "..");
        match way.last() {
            Some(Segment::Name(name)) if is_back && name == ".." => way.push(segment),
            Some(_) if is_back => {
                way.pop();
            }
            None if is_back && folder.starts_with('/') => {}
            _ => way.push(segment),
        }
    }
    // Any folders below any folders are any folders; the second look would be at all of them again.
    way.dedup_by(|one, other| matches!((one, other), (Segment::AnyDepth, Segment::AnyDepth)));
    Ok(way)
}

/// A path as seen from a folder whose parts are given; both begin at the same place.
fn relative(root: &[&str], path: &str) -> String {
    let mut cleaned: Vec<&str> = Vec::new();
    for part in root {
        match cleaned.last() {
            Some(&last) if *part == ".." && last != ".." => {
                cleaned.pop();
            }
            _ => cleaned.push(part),
        }
    }
    let steps: Vec<&str> = path.split('/').collect();
    let shared = cleaned.iter().zip(&steps).take_while(|(a, b)| a == b).count();
    let back = cleaned[shared..].iter().map(|_| "..");
    back.chain(steps[shared..].iter().copied())
        .collect::<Vec<_>>()
        .join("/")
}

struct Search<'a> {
    args: &'a Args<'a>,
    failed: &'a dyn Fn(String) -> FuncError,
    found: Vec<String>,
}

impl Search<'_> {
    /// Looks in a folder for what the segments say. `above` are the folders that `**` has entered on its way, so
    /// that it does not follow a link back into one of them.
    fn descend(
        &mut self,
        folder: &str,
        segments: &[Segment],
        above: &mut Vec<FolderId>,
    ) -> Result<(), FuncError> {
        let Some((segment, rest)) = segments.split_first() else {
            return Ok(());
        };
        if let Segment::Name(name) = segment
            && !rest.is_empty()
        {
            return self.descend(&joined(folder, name), rest, &mut Vec::new());
        }
        let place = if folder.is_empty() { "." } else { folder };
        let listed = self.args.host().list_folder(place);
        let Some(listed) = listed.map_err(|why| (self.failed)(format!("{place}: {why}")))? else {
            return Ok(());
        };
        self.args.spend_elements(listed.entries.len().saturating_add(1))?;
        self.args.spend_work(LISTED)?;
        let any_depth = matches!(segment, Segment::AnyDepth);
        if any_depth {
            if above.contains(&listed.id) {
                return Ok(());
            }
            above.push(listed.id);
            for entry in &listed.entries {
                if matches!(entry.kind, EntryKind::Folder) {
                    self.descend(&joined(folder, &entry.name), segments, above)?;
                }
            }
            above.pop();
            if !rest.is_empty() {
                return self.descend(folder, rest, &mut Vec::new());
            }
        }
        for entry in listed.entries.iter().filter(|entry| segment.fits(&entry.name)) {
            let path = joined(folder, &entry.name);
            match &entry.kind {
                EntryKind::Folder if !any_depth => self.descend(&path, rest, &mut Vec::new())?,
                EntryKind::File if rest.is_empty() => self.found.push(path),
                EntryKind::Unreachable(why) if rest.is_empty() && !any_depth => {
                    return Err((self.failed)(format!("{path}: {why}")));
                }
                EntryKind::Folder | EntryKind::File | EntryKind::Other | EntryKind::Unreachable(_) => {}
            }
        }
        Ok(())
    }
}

fn joined(folder: &str, name: &str) -> String {
    match folder {
        "" => name.to_owned(),
        "/" => format!("/{name}"),
        folder => format!("{folder}/{name}"),
    }
}

/// A segment as a regular expression over a whole name. None where it is malformed.
fn translate(pattern: &str) -> Option<String> {
    let mut made = String::from("^");
    let mut in_braces = false;
    let mut rest = pattern.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '*' => made.push_str(".*"),
            '?' => made.push('.'),
            '{' if in_braces => return None,
            '{' => {
                in_braces = true;
                made.push_str("(?:");
            }
            '}' if in_braces => {
                in_braces = false;
                made.push(')');
            }
            ',' if in_braces => made.push('|'),
            '[' => class(&mut rest, &mut made)?,
            '\\' => made.push_str(&regex::escape(&rest.next()?.to_string())),
            letter => made.push_str(&regex::escape(&letter.to_string())),
        }
    }
    made.push('$');
    (!in_braces).then_some(made)
}

/// A set of letters and ranges, up to its closing bracket. Only `^` negates.
fn class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, made: &mut String) -> Option<()> {
    made.push('[');
    if rest.next_if_eq(&'^').is_some() {
        made.push('^');
    }
    let mut is_empty = true;
    while rest.next_if_eq(&']').is_none() {
        made.push_str(&class_letter(rest)?);
        if rest.next_if_eq(&'-').is_some() {
            made.push('-');
            made.push_str(&class_letter(rest)?);
        }
        is_empty = false;
    }
    made.push(']');
    (!is_empty).then_some(())
}

/// One letter of a set, escaped for the regular expression.
fn class_letter(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<String> {
    let letter = match rest.next()? {
        '\\' => rest.next()?,
        '-' | ']' => return None,
        letter => letter,
    };
    Some(regex::escape(&letter.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_folders_below_any_folders_are_looked_for_once() {
        let count = |pattern: &str| segments("", pattern).unwrap().len();
        assert_eq!(count("**/x"), 2);
        assert_eq!(count(&("**/".repeat(30) + "x")), 2);
        assert_eq!(count("**/a/**/**/b/**"), 5);
        assert_eq!(count("**/**/.."), 1);
    }
}
