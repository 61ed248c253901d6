//! Rewrites the state before anything is planned: `moved` blocks, and moves that `count` implies.

use std::collections::BTreeMap;

use crate::addr::{InstanceAddr, InstanceKey, ModulePath, ResourceAddr, Target};
use crate::config::{Expand, Moved};
use crate::diag::{Diagnostic, Diagnostics};
use crate::graph::{Graph, Object};
use crate::state::State;
use crate::state::journal::Intent;

use super::make::Planner;

/// Which instances were recorded under another address.
#[derive(Clone, Debug, Default)]
pub(super) struct Moves {
    /// The first address, by the one now.
    origin: BTreeMap<InstanceAddr, InstanceAddr>,
    /// The `moved` blocks, their addresses as seen from the root.
    statements: Vec<Moved>,
    /// All moves, where something that is open has moved: from where to where.
    pub(super) of_open: Vec<(InstanceAddr, InstanceAddr)>,
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

/// What is open for instances.
type Open = BTreeMap<InstanceAddr, Intent>;

/// Carries out all moves, of what is recorded and of what is open. Pure but for what it is given.
pub(super) fn rewrite(
    graph: &Graph,
    state: &mut State,
    open: &mut Open,
    problems: &mut Diagnostics,
) -> Moves {
    let unrecorded: Vec<InstanceAddr> = open
        .keys()
        .filter(|addr| state.instances(addr).is_none())
        .cloned()
        .collect();
    for addr in &unrecorded {
        state.keep_place(addr, &open[addr].provider);
    }
    let mut moves = rewrite_recorded(graph, state, problems);
    let all: Vec<(InstanceAddr, InstanceAddr)> = moves
        .origin
        .iter()
        .map(|(to, from)| (from.clone(), to.clone()))
        .collect();
    let now: BTreeMap<&InstanceAddr, &InstanceAddr> = all.iter().map(|(from, to)| (from, to)).collect();
    let now = |addr: &InstanceAddr| now.get(addr).map_or(addr, |to| *to).clone();
    for addr in &unrecorded {
        let addr = now(addr);
        state.remove_instance(&addr);
        moves.origin.remove(&addr);
    }
    let at_home = |(addr, intent): (InstanceAddr, Intent)| {
        let address = now(&addr);
        (address.clone(), Intent { address, ..intent })
    };
    let concerned = open.keys().any(|addr| now(addr) != *addr);
    *open = std::mem::take(open).into_iter().map(at_home).collect();
    if concerned {
        moves.of_open.clone_from(&all);
    }
    moves
}

fn rewrite_recorded(graph: &Graph, state: &mut State, problems: &mut Diagnostics) -> Moves {
    let mut moves = Moves::default();
    let all: Vec<Moved> = graph
        .modules()
        .flat_map(|(_, module)| {
            let path = ModulePath::of_names(&module.config.path);
            module.config.moved.iter().map(move |moved| below(&path, moved))
        })
        .collect();
    check(graph, &all, problems);
    // Chains are followed by going round until nothing moves any more; a circle was refused above.
    for _ in 0..=all.len() {
        let mut any = false;
        for moved in &all {
            if problems.has_errors() {
                break;
            }
            match carry_out(moved, state, &mut moves) {
                Ok(done) => any |= done,
                Err(error) => problems.push(error),
            }
        }
        if !any {
            break;
        }
    }
    implied(graph, state, &mut moves);
    state.rename_dependencies(moves.origin.iter().map(|(to, from)| (from, to)));
    report_blocked(&all, state, problems);
    moves.statements = all;
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

/// A statement inside a module speaks of that module's addresses. Between a resource and an instance, the resource
/// stands for its one instance without a key.
fn below(path: &ModulePath, moved: &Moved) -> Moved {
    let single = |target: &Target| match target {
        Target::Resource(resource) => Target::Instance(resource.instance(InstanceKey::None)),
        other => other.clone(),
    };
    let (from, to) = match (&moved.from, &moved.to) {
        (Target::Resource(_), Target::Instance(_)) | (Target::Instance(_), Target::Resource(_)) => {
            (single(&moved.from), single(&moved.to))
        }
        (from, to) => (from.clone(), to.clone()),
    };
    Moved {
        from: from.below(path),
        to: to.below(path),
        span: moved.span,
    }
}

/// What contradicts itself whatever is recorded.
fn check(graph: &Graph, all: &[Moved], problems: &mut Diagnostics) {
    let mut leaves: BTreeMap<&Target, &Moved> = BTreeMap::new();
    let mut arrives: BTreeMap<&Target, &Moved> = BTreeMap::new();
    for moved in all {
        if moved.from == moved.to {
            problems.push(
                Diagnostic::error("Redundant move statement", format!("This statement declares a move from {} to the same address, which is the same as not declaring this move at all.", moved.from))
                    .at(moved.span),
            );
            continue;
        }
        let first = *leaves.entry(&moved.from).or_insert(moved);
        if first.to != moved.to {
            let detail = format!(
                "{} is said to have moved to {} and to {}: each object can move to only one address.",
                moved.from, first.to, moved.to
            );
            problems.push(ambiguous(detail, moved, first));
        }
        let first = *arrives.entry(&moved.to).or_insert(moved);
        if first.from != moved.from {
            let detail = format!(
                "{} and {} are both said to have moved to {}: each object can have moved from only one address.",
                first.from, moved.from, moved.to
            );
            problems.push(ambiguous(detail, moved, first));
        }
        if is_declared(graph, moved) {
            problems.push(still_exists(moved));
        }
    }
    check_rings(all, problems);
}

fn ambiguous(detail: String, moved: &Moved, first: &Moved) -> Diagnostic {
    Diagnostic::error("Ambiguous move statements", detail)
        .at(moved.span)
        .label(first.span, "first statement here")
}

fn still_exists(moved: &Moved) -> Diagnostic {
    Diagnostic::error(
        "Moved object still exists",
        format!("This statement declares a move from {}, but that is still declared. Change the address of the block, or take this statement out.", moved.from),
    )
    .at(moved.span)
}

/// Moves that lead back to where they began.
fn check_rings(all: &[Moved], problems: &mut Diagnostics) {
    let next: BTreeMap<&Target, usize> = (0..all.len()).rev().map(|i| (&all[i].from, i)).collect();
    // The walk that has come by, from one.
    let mut seen = vec![0; all.len()];
    for start in (0..all.len()).filter(|&i| all[i].from != all[i].to) {
        let (mut at, mut last) = (Some(start), start);
        while let Some(i) = at.filter(|&i| seen[i] == 0) {
            seen[i] = start + 1;
            last = i;
            at = next.get(&all[i].to).copied();
        }
        if let Some(i) = at.filter(|&i| i != last && seen[i] == start + 1) {
            problems.push(
                Diagnostic::error(
                    "Cyclic dependency in move statements",
                    format!("The moves from {} lead back to where they began.", all[i].from),
                )
                .at(all[i].span)
                .label(all[last].span, "this statement leads back"),
            );
        }
    }
}

/// Whether what a statement moves away from is declared, where that can be told without knowing any instances.
fn is_declared(graph: &Graph, moved: &Moved) -> bool {
    let declares = |module: &ModulePath| {
        let id = graph.module_by_names(&module.names());
        id.filter(|_| module.is_keyless())
    };
    match &moved.from {
        Target::Resource(from) => declares(&from.module)
            .is_some_and(|id| graph.module(id).config.resources.contains_key(&from.resource)),
        Target::Instance(from) => declares(&from.module)
            .filter(|_| from.key == InstanceKey::None)
            .and_then(|id| graph.module(id).config.resources.get(&from.resource))
            .is_some_and(|resource| is_keyless(&resource.expand)),
        Target::Module(from) => declares(from).is_some_and(|id| {
            let module = graph.module(id);
            let (Some(parent), Some(call)) = (module.parent, module.call) else {
                return false;
            };
            let Object::Call(call) = graph.node(call).object else {
                return false;
            };
            let call = &graph.module(parent).config.calls[call as usize];
            is_whole_call(moved) || is_keyless(&call.expand)
        }),
    }
}

/// Whether the only instance that a block may have is one without a key.
fn is_keyless(expand: &Expand) -> bool {
    matches!(expand, Expand::Single | Expand::Enabled(_))
}

/// Whether a statement is about all instances of a module call.
fn is_whole_call(moved: &Moved) -> bool {
    let keyless = |target: &Target| match target {
        Target::Module(path) => path.0.last().is_some_and(|step| step.key == InstanceKey::None),
        _ => false,
    };
    keyless(&moved.from) && keyless(&moved.to)
}

impl Planner<'_> {
    /// Statements that move away from an instance that is still there, as expansion has shown.
    pub(super) fn check_moved(&mut self) {
        let still = self.moves.statements.iter();
        let still: Vec<Diagnostic> = still
            .filter(|moved| self.is_expanded(moved))
            .map(still_exists)
            .collect();
        self.problems.extend(still.into_iter().collect());
    }

    fn is_expanded(&self, moved: &Moved) -> bool {
        let instances = |path: &ModulePath| {
            let module = self.graph.module_by_names(&path.names());
            let all = module.map_or_else(Vec::new, |id| self.evaluator.instances(id));
            all.into_iter()
                .filter(|&id| self.evaluator.path(id).is_one_of(path))
                .collect::<Vec<_>>()
        };
        match &moved.from {
            Target::Resource(from) => instances(&from.module).first().is_some_and(|&id| {
                self.evaluator
                    .config_of(id)
                    .resources
                    .contains_key(&from.resource)
            }),
            Target::Instance(from) => instances(&from.module)
                .into_iter()
                .filter_map(|id| self.evaluator.resource(id, &from.resource))
                .any(|values| values.expanded.has(&from.key)),
            Target::Module(from) => instances(from)
                .into_iter()
                .any(|id| is_whole_call(moved) || self.evaluator.path(id).0.last() == from.0.last()),
        }
    }
}

/// Carries out one statement; true if anything moved.
fn carry_out(statement: &Moved, state: &mut State, moves: &mut Moves) -> Result<bool, Diagnostic> {
    let mut pairs: Vec<(InstanceAddr, InstanceAddr)> = Vec::new();
    for (resource, recorded) in state
        .resources
        .iter()
        .filter(|(addr, _)| concerns(statement, addr))
    {
        let keys = recorded
            .instances
            .keys()
            .map(|key| resource.instance(key.clone()));
        pairs.extend(keys.filter_map(|addr| Some((addr.clone(), destination(statement, &addr)?))));
    }
    if let Some((from, to)) = pairs.iter().find(|(from, to)| !is_same_type(from, to)) {
        return Err(Diagnostic::error(
            "Resource type mismatch",
            format!("This statement declares a move from {from} to {to}, but an object of one type cannot become an object of another. Declare it under its own type again, or let a \"removed\" block say what becomes of it."),
        )
        .at(statement.span));
    }
    Ok(pairs.into_iter().fold(false, |any, (from, to)| {
        let done = state.rename(&from, &to);
        if done {
            moves.note(&from, &to);
        }
        done || any
    }))
}

fn is_same_type(from: &InstanceAddr, to: &InstanceAddr) -> bool {
    from.resource.mode == to.resource.mode && from.resource.ty == to.resource.ty
}

/// Whether a statement can be about instances of a resource.
fn concerns(moved: &Moved, addr: &ResourceAddr) -> bool {
    match &moved.from {
        Target::Resource(from) => from.resource == addr.resource,
        Target::Instance(from) => from.resource == addr.resource,
        Target::Module(from) => addr.module.0.len() >= from.0.len(),
    }
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
            Expand::Single | Expand::Enabled(_) if has(&zero) && !has(&InstanceKey::None) => {
                (zero.clone(), InstanceKey::None)
            }
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
