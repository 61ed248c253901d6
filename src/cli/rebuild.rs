//! `recover -from-cloud`: a lost state made again from the tags of keys, from names, and from what the configuration
//! declares.
//!
//! Nothing is guessed: an object is taken where exactly one address declares it as it is, or an alias that is declared for
//! the address points to it.

mod certain;
mod hidden;

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use crate::addr::{InstanceAddr, InstanceKey, ModulePath, ProviderConfig, ResourceName, Subject};
use crate::config::Policy;
use crate::diag::{Diagnostic, Ending, Result};
use crate::lang::decode::decode;
use crate::lang::expr::evaluate;
use crate::lang::syntax::{ExprKind, Key};
use crate::plan::live::{Opened, site};
use crate::plan::{Identity, Keepsakes, Made, Options, Planned};
use crate::resource::operate::{self, Marked, Site};
use crate::resource::{self, Action, Wish};
use crate::state::State;
use crate::state::marker::{beginning, lineage_from, lineage_of};
use crate::state::store::{Session, Store};
use crate::value::{Text, Value};

use super::engine::{Access, Answer, Engine, Question};
use super::exit_code;
use super::planning::{Prepared, prepare_reading, settle_input};
use super::project::{Project, Wanted};
use super::recover::RecoverArgs;
use super::ui::{Ui, read_line};
use certain::{Fit, certain};
use hidden::Sight;

/// An object that may belong to several addresses, or to none: by what it is listed and its id.
type Kind = (ProviderConfig, Text, Option<Text>);

/// What was found in the clouds.
#[derive(Default)]
struct Found {
    listed: BTreeMap<Kind, Vec<Marked>>,
    read: BTreeMap<(Kind, Text), Sight>,
    /// What the user says belongs to an address.
    adopted: BTreeMap<InstanceAddr, Text>,
    /// Other addresses that have what the user says belongs to an address.
    twice: BTreeMap<InstanceAddr, InstanceAddr>,
    /// What has its place by now, in order.
    taken: Vec<(InstanceAddr, Text)>,
    /// Objects that would do for an address, none of which is certain.
    unsure: BTreeMap<InstanceAddr, BTreeSet<Text>>,
    /// Addresses for which nothing else would do, and which may have one of these that cannot be taken.
    hidden: BTreeMap<InstanceAddr, BTreeSet<Text>>,
    /// Addresses for which nothing is there, or could be looked for.
    missing: BTreeSet<InstanceAddr>,
}

/// Runs the command.
pub fn run(
    args: &RecoverArgs,
    adopted: &[(InstanceAddr, String)],
    ui: &mut Ui,
    project: &Project,
) -> Result<ExitCode> {
    settle_input(args.input, ui);
    let state = (&args.state, &args.lock, "recover");
    let mut kept = None;
    let read = |store: &mut dyn Store| {
        kept = store.give_up_lost()?;
        super::store::read(store)
    };
    let mut prepared = prepare_reading(project, ui, &args.variables, state, (Wanted::Some, read))?;
    if let Some(kept) = kept {
        ui.talk(&format!(
            "The journal of the state that is lost was put aside: {kept}. What is open in it stays open."
        ));
    }
    prepared.left.refuse_beside()?;
    let mut engine = Engine::open(project, args.sandbox.sandbox, Access::Read)?;
    engine.runner.listen()?;
    let adopted = adopted
        .iter()
        .map(|(addr, id)| (addr.clone(), Text::from(id.as_str())));
    let adopted: BTreeMap<InstanceAddr, Text> = adopted.collect();
    let fits = engine.refuse_real(&prepared.state);
    let result = fits.and_then(|()| rebuild((args, &adopted), &mut engine, project, ui, &mut prepared));
    prepared.close(engine, result)
}

fn rebuild(
    (args, adopted): (&RecoverArgs, &BTreeMap<InstanceAddr, Text>),
    engine: &mut Engine,
    project: &Project,
    ui: &mut Ui,
    prepared: &mut Prepared,
) -> Result<ExitCode> {
    let before = prepared.state.clone();
    let mut state = before.clone();
    let mut found = Found {
        adopted: adopted.clone(),
        ..Found::default()
    };
    let mut lineage = args.lineage.clone().or_else(|| beginning(&state.lineage));
    // What refers to something that was found is known better the next time.
    loop {
        let question = Question {
            graph: prepared.graph.clone(),
            inputs: prepared.inputs.clone(),
            run: project.run()?,
            state: state.clone(),
            options: Options {
                skip_refresh: true,
                ..Options::default()
            },
            timestamp: project.started,
            policy: Policy::default(),
        };
        let mut answer = engine.plan(question);
        let problems = std::mem::take(&mut answer.made.problems);
        if problems.has_errors() {
            return Err(problems);
        }
        let before = found.taken.len();
        round(engine, &answer, &mut found, &mut state, &mut lineage)?;
        if found.taken.len() == before {
            break;
        }
    }
    hidden::misfits(&found)?;
    tell(&found, lineage.as_deref(), &state, ui);
    hidden::tell(&found, ui);
    if !found.taken.is_empty() {
        if !args.auto_approve && !approved(engine, ui)? {
            return Ok(ExitCode::FAILURE);
        }
        if state.lineage.is_empty() {
            let fresh = uuid::Uuid::new_v4().to_string();
            state.lineage = lineage_from(lineage.as_deref(), &fresh).into();
        }
        record(&found, &before, &state, prepared)?;
        let count = found.taken.len();
        ui.line(&format!(
            "\nRecovered {count} objects into the state. See what plan says of them before you apply."
        ));
    }
    let is_settled = found.unsure.is_empty()
        && hidden::all(&found).is_empty()
        && strays(&found, lineage.as_deref(), &state).is_empty();
    Ok(if is_settled {
        ExitCode::SUCCESS
    } else {
        exit_code(Ending::Unsettled)
    })
}

/// Looks for what the plan would make, and takes what is certain.
fn round(
    engine: &Engine,
    answer: &Answer,
    found: &mut Found,
    state: &mut State,
    lineage: &mut Option<String>,
) -> Result<()> {
    let changes = answer.made.plan.changes.iter();
    let open: Vec<&Planned> = changes
        .filter(|planned| planned.addr.resource.is_managed() && planned.change.action == Action::Create)
        .collect();
    for planned in &open {
        list(engine, answer, planned, found)?;
    }
    if lineage.is_none() {
        *lineage = only_lineage(found)?;
    }
    let mut fits: BTreeMap<InstanceAddr, BTreeMap<Text, Fit>> = BTreeMap::new();
    let mut unread = BTreeSet::new();
    let mut kept = Keepsakes::of(state);
    (found.missing, found.hidden) = (BTreeSet::new(), BTreeMap::new());
    for planned in &open {
        let ids = candidates(engine, answer, planned, found, lineage.as_deref(), state);
        let mut of_it = BTreeMap::new();
        for id in &ids {
            let fit = fit((engine, answer), planned, id, &kept, found)?;
            if fit != Fit::No {
                of_it.insert(id.clone(), fit);
            }
        }
        let hidden = hidden::of(planned, &ids, found);
        if hidden.iter().any(|(_, sight)| matches!(sight, Sight::Unread(_))) {
            unread.insert(planned.addr.clone());
        }
        if of_it.is_empty() && hidden.is_empty() {
            found.missing.insert(planned.addr.clone());
        } else if of_it.is_empty() {
            let ids = hidden.into_iter().map(|(id, _)| id).collect();
            found.hidden.insert(planned.addr.clone(), ids);
        }
        fits.insert(planned.addr.clone(), of_it);
    }
    let pointed = pointed(engine, answer, &open, found)?;
    let certain = certain(&fits, &pointed, &found.adopted, &unread);
    for (addr, id) in &certain {
        let planned = open.iter().find(|planned| planned.addr == *addr);
        if let Some(planned) = planned {
            take(answer, planned, id, (found, &mut kept), state)?;
        }
    }
    found.unsure = fits
        .into_iter()
        .filter(|(addr, of_it)| !of_it.is_empty() && !certain.contains_key(addr))
        .map(|(addr, of_it)| (addr, of_it.into_keys().collect()))
        .collect();
    Ok(())
}

/// How the objects of a type in a place are listed.
fn kind_of(planned: &Planned) -> Kind {
    let region = planned.change.after.get("region").and_then(Value::as_text);
    (
        planned.provider.clone(),
        planned.addr.resource.ty.clone(),
        region.cloned(),
    )
}

/// What schema expressions see of the provider, and how it is asked.
fn place<'a>(engine: &'a Engine, answer: &'a Answer, planned: &Planned) -> Option<(Site<'a>, &'a Opened)> {
    let opened = answer.providers.get(&planned.provider)?;
    // Without a cloud there is nothing to be found.
    opened.cloud.as_ref()?;
    Some((site(opened, planned.ty, &*engine.machine), opened))
}

/// Lists what carries a tag, once for each type and place.
fn list(engine: &Engine, answer: &Answer, planned: &Planned, found: &mut Found) -> Result<()> {
    let kind = kind_of(planned);
    if planned.ty.survey.is_none() || found.listed.contains_key(&kind) {
        return Ok(());
    }
    // What it is a part of may not be known before that was found.
    if !operate::can_survey(planned.ty, &planned.change.after) {
        return Ok(());
    }
    let Some((site, _)) = place(engine, answer, planned) else {
        return Ok(());
    };
    let marked = engine
        .runner
        .run(operate::survey(site, &planned.change.after))??;
    found.listed.insert(kind, marked);
    Ok(())
}

/// The ids of objects that may be the one that an address declares.
fn candidates(
    engine: &Engine,
    answer: &Answer,
    planned: &Planned,
    found: &Found,
    lineage: Option<&str>,
    state: &State,
) -> Vec<Text> {
    let recorded = recorded(state);
    if planned.ty.survey.is_some() {
        let listed = found.listed.get(&kind_of(planned)).into_iter().flatten();
        let own = listed.filter(|one| lineage_of(&one.marker) == lineage.unwrap_or_default());
        let free = own.filter(|one| !recorded.contains(&(planned.addr.resource.ty.clone(), bare(&one.id))));
        return free.map(|one| one.id.clone()).collect();
    }
    let Some((site, _)) = place(engine, answer, planned) else {
        return Vec::new();
    };
    operate::id_by_name(site, &planned.change.after)
        .into_iter()
        .collect()
}

/// Reads an object as one of the type of an address.
fn read(engine: &Engine, answer: &Answer, planned: &Planned, id: &Text, found: &mut Found) -> Result<Sight> {
    let key = (kind_of(planned), id.clone());
    if let Some(read) = found.read.get(&key) {
        return Ok(read.clone());
    }
    let Some((site, _)) = place(engine, answer, planned) else {
        return Ok(Sight::Nothing);
    };
    let sight = Sight::of(planned.ty, engine.runner.run(operate::look_up(site, id))?);
    found.read.insert(key, sight.clone());
    Ok(sight)
}

/// How well an object is what an address declares, by what a plan would do with it.
fn fit(
    (engine, answer): (&Engine, &Answer),
    planned: &Planned,
    id: &Text,
    kept: &Keepsakes,
    found: &mut Found,
) -> Result<Fit> {
    let Sight::There(value) = read(engine, answer, planned, id, found)? else {
        return Ok(Fit::No);
    };
    if let Some(other) = kept.elsewhere(&planned.addr, identity(planned, &value)) {
        if found.adopted.get(&planned.addr) == Some(id) {
            found.twice.insert(planned.addr.clone(), other);
        }
        return Ok(Fit::No);
    }
    let Some((config, object)) = adopted(answer, planned, &value) else {
        return Ok(Fit::No);
    };
    let Some(opened) = answer.providers.get(&planned.provider) else {
        return Ok(Fit::No);
    };
    let proposal = resource::propose(&Wish {
        ty: planned.ty,
        config: &config,
        prior: Some(&object),
        provider: &opened.value,
        forced: false,
    });
    Ok(match proposal.map(|proposal| proposal.change.action) {
        Ok(Action::NoOp) => Fit::Same,
        Ok(Action::Update) => Fit::Near,
        _ => Fit::No,
    })
}

fn identity<'a>(planned: &'a Planned, object: &'a Value) -> Identity<'a> {
    Identity {
        ty: planned.ty,
        object,
        provider: &planned.provider,
    }
}

/// What is declared, and the object as the state would have it.
fn adopted(answer: &Answer, planned: &Planned, value: &Value) -> Option<(Value, Value)> {
    let source = planned.source.as_ref()?;
    let evaluator = &answer.made.evaluator;
    let block = evaluator.graph().block_of(&planned.addr)?;
    let scope = evaluator.scope(source.module).with_repetition(&source.repetition);
    let config = decode(&block.body, &planned.ty.spec, &scope).ok()?;
    let opened = answer.providers.get(&planned.provider)?;
    let object = resource::adopt(planned.ty, value, &config, &opened.value).ok()?;
    let config = resource::ignore_changes(&config, &object, &block.lifecycle.ignore_changes);
    Some((config, object))
}

/// What aliases in the cloud say of the keys that they are declared for.
fn pointed(
    engine: &Engine,
    answer: &Answer,
    open: &[&Planned],
    found: &mut Found,
) -> Result<BTreeMap<InstanceAddr, Text>> {
    let mut pointed = BTreeMap::new();
    for planned in open {
        let Some(argument) = &planned.ty.stands_for else {
            continue;
        };
        let Some(key) = referred(&answer.made, planned, argument) else {
            continue;
        };
        let Some((site, _)) = place(engine, answer, planned) else {
            continue;
        };
        let Some(id) = operate::id_by_name(site, &planned.change.after) else {
            continue;
        };
        if let Sight::There(alias) = read(engine, answer, planned, &id, found)?
            && let Some(target) = alias.get(argument).and_then(Value::as_text)
        {
            pointed.insert(key, target.clone());
        }
    }
    Ok(pointed)
}

/// The instance that an argument refers to, where it is nothing but a reference within the module.
fn referred(made: &Made, planned: &Planned, argument: &str) -> Option<InstanceAddr> {
    let source = planned.source.as_ref()?;
    let block = made.evaluator.graph().block_of(&planned.addr)?;
    let ExprKind::Traversal(traversal) = &block.body.attribute(argument)?.expr.kind else {
        return None;
    };
    let name = match &traversal.reference.as_ref().ok()?.subject {
        Subject::Resource(name) if name.is_managed() => name.clone(),
        _ => return None,
    };
    let key = match traversal.steps.get(1) {
        Some(Key::Index(expr)) => {
            let scope = made
                .evaluator
                .scope(source.module)
                .with_repetition(&source.repetition);
            let value = evaluate(expr, &scope).ok()?;
            let number = value.as_i64().and_then(|number| u64::try_from(number).ok());
            match (value.as_text(), number) {
                (Some(text), _) => InstanceKey::Text(text.clone()),
                (None, number) => InstanceKey::Number(number?),
            }
        }
        _ => InstanceKey::None,
    };
    Some(address(&planned.addr.module, name, key))
}

fn address(module: &ModulePath, name: ResourceName, key: InstanceKey) -> InstanceAddr {
    InstanceAddr::new(module.clone(), name, key)
}

/// Gives an object its place, unless another address has it.
fn take(
    answer: &Answer,
    planned: &Planned,
    id: &Text,
    (found, kept): (&mut Found, &mut Keepsakes),
    state: &mut State,
) -> Result<()> {
    let Some(Sight::There(value)) = found.read.get(&(kind_of(planned), id.clone())) else {
        return Ok(());
    };
    let Some((_, value)) = adopted(answer, planned, value) else {
        return Ok(());
    };
    let has_it = |(addr, taken): &&(InstanceAddr, Text)| {
        let provider = state.resource(&addr.resource_addr()).map(|one| &one.provider);
        taken == id && addr.resource.ty == planned.addr.resource.ty && provider == Some(&planned.provider)
    };
    let twin = kept.elsewhere(&planned.addr, identity(planned, &value));
    if let Some(other) = twin.or_else(|| Some(found.taken.iter().find(has_it)?.0.clone())) {
        found.twice.insert(planned.addr.clone(), other);
        return Ok(());
    }
    let ty = planned.ty;
    let mut object = resource::record(ty, &value, &ty.spec.ty())?;
    if let Some(source) = &planned.source {
        object.dependencies = answer.made.dependencies(source.node).into();
    }
    object.guard = planned.guard;
    kept.add(&planned.addr, ty, (&value, &planned.provider));
    state.insert(&planned.addr, &planned.provider, object);
    found.taken.push((planned.addr.clone(), id.clone()));
    Ok(())
}

/// The types and ids of all that is recorded.
fn recorded(state: &State) -> BTreeSet<(Text, Text)> {
    let all = state.objects();
    all.filter_map(|(addr, _, object)| {
        let attributes = object.attributes_json().ok()?;
        let id = attributes.get("id")?.as_str()?;
        Some((addr.resource.ty, Text::from(id)))
    })
    .collect()
}

/// An id without the region that an import takes behind it.
fn bare(id: &str) -> Text {
    id.split('@').next().unwrap_or_default().into()
}

/// What carries the tag of this state, is recorded nowhere, and fits nothing that is declared.
fn strays(found: &Found, lineage: Option<&str>, state: &State) -> BTreeSet<Text> {
    let recorded: BTreeSet<Text> = recorded(state).into_iter().map(|(_, id)| id).collect();
    let all = found.listed.values().flatten();
    let own = all.filter(|one| lineage.is_some_and(|lineage| lineage_of(&one.marker) == lineage));
    let unsure: BTreeSet<&Text> = found.unsure.values().flatten().collect();
    let hidden = hidden::all(found);
    own.map(|one| &one.id)
        .filter(|id| !recorded.contains(&bare(id)) && !unsure.contains(id) && !hidden.contains_key(id))
        .cloned()
        .collect()
}

/// The lineage of all that was listed; with several of them nobody can tell which one is meant.
fn only_lineage(found: &Found) -> Result<Option<String>> {
    let mut counted: BTreeMap<&str, BTreeSet<&Text>> = BTreeMap::new();
    for one in found.listed.values().flatten() {
        counted
            .entry(lineage_of(&one.marker))
            .or_default()
            .insert(&one.id);
    }
    if counted.len() < 2 {
        return Ok(counted.into_keys().next().map(str::to_owned));
    }
    let list: Vec<String> = counted
        .iter()
        .map(|(lineage, ids)| {
            format!(
                "  {lineage}: {} objects, such as {}",
                ids.len(),
                ids.first().map_or("", |id| id)
            )
        })
        .collect();
    Err(Diagnostic::error(
        "Several states have left tags",
        format!("The state that was lost cannot be told from others: objects here carry the tags of {} states.\n\n{}\n", counted.len(), list.join("\n")),
    )
    .hint("Say which of them it was: recover -from-cloud -lineage=...")
    .ends_as(Ending::Unsettled)
    .into())
}

fn tell(found: &Found, lineage: Option<&str>, state: &State, ui: &mut Ui) {
    if found.taken.is_empty() {
        ui.line("Nothing was found that leaves no doubt where it belongs.");
    } else {
        ui.line("Found by tag, by name and by what is declared:");
        for (addr, id) in &found.taken {
            ui.line(&format!("  {addr} = {id}"));
        }
    }
    for (addr, ids) in &found.unsure {
        ui.line(&format!("\n{addr} may be one of these; only you can tell which:"));
        for id in ids {
            let addr = addr.to_string().replace('\'', r"'\''");
            ui.line(&format!("  keyform recover -from-cloud -adopt '{addr}={id}'"));
        }
    }
    let strays = strays(found, lineage, state);
    if !strays.is_empty() {
        ui.line("\nThese carry the tag of this state and are nothing that is declared:");
        for id in strays {
            ui.line(&format!("  {id}"));
        }
    }
    if !found.missing.is_empty() {
        ui.line("\nNothing was found for these, or they cannot be looked for; apply would make them:");
        for addr in &found.missing {
            ui.line(&format!("  {addr}"));
        }
    }
}

fn approved(engine: &Engine, ui: &mut Ui) -> Result<bool> {
    if !ui.is_interactive() {
        return Err(Diagnostic::error(
            "Approval needed",
            "Nobody can answer the question whether these objects may be taken into the state, so nothing was changed.",
        )
        .hint("Use -auto-approve.")
        .into());
    }
    let read = || engine.runner.wait_for(read_line).ok().flatten();
    Ok(ui.confirm_by(
        "Do you want to take these objects into the state?",
        "Only 'yes' will be accepted to approve. Nothing is changed in the cloud.",
        read,
    ))
}

fn record(found: &Found, before: &State, state: &State, prepared: &mut Prepared) -> Result<()> {
    let start = State {
        lineage: state.lineage.clone(),
        ..before.clone()
    };
    let mut session = Session::begin(&mut *prepared.store, &start);
    for (addr, _) in &found.taken {
        let (Some(object), Some(resource)) = (state.get(addr), state.resource(&addr.resource_addr())) else {
            continue;
        };
        session.record_done(addr, true, &resource.provider, object)?;
    }
    session.finish(state).whole()?;
    Ok(())
}
