//! Where the bytes of a text stand in its file, which may have escapes where the text has what they stand for.

use crate::diag::{FileId, Span};

/// Where the bytes of a text stand.
#[derive(Clone, Copy)]
pub(in super::super) struct Places<'t> {
    file: FileId,
    start: usize,
    /// Where each escape that was processed ends: in the text, and in the file from the start on.
    escapes: &'t [(u32, u32)],
}

impl<'t> Places<'t> {
    pub(in super::super) fn new(file: FileId, start: usize, escapes: &'t [(u32, u32)]) -> Self {
        Self { file, start, escapes }
    }

    /// A part of the text, by its offsets.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, self.of(start), self.of(end))
    }

    fn of(&self, at: usize) -> usize {
        let before = self.escapes.partition_point(|(end, _)| *end as usize <= at);
        let (end, written) = match before.checked_sub(1) {
            Some(last) => self.escapes[last],
            None => (0, 0),
        };
        self.start + written as usize + (at - end as usize)
    }
}
