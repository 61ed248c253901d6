//! Diagnostics as text for people.
use super::{Diagnostics, Sources};

/// How to print.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Use colour escapes.
    pub colour: bool,
    /// Columns to wrap at; none means 78.
    pub width: Option<u16>,
}

/// All diagnostics as text.
pub fn render(_diagnostics: &Diagnostics, _sources: &Sources, _style: Style) -> String {
    todo!("helper")
}
