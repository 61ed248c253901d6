//! `import ADDRESS ID`

use std::process::ExitCode;

use crate::addr::{InstanceAddr, ModulePath, Text};
use crate::diag::{Diagnostic, Diagnostics, Result};
use crate::eval::{ModuleInstanceId, Repetition};
use crate::graph::{Graph, Node, NodeId, Object};
use crate::lang::decode::decode;
use crate::plan::live::{Connector as _, site};
use crate::plan::{
    Beside, Identity, Made, Mode, Options, as_warnings, beside, find_type, imported_twice, in_other_region,
    not_looked_for, open_provider, other_than_imported, recorded_elsewhere,
};
use crate::resource::operate::Found;
use crate::resource::{self, operate};
use crate::schema::ResourceType;
use crate::state::journal::Intent;
use crate::state::protocol::Sight;
use crate::state::store::Session;
use crate::value::Value;

use super::args::ImportArgs;
use super::engine::{Access, Engine, instance};
use super::planning::{Prepared, make, prepare, settle_input};
use super::project::{Project, Wanted};
use super::ui::Ui;

/// Runs the command.
pub fn run(args: &ImportArgs, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    run_as(args, Word::Import, ui, project)
}

/// What its user says of the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// It exists.
    Import,
    /// It is what came of the creation that is open.
    Adopt,
}

/// Imports an object of which its user says this.
pub fn run_as(args: &ImportArgs, word: Word, ui: &mut Ui, project: &Project) -> Result<ExitCode> {
    settle_input(args.input, ui);
    let addr = instance(&args.address, "ADDRESS")?;
    let mut prepared = prepare(
        project,
        ui,
        &args.variables,
        (&args.state, &args.lock, "import"),
        Wanted::Some,
    )?;
    let mut engine = Engine::open(project, args.sandbox.sandbox, Access::Read)?;
    engine.runner.listen()?;
    let fits = engine.refuse_real(&prepared.state);
    let result = fits.and_then(|()| import(&addr, (&args.id, word), &mut engine, project, ui, &mut prepared));
    prepared.close(engine, result)?;
    ui.line("\nImport successful!\n\nThe resources that were imported are shown above. These resources are now in\nyour state and will henceforth be managed by keyform.\n");
    Ok(ExitCode::SUCCESS)
}

fn import(
    addr: &InstanceAddr,
    (id, word): (&str, Word),
    engine: &mut Engine,
    project: &Project,
    ui: &mut Ui,
    prepared: &mut Prepared,
) -> Result<()> {
    let graph = prepared.graph.clone();
    let node = declared(&graph, addr)?;
    if prepared.state.get(addr).is_some() {
        return Err(Diagnostic::error(
            "Resource already managed by Terraform",
            format!("keyform is already managing a remote object for {addr}. To import to this address you must first remove the existing object from the state."),
        )
        .hint(format!("state rm '{addr}'"))
        .into());
    }
    let ty = find_type(&addr.resource)?;
    // Nothing is planned: this evaluates what the provider's configuration needs.
    let options = Options {
        mode: Mode::RefreshOnly,
        skip_refresh: true,
        ..Options::default()
    };
    let mut answer = make(engine, project, ui, prepared, options)?;
    prepared.left.refuse(&answer.made)?;
    let config = written(&graph, node, addr, ty, &answer.made)?;
    let served = graph
        .served_by(node)
        .expect("a resource node is served by a provider");
    let module = ModulePath(
        addr.module
            .0
            .iter()
            .take(served.config.module.0.len())
            .cloned()
            .collect(),
    );
    let provider = crate::addr::ProviderConfig {
        module,
        key: provider_key(&graph, node, addr, &answer.made)?,
        ..served.config.clone()
    };
    let arguments = open_provider(&mut answer.made.evaluator, &provider)?;
    let opened = engine.runner.run(engine.connector.open(&provider, arguments))??;
    ui.line(&format!("{addr}: Importing from ID \"{id}\"..."));
    let value = engine
        .runner
        .run(operate::import(site(&opened, ty, &*engine.machine), id))?
        .map_err(|errors| {
            errors
                .into_iter()
                .map(|error| error.about(addr))
                .collect::<Diagnostics>()
        })?;
    let value = match config {
        Some(config) => resource::adopt(ty, &value, &config, &opened.value)?,
        None => value,
    };
    let identity = Identity {
        ty,
        object: &value,
        provider: &provider,
    };
    if let Some(other) = recorded_elsewhere(&prepared.state, addr, identity) {
        return Err(imported_twice(addr, &other).into());
    }
    ui.line(&format!(
        "{addr}: Import prepared!\n  Prepared {} for import",
        addr.resource.ty
    ));
    let mut object = resource::record(ty, &value, &ty.spec.ty())?;
    object.dependencies = answer.made.dependencies(node).into();
    let closes = match prepared.left.open_at(addr) {
        None => true,
        Some(intent) => {
            object.guard = intent.wished.guard;
            let looked = look(intent, ty, engine, &mut answer.made);
            let imported = operate::import_id(ty, &opened.value, &value);
            let now = answer.made.plan.timestamp.as_second();
            closes((intent, now), looked, (&imported, word), ui)?
        }
    };
    record((addr, closes), &provider, object, prepared)
}

/// Looks for what an open creation has made, where it was asked for.
fn look(
    intent: &Intent,
    ty: &'static ResourceType,
    engine: &mut Engine,
    made: &mut Made,
) -> Result<(Sight, Option<Text>)> {
    if intent.before.is_some() {
        // Which one it is only its user can say.
        return Ok((Sight::Untold, None));
    }
    let arguments = open_provider(&mut made.evaluator, &intent.provider)?;
    let opened = engine
        .runner
        .run(engine.connector.open(&intent.provider, arguments))??;
    if let Some(told) = in_other_region(ty, intent, &opened.value) {
        return Err(told.into());
    }
    let there = operate::Site {
        marker: intent.marker.as_deref(),
        account: intent.account.as_deref(),
        ..site(&opened, ty, &*engine.machine)
    };
    let wished = resource::recorded(ty, &ty.spec.ty(), &intent.wished)?;
    Ok(match engine.runner.run(operate::find(there, &wished))?? {
        Found::There(id) => (Sight::There, Some(id)),
        Found::Absent { late } => (Sight::Absent { twice: late }, None),
        Found::Untold => (Sight::Untold, None),
    })
}

/// Whether nothing is open any more of a creation, now that an object is imported for its instance. What is another one is
/// told and stays open.
fn closes(
    (intent, now): (&Intent, i64),
    looked: Result<(Sight, Option<Text>)>,
    (imported, word): (&str, Word),
    ui: &mut Ui,
) -> Result<bool> {
    let addr = &intent.address;
    let (sight, id) = match looked {
        Ok(seen) => seen,
        Err(errors) if word == Word::Adopt => {
            ui.diagnostics(&as_warnings(errors));
            return Ok(true);
        }
        Err(errors) => return Err(not_looked_for(errors, addr)),
    };
    match beside(intent, sight, id.as_ref(), imported) {
        Beside::Same => Ok(true),
        Beside::Nothing if word == Word::Adopt || intent.begun.is_over(now) => Ok(true),
        Beside::Nothing => {
            let detail = "An earlier run was about to create an object for this instance and heard no answer. It is not there, and may still come, so that the operation stays open: plan tells when it is there.";
            ui.diagnostics(
                &Diagnostic::warning("Another object may still be made", detail)
                    .about(addr)
                    .into(),
            );
            Ok(false)
        }
        Beside::Other(id) => {
            ui.diagnostics(&other_than_imported(addr, &id, imported).into());
            Ok(false)
        }
    }
}

/// What the configuration says of the instance, as far as that is known without a plan. What it does not declare
/// is refused: the next apply would destroy it.
fn written(
    graph: &Graph,
    node: NodeId,
    addr: &InstanceAddr,
    ty: &'static ResourceType,
    made: &Made,
) -> Result<Option<Value>> {
    let block = &graph.module(graph.node(node).module).config.resources[&addr.resource];
    let Some((module, repetition)) = place_of(graph, node, addr, made)? else {
        return Ok(None);
    };
    let scope = made.evaluator.scope(module).with_repetition(&repetition);
    Ok(decode(&block.body, &ty.spec, &scope).ok())
}

/// The instance of the module, and `each` and `count` of the instance; none as long as they are not known.
fn place_of(
    graph: &Graph,
    node: NodeId,
    addr: &InstanceAddr,
    made: &Made,
) -> Result<Option<(ModuleInstanceId, Repetition)>> {
    let block = &graph.module(graph.node(node).module).config.resources[&addr.resource];
    let Some(module) = made.evaluator.instance_at(&addr.module) else {
        return Err(undeclared(addr));
    };
    let Ok(expanded) = made.evaluator.expand(module, &block.expand) else {
        return Ok(None);
    };
    let mut repetitions = expanded.repetitions().into_iter();
    match repetitions.find(|one| one.key == addr.key) {
        Some(repetition) => Ok(Some((module, repetition))),
        None => Err(undeclared(addr)),
    }
}

/// Which of the configurations that its provider's block makes with `for_each` serves the instance.
fn provider_key(graph: &Graph, node: NodeId, addr: &InstanceAddr, made: &Made) -> Result<Option<Text>> {
    let served = graph.served_by(node);
    let Some(chosen) = served.and_then(|served| served.instance.as_ref()) else {
        return Ok(None);
    };
    let Some((module, repetition)) = place_of(graph, node, addr, made)? else {
        return Ok(None);
    };
    made.evaluator.provider_key(chosen, module, &repetition).map(Some)
}

fn undeclared(addr: &InstanceAddr) -> Diagnostics {
    let detail = format!(
        "The configuration has the resource, but declares no instance {addr}: with the count or for_each that it and its modules have, the next apply would destroy what was imported."
    );
    Diagnostic::error("Configuration for import target does not exist", detail).into()
}

fn record(
    (addr, closes): (&InstanceAddr, bool),
    config: &crate::addr::ProviderConfig,
    object: crate::state::Object,
    prepared: &mut Prepared,
) -> Result<()> {
    let mut state = prepared.state.clone();
    let mut session = Session::begin(&mut *prepared.store, &prepared.state);
    session.record_done(addr, closes, config, &object)?;
    state.insert(addr, config, object);
    session.finish(&state).whole()?;
    Ok(())
}

/// The block that the address belongs to; what is missing comes back as a skeleton.
fn declared(graph: &Graph, addr: &InstanceAddr) -> Result<NodeId> {
    let module = graph.module_by_names(&addr.module.names());
    let found = module.and_then(|module| {
        let index = graph
            .module(module)
            .config
            .resources
            .get_index_of(&addr.resource)?;
        Some(graph.id_of(Node {
            module,
            object: Object::Resource(u32::try_from(index).ok()?),
        }))
    });
    found.ok_or_else(|| {
        let (ty, name) = (&addr.resource.ty, &addr.resource.name);
        let place = if addr.module.is_root() { "the configuration".to_owned() } else { addr.module.to_string() };
        Diagnostic::error(
            "Resource address does not exist in the configuration",
            format!("Before importing this resource, please create its configuration in {place}. For example:\n\nresource \"{ty}\" \"{name}\" {{\n  # (resource arguments)\n}}"),
        )
        .hint("An import block with plan -generate-config-out=FILE writes the configuration for you.")
        .into()
    })
}
