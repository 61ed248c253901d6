//! How many modules a configuration may have. A folder is read once however often it is called, but what stands in it is
//! there once for each way that leads to it.

use crate::diag::Diagnostic;

use super::Module;

/// Calls of modules, those inside of called modules counted wherever these are called from.
const CALLS: usize = 10_000;

/// What these modules declare.
const DECLARED: usize = 500_000;

/// What is left.
pub(super) struct Allowance {
    calls: usize,
    declared: usize,
}

impl Default for Allowance {
    fn default() -> Self {
        Self {
            calls: CALLS,
            declared: DECLARED,
        }
    }
}

impl Allowance {
    /// Takes a called module off.
    pub(super) fn take(&mut self, module: &Module) -> Result<(), Diagnostic> {
        let calls = self.calls.checked_sub(1);
        let declared = self.declared.checked_sub(module.size());
        let (Some(calls), Some(declared)) = (calls, declared) else {
            let text = format!(
                "Counted wherever they are called from, there are more than {CALLS} calls of modules, or more than {DECLARED} declarations in called modules. Most likely modules call each other more than once, level by level."
            );
            return Err(Diagnostic::error("Too many modules", text));
        };
        (self.calls, self.declared) = (calls, declared);
        Ok(())
    }
}
