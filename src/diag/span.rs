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

    /// Adds a text of which no excerpt may be printed.
    pub fn add_secret(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        self.push(name.into(), text.into(), true)
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
