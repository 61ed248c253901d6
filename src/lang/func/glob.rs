//! Finding files by patterns: `*`, `?`, `[a-z]`, `{a,b}` and `**` for any folders.

use regex::RegexBuilder;

use crate::lang::expr::Host;

/// The longest pattern.
const PATTERN: usize = 4096;

/// The paths below a folder, relative to it, that match.
pub(super) fn find(host: &dyn Host, folder: &str, pattern: &str) -> Result<Vec<String>, String> {
    if pattern.len() > PATTERN {
        return Err(format!("the pattern is longer than {PATTERN} bytes"));
    }
    let pattern = RegexBuilder::new(&translate(pattern)?)
        .size_limit(1024 * 1024)
        .dot_matches_new_line(true)
        .build()
        .map_err(|_| "syntax error in pattern".to_owned())?;
    let files = host.list_files(folder)?;
    Ok(files.into_iter().filter(|path| pattern.is_match(path)).collect())
}

/// The pattern as a regular expression over a whole path.
fn translate(pattern: &str) -> Result<String, String> {
    let wrong = || "syntax error in pattern".to_owned();
    let mut made = String::from("^");
    let mut braces = 0usize;
    let mut rest = pattern.chars().peekable();
    let mut at_start = true;
    while let Some(letter) = rest.next() {
        let starts = std::mem::replace(&mut at_start, letter == '/');
        match letter {
            '*' if rest.peek() == Some(&'*') && starts => {
                rest.next();
                if rest.next_if_eq(&'/').is_some() {
                    made.push_str("(?:[^/]+/)*");
                    at_start = true;
                } else {
                    made.push_str(".*");
                }
            }
            '*' => made.push_str("[^/]*"),
            '?' => made.push_str("[^/]"),
            '{' => {
                braces += 1;
                made.push_str("(?:");
            }
            '}' if braces > 0 => {
                braces -= 1;
                made.push(')');
            }
            ',' if braces > 0 => made.push('|'),
            '[' => class(&mut rest, &mut made).ok_or_else(wrong)?,
            '\\' => made.push_str(&regex::escape(&rest.next().ok_or_else(wrong)?.to_string())),
            letter => made.push_str(&regex::escape(&letter.to_string())),
        }
    }
    if braces > 0 {
        return Err(wrong());
    }
    made.push('$');
    Ok(made)
}

/// A set of letters, up to its closing bracket.
fn class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, made: &mut String) -> Option<()> {
    made.push('[');
    if rest.next_if(|letter| matches!(letter, '^' | '!')).is_some() {
        made.push('^');
    }
    loop {
        match rest.next()? {
            ']' => break,
            '-' => made.push('-'),
            '\\' => made.push_str(&regex::escape(&rest.next()?.to_string())),
            letter => made.push_str(&regex::escape(&letter.to_string())),
        }
    }
    made.push(']');
    Some(())
}
