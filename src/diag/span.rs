//! Where in which file; and the texts, for excerpts.

use std::sync::{Arc, OnceLock};

/// A file among the [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes in one file, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let fit = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            file,
            start: fit(start),
            end: fit(end),
        }
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            file: self.file,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// One text that was read.
#[derive(Clone, Debug)]
pub struct Source {
    /// As shown to the user: relative to the working folder.
    pub name: String,
    pub text: Arc<str>,
    /// Excerpts of this text may show secrets (variable files), so none is printed.
    pub secret: bool,
    lines: OnceLock<Lines>,
}

/// Where lines start: found once, however many diagnostics point into the text.
#[derive(Clone, Debug)]
struct Lines {
    all: Vec<usize>,
    /// Those that are not indented and open or close what stands around others.
    outermost: Vec<usize>,
}

impl Source {
    fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| {
            let breaks = self.text.match_indices('\n').map(|(at, _)| at + 1);
            let all: Vec<usize> = std::iter::once(0).chain(breaks).collect();
            let outermost = |start: &usize| {
                let line = self.text[*start..].lines().next().unwrap_or_default();
                !line.trim().is_empty() && !line.starts_with([' ', '\t', '#', '/', ']', ')'])
            };
            let outermost = all.iter().copied().filter(outermost).collect();
            Lines { all, outermost }
        })
    }

    /// Whether the lines of a place may show a secret: all of a variables file, defaults of secret variables elsewhere.
    pub(super) fn is_secret_at(&self, from: usize, to: usize) -> bool {
        self.secret || self.shows_default(from, to)
    }

    /// The place with two lines more on each side.
    pub(super) fn widened(&self, from: usize, to: usize) -> (usize, usize) {
        let lines = &self.lines().all;
        let first = self.line_at(from).0.saturating_sub(3);
        let last = self.line_at(to).0 + 1;
        (
            lines[first],
            lines.get(last).map_or(self.text.len(), |start| *start),
        )
    }

    /// Whether a place touches the default of a variable that is sensitive or ephemeral. This goes by the text alone:
    /// what cannot be read as configuration has to be told, too.
    fn shows_default(&self, from: usize, to: usize) -> bool {
        let is_secret = |block: &str| block.contains("sensitive") || block.contains("ephemeral");
        let (_, line) = self.line_at(from);
        let end = self.text[to..].find('\n').map_or(self.text.len(), |at| to + at);
        if self.name.rsplit_once('.').is_some_and(|(_, end)| end == "json") {
            return self.text[line..end].contains("\"default\"") && is_secret(&self.text);
        }
        // The place may be the header itself, or a line that is not indented as it should be.
        let header = |start: &usize| {
            self.text[*start..]
                .trim_start_matches('\u{feff}')
                .starts_with("variable")
        };
        let starts = &self.lines().all[..self.line_at(from).0];
        let Some(block) = starts.iter().copied().rfind(header) else {
            return false;
        };
        let length = self.text[block..].find("\n}").unwrap_or(self.text.len() - block);
        let text = &self.text[block..block + length];
        is_secret(text) && defaults(text).any(|(start, stop)| line < block + stop && block + start < end)
    }

    /// The number of the line that a byte is in, from 1, and where that line starts.
    pub(super) fn line_at(&self, byte: usize) -> (usize, usize) {
        let lines = &self.lines().all;
        let number = lines.partition_point(|start| *start <= byte);
        (number, lines[number - 1])
    }

    /// The start of the last outermost line above a line.
    pub(super) fn outermost_above(&self, line_start: usize) -> Option<usize> {
        let lines = &self.lines().outermost;
        let above = lines.partition_point(|start| *start < line_start);
        above.checked_sub(1).map(|last| lines[last])
    }
}

/// Where the default stands in the text of a block: up to the next argument or block that is indented no more.
fn defaults(block: &str) -> impl Iterator<Item = (usize, usize)> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let starts = block.match_indices("default").map(|(at, _)| {
        let line = block[..at].rfind('\n').map_or(0, |at| at + 1);
        (line, at)
    });
    starts.map(move |(line, at)| {
        let outer = indent(&block[line..]);
        let mut stop = block[at..].find('\n').map_or(block.len(), |end| at + end + 1);
        for next in block[stop..].split_inclusive('\n') {
            let is_argument =
                next.trim_start().starts_with(|c: char| c.is_alphabetic()) && next.contains(['=', '{']);
            if indent(next) <= outer && is_argument {
                break;
            }
            stop += next.len();
        }
        (line, stop)
    })
}

/// Line and column, both from 1; columns count grapheme clusters. `byte` counts from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub line: u32,
    pub column: u32,
    pub byte: u32,
}

/// Every text that was read in this run.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        self.push(name.into(), text.into(), false)
    }

    /// Adds a text of which no excerpt may be printed. What is kept of it is where its lines and characters are.
    pub fn add_secret(&mut self, name: impl Into<String>, text: &str) -> FileId {
        let same_length = |c: char| match (c, c.len_utf8()) {
            ('\n' | '\r', _) => c,
            (_, 1) => '*',
            (_, 2) => '\u{b7}',
            (_, 3) => '\u{2022}',
            _ => '\u{1f512}',
        };
        let kept: String = text.chars().map(same_length).collect();
        self.push(name.into(), kept.into(), true)
    }

    fn push(&mut self, name: String, text: Arc<str>, secret: bool) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).expect("fewer than 2^32 files"));
        self.files.push(Source {
            name,
            text,
            secret,
            lines: OnceLock::new(),
        });
        id
    }

    /// The same with other texts of the same length where this gives some: places stay what they are.
    #[must_use]
    pub fn with_texts(&self, other: impl Fn(&str) -> Option<String>) -> Self {
        let files = self.files.iter().map(|source| {
            let other = other(&source.text).filter(|other| other.len() == source.text.len());
            Source {
                text: other.map_or_else(|| source.text.clone(), Arc::from),
                ..source.clone()
            }
        });
        Self {
            files: files.collect(),
        }
    }

    pub fn get(&self, file: FileId) -> Option<&Source> {
        self.files.get(file.0 as usize)
    }

    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        (0u32..).map(FileId).zip(&self.files)
    }

    /// The text under a span; empty where the span lies outside.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file)
            .and_then(|source| source.text.get(span.start as usize..span.end as usize))
            .unwrap_or("")
    }

    /// Line and column of a byte offset.
    pub fn position(&self, file: FileId, byte: u32) -> Position {
        use unicode_segmentation::UnicodeSegmentation as _;
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let Some(source) = self.get(file) else {
            return Position {
                line: 1,
                column: 1,
                byte,
            };
        };
        let before = source.text.get(..byte as usize).unwrap_or(&source.text);
        let (line, start) = source.line_at(before.len());
        let in_line = &before[start..];
        let columns = if in_line.is_ascii() && !in_line.contains('\r') {
            in_line.len()
        } else {
            in_line.graphemes(true).count()
        };
        Position {
            line: count(line),
            column: count(columns + 1),
            byte,
        }
    }
}
