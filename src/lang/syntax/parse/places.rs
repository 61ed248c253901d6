//! Where the bytes of a text stand in its file, which may have escapes where the text has what they stand for.

/// Where the bytes of a text stand in its file.
#[derive(Clone, Copy)]
pub(in super::super) struct Places<'t> {
    start: usize,
    /// Where each escape that was processed ends: in the text, and in the file from the start on.
    escapes: &'t [(u32, u32)],
}

impl<'t> Places<'t> {
    pub(in super::super) fn new(start: usize, escapes: &'t [(u32, u32)]) -> Self {
        Self { start, escapes }
    }

    pub(super) fn of(&self, at: usize) -> usize {
        let before = self.escapes.partition_point(|(end, _)| *end as usize <= at);
        let (end, written) = match before.checked_sub(1) {
            Some(last) => self.escapes[last],
            None => (0, 0),
        };
        self.start + written as usize + (at - end as usize)
    }
}
