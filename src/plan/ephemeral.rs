//! Ephemeral resources: opened while planning where that is possible, and again while applying for those who need
//! them. Nothing of them is shown or recorded.

use crate::addr::InstanceAddr;
use crate::diag::Result;
use crate::resource::{self, Action, Change};
use crate::value::{Marks, Type, Value};

use super::instance::Declared;
use super::make::{Planner, about};
use super::observe::Wanted;
use super::scoped::as_warnings;
use super::{Mode, Planned, Source};

impl Planner<'_> {
    /// Opens an ephemeral resource, unless that has to wait, and gives what it is worth.
    pub(super) fn ephemeral(
        &mut self,
        declared: &Declared<'_>,
        addr: &InstanceAddr,
        source: Source,
        config: &Value,
    ) -> Result<Value> {
        let provider = self.served_by(declared.id, addr);
        let unread = resource::unread(declared.ty, config);
        let opened = if !config.is_wholly_known() || self.waits(declared.id) {
            self.pending[declared.id.0 as usize] = true;
            None
        } else {
            let wanted = Wanted {
                addr: addr.clone(),
                ty: declared.ty,
                provider: provider.clone(),
                prior: Value::null(Type::Dynamic),
                account: None,
            };
            match self.observer.open(&wanted, config) {
                // Where everything goes, nobody may need it.
                Err(errors) if self.options.mode == Mode::Destroy => {
                    self.problems.extend(about(as_warnings(errors), addr));
                    None
                }
                opened => opened?,
            }
        };
        let change = Change {
            action: Action::Open,
            before: Value::null(Type::Dynamic),
            after: ephemeral(&unread),
            replace_paths: Vec::new(),
        };
        self.add(Planned {
            source: Some(source),
            ..Planned::bare(addr.clone(), provider, declared.ty, change)
        });
        Ok(ephemeral(&opened.unwrap_or(unread)))
    }
}

/// The value as all of an ephemeral resource is marked.
pub fn ephemeral(value: &Value) -> Value {
    value.clone().with_marks(Marks::EPHEMERAL)
}
