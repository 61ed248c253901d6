//! Literals of secret arguments in the text of a file that may not be readable as configuration.

/// Arguments of which nobody quotes what stands there, even where it could not be read; with all that end in `_wo`.
const SECRET_ARGUMENTS: [&str; 10] = [
    "key_material_base64",
    "key_store_password",
    "passphrase",
    "password",
    "plaintext",
    "raw_secret_access_key",
    "secret_data",
    "secret_key",
    "security_token",
    "token",
];

/// The text with asterisks for the literals in the expressions of secret arguments, over as many lines as they have.
pub(super) fn without_literals(text: &str) -> Option<String> {
    let mut starred = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = value_of_secret(rest) {
        starred.push_str(&rest[..at]);
        let mut value = Value {
            rest: &rest[at..],
            starred: &mut starred,
            open: Vec::new(),
            has_begun: false,
        };
        while value.step() {}
        rest = value.rest;
    }
    starred.push_str(rest);
    (starred != text).then_some(starred)
}

/// Where the first value of a secret argument begins.
fn value_of_secret(text: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let mut at = 0;
    while let Some(start) = text[at..].find(is_part).map(|found| at + found) {
        let end = text[start..]
            .find(|c| !is_part(c))
            .map_or(text.len(), |found| start + found);
        let name = &text[start..end];
        let is_secret = SECRET_ARGUMENTS.contains(&name) || name.ends_with("_wo");
        if is_secret
            && !text[..start].ends_with('.')
            && let Some(value) = after_sign(&text[end..])
        {
            return Some(text.len() - value.len());
        }
        at = end;
    }
    None
}

/// What follows the sign between a name and its value.
fn after_sign(text: &str) -> Option<&str> {
    let text = text
        .strip_prefix('"')
        .unwrap_or(text)
        .trim_start_matches([' ', '\t']);
    match text.strip_prefix('=') {
        Some(value) => (!value.starts_with(['=', '>'])).then_some(value),
        None => text.strip_prefix(':').filter(|value| !value.starts_with(':')),
    }
}

/// What the place that is looked at is within.
enum Within {
    Bracket,
    Template,
    Quotes,
    /// Up to the line that holds only this.
    Heredoc(String),
}

/// An expression whose literals are starred one after the other.
struct Value<'t, 's> {
    rest: &'t str,
    starred: &'s mut String,
    open: Vec<Within>,
    has_begun: bool,
}

impl Value<'_, '_> {
    /// Goes on; false where the expression ends.
    fn step(&mut self) -> bool {
        let Some(next) = self.rest.chars().next() else {
            return false;
        };
        match self.open.last() {
            Some(Within::Quotes) => self.quoted(next),
            Some(Within::Heredoc(_)) => self.heredoc(next),
            Some(Within::Bracket | Within::Template) | None => self.code(next),
        }
    }

    fn code(&mut self, next: char) -> bool {
        match next {
            // In JSON the value may stand below its name.
            '\n' if self.open.is_empty() && self.has_begun => return false,
            ',' if self.open.is_empty() => return false,
            ')' | ']' | '}' if self.open.pop().is_none() => return false,
            '(' | '[' | '{' => self.open.push(Within::Bracket),
            '"' => self.open.push(Within::Quotes),
            '\'' => return self.quoted_otherwise(),
            '#' => return self.keep(self.line()),
            '<' if self.rest.starts_with("<<") => return self.open_heredoc(),
            _ => {}
        }
        self.has_begun |= !next.is_whitespace();
        self.keep(next.len_utf8())
    }

    fn quoted(&mut self, next: char) -> bool {
        match next {
            '\n' => false,
            '"' => {
                self.open.pop();
                self.keep(1)
            }
            '\\' => {
                let escaped = self.rest[1..].chars().next().filter(|c| *c != '\n');
                self.star(1 + escaped.map_or(0, char::len_utf8))
            }
            _ => self.template(next),
        }
    }

    fn heredoc(&mut self, next: char) -> bool {
        if next == '\n' {
            self.keep(1);
            return self.close_heredoc();
        }
        self.template(next)
    }

    /// A character of a text, or the beginning of what is evaluated in it.
    fn template(&mut self, next: char) -> bool {
        if self.rest.starts_with("$${") || self.rest.starts_with("%%{") {
            return self.star(3);
        }
        if self.rest.starts_with("${") || self.rest.starts_with("%{") {
            self.open.push(Within::Template);
            return self.keep(2);
        }
        self.star(next.len_utf8())
    }

    fn open_heredoc(&mut self) -> bool {
        let line = self.line();
        let marker = self.rest[..line].trim_start_matches(['<', '-']).trim().to_owned();
        self.has_begun = true;
        self.keep((line + 1).min(self.rest.len()));
        self.open.push(Within::Heredoc(marker));
        self.close_heredoc()
    }

    fn close_heredoc(&mut self) -> bool {
        let line = self.line();
        if let Some(Within::Heredoc(marker)) = self.open.last()
            && self.rest[..line].trim() == marker
        {
            self.open.pop();
            self.keep(line);
        }
        true
    }

    /// Quotes that the language does not know.
    fn quoted_otherwise(&mut self) -> bool {
        self.has_begun = true;
        self.keep(1);
        let line = self.line();
        let text = self.rest[..line].find('\'');
        self.star(text.unwrap_or(line));
        self.keep(usize::from(text.is_some()))
    }

    /// How long the rest of the line is.
    fn line(&self) -> usize {
        self.rest.find('\n').unwrap_or(self.rest.len())
    }

    fn keep(&mut self, length: usize) -> bool {
        let (kept, rest) = self.rest.split_at(length);
        self.starred.push_str(kept);
        self.rest = rest;
        true
    }

    fn star(&mut self, length: usize) -> bool {
        let (hidden, rest) = self.rest.split_at(length);
        self.starred.extend(std::iter::repeat_n('*', hidden.len()));
        self.rest = rest;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::without_literals;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(without_literals(text).as_deref(), expected);
    }

    #[test]
    fn what_is_written_for_a_secret_argument_is_starred() {
        check(
            "a = 1\n  passphrase = \"hun ter\" \"\u{fc}\\\"2\"\n",
            Some("a = 1\n  passphrase = \"*******\" \"*****\"\n"),
        );
        check(
            "secret_data_wo = nonsuch(\"x${var.x[\"a\"]}y\", 1)",
            Some("secret_data_wo = nonsuch(\"*${var.x[\"*\"]}*\", 1)"),
        );
        check("\"password\": \"open", Some("\"password\": \"****"));
        check("password_length = \"8\"\npassword = var.password\n", None);
        check("var.password == \"open\"\nx.password : \"open\"\n", None);
        check(
            "passphrase = 'hunter'\nx = 'y'",
            Some("passphrase = '******'\nx = 'y'"),
        );
    }

    #[test]
    fn it_is_over_as_many_lines_as_it_has() {
        check(
            "password = jsonencode({ # \"\n  pin = \"open ${\"x\"}\",\n})\nname = \"b\"\n",
            Some("password = jsonencode({ # \"\n  pin = \"*****${\"*\"}\",\n})\nname = \"b\"\n"),
        );
        check(
            "password = <<-EOT\n  one ${local.x}\n\n  $${y}\n  EOT\nname = \"b\"\n",
            Some("password = <<-EOT\n******${local.x}\n\n*******\n  EOT\nname = \"b\"\n"),
        );
        check(
            "password = upper(<<E\nE\n, \"a\")\nb = \"c\"",
            Some("password = upper(<<E\nE\n, \"*\")\nb = \"c\""),
        );
        check("password = <<E", None);
    }

    #[test]
    fn it_is_found_wherever_it_stands_on_a_line() {
        check(
            "{\"a\": \"b\", \"plaintext\":\n \"x${local.no}\"}, \"c\": \"d\"}",
            Some("{\"a\": \"b\", \"plaintext\":\n \"*${local.no}\"}, \"c\": \"d\"}"),
        );
        check(
            "provider \"alicloud\" { secret_key = \"x\" }\nb = \"c\"",
            Some("provider \"alicloud\" { secret_key = \"*\" }\nb = \"c\""),
        );
    }
}
