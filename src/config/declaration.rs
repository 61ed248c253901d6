//! What a module may declare once under a name.

use crate::diag::Span;

use super::{Check, Local, ModuleCall, Output, ProviderBlock, Resource, Variable};

/// Something with a name that is unique in its module.
pub(super) trait Declaration {
    /// What errors call it.
    const KIND: &'static str;

    /// Where it is declared.
    fn span(&self) -> Span;
}

impl Declaration for ProviderBlock {
    const KIND: &'static str = "provider configuration";

    fn span(&self) -> Span {
        self.span
    }
}

impl Declaration for Variable {
    const KIND: &'static str = "variable declaration";

    fn span(&self) -> Span {
        self.span
    }
}

impl Declaration for Local {
    const KIND: &'static str = "local value definition";

    fn span(&self) -> Span {
        self.span
    }
}

impl Declaration for Output {
    const KIND: &'static str = "output definition";

    fn span(&self) -> Span {
        self.span
    }
}

impl Declaration for ModuleCall {
    const KIND: &'static str = "module call";

    fn span(&self) -> Span {
        self.span
    }
}

impl Declaration for Resource {
    const KIND: &'static str = "resource configuration";

    fn span(&self) -> Span {
        self.span
    }
}

impl Declaration for Check {
    const KIND: &'static str = "check block";

    fn span(&self) -> Span {
        self.span
    }
}
