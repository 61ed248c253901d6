//! `console`: expressions against the configuration and the recorded objects.

mod keyboard;
mod session;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::rc::Rc;

use clap::Args;

use self::session::Session;
use super::args::{InputArgs, LockArgs, ReadStateArgs, SandboxArgs};
use super::engine::{Access, Engine};
use super::neighbours;
use super::planning::{make, prepare, settle_input};
use super::project::{Project, Wanted};
use super::store;
use super::ui::Ui;
use super::variables::Variables;
use crate::addr::InstanceKey;
use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::eval::{Evaluator, Expanded, ResourceValues};
use crate::graph::{Node, NodeId, Object};
use crate::plan::{Options, find_type};
use crate::state::State;
use crate::value::{Text, Value};

/// The arguments of `console`.
#[derive(Args, Debug)]
#[command(
    after_help = "At a terminal lines can be edited and called back. They are remembered beyond the run only \
    in the file that KEYFORM_CONSOLE_HISTORY names, as they may hold secrets."
)]
pub struct ConsoleArgs {
    /// Make a plan and evaluate against it instead of the recorded objects
    #[arg(long)]
    plan: bool,
    /// Answer each expression with a line of JSON: its type and value, or diagnostics
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    state: ReadStateArgs,
    #[command(flatten)]
    variables: Variables,
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    sandbox: SandboxArgs,
}

/// Runs the command.
pub fn run(args: &ConsoleArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    settle_input(args.input, ui);
    let evaluator = if args.plan {
        planned(args, ui, project)?
    } else {
        recorded(args, ui, project)?
    };
    let session = Session {
        evaluator,
        json: args.json,
    };
    if ui.is_interactive() {
        session.converse(ui, &project.environment)
    } else {
        session.batch(ui)
    }
}

/// What every name is worth by a plan made now.
fn planned(args: &ConsoleArgs, ui: &mut Ui, project: &Project) -> Result<Evaluator> {
    let lock = LockArgs::none();
    let state = args.state.full();
    let state = (&state, &lock, neighbours::PLAN);
    let prepared = prepare(project, ui, &args.variables, state, Wanted::Any)?;
    let mut engine = Engine::open(project, args.sandbox.sandbox, Access::Read)?;
    let answer = make(&mut engine, project, ui, &prepared, Options::default());
    engine.close()?;
    Ok(answer?.made.evaluator)
}

/// What every name is worth by the recorded objects.
fn recorded(args: &ConsoleArgs, ui: &mut Ui, project: &Project) -> Result<Evaluator> {
    let graph = project.load(&args.variables, ui)?;
    let root = graph.module(graph.root()).config.clone();
    let mut store = project.store(&args.state.full(), Some(&root))?;
    let state = store::read(&mut *store)?.map(|snapshot| snapshot.state);
    let inputs = project.inputs(&root, &args.variables, ui)?;
    let mut run = project.run()?;
    run.host = Rc::new(project.machine(Some(project.started)));
    let evaluator = Evaluator::new(graph, inputs, run);
    let (evaluator, problems) = by_state(evaluator, &state.unwrap_or_default());
    ui.diagnostics(&problems);
    Ok(evaluator)
}

/// The same, with what was wrong. What cannot be evaluated is unknown.
fn by_state(mut evaluator: Evaluator, state: &State) -> (Evaluator, Diagnostics) {
    let graph = evaluator.graph().clone();
    let mut problems = Diagnostics::new();
    for &id in graph.order() {
        match graph.node(id).object {
            Object::Resource(index) => problems.extend(resource(&mut evaluator, id, index as usize, state)),
            Object::Provider(_) | Object::Check(_) | Object::End => {}
            _ => {
                let found = evaluator.evaluate_node(id);
                problems.extend(found.into_iter().map(milder).collect());
            }
        }
    }
    (evaluator, problems)
}

/// The console goes on with what it has.
fn milder(mut problem: Diagnostic) -> Diagnostic {
    problem.severity = crate::diag::Severity::Warning;
    problem
}

fn resource(evaluator: &mut Evaluator, id: NodeId, index: usize, state: &State) -> Diagnostics {
    let graph = evaluator.graph().clone();
    let Node { module, .. } = graph.node(id);
    let block = graph.module(module).config.resources[index].clone();
    let mut problems = Diagnostics::new();
    let Some(ty) = problems.take(find_type(&block.name)) else {
        return problems;
    };
    let object_type = ty.spec.ty();
    for instance in evaluator.instances(module) {
        let addr = crate::addr::ResourceAddr {
            module: evaluator.path(instance).clone(),
            resource: block.name.clone(),
        };
        let mut values = BTreeMap::new();
        for (key, objects) in state
            .resource(&addr)
            .iter()
            .flat_map(|resource| &resource.instances)
        {
            if let Some(object) = &objects.current {
                match crate::resource::recorded(ty, &object_type, object) {
                    Ok(value) => {
                        let value = crate::resource::withheld::unknown(&value, object);
                        values.insert(key.clone(), value);
                    }
                    Err(errors) => {
                        problems.extend(errors.into_iter().map(|error| error.about(&addr)).collect());
                    }
                }
            }
        }
        let expanded = expansion(&values, &block.expand);
        evaluator.set_resource(instance, &block.name, ResourceValues::new(expanded, values));
    }
    problems
}

/// How the recorded instances would have been declared.
fn expansion(values: &BTreeMap<InstanceKey, Value>, declared: &crate::config::Expand) -> Expanded {
    match values.keys().next() {
        None if matches!(declared, crate::config::Expand::Single) => Expanded::Unknown,
        None if matches!(declared, crate::config::Expand::Enabled(_)) => Expanded::Disabled,
        None => Expanded::Count(0),
        Some(InstanceKey::None) => Expanded::Single,
        Some(InstanceKey::Number(_)) => Expanded::Count(values.len() as u64),
        Some(InstanceKey::Text(_)) => Expanded::ForEach(values.iter().filter_map(keyed).collect()),
    }
}

fn keyed((key, value): (&InstanceKey, &Value)) -> Option<(Text, Value)> {
    match key {
        InstanceKey::Text(key) => Some((key.clone(), value.clone())),
        InstanceKey::None | InstanceKey::Number(_) => None,
    }
}
