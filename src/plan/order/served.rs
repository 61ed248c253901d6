//! Deletions and the providers that carry them out.

use std::collections::BTreeMap;

use crate::addr::ProviderConfig;
use crate::eval::Evaluator;

use super::super::provider::block_of;
use super::{Order, StepId, StepKind};

impl Order<'_> {
    /// A provider that is opened, or opened again, while applying comes before the deletions that need it.
    pub(super) fn providers_first(&mut self, done: &[Option<StepId>], evaluator: &Evaluator) {
        let mut opening: BTreeMap<&ProviderConfig, Option<StepId>> = BTreeMap::new();
        for (id, step) in self.steps.iter().enumerate() {
            let (StepKind::Delete(i) | StepKind::DeleteOld(i)) = step.kind else {
                continue;
            };
            let config = &self.changes[i].provider;
            let opened = opening.entry(config).or_insert_with(|| {
                let block = block_of(self.graph, config)?;
                done[block.0 as usize].filter(|_| evaluator.is_open(block))
            });
            self.providers_first[id].extend(*opened);
        }
    }
}
