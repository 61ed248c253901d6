//! Colours, line breaking, and text that cannot play tricks on a terminal.

use unicode_width::UnicodeWidthStr as _;

use crate::value::go_quote;

/// How text is laid out.
#[derive(Clone, Copy, Debug)]
pub struct RenderOptions {
    pub colour: bool,
    /// The width at which running text is broken; 0 means never.
    pub width: usize,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self {
            colour: false,
            width: 78,
        }
    }
}

/// What a piece of text is painted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    Bold,
    Red,
    BoldRed,
    Green,
    BoldGreen,
    Yellow,
    Cyan,
    BoldCyan,
    Grey,
}

impl RenderOptions {
    /// The text in a colour, if colours are wanted.
    pub(super) fn paint(self, paint: Paint, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match paint {
            Paint::Bold => "1",
            Paint::Red => "31",
            Paint::BoldRed => "1;31",
            Paint::Green => "32",
            Paint::BoldGreen => "1;32",
            Paint::Yellow => "33",
            Paint::Cyan => "36",
            Paint::BoldCyan => "1;36",
            Paint::Grey => "90",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// Running text, broken between words.
    pub(super) fn wrap(self, text: &str) -> String {
        if self.width == 0 {
            return text.to_owned();
        }
        let lines = text.split('\n').map(|line| wrap_line(line, self.width - 1));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// A line across the screen.
    pub fn rule(self) -> String {
        let width = if self.width == 0 { 78 } else { self.width };
        self.paint(Paint::Grey, &"─".repeat(width.saturating_sub(1)))
    }
}

fn wrap_line(line: &str, width: usize) -> String {
    let mut wrapped = String::with_capacity(line.len() + line.len() / 40);
    let mut column = 0;
    for word in line.split(' ') {
        let length = word.width();
        if column > 0 && column + 1 + length > width {
            wrapped.push('\n');
            column = 0;
        } else if column > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped
}

/// A line from outside: what is not printable is escaped, tabs stay.
pub(super) fn harmless(line: &str) -> std::borrow::Cow<'_, str> {
    let plain = |c: char| matches!(c, ' '..='~' | '\t') || (!c.is_ascii() && c.is_alphanumeric());
    if line.chars().all(plain) {
        return line.into();
    }
    let mut safe = String::with_capacity(line.len());
    let mut buffer = [0; 4];
    for c in line.chars() {
        if plain(c) {
            safe.push(c);
        } else {
            // In front of a letter, so that what combines with it is not taken for something that stands alone.
            let quoted = go_quote(c.encode_utf8(&mut buffer));
            safe.push_str(&quoted[1..quoted.len() - 1]);
        }
    }
    safe.into()
}

/// A name as it stands in front of `=`: quoted where it is no identifier.
pub(super) fn name(text: &str) -> std::borrow::Cow<'_, str> {
    let letter = |c: char| c == '_' || c.is_alphabetic();
    let mut rest = text.chars();
    let is_identifier =
        rest.next().is_some_and(letter) && rest.all(|c| letter(c) || c == '-' || (c.is_alphanumeric()));
    if is_identifier {
        text.into()
    } else {
        go_quote(text).into()
    }
}
