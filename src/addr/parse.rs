//! Addresses as text: command line arguments and state files.

#[cfg(test)]
mod tests;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::{
    InstanceAddr, InstanceKey, Mode, ModulePath, ModuleStep, ResourceAddr, ResourceName, Target, Text, quote,
};

/// Why a text is no address; a full sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError(pub String);

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ParseError {}

/// Reads an instance address: `module.m["x"].aws_kms_key.k[0]`.
pub fn parse_instance(text: &str) -> Result<InstanceAddr, ParseError> {
    match Parser::new(text).address()? {
        (module, Some((resource, key))) => Ok(InstanceAddr::new(module, resource, key)),
        (_, None) => Err(ParseError(format!(
            "Invalid address {}: expected a resource in this module, as in {}.",
            quote(text),
            quote(&format!("{text}.aws_kms_key.example")),
        ))),
    }
}

/// Reads any address: a module, a resource or an instance. A resource without a key is a `Target::Resource`.
pub fn parse_target(text: &str) -> Result<Target, ParseError> {
    Ok(match Parser::new(text).address()? {
        (module, None) => Target::Module(module),
        (module, Some((resource, InstanceKey::None))) => Target::Resource(ResourceAddr { module, resource }),
        (module, Some((resource, key))) => Target::Instance(InstanceAddr::new(module, resource, key)),
    })
}

/// Reads an instance key as it stands in an address, brackets included: `[0]`, `["k"]`, or nothing.
pub fn parse_key(text: &str) -> Result<InstanceKey, ParseError> {
    let mut parser = Parser::new(text);
    let key = parser.key()?;
    parser.end()?;
    Ok(key)
}

/// A text and how far it is read.
struct Parser<'a> {
    text: &'a str,
    at: usize,
}

type Result<T, E = ParseError> = std::result::Result<T, E>;

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn expected<T>(&self, what: &str) -> Result<T> {
        let place = match self.rest().chars().next() {
            None => "at its end".to_owned(),
            Some(_) => format!("at {}", quote(self.rest())),
        };
        Err(ParseError(format!(
            "Invalid address {}: expected {what} {place}.",
            quote(self.text)
        )))
    }

    fn address(&mut self) -> Result<(ModulePath, Option<(ResourceName, InstanceKey)>)> {
        let mut steps = Vec::new();
        loop {
            let word = self.name("a resource type, \"data\" or \"module\"")?;
            if word != "module" {
                let resource = self.resource(word)?;
                let key = self.key()?;
                self.end()?;
                return Ok((ModulePath(steps.into()), Some((resource, key))));
            }
            self.dot("a module name")?;
            let name: Text = self.name("a module name")?.into();
            let key = self.key()?;
            steps.push(ModuleStep { name, key });
            if self.rest().is_empty() {
                return Ok((ModulePath(steps.into()), None));
            }
            self.dot("a resource")?;
        }
    }

    /// What follows the first word of a resource: `TYPE.NAME`, or `data.TYPE.NAME` after the word `data`.
    fn resource(&mut self, first: &str) -> Result<ResourceName> {
        let (mode, ty) = match first {
            "data" => {
                self.dot("a data source type")?;
                (Mode::Data, self.name("a data source type")?)
            }
            "ephemeral" => {
                self.dot("an ephemeral resource type")?;
                (Mode::Ephemeral, self.name("an ephemeral resource type")?)
            }
            ty => (Mode::Managed, ty),
        };
        self.dot("a resource name")?;
        Ok(ResourceName {
            mode,
            ty: ty.into(),
            name: self.name("a resource name")?.into(),
        })
    }

    fn dot(&mut self, before: &str) -> Result<()> {
        if self.skip(".") {
            Ok(())
        } else {
            self.expected(&format!("a dot and {before}"))
        }
    }

    fn end(&self) -> Result<()> {
        if self.rest().is_empty() {
            Ok(())
        } else {
            self.expected("nothing more")
        }
    }

    fn name(&mut self, what: &str) -> Result<&'a str> {
        let rest = self.rest();
        let length = rest.find(|c| !continues_name(c)).unwrap_or(rest.len());
        if !rest.starts_with(starts_name) {
            return self.expected(what);
        }
        self.at += length;
        Ok(&rest[..length])
    }

    fn key(&mut self) -> Result<InstanceKey> {
        if !self.skip("[") {
            return Ok(InstanceKey::None);
        }
        let key = if self.skip("\"") {
            InstanceKey::Text(self.quoted()?)
        } else {
            self.number()?
        };
        if self.skip("]") {
            Ok(key)
        } else {
            self.expected("a closing bracket")
        }
    }

    fn number(&mut self) -> Result<InstanceKey> {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let Ok(number) = rest[..length].parse() else {
            return self.expected("a whole number or a quoted text");
        };
        self.at += length;
        Ok(InstanceKey::Number(number))
    }

    /// The text up to the closing quote, in normal form C as all strings of the language.
    fn quoted(&mut self) -> Result<Text> {
        let rest = self.rest();
        let plain = rest.find(['"', '\\', '$', '%', '\n', '\r']).unwrap_or(rest.len());
        if rest[plain..].starts_with('"') {
            self.at += plain + 1;
            return Ok(normal(&rest[..plain]));
        }
        let mut unescaped = String::new();
        loop {
            match self.rest().chars().next() {
                Some('"') => {
                    self.at += 1;
                    return Ok(normal(&unescaped));
                }
                None | Some('\n' | '\r') => return self.expected("a closing quote"),
                Some('\\') => unescaped.push(self.escape()?),
                Some(sign @ ('$' | '%')) => self.dollar(sign, &mut unescaped)?,
                Some(c) => {
                    self.at += c.len_utf8();
                    unescaped.push(c);
                }
            }
        }
    }

    /// `$${` stands for `${`; a template is no fixed text.
    fn dollar(&mut self, sign: char, unescaped: &mut String) -> Result<()> {
        let rest = &self.rest()[1..];
        if rest.starts_with('{') {
            return self.expected("a text without templates");
        }
        unescaped.push(sign);
        self.at += 1;
        if rest.starts_with(sign) && rest[1..].starts_with('{') {
            unescaped.push('{');
            self.at += 2;
        }
        Ok(())
    }

    fn escape(&mut self) -> Result<char> {
        let mut chars = self.rest().chars().skip(1);
        let (c, length) = match chars.next() {
            Some('n') => ('\n', 2),
            Some('r') => ('\r', 2),
            Some('t') => ('\t', 2),
            Some('"') => ('"', 2),
            Some('\\') => ('\\', 2),
            Some('u') => (self.code_point(4)?, 6),
            Some('U') => (self.code_point(8)?, 10),
            _ => {
                return self.expected("one of the escapes \\n, \\r, \\t, \\\", \\\\, \\uNNNN or \\UNNNNNNNN");
            }
        };
        self.at += length;
        Ok(c)
    }

    fn code_point(&self, digits: usize) -> Result<char> {
        let c = self
            .rest()
            .get(2..2 + digits)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32);
        match c {
            Some(c) => Ok(c),
            None => self.expected(&format!("a character by {digits} hexadecimal digits")),
        }
    }
}

fn normal(text: &str) -> Text {
    if text.is_ascii() {
        text.into()
    } else {
        text.nfc().collect::<String>().into()
    }
}

fn starts_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || (!c.is_ascii() && c.is_alphabetic() && !is_combining_mark(c))
}

fn continues_name(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || c == '_'
        || c == '-'
        // Beside letters and digits: marks, the middle dot and the characters that connect words.
        || (!c.is_ascii()
            && (c.is_alphanumeric()
                || is_combining_mark(c)
                || matches!(c, '\u{b7}' | '\u{387}' | '\u{203f}' | '\u{2040}' | '\u{2054}' | '\u{ff3f}')))
}
