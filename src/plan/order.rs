//! Changes to steps, with the steps that each waits for.
//!
//! What is created or updated follows the references of the configuration; what is deleted goes the other way,
//! dependants first. Steps are joined per block, so there are no more waits than references. A *soft* wait is a
//! preference: what is recorded to use an object goes before it, and, less urgently, what used it is updated, and what will
//! use its replacement made, before it goes. A soft wait that would close a ring is given up, and no other with it.

mod groups;
mod named;

use std::collections::BTreeMap;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::addr::ResourceAddr;
use crate::eval::{CheckKind, Checks, Evaluator};
use crate::graph::{Graph, NodeId, Object};
use crate::resource::Action;
use crate::state::State;

use super::{Made, Mode, Plan, Planned};
use groups::{Group, Groups};

/// A step, by position.
pub type StepId = usize;

/// Something to do, and what must be done before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub kind: StepKind,
    pub waits_for: Vec<StepId>,
}

/// What a step does; the number is the position of the change in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// Nothing: others wait for all that it waits for.
    Join,
    /// Evaluates a node again, with what is known by then.
    Evaluate(NodeId),
    /// Looks again at the conditions of an object that is left alone.
    Check(usize),
    Create(usize),
    Update(usize),
    Read(usize),
    /// Deletes the current object, or the deposed one that the change is about.
    Delete(usize),
    /// Deletes what a replacement has put aside.
    DeleteOld(usize),
    Forget(usize),
}

/// The steps of a plan.
pub fn steps(made: &Made) -> Vec<Step> {
    let graph = made.evaluator.graph().clone();
    let mut groups = Groups::new(&graph, &made.plan.changes, &made.prior);
    groups.enter_checks(&graph, &made.plan);
    let mut order = Order {
        graph: &graph,
        changes: &made.plan.changes,
        groups,
        steps: Vec::new(),
        providers_first: Vec::new(),
        users_first: Vec::new(),
        updates_first: Vec::new(),
    };
    order.leave_closed(&made.evaluator, &made.plan);
    let done = order.forward(&made.evaluator, &made.plan.checks);
    order.backward(&done, &made.prior);
    order.named_first();
    order.providers_first(&done, &made.evaluator);
    order.settle()
}

/// The node that declares a resource.
pub(super) fn node_of(graph: &Graph, resource: &ResourceAddr) -> Option<NodeId> {
    graph.resource_node(&resource.module.names(), &resource.resource)
}

/// The steps after which all is done that refers to something.
struct Updated {
    /// What may have used what goes.
    former: Vec<StepId>,
    /// What is new, and has not.
    new: Vec<StepId>,
}

struct Order<'a> {
    graph: &'a Graph,
    changes: &'a [Planned],
    groups: Groups,
    steps: Vec<Step>,
    /// Soft waits for providers, by step.
    providers_first: Vec<Vec<StepId>>,
    /// Soft waits for the deletions of recorded users, by step.
    users_first: Vec<Vec<StepId>>,
    /// Soft waits for updates, by step.
    updates_first: Vec<Vec<StepId>>,
}

impl Order<'_> {
    fn push(&mut self, kind: StepKind, mut waits_for: Vec<StepId>) -> StepId {
        waits_for.sort_unstable();
        waits_for.dedup();
        self.steps.push(Step { kind, waits_for });
        self.providers_first.push(Vec::new());
        self.users_first.push(Vec::new());
        self.updates_first.push(Vec::new());
        self.steps.len() - 1
    }

    /// One step that stands for all: itself, if there is only one.
    fn join(&mut self, mut steps: Vec<StepId>) -> Option<StepId> {
        steps.sort_unstable();
        steps.dedup();
        match steps.as_slice() {
            [] => None,
            [only] => Some(*only),
            _ => Some(self.push(StepKind::Join, steps)),
        }
    }

    // ---- what is made ----------------------------------------------------------------------------------

    /// Steps that create, update, read and evaluate. Gives, by node, the step after which the node is done.
    fn forward(&mut self, evaluator: &Evaluator, checks: &Checks) -> Vec<Option<StepId>> {
        let graph = self.graph;
        let mut done: Vec<Option<StepId>> = vec![None; graph.len()];
        let mut all_made = None;
        for &id in graph.order() {
            let mut before: Vec<StepId> = graph
                .dependencies(id)
                .iter()
                .filter_map(|dependency| done[dependency.0 as usize])
                .collect();
            if self.reads_last(id) {
                before.extend(*all_made.get_or_insert_with(|| self.join_made()));
            }
            let again = evaluator.is_open(id)
                || is_open(graph, id, checks)
                || graph.dependencies(id).iter().any(|&data| self.reads_last(data));
            done[id.0 as usize] = if matches!(graph.node(id).object, Object::Resource(_)) {
                self.forward_resource(id, before)
            } else if again {
                Some(self.push(StepKind::Evaluate(id), before))
            } else {
                self.join(before)
            };
        }
        done
    }

    /// Whether a node is the data of a check that is read again: then the check is judged again.
    fn reads_last(&self, id: NodeId) -> bool {
        self.graph.comes_last(id) && !self.groups.nodes[id.0 as usize].changes.is_empty()
    }

    /// Whether a node is an ephemeral resource that is opened.
    fn opens(&self, id: NodeId) -> bool {
        let changes = &self.groups.nodes[id.0 as usize].changes;
        changes
            .iter()
            .any(|&i| self.changes[i].change.action == Action::Open)
    }

    /// Ephemeral resources that nobody needs whose turn is still to come are not opened again.
    fn leave_closed(&mut self, evaluator: &Evaluator, plan: &Plan) {
        let graph = self.graph;
        let goes = plan.mode == Mode::Destroy;
        let mut needed = vec![false; graph.len()];
        for &id in graph.order().iter().rev() {
            let group = &self.groups.nodes[id.0 as usize];
            if self.opens(id) && !needed[id.0 as usize] {
                self.groups.nodes[id.0 as usize].changes.clear();
                continue;
            }
            let acts = !group.changes.is_empty() || !group.checks.is_empty();
            let judged = match graph.node(id).object {
                Object::Provider(_) => evaluator.is_open(id),
                _ if goes => false,
                Object::Output(_) if graph.node(id).module == graph.root() => evaluator.is_open(id),
                _ => acts || is_open(graph, id, &plan.checks),
            };
            if needed[id.0 as usize] || judged {
                for &dependency in graph.dependencies(id) {
                    needed[dependency.0 as usize] = true;
                }
            }
        }
    }

    /// One step for all that is made, changed and read.
    fn join_made(&mut self) -> Option<StepId> {
        let makes = |step: &Step| {
            matches!(
                step.kind,
                StepKind::Create(_) | StepKind::Update(_) | StepKind::Read(_)
            )
        };
        let steps = (0..self.steps.len()).filter(|&step| makes(&self.steps[step]));
        let steps = steps.collect();
        self.join(steps)
    }

    fn forward_resource(&mut self, id: NodeId, before: Vec<StepId>) -> Option<StepId> {
        let own: Vec<usize> = self.groups.nodes[id.0 as usize]
            .changes
            .iter()
            .copied()
            .filter(|&i| self.changes[i].deposed.is_none())
            .filter(|&i| {
                matches!(
                    self.changes[i].change.action,
                    Action::Create
                        | Action::Read
                        | Action::Open
                        | Action::Update
                        | Action::Replace
                        | Action::ReplaceCreateFirst
                )
            })
            .chain(self.groups.nodes[id.0 as usize].checks.iter().copied())
            .collect();
        if own.is_empty() {
            return self.join(before);
        }
        let ready = if own.len() > 1 {
            self.join(before).into_iter().collect()
        } else {
            before
        };
        let steps = own
            .into_iter()
            .map(|i| {
                let kind = match self.changes[i].change.action {
                    Action::NoOp => StepKind::Check(i),
                    Action::Read | Action::Open => StepKind::Read(i),
                    Action::Update => StepKind::Update(i),
                    _ => StepKind::Create(i),
                };
                self.push(kind, ready.clone())
            })
            .collect();
        self.join(steps)
    }

    // ---- what goes -------------------------------------------------------------------------------------

    fn backward(&mut self, done: &[Option<StepId>], prior: &State) {
        self.reserve();
        let users = self.users();
        let orphans: Vec<String> = self.groups.orphans.keys().cloned().collect();
        // Deletions of declared resources: after those of everything that refers to them.
        let graph = self.graph;
        let mut deleted: Vec<Option<StepId>> = vec![None; graph.len()];
        for &id in graph.order().iter().rev() {
            let dependants = graph.dependants(id);
            let mut before: Vec<StepId> = dependants
                .iter()
                .filter_map(|dependant| deleted[dependant.0 as usize])
                .collect();
            let name = self.name_of(id);
            before.extend(name.iter().filter_map(|name| users.get(name)).flatten().copied());
            let (new, former): (Vec<NodeId>, Vec<NodeId>) = dependants
                .iter()
                .partition(|&&dependant| self.is_new(dependant, name.as_deref(), prior));
            let updated = Updated {
                former: former.iter().filter_map(|id| done[id.0 as usize]).collect(),
                new: new.iter().filter_map(|id| done[id.0 as usize]).collect(),
            };
            let group = self.groups.nodes[id.0 as usize].clone();
            deleted[id.0 as usize] = match group.deleted {
                Some(join) => {
                    self.delete_group(&group.changes, join, before, &updated);
                    Some(join)
                }
                None => self.join(before),
            };
        }
        let former = self.former_users(done, prior);
        // Deletions of what is no longer declared: after those of everything that was recorded to use it, and
        // preferably after the update of what used it.
        for name in orphans {
            let group = self.groups.orphans[&name].clone();
            let Some(join) = group.deleted else { continue };
            let updated = Updated {
                former: former.get(&name).cloned().unwrap_or_default(),
                new: Vec::new(),
            };
            self.delete_group(&group.changes, join, Vec::new(), &updated);
            let users = users.get(&name).cloned().unwrap_or_default();
            for i in self.steps[join].waits_for.clone() {
                self.users_first[i].extend(users.iter().copied().filter(|&user| user != join));
            }
        }
    }

    /// Whether what a block changes was never recorded to use a resource, which it refers to now.
    fn is_new(&self, id: NodeId, name: Option<&str>, prior: &State) -> bool {
        let changes = &self.groups.nodes[id.0 as usize].changes;
        let is_new = |&i: &usize| {
            let recorded = prior.get(&self.changes[i].addr);
            let mut used = recorded
                .into_iter()
                .flat_map(|object| object.dependencies.names());
            !used.any(|used| Some(&**used) == name)
        };
        name.is_some() && !changes.is_empty() && changes.iter().all(is_new)
    }

    /// A step per deletion, and for each group that has any the step that joins them.
    fn reserve(&mut self) {
        let graph_groups = (0..self.groups.nodes.len()).map(Ok::<usize, String>);
        let orphans = self.groups.orphans.keys().cloned().map(Err);
        let all: Vec<Result<usize, String>> = graph_groups.chain(orphans).collect();
        for which in all {
            let changes = match &which {
                Ok(node) => &self.groups.nodes[*node].changes,
                Err(name) => &self.groups.orphans[name].changes,
            };
            let goes: Vec<usize> = changes
                .iter()
                .copied()
                .filter(|&i| {
                    self.changes[i].change.action.destroys()
                        || self.changes[i].change.action == Action::Forget
                })
                .collect();
            if goes.is_empty() {
                continue;
            }
            let steps: Vec<StepId> = goes
                .into_iter()
                .map(|i| {
                    let kind = match self.changes[i].change.action {
                        Action::ReplaceCreateFirst => StepKind::DeleteOld(i),
                        Action::Forget if self.changes[i].retires() || self.changes[i].restores => {
                            StepKind::Delete(i)
                        }
                        Action::Forget => StepKind::Forget(i),
                        _ => StepKind::Delete(i),
                    };
                    self.push(kind, Vec::new())
                })
                .collect();
            let join = self.push(StepKind::Join, steps);
            match which {
                Ok(node) => self.groups.nodes[node].deleted = Some(join),
                Err(name) => self.groups.orphans.entry(name).or_default().deleted = Some(join),
            }
        }
    }

    /// For every name in recorded dependencies of what goes: the deletions that come first.
    fn users(&self) -> BTreeMap<String, Vec<StepId>> {
        let mut users: BTreeMap<String, Vec<StepId>> = BTreeMap::new();
        for (node, group) in self.groups.nodes.iter().enumerate() {
            let Some(join) = group.deleted else { continue };
            let own = self.name_of(NodeId(u32::try_from(node).expect("fewer than 2^32 nodes")));
            self.enter_users(&mut users, group, join, own.as_deref(), true);
        }
        for (name, group) in &self.groups.orphans {
            let Some(join) = group.deleted else { continue };
            self.enter_users(&mut users, group, join, Some(name), false);
        }
        for steps in users.values_mut() {
            steps.sort_unstable();
            steps.dedup();
        }
        users
    }

    /// Declared resources go by the references of the configuration among themselves; what they were recorded to
    /// use counts only towards what is no longer declared.
    fn enter_users(
        &self,
        users: &mut BTreeMap<String, Vec<StepId>>,
        group: &Group,
        join: StepId,
        own: Option<&str>,
        declared: bool,
    ) {
        let names = group
            .changes
            .iter()
            .filter_map(|i| self.groups.recorded.get(i))
            .flatten();
        for name in names.filter(|name| Some(name.as_str()) != own) {
            if !declared || self.groups.orphans.contains_key(name) {
                users.entry(name.clone()).or_default().push(join);
            }
        }
    }

    /// For every name of what is no longer declared: the steps after which everything is changed that was recorded
    /// to use it and stays.
    fn former_users(&self, done: &[Option<StepId>], prior: &State) -> BTreeMap<String, Vec<StepId>> {
        let mut found: BTreeMap<String, Vec<StepId>> = BTreeMap::new();
        let changed = self.changes.iter().filter(|planned| {
            let action = planned.change.action;
            planned.deposed.is_none() && (action == Action::Update || action.is_replace())
        });
        for planned in changed {
            let node = planned.source.as_ref().map(|source| source.node);
            let Some(step) = node.and_then(|id| done[id.0 as usize]) else {
                continue;
            };
            let recorded = prior.get(&planned.addr).map(|object| object.dependencies.names());
            let gone = recorded
                .into_iter()
                .flatten()
                .filter(|name| self.groups.orphans.contains_key(&***name));
            for name in gone {
                found.entry(name.to_string()).or_default().push(step);
            }
        }
        for steps in found.values_mut() {
            steps.sort_unstable();
            steps.dedup();
        }
        found
    }

    fn name_of(&self, id: NodeId) -> Option<String> {
        matches!(self.graph.node(id).object, Object::Resource(_)).then(|| self.graph.describe(id))
    }

    /// Lets the deletions of a group wait for `before`, and orders them with the creations of the same objects.
    fn delete_group(&mut self, changes: &[usize], join: StepId, before: Vec<StepId>, updated: &Updated) {
        let before = if self.steps[join].waits_for.len() > 1 {
            self.join(before).into_iter().collect()
        } else {
            before
        };
        let creations: BTreeMap<usize, StepId> = self.creations(changes).into_iter().collect();
        for step in self.steps[join].waits_for.clone() {
            self.steps[step].waits_for.extend(before.iter().copied());
            match self.steps[step].kind {
                StepKind::DeleteOld(i) => {
                    self.steps[step].waits_for.extend(creations.get(&i).copied());
                    self.steps[step].waits_for.extend(&updated.former);
                    self.updates_first[step].extend(&updated.new);
                }
                StepKind::Delete(i) => match creations.get(&i) {
                    Some(&creation) => self.steps[creation].waits_for.push(step),
                    None => self.updates_first[step].extend(updated.former.iter().chain(&updated.new)),
                },
                _ => {}
            }
            let waits = &mut self.steps[step].waits_for;
            waits.sort_unstable();
            waits.dedup();
        }
    }

    /// The creation steps of replaced objects among the changes.
    fn creations(&self, changes: &[usize]) -> Vec<(usize, StepId)> {
        let wanted: Vec<usize> = changes
            .iter()
            .copied()
            .filter(|&i| self.changes[i].change.action.is_replace())
            .collect();
        if wanted.is_empty() {
            return Vec::new();
        }
        let found = self
            .steps
            .iter()
            .enumerate()
            .filter_map(|(id, step)| match step.kind {
                StepKind::Create(i) => Some((i, id)),
                _ => None,
            });
        found.filter(|(i, _)| wanted.binary_search(i).is_ok()).collect()
    }

    // ---- soft waits ------------------------------------------------------------------------------------

    /// Takes the soft waits in, the more urgent ones first, except those that would close a ring.
    fn settle(mut self) -> Vec<Step> {
        for soft in [&self.providers_first, &self.users_first, &self.updates_first] {
            let mut wished = self.steps.clone();
            for (step, soft) in wished.iter_mut().zip(soft) {
                step.waits_for.extend(soft);
            }
            let ring = rings(&wished);
            for (id, soft) in soft.iter().enumerate() {
                let waits = &mut self.steps[id].waits_for;
                waits.extend(soft.iter().filter(|&&before| ring[before] != ring[id]));
                waits.sort_unstable();
                waits.dedup();
            }
        }
        self.steps
    }
}

/// A number for each step: steps that wait for each other, in a ring, share one.
fn rings(steps: &[Step]) -> Vec<usize> {
    let mut waits: DiGraph<(), ()> = DiGraph::with_capacity(steps.len(), steps.len());
    for _ in steps {
        waits.add_node(());
    }
    for (id, step) in steps.iter().enumerate() {
        for &before in &step.waits_for {
            waits.add_edge(NodeIndex::new(id), NodeIndex::new(before), ());
        }
    }
    let mut ring = vec![0; steps.len()];
    for (number, members) in kosaraju_scc(&waits).into_iter().enumerate() {
        for member in members {
            ring[member.index()] = number;
        }
    }
    ring
}

/// Whether a node (no resource) has conditions that are looked at again while applying.
fn is_open(graph: &Graph, id: NodeId, checks: &Checks) -> bool {
    let kind = match graph.node(id).object {
        Object::Check(_) => CheckKind::Check,
        Object::Output(_) => CheckKind::Output,
        Object::Variable(_) => CheckKind::Variable,
        Object::Local(_) | Object::Resource(_) | Object::Call(_) | Object::End | Object::Provider(_) => {
            return false;
        }
    };
    checks.is_open(kind, &graph.describe(id))
}

mod served;
#[cfg(test)]
mod tests;
