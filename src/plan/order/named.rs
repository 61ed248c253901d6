//! What names another object by its ARN, without a reference in the configuration: it goes before it.

use std::collections::BTreeMap;

use super::{Order, StepId, StepKind};
use crate::plan::Planned;

impl Order<'_> {
    /// Enters soft waits between deletions. An ARN says where an object is and what, so it is never the same text by
    /// accident; ids may be, as those of a multi-Region key and its replicas are.
    pub(super) fn named_first(&mut self) {
        let deletions: Vec<(StepId, &Planned)> = self
            .steps
            .iter()
            .enumerate()
            .filter_map(|(step, one)| {
                let (StepKind::Delete(i) | StepKind::DeleteOld(i)) = one.kind else {
                    return None;
                };
                Some((step, &self.changes[i]))
            })
            .collect();
        let named: BTreeMap<&str, StepId> = deletions
            .iter()
            .filter_map(|(step, planned)| Some((planned.change.before.get("arn")?.as_str()?, *step)))
            .collect();
        for (step, planned) in deletions {
            let values = planned.change.before.as_entries().into_iter().flatten();
            for (_, value) in values {
                let other = value.as_str().and_then(|text| named.get(text));
                if let Some(&other) = other.filter(|&&other| other != step) {
                    self.users_first[other].push(step);
                }
            }
        }
    }
}
