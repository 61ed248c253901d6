//! A plan as JSON, as `show -json PLANFILE` prints it.

use serde_json::{Map, Value as Json};

use super::checks;
use super::configuration::configuration;
use super::module::{Tree, named};
use super::state::state_json;
use super::value::{Record, known, path, sensitive, unknown_object, unknown_or_false};
use crate::addr::{OnDestroy, ResourceAddr};
use crate::plan::make::find_type;
use crate::plan::{Made, OutputChange, Plan, Planned};
use crate::resource::Action;
use crate::state::{OutputValue, State, TERRAFORM_VERSION};
use crate::value::{Text, Value, json};

/// The whole plan. Like Terraform's, it holds every value in clear text, those of sensitive variables too: what
/// is sensitive is only named beside it.
pub fn plan_json(made: &Made) -> Json {
    let plan = &made.plan;
    let graph = made.evaluator.graph();
    let prior = with_known_outputs(&made.prior, plan);
    let prior = (!prior.is_empty()).then(|| state_json(&prior, &|name| find_type(name).ok()));
    let variables = plan.variables.iter();
    let variables: Map<String, Json> = variables
        .map(|(name, value)| {
            (
                name.to_string(),
                Record::new().with("value", json::to_plain_json(value)).json(),
            )
        })
        .collect();
    let drift: Vec<Json> = plan.drift.iter().map(|planned| change(planned, false)).collect();
    let changes = plan.changes.iter().filter(|planned| is_listed(planned));
    let changes: Vec<Json> = changes.map(|planned| change(planned, true)).collect();
    let outputs: Map<String, Json> = plan
        .outputs
        .iter()
        .map(|(name, change)| (name.to_string(), output_change(change)))
        .collect();
    Record::new()
        .with("format_version", "1.2")
        .with("terraform_version", TERRAFORM_VERSION)
        .filled("variables", variables)
        .with("planned_values", planned_values(plan))
        .filled("resource_drift", drift)
        .filled("resource_changes", changes)
        .filled("output_changes", outputs)
        .maybe("prior_state", prior)
        .with("configuration", configuration(graph))
        .filled("relevant_attributes", relevant(made))
        .filled("checks", checks::evaluated(&plan.checks))
        .with(
            "timestamp",
            plan.timestamp.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        )
        .with("applyable", plan.is_applyable())
        .with("complete", !plan.is_partial && !plan.errored)
        .with("errored", plan.errored)
        .json()
}

/// The state before, but with the outputs that are known already, and without what came of checks: so Terraform has it.
fn with_known_outputs(prior: &State, plan: &Plan) -> State {
    let mut state = prior.clone();
    state.check_results = None;
    for (name, change) in &plan.outputs {
        match &change.after {
            Some(after) if after.is_null() => drop(state.outputs.remove(name)),
            Some(after) if after.is_wholly_known() => {
                let output = OutputValue::new(after, change.sensitive);
                state.outputs.insert(name.clone(), output);
            }
            _ => {}
        }
    }
    state
}

/// Data sources that were read while planning are no changes, and what is ephemeral never is.
fn is_listed(planned: &Planned) -> bool {
    planned.addr.resource.is_managed() || !matches!(planned.change.action, Action::NoOp | Action::Open)
}

fn change(planned: &Planned, with_reason: bool) -> Json {
    let addr = &planned.addr;
    let module = (!addr.module.is_root()).then(|| addr.module.to_string());
    let extras = if with_reason {
        extras(planned)
    } else {
        pending(planned)
    };
    let record = Record::new()
        .with("address", addr.to_string())
        .maybe(
            "previous_address",
            planned.moved_from.as_ref().map(ToString::to_string),
        )
        .maybe("module_address", module);
    named(record, addr)
        .with("provider_name", planned.provider.provider.to_string())
        .maybe("deposed", planned.deposed.as_deref())
        .with("change", change_body(planned))
        .maybe(
            "action_reason",
            planned
                .reason
                .filter(|_| with_reason)
                .map(super::super::Reason::word),
        )
        .filled("keyform", extras)
        .json()
}

/// What changed outside is still there, and lost when the time is up.
fn pending(planned: &Planned) -> Map<String, Json> {
    let extras = Record::new().maybe("pending_deletion", until(planned)).json();
    extras.as_object().cloned().unwrap_or_default()
}

/// Until when what is scheduled for deletion can be called back.
fn until(planned: &Planned) -> Option<Json> {
    let pending = planned.pending?;
    let date = pending.at.map(|at| at.to_string());
    let record = Record::new()
        .maybe("date", date)
        .maybe("days", pending.days)
        .maybe("called_back", planned.restores.then_some(true));
    Some(record.json())
}

/// What Terraform's plans do not have, under one name of its own: readers of its format pass over it.
fn extras(planned: &Planned) -> Map<String, Json> {
    let notes: Vec<Json> = planned
        .notes
        .iter()
        .map(|note| {
            Record::new()
                .with("kind", note.kind)
                .with("text", note.text.as_str())
                .json()
        })
        .collect();
    let extras = Record::new()
        .filled("notes", notes)
        .maybe("usage", usage(planned))
        .maybe("pending_deletion", until(planned))
        .json();
    extras.as_object().cloned().unwrap_or_default()
}

/// What is known of the use of an object that is to go.
fn usage(planned: &Planned) -> Option<Json> {
    let asked = planned.ty.usage.as_ref()?;
    if planned.loss.is_none() && !planned.disables() {
        return None;
    }
    let known = planned.usage.clone().unwrap_or_default();
    let names = |all: &Option<Vec<Text>>| {
        let all = all.as_ref()?;
        Some(all.iter().map(|name| Json::from(&**name)).collect::<Json>())
    };
    let because: Vec<Json> = known.in_use.iter().map(|why| why.word().into()).collect();
    let (at, operation) = known.last.unzip();
    let record = Record::new()
        .maybe("last_use", at.map(|at| at.to_string()))
        .maybe("operation", operation.map(|word| word.to_string()))
        .maybe("since", known.since.map(|since| since.to_string()))
        .maybe("aliases", names(&known.aliases))
        .maybe("grants", names(&known.grants))
        .maybe("replicas", names(&known.replicas))
        .maybe("secrets", names(&known.secrets))
        .maybe("holds", names(&known.holds))
        .with("tells_last_use", asked.shows.contains_key("last_use"))
        .with("protected", known.is_protected)
        .with("in_use", planned.is_in_use())
        .filled("in_use_because", because)
        .with("referred_to_by", planned.users.clone());
    Some(record.json())
}

fn change_body(planned: &Planned) -> Json {
    let (before, after) = (&planned.change.before, &planned.change.after);
    let importing = planned
        .import
        .as_ref()
        .map(|id| Record::new().with("id", &**id).json());
    let paths: Vec<Json> = planned.change.replace_paths.iter().map(path).collect();
    Record::new()
        .with("actions", actions(planned))
        .with("before", known(before))
        .maybe("after", after.is_known().then(|| known(after)))
        .with("after_unknown", unknown_object(after))
        .with("before_sensitive", sensitive(before))
        .with("after_sensitive", sensitive(after))
        .filled("replace_paths", paths)
        .maybe("importing", importing)
        .maybe("generated_config", planned.generated.as_deref())
        .maybe("on_destroy", planned.left_as().map(OnDestroy::word))
        .json()
}

fn actions(planned: &Planned) -> Json {
    let end = if planned.forgets() { "forget" } else { "delete" };
    let words: &[&str] = match planned.change.action {
        Action::Replace => &[end, "create"],
        Action::ReplaceCreateFirst => &["create", end],
        action => &[word(action)],
    };
    words.iter().copied().collect()
}

fn word(action: Action) -> &'static str {
    match action {
        Action::NoOp => "no-op",
        Action::Create | Action::Replace | Action::ReplaceCreateFirst => "create",
        Action::Read => "read",
        Action::Open => "open",
        Action::Update => "update",
        Action::Delete => "delete",
        Action::Forget => "forget",
    }
}

fn output_change(change: &OutputChange) -> Json {
    let nothing = Value::null(crate::value::Type::Dynamic);
    let (before, after) = (
        change.before.as_ref().unwrap_or(&nothing),
        change.after.as_ref().unwrap_or(&nothing),
    );
    let sensitive = change.is_hidden();
    Record::new()
        .with("actions", vec![word(change.action())])
        .with("before", known(before))
        .maybe("after", after.is_known().then(|| known(after)))
        .with("after_unknown", unknown_or_false(after))
        .with("before_sensitive", sensitive)
        .with("after_sensitive", sensitive)
        .json()
}

/// What will be, as far as it is known.
fn planned_values(plan: &Plan) -> Json {
    let mut outputs = Map::new();
    for (name, change) in &plan.outputs {
        let Some(after) = &change.after else { continue };
        let value = after.is_wholly_known().then_some(after);
        let output = Record::new()
            .with("sensitive", change.is_hidden())
            .maybe("type", value.map(|value| json::type_to_json(&value.ty())))
            .maybe("value", value.map(json::to_plain_json));
        outputs.insert(name.to_string(), output.json());
    }
    let listed = plan
        .changes
        .iter()
        .filter(|planned| is_listed(planned) && planned.deposed.is_none());
    let mut remaining: Vec<(String, &Planned)> = listed
        .filter(|planned| !planned.change.after.is_null())
        .map(|planned| (planned.addr.to_string(), planned))
        .collect();
    remaining.sort_by(|(left, _), (right, _)| left.cmp(right));
    let mut tree = Tree::default();
    for (address, planned) in remaining {
        let after = &planned.change.after;
        let record = named(Record::new().with("address", address), &planned.addr)
            .with("provider_name", planned.provider.provider.to_string())
            .with("schema_version", planned.ty.version)
            .with("values", known(after))
            .with("sensitive_values", sensitive(after));
        tree.add(&planned.addr.module, record.json());
    }
    Record::new()
        .filled("outputs", outputs)
        .with("root_module", tree.json())
        .json()
}

fn relevant(made: &Made) -> Vec<Json> {
    let one = |(resource, attributes): &(ResourceAddr, Vec<Text>)| {
        let attributes: Vec<Json> = attributes.iter().map(|name| (&**name).into()).collect();
        Record::new()
            .with("resource", resource.to_string())
            .with("attribute", attributes)
            .json()
    };
    if made.plan.relevant.is_empty() {
        return crate::plan::relevant::relevant(&made.evaluator, &made.plan)
            .iter()
            .map(one)
            .collect();
    }
    made.plan.relevant.iter().map(one).collect()
}
