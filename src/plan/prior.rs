//! Rewrites the state before anything is planned: `moved` blocks, and moves that `count` implies.

use std::collections::BTreeMap;

use crate::addr::{InstanceAddr, InstanceKey, ModulePath, ResourceAddr, Target};
use crate::config::{Expand, Moved};
use crate::diag::{Diagnostic, Diagnostics};
use crate::graph::{Graph, Object};
use crate::state::State;

/// Which instances were recorded under another address.
#[derive(Clone, Debug, Default)]
pub(super) struct Moves {
    origin: BTreeMap<InstanceAddr, InstanceAddr>,
}

impl Moves {
    /// Where an instance was before, if it has moved.
    pub(super) fn origin(&self, addr: &InstanceAddr) -> Option<&InstanceAddr> {
        self.origin.get(addr)
    }

    fn note(&mut self, from: &InstanceAddr, to: &InstanceAddr) {
        let first = self.origin.remove(from).unwrap_or_else(|| from.clone());
        if first != *to {
            self.origin.insert(to.clone(), first);
        }
    }
}

/// Carries out all moves. Pure but for the state it is given.
pub(super) fn rewrite(graph: &Graph, state: &mut State, problems: &mut Diagnostics) -> Moves {
    let mut moves = Moves::default();
    let all: Vec<Moved> = graph
        .modules()
        .flat_map(|(_, module)| {
            module
                .config
                .moved
                .iter()
                .map(|moved| within(&module.config.path, moved))
        })
        .collect();
    check(graph, &all, problems);
    if !problems.has_errors() {
        // Chains are followed by going round until nothing moves any more; a circle was refused above.
        for _ in 0..=all.len() {
            let mut any = false;
            for moved in &all {
                any |= carry_out(moved, state, &mut moves);
            }
            if !any {
                break;
            }
        }
    }
    implied(graph, state, &mut moves);
    report_blocked(&all, state, problems);
    moves
}

/// Statements that were not carried out because the new address is taken.
fn report_blocked(all: &[Moved], state: &State, problems: &mut Diagnostics) {
    if all.is_empty() {
        return;
    }
    let blocked: Vec<String> = state
        .current()
        .flat_map(|(addr, _)| {
            let to = all.iter().filter_map(|moved| destination(moved, &addr));
            to.filter(|to| *to != addr && state.instances(to).is_some())
                .map(|to| format!("\n  - {addr} could not move to {to}"))
                .collect::<Vec<_>>()
        })
        .collect();
    if !blocked.is_empty() {
        problems.push(Diagnostic::warning(
            "Unresolved resource instance address changes",
            format!(
                "Some objects should move to addresses at which there are others already:{}\n\nThey are planned to be destroyed. If that is not what you want, resolve the conflicts with the \"state\" commands, then plan again.",
                blocked.concat()
            ),
        ));
    }
}

/// A statement inside a module speaks of that module's addresses.
fn within(path: &[crate::addr::Text], moved: &Moved) -> Moved {
    let prefix = |target: &Target| {
        let module = |inner: &ModulePath| {
            let outer = path.iter().fold(ModulePath::root(), |at, name| {
                at.child(name.clone(), InstanceKey::None)
            });
            inner
                .0
                .iter()
                .fold(outer, |at, step| at.child(step.name.clone(), step.key.clone()))
        };
        match target {
            Target::Module(inner) => Target::Module(module(inner)),
            Target::Resource(inner) => Target::Resource(ResourceAddr {
                module: module(&inner.module),
                resource: inner.resource.clone(),
            }),
            Target::Instance(inner) => Target::Instance(InstanceAddr::new(
                module(&inner.module),
                inner.resource.clone(),
                inner.key.clone(),
            )),
        }
    };
    Moved {
        from: prefix(&moved.from),
        to: prefix(&moved.to),
        span: moved.span,
    }
}

fn check(graph: &Graph, all: &[Moved], problems: &mut Diagnostics) {
    for (i, moved) in all.iter().enumerate() {
        if moved.from == moved.to {
            problems.push(
                Diagnostic::error("Redundant move statement", format!("This statement declares a move from {} to the same address, which is the same as not declaring this move at all.", moved.from))
                    .at(moved.span),
            );
            continue;
        }
        if let Some(first) = all[..i]
            .iter()
            .find(|first| first.from == moved.from && first.to != moved.to)
        {
            problems.push(
                Diagnostic::error(
                    "Ambiguous move statements",
                    format!(
                        "{} is said to have moved to {} and to {}: each object can move to only one address.",
                        moved.from, first.to, moved.to
                    ),
                )
                .at(moved.span)
                .label(first.span, "first statement here"),
            );
        }
        if is_declared(graph, &moved.from) {
            problems.push(
                Diagnostic::error(
                    "Moved object still exists",
                    format!("This statement declares a move from {}, but that is still declared. Change the address of the block, or take this statement out.", moved.from),
                )
                .at(moved.span),
            );
        }
        let mut at = &moved.to;
        for _ in 0..all.len() {
            let Some(next) = all.iter().find(|next| next.from == *at) else {
                break;
            };
            if next.to == moved.from {
                problems.push(
                    Diagnostic::error(
                        "Cyclic dependency in move statements",
                        format!("The moves from {} lead back to where they began.", moved.from),
                    )
                    .at(moved.span)
                    .label(next.span, "this statement leads back"),
                );
                break;
            }
            at = &next.to;
        }
    }
}

fn is_declared(graph: &Graph, target: &Target) -> bool {
    let declares = |module: &ModulePath| graph.module_by_names(&module.names());
    match target {
        Target::Resource(resource) => declares(&resource.module)
            .is_some_and(|id| graph.module(id).config.resources.contains_key(&resource.resource)),
        // Whether an instance is declared depends on its expansion; moving away from one is what keys are for.
        Target::Instance(instance) if instance.key == InstanceKey::None => declares(&instance.module)
            .and_then(|id| graph.module(id).config.resources.get(&instance.resource))
            .is_some_and(|resource| matches!(resource.expand, Expand::Single)),
        Target::Instance(_) => false,
        Target::Module(path) => {
            path.0.last().is_some_and(|step| step.key == InstanceKey::None)
                && declares(path).is_some_and(|id| {
                    let module = graph.module(id);
                    let (Some(parent), Some(call)) = (module.parent, module.call) else {
                        return false;
                    };
                    let Object::Call(call) = graph.node(call).object else {
                        return false;
                    };
                    matches!(
                        graph.module(parent).config.calls[call as usize].expand,
                        Expand::Single
                    )
                })
        }
    }
}

/// Carries out one statement; true if anything moved.
fn carry_out(statement: &Moved, state: &mut State, moves: &mut Moves) -> bool {
    let pairs: Vec<(InstanceAddr, InstanceAddr)> = state
        .objects()
        .filter_map(|(addr, _, _)| Some((addr.clone(), destination(statement, &addr)?)))
        .collect();
    pairs.into_iter().fold(false, |any, (from, to)| {
        let done = state.rename(&from, &to);
        if done {
            moves.note(&from, &to);
        }
        done || any
    })
}

/// Where a statement sends an instance, if it is about it.
fn destination(moved: &Moved, addr: &InstanceAddr) -> Option<InstanceAddr> {
    match (&moved.from, &moved.to) {
        (Target::Resource(from), Target::Resource(to)) => {
            let module = moved_module(&addr.module, &from.module, &to.module)?;
            (addr.module.0.len() == from.module.0.len() && addr.resource == from.resource)
                .then(|| InstanceAddr::new(module, to.resource.clone(), addr.key.clone()))
        }
        (Target::Instance(from), Target::Instance(to)) => one_moved(addr, from, to),
        (Target::Resource(from), Target::Instance(to)) => {
            one_moved(addr, &from.instance(InstanceKey::None), to)
        }
        (Target::Instance(from), Target::Resource(to)) => {
            one_moved(addr, from, &to.instance(InstanceKey::None))
        }
        (Target::Module(from), Target::Module(to)) => {
            let module = moved_module(&addr.module, from, to)?;
            Some(InstanceAddr::new(module, addr.resource.clone(), addr.key.clone()))
        }
        _ => None,
    }
}

/// Where an instance goes when one of its resource is sent elsewhere.
fn one_moved(addr: &InstanceAddr, from: &InstanceAddr, to: &InstanceAddr) -> Option<InstanceAddr> {
    let about =
        addr.resource == from.resource && addr.key == from.key && addr.module.0.len() == from.module.0.len();
    let module = moved_module(&addr.module, &from.module, &to.module).filter(|_| about)?;
    Some(InstanceAddr::new(module, to.resource.clone(), to.key.clone()))
}

/// The module path with its beginning exchanged. A last step without key stands for every instance of the call.
fn moved_module(path: &ModulePath, from: &ModulePath, to: &ModulePath) -> Option<ModulePath> {
    if path.0.len() < from.0.len() {
        return None;
    }
    let (head, tail) = path.0.split_at(from.0.len());
    let fits = head.iter().zip(from.0.iter()).all(|(have, want)| {
        have.name == want.name && (want.key == InstanceKey::None || have.key == want.key)
    });
    if !fits {
        return None;
    }
    let mut steps = to.0.to_vec();
    for (step, (have, want)) in steps.iter_mut().zip(head.iter().zip(from.0.iter())) {
        if want.key == InstanceKey::None && step.key == InstanceKey::None {
            step.key = have.key.clone();
        }
    }
    steps.extend(tail.iter().cloned());
    Some(ModulePath(steps.into()))
}

/// A block that gains or loses `count` keeps its first object.
fn implied(graph: &Graph, state: &mut State, moves: &mut Moves) {
    let zero = InstanceKey::Number(0);
    let mut pairs = Vec::new();
    for (addr, recorded) in state
        .resources
        .iter()
        .filter(|(addr, _)| addr.resource.is_managed())
    {
        let Some(module) = graph.module_by_names(&addr.module.names()) else {
            continue;
        };
        let Some(block) = graph.module(module).config.resources.get(&addr.resource) else {
            continue;
        };
        let has = |key: &InstanceKey| recorded.instances.contains_key(key);
        let (from, to) = match block.expand {
            Expand::Count(_) if has(&InstanceKey::None) && !has(&zero) => (InstanceKey::None, zero.clone()),
            Expand::Single if has(&zero) && !has(&InstanceKey::None) => (zero.clone(), InstanceKey::None),
            _ => continue,
        };
        pairs.push((addr.instance(from), addr.instance(to)));
    }
    for (from, to) in pairs {
        if state.rename(&from, &to) {
            moves.note(&from, &to);
        }
    }
}
