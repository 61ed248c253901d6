//! Go's regular expressions in the spelling of the `regex` crate: what both would read differently is written out.
//!
//! Go's classes such as `\w` hold ASCII only, its sets have no operators, and a brace that repeats nothing is a letter.

/// Each class by Unicode properties takes kilobytes before it is known how large the pattern is; more than this many
/// never fit into a pattern.
const PROPERTIES: usize = 1000;

/// What a pattern is translated to; an error is a sentence without full stop.
pub(super) fn translate(pattern: &str) -> Result<String, String> {
    let mut walk = Walk {
        rest: pattern,
        made: String::with_capacity(pattern.len()),
        repeats: 0,
        properties: 0,
    };
    while let Some(letter) = walk.rest.chars().next() {
        walk.letter(letter)?;
    }
    Ok(walk.made)
}

struct Walk<'p> {
    rest: &'p str,
    made: String,
    /// How many operators of repetition stand directly before here.
    repeats: usize,
    /// How many classes of letters by their Unicode properties there were.
    properties: usize,
}

impl Walk<'_> {
    fn letter(&mut self, letter: char) -> Result<(), String> {
        if let Some(length) = repetition(self.rest) {
            // `a**` repeats what is repeated: Go refuses it.
            if self.repeats > 0 {
                return Err(format!(
                    "invalid nested repetition operator: {}",
                    &self.rest[..length]
                ));
            }
            self.repeats += 1;
            let lazy = usize::from(self.rest[length..].starts_with('?'));
            self.keep(length + lazy);
            return Ok(());
        }
        self.repeats = 0;
        match letter {
            '\\' => self.escape(),
            '[' => self.class(),
            // No repetition begins here.
            '{' | '}' => {
                self.write(1, &format!("\\{letter}"));
                Ok(())
            }
            '(' => self.group(),
            letter => {
                self.keep(letter.len_utf8());
                Ok(())
            }
        }
    }

    /// Copies so many bytes.
    fn keep(&mut self, length: usize) {
        let (kept, rest) = self.rest.split_at(length);
        self.made.push_str(kept);
        self.rest = rest;
    }

    /// Writes something else in place of so many bytes.
    fn write(&mut self, length: usize, text: &str) {
        self.made.push_str(text);
        self.rest = &self.rest[length..];
    }

    /// `(?x)` exists only in the crate.
    fn group(&mut self) -> Result<(), String> {
        if let Some(inside) = self.rest.strip_prefix("(?") {
            let flags = inside.split([':', ')']).next().unwrap_or_default();
            if flags
                .chars()
                .all(|flag| flag.is_ascii_alphabetic() || flag == '-')
                && flags.chars().any(|flag| !"imsU-".contains(flag))
            {
                return Err(format!("invalid or unsupported Perl syntax: (?{flags}"));
            }
        }
        self.keep(1);
        Ok(())
    }

    fn escape(&mut self) -> Result<(), String> {
        let Some(letter) = self.rest[1..].chars().next() else {
            return Err("trailing backslash at end of expression".into());
        };
        if letter == 'Q' {
            let quoted = &self.rest[2..];
            let (text, length) = match quoted.find("\\E") {
                Some(end) => (&quoted[..end], end + 4),
                None => (quoted, self.rest.len()),
            };
            let escaped = regex::escape(text);
            self.write(length, &escaped);
            return Ok(());
        }
        if let Some(set) = perl_class(letter) {
            self.write(2, &format!("[{set}]"));
            return Ok(());
        }
        match letter {
            'b' => self.write(2, "(?-u:\\b)"),
            'B' => self.write(2, "(?-u:\\B)"),
            _ => return self.escaped_letter(),
        }
        Ok(())
    }

    /// An escape that stands for one letter, or for a class of letters by their Unicode properties.
    fn escaped_letter(&mut self) -> Result<(), String> {
        let digits = |from: usize| {
            self.rest[from..]
                .bytes()
                .take(3)
                .take_while(|digit| (b'0'..=b'7').contains(digit))
                .count()
        };
        match self.rest[1..].chars().next().unwrap_or_default() {
            letter @ ('1'..='7' | '0') => {
                let length = digits(1);
                if letter != '0' && length < 2 {
                    return Err(format!("invalid escape sequence: \\{letter}"));
                }
                let code = u32::from_str_radix(&self.rest[1..=length], 8).unwrap_or_default();
                self.write(1 + length, &format!("\\x{{{code:x}}}"));
                Ok(())
            }
            'p' | 'P' if self.properties == PROPERTIES => Err(format!(
                "it has more than {PROPERTIES} classes by Unicode properties"
            )),
            letter @ ('A' | 'z' | 'a' | 'f' | 't' | 'n' | 'r' | 'v' | 'p' | 'P' | 'x') => {
                self.properties += usize::from(letter.eq_ignore_ascii_case(&'p'));
                let braced = self.rest[2..]
                    .starts_with('{')
                    .then(|| self.rest.find('}'))
                    .flatten();
                self.keep(braced.map_or(2, |end| end + 1));
                Ok(())
            }
            letter if letter.is_ascii_punctuation() => {
                let escaped = regex::escape(&letter.to_string());
                self.write(2, &escaped);
                Ok(())
            }
            letter => Err(format!("invalid escape sequence: \\{letter}")),
        }
    }

    /// A set of letters: everything but ranges, named classes and escapes is a letter.
    fn class(&mut self) -> Result<(), String> {
        self.keep(1);
        if self.rest.starts_with('^') {
            self.keep(1);
        }
        let mut is_first = true;
        let mut in_range = false;
        loop {
            let Some(letter) = self.rest.chars().next() else {
                return Err("missing closing ]".into());
            };
            match letter {
                ']' if !is_first => {
                    self.keep(1);
                    return Ok(());
                }
                '[' if self.rest.starts_with("[:") && self.rest.contains(":]") => {
                    let end = self.rest.find(":]").unwrap_or_default();
                    self.keep(end + 2);
                }
                '\\' => match self.rest[1..].chars().next().and_then(perl_class) {
                    Some(set) => self.write(2, &format!("[{set}]")),
                    None => self.escaped_letter()?,
                },
                // A hyphen at either end is a letter.
                '-' if is_first || in_range || self.rest[1..].starts_with(']') => self.write(1, "\\-"),
                '-' => self.keep(1),
                letter => {
                    let escaped = regex::escape(&letter.to_string());
                    self.write(letter.len_utf8(), &escaped);
                }
            }
            in_range = letter == '-' && !is_first && !in_range;
            is_first = false;
        }
    }
}

/// The letters of a class, to be put in brackets.
fn perl_class(letter: char) -> Option<&'static str> {
    Some(match letter {
        'd' => "0-9",
        'D' => "^0-9",
        's' => "\\t\\n\\f\\r ",
        'S' => "^\\t\\n\\f\\r ",
        'w' => "0-9A-Za-z_",
        'W' => "^0-9A-Za-z_",
        _ => return None,
    })
}

/// The length of the operator of repetition that a text begins with.
fn repetition(text: &str) -> Option<usize> {
    if text.starts_with(['*', '+', '?']) {
        return Some(1);
    }
    let inside = text.strip_prefix('{')?;
    let end = inside.find('}')?;
    let (least, most) = inside[..end].split_once(',').unwrap_or((&inside[..end], ""));
    let is_number = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    (!least.is_empty() && is_number(least) && is_number(most)).then_some(end + 2)
}

#[cfg(test)]
mod tests {
    use super::translate;

    /// What a pattern finds first; none where it finds nothing, an error where Go has none either.
    fn check(pattern: &str, text: &str, found: Result<Option<&str>, ()>) {
        let result = translate(pattern)
            .map_err(drop)
            .and_then(|translated| regex::Regex::new(&translated).map_err(drop))
            .map(|regex| regex.find(text).map(|found| found.as_str()));
        assert_eq!(result, found, "{pattern}");
    }

    #[test]
    fn classes_that_never_fit_are_counted() {
        check(&r"\p{L}".repeat(3), "aéz", Ok(Some("aéz")));
        check(&r"[\pL\P{L}]".repeat(501), "a", Err(()));
        assert!(
            translate(&r"\pL".repeat(1001))
                .unwrap_err()
                .contains("more than 1000 classes")
        );
    }

    #[test]
    fn patterns_mean_what_they_mean_in_go() {
        for (pattern, text, found) in [
            (r"\W+", "Größe", "öß"),
            (r"\d", "٣4", "4"),
            (r"\b\w", "über", "b"),
            (r"\B\w", "über", "e"),
            (r"[\w-]+", "äa-b", "a-b"),
            (r"[^\W\d]+", "1äab", "ab"),
            (r"[a-z&&b]+", "&b", "&b"),
            (r"[[a]]", "a]", "a]"),
            (r"[]a]+", "]a", "]a"),
            (r"[a--]+", "a-", ""),
            (r"[[:alpha:]]+", "1ab", "ab"),
            (r"\<b\>", "<b>", "<b>"),
            (r"{(\w+)}", "a{b}", "{b}"),
            (r"a{,3}", "a{,3}", "a{,3}"),
            (r"x{2", "x{2", "x{2"),
            (r"x{2}", "xxx", "xx"),
            (r"\Qa.b\E+", "a.bb", "a.bb"),
            (r"\101\x{42}", "AB", "AB"),
            (r"\p{Greek}\pL", "aαβ", "αβ"),
            (r"(?i)K", "k", "k"),
            (r"(?P<n>a+?)", "aa", "a"),
        ] {
            if found.is_empty() {
                check(pattern, text, Err(()));
            } else {
                check(pattern, text, Ok(Some(found)));
            }
        }
        check(r"\s", "a\u{a0}b", Ok(None));
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for pattern in [r"a**", r"(?x) a b", r"\1", r"\e", r"[a", r"a{2}{3}", "\\"] {
            check(pattern, "", Err(()));
        }
    }
}
