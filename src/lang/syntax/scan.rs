//! Text to tokens: the same tokens, with the same borders, as HashiCorp's scanner makes.
//!
//! It never fails: what is no token becomes [`Kind::Invalid`]. It does not recurse, so that depth costs nothing.

use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    OpenParen,
    CloseParen,
    OpenQuote,
    CloseQuote,
    /// `<<EOT` with its newline.
    OpenHeredoc,
    /// The line of the end marker with its indent, without its newline.
    CloseHeredoc,
    /// `${` or `${~`
    OpenInterpolation,
    /// `%{` or `%{~`
    OpenDirective,
    /// `}` or `~}`
    CloseTemplate,
    /// Text between quotes.
    Quoted,
    /// Stands, without a text of its own, before a newline between quotes, where none may be.
    QuotedNewline,
    /// Text of a heredoc, at most to the end of the line.
    Line,
    Ident,
    Number,
    /// `#` and `//` comments have their newline.
    Comment,
    Newline,
    Dot,
    Ellipsis,
    Comma,
    Colon,
    DoubleColon,
    Question,
    Assign,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Arrow,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Bang,
    And,
    Or,
    Invalid,
    End,
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Token {
    pub(super) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// What the scanner is inside of.
enum Mode {
    /// Arguments, blocks, expressions. `braces` are open; at none, a brace ends the template sequence.
    Plain {
        braces: usize,
        in_template: bool,
    },
    Quoted,
    /// `marker` is the range of the end word; `None` for a template that ends with the text.
    Lines {
        marker: Option<Range<usize>>,
        is_line_start: bool,
    },
}

/// More tokens are not made: whoever parses refuses so many.
const ENOUGH: usize = 3_000_000;

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    modes: Vec<Mode>,
    tokens: Vec<Token>,
}

/// The tokens of a file or an expression; the last is [`Kind::End`].
pub(super) fn scan(text: &str) -> Vec<Token> {
    run(
        text,
        Mode::Plain {
            braces: 0,
            in_template: false,
        },
    )
}

/// The tokens of a text that is a template as a whole.
pub(super) fn scan_template(text: &str) -> Vec<Token> {
    run(
        text,
        Mode::Lines {
            marker: None,
            is_line_start: true,
        },
    )
}

fn run(text: &str, mode: Mode) -> Vec<Token> {
    // Offsets are 32 bits wide; nobody writes 4 GiB of configuration.
    let text = if u32::try_from(text.len()).is_ok() {
        text
    } else {
        ""
    };
    let mut scanner = Scanner {
        text,
        at: 0,
        modes: vec![mode],
        tokens: Vec::with_capacity((text.len() / 5 + 1).min(ENOUGH)),
    };
    while scanner.at < text.len() && scanner.tokens.len() < ENOUGH {
        match scanner.modes.last() {
            Some(Mode::Quoted) => scanner.quoted(),
            Some(Mode::Lines { .. }) => scanner.line(),
            Some(Mode::Plain { .. }) | None => scanner.plain(),
        }
    }
    scanner.push(Kind::End, 0);
    scanner.tokens
}

/// Whether a character may begin a name.
pub(super) fn starts_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || (!c.is_ascii() && hcl_edit::Ident::try_new(c.to_string()).is_ok())
}

/// Whether a character may stand within a name.
pub(super) fn continues_name(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || c == '_'
        || c == '-'
        || (!c.is_ascii() && hcl_edit::Ident::try_new(format!("a{c}")).is_ok())
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    fn push(&mut self, kind: Kind, len: usize) {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.tokens.push(Token {
            kind,
            start: offset(self.at),
            end: offset(self.at + len),
        });
        self.at += len;
    }

    // ---- plain ---------------------------------------------------------------------------------------------

    fn plain(&mut self) {
        let (kind, len) = match self.byte(0) {
            b' ' | b'\t' => {
                self.at += 1;
                return;
            }
            b'\n' => (Kind::Newline, 1),
            b'\r' if self.byte(1) == b'\n' => (Kind::Newline, 2),
            b'#' => (Kind::Comment, self.line_length()),
            b'/' if self.byte(1) == b'/' => (Kind::Comment, self.line_length()),
            b'/' if self.byte(1) == b'*' => self.block_comment(),
            b'0'..=b'9' => (Kind::Number, self.number_length()),
            b'"' => {
                self.push(Kind::OpenQuote, 1);
                self.modes.push(Mode::Quoted);
                return;
            }
            b'{' | b'}' | b'~' => return self.brace(),
            b'<' if self.byte(1) == b'<' => return self.heredoc_start(),
            _ => self.word_or_operator(),
        };
        self.push(kind, len);
    }

    fn word_or_operator(&self) -> (Kind, usize) {
        let first = self.rest().chars().next().unwrap_or(' ');
        if starts_name(first) {
            let len = self
                .rest()
                .find(|c| !continues_name(c))
                .unwrap_or(self.rest().len());
            return (Kind::Ident, len);
        }
        match (self.byte(0), self.byte(1)) {
            (b'.', b'.') if self.byte(2) == b'.' => (Kind::Ellipsis, 3),
            (b'.', _) => (Kind::Dot, 1),
            (b'[', _) => (Kind::OpenBracket, 1),
            (b']', _) => (Kind::CloseBracket, 1),
            (b'(', _) => (Kind::OpenParen, 1),
            (b')', _) => (Kind::CloseParen, 1),
            (b',', _) => (Kind::Comma, 1),
            (b':', b':') => (Kind::DoubleColon, 2),
            (b':', _) => (Kind::Colon, 1),
            (b'?', _) => (Kind::Question, 1),
            (b'=', b'=') => (Kind::Equal, 2),
            (b'=', b'>') => (Kind::Arrow, 2),
            (b'=', _) => (Kind::Assign, 1),
            (b'!', b'=') => (Kind::NotEqual, 2),
            (b'!', _) => (Kind::Bang, 1),
            (b'<', b'=') => (Kind::LessOrEqual, 2),
            (b'<', _) => (Kind::Less, 1),
            (b'>', b'=') => (Kind::GreaterOrEqual, 2),
            (b'>', _) => (Kind::Greater, 1),
            (b'+', _) => (Kind::Plus, 1),
            (b'-', _) => (Kind::Minus, 1),
            (b'*', _) => (Kind::Star, 1),
            (b'/', _) => (Kind::Slash, 1),
            (b'%', _) => (Kind::Percent, 1),
            (b'&', b'&') => (Kind::And, 2),
            (b'|', b'|') => (Kind::Or, 2),
            _ => (Kind::Invalid, first.len_utf8()),
        }
    }

    /// To the end of the line, newline included.
    fn line_length(&self) -> usize {
        self.rest().find('\n').map_or(self.rest().len(), |at| at + 1)
    }

    fn block_comment(&self) -> (Kind, usize) {
        match self.rest()[2..].find("*/") {
            Some(at) => (Kind::Comment, at + 4),
            None => (Kind::Invalid, self.rest().len()),
        }
    }

    /// Digits, dots and exponents in any order, up to the last digit: whether that is a number is not asked here.
    fn number_length(&self) -> usize {
        let bytes = self.rest().as_bytes();
        let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        let (mut at, mut end) = (0, 0);
        loop {
            match bytes.get(at) {
                Some(b'0'..=b'9') => {
                    at += 1;
                    end = at;
                }
                Some(b'.') => at += 1,
                Some(b'e' | b'E') if is_digit(at + 1) => at += 1,
                Some(b'e' | b'E') if matches!(bytes.get(at + 1), Some(b'+' | b'-')) && is_digit(at + 2) => {
                    at += 2;
                }
                _ => return end,
            }
        }
    }

    fn brace(&mut self) {
        let tilde = self.byte(0) == b'~';
        if tilde && self.byte(1) != b'}' {
            return self.push(Kind::Invalid, 1);
        }
        let Some(Mode::Plain { braces, in_template }) = self.modes.last_mut() else {
            return self.push(Kind::Invalid, 1);
        };
        let ends_template = *in_template && *braces == 0;
        match self.text.as_bytes()[self.at] {
            b'{' => {
                *braces += 1;
                self.push(Kind::OpenBrace, 1);
            }
            _ if ends_template => {
                self.modes.pop();
                self.push(Kind::CloseTemplate, 1 + usize::from(tilde));
            }
            b'}' => {
                *braces = braces.saturating_sub(1);
                self.push(Kind::CloseBrace, 1);
            }
            _ => self.push(Kind::Invalid, 1),
        }
    }

    fn heredoc_start(&mut self) {
        let rest = self.rest();
        let word_at = if rest.as_bytes().get(2) == Some(&b'-') {
            3
        } else {
            2
        };
        let word = &rest[word_at..];
        let len = match word.chars().next() {
            Some(c) if starts_name(c) => word.find(|c| !continues_name(c)).unwrap_or(word.len()),
            _ => 0,
        };
        let newline = match &word.as_bytes()[len..] {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => 0,
        };
        if len == 0 || newline == 0 {
            return self.push(Kind::Less, 1);
        }
        let marker = self.at + word_at..self.at + word_at + len;
        self.push(Kind::OpenHeredoc, word_at + len + newline);
        self.modes.push(Mode::Lines {
            marker: Some(marker),
            is_line_start: true,
        });
    }

    // ---- templates -----------------------------------------------------------------------------------------

    /// How far literal text goes from here: to a marker, to an end, or to the end of the line (included).
    fn literal_length(&self, is_quoted: bool) -> usize {
        let bytes = self.rest().as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'$' | b'%' => {
                    let next = bytes.get(at + 1);
                    if next == Some(&b'{') {
                        break;
                    }
                    let is_escape = next == Some(&byte) && bytes.get(at + 2) == Some(&b'{');
                    at += if is_escape { 3 } else { 1 };
                }
                b'"' | b'\n' if is_quoted => break,
                b'\\' if is_quoted => {
                    let is_pair = !matches!(bytes.get(at + 1), None | Some(b'\n' | b'\r'));
                    at += 1 + usize::from(is_pair && bytes[at + 1].is_ascii());
                }
                b'\r' if is_quoted && bytes.get(at + 1) == Some(&b'\n') => break,
                b'\n' => return at + 1,
                _ => at += 1,
            }
        }
        at
    }

    fn quoted(&mut self) {
        let len = self.literal_length(true);
        if len > 0 {
            return self.push(Kind::Quoted, len);
        }
        match self.byte(0) {
            b'"' => {
                self.modes.pop();
                self.push(Kind::CloseQuote, 1);
            }
            // The string was left open: what follows is read as if it had ended here.
            b'\n' | b'\r' => {
                self.modes.pop();
                self.push(Kind::QuotedNewline, 0);
            }
            _ => self.open_sequence(),
        }
    }

    fn line(&mut self) {
        if self.ends_heredoc() {
            return;
        }
        let len = self.literal_length(false);
        let ends_line = len > 0 && self.byte(len - 1) == b'\n';
        if let Some(Mode::Lines { is_line_start, .. }) = self.modes.last_mut() {
            *is_line_start = ends_line;
        }
        if len > 0 {
            self.push(Kind::Line, len);
        } else {
            self.open_sequence();
        }
    }

    fn ends_heredoc(&mut self) -> bool {
        let Some(Mode::Lines {
            marker: Some(marker),
            is_line_start: true,
        }) = self.modes.last()
        else {
            return false;
        };
        let line = self.rest().split('\n').next().unwrap_or("");
        if line.trim() != &self.text[marker.clone()] {
            return false;
        }
        let len = line.strip_suffix('\r').unwrap_or(line).len();
        self.modes.pop();
        self.push(Kind::CloseHeredoc, len);
        true
    }

    fn open_sequence(&mut self) {
        let kind = if self.byte(0) == b'$' {
            Kind::OpenInterpolation
        } else {
            Kind::OpenDirective
        };
        self.modes.push(Mode::Plain {
            braces: 0,
            in_template: true,
        });
        let tilde = usize::from(self.byte(2) == b'~');
        self.push(kind, 2 + tilde);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[(Kind, &str)]) {
        let tokens = scan(text);
        let found: Vec<(Kind, &str)> = tokens
            .iter()
            .map(|token| (token.kind, &text[token.range()]))
            .collect();
        assert_eq!(&found[..found.len() - 1], expect, "{text}");
    }

    #[test]
    fn a_template_ends_where_its_own_brace_closes() {
        check(
            r#""a${ {b="}"} ~}c""#,
            &[
                (Kind::OpenQuote, "\""),
                (Kind::Quoted, "a"),
                (Kind::OpenInterpolation, "${"),
                (Kind::OpenBrace, "{"),
                (Kind::Ident, "b"),
                (Kind::Assign, "="),
                (Kind::OpenQuote, "\""),
                (Kind::Quoted, "}"),
                (Kind::CloseQuote, "\""),
                (Kind::CloseBrace, "}"),
                (Kind::CloseTemplate, "~}"),
                (Kind::Quoted, "c"),
                (Kind::CloseQuote, "\""),
            ],
        );
    }

    #[test]
    fn every_line_of_a_heredoc_is_a_token() {
        check(
            "<<E\na\n b ${c}\n  E\n",
            &[
                (Kind::OpenHeredoc, "<<E\n"),
                (Kind::Line, "a\n"),
                (Kind::Line, " b "),
                (Kind::OpenInterpolation, "${"),
                (Kind::Ident, "c"),
                (Kind::CloseTemplate, "}"),
                (Kind::Line, "\n"),
                (Kind::CloseHeredoc, "  E"),
                (Kind::Newline, "\n"),
            ],
        );
    }

    #[test]
    fn numbers_and_dots_part_where_they_should() {
        check("1.5e-3", &[(Kind::Number, "1.5e-3")]);
        check("1...", &[(Kind::Number, "1"), (Kind::Ellipsis, "...")]);
        check("1e", &[(Kind::Number, "1"), (Kind::Ident, "e")]);
        check(
            "1e+",
            &[(Kind::Number, "1"), (Kind::Ident, "e"), (Kind::Plus, "+")],
        );
        check("1.e5", &[(Kind::Number, "1.e5")]);
        check("1..2.e+3", &[(Kind::Number, "1..2.e+3")]);
        check(
            "1.5.a",
            &[(Kind::Number, "1.5"), (Kind::Dot, "."), (Kind::Ident, "a")],
        );
    }

    #[test]
    fn escaped_markers_are_text() {
        check(
            r#""$$${a}\"""#,
            &[
                (Kind::OpenQuote, "\""),
                (Kind::Quoted, r#"$$${a}\""#),
                (Kind::CloseQuote, "\""),
            ],
        );
    }
}
