//! `console`: expressions against the configuration and the recorded objects.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::process::ExitCode;
use std::rc::Rc;

use clap::Args;

use super::args::{InputArgs, LockArgs, ReadStateArgs, SandboxArgs};
use super::engine::{Access, Engine};
use super::planning::{make, prepare, settle_input};
use super::project::{Project, Wanted};
use super::ui::Ui;
use super::variables::Variables;
use crate::addr::InstanceKey;
use crate::diag::{Diagnostic, Diagnostics, Result, Span};
use crate::eval::{Evaluator, Expanded, ResourceValues};
use crate::graph::{Node, NodeId, Object, check_names};
use crate::lang::expr::{Scope, evaluate};
use crate::lang::syntax::{Expr, ExprKind, is_open, parse_expression};
use crate::plan::{Options, find_type};
use crate::state::State;
use crate::value::{Text, Value, type_expression};

/// The arguments of `console`.
#[derive(Args, Debug)]
pub struct ConsoleArgs {
    /// Make a plan and evaluate against it instead of the recorded objects
    #[arg(long)]
    plan: bool,
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
    if ui.is_interactive() {
        Ok(converse(&evaluator, ui))
    } else {
        batch(&evaluator, ui)
    }
}

/// What every name is worth by a plan made now.
fn planned(args: &ConsoleArgs, ui: &mut Ui, project: &Project) -> Result<Evaluator> {
    let lock = LockArgs::none();
    let state = args.state.full();
    let state = (&state, &lock, "OperationTypePlan");
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
    let state = project
        .store(&args.state.full(), Some(&root))?
        .read()?
        .map(|snapshot| snapshot.state);
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
                    Ok(value) => drop(values.insert(key.clone(), value)),
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

/// Reads lines from a pipe: the last result is printed, and the first error ends it.
fn batch(evaluator: &Evaluator, ui: &mut Ui) -> Result<ExitCode> {
    let mut last = None;
    let mut text = String::new();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|_| {
            Diagnostic::error(
                "Failed to read the standard input",
                "The standard input is no valid Unicode text.",
            )
        })?;
        text.push_str(&line);
        text.push('\n');
        if is_open(&text) {
            continue;
        }
        match std::mem::take(&mut text).trim() {
            "" => {}
            // Nothing was asked last.
            "exit" => return Ok(ExitCode::SUCCESS),
            whole => last = Some(answer(whole, evaluator, ui)?),
        }
    }
    if !text.trim().is_empty() {
        last = Some(answer(text.trim(), evaluator, ui)?);
    }
    if let Some(last) = last {
        ui.line(&last);
    }
    Ok(ExitCode::SUCCESS)
}

/// Answers one line after the other.
fn converse(evaluator: &Evaluator, ui: &mut Ui) -> ExitCode {
    let mut text = String::new();
    while let Some(line) = ui.ask(if text.is_empty() { "> " } else { ": " }) {
        text.push_str(&line);
        text.push('\n');
        if is_open(&text) && !line.is_empty() {
            continue;
        }
        match std::mem::take(&mut text).trim() {
            "" => {}
            "exit" | "quit" => break,
            "help" => ui.talk("Type an expression to see what it is worth; \"exit\" or Ctrl-D to leave."),
            whole => match answer(whole, evaluator, ui) {
                Ok(text) => ui.line(&text),
                Err(problems) => ui.diagnostics(&problems),
            },
        }
    }
    ExitCode::SUCCESS
}

/// What one expression comes to.
fn answer(line: &str, evaluator: &Evaluator, ui: &mut Ui) -> Result<String> {
    let file = ui.sources.add("<console-input>", line);
    let expr = parse_expression(file, line)?;
    let graph = evaluator.graph();
    check_names(graph, graph.root(), &expr).or(())?;
    let root = evaluator.instances(graph.root());
    let scope = evaluator.scope(root[0]);
    if let Some((argument, span)) = type_call(&expr)? {
        let value = evaluate(argument, &scope).map_err(|errors| at(errors, span))?;
        return Ok(type_expression(&value.ty()));
    }
    Ok(evaluate(&expr, &scope as &dyn Scope)?.to_string())
}

fn at(errors: Diagnostics, span: Span) -> Diagnostics {
    let placed = |error: Diagnostic| {
        if error.span.is_some() {
            error
        } else {
            error.at(span)
        }
    };
    errors.into_iter().map(placed).collect()
}

/// The argument of `type(...)`, a function that only the console has.
fn type_call(expr: &Expr) -> Result<Option<(&Expr, Span)>> {
    let ExprKind::Call(call) = &expr.kind else {
        return Ok(None);
    };
    if &*call.name != "type" {
        return Ok(None);
    }
    if let [argument] = call.arguments.as_slice() {
        return Ok(Some((argument, expr.span)));
    }
    let detail = "The function \"type\" takes exactly one argument.";
    Err(Diagnostic::error("Wrong number of arguments", detail)
        .at(expr.span)
        .into())
}
