//! Who would miss what a plan destroys: its last use, what hangs on it, and who refers to it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::addr::ProviderConfig;
use crate::graph::Object;
use crate::schema::Destroy;
use crate::value::{Text, Value};

use super::live::LiveObserver;
use super::make::managed_dependencies;
use super::{Made, Observer as _, Planned, open_provider};

/// A use is recent for so many days, where no policy says otherwise.
pub const RECENT_DAYS: i64 = 90;

/// What is known of the use of an object.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    /// When it was used last, and for what.
    pub last: Option<(Timestamp, Text)>,
    /// Since when uses are noted; none where nobody could be asked.
    pub since: Option<Timestamp>,
    pub is_recent: bool,
    /// What hangs on it, by name; none where nobody could be asked.
    pub aliases: Option<Vec<Text>>,
    pub grants: Option<Vec<Text>>,
    pub replicas: Option<Vec<Text>>,
    /// What is encrypted under it and stays.
    pub secrets: Option<Vec<Text>>,
    /// What ends with it, and is not destroyed for itself.
    pub holds: Option<Vec<Text>>,
    /// It is protected from deletion.
    pub is_protected: bool,
}

impl Usage {
    /// Reads what the type shows.
    fn of(shown: &Value, now: Timestamp, recent_days: i64) -> Self {
        let time = |name: &str| shown.get(name)?.as_str()?.parse::<Timestamp>().ok();
        let names = |name: &str| {
            let all = shown.get(name)?.as_items()?.iter();
            Some(all.filter_map(Value::as_text).cloned().collect::<Vec<_>>())
        };
        let operation = shown.get("operation").and_then(Value::as_text).cloned();
        let last = time("last_use");
        let recent = SignedDuration::from_hours(24 * recent_days);
        Self {
            is_recent: last.is_some_and(|at| now.duration_since(at) < recent),
            last: last.map(|at| (at, operation.unwrap_or_else(|| "an operation".into()))),
            since: time("since"),
            aliases: names("aliases"),
            grants: names("grants"),
            replicas: names("replicas"),
            secrets: names("secrets"),
            holds: names("holds"),
            is_protected: shown.get("protected").and_then(Value::as_bool) == Some(true),
        }
    }
}

/// Looks up who would miss what a plan destroys or disables, unless objects are to be taken as recorded.
pub fn look_up(made: &mut Made, live: &mut LiveObserver<'_>, may_ask: bool) {
    let changes = made.plan.changes.iter().enumerate();
    let lost: Vec<usize> = changes
        .filter(|(_, planned)| planned.loss.is_some() || planned.retires())
        .map(|(i, _)| i)
        .collect();
    if lost.is_empty() {
        return;
    }
    let (now, recent_days) = (made.plan.timestamp, made.plan.recent_days);
    let mut users = users(made);
    let gone: BTreeSet<Text> = made
        .plan
        .changes
        .iter()
        .filter(|planned| planned.destroys())
        .filter_map(|planned| planned.change.before.get("id")?.as_text().cloned())
        .collect();
    let shown = if may_ask {
        ask(made, live, &lost)
    } else {
        BTreeMap::new()
    };
    for i in lost {
        let planned = &mut made.plan.changes[i];
        let name = planned.addr.resource_addr().block_name();
        let found = users.remove(&*name).unwrap_or_default();
        planned.users = found.iter().filter(|user| **user != name).cloned().collect();
        users.insert(name.into(), found);
        planned.usage = shown.get(&i).map(|shown| Usage::of(shown, now, recent_days));
        let Some(usage) = planned.usage.as_mut() else {
            continue;
        };
        for names in [&mut usage.secrets, &mut usage.holds].into_iter().flatten() {
            names.retain(|name| !gone.contains(name));
        }
        let is_empty = usage.holds.as_ref().is_some_and(Vec::is_empty);
        if is_empty && planned.ty.destroy == Destroy::Reversible {
            planned.loss = None;
            planned.usage = None;
        }
    }
}

/// What is known of the use of objects, by position of the change.
fn ask(made: &mut Made, live: &mut LiveObserver<'_>, lost: &[usize]) -> BTreeMap<usize, Value> {
    let asked = lost
        .iter()
        .copied()
        .filter(|&i| made.plan.changes[i].ty.usage.is_some());
    let asked: Vec<usize> = asked.collect();
    let providers = asked.iter().map(|&i| made.plan.changes[i].provider.clone());
    open_all(made, live, providers.collect::<Vec<_>>());
    let planned: Vec<&Planned> = asked.iter().map(|&i| &made.plan.changes[i]).collect();
    let answers = asked.iter().copied().zip(live.usage(&planned));
    answers.filter_map(|(i, answer)| Some((i, answer?))).collect()
}

/// Opens providers that nobody has asked yet, as in a plan that is made again. Without an answer nothing is known.
pub(super) fn open_all(
    made: &mut Made,
    live: &mut LiveObserver<'_>,
    providers: impl IntoIterator<Item = ProviderConfig>,
) {
    for config in providers.into_iter().collect::<BTreeSet<_>>() {
        if live.providers.get(&config).is_none()
            && let Ok(arguments) = open_provider(&mut made.evaluator, &config)
        {
            drop(live.configure(&config, arguments));
        }
    }
}

/// The resources that refer to each, by the configuration and by what is recorded.
fn users(made: &Made) -> BTreeMap<Text, BTreeSet<String>> {
    let graph = made.evaluator.graph();
    let mut users: BTreeMap<Text, BTreeSet<String>> = BTreeMap::new();
    for (addr, _, object) in made.prior.objects() {
        let user = addr.resource_addr().block_name();
        for name in object.dependencies.iter() {
            users.entry(name.clone()).or_default().insert(user.clone());
        }
    }
    for &id in graph.order() {
        if matches!(graph.node(id).object, Object::Resource(_)) {
            for name in managed_dependencies(graph, id) {
                users.entry(name).or_default().insert(graph.describe(id));
            }
        }
    }
    users
}
