//! The ready queue: which steps may start now.
//!
//! It knows nothing of what a step does, nor of time.

use std::collections::BTreeSet;

use crate::plan::{Step, StepId};

/// Steps that wait for others. Finishing one step may make others ready.
pub(super) struct Queue {
    waiting_for: Vec<usize>,
    dependants: Vec<Vec<StepId>>,
    ready: BTreeSet<StepId>,
}

impl Queue {
    pub(super) fn new(steps: &[Step]) -> Self {
        let mut dependants = vec![Vec::new(); steps.len()];
        for (id, step) in steps.iter().enumerate() {
            for &before in &step.waits_for {
                dependants[before].push(id);
            }
        }
        let waiting_for: Vec<usize> = steps.iter().map(|step| step.waits_for.len()).collect();
        let ready = (0..steps.len()).filter(|&id| waiting_for[id] == 0).collect();
        Self {
            waiting_for,
            dependants,
            ready,
        }
    }

    /// A step that waits for nothing, the lowest first.
    pub(super) fn take(&mut self) -> Option<StepId> {
        self.ready.pop_first()
    }

    /// Lets go of what waited for a step.
    pub(super) fn done(&mut self, step: StepId) {
        for &dependant in &self.dependants[step] {
            self.waiting_for[dependant] -= 1;
            if self.waiting_for[dependant] == 0 {
                self.ready.insert(dependant);
            }
        }
    }

    /// What waits for a step directly.
    pub(super) fn dependants(&self, step: StepId) -> &[StepId] {
        &self.dependants[step]
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;
    use crate::plan::{Step, StepId, StepKind};

    #[track_caller]
    fn check(waits: &[&[StepId]], order: &[StepId]) {
        let steps: Vec<Step> = waits
            .iter()
            .map(|waits| Step {
                kind: StepKind::Join,
                waits_for: waits.to_vec(),
            })
            .collect();
        let mut queue = Queue::new(&steps);
        let mut ran = Vec::new();
        while let Some(step) = queue.take() {
            ran.push(step);
            queue.done(step);
        }
        assert_eq!(ran, order);
    }

    #[test]
    fn a_step_waits_for_all_it_names() {
        check(&[&[2], &[0, 2], &[]], &[2, 0, 1]);
    }

    #[test]
    fn steps_without_waits_leave_in_order() {
        check(&[&[], &[], &[]], &[0, 1, 2]);
    }

    #[test]
    fn what_waits_for_itself_never_starts() {
        check(&[&[1], &[0], &[]], &[2]);
    }
}
